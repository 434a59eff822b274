//! Limits that a deployment may configure.

use sightline_wire::{BOARD_STROKES_MAX, PICTURES_MAX};

/// The limits of a session, in milliseconds and counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Name of the business. A customer cannot take it.
    pub business: String,
    /// Days for which pictures are kept, then chat and notes. The lobby says so.
    pub kept_days: [u32; 2],
    /// An invite expires this long after it was issued, unless the customer joins.
    pub invite_ms: u64,
    /// A joined session ends this long after the last message of any seat.
    pub unheard_ms: u64,
    /// A session ends this long after its invite, in any case.
    pub total_ms: u64,
    /// The pause between two text messages of one session.
    pub cool_down_ms: u64,
    /// Text messages in one session.
    pub sms_max: u32,
    /// Prefixes of numbers that text messages may go to, such as `+49` ([`crate::budget::prefixes`]
    /// parses them). An empty list allows every country.
    pub sms_prefixes: Vec<String>,
    /// Text messages are switched off.
    pub sms_off: bool,
    /// Text messages of one agent in a day of UTC.
    pub sms_agent_day_max: u32,
    /// Text messages to one number in a day of UTC.
    pub sms_number_day_max: u32,
    /// Text messages to one block of numbers ([`crate::budget::block`]) in a day of UTC.
    pub sms_block_day_max: u32,
    /// Text messages of the deployment in a day of UTC.
    pub sms_day_max: u32,
    /// Calls that one agent may begin in a day of UTC, with or without a text message. A call every
    /// minute of a working day is half of the default.
    pub calls_agent_day_max: u32,
    /// Further links in one session.
    pub links_max: u32,
    /// A seat is lost this long after its connection closed.
    pub lost_closed_ms: u64,
    /// A seat is lost this long after its last message on an open connection: one ping interval
    /// (25 s), the ping's deadline (5 s), and 10 s.
    pub lost_silent_ms: u64,
    /// Pictures that one session keeps at a time.
    pub pictures_max: u32,
    /// Requests for one picture.
    pub attempts_max: u8,
    /// The agent's own frame may become the base this long after the newest request to the
    /// customer's page, or at once when that page gave up. It is a second less than the 8 s after
    /// which pages offer it, because their clocks differ from the server's.
    pub quick_ms: u64,
    /// Strokes on one board.
    pub strokes_max: u32,
    /// Pictures sent to the chat in one session.
    pub sends_max: u32,
    /// Uploads of one session that are open at a time. A page has one under way; on a bad network
    /// a picture may take nine attempts.
    pub uploads_max: u32,
    /// Bytes of these uploads.
    pub upload_bytes_max: u64,
    /// An upload that was not taken counts this long. Both plugs delete it after that time.
    pub upload_ms: u64,
    /// Events that commands may cause in one session. The end may still follow, and before it one
    /// loss of each seat and the end of an open request: a log is at most four events longer than
    /// this.
    pub events_max: u32,
    /// Events among them that the pages of one seat may cause, so that one seat cannot exhaust the
    /// log for the other. The default is half of fifty full boards plus 3,000 for everything else,
    /// or about one stroke every half second throughout the longest call. No person reaches it. A
    /// program does, and the log stays finite: pages read it in pieces, and a board is rebuilt from
    /// its own part of it.
    pub seat_events_max: u32,
    /// Bytes of log, as JSON, that the pages of one seat may cause in one session. The same number
    /// bounds what a reload fetches and what the other page keeps. The default is 6 MiB, which one
    /// full board of longest lines fits into; some 500,000 points of strokes, in other words.
    pub seat_bytes_max: u32,
    /// Bytes beyond them for everything but drawing: chat above all.
    pub chat_bytes: u32,
    /// Bytes beyond both for leaving, for returning, and for what a person must always be able to
    /// do: switch a device off, delete a picture. An end needs no room.
    pub last_bytes: u32,
    /// A customer's seat that was taken from a page that was present moves again no sooner than
    /// this, unless its page is away.
    pub move_again_ms: u64,
    /// The customer answers a request of the agent within this time. Their page asks for 30 s; the
    /// rest is for the way.
    pub ask_ms: u64,
    /// What the customer allowed is done within this time: a browser may ask the person as well.
    pub allowed_ms: u64,
    /// A call may be rated this long after its end.
    pub rate_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        const SECOND: u64 = 1_000;
        const MINUTE: u64 = 60 * SECOND;
        const MIB: u32 = 1 << 20;
        Self {
            business: String::new(),
            kept_days: [30; 2],
            invite_ms: 60 * MINUTE,
            unheard_ms: 15 * MINUTE,
            total_ms: 240 * MINUTE,
            cool_down_ms: 30 * SECOND,
            sms_max: 5,
            sms_prefixes: Vec::new(),
            sms_off: false,
            sms_agent_day_max: 100,
            sms_number_day_max: 10,
            sms_block_day_max: 20,
            sms_day_max: 1_000,
            calls_agent_day_max: 1_000,
            links_max: 20,
            lost_closed_ms: 10 * SECOND,
            lost_silent_ms: 40 * SECOND,
            pictures_max: PICTURES_MAX,
            attempts_max: 9,
            quick_ms: 7 * SECOND,
            strokes_max: BOARD_STROKES_MAX,
            sends_max: 100,
            uploads_max: 32,
            upload_bytes_max: 128 * 1024 * 1024,
            upload_ms: 10 * MINUTE,
            events_max: 60_000,
            seat_events_max: 28_000,
            seat_bytes_max: 6 * MIB,
            chat_bytes: MIB / 4,
            last_bytes: MIB / 16,
            move_again_ms: 30 * SECOND,
            ask_ms: 33 * SECOND,
            allowed_ms: 45 * SECOND,
            rate_ms: 10 * MINUTE,
        }
    }
}
