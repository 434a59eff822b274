//! Uploads: signs requests for uploads, and turns uploads into pictures.
//!
//! An upload is wanted if the session would take it, so the same command decides about a slot, an
//! upload and a picture. The order is: read, check, store, commit, clean up, answer. If this is
//! interrupted, the page repeats its number and it is done again. The session's state shows what is
//! left over ([`fate`]).
//!
//! Several uploads for one picture may be on their way at once, and one upload may be read twice
//! with other bytes. Each is stored under a name of its own, its digest. The first commit decides;
//! whatever else was stored is deleted.

use aws_lc_rs::digest::{SHA256, digest};
use sightline_session::{Base, Fact, PageCommand, Sent, State, Taken, Turn, close_upload};
use sightline_wire::{
    Digest, Object, PageHears, PageId, PublicFact, Refusal, ScreenshotsHears, Seat, SessionId,
    Upload, UploadBytes,
};

use super::{find, is_about_the_connection, standing_key};
use crate::connection::Speaker;
use crate::draft::{Changed, Draft};
use crate::host::Host;
use crate::jpeg::{self, Accepted};
use crate::ports::{
    Found, PictureKey, PictureStore, Ports, SignedPut, StoreError, StoredObject, UploadKey, Uploads,
};
use crate::stop::OrAnswer;

impl<P: Ports> Host<P> {
    /// Sends a signed request for an upload that is wanted.
    pub(crate) async fn slot(
        &self,
        speaker: &Speaker<'_>,
        upload: Upload,
        bytes: UploadBytes,
    ) -> Result<(), Refusal> {
        let hears = match self.sign_slot(speaker, upload, bytes).await {
            Ok(SignedPut { url, headers }) => ScreenshotsHears::Slot {
                upload,
                url,
                headers,
            },
            Err(refusal) if is_about_the_connection(refusal) => return Err(refusal),
            Err(refusal) => ScreenshotsHears::NoSlot { upload, refusal },
        };
        self.answer(speaker, PageHears::Screenshots(hears)).await;
        Ok(())
    }

    async fn sign_slot(
        &self,
        speaker: &Speaker<'_>,
        upload: Upload,
        bytes: UploadBytes,
    ) -> Result<SignedPut, Refusal> {
        let session = speaker.session;
        let (_, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.reads(seat, &draft.state)?;
                speaker.holds(seat, &draft.state)?;
                let errand = Errand {
                    upload,
                    drawn_on: None,
                };
                match (wanted(draft, seat, speaker.page, errand)?, upload) {
                    (true, _) => {}
                    // The other page sent the same strokes at the same time. This one continues as
                    // if it were first: its `send` is answered as done, and its upload is deleted
                    // unread.
                    (false, Upload::Sent { .. }) => {}
                    // A picture has one base. A page that comes late learns from the log that it
                    // exists.
                    (false, Upload::Sharp { .. } | Upload::Quick { .. }) => {
                        return Err(Refusal::LimitReached);
                    }
                }
                draft.open_upload(upload, bytes)
            })
            .await?;
        changed.answer?;
        let key = UploadKey { session, upload };
        let signed = self
            .ports
            .objects()
            .sign_put(&key, bytes, self.ports.now_ms())
            .await;
        signed.or_refuse(session)
    }

    /// Whether the session may still take an upload, so that a store can refuse one that was signed
    /// and is not wanted any more: its picture was deleted, or the call is over. The picture of two
    /// pages that send the same strokes is taken once, and both may upload.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn may_take(&self, key: &UploadKey) -> Result<bool, StoreError> {
        let state = self.peek(key.session).await?;
        Ok(state.is_some_and(|state| match fate(&state, key.upload) {
            Fate::Open => true,
            Fate::Stands => matches!(key.upload, Upload::Sent { .. }),
            Fate::Lost => false,
        }))
    }

    /// Takes the numbered commands `uploaded` and `send`. An upload is read only if the session
    /// would take it, so a repeated number or a page without the seat causes no read.
    pub(crate) async fn take_upload(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        upload: Upload,
        drawn_on: Option<Digest>,
    ) -> Result<(), Refusal> {
        let (page, session) = (speaker.page, speaker.session);
        let errand = Errand { upload, drawn_on };
        let (seat, looked) = self
            .change_by(speaker, |draft, seat| {
                let taken = unread(draft, Turn { seat, page, n }, errand);
                close_if_taken(draft, upload);
                Ok(taken)
            })
            .await?;
        let head = speaker.head(seat, &looked.after);
        let Changed { answer, after, .. } = looked;
        let (taken, after, head, stored) = match answer? {
            Some(taken) => {
                // A page that does not hold the seat has nothing to clean up.
                if speaker.holds(seat, &after).is_err() {
                    self.answer_taken(speaker, n, head, taken).await;
                    return Ok(());
                }
                (taken, after, head, None)
            }
            None => {
                let found = self.retry(|| self.find_upload(session, upload)).await;
                let found = found.or_refuse(session)?;
                let changed = self
                    .change_by(speaker, |draft, seat| {
                        let taken = read(draft, Turn { seat, page, n }, errand, found);
                        close_if_taken(draft, upload);
                        Ok(taken)
                    })
                    .await;
                if changed.is_err() {
                    self.erase_late_objects(session).await;
                }
                let (seat, changed) = changed?;
                let head = speaker.head(seat, &changed.after);
                let stored = found.ok().map(|image| image.key(session, upload));
                (changed.answer?, changed.after, head, stored)
            }
        };
        let clean_up = || self.clean_up(session, upload, &after, stored.as_ref());
        let cleaned = self.retry(clean_up).await;
        cleaned.or_refuse(session)?;
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Reads, checks and stores an upload. Returns what was stored, or why it was refused.
    async fn find_upload(
        &self,
        session: SessionId,
        upload: Upload,
    ) -> Result<Result<Image, Refusal>, StoreError> {
        let key = UploadKey { session, upload };
        let why = match self.ports.objects().read(&key, UploadBytes::MAX).await? {
            Found::Nothing => return Ok(Err(Refusal::NotUploaded)),
            Found::TooLong => "too long".to_owned(),
            Found::Bytes(bytes) => match jpeg::accept(&bytes) {
                Ok(Accepted {
                    bytes,
                    width,
                    height,
                }) => {
                    let image = Image {
                        width,
                        height,
                        digest: digest_of(&bytes),
                    };
                    let key = image.key(session, upload);
                    self.ports.objects().keep(&key, bytes).await?;
                    return Ok(Ok(image));
                }
                Err(rejected) => rejected.to_string(),
            },
        };
        tracing::info!(session.id = %session, %why, "upload was not accepted");
        // The key is freed before the page is answered, so that a further upload finds it free.
        self.ports.objects().discard(&key).await?;
        Ok(Err(Refusal::BadPicture))
    }

    /// Deletes objects that are no longer needed. If the picture stands, its upload is left over,
    /// and what was `stored` if that is another one; a sweep may delete these later. If it is lost,
    /// nothing of it may remain, so a failure is returned and the page repeats its number.
    async fn clean_up(
        &self,
        session: SessionId,
        upload: Upload,
        state: &State,
        stored: Option<&PictureKey>,
    ) -> Result<(), StoreError> {
        let (key, objects) = (UploadKey { session, upload }, self.ports.objects());
        let stands = standing_key(session, state, object_of(upload));
        match fate(state, upload) {
            Fate::Open => Ok(()),
            Fate::Stands => {
                let beaten = stored.filter(|&stored| Some(stored) != stands.as_ref());
                let cleaned = match beaten {
                    Some(beaten) => objects.delete(beaten).await,
                    None => Ok(()),
                };
                if let Err(error) = cleaned.and(objects.discard(&key).await) {
                    tracing::warn!(session.id = %session, error = %error, "failed to discard an upload");
                }
                Ok(())
            }
            Fate::Lost => {
                let object = object_of(upload);
                objects
                    .delete_others(session, object, stands.as_ref())
                    .await?;
                objects.discard(&key).await
            }
        }
    }
}

/// An upload that became a picture does not count any more. One that was refused does: its place is
/// free, and its signed request may be sent once more.
fn close_if_taken(draft: &mut Draft<'_>, upload: Upload) {
    if matches!(fate(&draft.state, upload), Fate::Stands) {
        close_upload(&mut draft.state, upload);
    }
}

/// What an upload is for.
#[derive(Clone, Copy)]
struct Errand {
    upload: Upload,
    /// The base that the page drew on, if it says so.
    drawn_on: Option<Digest>,
}

/// An upload that passed the check, as it was stored.
#[derive(Clone, Copy)]
struct Image {
    width: u16,
    height: u16,
    digest: Digest,
}

impl Image {
    /// Stands for an upload that was not read. The session decides nothing by it.
    const UNKNOWN: Self = Self {
        width: 1,
        height: 1,
        digest: Digest::from_bytes([0; 32]),
    };

    /// Returns the key under which it is stored.
    const fn key(self, session: SessionId, upload: Upload) -> PictureKey {
        let digest = self.digest;
        let object = match object_of(upload) {
            Object::Base { picture } => StoredObject::Base { picture, digest },
            Object::Sent { picture, through } => StoredObject::Sent {
                picture,
                through,
                digest,
            },
        };
        PictureKey { session, object }
    }
}

fn digest_of(bytes: &[u8]) -> Digest {
    let hash = digest(&SHA256, bytes);
    let hash = hash.as_ref().try_into().expect("SHA-256 has 32 bytes");
    Digest::from_bytes(hash)
}

/// Returns the picture that an upload becomes.
const fn object_of(upload: Upload) -> Object {
    match upload {
        Upload::Sharp { picture, .. } | Upload::Quick { picture } => Object::Base { picture },
        Upload::Sent { picture, through } => Object::Sent { picture, through },
    }
}

/// What the session's state says about an upload.
enum Fate {
    /// It may still be taken.
    Open,
    /// It was taken: the picture is stored, or in the chat.
    Stands,
    /// It will never be taken: the picture is gone, or has another base, or the call is over.
    Lost,
}

/// Returns the fate of an upload.
fn fate(state: &State, upload: Upload) -> Fate {
    let known = find(state, upload.picture());
    let base = known.and_then(|known| known.base);
    let stands = match upload {
        Upload::Sharp { .. } => base.is_some_and(|base| !base.low_resolution),
        Upload::Quick { .. } => base.is_some_and(|base| base.low_resolution),
        Upload::Sent { picture, through } => state.was_sent(picture, through),
    };
    let waits = match upload {
        Upload::Sharp { .. } | Upload::Quick { .. } => base.is_none(),
        Upload::Sent { .. } => true,
    };
    if stands {
        Fate::Stands
    } else if known.is_some() && waits && state.ended.is_none() {
        Fate::Open
    } else {
        Fate::Lost
    }
}

/// Returns whether the session would take this upload. If not, it either refuses or has it already.
fn wanted(draft: &Draft<'_>, seat: Seat, page: PageId, errand: Errand) -> Result<bool, Refusal> {
    let follows = draft.foresee(seat, page, &command(errand, Image::UNKNOWN))?;
    if let Upload::Sharp { picture, attempt } = errand.upload {
        let attempts = find(&draft.state, picture).map_or(0, |known| known.attempts);
        if !(1..=attempts).contains(&attempt) {
            return Err(Refusal::Malformed);
        }
    }
    let takes = |fact: &Fact| {
        matches!(
            fact,
            Fact::Public(PublicFact::PictureKept { .. })
                | Fact::Public(PublicFact::PictureSent { .. })
        )
    };
    Ok(follows.iter().any(takes))
}

/// Takes a command that can be answered without reading the upload. Returns `None` if the upload
/// must be read.
fn unread(draft: &mut Draft<'_>, turn: Turn, errand: Errand) -> Option<Taken> {
    let command = command(errand, Image::UNKNOWN);
    if !draft.expects(turn) {
        return Some(draft.take(turn, &command));
    }
    match wanted(draft, turn.seat, turn.page, errand) {
        Ok(true) => None,
        Ok(false) => Some(draft.take(turn, &command)),
        Err(refusal) => Some(draft.refuse(turn, refusal)),
    }
}

/// Takes a command after its upload was read, on the state as it is by then.
fn read(draft: &mut Draft<'_>, turn: Turn, errand: Errand, found: Result<Image, Refusal>) -> Taken {
    if let Some(taken) = unread(draft, turn, errand) {
        return taken;
    }
    match found {
        Ok(image) => draft.take(turn, &command(errand, image)),
        Err(refusal) => draft.refuse(turn, refusal),
    }
}

/// Returns the command that an upload is for.
const fn command(errand: Errand, image: Image) -> PageCommand {
    let Image {
        width,
        height,
        digest,
    } = image;
    match errand.upload {
        Upload::Sharp { picture, .. } | Upload::Quick { picture } => PageCommand::Keep {
            picture,
            base: Base {
                width,
                height,
                low_resolution: matches!(errand.upload, Upload::Quick { .. }),
                digest: Some(digest),
            },
        },
        Upload::Sent { picture, through } => PageCommand::Send {
            sent: Sent {
                picture,
                through,
                digest: Some(digest),
            },
            size: (width, height),
            base: errand.drawn_on,
        },
    }
}
