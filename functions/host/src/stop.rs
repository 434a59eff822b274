//! Why a request stops, and how that is logged and answered. No other place turns the error of a
//! port into an answer.

use sightline_wire::api::ApiError;
use sightline_wire::{Refusal, SessionId};

use crate::ports::StoreError;

/// Why a session was not changed, or something else was not done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The session does not exist, or no longer exists.
    NoSession,
    /// Other commits came first in every attempt.
    Busy,
    /// A port failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    /// Returns whether another attempt may succeed.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::NoSession => false,
            Self::Busy => true,
            Self::Store(error) => error.retryable,
        }
    }

    /// Logs the reason, which an outsider does not see.
    pub(crate) fn log(&self, session: Option<SessionId>) {
        let session = session.map(tracing::field::display);
        match self {
            Self::NoSession => {}
            Self::Busy => tracing::warn!(session.id = session, "session is busy"),
            Self::Store(error) => {
                tracing::error!(session.id = session, error = %error, "store failed");
            }
        }
    }

    /// Returns the answer to a page. Logs the reason.
    pub(crate) fn refusal(&self, session: Option<SessionId>) -> Refusal {
        self.log(session);
        match self {
            Self::NoSession => Refusal::NoSeat,
            Self::Busy => Refusal::Busy,
            Self::Store(_) => Refusal::Trouble,
        }
    }

    fn api_error(&self, session: Option<SessionId>) -> ApiError {
        self.log(session);
        match self {
            Self::NoSession => ApiError::NotFound,
            Self::Busy | Self::Store(_) => ApiError::Trouble,
        }
    }
}

/// Turns a failure into an answer, and logs it with the session it is about.
pub(crate) trait OrAnswer<T> {
    /// Answers a page.
    fn or_refuse(self, session: impl Into<Option<SessionId>>) -> Result<T, Refusal>;

    /// Answers a request to the API.
    fn or_fail(self, session: impl Into<Option<SessionId>>) -> Result<T, ApiError>;
}

impl<T, E: Into<Stop>> OrAnswer<T> for Result<T, E> {
    fn or_refuse(self, session: impl Into<Option<SessionId>>) -> Result<T, Refusal> {
        self.map_err(|error| error.into().refusal(session.into()))
    }

    fn or_fail(self, session: impl Into<Option<SessionId>>) -> Result<T, ApiError> {
        self.map_err(|error| error.into().api_error(session.into()))
    }
}
