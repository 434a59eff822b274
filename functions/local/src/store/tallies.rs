//! Counters of what is rationed. Kept until the end of their stretch of time.

use redb::ReadableTable;
use sightline_host::ports::{Counted, Tally, Trouble};

use super::Store;
use super::tables::TALLIES;

impl Store {
    /// Adds one to each, or to none.
    pub async fn count(&self, tallies: &[Tally]) -> Result<Counted, Trouble> {
        let tallies = tallies.to_vec();
        self.write("count", move |transaction| {
            let mut table = transaction.open_table(TALLIES)?;
            let mut counts = Vec::with_capacity(tallies.len());
            for (index, tally) in tallies.iter().enumerate() {
                let row = table.get(tally.name.as_str())?;
                let count = row.map_or(0, |row| row.value().0);
                if count >= tally.most {
                    return Ok(Counted::Full(index));
                }
                counts.push(count + 1);
            }
            for (tally, count) in tallies.iter().zip(counts) {
                table.insert(tally.name.as_str(), (count, tally.until_ms))?;
            }
            Ok(Counted::Done)
        })
        .await
    }
}
