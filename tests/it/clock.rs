//! The clock of the machine is set while people are in a call, and before the start. libfaketime
//! (Debian's package `faketime`) sets it for the one process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sightline_wire::{EventKind, PublicFact};
use tokio::time::{Instant, sleep};

use crate::world::{Call, World, sightline};

/// Longest wait for a line in the log of the binary.
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds the library, unless this machine cannot have it.
fn library() -> Option<String> {
    let found = std::fs::read_dir("/usr/lib").into_iter().flatten();
    let found = found
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the package faketime is missing"
        );
        println!("not shown here: the package faketime is not installed");
    }
    Some(found?.to_str()?.to_owned())
}

/// A world whose process reads its time of day from a file.
struct Faked {
    world: World,
    file: PathBuf,
}

impl Faked {
    fn start() -> Option<Self> {
        let library = library()?;
        let mut world = World::start_with(&["--log", "info"]);
        world.kill();
        let file = world.folder().join("faked");
        world.variables = vec![
            ("LD_PRELOAD", library),
            ("FAKETIME_TIMESTAMP_FILE", file.to_str()?.to_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // The running time stays true, as on a machine whose clock is set.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ];
        let mut faked = Self { world, file };
        faked.set("+0");
        faked.world.restart();
        Some(faked)
    }

    /// Sets the clock, such as to `+20m`.
    fn set(&self, offset: &str) {
        // A reader never sees half of it.
        let draft = self.file.with_extension("new");
        std::fs::write(&draft, offset).unwrap();
        std::fs::rename(&draft, &self.file).unwrap();
    }

    /// Starts in the next year. Once it runs, its clocks go 300 times as fast.
    fn restart_in_next_year(&mut self, variables: &[(&'static str, String)]) {
        self.set("+1y");
        self.world.variables = variables.to_vec();
        self.world.restart();
        self.set("+1y x300");
    }

    async fn clock_is_believed(&self) -> bool {
        let health: Value = self.world.get("/healthz").await.json();
        let parts = health["parts"].as_array().unwrap();
        let clock = parts.iter().find(|part| part["name"] == "clock").unwrap();
        clock["ok"].as_bool().unwrap()
    }
}

/// Both sides speak; their sockets stay, nothing ends, no time goes back.
async fn goes_on(world: &World, call: &mut Call, at: &str) {
    for page in [&mut call.agent_page, &mut call.customer_page] {
        let done = page.say(at).await;
        assert!(done.is_ok_and(|done| done.refused.is_none()), "{at}");
    }
    let log = world.log(&call.agent, call.session).await;
    assert!(log.is_sorted_by_key(|event| event.at_ms), "{at}");
    let ended = |event: &sightline_wire::Event| {
        matches!(
            event.kind,
            EventKind::Public(PublicFact::Ended { .. } | PublicFact::Lost { .. })
        )
    };
    assert!(!log.iter().any(ended), "{at}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_on_and_an_invite_waits_whatever_the_clock_does() {
    let Some(mut faked) = Faked::start() else {
        return;
    };
    let mut call = faked.world.call().await;
    faked.world.invite(&call.agent, "+4915112345679").await;
    let waiting = faked.world.last_sms().await.link;
    let steps = [
        "+20m", "-20m", "+1h", "-1h", "+1d", "-1d", "+40d", "-1y", "+0",
    ];
    for step in steps {
        faked.set(step);
        goes_on(&faked.world, &mut call, step).await;
        let look: Value = faked.world.look(&waiting).await.json();
        assert_eq!(look["state"], "valid", "{step}");
    }
    // A burst after a step back empties no bucket for long.
    faked.set("-1h");
    for line in 0..80 {
        call.agent_page.say(&format!("burst {line}")).await.unwrap();
        sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((call.agent_page.dials, call.customer_page.dials), (1, 1));
    assert!(!faked.clock_is_believed().await, "it went back");
    assert_eq!(faked.world.get("/healthz").await.status, 200, "calls work");

    // The machine sleeps, and wakes with another time.
    faked.world.signal("STOP");
    faked.set("+20m");
    sleep(Duration::from_millis(100)).await;
    faked.world.signal("CONT");
    goes_on(&faked.world, &mut call, "asleep").await;

    // The clock was set while the desk was down.
    faked.world.kill();
    faked.set("+2h");
    faked.world.restart();
    goes_on(&faked.world, &mut call, "restarted").await;
    let look: Value = faked.world.look(&waiting).await.json();
    assert_eq!(look["state"], "valid");
    faked.world.sign_in().await;
    assert!(faked.clock_is_believed().await);
}

fn clock_is_right(folder: &Path) -> Command {
    let mut command = sightline();
    command.args(["clock-is-right", "--data"]).arg(folder);
    command
}

/// All clocks of the process run 300 times as fast, so that its sweeps come every second. They do
/// once it has started: the relay has 10 s to connect, which would be 33 ms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_next_years_date_erases_nothing_until_it_is_confirmed() {
    let Some(mut faked) = Faked::start() else {
        return;
    };
    let call = faked.world.call().await;
    let before = faked.world.log(&call.agent, call.session).await;
    faked.world.terminate();
    let honest = faked.world.variables.clone();
    // Its running time goes with the time of day.
    let mut fast = honest.clone();
    fast.retain(|(name, _)| *name != "FAKETIME_DONT_FAKE_MONOTONIC");
    let said = |world: &World, words: &str| {
        let said = world.said();
        said.iter().filter(|line| line.contains(words)).count()
    };

    faked.restart_in_next_year(&fast);
    // At the start, and at each sweep.
    waits_for(|| said(&faked.world, "nothing is erased until") >= 3).await;
    faked.world.kill();
    assert_eq!(said(&faked.world, "erased: "), 0);

    faked.set("+0");
    faked.world.variables = honest;
    faked.world.restart();
    let log = faked.world.log(&call.agent, call.session).await;
    assert_eq!(log[..before.len()], before);
    faked.world.terminate();

    faked.restart_in_next_year(&fast);
    waits_for(|| said(&faked.world, "nothing is erased until") >= 5).await;
    let mut confirm = clock_is_right(faked.world.folder());
    confirm.envs(fast);
    assert!(confirm.output().unwrap().status.success());
    waits_for(|| {
        said(
            &faked.world,
            "erased: their delete date has passed sessions=1",
        ) == 1
    })
    .await;
    assert_eq!(said(&faked.world, "the clock is believed"), 1);
}

async fn waits_for(done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "it never came");
        sleep(Duration::from_millis(50)).await;
    }
}
