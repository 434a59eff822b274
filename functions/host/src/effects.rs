//! Carries out the effects of a change. They come after the commit and may be lost: a page that
//! missed an event sees a higher `head` and asks for it.

use sightline_session::{Effect, react};
use sightline_wire::{CLOSE_RIGHTS, PageHears, PageId, Seat, SessionHears};

use crate::access::may_read;
use crate::draft::Changed;
use crate::host::Host;
use crate::ports::{Attachments, Ports, Push};
use crate::words;

impl<P: Ports> Host<P> {
    /// Carries out the effects of a change, and those of the change that an effect leads to: the
    /// outcome of a text message is an event too.
    pub(crate) async fn carry_out<T: Sync>(&self, changed: &Changed<T>) {
        let mut next = self.carry_out_once(changed).await;
        while let Some(changed) = next {
            next = self.carry_out_once(&changed).await;
        }
    }

    async fn carry_out_once<T: Sync>(&self, changed: &Changed<T>) -> Option<Changed<()>> {
        let mut next = None;
        for effect in react(&changed.before, &changed.events, &changed.after) {
            match effect {
                Effect::Push(seat) => self.push_events(changed, seat).await,
                Effect::SendSms { attempt } => next = self.send_sms(changed, attempt).await,
                Effect::Promote { seat, page } => {
                    let since = changed.after.seats.get(seat).held_since;
                    self.promote(changed.session, seat, page, since).await;
                }
                Effect::TellMoved { seat, page } => self.tell_moved(changed, seat, page).await,
                Effect::Dismiss(seat) => self.dismiss(changed, seat).await,
                Effect::CloseRoom => self.close_room(changed.session).await,
            }
        }
        next
    }

    async fn push_events<T: Sync>(&self, changed: &Changed<T>, seat: Seat) {
        let batch = words::batch(&changed.events, seat, changed.after.head);
        let hears = PageHears::Session(SessionHears::Events(batch));
        // A page that lost the seat stays attached until the new one is attached.
        let attachment = changed.attachments.get(seat).as_ref();
        let attachment =
            attachment.filter(|attached| may_read(seat, attached.page, &changed.after).is_ok());
        self.say_to_seat(changed.session, seat, attachment, hears)
            .await;
    }

    /// Tells the page of a seat that its link was taken back, and closes its connection. Its next
    /// message would be refused anyway; until then nothing more may reach it.
    async fn dismiss<T: Sync>(&self, changed: &Changed<T>, seat: Seat) {
        let session = changed.session;
        let attached = changed.attachments.get(seat).as_ref();
        let Some(attached) = attached.filter(|attached| attached.closed_at_ms.is_none()) else {
            return;
        };
        let connection = &attached.connection;
        let now_ms = self.ports.now_ms();
        let touched = self
            .ports
            .store()
            .touch(session, seat, connection, now_ms, true);
        if let Err(error) = touched.await {
            tracing::warn!(session.id = %session, error = %error, "attachment was not marked closed");
        }
        let renewed = PageHears::Session(SessionHears::Renewed);
        self.say(session, connection, renewed).await;
        if let Err(error) = self.ports.push().close(connection, CLOSE_RIGHTS).await {
            tracing::warn!(session.id = %session, error = %error, "failed to close a connection");
        }
        let gone = PageHears::Session(SessionHears::Connection { seat, here: false });
        self.say_to_others(session, seat, &changed.attachments, gone)
            .await;
    }

    async fn tell_moved<T: Sync>(&self, changed: &Changed<T>, seat: Seat, page: PageId) {
        let displaced = changed.displaced.get(seat).as_ref();
        if let Some(old) = displaced.filter(|old| old.page == page) {
            let moved = PageHears::Session(SessionHears::Moved);
            self.say(changed.session, &old.connection, moved).await;
        }
    }
}
