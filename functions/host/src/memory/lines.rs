//! Ready lines.

use super::{Memory, objects, step};
use crate::ports::{Committed, ReadyLineStore, StoreError};
use crate::records::{LinesRecord, Record as _};

impl ReadyLineStore for Memory {
    async fn ready_lines(&self) -> Result<LinesRecord, StoreError> {
        step().await;
        self.world().ready_lines()
    }

    async fn replace_ready_lines(&self, lines: LinesRecord) -> Result<Committed, StoreError> {
        step().await;
        let mut world = self.world();
        if world.ready_lines()?.revision.checked_add(1) != Some(lines.revision) {
            return Ok(Committed::Clash);
        }
        world.ready_lines = Some(lines.encode());
        objects::fail(&mut world.faults.lost_lines, "replace ready lines")?;
        Ok(Committed::Done)
    }
}

impl super::World {
    fn ready_lines(&self) -> Result<LinesRecord, StoreError> {
        let stored = self.ready_lines.as_deref().map(LinesRecord::decode);
        Ok(stored.transpose()?.unwrap_or_default())
    }
}
