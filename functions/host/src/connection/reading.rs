//! What a page hears of the log: answers to `ping` and `resume`. And its goodbye.

use sightline_session::PageCommand;
use sightline_wire::{PageHears, Refusal, SessionHears};

use super::Speaker;
use crate::host::Host;
use crate::ports::{Ports, Sessions};
use crate::stop::OrAnswer;
use crate::words;

/// Events read at a time for an answer to `resume`. A few dozen of the longest strokes fill a
/// message; events beyond it are read again for the next one.
const PIECE_EVENTS: u32 = 32;

impl<P: Ports> Host<P> {
    /// Answers a ping.
    pub(crate) async fn ping(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
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
        // Checked last: a page that missed losing the seat learns it here.
        speaker.reads(seat, &changed.after)
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
