//! Why a session was not changed, and how that is answered and logged.

use sightline_wire::{Refusal, SessionId};

use crate::ports::StoreError;

/// Why a session was not changed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The session does not exist, or no longer exists.
    NoSession,
    /// Other commits came first in every attempt.
    Busy,
    /// The store failed.
    Store(StoreError),
}

impl Stop {
    /// Returns the refusal for a page. Logs the reason, which the page does not see.
    pub(crate) fn refusal(&self, session: SessionId) -> Refusal {
        match self {
            Self::NoSession => Refusal::NoSeat,
            Self::Busy => {
                tracing::warn!(session.id = %session, "session is busy");
                Refusal::Busy
            }
            Self::Store(error) => {
                tracing::error!(session.id = %session, error = %error, "store failed");
                Refusal::Trouble
            }
        }
    }
}
