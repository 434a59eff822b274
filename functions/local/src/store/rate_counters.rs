//! Rate counters. They are kept until the end of their period.

use redb::ReadableTable;
use sightline_host::ports::{Counted, RateCounter, RateCounters, StoreError};

use super::Store;
use super::tables::RATE_COUNTERS;

impl RateCounters for Store {
    async fn count(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        let counters = counters.to_vec();
        self.write("count", move |transaction| {
            let mut table = transaction.open_table(RATE_COUNTERS)?;
            let mut counts = Vec::with_capacity(counters.len());
            for (index, counter) in counters.iter().enumerate() {
                let row = table.get(counter.name.as_str())?;
                let count = row.map_or(0, |row| row.value().0);
                if count >= counter.most {
                    return Ok(Counted::Full(index));
                }
                counts.push(count + 1);
            }
            for (counter, count) in counters.iter().zip(counts) {
                table.insert(counter.name.as_str(), (count, counter.until_ms))?;
            }
            Ok(Counted::Done)
        })
        .await
    }
}
