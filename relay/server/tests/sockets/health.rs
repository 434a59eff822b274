//! Health checks.

use sightline_relay::{HealthError, Relay, ask_health};
use sightline_wire::RelaySays;

use crate::host::Host;
use crate::{config, start};

#[tokio::test]
async fn a_relay_at_home_is_healthy_and_a_stopped_one_does_not_answer() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.health_listen = Some("127.0.0.1:0".parse().unwrap());
    let relay = Relay::bind(config).unwrap();
    let address = relay.health_address().unwrap();
    let ask = || tokio::task::spawn_blocking(move || ask_health(address));
    let (stop, running) = start(relay);
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    for _ in 0..3 {
        let health = ask().await.unwrap().unwrap();
        assert!(health.ok, "{health:?}");
        assert_eq!(health.parts.len(), 2);
    }
    drop(stop);
    running.await.unwrap();
    let answer = ask().await.unwrap();
    assert!(
        matches!(answer, Err(HealthError::NoAnswer(..))),
        "{answer:?}"
    );
}
