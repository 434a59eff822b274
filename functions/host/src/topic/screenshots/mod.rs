//! Topic `screenshots`: pictures and their boards. Objects leave and enter through this topic
//! alone.

mod board;
mod upload;
mod view;

use sightline_session::{Answer, PageCommand, Picture, State, Taken, Turn};
use sightline_wire::{Object, Refusal, ScreenshotsCommand, SessionId, Upload};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{PictureKey, PictureStore, Ports, StoreError, Uploads};

impl<P: Ports> Host<P> {
    /// The numbered commands of this topic.
    pub(crate) async fn screenshots_command(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        command: ScreenshotsCommand,
    ) -> Result<(), Refusal> {
        let command = match command {
            ScreenshotsCommand::Capture => PageCommand::Capture,
            ScreenshotsCommand::CaptureAgain { picture } => PageCommand::CaptureAgain { picture },
            ScreenshotsCommand::CaptureFailed {
                picture,
                attempt,
                why,
            } => PageCommand::CaptureFailed {
                picture,
                attempt,
                why,
            },
            ScreenshotsCommand::Close { picture } => PageCommand::CloseBoard { picture },
            ScreenshotsCommand::Open { picture } => {
                return self.open_board(speaker, n, picture).await;
            }
            ScreenshotsCommand::Delete { picture } => {
                return self.delete_picture(speaker, n, picture).await;
            }
            ScreenshotsCommand::Uploaded { upload } => match upload {
                Upload::Sharp { .. } | Upload::Quick { .. } => {
                    return self.take_upload(speaker, n, upload).await;
                }
                // That is what `send` is for.
                Upload::Sent { .. } => return Err(Refusal::Malformed),
            },
            ScreenshotsCommand::Send { picture, through } => {
                let upload = Upload::Sent { picture, through };
                return self.take_upload(speaker, n, upload).await;
            }
        };
        self.command(speaker, n, command).await
    }

    /// Both return to live at once; whoever deletes is answered when nothing of the picture is
    /// left, apart from what was sent to the chat. A page that is told of trouble repeats the same
    /// number: the command is found answered, and the removal is done again.
    async fn delete_picture(
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
        // A number that was used for something else is no reason to take a living picture away. Of
        // one that was gone before, all is gone too, unless this is the number that could not
        // remove it.
        let gone = find(&changed.after, picture).is_none();
        let repeated = matches!(taken, Taken::Repeat(_));
        let was_there = repeated || find(&changed.before, picture).is_some();
        if gone && was_there && says_done(&taken) {
            let session = speaker.session;
            let removed = self.insist(|| self.remove_picture(session, picture)).await;
            removed.map_err(|trouble| refuse(session, &trouble))?;
        }
        let head = speaker.head(seat, &changed.after);
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Takes away both bases there may be, and every upload that waits. What is on its way and
    /// arrives later is taken away by whoever reads it.
    async fn remove_picture(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        for low_resolution in [false, true] {
            let key = base_key(session, picture, low_resolution);
            self.ports.objects().delete(&key).await?;
        }
        self.ports.objects().discard_all(session, picture).await
    }

    /// Tries something that does no harm when it is done twice, so that a short trouble of the
    /// store is none for the page.
    async fn insist<T, F>(&self, work: impl Fn() -> F + Send + Sync) -> Result<T, StoreError>
    where
        T: Send,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        for ms in PAUSES_MS {
            match work().await {
                Err(trouble) if trouble.retryable => {
                    tracing::warn!(error = %trouble, "object store is tried again");
                    self.ports.pause(ms).await;
                }
                done => return done,
            }
        }
        work().await
    }

    /// The pictures of a session that its state tells of, for a sweep of those it does not; none
    /// when there is no such session. Whatever is being kept is not among them until it is
    /// committed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(
        &self,
        session: SessionId,
    ) -> Result<Option<Vec<PictureKey>>, StoreError> {
        let state = self.peek(session).await?;
        Ok(state.map(|state| standing(session, &state)))
    }
}

/// Pauses between tries, milliseconds: a page that waits for its answer does not lose patience.
const PAUSES_MS: [u64; 2] = [100, 400];

fn standing(session: SessionId, state: &State) -> Vec<PictureKey> {
    let bases = state.pictures.iter().filter_map(|known| {
        let base = known.base?;
        Some(base_key(session, known.id, base.low_resolution))
    });
    let sent = state.sent.iter().map(|sent| PictureKey {
        session,
        object: Object::Sent {
            picture: sent.picture,
            through: sent.through,
        },
    });
    bases.chain(sent).collect()
}

/// Where a base is kept. What the agent saw has a place of its own: it and the camera's picture may
/// be on their way at the same time, and then the one that is committed first stands, whichever is
/// stored last. No event has the number 0, so nothing that is sent is ever kept there.
const fn base_key(session: SessionId, picture: u32, low_resolution: bool) -> PictureKey {
    let object = if low_resolution {
        Object::Sent {
            picture,
            through: 0,
        }
    } else {
        Object::Base { picture }
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

/// Refusals that say nothing of a picture: the page attaches again, or has no business here.
const fn is_about_the_connection(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::NotAttached | Refusal::NoSeat)
}

/// What a page is told of trouble with objects; logs what it is not told.
fn refuse(session: SessionId, trouble: &StoreError) -> Refusal {
    tracing::error!(session.id = %session, error = %trouble, "object store failed");
    Refusal::Trouble
}
