//! Pictures and their boards. Apart from erasing and from case files, no other module uses the
//! object store.

mod board;
mod listed;
mod upload;
mod view;

use sightline_session::{Answer, PageCommand, Picture, Sent, State, Taken, Turn};
use sightline_wire::{Object, Refusal, SessionId};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{Earlier, PictureKey, PictureStore, Ports, StoreError, StoredObject, Uploads};
use crate::stop::OrAnswer;
use crate::tries::{OBJECTS, Tries};

/// What a session has in the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The pictures that its state contains.
    pub pictures: Vec<PictureKey>,
    /// Its newest event. No picture that it ever had has a higher number.
    pub head: u32,
}

impl<P: Ports> Host<P> {
    /// Deletes a picture. All pages return to live video at once. The page that deletes is answered
    /// when the picture is removed, except for copies sent to the chat. After `trouble` the page
    /// repeats the number: the command is found answered, and the removal runs again.
    pub(crate) async fn delete_picture(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        picture: u32,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                let page = speaker.page;
                Ok(draft.take(Turn { seat, page, n }, &PageCommand::Delete { picture }))
            })
            .await?;
        let taken = changed.answer?;
        // A number that was used for another command must not remove a picture that exists. A
        // picture that was gone before needs no removal, unless this number repeats a removal that
        // failed.
        let gone = find(&changed.after, picture).is_none();
        let repeated = matches!(taken, Taken::Repeat(_));
        let was_there = repeated || find(&changed.before, picture).is_some();
        if gone && was_there && says_done(&taken) {
            let session = speaker.session;
            let removed = self.retry(|| self.remove_picture(session, picture)).await;
            removed.or_refuse(session)?;
        }
        let head = speaker.head(seat, &changed.after);
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Deletes all bases that may exist, and all waiting uploads. An upload that arrives later is
    /// deleted when it is read.
    async fn remove_picture(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        let objects = self.ports.objects();
        for earlier in [Earlier::Base { picture }, Earlier::Preview { picture }] {
            let object = StoredObject::Earlier(earlier);
            objects.delete(&PictureKey { session, object }).await?;
        }
        let bases = Object::Base { picture };
        objects.delete_others(session, bases, None).await?;
        objects.discard_all(session, picture).await
    }

    /// Runs an idempotent operation, and repeats it while the store fails temporarily, so that the
    /// page does not notice.
    pub(crate) async fn retry<T, F>(
        &self,
        work: impl Fn() -> F + Send + Sync,
    ) -> Result<T, StoreError>
    where
        T: Send,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        let mut tries = Tries::begin(OBJECTS, &self.ports);
        loop {
            match work().await {
                Err(error) if error.retryable && tries.again(&self.ports).await => {
                    tracing::warn!(error = %error, "store failed, trying again");
                }
                done => return done,
            }
        }
    }

    /// Returns the pictures that a session's state contains, so that a sweep can delete all others.
    /// Returns `None` if the session does not exist. A picture that is being stored is not in the
    /// list until its commit.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn standing(&self, session: SessionId) -> Result<Option<Standing>, StoreError> {
        let state = self.peek(session).await?;
        Ok(state.map(|state| Standing {
            pictures: pictures(session, &state),
            head: state.head,
        }))
    }
}

fn pictures(session: SessionId, state: &State) -> Vec<PictureKey> {
    let bases = state.pictures.iter().filter_map(base_object);
    let sent = state.sent.iter().map(sent_object);
    let key = |object| PictureKey { session, object };
    bases.chain(sent).map(key).collect()
}

/// Returns the key of a picture that stands: its base is stored, or it was sent.
pub(crate) fn standing_key(
    session: SessionId,
    state: &State,
    object: Object,
) -> Option<PictureKey> {
    let object = match object {
        Object::Base { picture } => base_object(find(state, picture)?)?,
        Object::Sent { picture, through } => sent_object(state.sent(picture, through)?),
    };
    Some(PictureKey { session, object })
}

fn base_object(known: &Picture) -> Option<StoredObject> {
    let (picture, base) = (known.id, known.base?);
    Some(match base.digest {
        Some(digest) => StoredObject::Base { picture, digest },
        None if base.low_resolution => StoredObject::Earlier(Earlier::Preview { picture }),
        None => StoredObject::Earlier(Earlier::Base { picture }),
    })
}

const fn sent_object(sent: &Sent) -> StoredObject {
    let Sent {
        picture,
        through,
        digest,
    } = *sent;
    match digest {
        Some(digest) => StoredObject::Sent {
            picture,
            through,
            digest,
        },
        None => StoredObject::Earlier(Earlier::Sent { picture, through }),
    }
}

fn find(state: &State, picture: u32) -> Option<&Picture> {
    state.pictures.iter().find(|known| known.id == picture)
}

const fn says_done(taken: &Taken) -> bool {
    matches!(
        taken,
        Taken::Repeat(Answer::Done)
            | Taken::Fresh {
                answer: Answer::Done,
                ..
            }
    )
}

/// Returns whether a refusal is not about a picture: the page must attach again, or has no right to
/// the session.
const fn is_about_the_connection(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::NotAttached | Refusal::NoSeat)
}
