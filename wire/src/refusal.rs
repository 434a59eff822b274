//! Every expected no, with its word on the wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why something asked for was not done. The connection and the session are unharmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// The message is not one of this protocol, or breaks a limit.
    #[error("message is malformed")]
    Malformed,
    /// The topic is not known here.
    #[error("topic is unknown")]
    UnknownTopic,
    /// The message is longer than [`crate::MESSAGE_BYTES_MAX`].
    #[error("message is too long")]
    TooLong,
    /// The connection did not attach to the session it names.
    #[error("connection speaks for no seat in this session")]
    NotAttached,
    /// The connection's cookies give no seat in the session it names. A session that does not exist
    /// answers the same.
    #[error("no seat in this session")]
    NoSeat,
    /// The other seat's command.
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
    /// This page lost the seat to another page.
    #[error("the seat moved to another page")]
    Moved,
    /// Not before the seat is joined.
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
    /// The customer has joined already: there is nothing left to cancel or send.
    #[error("customer has joined")]
    AlreadyJoined,
    /// Too soon after the one before.
    #[error("too soon, wait {wait_ms} ms")]
    TooSoon {
        /// Milliseconds to wait.
        wait_ms: u32,
    },
    /// The customer's camera is off, so there is nothing to take a picture of.
    #[error("camera is off")]
    CameraOff,
    /// The picture's board is not the open one.
    #[error("board is not open")]
    BoardClosed,
    /// There is no such picture in the session (any more), or it has no base yet.
    #[error("no such picture")]
    NoPicture,
    /// Nothing was uploaded, or it has been taken away since. Worth another upload.
    #[error("nothing was uploaded")]
    NotUploaded,
    /// What was uploaded is no picture that is taken here: not a whole JPEG, or too large.
    #[error("not an acceptable picture")]
    BadPicture,
    /// A limit of the session is reached (messages sent, links made, pictures, strokes on a board,
    /// events in all).
    #[error("a limit of the session is reached")]
    LimitReached,
    /// Too many messages on this connection.
    #[error("too many messages")]
    TooOften,
    /// Others changed the session at the same time, again and again. Worth another try.
    #[error("session is busy")]
    Busy,
    /// The server had trouble of its own. Worth another try.
    #[error("trouble on the server")]
    Trouble,
}
