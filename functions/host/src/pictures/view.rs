//! Links to pictures, valid for a short time.

use sightline_session::State;
use sightline_wire::{Object, PageHears, Refusal, ScreenshotsHears, SessionId};

use super::{is_about_the_connection, standing_key};
use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{PictureKey, PictureStore, Ports};
use crate::stop::OrAnswer;

/// Lifetime of a link, milliseconds: long enough for a weak network. A page that needs the picture
/// later asks for another link.
pub(super) const LINK_MS: u64 = 5 * 60 * 1_000;

impl<P: Ports> Host<P> {
    /// Sends a link to a picture, to a page that holds a seat.
    pub(crate) async fn view(&self, speaker: &Speaker<'_>, object: Object) -> Result<(), Refusal> {
        let hears = match self.link(speaker, object).await {
            Ok((url, expires_at_ms)) => ScreenshotsHears::Link {
                object,
                url,
                expires_at_ms,
            },
            Err(refusal) if is_about_the_connection(refusal) => return Err(refusal),
            Err(refusal) => ScreenshotsHears::NoLink { object, refusal },
        };
        self.answer(speaker, PageHears::Screenshots(hears)).await;
        Ok(())
    }

    async fn link(&self, speaker: &Speaker<'_>, object: Object) -> Result<(String, u64), Refusal> {
        let session = speaker.session;
        let (_, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.reads(seat, &draft.state)?;
                speaker.holds(seat, &draft.state)?;
                stored_key(session, &draft.state, object)
            })
            .await?;
        let key = changed.answer?;
        let now_ms = self.ports.now_ms();
        let until_ms = now_ms.saturating_add(LINK_MS);
        let signed = self.ports.objects().sign_get(&key, now_ms, until_ms).await;
        let url = signed.or_refuse(session)?;
        let expires_at_ms = self.dated_now_ms(&changed.after).saturating_add(LINK_MS);
        Ok((url, expires_at_ms))
    }
}

/// Returns the key of a stored picture. After the end of the call, pictures in the chat can still
/// be read, but boards cannot.
fn stored_key(session: SessionId, state: &State, object: Object) -> Result<PictureKey, Refusal> {
    if matches!(object, Object::Base { .. }) && state.ended.is_some() {
        return Err(Refusal::CallEnded);
    }
    standing_key(session, state, object).ok_or(Refusal::NoPicture)
}
