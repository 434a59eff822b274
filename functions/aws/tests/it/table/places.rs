//! Places and counts of messages, which only this plug has.

use sightline_aws::places::{CookieOwner, PlaceStore, Places};
use sightline_host::ports::ConnectionKey;
use sightline_wire::{AgentId, SessionId};

use super::{begun, table, table_at};
use crate::support::proxy::{Fault, Proxy};
use crate::support::{now_ms, stack};

#[tokio::test]
async fn of_two_changes_of_places_at_once_one_comes_too_late() {
    let (table, now_s) = (table(), now_ms() / 1_000);
    let id = begun::fresh();
    let owners = [
        CookieOwner::Agent(AgentId::from_bytes(id)),
        CookieOwner::Customer(SessionId::from_bytes(id)),
    ];
    for owner in owners {
        assert_eq!(table.places(owner).await, Ok((Places::default(), 0)));
        let mut places = Places::default();
        places.take(&ConnectionKey("one=".to_owned()), "here", now_s);
        let set = async |revision| table.set_places(owner, &places, revision, now_s).await;
        assert_eq!(set(0).await, Ok(true));
        assert_eq!(set(0).await, Ok(false));
        assert_eq!(table.places(owner).await, Ok((places.clone(), 1)));
        assert_eq!(set(1).await, Ok(true));
        assert_eq!(set(1).await, Ok(false));
    }
}

#[tokio::test]
async fn places_that_were_set_are_found_though_the_answer_got_lost() {
    let line = Proxy::calm(&stack().endpoint).await;
    let (table, now_s) = (table_at(&line.endpoint, 3), now_ms() / 1_000);
    let owner = CookieOwner::Agent(AgentId::from_bytes(begun::fresh()));
    let mut places = Places::default();
    places.take(&ConnectionKey("one=".to_owned()), "here", now_s);
    line.next("PutItem", Fault::Lost);
    // The retry comes too late for its own first try; the next look finds what it set.
    assert_eq!(table.set_places(owner, &places, 0, now_s).await, Ok(false));
    assert_eq!(table.places(owner).await, Ok((places, 1)));
}

#[tokio::test]
async fn messages_are_counted_by_connection_and_stretch() {
    let (table, now_s) = (table(), now_ms() / 1_000);
    let name = |which| ConnectionKey(format!("counted-{now_s}-{which}"));
    let count = async |which, stretch| {
        let counted = table.count_messages(&name(which), stretch, 8, now_s).await;
        counted.unwrap()
    };
    assert_eq!(count(1, 7).await, 8);
    assert_eq!(count(1, 7).await, 16);
    assert_eq!(count(2, 7).await, 8);
    assert_eq!(count(1, 8).await, 8);
}
