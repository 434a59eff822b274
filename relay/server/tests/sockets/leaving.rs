//! A relay that stops while calls run.

use std::time::Duration;

use sightline_relay::Relay;
use sightline_wire::{RelayHears, RelaySays, Seat};

use crate::host::Host;
use crate::{call, config, see_each_other, session, start};

#[tokio::test]
async fn a_call_moves_to_another_relay_before_it_ends_on_the_one_that_leaves() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.patience = Duration::from_secs(60);
    let leaving = Relay::bind(config).unwrap();
    let id = leaving.id();
    let (stop, running) = start(leaving);
    let (mut agent, mut customer) = call(&mut host).await;
    host.heard();
    drop(stop);
    let mut reported = vec![];
    while reported.len() < 3 {
        match host.expect(|_| true).await {
            RelaySays::Lease { draining, .. } => {
                assert!(draining);
                reported.push(None);
            }
            RelaySays::Leaving { relay, seat, .. } => {
                assert_eq!(relay, id);
                reported.push(Some(seat));
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    reported.sort_by_key(|seat| *seat == Some(Seat::Customer));
    for wanted in [None, Some(Seat::Agent), Some(Seat::Customer)] {
        assert!(reported.contains(&wanted), "{reported:?}");
    }
    // The host gives the room to the other one.
    let mut elsewhere = Host::start().await;
    let (_stop, _running) = start(Relay::bind(crate::config(&elsewhere)).unwrap());
    host.say(RelayHears::Close {
        session: session(),
        epoch: 1,
    })
    .await;
    let moving = async {
        let (mut agent, mut customer) = call(&mut elsewhere).await;
        see_each_other(&mut agent, &mut customer, 20).await;
    };
    let staying = see_each_other(&mut agent, &mut customer, 100);
    tokio::join!(moving, staying);
    assert!(!running.is_finished());
    agent.leave().await;
    customer.leave().await;
    tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .expect("no page is left")
        .unwrap();
}
