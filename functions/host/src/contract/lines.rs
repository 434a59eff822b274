//! The lines that a deployment has ready for its agents' chat.

use sightline_wire::{READY_LINES_MAX, ReadyLine, ReadyLines};

use super::{Case, together};
use crate::ports::{Committed, ReadyLineStore};
use crate::records::LinesRecord;

/// Those who write a list at the same time.
const RACERS: u8 = 6;

/// A store of ready lines. Every suite that uses the same store shares its one record. So this one
/// says nothing of what it finds, except after a write of its own that nobody may come before.
pub async fn ready_lines<P: ReadyLineStore>(ports: &P, case: &Case) {
    let before = read(ports).await;
    for revision in [0, before.revision, before.revision + 1_000] {
        let lines = lines(case, 0, 1);
        let replaced = ports.replace_ready_lines(LinesRecord { revision, lines });
        assert_eq!(replaced.await, Ok(Committed::Clash), "{revision}");
    }

    for (which, count) in [(1, READY_LINES_MAX), (2, 1), (3, 0)] {
        let written = write(ports, &lines(case, which, count)).await;
        let stored = read(ports).await;
        assert!(stored.revision >= written.revision, "no write was lost");
        if stored.revision == written.revision {
            assert_eq!(stored, written, "as written");
        }
    }

    let first = read(ports).await.revision;
    let writes = |which: u8| {
        let lines = lines(case, 10 + which, 1);
        let written = async move {
            write(ports, &lines).await;
        };
        Box::pin(written) as together::Boxed<'_, _>
    };
    together::all((0..RACERS).map(writes).collect()).await;
    let last = read(ports).await.revision;
    assert!(
        last >= first + u32::from(RACERS),
        "each write has a revision of its own"
    );
}

async fn read<P: ReadyLineStore>(ports: &P) -> LinesRecord {
    ports.ready_lines().await.expect("the lines are read")
}

/// Writes a list, again and again while others come first. Returns the record.
async fn write<P: ReadyLineStore>(ports: &P, lines: &ReadyLines) -> LinesRecord {
    for _ in 0..1_000 {
        let record = LinesRecord {
            revision: read(ports).await.revision + 1,
            lines: lines.clone(),
        };
        match ports.replace_ready_lines(record.clone()).await {
            Ok(Committed::Done) => return record,
            Ok(Committed::Clash) => {}
            Err(error) => assert!(error.retryable, "a race is no lasting trouble: {error}"),
        }
        together::turn().await;
    }
    panic!("the lines could not be written in 1,000 tries");
}

/// As long as lines may be, in letters of three bytes.
fn lines(case: &Case, which: u8, count: usize) -> ReadyLines {
    let line = |n: usize| {
        let name = format!("{} {which} {n} ", case.salt);
        let rest = "\u{2014}".repeat(ReadyLine::UNITS_MAX - name.len());
        format!("{name}{rest}")
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    let json = serde_json::to_string(&lines).expect("texts are JSON");
    serde_json::from_str(&json).expect("fine lines")
}
