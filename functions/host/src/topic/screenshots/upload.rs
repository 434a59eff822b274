//! Uploads: a signed request for what is wanted, and from an upload to a picture.
//!
//! What is wanted is what the session would take, so a slot, an upload and a picture are all
//! decided by the same command. The order is: read, check, keep, commit, clean up, answer. Whatever
//! is cut off half-way is done again when the page repeats its number, and what is left over is
//! found by what the session says of it ([`fate`]).

use sightline_session::{Base, Fact, PageCommand, State, Taken, Turn};
use sightline_wire::{
    Object, PageHears, PageId, PublicFact, Refusal, ScreenshotsHears, Seat, SessionId, Upload,
    UploadBytes,
};

use super::{base_key, find, is_about_the_connection, refuse, was_sent};
use crate::connection::Speaker;
use crate::flow::{Changed, Draft};
use crate::host::Host;
use crate::jpeg::{self, Accepted};
use crate::ports::{
    Found, PictureKey, PictureStore, Ports, SignedPut, StoreError, UploadKey, Uploads,
};

impl<P: Ports> Host<P> {
    /// A signed upload for something that is wanted.
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
                match (wanted(draft, seat, speaker.page, upload)?, upload) {
                    (true, _) => Ok(()),
                    // The other page sent the same strokes at the same time. This one goes on as if
                    // it were the first: its `send` is answered as done, and its upload is taken
                    // away unread.
                    (false, Upload::Sent { .. }) => Ok(()),
                    // A picture has one base. The page that comes late learns from the log that it
                    // is there.
                    (false, Upload::Sharp { .. } | Upload::Quick { .. }) => {
                        Err(Refusal::LimitReached)
                    }
                }
            })
            .await?;
        changed.answer?;
        let key = UploadKey { session, upload };
        let signed = self
            .ports
            .objects()
            .sign_put(&key, bytes, self.ports.now_ms())
            .await;
        signed.map_err(|trouble| refuse(session, &trouble))
    }

    /// The numbered commands `uploaded` and `send`. Only what the session would take is read, so a
    /// repeated number or the word of a page without the seat costs no look at an upload.
    pub(super) async fn take_upload(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        upload: Upload,
    ) -> Result<(), Refusal> {
        let (page, session) = (speaker.page, speaker.session);
        let (seat, looked) = self
            .change_by(speaker, |draft, seat| {
                Ok(unread(draft, Turn { seat, page, n }, upload))
            })
            .await?;
        let head = speaker.head(seat, &looked.after);
        let Changed { answer, after, .. } = looked;
        let (taken, after, head) = match answer? {
            Some(taken) => {
                // A page that lost the seat, or never had it, has nothing here to clear away.
                if speaker.holds(seat, &after).is_err() {
                    self.answer_taken(speaker, n, head, taken).await;
                    return Ok(());
                }
                (taken, after, head)
            }
            None => {
                let found = self.insist(|| self.find_upload(session, upload)).await;
                let found = found.map_err(|trouble| refuse(session, &trouble))?;
                let (seat, changed) = self
                    .change_by(speaker, |draft, seat| {
                        Ok(read(draft, Turn { seat, page, n }, upload, found))
                    })
                    .await?;
                let head = speaker.head(seat, &changed.after);
                (changed.answer?, changed.after, head)
            }
        };
        let cleaned = self.insist(|| self.clean_up(session, upload, &after)).await;
        cleaned.map_err(|trouble| refuse(session, &trouble))?;
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Reads, checks and keeps an upload: its pixels, or why it is none.
    async fn find_upload(
        &self,
        session: SessionId,
        upload: Upload,
    ) -> Result<Result<Pixels, Refusal>, StoreError> {
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
                    self.ports
                        .objects()
                        .keep(&kept_key(session, upload), bytes)
                        .await?;
                    return Ok(Ok(Pixels { width, height }));
                }
                Err(rejected) => rejected.to_string(),
            },
        };
        tracing::info!(session.id = %session, %why, "upload was not accepted");
        // Its place is free again before the page is told: a further upload meets no leftover.
        self.ports.objects().discard(&key).await?;
        Ok(Err(Refusal::BadPicture))
    }

    /// Takes away what nothing can come of any more. Of what stands only the upload is left over,
    /// and there another day is soon enough; of what is lost nothing may remain, so a page that is
    /// told of trouble repeats its number.
    async fn clean_up(
        &self,
        session: SessionId,
        upload: Upload,
        state: &State,
    ) -> Result<(), StoreError> {
        let key = UploadKey { session, upload };
        match fate(state, upload) {
            Fate::Open => Ok(()),
            Fate::Stands => {
                if let Err(trouble) = self.ports.objects().discard(&key).await {
                    tracing::warn!(session.id = %session, error = %trouble, "upload was not discarded");
                }
                Ok(())
            }
            Fate::Lost => {
                self.ports
                    .objects()
                    .delete(&kept_key(session, upload))
                    .await?;
                self.ports.objects().discard(&key).await
            }
        }
    }
}

/// Size of a picture.
#[derive(Clone, Copy)]
struct Pixels {
    width: u16,
    height: u16,
}

impl Pixels {
    /// Of an upload that was not read. The session decides nothing by it.
    const UNKNOWN: Self = Self {
        width: 1,
        height: 1,
    };
}

/// What becomes of an upload, as far as the session tells.
enum Fate {
    /// It may still be taken.
    Open,
    /// It was taken: the picture is kept, or in the chat.
    Stands,
    /// It will never be: the picture is gone, or has another base, or the call is over.
    Lost,
}

/// Each base has one place for each kind and what is sent one for each event, so what is lost here
/// harms no other.
fn fate(state: &State, upload: Upload) -> Fate {
    let known = find(state, upload.picture());
    let base = known.and_then(|known| known.base);
    let stands = match upload {
        Upload::Sharp { .. } => base.is_some_and(|base| !base.low_resolution),
        Upload::Quick { .. } => base.is_some_and(|base| base.low_resolution),
        Upload::Sent { picture, through } => was_sent(state, picture, through),
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

/// Whether the session would take this upload; if it would not, either that is refused or it has it
/// already.
fn wanted(draft: &Draft<'_>, seat: Seat, page: PageId, upload: Upload) -> Result<bool, Refusal> {
    let follows = draft.foresee(seat, page, &command(upload, Pixels::UNKNOWN))?;
    if let Upload::Sharp { picture, attempt } = upload {
        let attempts = find(&draft.state, picture).map_or(0, |known| known.attempts);
        if !(1..=attempts).contains(&attempt) {
            return Err(Refusal::Malformed);
        }
    }
    let takes = |what: &Fact| {
        matches!(
            what,
            Fact::Public(PublicFact::PictureKept { .. })
                | Fact::Public(PublicFact::PictureSent { .. })
        )
    };
    Ok(follows.iter().any(takes))
}

/// Takes what is answered without a look at the upload; none when it has to be looked at.
fn unread(draft: &mut Draft<'_>, turn: Turn, upload: Upload) -> Option<Taken> {
    let command = command(upload, Pixels::UNKNOWN);
    if !draft.expects(turn) {
        return Some(draft.take(turn, &command));
    }
    match wanted(draft, turn.seat, turn.page, upload) {
        Ok(true) => None,
        Ok(false) => Some(draft.take(turn, &command)),
        Err(refusal) => Some(draft.refuse(turn, refusal)),
    }
}

/// Takes what was looked at, as the session is by then.
fn read(
    draft: &mut Draft<'_>,
    turn: Turn,
    upload: Upload,
    found: Result<Pixels, Refusal>,
) -> Taken {
    if let Some(taken) = unread(draft, turn, upload) {
        return taken;
    }
    match found {
        Ok(pixels) => draft.take(turn, &command(upload, pixels)),
        Err(refusal) => draft.refuse(turn, refusal),
    }
}

/// What an upload is for.
const fn command(upload: Upload, pixels: Pixels) -> PageCommand {
    let Pixels { width, height } = pixels;
    match upload {
        Upload::Sharp { picture, .. } | Upload::Quick { picture } => PageCommand::Keep {
            picture,
            base: Base {
                width,
                height,
                low_resolution: matches!(upload, Upload::Quick { .. }),
            },
        },
        Upload::Sent { picture, through } => PageCommand::Send {
            picture,
            through,
            size: (width, height),
        },
    }
}

/// Where an upload is kept once it was found good.
const fn kept_key(session: SessionId, upload: Upload) -> PictureKey {
    match upload {
        Upload::Sharp { picture, .. } => base_key(session, picture, false),
        Upload::Quick { picture } => base_key(session, picture, true),
        Upload::Sent { picture, through } => PictureKey {
            session,
            object: Object::Sent { picture, through },
        },
    }
}
