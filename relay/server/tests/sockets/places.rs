//! The relay's address, as the host sees it.

use sightline_relay::{Config, Relay};
use sightline_wire::{OfferRefusal, RelaySays, Seat, SessionId};

use crate::host::Host;
use crate::page::Page;
use crate::{call, call_between, config, see_each_other, session, start};

fn anywhere(host: &Host) -> Config {
    let mut config = config(host);
    config.media_listen = vec!["0.0.0.0:0".parse().unwrap()];
    config.media_tcp_listen = vec!["0.0.0.0:0".parse().unwrap()];
    config.learn_address = true;
    config
}

fn hello(says: &RelaySays) -> bool {
    matches!(says, RelaySays::Hello { .. })
}

fn lease(says: &RelaySays) -> bool {
    matches!(says, RelaySays::Lease { .. })
}

/// The relay's address in an answer.
async fn address_in_answer(host: &mut Host, name: u8, protocol: &str) -> String {
    let page = Page::new(name, Seat::Agent).await;
    host.say(page.offer(SessionId::from_bytes([name; 16])))
        .await;
    match host.expect(|says| !hello(says) && !lease(says)).await {
        RelaySays::Answer { sdp, .. } => {
            let mut candidates = sdp.as_str().lines().filter_map(|line| {
                let parts: Vec<&str> = line.strip_prefix("a=candidate:")?.split(' ').collect();
                (parts[2] == protocol).then(|| parts[4].to_owned())
            });
            candidates.next().unwrap()
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
    // The host does not report what it sees.
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
    let place = counters.media_addresses();
    assert!(place[0].ip().is_loopback() && place[0].port() > 0);
    let (mut agent, mut customer) = call(&mut host).await;
    see_each_other(&mut agent, &mut customer, 20).await;
}

#[tokio::test]
async fn a_relay_seen_elsewhere_tells_new_pages_so_and_keeps_its_calls() {
    let mut host = Host::start().await;
    host.see("127.0.0.1");
    let (_stop, _running) = start(Relay::bind(anywhere(&host)).unwrap());
    let agent = Page::new(1, Seat::Agent).await;
    let customer = Page::without_udp(2, Seat::Customer);
    let (mut agent, mut customer) = call_between(&mut host, agent, customer).await;
    host.see("::ffff:198.51.100.7");
    host.cut().await;
    host.expect(hello).await;
    host.expect(lease).await;
    for protocol in ["udp", "tcp"] {
        let place = address_in_answer(&mut host, 2, protocol).await;
        assert_eq!(place, "198.51.100.7");
    }
    see_each_other(&mut agent, &mut customer, 50).await;
}

#[tokio::test]
async fn an_announced_address_is_not_replaced() {
    let mut host = Host::start().await;
    host.see("198.51.100.7");
    let mut config = anywhere(&host);
    config.announce = Some(vec!["203.0.113.9:3478".parse().unwrap()]);
    let (_stop, _running) = start(Relay::bind(config).unwrap());
    let said = host.expect(hello).await;
    let announced = "203.0.113.9:3478".parse().unwrap();
    assert!(matches!(said, RelaySays::Hello { media, .. } if media == [announced]));
    host.expect(lease).await;
    assert_eq!(address_in_answer(&mut host, 1, "udp").await, "203.0.113.9");
    // TCP was left to the host.
    assert_eq!(address_in_answer(&mut host, 1, "tcp").await, "198.51.100.7");
}

#[tokio::test]
async fn tcp_that_is_reached_nowhere_does_not_hold_back_udp() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.learn_address = true;
    // Of another family than the address at which the host sees the relay.
    config.media_tcp_listen = vec!["[::]:0".parse().unwrap()];
    host.see("198.51.100.7");
    let (_stop, _running) = start(Relay::bind(config).unwrap());
    let (mut agent, mut customer) = call(&mut host).await;
    see_each_other(&mut agent, &mut customer, 20).await;
}

#[test]
fn over_tcp_a_relay_is_where_it_is_over_udp_unless_it_is_told_otherwise() {
    let at = |text: &str| vec![text.parse().unwrap()];
    let mut config = Config::new("ws://127.0.0.1:1/ws", Box::new(String::new));
    config.media_listen = at("0.0.0.0:3478");
    config.announce = Some(at("203.0.113.9:4000"));
    let mut told = |listen: Option<&str>, announce: Option<&str>| {
        config.media_over_tcp(listen.map(at), announce.map(at));
        let announced = config.announce_tcp.as_ref().unwrap()[0];
        (config.media_tcp_listen[0], announced)
    };
    for (listen, announce, expected) in [
        (None, None, ("0.0.0.0:3478", "203.0.113.9:4000")),
        (Some("0.0.0.0:443"), None, ("0.0.0.0:443", "203.0.113.9:0")),
        (
            None,
            Some("203.0.113.7:5"),
            ("0.0.0.0:3478", "203.0.113.7:5"),
        ),
    ] {
        let (listens, announces) = expected;
        let expected = (listens.parse().unwrap(), announces.parse().unwrap());
        assert_eq!(told(listen, announce), expected);
    }
}
