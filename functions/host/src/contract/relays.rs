//! Leases of relays, and which room is where.

use sightline_wire::RelayId;

use super::{Case, together};
use crate::ports::{Relays, Trouble};
use crate::records::{Assignment, RelayRecord};

/// Relays at once after one room.
const RIVALS: u8 = 10;

/// Leases and assignments.
pub async fn relays<P: Relays>(ports: &P, case: &Case) {
    a_lease_holds_until_its_date(ports, case).await;
    only_its_own_connection_ends_a_lease(ports, case).await;
    an_epoch_is_given_once(ports, case).await;
    of_rivals_at_once_one_stands(ports, case).await;
}

async fn a_lease_holds_until_its_date<P: Relays>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 45_000;
    let (two, one) = (lease(case, 2, until_ms), lease(case, 1, until_ms + 1));
    assert_eq!(ports.put(two.clone()).await, Ok(()), "storing a lease");
    assert_eq!(ports.put(one.clone()).await, Ok(()), "storing another");
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
    assert_eq!(ports.put(renewed.clone()).await, Ok(()), "renewing");
    assert_eq!(
        ours(ports, case, until_ms + 30_000).await,
        [renewed],
        "as renewed"
    );
}

async fn only_its_own_connection_ends_a_lease<P: Relays>(ports: &P, case: &Case) {
    let (relay, now_ms) = (case.relay(3), case.now_ms);
    let record = lease(case, 3, now_ms + 45_000);
    assert_eq!(ports.put(record.clone()).await, Ok(()), "storing a lease");
    assert_eq!(
        ports.forget(relay, &case.connection(99)).await,
        Ok(()),
        "an old connection closes"
    );
    assert!(
        ours(ports, case, now_ms).await.contains(&record),
        "the lease goes on"
    );
    assert_eq!(
        ports.forget(relay, &record.connection).await,
        Ok(()),
        "its connection closes"
    );
    assert!(
        !ours(ports, case, now_ms).await.contains(&record),
        "the lease is over"
    );
    assert_eq!(
        ports.forget(relay, &record.connection).await,
        Ok(()),
        "closing twice"
    );
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
        "nobody is assigned"
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
        Box::pin(ports.assign(session, wanted)) as together::Boxed<'_, Result<Assignment, Trouble>>
    };
    let told = together::all((0..RIVALS).map(assign).collect()).await;
    let stands = ports.assigned(session).await.expect("assignments are read");
    for told in told {
        assert_eq!(told.map(Some), Ok(stands), "all are told who stands");
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

/// Those of this case: a store may have other relays.
async fn ours<P: Relays>(ports: &P, case: &Case, now_ms: u64) -> Vec<RelayRecord> {
    let known: Vec<RelayId> = (0..=9).map(|which| case.relay(which)).collect();
    let alive = ports.alive(now_ms).await.expect("leases are read");
    alive
        .into_iter()
        .filter(|record| known.contains(&record.relay))
        .collect()
}
