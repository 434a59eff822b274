//! Media over TCP, where a network blocks UDP.

use std::time::Duration;

use sightline_relay::{Config, Relay};
use sightline_wire::Seat;

use crate::host::Host;
use crate::page::Page;
use crate::{call_between, config, see_each_other, start};

#[tokio::test]
async fn a_page_without_udp_sees_and_is_seen_and_its_connection_ends_with_it() {
    let mut host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let agent = Page::new(1, Seat::Agent).await;
    let customer = Page::without_udp(2, Seat::Customer);
    let (mut agent, mut customer) = call_between(&mut host, agent, customer).await;
    assert_eq!(counters.snapshot().streams, 1);
    assert!(counters.snapshot().listens_tcp);
    see_each_other(&mut agent, &mut customer, 200).await;
    assert!(agent.media.iter().all(|from| *from == 2));
    customer.leave().await;
    let ends = async {
        while counters.snapshot().streams > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let within = tokio::time::timeout(Duration::from_secs(15), ends).await;
    within.expect("its page is gone");
}

#[tokio::test]
async fn two_pages_without_udp_notice_at_once_that_the_relay_is_gone() {
    let mut host = Host::start().await;
    let (stop, running) = start(Relay::bind(config(&host)).unwrap());
    let agent = Page::without_udp(1, Seat::Agent);
    let customer = Page::without_udp(2, Seat::Customer);
    let (mut agent, mut customer) = call_between(&mut host, agent, customer).await;
    drop(stop);
    let both = async {
        tokio::join!(
            agent.run_until(|page| page.closed),
            customer.run_until(|page| page.closed)
        );
    };
    let within = tokio::time::timeout(Duration::from_secs(3), both).await;
    within.expect("the close arrives");
    running.await.unwrap();
}

#[tokio::test]
async fn without_a_tcp_port_media_over_tcp_is_disabled() {
    let mut host = Host::start().await;
    let mut config: Config = config(&host);
    config.media_tcp_listen.clear();
    let relay = Relay::bind(config).unwrap();
    assert!(relay.media_tcp_addresses().is_empty());
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let agent = Page::new(1, Seat::Agent).await;
    let customer = Page::new(2, Seat::Customer).await;
    let (mut agent, mut customer) = call_between(&mut host, agent, customer).await;
    see_each_other(&mut agent, &mut customer, 20).await;
    assert!(!counters.snapshot().listens_tcp);
}
