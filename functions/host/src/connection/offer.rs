//! Offers of pages to relays.

use sightline_session::Away;
use sightline_wire::{
    OfferFault, PageHears, PageId, Refusal, RelayHears, RelayId, Sdp, Seat, Seats, SessionId,
    SignalingHears,
};

use super::Speaker;
use crate::draft::Changed;
use crate::host::Host;
use crate::ports::{Ports, Push, Relays, Said, StoreError};
use crate::records::{Attachment, RelayRecord};
use crate::rooms::choose;
use crate::stop::OrAnswer;
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
            .change_by(speaker, |draft, seat| match draft.state.ended {
                Some(_) => Err(Refusal::CallEnded),
                None => {
                    // Who wants media has not left, and the other person must know.
                    speaker.resume_if_away(seat, draft);
                    Ok(())
                }
            })
            .await?;
        changed.answer?;
        let attached = changed.attachments.get(seat).as_ref();
        let offer = Offer {
            seat,
            page: speaker.page,
            attempt,
            speaks: changed.after.seats.get(seat).holder == Some(speaker.page),
            since: changed.after.seats.get(seat).held_since,
            sdp,
        };
        let too_long = offer.is_too_long(speaker.session);
        let answered = attached.is_some_and(|at| at.connection == *speaker.connection);
        let relay = if answered && !too_long {
            self.hand_over(speaker, &changed, &offer, avoid).await?
        } else {
            None
        };
        if relay.is_none() {
            let hears = SignalingHears::NoRelay {
                attempt,
                unacceptable: too_long,
                fault: too_long.then_some(OfferFault::TooLong),
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
    ) -> Result<Option<RelayId>, Refusal> {
        let asking = (offer.seat, &changed.attachments);
        for _ in 0..RELAYS_TRIED {
            let picked = self.pick(speaker.session, avoid, asking).await;
            let Some((relay, epoch)) = picked.or_refuse(speaker.session)? else {
                return Ok(None);
            };
            let hears = words::to_relay(offer.for_relay(speaker.session, epoch))?;
            // Sent before the relay receives the offer, so that the answer comes later.
            let attempt = offer.attempt;
            let offered = SignalingHears::Offered {
                attempt,
                relay: relay.relay,
            };
            self.answer(speaker, PageHears::Signaling(offered)).await;
            let said = self.ports.push().say(&relay.connection, &hears).await;
            if said.or_refuse(speaker.session)? == Said::Handed {
                return Ok(Some(relay.relay));
            }
            let store = self.ports.store();
            let ended = store.end_lease(relay.relay, &relay.connection).await;
            ended.or_refuse(speaker.session)?;
        }
        Ok(None)
    }

    /// Chooses the relay for a session: the one that has its room, else the better of two, else the
    /// one that the page wants to avoid.
    async fn pick(
        &self,
        session: SessionId,
        avoid: Option<RelayId>,
        asking: (Seat, &Seats<Option<Attachment>>),
    ) -> Result<Option<(RelayRecord, u32)>, StoreError> {
        let alive = self.ports.store().alive_relays(self.ports.now_ms()).await?;
        let assigned = self.ports.store().assigned(session).await?;
        let Some(chosen) = choose(&alive, assigned, avoid, self.ports.random()) else {
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

    /// Repeats the promotion of a page that joined and is still a guest at the relay.
    pub(crate) async fn promote_again(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.speaks(seat, &draft.state)?;
                speaker.resume_if_away(seat, draft);
                let held = draft.state.seats.get(seat);
                if held.joined() && held.away != Some(Away::Left) {
                    Ok(())
                } else {
                    Err(Refusal::NotJoined)
                }
            })
            .await?;
        changed.answer?;
        let since = changed.after.seats.get(seat).held_since;
        self.promote(speaker.session, seat, speaker.page, since)
            .await;
        Ok(())
    }
}

struct Offer {
    seat: Seat,
    page: PageId,
    attempt: u32,
    speaks: bool,
    since: u32,
    sdp: Sdp,
}

impl Offer {
    /// Whether it fits into a page's message and not into a relay's, which has more around it. A
    /// relay of the version before ends its link on a longer message, and every call with it.
    fn is_too_long(&self, session: SessionId) -> bool {
        let longest = self.for_relay(session, u32::MAX);
        words::to_relay(longest).is_err()
    }

    fn for_relay(&self, session: SessionId, epoch: u32) -> RelayHears {
        RelayHears::Offer {
            session,
            epoch,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            speaks: self.speaks,
            since: self.since,
            sdp: self.sdp.clone(),
        }
    }
}
