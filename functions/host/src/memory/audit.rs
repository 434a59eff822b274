//! The audit log.

use super::{Memory, objects, step};
use crate::ports::{Audit, StoreError};
use crate::records::{AuditPlace, AuditRecord, Record as _};

impl Audit for Memory {
    async fn add_line(&self, line: &AuditRecord, delete_at_s: u64) -> Result<(), StoreError> {
        step().await;
        let row = (delete_at_s, line.encode());
        let mut world = self.world();
        objects::fail(&mut world.faults.failed_lines, "add audit line")?;
        world.audit.insert(line.place, row);
        Ok(())
    }

    async fn lines(
        &self,
        before: Option<AuditPlace>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        step().await;
        let world = self.world();
        let lines = world.audit.iter().rev();
        let lines = lines.filter(|(place, _)| before.is_none_or(|before| **place < before));
        let lines = lines.filter(|(_, (delete_at_s, _))| now_ms / 1_000 < *delete_at_s);
        lines
            .take(limit)
            .map(|(_, (_, bytes))| AuditRecord::decode(bytes))
            .collect()
    }
}
