//! What a relay costs: the same calls through some relays, one after the other, on one core.
//!
//! ```text
//! cost                    # two calls for a moment: do all relays forward, is the table made?
//! cost measure            # CALLS=50 ROUNDS=3 SECONDS=10
//!                         # RELAYS=null,bare,estimate,ours,halves,janus
//! cost capacity           # calls of one virtual CPU of this machine
//! cost relay null|bare|estimate    # one of the relays to compare with, for the program itself
//! ```
//!
//! The null relay is what no relay can save: receive, unprotect, protect, send. Between it and ours
//! stands str0m with nothing around it, as its documentation says to use it: without and with
//! estimate, pacing and two idle data channels. Ours is the real program, with one thread and with
//! two that share the processor. Janus is a relay of others, measured where it is installed: its
//! EchoTest sends pages their own media back.
//!
//! Ours may be another build of it, to compare with: RELAY_PROGRAM=path.
//!
//! The calls are those of `calls.rs`. Where there are two processors, and `taskset`, the relay has
//! one of its own, and the calls the other.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring program: a panic is how it fails, it prints, and its time is real"
)]

mod bare;
mod calls;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/sockets/host.rs"]
mod host;
mod janus;
mod null;
mod process;
mod table;

use std::time::Duration;

use calls::Calls;
use process::{Kind, Process};
use table::{Row, Table};

/// How long calls run before they are measured: caches fill in three seconds, and str0m's estimate
/// grows from 600 kbit/s to what a call needs.
const WARM_UP: Duration = Duration::from_secs(6);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["relay", "null"] => null::run(),
        ["relay", kind] => run(bare::run(kind == "estimate")),
        ["measure", ..] => {
            pin();
            run(measure());
        }
        ["capacity", ..] => {
            pin();
            run(capacity());
        }
        // Cargo adds words of its own.
        _ => run(smoke()),
    }
}

fn run(what: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(what);
}

async fn measure() {
    let (calls, rounds) = (setting("CALLS", 50), setting("ROUNDS", 3));
    let time = Duration::from_secs(setting("SECONDS", 10) as u64);
    println!("{calls} calls, {rounds} rounds of {time:?} after {WARM_UP:?}");
    let names = std::env::var("RELAYS").unwrap_or_default();
    let wanted = |kind: &Kind| names.is_empty() || names.split(',').any(|name| name == kind.name());
    let kinds = relays(wanted);
    let mut table = Table::default();
    for round in 1..=rounds {
        for &kind in &kinds {
            let row = one(kind, calls, WARM_UP, time).await;
            println!("round {round}: {row}");
            table.add(kind, row);
        }
    }
    println!("\n{table}");
}

/// The relays to measure. Says which of them cannot be measured here.
fn relays(wanted: impl Fn(&Kind) -> bool) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for kind in Kind::ALL.into_iter().filter(wanted) {
        match kind.missing() {
            Some(why) => println!("{}: {why}", kind.name()),
            None => kinds.push(kind),
        }
    }
    kinds
}

/// Keeps the calls on a processor beside the relay's.
fn pin() {
    if process::has_own_core() {
        let id = std::process::id().to_string();
        let mut taskset = std::process::Command::new("taskset");
        taskset.args(["--all-tasks", "--cpu-list", "--pid", "0", &id]);
        let pinned = taskset.stdout(std::process::Stdio::null()).status();
        assert!(pinned.is_ok_and(|status| status.success()), "taskset works");
    }
}

/// Measures ours at 50 calls, and plays 70 % of what follows from it.
async fn capacity() {
    let calls = setting("CALLS", 50);
    let time = Duration::from_secs(setting("SECONDS", 10) as u64);
    let row = one(Kind::Ours, calls, WARM_UP, time).await;
    println!("{row}");
    let whole = row.calls_a_core();
    let most = (whole * 0.7) as usize;
    let row = one(Kind::Ours, most, WARM_UP, time).await;
    println!("{row}");
    println!(
        "a virtual CPU of this machine carries {whole:.0} calls; 70 % of it are {most}, at which"
    );
    println!(
        "{:.2} % of the packets were lost, and p99 of their delay was {:.1} ms",
        row.lost() * 100.0,
        row.p99_us / 1_000.0
    );
}

/// Shows that the measurement works. The figures of half a second mean nothing.
async fn smoke() {
    let kinds = relays(|_| true);
    let mut table = Table::default();
    for &kind in &kinds {
        let moment = Duration::from_millis(500);
        let row = one(kind, 2, moment, moment).await;
        // Of 400, of which str0m holds most back while it believes in 600 kbit/s.
        assert!(row.arrived >= 50, "{kind} forwards: {row}");
        table.add(kind, row);
    }
    let lines = table.to_string();
    assert_eq!(lines.lines().count(), 2 + kinds.len(), "{lines}");
    println!("{lines}\ntest result: ok. 1 passed");
}

/// Plays calls through one relay.
async fn one(kind: Kind, calls: usize, warm_up: Duration, time: Duration) -> Row {
    let mut relay = Process::start(kind).await;
    let before = relay.memory();
    let calls = Calls::begin(&mut relay, calls).await;
    tokio::time::sleep(warm_up).await;
    calls.forget();
    let from = relay.time();
    tokio::time::sleep(time).await;
    let spent = relay.time() - from;
    let played = calls.played();
    let grown = relay.memory() - before;
    calls.end().await;
    relay.end().await;
    Row::new(spent, &played, grown, time)
}

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().expect("a number"))
}
