//! What the store promises beyond the ports' contract: durability, refusals, shared syncs.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redb::ReadableTable as _;
use sightline_host::ports::{
    Attachments, Commit, Committed, ConnectionKey, Directory, Entries, Relays, Sessions, Sms,
    SmsOut, SpentTokens,
};
use sightline_host::records::{Assignment, Attachment, CallSummary, InviteHash};
use sightline_host::{Host, HostConfig, Keys};
use sightline_session::{Event, Fact, SmsState, State};
use sightline_wire::{
    AgentId, ChatText, DisplayName, Language, PageId, PhoneNumber, PublicFact, Reference, RelayId,
    Seat, Seats, SessionId,
};

use super::failure::DatabaseFailure;
use super::{FORMAT, OpenError, Store, tables};
use crate::background::sweep_once;
use crate::clock::DeskClock;
use crate::data::DATABASE;
use crate::desk::Desk;
use crate::objects::Objects;
use crate::scratch::Scratch;

const NOW_MS: u64 = 1_800_000_000_000;
const DELETE_AT_S: u64 = NOW_MS / 1_000 + 60;

fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

fn state(revision: u32) -> State {
    State {
        revision,
        head: revision,
        head_at_ms: NOW_MS,
        dates_ahead_ms: 0,
        began_at_ms: NOW_MS,
        agent: AgentId::from_bytes([7; 16]),
        agent_name: DisplayName::new("Grace").unwrap(),
        number: Some(PhoneNumber::new("+4915112345678").unwrap()),
        reference: Reference::new("REF-12345").unwrap(),
        language: Language::new("en").unwrap(),
        expires_at_ms: NOW_MS + 1,
        ends_at_ms: NOW_MS + 2,
        sms: SmsState::default(),
        links: 0,
        links_renewed: 0,
        leading: Vec::new(),
        link_opened: false,
        lobby: None,
        seats: Seats::default(),
        utc_offset: None,
        pictures: Vec::new(),
        sent: Vec::new(),
        uploads: Vec::new(),
        board: None,
        asking: None,
        located: None,
        joined_at_ms: None,
        ended: None,
        notes: Vec::new(),
        ended_at_ms: None,
    }
}

fn commit(number: u8, revision: u32) -> Commit {
    let state = state(revision);
    Commit {
        session: session(number),
        expected: revision.checked_sub(1).filter(|expected| *expected > 0),
        summary: Some(CallSummary::of(session(number), &state)),
        summary_delete_at_s: DELETE_AT_S,
        beside: Vec::new(),
        deliveries: Vec::new(),
        uncounted: None,
        entries: Entries::default(),
        state,
        events: vec![Event {
            seq: revision,
            at_ms: NOW_MS,
            fact: Fact::Public(PublicFact::Said {
                seat: Seat::Agent,
                text: ChatText::new(&format!("line {revision}")).unwrap(),
            }),
        }],
        invites: if revision == 1 {
            vec![InviteHash([number; 32])]
        } else {
            Vec::new()
        },
        delete_at_s: DELETE_AT_S,
    }
}

fn attachment(connection: &str) -> Attachment {
    Attachment {
        connection: ConnectionKey(connection.to_owned()),
        page: PageId::from_bytes([1; 16]),
        heard_at_ms: NOW_MS,
        closed_at_ms: None,
    }
}

fn open(scratch: &Scratch, now_ms: u64) -> Store {
    Store::open(scratch.path(), now_ms).unwrap()
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    for revision in 1..=3 {
        assert_eq!(store.commit(commit(1, revision)).await, Ok(Committed::Done));
    }
    let assignment = Assignment {
        relay: RelayId::from_bytes([5; 16]),
        epoch: 1,
    };
    assert_eq!(store.assign(session(1), assignment).await, Ok(assignment));
    let sms = Sms {
        to: PhoneNumber::new("+4915112345678").unwrap(),
        text: "come http://x/j#1".to_owned(),
        link: "http://x/j#1".to_owned(),
        language: Language::new("en").unwrap(),
    };
    store.send(sms, NOW_MS).await.unwrap();
    assert_eq!(store.spend(b"token", NOW_MS + 1).await, Ok(true));
    store.close();

    let store = open(&scratch, NOW_MS);
    let loaded = store.load(session(1), NOW_MS).await.unwrap().unwrap();
    assert_eq!((loaded.state, loaded.delete_at_s), (state(3), DELETE_AT_S));
    assert_eq!(store.events(session(1), 1, 10).await.unwrap().len(), 2);
    assert_eq!(
        store.by_invite(InviteHash([1; 32]), NOW_MS).await,
        Ok(Some(session(1)))
    );
    assert_eq!(
        store
            .by_agent(AgentId::from_bytes([7; 16]), 9, NOW_MS)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.assigned(session(1)).await, Ok(Some(assignment)));
    assert_eq!(store.outbox().await.unwrap().len(), 1);
    assert_eq!(store.spend(b"token", NOW_MS + 1).await, Ok(false));
}

#[tokio::test]
async fn what_was_attached_before_a_restart_counts_as_closed_at_its_time() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    let (agent, customer) = (attachment("a"), attachment("b"));
    assert_eq!(
        store.attach(session(1), Seat::Agent, agent.clone()).await,
        Ok(None)
    );
    assert_eq!(
        store
            .attach(session(1), Seat::Customer, customer.clone())
            .await,
        Ok(None)
    );
    assert_eq!(
        store
            .touch(
                session(1),
                Seat::Customer,
                &customer.connection,
                NOW_MS + 5,
                true
            )
            .await,
        Ok(true)
    );
    store.close();

    let store = open(&scratch, NOW_MS + 100);
    let seats = store.attachments.of(session(1));
    assert_eq!(
        seats.get(Seat::Agent).as_ref().unwrap().closed_at_ms,
        Some(NOW_MS + 100)
    );
    assert_eq!(
        seats.get(Seat::Customer).as_ref().unwrap().closed_at_ms,
        Some(NOW_MS + 5)
    );
}

#[tokio::test]
async fn when_pages_were_heard_survives_a_kill() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    let there = attachment("a");
    store
        .attach(session(1), Seat::Agent, there.clone())
        .await
        .unwrap();
    assert_eq!(
        store
            .touch(
                session(1),
                Seat::Agent,
                &there.connection,
                NOW_MS + 7,
                false
            )
            .await,
        Ok(true)
    );
    store.flush_attachments();
    // A commit waits for all work queued before it.
    store.commit(commit(1, 1)).await.unwrap();

    // A killed process leaves the file as it is.
    let left = Scratch::new();
    let copy = |folder: &Scratch| folder.path().join(DATABASE);
    std::fs::copy(copy(&scratch), copy(&left)).unwrap();
    let store = open(&left, NOW_MS + 100);
    let seats = store.attachments.of(session(1));
    assert_eq!(
        seats
            .get(Seat::Agent)
            .clone()
            .map(|seat| (seat.heard_at_ms, seat.closed_at_ms)),
        Some((NOW_MS + 7, Some(NOW_MS + 100)))
    );
}

#[tokio::test]
async fn many_commits_at_once_are_each_conditional() {
    let scratch = Scratch::new();
    let store = Arc::new(open(&scratch, NOW_MS));
    let rivals = (0..40).map(|rival| {
        let store = store.clone();
        tokio::spawn(async move { store.commit(commit(rival % 4, 1)).await.unwrap() })
    });
    let mut done = 0;
    for rival in rivals.collect::<Vec<_>>() {
        done += u32::from(rival.await.unwrap() == Committed::Done);
    }
    assert_eq!(done, 4, "one winner a session");
}

#[tokio::test]
async fn a_session_past_its_date_is_hidden_and_then_swept_with_all_its_records() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    for number in 0..120 {
        store.commit(commit(number, 1)).await.unwrap();
    }
    let later = Commit {
        delete_at_s: DELETE_AT_S + 1,
        summary_delete_at_s: DELETE_AT_S + 1,
        ..commit(200, 1)
    };
    store.commit(later).await.unwrap();
    store
        .attach(session(1), Seat::Agent, attachment("a"))
        .await
        .unwrap();
    let past_ms = DELETE_AT_S * 1_000;
    assert!(store.load(session(1), past_ms - 1).await.unwrap().is_some());
    assert!(store.load(session(1), past_ms).await.unwrap().is_none());
    assert_eq!(
        store.by_invite(InviteHash([1; 32]), past_ms).await,
        Ok(None)
    );

    assert_eq!(store.open_sessions(past_ms - 1).await.unwrap().len(), 121);
    assert_eq!(store.sweep(past_ms - 1, past_ms - 1).await, Ok(Vec::new()));
    let mut swept = store.sweep(past_ms, past_ms).await.unwrap();
    swept.sort();
    assert_eq!(swept, (0..120).map(session).collect::<Vec<_>>());
    assert_eq!(store.sweep(past_ms, past_ms).await, Ok(Vec::new()));
    let asked = vec![session(1), session(200)];
    assert_eq!(store.unknown(asked).await, Ok(vec![session(1)]));
    assert!(store.events(session(1), 0, 10).await.unwrap().is_empty());
    assert_eq!(store.attachments.of(session(1)), Seats::default());
    assert_eq!(
        store
            .by_agent(AgentId::from_bytes([7; 16]), 999, past_ms)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(store.load(session(200), past_ms).await.unwrap().is_some());
}

#[tokio::test]
async fn one_record_that_cannot_be_read_does_not_stop_the_sweep() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    let past_ms = DELETE_AT_S * 1_000;
    store.commit(commit(1, 1)).await.unwrap();
    for number in 2..=5 {
        let mut overdue = Commit {
            delete_at_s: DELETE_AT_S + 1,
            summary_delete_at_s: DELETE_AT_S + 1,
            ..commit(number, 1)
        };
        // Also by the wall clock, which the sweep reads.
        overdue.state.expires_at_ms = 1;
        overdue.state.ends_at_ms = 2;
        store.commit(overdue).await.unwrap();
    }
    // Session 2 has lost its summary, session 3 its state.
    let spoil = |transaction: &redb::WriteTransaction| {
        let row = (DELETE_AT_S + 1, b"?".as_slice());
        let key = (&[7; 16], u64::MAX - NOW_MS, &[2; 16]);
        transaction
            .open_table(tables::SUMMARIES)?
            .insert(key, row)?;
        let row = (1, DELETE_AT_S + 1, b"?".as_slice());
        transaction
            .open_table(tables::SESSIONS)?
            .insert(&[3; 16], row)?;
        Ok(())
    };
    store.write("spoil", spoil).await.unwrap();
    let open = [3, 4, 5].map(session);
    assert_eq!(store.open_sessions(past_ms).await.unwrap(), open);

    let objects = Objects::open(scratch.path(), &[1; 32]).unwrap();
    let config = HostConfig::new("Sightline", "http://127.0.0.1:1");
    let host = Host::new(
        Desk::new(store, objects, DeskClock::open(scratch.path()).into()),
        config,
        Keys::from_bytes(&[1; 32]),
    );
    assert!(host.tidy(session(3)).await.is_err());
    sweep_once(&host, past_ms).await;
    let store = &host.ports().store;
    let swept = store.load(session(1), NOW_MS).await.unwrap();
    assert!(swept.is_none(), "what is past its date went");
    for number in [4, 5] {
        let tidied = store.load(session(number), NOW_MS).await.unwrap().unwrap();
        assert!(tidied.state.ended.is_some(), "session {number} is overdue");
    }
}

#[test]
fn a_data_folder_in_use_is_refused_by_name() {
    let scratch = Scratch::new();
    let _store = open(&scratch, NOW_MS);
    let file = std::fs::metadata(scratch.path().join(DATABASE)).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let error = Store::open(scratch.path(), NOW_MS).err().unwrap();
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("is in use by another sightline"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_a_database_is_refused_and_unchanged() {
    for content in [&b"not a database"[..], &[0; 4096], &[255; 100_000]] {
        let scratch = Scratch::new();
        let path = scratch.path().join(DATABASE);
        std::fs::write(&path, content).unwrap();
        let error = Store::open(scratch.path(), NOW_MS).err().unwrap();
        assert!(matches!(error, OpenError::Damaged(..)), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_newer_format_is_refused() {
    let scratch = Scratch::new();
    let database = redb::Database::create(scratch.path().join(DATABASE)).unwrap();
    tables::prepare(&database, FORMAT + 1).unwrap();
    drop(database);
    let error = Store::open(scratch.path(), NOW_MS).err().unwrap();
    assert!(
        matches!(error, OpenError::Newer { found, .. } if found == FORMAT + 1),
        "{error}"
    );
}

#[tokio::test]
async fn a_closed_store_refuses_and_does_not_hang() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    store.close();
    assert!(store.commit(commit(1, 1)).await.is_err());
    assert!(store.load(session(1), NOW_MS).await.is_err());
}

/// F24: after a kill at any moment, all acknowledged commits are stored, and no other commit is
/// stored in part. The process under test is this test binary, started with an environment
/// variable.
#[test]
fn acknowledged_commits_survive_kill_9() {
    const FOLDER: &str = "SIGHTLINE_TEST_COMMIT_IN";
    if let Some(folder) = std::env::var_os(FOLDER) {
        commit_until_killed(std::path::Path::new(&folder));
    }
    let scratch = Scratch::new();
    let mut acked = 0;
    for round in 0..10_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::tests::acknowledged_commits_survive_kill_9",
                "--nocapture",
            ])
            .env(FOLDER, scratch.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // First kills while it begins, then once it has committed something.
        let is_early = round < 5;
        let path = scratch.path().join("acked");
        let lines = || std::fs::metadata(&path).map_or(0, |data| data.len() / 2);
        for _ in 0..20_000 {
            if is_early || lines() > u64::from(acked) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(13 * (1 + round)));
        child.kill().unwrap();
        child.wait().unwrap();
        let acked_before = acked;
        acked = std::fs::read_to_string(&path).map_or(acked, |text| text.lines().count() as u32);

        let store = open(&scratch, NOW_MS);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let revision = store
                .load(session(1), NOW_MS)
                .await
                .unwrap()
                .map_or(0, |loaded| loaded.state.revision);
            assert!(
                revision == acked || revision == acked + 1,
                "{acked} acknowledged, {revision} stored"
            );
            let events = store.events(session(1), 0, usize::MAX).await.unwrap();
            let in_order = events.iter().map(|event| event.seq).eq(1..=revision);
            assert!(in_order, "round {round}");
            // A commit that was stored without acknowledgement counts from here on.
            assert!(
                is_early || revision > acked_before,
                "round {round} did something"
            );
            let lines = "x\n".repeat(revision as usize);
            std::fs::write(&path, lines).unwrap();
            acked = revision;
        });
    }
    assert!(acked > 0, "something was acknowledged");
}

fn commit_until_killed(folder: &std::path::Path) -> ! {
    use std::io::Write;
    let store = Store::open(folder, NOW_MS).unwrap();
    let mut acked = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("acked"))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stored = store.load(session(1), NOW_MS).await.unwrap();
        let mut revision = stored.map_or(0, |loaded| loaded.state.revision);
        loop {
            revision += 1;
            assert_eq!(store.commit(commit(1, revision)).await, Ok(Committed::Done));
            acked.write_all(b"x\n").unwrap();
        }
    })
}

#[tokio::test]
async fn what_a_file_took_after_it_left_its_place_is_not_read_before_it_is_back() {
    let scratch = Scratch::new();
    let store = open(&scratch, NOW_MS);
    let (path, aside) = (scratch.path().join(DATABASE), scratch.path().join("aside"));
    let (from, to) = (path.clone(), aside.clone());
    let within_a_commit = store.write("move", move |_| {
        std::fs::rename(&from, &to).unwrap();
        Ok(())
    });
    assert!(within_a_commit.await.is_err());
    assert!(store.load(session(1), NOW_MS).await.is_err());
    std::fs::rename(&aside, &path).unwrap();
    assert!(store.load(session(1), NOW_MS).await.unwrap().is_none());
}

/// Prints the time that a commit takes on this disk: `cargo test -p sightline-local --lib
/// commit_latency -- --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "measures")]
async fn commit_latency_alone_and_in_company() {
    let scratch = Scratch::new();
    let store = Arc::new(open(&scratch, NOW_MS));
    for writers in [1_u8, 16] {
        let began = Instant::now();
        let tasks = (0..writers).map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut took = Vec::new();
                for revision in 1..=60 {
                    let began = Instant::now();
                    store
                        .commit(commit(writers + writer, revision))
                        .await
                        .unwrap();
                    took.push(began.elapsed());
                }
                took
            })
        });
        let mut took = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            took.extend(task.await.unwrap());
        }
        took.sort();
        let per_s = took.len() as f64 / began.elapsed().as_secs_f64();
        let [p50, p99] = [took.len() / 2, took.len() * 99 / 100].map(|place| took[place]);
        println!("{writers} writers: p50 {p50:?}, p99 {p99:?}, {per_s:.0} commits/s");
    }
}

/// 23: work that fails takes none of its neighbours along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_fails_leaves_its_neighbours_alone() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path(), NOW_MS).unwrap();
    let put = |number: u64| {
        store.write("put", move |transaction| {
            let mut table = transaction.open_table(tables::OUTBOX)?;
            table.insert(number, [].as_slice())?;
            match number % 2 {
                0 => Err(DatabaseFailure::record("bad")),
                _ => Ok(number),
            }
        })
    };
    // The first one waits, so that all others share its transaction.
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let first = store.write("wait", move |_| {
        // Runs again when another one fails. Then the sender is gone.
        let _ = gone.recv();
        Ok(())
    });
    let all = futures_util::future::join_all((1..=9).map(put));
    let release = async {
        tokio::task::yield_now().await;
        drop(go);
    };
    let (first, all, ()) = tokio::join!(first, all, release);
    assert!(first.is_ok());
    for (done, number) in all.into_iter().zip(1..) {
        assert_eq!(done.ok(), (number % 2 == 1).then_some(number));
    }
    let stored = store.read("look", |transaction| {
        let table = transaction.open_table(tables::OUTBOX)?;
        let numbers = table.iter()?.map(|row| Ok(row?.0.value()));
        numbers.collect::<Result<Vec<u64>, DatabaseFailure>>()
    });
    assert_eq!(stored.await.unwrap(), [1, 3, 5, 7, 9]);
}
