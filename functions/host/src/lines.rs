//! The lines that a deployment has ready for its agents' chat: read by agents, written by admins.
//!
//! An admin writes the whole list and names the revision that was read. So an admin who wrote at
//! the same time is not overwritten unseen.

use sightline_wire::api::ApiError;
use sightline_wire::{AuditDeed, ReadyLineList};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::{Committed, Ports, ReadyLineStore};
use crate::records::LinesRecord;
use crate::stop::{OrAnswer, Stop};
use crate::tokens::SignedIn;
use crate::tries::{CONTENDED, Tries};

/// What became of a list that was to replace another one.
enum Written {
    /// The lines are stored under this revision.
    Stored(u32),
    /// Another list was stored since the named revision.
    Overtaken,
}

impl<P: Ports> Host<P> {
    /// Returns the lines.
    pub(crate) async fn ready_lines(&self) -> Result<ReadyLineList, ApiError> {
        let stored = self.ports.store().ready_lines().await.or_fail(None)?;
        let LinesRecord { revision, lines } = stored;
        Ok(ReadyLineList { revision, lines })
    }

    /// Replaces the lines and returns them with their revision.
    ///
    /// # Errors
    /// `changed_meanwhile` if the stored revision is another one than that of `wanted`, `trouble`.
    pub(crate) async fn set_ready_lines(
        &self,
        admin: &SignedIn,
        wanted: ReadyLineList,
    ) -> Result<ReadyLineList, ApiError> {
        let mut changes = false;
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        let written = loop {
            let stop = match self.write_ready_lines(&wanted, &mut changes).await {
                Ok(written) => break written,
                Err(stop) => stop,
            };
            if !stop.may_pass() || !tries.again(&self.ports).await {
                return Err(stop).or_fail(None);
            }
        };
        let Written::Stored(revision) = written else {
            return Err(ApiError::ChangedMeanwhile);
        };
        if changes {
            let lines = wanted.lines.as_slice().len();
            tracing::info!(by.id = %admin.agent, lines, "ready lines changed");
            let changed = Deed::by((admin.agent, &admin.name), AuditDeed::LinesChanged);
            self.audit(changed).await;
        }
        Ok(ReadyLineList { revision, ..wanted })
    }

    /// Writes the lines once. `changes` becomes true before they may be stored.
    async fn write_ready_lines(
        &self,
        wanted: &ReadyLineList,
        changes: &mut bool,
    ) -> Result<Written, Stop> {
        let store = self.ports.store();
        let stored = store.ready_lines().await?;
        // An earlier try may have stored them, and its answer may have been lost.
        if stored.lines == wanted.lines {
            return Ok(Written::Stored(stored.revision));
        }
        if stored.revision != wanted.revision {
            return Ok(Written::Overtaken);
        }
        *changes = true;
        let revision = wanted.revision.saturating_add(1);
        let lines = wanted.lines.clone();
        match store
            .replace_ready_lines(LinesRecord { revision, lines })
            .await?
        {
            Committed::Done => Ok(Written::Stored(revision)),
            Committed::Clash => Err(Stop::Busy),
        }
    }
}
