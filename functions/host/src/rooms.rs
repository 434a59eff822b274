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
                why: None,
            };
            self.say_to_others(session, seat, attachments, PageHears::Signaling(gone))
                .await;
        }
        Ok(stands)
    }

    /// Tells the relay that has the room which page holds a seat.
    /// `since` is [`sightline_session::SeatState::held_since`].
    pub(crate) async fn promote(&self, session: SessionId, seat: Seat, page: PageId, since: u32) {
        self.tell_room(session, |epoch| RelayHears::Promote {
            session,
            epoch,
            seat,
            page,
            since,
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
        let Ok(message) = words::to_relay(hears) else {
            return;
        };
        let said = async {
            let alive = self.ports.store().alive_relays(self.ports.now_ms()).await?;
            let Some(record) = alive.iter().find(|record| record.relay == relay) else {
                return Ok(());
            };
            if self.ports.push().say(&record.connection, &message).await? == Said::Gone {
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
/// it. `chance` is random.
pub(crate) fn choose(
    alive: &[RelayRecord],
    assigned: Option<Assignment>,
    avoid: Option<RelayId>,
    chance: [u8; 16],
) -> Option<&RelayRecord> {
    let living = |relay: RelayId| alive.iter().find(|record| record.relay == relay);
    let home = assigned.and_then(|assigned| living(assigned.relay));
    home.filter(|home| Some(home.relay) != avoid && !home.draining)
        .or_else(|| better_of_two(alive, avoid, chance))
        .or(home)
        .or_else(|| better_of_two(alive, None, chance))
}

/// Draws two of the relays that can take a room and returns the one with the smaller share of its
/// rooms taken; if both are equal, the first drawn.
///
/// A record is as old as the relay's last lease. The least loaded relay of all would get every room
/// until its next one (M. Mitzenmacher, "How Useful Is Old Information?").
pub(crate) fn better_of_two(
    alive: &[RelayRecord],
    avoid: Option<RelayId>,
    chance: [u8; 16],
) -> Option<&RelayRecord> {
    let mut open: Vec<&RelayRecord> = alive
        .iter()
        .filter(|relay| {
            !relay.draining && relay.rooms < relay.rooms_max && Some(relay.relay) != avoid
        })
        .collect();
    let mut left = u128::from_be_bytes(chance);
    let mut draw = || {
        let count = u128::try_from(open.len()).ok().filter(|count| *count > 0)?;
        let at = usize::try_from(left % count).ok()?;
        left /= count;
        Some(open.swap_remove(at))
    };
    let first = draw()?;
    let second = draw().unwrap_or(first);
    Some(if is_less_taken(second, first) {
        second
    } else {
        first
    })
}

/// Compares shares as fractions: a/b < c/d if a*d < c*b.
fn is_less_taken(one: &RelayRecord, other: &RelayRecord) -> bool {
    u64::from(one.rooms) * u64::from(other.rooms_max)
        < u64::from(other.rooms) * u64::from(one.rooms_max)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ports::ConnectionKey;

    fn relay(which: u8, rooms: u32, rooms_max: u32, draining: bool) -> RelayRecord {
        RelayRecord {
            relay: RelayId::from_bytes([which; 16]),
            connection: ConnectionKey(which.to_string()),
            rooms_max,
            rooms,
            draining,
            lease_until_ms: 0,
        }
    }

    /// Chances that differ in every bit, like random ones.
    fn chances(count: u64) -> impl Iterator<Item = [u8; 16]> {
        (1..=count).map(|which| {
            let spread = |salt: u64| (which ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (u128::from(spread(0)) << 64 | u128::from(spread(1 << 40))).to_be_bytes()
        })
    }

    #[test]
    fn rooms_of_one_lease_spread_over_equal_relays() {
        let alive: Vec<_> = (0..4).map(|which| relay(which, 5, 16, false)).collect();
        let mut got = BTreeMap::new();
        for chance in chances(1_000) {
            *got.entry(better_of_two(&alive, None, chance).unwrap().relay)
                .or_insert(0) += 1;
        }
        assert_eq!(got.len(), 4);
        assert!(
            got.values().all(|count| (150..350).contains(count)),
            "{got:?}"
        );
    }

    #[test]
    fn the_fullest_of_several_gets_no_room_and_an_empty_one_at_most_half() {
        let mut alive: Vec<_> = (0..4).map(|which| relay(which, 8, 16, false)).collect();
        alive.push(relay(4, 0, 16, false));
        alive.push(relay(5, 15, 16, false));
        let mut got = BTreeMap::new();
        for chance in chances(1_200) {
            let chosen = better_of_two(&alive, None, chance).unwrap();
            *got.entry(chosen.connection.0.clone()).or_insert(0) += 1;
        }
        assert_eq!(got.get("5"), None);
        // It is one of two drawn of six in a third of all draws.
        assert!((300..500).contains(&got["4"]), "{got:?}");
    }

    proptest! {
        #[test]
        fn only_a_relay_that_can_take_the_room_is_drawn(
            relays in prop::collection::vec((0u32..4, 0u32..4, any::<bool>()), 0..6),
            avoid in prop::option::of(0u8..6),
            chance in any::<[u8; 16]>(),
        ) {
            let alive: Vec<_> = (0u8..)
                .zip(&relays)
                .map(|(which, (rooms, most, draining))| relay(which, *rooms, *most, *draining))
                .collect();
            let avoid = avoid.map(|which| RelayId::from_bytes([which; 16]));
            let fits = |one: &RelayRecord| {
                !one.draining && one.rooms < one.rooms_max && Some(one.relay) != avoid
            };
            match better_of_two(&alive, avoid, chance) {
                Some(chosen) => {
                    prop_assert!(fits(chosen));
                    let others = alive.iter().filter(|one| fits(one) && one.relay != chosen.relay);
                    let better = others.clone().filter(|one| is_less_taken(one, chosen)).count();
                    prop_assert!(better < others.count().max(1), "the fullest of them all");
                }
                None => prop_assert!(!alive.iter().any(fits)),
            }
        }
    }
}
