//! Pictures and their boards. No other module uses the object store.

mod board;
mod upload;
mod view;

use sightline_session::{Answer, PageCommand, Picture, State, Taken, Turn};
use sightline_wire::{Refusal, SessionId};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{PictureKey, PictureStore, Ports, StoreError, StoredObject, Uploads};
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

    /// Deletes both bases that may exist, and all waiting uploads. An upload that arrives later is
    /// deleted when it is read.
    async fn remove_picture(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        for low_resolution in [false, true] {
            let key = base_key(session, picture, low_resolution);
            self.ports.objects().delete(&key).await?;
        }
        self.ports.objects().discard_all(session, picture).await
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
                    tracing::warn!(error = %error, "object store failed, trying again");
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
    let bases = state.pictures.iter().filter_map(|known| {
        let base = known.base?;
        Some(base_key(session, known.id, base.low_resolution))
    });
    let sent = state.sent.iter().map(|sent| PictureKey {
        session,
        object: StoredObject::Sent {
            picture: sent.picture,
            through: sent.through,
        },
    });
    bases.chain(sent).collect()
}

/// Returns the key of a base.
const fn base_key(session: SessionId, picture: u32, low_resolution: bool) -> PictureKey {
    let object = if low_resolution {
        StoredObject::Preview { picture }
    } else {
        StoredObject::Base { picture }
    };
    PictureKey { session, object }
}

fn find(state: &State, picture: u32) -> Option<&Picture> {
    state.pictures.iter().find(|known| known.id == picture)
}

fn was_sent(state: &State, picture: u32, through: u32) -> bool {
    let mut sent = state.sent.iter();
    sent.any(|sent| (sent.picture, sent.through) == (picture, through))
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
