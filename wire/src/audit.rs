//! The audit log: who did what that others may ask about later.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AgentId, DisplayName, SessionId};

/// Most lines of one answer.
pub const AUDIT_LINES_MAX: usize = 100;

/// Answer to `GET /api/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditLines {
    /// Newest first, at most [`AUDIT_LINES_MAX`].
    pub lines: Vec<AuditLine>,
    /// Days for which lines are kept.
    pub kept_days: u32,
    /// Where the next answer begins: `after` of its request. Absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<String>,
}

/// Who did what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditLine {
    /// When, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// Who: an agent, or a key of the API. Absent for the operator of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<AgentId>,
    /// Their name then. Absent for the operator of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<DisplayName>,
    /// What.
    pub deed: AuditDeed,
    /// The call that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub call: Option<SessionId>,
    /// The name of the agent or the key that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub about: Option<DisplayName>,
}

/// What is written into the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditDeed {
    /// An agent signed in.
    SignedIn,
    /// An agent whose access was taken back tried to sign in.
    SignInRefused,
    /// A case file was fetched.
    CaseFetched,
    /// A call was erased.
    CallErased,
    /// A key of the API was made.
    KeyMade,
    /// A key of the API was revoked.
    KeyRevoked,
    /// An agent's access was taken back.
    AccessTaken,
    /// An agent's access was given again.
    AccessGiven,
    /// A webhook was made.
    WebhookMade,
    /// A webhook was switched on or off.
    WebhookSwitched,
    /// A webhook got another secret.
    WebhookRotated,
    /// A webhook was removed.
    WebhookRemoved,
    /// The lines that agents have ready for the chat were changed.
    LinesChanged,
    /// The logo was put in its place, or another one.
    LogoSet,
    /// The logo was removed.
    LogoRemoved,
    /// Somebody looked at this log.
    AuditRead,
    /// Somebody looked at the figures of a period.
    FiguresRead,
    /// The calls of a period were exported.
    CallsExported,
    /// Something that this version does not know: a later one wrote the line.
    #[serde(other)]
    Other,
}
