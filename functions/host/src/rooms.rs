//! Topic `signaling`: offers of pages to relays, and presence.

use sightline_wire::{
    PageHears, PageId, Presence, Refusal, RelayHears, RelayId, Sdp, Seat, Seats, SessionId,
    SignalingHears,
};

use crate::connection::Speaker;
use crate::flow::Changed;
use crate::host::Host;
use crate::ports::{Ports, Push, Relays, Said, StoreError};
use crate::records::{Assignment, Attachment, RelayRecord};
use crate::words;

/// Relays tried for one offer, if each of them is gone.
const RELAYS_TRIED: usize = 3;

impl<P: Ports> Host<P> {
    /// Passes a page's offer to the relay that has the session's room, or to one that takes it.
    ///
    /// A page that is not the attached one of its seat gets `no_relay`: the answer could not reach
    /// it, because only the attachment contains the connection of a page. A second page offers
    /// after its `join`.
    pub(crate) async fn offer(
        &self,
        speaker: &Speaker<'_>,
        attempt: u32,
        sdp: Sdp,
        avoid: Option<RelayId>,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, _| match draft.state.ended {
                Some(_) => Err(Refusal::CallEnded),
                None => Ok(()),
            })
            .await?;
        changed.answer?;
        let attached = changed.attachments.get(seat).as_ref();
        let relay = if attached.is_some_and(|attached| attached.connection == *speaker.connection) {
            let offer = Offer {
                seat,
                page: speaker.page,
                attempt,
                speaks: changed.after.seats.get(seat).holder == Some(speaker.page),
                sdp,
            };
            self.hand_over(speaker, &changed, &offer, avoid)
                .await
                .map_err(|error| {
                    tracing::error!(session.id = %speaker.session, error = %error, "failed to pass an offer to a relay");
                    Refusal::Trouble
                })?
        } else {
            None
        };
        if relay.is_none() {
            let unacceptable = false;
            let hears = SignalingHears::NoRelay {
                attempt,
                unacceptable,
            };
            self.answer(speaker, PageHears::Signaling(hears)).await;
        }
        Ok(())
    }

    /// Returns the relay that received the offer, or `None`.
    async fn hand_over<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        changed: &Changed<T>,
        offer: &Offer,
        avoid: Option<RelayId>,
    ) -> Result<Option<RelayId>, StoreError> {
        let asking = (offer.seat, &changed.attachments);
        for _ in 0..RELAYS_TRIED {
            let Some((relay, epoch)) = self.pick(speaker.session, avoid, asking).await? else {
                return Ok(None);
            };
            // Sent before the relay receives the offer, so that the answer comes later.
            let attempt = offer.attempt;
            let offered = SignalingHears::Offered {
                attempt,
                relay: relay.relay,
            };
            self.answer(speaker, PageHears::Signaling(offered)).await;
            let hears = offer.for_relay(speaker.session, epoch);
            if self
                .ports
                .push()
                .say(&relay.connection, &words::to_relay(hears))
                .await?
                == Said::Handed
            {
                return Ok(Some(relay.relay));
            }
            self.ports
                .store()
                .end_lease(relay.relay, &relay.connection)
                .await?;
        }
        Ok(None)
    }

    /// Chooses the relay for a session: the one that has its room, else the least loaded one, else
    /// the one that the page wants to avoid.
    async fn pick(
        &self,
        session: SessionId,
        avoid: Option<RelayId>,
        asking: (Seat, &Seats<Option<Attachment>>),
    ) -> Result<Option<(RelayRecord, u32)>, StoreError> {
        let alive = self.ports.store().alive_relays(self.ports.now_ms()).await?;
        let assigned = self.ports.store().assigned(session).await?;
        let Some(chosen) = choose(&alive, assigned, avoid) else {
            return Ok(None);
        };
        if let Some(assigned) = assigned.filter(|assigned| assigned.relay == chosen.relay) {
            return Ok(Some((chosen.clone(), assigned.epoch)));
        }
        let stands = self
            .reassign(session, assigned, chosen.relay, asking)
            .await?;
        let relay = alive.iter().find(|relay| relay.relay == stands.relay);
        Ok(relay.map(|relay| (relay.clone(), stands.epoch)))
    }

    /// Assigns the room to another relay. The old relay closes it, and the pages of the other seats
    /// learn that their relay is gone: two relays must not carry one call.
    pub(super) async fn reassign(
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

    /// Repeats the promotion of a page that joined and is still a guest at the relay.
    pub(crate) async fn promote_again(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.speaks(seat, &draft.state)?;
                let joined = draft.state.seats.get(seat).joined();
                if joined {
                    Ok(())
                } else {
                    Err(Refusal::NotJoined)
                }
            })
            .await?;
        changed.answer?;
        self.promote(speaker.session, seat, speaker.page).await;
        Ok(())
    }

    /// Passes the presence of a seat on to the others.
    pub(crate) async fn presence(
        &self,
        speaker: &Speaker<'_>,
        presence: Presence,
    ) -> Result<(), Refusal> {
        let hears = PageHears::Signaling(SignalingHears::Presence(presence));
        self.tell_others(speaker, hears).await
    }

    /// Passes a message on to the other seats, from a page that speaks for its seat. Stores
    /// nothing.
    pub(super) async fn tell_others(
        &self,
        speaker: &Speaker<'_>,
        hears: PageHears,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| speaker.speaks(seat, &draft.state))
            .await?;
        changed.answer?;
        self.say_to_others(speaker.session, seat, &changed.attachments, hears)
            .await;
        Ok(())
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

struct Offer {
    seat: Seat,
    page: PageId,
    attempt: u32,
    speaks: bool,
    sdp: Sdp,
}

impl Offer {
    fn for_relay(&self, session: SessionId, epoch: u32) -> RelayHears {
        RelayHears::Offer {
            session,
            epoch,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            speaks: self.speaks,
            sdp: self.sdp.clone(),
        }
    }
}

/// Chooses among the relays that are alive. A draining relay keeps a room only if no other can take
/// it.
pub(super) fn choose(
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
pub(super) fn least_loaded(alive: &[RelayRecord], avoid: Option<RelayId>) -> Option<&RelayRecord> {
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
