//! Which relay a session's room is with. Leases are of one process and stay in memory; the epoch
//! must not go back.

use redb::ReadableTable;
use sightline_host::ports::Trouble;
use sightline_host::records::{Assignment, Record};
use sightline_wire::SessionId;

use super::Store;
use super::failure::Failure;
use super::tables::ASSIGNMENTS;

impl Store {
    /// Where a session's room is.
    pub async fn assigned(&self, session: SessionId) -> Result<Option<Assignment>, Trouble> {
        self.read("find assignment", move |transaction| {
            let table = transaction.open_table(ASSIGNMENTS)?;
            stored(&table, session)
        })
        .await
    }

    /// Assigns, if the epoch follows on the stored one. Returns what stands afterwards.
    pub async fn assign(
        &self,
        session: SessionId,
        wanted: Assignment,
    ) -> Result<Assignment, Trouble> {
        self.write("assign", move |transaction| {
            let mut table = transaction.open_table(ASSIGNMENTS)?;
            let stands = stored(&table, session)?;
            let next = stands.map_or(1, |stands| stands.epoch.saturating_add(1));
            match stands {
                Some(stands) if wanted.epoch != next => Ok(stands),
                _ => {
                    table.insert(session.as_bytes(), wanted.encode().as_slice())?;
                    Ok(wanted)
                }
            }
        })
        .await
    }
}

fn stored(
    table: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    session: SessionId,
) -> Result<Option<Assignment>, Failure> {
    let row = table.get(session.as_bytes())?;
    Ok(row.map(|row| Assignment::decode(row.value())).transpose()?)
}
