//! The audit log: who did what that others may ask about later.
//!
//! What gives data away is written before it is given: without the line there is no answer. What
//! changes something is written after it is done. If that fails, the technical log has it.

use sightline_wire::api::ApiError;
use sightline_wire::{
    AUDIT_LINES_MAX, AgentId, AuditDeed, AuditLine, AuditLines, DisplayName, SessionId,
};

use crate::access::Viewer;
use crate::host::Host;
use crate::ports::{Audit, Ports, StoreError};
use crate::records::{AuditPlace, AuditRecord};
use crate::stop::OrAnswer;

const DAY_S: u64 = 24 * 60 * 60;

/// What somebody did, and what it was about.
pub(crate) struct Deed {
    pub(crate) by: Option<(AgentId, DisplayName)>,
    pub(crate) what: AuditDeed,
    pub(crate) call: Option<SessionId>,
    pub(crate) about: Option<DisplayName>,
}

impl Deed {
    /// What a person, or a key, did with a call.
    pub(crate) fn with_call(viewer: &Viewer, what: AuditDeed, call: SessionId) -> Self {
        Self {
            by: Some((viewer.agent, viewer.name.clone())),
            what,
            call: Some(call),
            about: None,
        }
    }

    /// What a person did, without a call.
    pub(crate) fn by((agent, name): (AgentId, &DisplayName), what: AuditDeed) -> Self {
        Self {
            by: Some((agent, name.clone())),
            what,
            call: None,
            about: None,
        }
    }

    /// The same about an agent or a key.
    pub(crate) fn about(self, name: &DisplayName) -> Self {
        Self {
            about: Some(name.clone()),
            ..self
        }
    }
}

impl<P: Ports> Host<P> {
    /// Writes a line before something is given away.
    ///
    /// # Errors
    /// `trouble`: it must not be given.
    pub(crate) async fn audit_first(&self, deed: Deed) -> Result<(), ApiError> {
        self.add_audit_line(deed).await.or_fail(None)
    }

    /// Writes a line after something was done. A failure is logged.
    pub(crate) async fn audit(&self, deed: Deed) {
        let what = deed.what;
        if let Err(error) = self.add_audit_line(deed).await {
            tracing::error!(deed = ?what, error = %error, "failed to write the audit log");
        }
    }

    /// Returns lines for an admin. The first answer is a line itself.
    pub(crate) async fn audit_lines(
        &self,
        admin: (AgentId, &DisplayName),
        after: Option<AuditPlace>,
    ) -> Result<AuditLines, ApiError> {
        if after.is_none() {
            let read = Deed::by(admin, AuditDeed::AuditRead);
            self.audit_first(read).await?;
        }
        let store = self.ports.store();
        let found = store.lines(after, AUDIT_LINES_MAX + 1, self.ports.erase_ms());
        let mut found = found.await.or_fail(None)?;
        let more = found.len() > AUDIT_LINES_MAX;
        found.truncate(AUDIT_LINES_MAX);
        let last = found.last().map(|line| line.place.to_string());
        Ok(AuditLines {
            lines: found.into_iter().map(line).collect(),
            kept_days: self.config.audit_days,
            after: last.filter(|_| more),
        })
    }

    async fn add_audit_line(&self, deed: Deed) -> Result<(), StoreError> {
        let at_ms = self.ports.date_ms();
        let [a, b, c, d, e, f, g, h, ..] = self.ports.random();
        let tag = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let line = AuditRecord {
            place: AuditPlace { at_ms, tag },
            by: deed.by,
            deed: deed.what,
            call: deed.call,
            about: deed.about,
        };
        let delete_at_s = at_ms / 1_000 + u64::from(self.config.audit_days) * DAY_S;
        self.retry(|| self.ports.store().add_line(&line, delete_at_s))
            .await
    }
}

fn line(record: AuditRecord) -> AuditLine {
    let (by, name) = record.by.unzip();
    AuditLine {
        at_ms: record.place.at_ms,
        by,
        name,
        deed: record.deed,
        call: record.call,
        about: record.about,
    }
}
