//! Which relay has the room of a session, and messages to that relay.

use sightline_wire::{
    PageHears, PageId, RelayHears, RelayId, Seat, Seats, SessionId, SignalingHears,
};

use crate::host::Host;
use crate::ports::{Ports, Push, Relays, Said, StoreError};
use crate::records::{Assignment, Attachment, RelayRecord};
use crate::words;

impl<P: Ports> Host<P> {
    /// Assigns the room to another relay. The old relay closes it, and the pages of the other seats
    /// learn that their relay is gone: two relays must not carry one call.
    pub(crate) async fn reassign(
        &self,
        session: SessionId,
        before: Option<Assignment>,
        relay: RelayId,
        asking: (Seat, &Seats<Option<Attachment>>),
    ) -> Result<Assignment, StoreError> {
        let epoch = before.map_or(0, |before| before.epoch).saturating_add(1);
        let wanted = Assignment { relay, epoch };
        let stands = self.ports.store().assign(session, wanted).await?;
        if let Some(before) = before.filter(|_| stands == wanted) {
            let close = RelayHears::Close {
                session,
                epoch: before.epoch,
            };
            self.say_to_relay(before.relay, close).await;
            let (seat, attachments) = asking;
            let gone = SignalingHears::Gone {
                relay: before.relay,
            };
            self.say_to_others(session, seat, attachments, PageHears::Signaling(gone))
                .await;
        }
        Ok(stands)
    }

    /// Tells the relay that has the room which page holds a seat.
    pub(crate) async fn promote(&self, session: SessionId, seat: Seat, page: PageId) {
        self.tell_room(session, |epoch| RelayHears::Promote {
            session,
            epoch,
            seat,
            page,
        })
        .await;
    }

    /// Tells the relay that has the room that the session is over.
    pub(crate) async fn close_room(&self, session: SessionId) {
        self.tell_room(session, |epoch| RelayHears::Close { session, epoch })
            .await;
    }

    async fn tell_room(&self, session: SessionId, hears: impl FnOnce(u32) -> RelayHears + Send) {
        match self.ports.store().assigned(session).await {
            Ok(Some(assigned)) => {
                self.say_to_relay(assigned.relay, hears(assigned.epoch))
                    .await
            }
            // No page has offered yet. The offer will name the holder.
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(session.id = %session, error = %error, "failed to send to a relay")
            }
        }
    }

    async fn say_to_relay(&self, relay: RelayId, hears: RelayHears) {
        let said = async {
            let alive = self.ports.store().alive_relays(self.ports.now_ms()).await?;
            let Some(record) = alive.iter().find(|record| record.relay == relay) else {
                return Ok(());
            };
            if self
                .ports
                .push()
                .say(&record.connection, &words::to_relay(hears))
                .await?
                == Said::Gone
            {
                self.ports
                    .store()
                    .end_lease(relay, &record.connection)
                    .await?;
            }
            Ok::<(), StoreError>(())
        };
        if let Err(error) = said.await {
            tracing::warn!(relay.id = %relay, error = %error, "failed to send to a relay");
        }
    }
}

/// Chooses among the relays that are alive. A draining relay keeps a room only if no other can take
/// it.
pub(crate) fn choose(
    alive: &[RelayRecord],
    assigned: Option<Assignment>,
    avoid: Option<RelayId>,
) -> Option<&RelayRecord> {
    let living = |relay: RelayId| alive.iter().find(|record| record.relay == relay);
    let home = assigned.and_then(|assigned| living(assigned.relay));
    home.filter(|home| Some(home.relay) != avoid && !home.draining)
        .or_else(|| least_loaded(alive, avoid))
        .or(home)
        .or_else(|| least_loaded(alive, None))
}

/// Returns the relay with the smallest share of its rooms taken, the first if several are equal.
pub(crate) fn least_loaded(alive: &[RelayRecord], avoid: Option<RelayId>) -> Option<&RelayRecord> {
    // Compares shares as fractions: a/b < c/d if a*d < c*b.
    let by_share = |a: &&RelayRecord, b: &&RelayRecord| {
        let left = u64::from(a.rooms) * u64::from(b.rooms_max);
        let right = u64::from(b.rooms) * u64::from(a.rooms_max);
        left.cmp(&right)
    };
    alive
        .iter()
        .filter(|relay| {
            !relay.draining && relay.rooms < relay.rooms_max && Some(relay.relay) != avoid
        })
        .min_by(by_share)
}
