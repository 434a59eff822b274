//! Many writers on one session, under faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_aws::Table;
use sightline_host::ports::{Commit, Committed, Sessions};
use sightline_session::{Event, Fact, PageCommand, State};
use sightline_wire::{ChatText, PublicFact, SessionId};

use super::{begun, seed, table, table_as_deployed};
use crate::support::proxy::{Fault, Proxy};
use crate::support::{now_ms, stack};

const WRITERS: usize = 20;
const LINES: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_writers_lose_and_double_nothing_under_faults() {
    let faults = [
        &Fault::PASSING[..],
        &[Fault::Cancelled("TransactionConflict")],
    ]
    .concat();
    let line = Proxy::start(&stack().endpoint, seed(), 30, 8, &faults).await;
    // Some errors outlast a client's tries and are left for the loop.
    let unsteady = Arc::new(table_as_deployed(&line.endpoint));
    let first = begun::first(now_ms());
    let session = first.session;
    let joined = begun::next_of_page(&first, &first.state, &begun::join());
    let steady = table();
    for commit in [first.clone(), joined] {
        assert_eq!(steady.commit(commit).await, Ok(Committed::Done));
    }
    let begun = steady.load(session, now_ms()).await.unwrap().unwrap().state;

    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (table, first) = (Arc::clone(&unsteady), first.clone());
        writers.spawn(async move {
            let mut writer = Writer::new(table, first, writer as u64);
            for which in 0..LINES {
                writer
                    .write(&format!("line {which} of writer {}", writer.number))
                    .await;
            }
            writer
        });
    }
    let writers = writers.join_all().await;

    every_line_was_stored_once(&steady, session, &begun).await;
    report(&writers, &line, &faults);
}

/// The log has no gap, and each line of each writer once.
async fn every_line_was_stored_once(table: &Table, session: SessionId, begun: &State) {
    let loaded = table.load(session, now_ms()).await.unwrap().unwrap();
    let events = table.events(session, 0, 10_000).await.unwrap();
    let numbers: Vec<u32> = events.iter().map(|event| event.seq).collect();
    let lines = (WRITERS * LINES) as u32;
    let head = begun.head + lines;
    assert_eq!(
        numbers,
        (1..=head).collect::<Vec<_>>(),
        "no gap and no repetition"
    );
    assert_eq!(
        (loaded.state.head, loaded.state.revision),
        (head, begun.revision + lines)
    );
    let mut said = BTreeMap::new();
    for text in events.iter().filter_map(text) {
        *said.entry(text).or_insert(0) += 1;
    }
    assert_eq!(said.len(), WRITERS * LINES, "nothing was lost");
    assert!(
        said.values().all(|count| *count == 1),
        "nothing was doubled"
    );
}

/// Prints the times and counts of a run, in which clashes, errors and faults must have happened.
fn report(writers: &[Writer], line: &Proxy, faults: &[Fault]) {
    let commits: Vec<Duration> = writers
        .iter()
        .flat_map(|writer| writer.commits.clone())
        .collect();
    let sum = |count: fn(&Writer) -> u32| writers.iter().map(count).sum::<u32>();
    let (clashes, errors) = (sum(|writer| writer.clashes), sum(|writer| writer.errors));
    assert!(clashes > 0 && errors > 0, "the writers met no obstacle");
    for fault in faults {
        assert!(line.made().contains_key(fault), "{fault:?} never happened");
    }
    let (p50, p99) = (percentile(&commits, 50), percentile(&commits, 99));
    eprintln!(
        "{} commits by {WRITERS} writers, {clashes} clashes, {errors} errors, faults {:?}; \
         commit p50 {p50:?}, p99 {p99:?}",
        commits.len(),
        line.made()
    );
}

/// Loads, decides and commits until it is done, as the host does.
struct Writer {
    table: Arc<Table>,
    first: Commit,
    number: u64,
    chance: u64,
    commits: Vec<Duration>,
    clashes: u32,
    errors: u32,
}

impl Writer {
    fn new(table: Arc<Table>, first: Commit, number: u64) -> Self {
        Self {
            table,
            first,
            number,
            chance: number,
            commits: Vec::new(),
            clashes: 0,
            errors: 0,
        }
    }

    async fn write(&mut self, line: &str) {
        let say = PageCommand::Say {
            text: ChatText::new(line).unwrap(),
        };
        // After an error the line may have been stored. The host would find the command answered;
        // this test looks for the line.
        let mut perhaps = false;
        for attempt in 0..1_000 {
            match self.attempt(line, &say, perhaps).await {
                Ok(Committed::Done) => return,
                Ok(Committed::Clash) => self.clashes += 1,
                Err(error) => {
                    assert!(error.retryable, "{error}");
                    self.errors += 1;
                    perhaps = true;
                }
            }
            self.pause(attempt).await;
        }
        panic!("{line} found no turn in 1,000 tries");
    }

    #[expect(clippy::disallowed_methods, reason = "measures")]
    async fn attempt(
        &mut self,
        line: &str,
        say: &PageCommand,
        perhaps: bool,
    ) -> Result<Committed, sightline_host::ports::StoreError> {
        let session = self.first.session;
        let loaded = self.table.load(session, now_ms()).await?.unwrap();
        if perhaps {
            let events = self.table.events(session, 0, 10_000).await?;
            if events.iter().filter_map(text).any(|said| said == line) {
                return Ok(Committed::Done);
            }
        }
        let commit = begun::next_of_page(&self.first, &loaded.state, say);
        let began = Instant::now();
        let committed = self.table.commit(commit).await;
        self.commits.push(began.elapsed());
        committed
    }

    /// Full jitter between 10 ms and 200 ms, as the host's.
    async fn pause(&mut self, attempt: u32) {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(self.number * 2 + 1);
        let most_ms = 200.min(20u64 << attempt.min(8));
        let ms = 10 + (self.chance >> 33) % (most_ms - 9);
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn text(event: &Event) -> Option<String> {
    match &event.fact {
        Fact::Public(PublicFact::Said { text, .. }) => Some(text.as_str().to_owned()),
        _ => None,
    }
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[(times.len() - 1) * percent / 100]
}
