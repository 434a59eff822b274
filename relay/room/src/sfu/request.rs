//! A page's offer, and what the relay says to it.

use sightline_wire::{OfferFault, OfferRefusal, PageId, RelayId, RelaySays, Sdp, Seat, SessionId};

/// A page's offer, as the host passed it on.
pub(super) struct OfferRequest {
    pub(super) session: SessionId,
    pub(super) epoch: u32,
    pub(super) seat: Seat,
    pub(super) page: PageId,
    pub(super) attempt: u32,
    pub(super) speaks: bool,
    pub(super) since: u32,
    pub(super) sdp: Sdp,
}

impl OfferRequest {
    pub(super) fn answer(&self, relay: RelayId, sdp: Sdp) -> RelaySays {
        RelaySays::Answer {
            relay,
            session: self.session,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            sdp,
        }
    }

    pub(super) fn refusal(
        &self,
        relay: RelayId,
        why: OfferRefusal,
        fault: Option<OfferFault>,
    ) -> RelaySays {
        RelaySays::Refused {
            relay,
            session: self.session,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            epoch: self.epoch,
            why,
            fault,
        }
    }
}

/// Why an offer got no answer.
pub(super) struct Refused {
    pub(super) why: OfferRefusal,
    /// What is wrong with the offer itself.
    pub(super) fault: Option<OfferFault>,
}

impl From<OfferRefusal> for Refused {
    fn from(why: OfferRefusal) -> Self {
        Self { why, fault: None }
    }
}

impl From<OfferFault> for Refused {
    fn from(fault: OfferFault) -> Self {
        Self {
            why: OfferRefusal::Unacceptable,
            fault: Some(fault),
        }
    }
}
