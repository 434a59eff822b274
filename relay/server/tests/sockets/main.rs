//! The relay with real sockets: a small host, two pages, media between them.

#![allow(clippy::disallowed_methods, reason = "real sockets live in real time")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows the helpers of a test binary as no tests"
)]

mod health;
mod host;
mod leaving;
mod links;
mod metrics;
mod own;
mod page;
mod places;
mod process;
mod storm;
mod streams;
mod threads;

use std::net::SocketAddr;
use std::time::Duration;

use host::Host;
use page::Page;
use sightline_relay::{BindError, Config, Relay};
use sightline_wire::{RelayHears, RelaySays, Seat, SessionId};
use tokio::sync::oneshot;

fn config(host: &Host) -> Config {
    Config::new(&host.url(), Box::new(|| "a-token".to_owned()))
}

fn session() -> SessionId {
    SessionId::from_bytes([1; 16])
}

/// Starts a relay; dropping or using the sender stops it.
fn start(relay: Relay) -> (oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let running = relay.run(async {
        let _ = stopped.await;
    });
    let running = tokio::spawn(async { running.await.expect("media runs until the end") });
    (stop, running)
}

/// Two pages that are connected and see each other.
async fn call(host: &mut Host) -> (Page, Page) {
    let agent = Page::new(1, Seat::Agent).await;
    let customer = Page::new(2, Seat::Customer).await;
    call_between(host, agent, customer).await
}

async fn call_between(host: &mut Host, mut agent: Page, mut customer: Page) -> (Page, Page) {
    for page in [&mut agent, &mut customer] {
        host.say(page.offer(session())).await;
        let answer = host
            .expect(|says| matches!(says, RelaySays::Answer { .. }))
            .await;
        page.take(answer).await;
    }
    see_each_other(&mut agent, &mut customer, 20).await;
    (agent, customer)
}

/// Each gets so many packets more.
async fn see_each_other(agent: &mut Page, customer: &mut Page, packets: usize) {
    let (at_agent, at_customer) = (agent.media.len() + packets, customer.media.len() + packets);
    let both = async {
        tokio::join!(
            agent.run_until(|p| p.seen(at_agent)),
            customer.run_until(|p| p.seen(at_customer))
        );
    };
    tokio::time::timeout(Duration::from_secs(10), both)
        .await
        .expect("each sees the other");
    assert!(!agent.closed && !customer.closed);
}

#[tokio::test]
async fn two_pages_see_each_other_and_the_host_is_greeted() {
    let mut host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let (id, media, counters) = (
        relay.id(),
        relay.media_addresses().to_vec(),
        relay.counters(),
    );
    let (stop, running) = start(relay);
    let hello = host
        .expect(|says| matches!(says, RelaySays::Hello { .. }))
        .await;
    assert_eq!(
        hello,
        RelaySays::Hello {
            relay: id,
            rooms_max: 200,
            media
        }
    );
    assert_eq!(host.token().as_deref(), Some("Bearer a-token"));
    host.expect_soon(RelaySays::Lease {
        relay: id,
        rooms: 0,
        draining: false,
    })
    .await;
    let (agent, customer) = call(&mut host).await;
    assert!(agent.media.iter().all(|from| *from == 2));
    assert!(customer.media.iter().all(|from| *from == 1));
    let latest = counters.snapshot();
    assert_eq!((latest.rooms, latest.participants), (1, 2));
    assert!(latest.packets_forwarded >= 40, "{latest:?}");
    assert!(latest.at_home);
    drop(stop);
    running.await.unwrap();
}

#[tokio::test]
async fn a_page_with_ipv6_alone_and_one_with_ipv4_alone_see_each_other() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.media_listen = ["127.0.0.1:0", "[::1]:0"]
        .map(|at| at.parse().unwrap())
        .into();
    let relay = Relay::bind(config).unwrap();
    let named = relay.media_addresses().iter();
    let families: Vec<bool> = named.map(SocketAddr::is_ipv6).collect();
    assert_eq!(families, [false, true], "a candidate of each");
    let (_stop, _running) = start(relay);
    let agent = Page::new(1, Seat::Agent).await;
    let customer = Page::on_ipv6(2, Seat::Customer);
    let (agent, customer) = call_between(&mut host, agent, customer).await;
    assert!(agent.media.iter().all(|from| *from == 2));
    assert!(customer.media.iter().all(|from| *from == 1));
}

#[tokio::test]
async fn a_cut_control_link_does_not_touch_the_media_and_hello_is_said_again() {
    let mut host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let (id, counters) = (relay.id(), relay.counters());
    let (_stop, _running) = start(relay);
    let (mut agent, mut customer) = call(&mut host).await;
    host.cut().await;
    see_each_other(&mut agent, &mut customer, 100).await;
    // The one of the start went by before the answers.
    host.expect(|says| matches!(says, RelaySays::Hello { .. }))
        .await;
    // Hello does not tell of the room that outlived the link.
    host.expect_soon(RelaySays::Lease {
        relay: id,
        rooms: 1,
        draining: false,
    })
    .await;
    while counters.snapshot().welcomes < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    host.say(RelayHears::Close {
        session: session(),
        epoch: 1,
    })
    .await;
    tokio::time::timeout(Duration::from_secs(5), agent.run_until(|p| p.closed))
        .await
        .expect("the new link carries words");
}

#[tokio::test]
async fn a_stop_is_prompt_and_pages_notice_at_once() {
    let mut host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let (stop, running) = start(relay);
    let (mut agent, mut customer) = call(&mut host).await;
    let begun = std::time::Instant::now();
    drop(stop);
    running.await.unwrap();
    let both = async {
        tokio::join!(
            agent.run_until(|p| p.closed),
            customer.run_until(|p| p.closed)
        );
    };
    tokio::time::timeout(Duration::from_secs(3), both)
        .await
        .expect("both notice");
    let took = begun.elapsed();
    println!("stopped and noticed after {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    host.expect(|says| matches!(says, RelaySays::Gone { .. }))
        .await;
    host.expect(|says| {
        matches!(
            says,
            RelaySays::Lease {
                draining: true,
                rooms: 0,
                ..
            }
        )
    })
    .await;
}

#[tokio::test]
async fn a_stop_without_a_host_is_prompt_too() {
    let config = Config::new("ws://127.0.0.1:9/ws", Box::new(String::new));
    let (stop, running) = start(Relay::bind(config).unwrap());
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(stop);
    tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .expect("prompt")
        .unwrap();
}

#[tokio::test]
async fn a_patient_relay_lets_a_call_end_by_itself() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.patience = Duration::from_secs(30);
    let (stop, running) = start(Relay::bind(config).unwrap());
    let (mut agent, mut customer) = call(&mut host).await;
    drop(stop);
    see_each_other(&mut agent, &mut customer, 50).await;
    assert!(!running.is_finished(), "it waits for the call");
    host.say(RelayHears::Close {
        session: session(),
        epoch: 1,
    })
    .await;
    // As pages do when they hear that the session is over.
    agent.leave().await;
    customer.leave().await;
    tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .expect("it leaves when the call is over")
        .unwrap();
}

#[tokio::test]
async fn a_second_relay_on_the_same_port_is_told_so() {
    let host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let mut second = config(&host);
    second.media_listen = relay.media_addresses().to_vec();
    let taken = relay.media_addresses()[0];
    match Relay::bind(second) {
        Err(error @ BindError::PortTaken(..)) => {
            let said = format!("media port {taken} is taken (udp)");
            assert_eq!(error.to_string(), said);
        }
        other => panic!("expected a taken port, got {:?}", other.err()),
    }
}

#[tokio::test]
async fn garbage_from_strangers_gets_no_answer() {
    let host = Host::start().await;
    let relay = Relay::bind(config(&host)).unwrap();
    let media = relay.media_addresses()[0];
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for n in 0..200_u8 {
        stranger.send_to(&[n; 100], media).await.unwrap();
    }
    while counters.snapshot().datagrams_foreign < 200 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(counters.snapshot().datagrams_out, 0);
}
