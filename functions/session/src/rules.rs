//! What a deployment may configure.

use sightline_wire::{BOARD_STROKES_MAX, PICTURES_MAX};

/// The limits of a session, in milliseconds and counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// An invite nobody joined with expires after this.
    pub invite_ms: u64,
    /// A joined session ends this long after the last seat was heard.
    pub unheard_ms: u64,
    /// A session ends this long after its invite in any case.
    pub total_ms: u64,
    /// Between two text messages of one session.
    pub cool_down_ms: u64,
    /// Text messages in one session.
    pub sms_max: u32,
    /// Text messages go only to numbers that begin with one of these, such as `+49`
    /// ([`crate::budget::prefixes`] reads them); when there are none, to every country.
    pub sms_prefixes: Vec<String>,
    /// No text message goes out at all.
    pub sms_off: bool,
    /// Text messages of one agent in a day of UTC.
    pub sms_agent_day_max: u32,
    /// Text messages to one number in a day of UTC.
    pub sms_number_day_max: u32,
    /// Text messages of the deployment in a day of UTC.
    pub sms_day_max: u32,
    /// Further links in one session.
    pub links_max: u32,
    /// A seat is lost this long after its connection closed.
    pub lost_closed_ms: u64,
    /// A seat is lost this long after its last word on an open connection: one ping interval (25
    /// s), its deadline (5 s), and 10 s.
    pub lost_silent_ms: u64,
    /// Pictures that one session keeps at a time.
    pub pictures_max: u32,
    /// Askings for one picture.
    pub attempts_max: u8,
    /// The agent's own frame may become the base this long after the customer's page was asked
    /// last: a second less than the 8 s after which pages offer it, since their clocks are not this
    /// one. It need not wait when the page gave up.
    pub quick_ms: u64,
    /// Strokes on one board.
    pub strokes_max: u32,
    /// Pictures sent to the chat in one session.
    pub sends_max: u32,
    /// Events that commands may bring about in one session. An end, and before it at most one loss
    /// of each seat, still follow beyond it, so a log is never longer than this and three.
    pub events_max: u32,
    /// Of these, events that the pages of one seat may bring about: whoever uses theirs up leaves
    /// the other room to go on. By default half of fifty full boards, and 3,000 for all else; which
    /// is also about a stroke every half second throughout the longest call. No hand gets there. A
    /// program does, and then the log stays finite; pages read it piece by piece, and a board is
    /// rebuilt from its own stretch of it.
    pub seat_events_max: u32,
    /// Points of the strokes that the pages of one seat may draw in one session. A log of 28,000 of
    /// the longest strokes would have 14 million; by default 4 million, some 40 MB of log, which is
    /// still 140 points in each of them.
    pub points_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        const SECOND: u64 = 1_000;
        const MINUTE: u64 = 60 * SECOND;
        Self {
            invite_ms: 60 * MINUTE,
            unheard_ms: 15 * MINUTE,
            total_ms: 240 * MINUTE,
            cool_down_ms: 30 * SECOND,
            sms_max: 5,
            sms_prefixes: Vec::new(),
            sms_off: false,
            sms_agent_day_max: 100,
            sms_number_day_max: 10,
            sms_day_max: 1_000,
            links_max: 20,
            lost_closed_ms: 10 * SECOND,
            lost_silent_ms: 40 * SECOND,
            pictures_max: PICTURES_MAX,
            attempts_max: 9,
            quick_ms: 7 * SECOND,
            strokes_max: BOARD_STROKES_MAX,
            sends_max: 100,
            events_max: 60_000,
            seat_events_max: 28_000,
            points_max: 4_000_000,
        }
    }
}
