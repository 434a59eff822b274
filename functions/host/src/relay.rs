//! Messages of relays: their leases, and their answers to pages.

use sightline_wire::{
    GoneWhy, OfferFault, OfferRefusal, PageHears, PageId, RelayHears, RelayId, RelaySays, Seat,
    SessionId, SignalingHears,
};

use crate::host::Host;
use crate::ports::{ConnectionKey, Loaded, Ports, Push, Relays, StoreError};
use crate::records::{Assignment, ConnectionRecord, RelayRecord};
use crate::rooms::better_of_two;
use crate::words;

/// Length of a lease. A relay renews it every 15 s.
const LEASE_S: u32 = 45;

/// WebSocket close code (RFC 6455 and the IANA registry: service restart) for a relay whose lease
/// expired: it dials again and says hello.
const CLOSE_DIAL_AGAIN: u16 = 1012;

/// A room that is to move from one relay to another.
struct Leaving {
    here: Assignment,
    to: RelayId,
    loaded: Loaded,
}

/// What the page hears of a refused offer.
fn no_relay(attempt: u32, why: OfferRefusal, fault: Option<OfferFault>) -> SignalingHears {
    SignalingHears::NoRelay {
        attempt,
        unacceptable: why == OfferRefusal::Unacceptable,
        fault,
    }
}

impl<P: Ports> Host<P> {
    /// Takes a message of a relay. A relay has no seat; its messages about a session count only
    /// while it has the session's room.
    pub(crate) async fn relay_says(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        says: RelaySays,
    ) {
        let done = if names_another(record, &says) {
            tracing::warn!(connection.id = %connection.0, "message of a relay names another relay than its hello");
            Ok(())
        } else {
            self.take_from_relay(connection, record, says).await
        };
        if let Err(error) = done {
            tracing::error!(connection.id = %connection.0, error = %error, "failed to take a message of a relay");
        }
    }

    async fn take_from_relay(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        says: RelaySays,
    ) -> Result<(), StoreError> {
        match says {
            RelaySays::Hello {
                relay,
                rooms_max,
                media,
            } => {
                // Until the relay knows its media addresses, its answers would lead nowhere.
                self.relay_hello(connection, record, relay, rooms_max, media.is_empty())
                    .await
            }
            RelaySays::Lease {
                relay,
                rooms,
                draining,
            } => {
                let renewed = Renewed { rooms, draining };
                self.relay_lease(connection, record, relay, renewed).await
            }
            RelaySays::Answer {
                relay,
                session,
                seat,
                page,
                attempt,
                sdp,
            } => {
                let hears = SignalingHears::Answer {
                    attempt,
                    sdp,
                    relay,
                };
                self.pass_on_from_room(relay, session, seat, page, hears)
                    .await
            }
            RelaySays::Refused {
                relay,
                session,
                seat,
                page,
                attempt,
                epoch,
                why,
                fault,
            } => {
                let hears = no_relay(attempt, why, fault);
                self.relay_refused((relay, epoch), session, seat, page, why, hears)
                    .await
            }
            RelaySays::Gone {
                relay,
                session,
                seat,
                page,
                why,
            } => self.relay_lost(relay, session, seat, page, why).await,
            RelaySays::Leaving {
                relay,
                session,
                seat,
                page,
            } => self.relay_leaves(relay, session, seat, page).await,
        }
    }

    async fn relay_hello(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        relay: RelayId,
        rooms_max: u32,
        waits: bool,
    ) -> Result<(), StoreError> {
        let named = |record: &ConnectionRecord| ConnectionRecord {
            relay_id: Some(relay),
            ..record.clone()
        };
        if !self.change_connection(connection, record, named).await? {
            return Ok(());
        }
        let lease = RelayRecord {
            relay,
            connection: connection.clone(),
            rooms_max,
            rooms: 0,
            draining: waits,
            lease_until_ms: self.lease_until_ms(),
        };
        self.ports.store().put_relay(lease).await?;
        tracing::info!(relay.id = %relay, rooms_max, "relay said hello");
        self.welcome(connection, record).await
    }

    async fn relay_lease(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        relay: RelayId,
        Renewed { rooms, draining }: Renewed,
    ) -> Result<(), StoreError> {
        let mut holder = self.holder(relay).await?;
        if holder.as_ref() == Some(connection) {
            let until_ms = self.lease_until_ms();
            let renewed = self
                .ports
                .store()
                .renew_lease(relay, connection, rooms, draining, until_ms);
            if !renewed.await? {
                holder = self.holder(relay).await?;
            }
        }
        // A relay that changes to a new connection may renew once more on the old one, which must
        // not win.
        if holder.is_none() {
            return self.ports.push().close(connection, CLOSE_DIAL_AGAIN).await;
        }
        self.welcome(connection, record).await
    }

    /// Returns the connection of a relay's lease, if the lease is valid.
    async fn holder(&self, relay: RelayId) -> Result<Option<ConnectionKey>, StoreError> {
        let alive = self.ports.store().alive_relays(self.ports.now_ms()).await?;
        let lease = alive.into_iter().find(|lease| lease.relay == relay);
        Ok(lease.map(|lease| lease.connection))
    }

    /// Whether a refusal comes from the relay that has the room, for the present assignment. A
    /// relay of the version before does not say for which one, and `OldEpoch` says that it was an
    /// earlier one.
    async fn is_the_rooms(
        &self,
        relay: RelayId,
        epoch: u32,
        session: SessionId,
        why: OfferRefusal,
    ) -> Result<bool, StoreError> {
        let assigned = self.ports.store().assigned(session).await?;
        let any_epoch = epoch == 0 || why == OfferRefusal::OldEpoch;
        let is = assigned.is_some_and(|assigned| {
            assigned.relay == relay && (any_epoch || assigned.epoch == epoch)
        });
        if !is {
            tracing::debug!(session.id = %session, relay.id = %relay, "refusal of a relay that does not have the room");
        }
        Ok(is)
    }

    async fn relay_refused(
        &self,
        (relay, epoch): (RelayId, u32),
        session: SessionId,
        seat: Seat,
        page: PageId,
        why: OfferRefusal,
        hears: SignalingHears,
    ) -> Result<(), StoreError> {
        if !self.is_the_rooms(relay, epoch, session, why).await? {
            return Ok(());
        }
        if why == OfferRefusal::Full {
            self.leave_full_relay(relay, session, seat).await?;
        }
        self.tell_page(session, seat, page, hears).await
    }

    /// Tells a page that the relay lost it, and what the page did to bring it about.
    async fn relay_lost(
        &self,
        relay: RelayId,
        session: SessionId,
        seat: Seat,
        page: PageId,
        why: Option<GoneWhy>,
    ) -> Result<(), StoreError> {
        let hears = SignalingHears::Gone { relay, why };
        self.pass_on_from_room(relay, session, seat, page, hears)
            .await
    }

    /// Moves the room away from a full relay if another can take it, so that the page's next
    /// attempt goes there.
    async fn leave_full_relay(
        &self,
        relay: RelayId,
        session: SessionId,
        seat: Seat,
    ) -> Result<(), StoreError> {
        if let Some(leaving) = self.leaving(relay, session).await? {
            self.move_room(&leaving, session, seat).await?;
        }
        Ok(())
    }

    /// Moves a room away from a draining relay, if another relay can take it. Both pages then learn
    /// to offer again, and the old relay carries the call until they have moved. Otherwise the call
    /// stays on the old relay until it ends.
    async fn relay_leaves(
        &self,
        relay: RelayId,
        session: SessionId,
        seat: Seat,
        page: PageId,
    ) -> Result<(), StoreError> {
        let Some(leaving) = self.leaving(relay, session).await? else {
            return Ok(());
        };
        // Only the attached page of a seat can be reached.
        let attached = leaving.loaded.attachments.get(seat).as_ref();
        let Some(attached) = attached.filter(|attached| attached.page == page) else {
            return Ok(());
        };
        let stands = self.move_room(&leaving, session, seat).await?;
        // If two messages come at once, only one moves the room, and the other seats learn it
        // there.
        if stands.relay != relay {
            let gone = PageHears::Signaling(SignalingHears::Gone { relay, why: None });
            self.say_to_seat(session, seat, Some(attached), gone).await;
        }
        Ok(())
    }

    /// Returns how a room can leave this relay, or `None` if the relay does not have the room or no
    /// other relay can take it.
    async fn leaving(
        &self,
        relay: RelayId,
        session: SessionId,
    ) -> Result<Option<Leaving>, StoreError> {
        let now_ms = self.ports.now_ms();
        let assigned = self.ports.store().assigned(session).await?;
        let Some(here) = assigned.filter(|assigned| assigned.relay == relay) else {
            return Ok(None);
        };
        let alive = self.ports.store().alive_relays(now_ms).await?;
        let Some(spare) = better_of_two(&alive, Some(relay), self.ports.random()) else {
            return Ok(None);
        };
        let loaded = self.load(session).await?;
        Ok(loaded.map(|loaded| Leaving {
            here,
            to: spare.relay,
            loaded,
        }))
    }

    /// Moves the room and tells the pages of the other seats. Returns the assignment that is stored
    /// then.
    async fn move_room(
        &self,
        leaving: &Leaving,
        session: SessionId,
        seat: Seat,
    ) -> Result<Assignment, StoreError> {
        let asking = (seat, &leaving.loaded.attachments);
        self.reassign(session, Some(leaving.here), leaving.to, asking)
            .await
    }

    /// Passes on a message of a relay about a room that it has.
    async fn pass_on_from_room(
        &self,
        relay: RelayId,
        session: SessionId,
        seat: Seat,
        page: PageId,
        hears: SignalingHears,
    ) -> Result<(), StoreError> {
        let assigned = self.ports.store().assigned(session).await?;
        if assigned.is_none_or(|assigned| assigned.relay != relay) {
            tracing::debug!(session.id = %session, relay.id = %relay, "message of a relay that does not have the room");
            return Ok(());
        }
        self.tell_page(session, seat, page, hears).await
    }

    async fn tell_page(
        &self,
        session: SessionId,
        seat: Seat,
        page: PageId,
        hears: SignalingHears,
    ) -> Result<(), StoreError> {
        let Some(loaded) = self.load(session).await? else {
            return Ok(());
        };
        let attached = loaded.attachments.get(seat).as_ref();
        let attached = attached.filter(|attached| attached.page == page);
        self.say_to_seat(session, seat, attached, PageHears::Signaling(hears))
            .await;
        Ok(())
    }

    async fn welcome(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
    ) -> Result<(), StoreError> {
        let welcome = words::to_relay(RelayHears::Welcome {
            lease_s: LEASE_S,
            seen: record.source,
        });
        if let Ok(welcome) = welcome {
            self.ports.push().say(connection, &welcome).await?;
        }
        Ok(())
    }

    fn lease_until_ms(&self) -> u64 {
        self.ports.now_ms() + u64::from(LEASE_S) * 1_000
    }
}

/// The content of a lease message.
struct Renewed {
    rooms: u32,
    draining: bool,
}

/// Returns whether a message other than a hello names another relay than the connection's hello.
fn names_another(record: &ConnectionRecord, says: &RelaySays) -> bool {
    let is_hello = matches!(says, RelaySays::Hello { .. });
    !is_hello && record.relay_id != Some(relay_of(says))
}

const fn relay_of(says: &RelaySays) -> RelayId {
    match says {
        RelaySays::Hello { relay, .. }
        | RelaySays::Lease { relay, .. }
        | RelaySays::Answer { relay, .. }
        | RelaySays::Refused { relay, .. }
        | RelaySays::Gone { relay, .. }
        | RelaySays::Leaving { relay, .. } => *relay,
    }
}
