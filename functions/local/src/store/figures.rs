//! Marks of calls to be counted, and counts.

use redb::{ReadableTable, WriteTransaction};
use sightline_host::ports::{CallFigures, CountedCall, StoreError, Uncounted};
use sightline_host::records::{Counts, Record as _};
use sightline_wire::SessionId;

use super::Store;
use super::beside::open;
use super::failure::DatabaseFailure;
use super::tables::{FIGURES, UNCOUNTED};

/// Leaves the mark of a commit that ends a session.
pub(super) fn insert(
    transaction: &WriteTransaction,
    mark: Option<Uncounted>,
) -> Result<(), DatabaseFailure> {
    if let Some(mark) = mark {
        let mut marks = transaction.open_table(UNCOUNTED)?;
        marks.insert((mark.due_ms, mark.session.as_bytes()), ())?;
    }
    Ok(())
}

impl CallFigures for Store {
    async fn uncounted(
        &self,
        after: Option<Uncounted>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Uncounted>, StoreError> {
        self.read("list uncounted calls", move |transaction| {
            let Some(marks) = open(transaction, UNCOUNTED)? else {
                return Ok(Vec::new());
            };
            let first = after.map_or((0, [0; 16]), |mark| (mark.due_ms, *mark.session.as_bytes()));
            let mut due = Vec::new();
            for row in marks.range((first.0, &first.1)..=(now_ms, &[u8::MAX; 16]))? {
                let key = row?.0;
                let (due_ms, session) = key.value();
                let session = SessionId::from_bytes(*session);
                let mark = Uncounted { due_ms, session };
                if due.len() == limit {
                    break;
                }
                if after != Some(mark) {
                    due.push(mark);
                }
            }
            Ok(due)
        })
        .await
    }

    async fn count_call(&self, call: &CountedCall) -> Result<bool, StoreError> {
        let CountedCall {
            mark,
            day,
            shard,
            counts,
        } = call.clone();
        self.write("count a call", move |transaction| {
            let mut marks = transaction.open_table(UNCOUNTED)?;
            let mark = marks.remove((mark.due_ms, mark.session.as_bytes()))?;
            if mark.is_none() {
                return Ok(false);
            }
            let mut figures = transaction.open_table(FIGURES)?;
            let stored = figures.get((day, shard))?.map(|row| row.value().to_vec());
            let mut all = stored.map_or(Ok(Counts::default()), |bytes| Counts::decode(&bytes))?;
            all.add_all(&counts);
            figures.insert((day, shard), all.encode().as_slice())?;
            Ok(true)
        })
        .await
    }

    async fn counts(&self, from: u32, to: u32) -> Result<Vec<(u32, Counts)>, StoreError> {
        self.read("read figures", move |transaction| {
            let mut days: Vec<(u32, Counts)> = Vec::new();
            let Some(figures) = open(transaction, FIGURES)? else {
                return Ok(days);
            };
            for row in figures.range((from, 0)..=(to, u8::MAX))? {
                let (key, value) = row?;
                let ((day, _), counts) = (key.value(), Counts::decode(value.value())?);
                match days.last_mut().filter(|(last, _)| *last == day) {
                    Some((_, all)) => all.add_all(&counts),
                    None => days.push((day, counts)),
                }
            }
            Ok(days)
        })
        .await
    }
}
