//! Sends to pages. A lost message is logged only: the page asks later for what it missed.

use sightline_wire::{PageHears, Seat, Seats, SessionId};

use crate::host::Host;
use crate::ports::{Attachments, ConnectionKey, Ports, Push, Said};
use crate::records::Attachment;
use crate::words;

impl<P: Ports> Host<P> {
    /// Sends to the page attached to a seat if its connection is open. If the connection is gone,
    /// records it as closed.
    pub(crate) async fn say_to_seat(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Option<&Attachment>,
        hears: PageHears,
    ) {
        let Some(attached) = attachment.filter(|attached| attached.closed_at_ms.is_none()) else {
            return;
        };
        if self.say(session, &attached.connection, hears).await == Some(Said::Gone) {
            let now_ms = self.ports.now_ms();
            let touched = self
                .ports
                .store()
                .touch(session, seat, &attached.connection, now_ms, true)
                .await;
            if let Err(error) = touched {
                tracing::warn!(session.id = %session, error = %error, "attachment was not marked closed");
            }
        }
    }

    /// Sends to the pages attached to the other seats, as [`Host::say_to_seat`] does.
    pub(crate) async fn say_to_others(
        &self,
        session: SessionId,
        seat: Seat,
        attachments: &Seats<Option<Attachment>>,
        hears: PageHears,
    ) {
        for other in seat.others() {
            let attachment = attachments.get(other).as_ref();
            self.say_to_seat(session, other, attachment, hears.clone())
                .await;
        }
    }

    /// Sends to a connection. Logs a failure and returns `None`.
    pub(crate) async fn say(
        &self,
        session: SessionId,
        connection: &ConnectionKey,
        hears: PageHears,
    ) -> Option<Said> {
        let message = match words::to_page(Some(session), hears) {
            Ok(message) => message,
            // What an outsider caused is refused before it comes here.
            Err(refusal) => {
                tracing::error!(session.id = %session, %refusal, "message of ours is too long");
                return None;
            }
        };
        match self.ports.push().say(connection, &message).await {
            Ok(said) => Some(said),
            Err(error) => {
                tracing::warn!(session.id = %session, connection.id = %connection.0, error = %error, "push failed");
                None
            }
        }
    }
}
