//! Refusals, with their words on the wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a request was refused. The connection and the session stay as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// The message is not part of this protocol, or breaks a limit.
    #[error("message is malformed")]
    Malformed,
    /// The topic is unknown.
    #[error("topic is unknown")]
    UnknownTopic,
    /// The message is longer than [`crate::MESSAGE_BYTES_MAX`].
    #[error("message is too long")]
    TooLong,
    /// The connection did not attach to the session it names.
    #[error("connection speaks for no seat in this session")]
    NotAttached,
    /// The connection's cookies give no seat in the session it names. The same for a session that
    /// does not exist.
    #[error("no seat in this session")]
    NoSeat,
    /// The command is for the other seat only.
    #[error("this seat may not do that")]
    NotYours,
    /// A command number was skipped. The page repeats from `expected`.
    #[error("command out of turn, expected {expected}")]
    OutOfTurn {
        /// The next number that is taken.
        expected: u32,
    },
    /// Another page holds the seat; `join` with `take` moves it here.
    #[error("another page holds the seat")]
    SeatTaken,
    /// Another person of the session, or the business, has a name that looks like this one.
    #[error("name looks like another one")]
    NameTaken,
    /// This page lost the seat to another page.
    #[error("the seat moved to another page")]
    Moved,
    /// The seat is not joined yet.
    #[error("not joined")]
    NotJoined,
    /// The invite expired.
    #[error("invite expired")]
    InviteExpired,
    /// The invite was cancelled.
    #[error("invite cancelled")]
    InviteCancelled,
    /// The call is over.
    #[error("call ended")]
    CallEnded,
    /// The customer has joined: the invite cannot be cancelled or sent any more.
    #[error("customer has joined")]
    AlreadyJoined,
    /// Too soon after the previous one.
    #[error("too soon, wait {wait_ms} ms")]
    TooSoon {
        /// Milliseconds to wait.
        wait_ms: u32,
    },
    /// The customer's camera is off.
    #[error("camera is off")]
    CameraOff,
    /// The picture's board is not the open one.
    #[error("board is not open")]
    BoardClosed,
    /// The picture does not exist (any more), or has no base yet.
    #[error("no such picture")]
    NoPicture,
    /// Nothing was uploaded, or it has been deleted since; upload again.
    #[error("nothing was uploaded")]
    NotUploaded,
    /// The upload is not a whole JPEG, or too large.
    #[error("not an acceptable picture")]
    BadPicture,
    /// A limit of the session is reached (messages sent, links made, pictures, strokes on a board,
    /// events in all).
    #[error("a limit of the session is reached")]
    LimitReached,
    /// The time for it is over.
    #[error("too late")]
    TooLate,
    /// Too many messages on this connection.
    #[error("too many messages")]
    TooOften,
    /// Others kept changing the session at the same time; try again.
    #[error("session is busy")]
    Busy,
    /// The server failed; try again.
    #[error("trouble on the server")]
    Trouble,
}
