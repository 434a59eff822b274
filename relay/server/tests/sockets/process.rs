//! The program itself: its arguments, its health, its exit.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use sightline_wire::{RelayHears, RelaySays, Seat};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::host::Host;
use crate::page::Page;
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

pub(crate) fn relay(home: &str, arguments: &[&str]) -> Child {
    program()
        .args(["--home", home, "--media", "127.0.0.1:0"])
        .args(arguments)
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) async fn terminate(relay: &Child) {
    let id = relay.id().unwrap().to_string();
    let done = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(done.unwrap().success());
}

pub(crate) async fn ends(relay: &mut Child, within: Duration) -> (Option<i32>, Duration) {
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
    let (code, _) = ends(&mut relay, Duration::from_secs(8)).await;
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
async fn an_empty_variable_is_an_unset_one_and_a_mistyped_log_is_refused() {
    let mut host = Host::start().await;
    let mut child = program()
        .args(["--home", &host.url(), "--media", "127.0.0.1:0"])
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .envs(
            [
                "HOME_CA",
                "RELAY_TOKEN",
                "MEDIA_TCP",
                "NO_MEDIA_TCP",
                "ANNOUNCE",
                "ANNOUNCE_TCP",
                "ROOMS_MAX",
                "PATIENCE",
                "METRICS",
                "HEALTH",
                "LOG",
                "LOG_JSON",
            ]
            .map(|name| (format!("SIGHTLINE_{name}"), " ")),
        )
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    terminate(&child).await;
    assert_eq!(ends(&mut child, Duration::from_secs(8)).await.0, Some(0));

    let mistyped = program()
        .args(["--home", &host.url()])
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .env("SIGHTLINE_LOG", "loud")
        .output()
        .await
        .unwrap();
    assert_eq!(mistyped.status.code(), Some(2));
    let said = String::from_utf8_lossy(&mistyped.stderr);
    assert!(said.contains("\"loud\" is not a filter"), "{said}");
}

#[tokio::test]
async fn a_host_that_never_answers_does_not_hold_up_the_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let mut relay = relay(&url, &[]);
    let (_stuck, _) = listener.accept().await.unwrap();
    terminate(&relay).await;
    let (code, took) = ends(&mut relay, Duration::from_secs(8)).await;
    assert_eq!(code, Some(0), "after {took:?}");
}

#[tokio::test]
async fn a_relay_whose_threads_are_stuck_ends_ten_seconds_after_its_patience() {
    let host = Host::start().await;
    // Its log is not read, and somebody fills the pipe: every thread that writes a line waits.
    let (log, writer) = std::io::pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    let mut relay = program()
        .args(["--home", &host.url(), "--media", "127.0.0.1:0"])
        .args(["--patience-s", "0"])
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .stdout(Stdio::from(writer))
        .spawn()
        .unwrap();
    host.hellos(1).await;
    let filling = std::thread::spawn(move || while filler.write_all(&[b'x'; 4096]).is_ok() {});
    tokio::time::sleep(Duration::from_secs(1)).await;
    terminate(&relay).await;
    let (code, took) = ends(&mut relay, Duration::from_secs(30)).await;
    assert_eq!(code, Some(1), "the last means, after {took:?}");
    assert!(took > Duration::from_secs(8), "{took:?}");
    drop(log);
    filling.join().unwrap();
}

#[tokio::test]
async fn findings_3_and_g_a_page_that_babbles_writes_few_lines_and_none_has_a_password() {
    let mut host = Host::start().await;
    let mut relay = program()
        .args(["--home", &host.url(), "--media", "127.0.0.1:0"])
        .args(["--patience-s", "0"])
        .env("SIGHTLINE_RELAY_KEY", SECRET)
        .env("SIGHTLINE_LOG", "trace")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = relay.stdout.take().unwrap();
    let log = tokio::spawn(async move {
        let mut log = String::new();
        stdout.read_to_string(&mut log).await.map(|_| log)
    });
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let mut page = Page::new(1, Seat::Customer).await;
    let offer = page.offer(session());
    host.say(offer.clone()).await;
    let answer = host
        .expect(|says| matches!(says, RelaySays::Answer { .. }))
        .await;
    page.take(answer.clone()).await;
    page.babble(400).await;
    terminate(&relay).await;
    ends(&mut relay, Duration::from_secs(8)).await;
    let log = log.await.unwrap().unwrap();
    assert!(log.contains("room opened"), "{log}");
    let told = log.lines().filter(|line| line.contains("str0m")).count();
    assert_eq!(told, 0, "{log}");
    let (RelayHears::Offer { sdp: theirs, .. }, RelaySays::Answer { sdp: own, .. }) =
        (offer, answer)
    else {
        panic!("an offer and its answer");
    };
    for line in theirs.as_str().lines().chain(own.as_str().lines()) {
        if let Some(password) = line.strip_prefix("a=ice-pwd:") {
            assert!(!log.contains(password), "{log}");
        }
    }
}

/// The resident memory of a process, KiB.
pub(crate) fn resident(relay: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", relay.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let mut words = line.unwrap().split_whitespace();
    words.next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn finding_2a_a_page_of_a_hundred_thousand_streams_costs_less_than_six_mebibytes() {
    let mut host = Host::start().await;
    let mut relay = relay(&host.url(), &["--patience-s", "0"]);
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let mut page = Page::new(1, Seat::Customer).await;
    host.say(page.offer(session())).await;
    let answer = host
        .expect(|says| matches!(says, RelaySays::Answer { .. }))
        .await;
    page.take(answer).await;
    page.babble(100).await;
    let before = resident(&relay);
    page.pose_as(100_000).await;
    page.run_until(|_| true).await;
    let grown = resident(&relay).saturating_sub(before);
    println!("{grown} KiB more");
    assert!(grown < 6 * 1024, "{grown} KiB more");
    terminate(&relay).await;
    ends(&mut relay, Duration::from_secs(8)).await;
}
