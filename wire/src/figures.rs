//! Figures: what the calls of a period were, for admins. They are counts, and name nobody.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{BrowserKind, EndReason, SystemKind};

/// Longest period that may be asked for, days. Without one, the last thirty are meant.
pub const FIGURE_DAYS_MAX: u64 = 93;

/// Most calls of an export: what a function of the cloud writes within its time.
pub const EXPORT_CALLS_MAX: usize = 50_000;

/// Answer to `GET /api/figures`. A call belongs to the day (UTC) on which it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Figures {
    /// The first day, such as `2026-11-28`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// How far the calls of the period got.
    pub funnel: Funnel,
    /// The same by day. A day without a call is absent.
    pub days: Vec<FigureDay>,
    /// Why nobody joined.
    pub not_joined: Vec<NotJoinedCount>,
    /// Why calls that were joined ended.
    pub ended: Vec<EndCount>,
    /// Seconds from the invitation to the customer's joining.
    pub joining_s: Vec<FigureBin>,
    /// Seconds from the customer's joining to the end.
    pub length_s: Vec<FigureBin>,
    /// Pictures kept at the end of a call that was joined.
    pub pictures: Vec<FigureBin>,
    /// How agents rated: one star to five.
    pub agent_stars: [u32; 5],
    /// How customers rated.
    pub customer_stars: [u32; 5],
    /// The customers' browsers, of calls that were joined.
    pub browsers: Vec<BrowserCount>,
    /// Their systems.
    pub systems: Vec<SystemCount>,
    /// A joined call is counted this long after its end, minutes: until then it may be rated.
    pub counted_after_min: u32,
    /// How long things are kept here. Counts stay for good.
    pub kept: KeptDays,
}

/// How long things are kept, days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptDays {
    /// The records of a call: its log with the chat, its notes and ratings.
    pub calls: u32,
    /// Pictures.
    pub pictures: u32,
    /// A call's line in lists. No export goes further back.
    pub lines: u32,
    /// Lines of the audit log.
    pub audit: u32,
    /// Technical logs. Absent where the operator of the machine keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub logs: Option<u32>,
    /// Backups, in which what was deleted is left. Absent where the operator of the machine makes
    /// them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub backups: Option<u32>,
}

/// How far calls got. Not everybody who joins allows a camera or a microphone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Funnel {
    /// Calls that ended, in any way.
    pub invited: u32,
    /// The customer opened the link.
    pub opened: u32,
    /// The customer's browser gave a camera or a microphone.
    pub allowed: u32,
    /// The customer joined.
    pub joined: u32,
}

/// How far the calls of a day got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FigureDay {
    /// The day (UTC), such as `2026-11-28`.
    pub day: String,
    /// Its calls.
    pub funnel: Funnel,
}

/// Calls with one reason for that nobody joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NotJoinedCount {
    /// The reason.
    pub why: NotJoined,
    /// Their number.
    pub calls: u32,
}

/// Calls with one reason of their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EndCount {
    /// The reason.
    pub why: EndReason,
    /// Their number.
    pub calls: u32,
}

/// Calls with one family of browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrowserCount {
    /// The family.
    pub browser: BrowserKind,
    /// Their number.
    pub calls: u32,
}

/// Calls with one family of systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SystemCount {
    /// The family.
    pub system: SystemKind,
    /// Their number.
    pub calls: u32,
}

/// A bin of a histogram. Bins come in order, and all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FigureBin {
    /// The bin has what is less than this, and not less than the bin before has. Absent for the
    /// last one, which has everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub below: Option<u32>,
    /// Calls in it.
    pub calls: u32,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// RFC 4180, with the mark of UTF-8 in front.
    Csv,
    /// An array of objects.
    Json,
}

/// Why nobody joined a call: the last that stood in the way, or else how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotJoined {
    /// The link was never opened.
    NotOpened,
    /// The agent cancelled or ended it before the customer opened the link.
    Cancelled,
    /// The customer opened the link and went no further, with nothing in the way.
    WentAway,
    /// The camera was refused.
    CameraDenied,
    /// There was no camera.
    CameraAbsent,
    /// Another program held the camera.
    CameraBusy,
    /// The microphone was refused.
    MicrophoneDenied,
    /// There was no microphone.
    MicrophoneAbsent,
    /// The browser's question was not answered.
    NoAnswer,
    /// The link was opened inside an app whose browser gives no camera.
    InAppBrowser,
    /// The customer's network lets no WebSocket through.
    ConnectionBlocked,
    /// The customer's browser keeps no cookie.
    CookiesBlocked,
}
