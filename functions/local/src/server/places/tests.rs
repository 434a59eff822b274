use std::task::Poll;

use futures_util::poll;

use super::*;

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn far(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

async fn must_leave(place: &ConnectionPlace) -> bool {
    poll!(std::pin::pin!(place.must_leave())) == Poll::Ready(())
}

/// Takes a place while others have them all; the one that must leave does.
async fn press_in(
    places: &Arc<ConnectionPlaces>,
    peer: IpAddr,
    held: &mut Vec<Arc<ConnectionPlace>>,
) -> Option<Arc<ConnectionPlace>> {
    let mut taking = std::pin::pin!(places.take(peer));
    if let Poll::Ready(place) = poll!(taking.as_mut()) {
        return place;
    }
    let mut stays = Vec::new();
    for place in held.drain(..) {
        if !must_leave(&place).await {
            stays.push(place);
        }
    }
    *held = stays;
    taking.await
}

#[tokio::test]
async fn the_oldest_that_waits_leaves_and_a_socket_never_does() {
    let places = Arc::new(ConnectionPlaces::new(3));
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(places.take(HOME).await.unwrap());
    }
    held[0].talk();
    let _request = held[2].begin();
    assert!(press_in(&places, HOME, &mut held).await.is_some());
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|stays| stays.waits_since().is_none()));
}

#[tokio::test]
async fn a_request_that_lasts_may_go_and_a_new_one_may_not() {
    let places = Arc::new(ConnectionPlaces::new(1));
    let one = places.take(HOME).await.unwrap();
    assert!(one.waits_since().is_some());
    let request = one.begin();
    assert!(one.waits_since().is_none());
    assert!(places.take(HOME).await.is_none(), "it has just begun");
    drop(request);
    assert!(one.waits_since().is_some());
    one.talk();
    assert!(places.take(HOME).await.is_none());
    drop(one);
    assert!(places.take(HOME).await.is_some());
    assert!(places.inner().sources.is_empty(), "nothing is kept");
}

#[tokio::test]
async fn the_source_with_most_gives_way() {
    let places = Arc::new(ConnectionPlaces::new(4));
    let single = places.take(far(1)).await.unwrap();
    let mut crowd = Vec::new();
    for _ in 0..3 {
        crowd.push(places.take(far(2)).await.unwrap());
    }
    let third = press_in(&places, far(3), &mut crowd).await;
    assert!(third.is_some());
    assert_eq!(crowd.len(), 2);
    assert!(!must_leave(&single).await, "it was older");
}

#[tokio::test]
async fn one_source_has_a_share_unless_it_is_this_machine() {
    let places = Arc::new(ConnectionPlaces::new(usize::MAX));
    assert_eq!(places.max(), CONNECTIONS_MAX);
    let mut held = Vec::new();
    for last in 0..SOURCE_MAX {
        // An IPv6 network counts as one.
        let peer = format!("2001:db8::{last:x}").parse().unwrap();
        held.push(places.take(peer).await.unwrap());
        held.push(places.take(HOME).await.unwrap());
    }
    let near = "2001:db8::1:1".parse().unwrap();
    let oldest = held[0].clone();
    let mut theirs: Vec<_> = held.iter().step_by(2).cloned().collect();
    let mut taking = std::pin::pin!(places.take(near));
    assert!(poll!(taking.as_mut()).is_pending());
    assert!(must_leave(&oldest).await);
    drop((oldest, theirs.remove(0), held.remove(0)));
    assert!(taking.await.is_some());
    assert!(places.take(HOME).await.is_some());
    assert!(places.take(far(1)).await.is_some());
}
