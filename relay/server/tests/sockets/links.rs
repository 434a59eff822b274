//! The link home: over TLS, and replaced before its time is up.

use std::time::Duration;

use sightline_relay::{BindError, Config, Relay, RelayKey, Rotation};
use sightline_wire::{MESSAGE_BYTES_MAX, PageId, RelayHears, RelaySays, Sdp, Seat, ToRelay};

use crate::host::{Host, Single};
use crate::{config, session, start};

fn root() -> std::path::PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/root.pem").into()
}

#[tokio::test]
async fn a_host_behind_tls_is_dialled_by_name_with_a_token_of_the_relays_own() {
    let mut host = Host::start_with_tls().await;
    let key = RelayKey::from_secret("a secret of the tests");
    let token = Box::new(move || key.token(1_800_000_000));
    let mut config = Config::new(&host.url_by_name(), token);
    config.home_root = Some(root());
    let relay = Relay::bind(config).unwrap();
    let id = relay.id();
    let (_stop, _running) = start(relay);
    host.expect(|says| matches!(says, RelaySays::Hello { relay, .. } if *relay == id))
        .await;
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let token = host.token().unwrap();
    assert!(token.starts_with("Bearer 1.eyJ"), "it has claims and a MAC");
}

#[tokio::test]
async fn a_host_without_a_trusted_certificate_receives_nothing() {
    // The right name, but no root certificate that the relay trusts.
    let host = Host::start_with_tls().await;
    let _by_root = start(Relay::bind(config(&host)).unwrap());
    host.strangers(2).await;
    assert_eq!(host.token(), None);
    // The right root certificate, but another name.
    let host = Host::start_with_tls().await;
    let url = host.url().replace("127.0.0.1", "127.0.0.2");
    let mut by_name = Config::new(&url, Box::new(String::new));
    by_name.home_root = Some(root());
    let _by_name = start(Relay::bind(by_name).unwrap());
    host.strangers(2).await;
    assert_eq!(host.token(), None);
}

#[test]
fn a_root_file_that_is_not_there_is_named() {
    let mut config = Config::new("wss://example.com/ws", Box::new(String::new));
    config.home_root = Some("/nowhere/root.pem".into());
    let refused = Relay::bind(config).err().unwrap();
    assert!(matches!(refused, BindError::HomeRoot { .. }));
    assert!(refused.to_string().contains("/nowhere/root.pem"));
}

/// An offer that is always refused. The refusal shows that it arrived.
fn offer(attempt: u32) -> RelayHears {
    RelayHears::Offer {
        session: session(),
        epoch: 1,
        seat: Seat::Agent,
        page: PageId::from_bytes([1; 16]),
        attempt,
        speaks: true,
        since: 0,
        sdp: Sdp::new("v=0".to_owned()).unwrap(),
    }
}

#[tokio::test]
async fn fifty_changes_of_the_link_lose_no_offer_and_no_answer() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.rotation = Rotation {
        after: Duration::from_millis(60),
        jitter: Duration::from_millis(20),
        overlap: Duration::from_millis(200),
    };
    let relay = Relay::bind(config).unwrap();
    let counters = relay.counters();
    let (stop, running) = start(relay);
    host.hellos(1).await;
    let mut offered = 0;
    let mut heard = vec![];
    let offering = async {
        loop {
            offered += 1;
            host.say(offer(offered)).await;
            heard.extend(host.heard());
            tokio::time::sleep(Duration::from_millis(3)).await;
            if counters.snapshot().welcomes > 50 {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), offering)
        .await
        .expect("the link is changed fifty times");
    while heard.iter().filter(|says| is_refusal(says)).count() < offered as usize {
        heard.push(host.expect(is_refusal).await);
    }
    let mut attempts: Vec<u32> = heard
        .iter()
        .filter_map(|says| match says {
            RelaySays::Refused { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .collect();
    attempts.sort_unstable();
    assert_eq!(attempts, (1..=offered).collect::<Vec<_>>(), "each once");
    assert!(offered > 50, "{offered} offers");
    assert!(counters.snapshot().at_home);
    host.hellos(51).await;
    // The current link still works; the links before it are closed.
    drop(stop);
    running.await.unwrap();
    host.links(0).await;
}

fn is_refusal(says: &RelaySays) -> bool {
    matches!(says, RelaySays::Refused { .. })
}

#[tokio::test]
async fn after_a_change_one_link_is_left_and_it_has_the_lease() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.rotation = Rotation {
        after: Duration::from_millis(700),
        jitter: Duration::ZERO,
        overlap: Duration::from_millis(50),
    };
    let relay = Relay::bind(config).unwrap();
    let (_stop, _running) = start(relay);
    host.hellos(2).await;
    host.links(1).await;
    host.say(offer(9)).await;
    let said = host.expect(is_refusal).await;
    assert!(matches!(said, RelaySays::Refused { attempt: 9, .. }));
}

#[tokio::test]
async fn where_no_fresh_link_can_be_had_the_one_in_use_goes_on() {
    // A host that accepts one link and then no further one.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let mut config = Config::new(&url, Box::new(|| "a-token".to_owned()));
    config.rotation = Rotation {
        after: Duration::from_millis(50),
        jitter: Duration::ZERO,
        overlap: Duration::ZERO,
    };
    let relay = Relay::bind(config).unwrap();
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let (stream, _) = listener.accept().await.unwrap();
    let mut link = Single::greet(stream).await;
    let mut refused = vec![];
    for _ in 0..3 {
        // Closed at once: the dial fails.
        refused.push(listener.accept().await.unwrap().1);
    }
    assert_eq!(refused.len(), 3, "it tries again and again");
    assert!(counters.snapshot().at_home);
    assert_eq!(counters.snapshot().welcomes, 1);
    link.say(offer(3)).await;
    let said = link.hear().await;
    assert!(matches!(said, RelaySays::Refused { attempt: 3, .. }));
}

#[tokio::test]
async fn finding_1_a_long_word_of_the_host_is_skipped_and_counted_and_the_link_goes_on() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let relay = Relay::bind(Config::new(&url, Box::new(|| "a-token".to_owned()))).unwrap();
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let (stream, _) = listener.accept().await.unwrap();
    let mut link = Single::greet(stream).await;
    let words = serde_json::to_string(&ToRelay::Relay(offer(1))).unwrap();
    // White space around it: a word of the protocol, but for its length.
    for bytes in [MESSAGE_BYTES_MAX + 1, 2 * MESSAGE_BYTES_MAX, 128 * 1024] {
        let filler = " ".repeat(bytes - words.len());
        link.say_text(format!("{words}{filler}")).await;
    }
    link.say_text("{}".to_owned()).await;
    let filler = " ".repeat(MESSAGE_BYTES_MAX - words.len());
    link.say_text(format!("{words}{filler}")).await;
    let said = link.hear().await;
    assert!(matches!(said, RelaySays::Refused { attempt: 1, .. }));
    link.say(offer(2)).await;
    let said = link.hear().await;
    assert!(matches!(said, RelaySays::Refused { attempt: 2, .. }));
    let numbers = counters.snapshot();
    assert_eq!((numbers.messages_skipped, numbers.welcomes), (4, 1));
}
