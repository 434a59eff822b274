//! A page that is heard: its right to the seat, and the record that it spoke.

use sightline_wire::{PageHears, Refusal, Seat, SessionHears, SessionId};

use super::Speaker;
use crate::draft::{Changed, Draft};
use crate::host::Host;
use crate::ports::{Attachments, Ports, StoreError};
use crate::records::Attachment;
use crate::stop::OrAnswer;

/// How often being heard is recorded, milliseconds. It is far below the time after which a seat
/// counts as lost, and a burst of messages costs one write.
const HEARD_EVERY_MS: u64 = 5_000;

impl<P: Ports> Host<P> {
    /// Changes a session for a page attached to a seat: checks its right to the seat, lets `act`
    /// decide, records that the page was heard, and carries out the effects.
    pub(crate) async fn change_by<T: Send + Sync>(
        &self,
        speaker: &Speaker<'_>,
        mut act: impl FnMut(&mut Draft<'_>, Seat) -> Result<T, Refusal> + Send,
    ) -> Result<(Seat, Changed<Result<T, Refusal>>), Refusal> {
        let seat = speaker.seat()?;
        let changed = self
            .change_heard(
                speaker.session,
                |loaded| speaker.heard_in(seat, loaded),
                |draft| {
                    speaker.may_sit(seat, &draft.state)?;
                    act(draft, seat)
                },
            )
            .await;
        let mut changed = changed.or_refuse(speaker.session)?;
        if speaker.may_sit(seat, &changed.after).is_ok() {
            self.hear(speaker, seat, &mut changed).await;
        }
        self.carry_out(&changed).await;
        Ok((seat, changed))
    }

    /// Records that the seat's page was heard. The holder becomes the attached page if it is not:
    /// after its join, after an interrupted join, and when its previous connection was attached
    /// last and is closed.
    async fn hear<T: Sync>(&self, speaker: &Speaker<'_>, seat: Seat, changed: &mut Changed<T>) {
        let now_ms = changed.now_ms;
        let holder = changed.after.seats.get(seat).holder;
        let recorded = match changed.attachments.get(seat) {
            Some(attached) if attached.connection == *speaker.connection => {
                let due = attached.heard_at_ms.saturating_add(HEARD_EVERY_MS) <= now_ms;
                if !due && attached.closed_at_ms.is_none() {
                    return;
                }
                let touch = self.ports.store().touch(
                    speaker.session,
                    seat,
                    speaker.connection,
                    now_ms,
                    false,
                );
                touch.await.map(|_| ())
            }
            attachment => {
                let own = attachment
                    .as_ref()
                    .filter(|attached| attached.page == speaker.page);
                // The same page is attached on another open connection. That one attached later,
                // because attaching replaces.
                if own.is_some_and(|own| own.closed_at_ms.is_none()) {
                    return;
                }
                let held = holder == Some(speaker.page);
                let free = holder.is_none() && (attachment.is_none() || own.is_some());
                if !(held || free) {
                    return;
                }
                let closed = own.is_some();
                let seated = self.seat_page(speaker, seat, changed).await;
                if closed && seated.is_ok() {
                    self.announce_presence(speaker.session, seat, changed).await;
                }
                seated
            }
        };
        if let Err(error) = recorded {
            tracing::warn!(session.id = %speaker.session, error = %error, "failed to record that a page was heard");
        }
    }

    /// Attaches the speaker's connection to the seat.
    pub(crate) async fn seat_page<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        changed: &mut Changed<T>,
    ) -> Result<(), StoreError> {
        let attachment = Attachment {
            connection: speaker.connection.clone(),
            page: speaker.page,
            heard_at_ms: changed.now_ms,
            closed_at_ms: None,
        };
        let before = self
            .ports
            .store()
            .attach(speaker.session, seat, attachment.clone())
            .await?;
        *changed.displaced.get_mut(seat) = before;
        *changed.attachments.get_mut(seat) = Some(attachment);
        Ok(())
    }

    /// Tells the other seats that this seat's connection is open.
    pub(crate) async fn announce_presence<T: Sync>(
        &self,
        session: SessionId,
        seat: Seat,
        changed: &Changed<T>,
    ) {
        let here = PageHears::Session(SessionHears::Connection { seat, here: true });
        self.say_to_others(session, seat, &changed.attachments, here)
            .await;
    }

    /// Answers on the speaker's connection.
    pub(crate) async fn answer(&self, speaker: &Speaker<'_>, hears: PageHears) {
        self.say(speaker.session, speaker.connection, hears).await;
    }
}
