//! How often a seat may offer: an offer costs as much as a hundred packets.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sightline_wire::{Seat, SessionId};

use crate::gate::Bucket;

/// Offers of a seat at once. A page that lost its way repeats its offer after a second.
const AT_ONCE: u32 = 5;
/// More seats than this are forgotten as soon as they may offer [`AT_ONCE`] times again.
const SEATS_KEPT: usize = 1_024;

/// Who offers. A guest of a link cannot use up the offers of the page that speaks.
type Offering = (SessionId, Seat, bool);

/// The budgets of all seats that offered of late.
#[derive(Default)]
pub(crate) struct OfferRates {
    seats: BTreeMap<Offering, Bucket>,
}

impl OfferRates {
    /// Whether a page of this seat may offer now.
    pub(crate) fn admit(
        &mut self,
        session: SessionId,
        seat: Seat,
        speaks: bool,
        now: Instant,
    ) -> bool {
        if self.seats.len() >= SEATS_KEPT {
            self.seats.retain(|_, bucket| !bucket.is_full(now));
        }
        let seat = self.seats.entry((session, seat, speaks));
        let bucket = seat.or_insert_with(|| Bucket::new(1, Duration::from_secs(1), AT_ONCE));
        bucket.take(1, now)
    }
}
