//! Where pages reach it: as the host sees it.

use sightline_relay::{Config, Relay};
use sightline_wire::{OfferRefusal, RelaySays, Seat, SessionId};

use crate::host::Host;
use crate::page::Page;
use crate::{call, config, see_each_other, session, start};

fn anywhere(host: &Host) -> Config {
    let mut config = config(host);
    config.media_listen = vec!["0.0.0.0:0".parse().unwrap()];
    config.learn_place = true;
    config
}

fn hello(says: &RelaySays) -> bool {
    matches!(says, RelaySays::Hello { .. })
}

fn lease(says: &RelaySays) -> bool {
    matches!(says, RelaySays::Lease { .. })
}

/// What an answer says of the relay's place.
async fn place_in_answer(host: &mut Host, name: u8) -> String {
    let page = Page::new(name, Seat::Agent).await;
    host.say(page.offer(SessionId::from_bytes([name; 16])))
        .await;
    match host.expect(|says| !hello(says) && !lease(says)).await {
        RelaySays::Answer { sdp, .. } => {
            let line = sdp.as_str().lines().find(|l| l.contains("candidate:"));
            line.unwrap().split(' ').nth(4).unwrap().to_owned()
        }
        other => panic!("expected an answer, got {other:?}"),
    }
}

#[tokio::test]
async fn it_takes_no_room_before_it_knows_where_it_is_and_calls_work_afterwards() {
    let mut host = Host::start().await;
    let relay = Relay::bind(anywhere(&host)).unwrap();
    let (id, counters) = (relay.id(), relay.counters());
    assert!(relay.media_addresses().is_empty());
    let (_stop, _running) = start(relay);
    let said = host.expect(hello).await;
    assert!(matches!(said, RelaySays::Hello { media, .. } if media.is_empty()));
    // The host says nothing of what it sees.
    let early = Page::new(1, Seat::Agent).await;
    host.say(early.offer(session())).await;
    let refused = host.expect(|says| !lease(says)).await;
    assert!(
        matches!(
            refused,
            RelaySays::Refused {
                why: OfferRefusal::Full,
                ..
            }
        ),
        "{refused:?}"
    );
    host.see("127.0.0.1");
    host.cut().await;
    host.expect(hello).await;
    let first = RelaySays::Lease {
        relay: id,
        rooms: 0,
        draining: false,
    };
    host.expect_soon(first).await;
    let place = counters.place();
    assert!(place[0].ip().is_loopback() && place[0].port() > 0);
    let (mut agent, mut customer) = call(&mut host).await;
    see_each_other(&mut agent, &mut customer, 20).await;
}

#[tokio::test]
async fn a_relay_seen_elsewhere_tells_new_pages_so_and_keeps_its_calls() {
    let mut host = Host::start().await;
    host.see("127.0.0.1");
    let (_stop, _running) = start(Relay::bind(anywhere(&host)).unwrap());
    let (mut agent, mut customer) = call(&mut host).await;
    host.see("::ffff:198.51.100.7");
    host.cut().await;
    host.expect(hello).await;
    host.expect(lease).await;
    assert_eq!(place_in_answer(&mut host, 2).await, "198.51.100.7");
    see_each_other(&mut agent, &mut customer, 50).await;
}

#[tokio::test]
async fn what_is_announced_by_hand_stands() {
    let mut host = Host::start().await;
    host.see("198.51.100.7");
    let mut config = anywhere(&host);
    config.announce = Some(vec!["203.0.113.9:3478".parse().unwrap()]);
    let (_stop, _running) = start(Relay::bind(config).unwrap());
    let said = host.expect(hello).await;
    assert!(
        matches!(said, RelaySays::Hello { media, .. } if media == ["203.0.113.9:3478".parse().unwrap()])
    );
    host.expect(lease).await;
    assert_eq!(place_in_answer(&mut host, 1).await, "203.0.113.9");
}
