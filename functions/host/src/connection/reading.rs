//! What a page hears of the log: answers to `ping` and `resume`. And its goodbye.

use sightline_session::PageCommand;
use sightline_wire::{Moments, PageHears, Refusal, Seat, SessionHears, SessionId};

use super::Speaker;
use crate::draft::Changed;
use crate::host::Host;
use crate::ports::{CallMinutes as _, Ports, Sessions};
use crate::records::CallMinute;
use crate::stop::OrAnswer;
use crate::words;

/// Events read at a time for an answer to `resume`. A few dozen of the longest strokes fill a
/// message; events beyond it are read again for the next one.
const PIECE_EVENTS: u32 = 32;

impl<P: Ports> Host<P> {
    /// Answers a ping.
    pub(crate) async fn ping(
        &self,
        speaker: &Speaker<'_>,
        moments: Option<Moments>,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.resume_if_away(seat, draft);
                Ok(())
            })
            .await?;
        changed.answer?;
        let pong = SessionHears::Pong {
            head: speaker.head(seat, &changed.after),
            now_ms: self.dated_now_ms(&changed.after),
        };
        self.answer(speaker, PageHears::Session(pong)).await;
        if let Some(moments) = moments
            && changed.after.ended.is_none()
            && changed.after.seats.get(seat).holder == Some(speaker.page)
        {
            self.note_moments(speaker.session, seat, &moments, &changed)
                .await;
        }
        // Checked last: a page that missed losing the seat learns it here.
        speaker.reads(seat, &changed.after)
    }

    /// Writes the call's record: at most once a minute for each seat, whatever a page sends. A
    /// failure costs a line of a picture that nobody waits for.
    async fn note_moments<T: Sync>(
        &self,
        session: SessionId,
        seat: Seat,
        moments: &Moments,
        changed: &Changed<T>,
    ) {
        let minute = CallMinute {
            minute: changed.now_ms / 60_000,
            moments: moments.as_slice().to_vec(),
        };
        let store = self.ports.store();
        let delete_at_s = self.config.delete_at_s(changed.after.began_at_ms);
        let noted = store.note_minute(session, seat, minute, delete_at_s);
        if let Err(error) = noted.await {
            tracing::warn!(session.id = %session, error = %error, "failed to note how the call runs");
        }
    }

    /// Sends the events after `after`, as many as fit into a message.
    pub(crate) async fn resume(&self, speaker: &Speaker<'_>, after: u32) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| speaker.reads(seat, &draft.state))
            .await?;
        changed.answer?;
        let head = changed.after.head;
        let mut filling = words::Filling::new(seat);
        let mut read = after;
        while read < head && !filling.is_full() {
            let limit = PIECE_EVENTS.min(head - read) as usize;
            let events = self
                .ports
                .store()
                .events(speaker.session, read, limit)
                .await;
            let events = events.or_refuse(speaker.session)?;
            let Some(last) = events.last() else {
                break;
            };
            read = last.seq;
            filling.take(&events);
        }
        let batch = filling.end(head);
        self.answer(speaker, PageHears::Session(SessionHears::Events(batch)))
            .await;
        Ok(())
    }

    /// Takes the goodbye of a page. It is not answered. It is ignored if the page is not the
    /// attached one: a reload was faster, or another page waits in the lobby.
    pub(crate) async fn leave(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        self.change_by(speaker, |draft, seat| {
            if !speaker.is_attached(seat, draft) {
                return Ok(());
            }
            draft.decide_page(seat, speaker.page, &PageCommand::Leave)
        })
        .await?;
        Ok(())
    }
}
