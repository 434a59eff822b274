//! Rate counters. They are kept until the end of their period.

use redb::ReadableTable;
use sightline_host::ports::{Counted, RateCounter, RateCounters, StoreError};

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::RATE_COUNTERS;

impl RateCounters for Store {
    async fn count(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        let counters = counters.to_vec();
        self.write("count", move |transaction| {
            let mut table = transaction.open_table(RATE_COUNTERS)?;
            let mut counts = Vec::with_capacity(counters.len());
            for (index, counter) in counters.iter().enumerate() {
                let count = stored(&table, counter)?;
                if !counter.has_room(count) {
                    return Ok(Counted::Full(index));
                }
                counts.push(count + counter.by);
            }
            for (counter, count) in counters.iter().zip(counts) {
                table.insert(counter.name.as_str(), (count, counter.until_ms))?;
            }
            Ok(Counted::Done)
        })
        .await
    }

    async fn foresee(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        let counters = counters.to_vec();
        self.read("count", move |transaction| {
            let table = transaction.open_table(RATE_COUNTERS)?;
            for (index, counter) in counters.iter().enumerate() {
                if !counter.has_room(stored(&table, counter)?) {
                    return Ok(Counted::Full(index));
                }
            }
            Ok(Counted::Done)
        })
        .await
    }
}

fn stored(
    table: &impl ReadableTable<&'static str, (u32, u64)>,
    counter: &RateCounter,
) -> Result<u32, DatabaseFailure> {
    let row = table.get(counter.name.as_str())?;
    Ok(row.map_or(0, |row| row.value().0))
}
