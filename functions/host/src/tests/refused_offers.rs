//! Offers that a relay refuses, and relays that have no say in it.

use sightline_wire::{OfferFault, OfferRefusal, RelaySays, Seat};

use super::relays::{assigned, offers, preferred_and_other, signaling};
use super::world::{Page, Relay, World};

/// What a relay says of a customer's offer, which came with this epoch.
pub(super) fn refusal(
    relay: &Relay<'_>,
    page: &Page<'_>,
    epoch: u32,
    (attempt, why, fault): (u32, OfferRefusal, Option<OfferFault>),
) -> RelaySays {
    RelaySays::Refused {
        relay: relay.id,
        session: page.session,
        seat: Seat::Customer,
        page: page.page,
        attempt,
        epoch,
        why,
        fault,
    }
}

/// Security finding 15: any relay told any page that there is no relay for it.
#[tokio::test]
async fn finding_15_only_the_relay_of_the_room_refuses_an_offer() {
    let world = World::new();
    let (first, second) = preferred_and_other(&world).await;
    let (_, customers) = world.call().await;
    customers.offer(1, None).await;
    assert_eq!(offers(&first).len(), 1);
    signaling(&customers);
    for (relay, epoch, why) in [
        (&second, 0, OfferRefusal::Unacceptable),
        (&second, 1, OfferRefusal::TooOften),
        (&second, 1, OfferRefusal::Full),
        (&second, 1, OfferRefusal::OldEpoch),
        (&first, 2, OfferRefusal::Unacceptable),
        (&first, 2, OfferRefusal::Full),
    ] {
        relay
            .say(refusal(relay, &customers, epoch, (1, why, None)))
            .await;
        assert_eq!(signaling(&customers), [], "{epoch} {why:?}");
    }
    let stands = assigned(&world, customers.session).await.unwrap();
    assert_eq!((stands.relay, stands.epoch), (first.id, 1), "not moved");
    // A relay of the version before does not say to which assignment the offer belonged.
    for (attempt, epoch) in [(1, 0), (2, 1)] {
        let why = OfferRefusal::TooOften;
        first
            .say(refusal(&first, &customers, epoch, (attempt, why, None)))
            .await;
        assert_eq!(signaling(&customers).len(), 1);
    }
}
