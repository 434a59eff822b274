//! The program itself: its arguments, its health, its exit.

use std::process::Stdio;
use std::time::{Duration, Instant};

use sightline_wire::{PageId, RelayHears, RelaySays, Sdp, Seat};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::host::Host;
use crate::session;

const SECRET: &str = "a secret that is in no log";

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sightline-relay"));
    program
        .env_clear()
        .env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1")
        .kill_on_drop(true);
    program
}

fn relay(home: &str, arguments: &[&str]) -> Child {
    program()
        .args(["--home", home, "--media", "127.0.0.1:0"])
        .args(arguments)
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn terminate(relay: &Child) {
    let id = relay.id().unwrap().to_string();
    let done = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(done.unwrap().success());
}

async fn ends(relay: &mut Child, within: Duration) -> (Option<i32>, Duration) {
    let begun = Instant::now();
    let status = tokio::time::timeout(within, relay.wait()).await;
    let status = status.expect("it ends in time").unwrap();
    (status.code(), begun.elapsed())
}

#[tokio::test]
async fn it_runs_is_healthy_and_ends_on_a_signal() {
    let mut host = Host::start().await;
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let health = free.local_addr().unwrap().to_string();
    drop(free);
    let mut relay = relay(&host.url(), &["--health-listen", &health]);
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let ask = || {
        program()
            .arg("--health")
            .env("SIGHTLINE_HEALTH", &health)
            .stdout(Stdio::null())
            .status()
    };
    assert!(ask().await.unwrap().success());
    terminate(&relay).await;
    let (code, _) = ends(&mut relay, Duration::from_secs(5)).await;
    assert_eq!(code, Some(0));
    assert_eq!(ask().await.unwrap().code(), Some(1));
    let mut log = String::new();
    let mut stdout = relay.stdout.take().unwrap();
    stdout.read_to_string(&mut log).await.unwrap();
    assert!(log.contains("relay listens"), "{log}");
    assert!(!log.contains(SECRET) && !log.contains("Bearer"), "{log}");
    let shown = host.token().unwrap();
    assert!(!log.contains(shown.strip_prefix("Bearer ").unwrap()));
}

#[tokio::test]
async fn it_takes_a_key_or_a_token_and_not_both() {
    let refused = |arguments: &'static [&str]| {
        program()
            .args(["--home", "ws://127.0.0.1:9/ws"])
            .args(arguments)
            .stderr(Stdio::null())
            .status()
    };
    for arguments in [
        &[][..],
        &["--key", "a", "--token", "b"],
        &["--key", ""],
        &["--health"],
    ] {
        let status = refused(arguments).await.unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_host_that_never_answers_does_not_hold_up_the_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let mut relay = relay(&url, &[]);
    let (_stuck, _) = listener.accept().await.unwrap();
    terminate(&relay).await;
    let (code, took) = ends(&mut relay, Duration::from_secs(5)).await;
    assert_eq!(code, Some(0), "after {took:?}");
}

#[tokio::test]
async fn a_relay_whose_threads_are_stuck_ends_ten_seconds_after_its_patience() {
    let host = Host::start().await;
    // Its log is not read, and each refusal is a line: at some point every thread waits to write
    // one.
    let mut relay = relay(&host.url(), &["--patience-s", "0"]);
    host.hellos(1).await;
    let flood = async {
        for attempt in 0..3_000 {
            host.say(RelayHears::Offer {
                session: session(),
                epoch: 1,
                seat: Seat::Agent,
                page: PageId::from_bytes([1; 16]),
                attempt,
                speaks: true,
                sdp: Sdp::new("v=0".to_owned()).unwrap(),
            })
            .await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), flood)
        .await
        .expect("the host can say it all");
    terminate(&relay).await;
    let (code, took) = ends(&mut relay, Duration::from_secs(12)).await;
    assert_eq!(code, Some(1), "the last means, after {took:?}");
    assert!(took > Duration::from_secs(8), "{took:?}");
}
