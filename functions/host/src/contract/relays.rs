//! Leases of relays, and which room is where.

use sightline_wire::RelayId;

use super::{Case, together};
use crate::ports::{Relays, StoreError};
use crate::records::{Assignment, RelayRecord};

/// Relays at once after one room.
const RIVALS: u8 = 10;

/// How often a hello and a renewal meet.
const MEETINGS: u8 = 10;

/// Leases and assignments.
pub async fn relays<P: Relays>(ports: &P, case: &Case) {
    a_lease_holds_until_its_date(ports, case).await;
    only_its_own_connection_ends_a_lease(ports, case).await;
    only_its_own_connection_renews_a_lease(ports, case).await;
    a_hello_wins_over_renewals_of_before(ports, case).await;
    an_epoch_is_given_once(ports, case).await;
    of_rivals_at_once_one_stands(ports, case).await;
}

async fn a_lease_holds_until_its_date<P: Relays>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 45_000;
    let (two, one) = (lease(case, 2, until_ms), lease(case, 1, until_ms + 1));
    assert_eq!(
        ports.put_relay(two.clone()).await,
        Ok(()),
        "storing a lease"
    );
    assert_eq!(
        ports.put_relay(one.clone()).await,
        Ok(()),
        "storing another"
    );
    assert_eq!(
        ours(ports, case, until_ms - 1).await,
        [one.clone(), two],
        "both, in the order of their ids"
    );
    assert_eq!(
        ours(ports, case, until_ms).await,
        [one],
        "a lease is over at its date"
    );
    let renewed = RelayRecord {
        rooms: 7,
        draining: true,
        lease_until_ms: until_ms + 60_000,
        ..lease(case, 2, 0)
    };
    assert_eq!(renew(ports, &renewed).await, Ok(true), "renewing");
    assert_eq!(
        ours(ports, case, until_ms + 30_000).await,
        [renewed],
        "as renewed"
    );
}

async fn only_its_own_connection_ends_a_lease<P: Relays>(ports: &P, case: &Case) {
    let (relay, now_ms) = (case.relay(3), case.now_ms);
    let record = lease(case, 3, now_ms + 45_000);
    assert_eq!(
        ports.put_relay(record.clone()).await,
        Ok(()),
        "storing a lease"
    );
    assert_eq!(
        ports.end_lease(relay, &case.connection(99)).await,
        Ok(()),
        "an old connection closes"
    );
    assert!(
        ours(ports, case, now_ms).await.contains(&record),
        "the lease goes on"
    );
    assert_eq!(
        ports.end_lease(relay, &record.connection).await,
        Ok(()),
        "its connection closes"
    );
    assert!(
        !ours(ports, case, now_ms).await.contains(&record),
        "the lease is over"
    );
    assert_eq!(
        ports.end_lease(relay, &record.connection).await,
        Ok(()),
        "closing twice"
    );
}

async fn only_its_own_connection_renews_a_lease<P: Relays>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 45_000;
    let old = lease(case, 4, until_ms);
    assert_eq!(renew(ports, &old).await, Ok(false), "without a lease");
    assert_eq!(one(ports, case, 4).await, None, "none comes of it");
    assert_eq!(ports.put_relay(old.clone()).await, Ok(()), "hello");
    let new = RelayRecord {
        connection: case.connection(98),
        rooms_max: 200,
        ..old.clone()
    };
    assert_eq!(
        ports.put_relay(new.clone()).await,
        Ok(()),
        "hello on another"
    );
    let late = RelayRecord {
        rooms: 9,
        draining: true,
        lease_until_ms: until_ms + 60_000,
        ..old
    };
    assert_eq!(
        renew(ports, &late).await,
        Ok(false),
        "on the old connection"
    );
    assert_eq!(
        one(ports, case, 4).await,
        Some(new.clone()),
        "the new one's"
    );
    let renewed = RelayRecord { rooms: 9, ..new };
    assert_eq!(
        renew(ports, &renewed).await,
        Ok(true),
        "on the new connection"
    );
    assert_eq!(
        one(ports, case, 4).await,
        Some(renewed.clone()),
        "as renewed"
    );
    assert_eq!(
        ports.end_lease(renewed.relay, &renewed.connection).await,
        Ok(()),
        "its connection closes"
    );
    assert_eq!(renew(ports, &renewed).await, Ok(false), "after its end");
    assert_eq!(one(ports, case, 4).await, None, "it does not come back");
}

async fn a_hello_wins_over_renewals_of_before<P: Relays>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 45_000;
    for meeting in 0..MEETINGS {
        let before = lease(case, 5, until_ms);
        assert_eq!(ports.put_relay(before.clone()).await, Ok(()), "hello");
        let late = RelayRecord { rooms: 9, ..before };
        let new = RelayRecord {
            connection: case.connection(100 + meeting),
            ..lease(case, 5, until_ms + 1)
        };
        let hello = async {
            ports.put_relay(new.clone()).await?;
            Ok(true)
        };
        let all: Vec<together::Boxed<'_, Result<bool, StoreError>>> = vec![
            Box::pin(renew(ports, &late)),
            Box::pin(hello),
            Box::pin(renew(ports, &late)),
        ];
        for told in together::all(all).await {
            assert!(told.is_ok(), "{told:?}");
        }
        assert_eq!(one(ports, case, 5).await, Some(new), "meeting {meeting}");
    }
}

async fn an_epoch_is_given_once<P: Relays>(ports: &P, case: &Case) {
    let session = case.session(60);
    let to = |which, epoch| Assignment {
        relay: case.relay(which),
        epoch,
    };
    assert_eq!(
        ports.assigned(session).await,
        Ok(None),
        "no relay is assigned"
    );
    assert_eq!(
        ports.assign(session, to(1, 1)).await,
        Ok(to(1, 1)),
        "the first epoch"
    );
    assert_eq!(
        ports.assign(session, to(2, 1)).await,
        Ok(to(1, 1)),
        "the first epoch is given"
    );
    assert_eq!(
        ports.assign(session, to(2, 2)).await,
        Ok(to(2, 2)),
        "the second epoch"
    );
    assert_eq!(
        ports.assign(session, to(1, 1)).await,
        Ok(to(2, 2)),
        "an old relay does not come back"
    );
    assert_eq!(
        ports.assign(session, to(1, 4)).await,
        Ok(to(2, 2)),
        "no epoch is skipped"
    );
    assert_eq!(
        ports.assigned(session).await,
        Ok(Some(to(2, 2))),
        "what stands"
    );
    assert_eq!(
        ports.assigned(case.session(61)).await,
        Ok(None),
        "sessions are apart"
    );
}

async fn of_rivals_at_once_one_stands<P: Relays>(ports: &P, case: &Case) {
    let session = case.session(62);
    let assign = |which| {
        let wanted = Assignment {
            relay: case.relay(which),
            epoch: 1,
        };
        Box::pin(ports.assign(session, wanted))
            as together::Boxed<'_, Result<Assignment, StoreError>>
    };
    let told = together::all((0..RIVALS).map(assign).collect()).await;
    let stands = ports.assigned(session).await.expect("assignments are read");
    for told in told {
        assert_eq!(
            told.map(Some),
            Ok(stands),
            "all learn the stored assignment"
        );
    }
}

fn lease(case: &Case, which: u8, lease_until_ms: u64) -> RelayRecord {
    RelayRecord {
        relay: case.relay(which),
        connection: case.connection(60 + which),
        rooms_max: 100,
        rooms: 0,
        draining: false,
        lease_until_ms,
    }
}

fn renew<P: Relays>(
    ports: &P,
    to: &RelayRecord,
) -> impl Future<Output = Result<bool, StoreError>> + Send {
    let (rooms, draining) = (to.rooms, to.draining);
    ports.renew_lease(to.relay, &to.connection, rooms, draining, to.lease_until_ms)
}

async fn one<P: Relays>(ports: &P, case: &Case, which: u8) -> Option<RelayRecord> {
    let mut ours = ours(ports, case, case.now_ms).await;
    ours.retain(|record| record.relay == case.relay(which));
    ours.pop()
}

/// Those of this case: a store may have other relays.
async fn ours<P: Relays>(ports: &P, case: &Case, now_ms: u64) -> Vec<RelayRecord> {
    let known: Vec<RelayId> = (0..=9).map(|which| case.relay(which)).collect();
    let alive = ports.alive_relays(now_ms).await.expect("leases are read");
    alive
        .into_iter()
        .filter(|record| known.contains(&record.relay))
        .collect()
}
