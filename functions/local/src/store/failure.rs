//! Errors of the database.

use sightline_host::ports::StoreError;

use crate::data::DataError;
use crate::place::Displaced;

/// A failed read or write. It holds the text of the error, so that all work in a failed transaction
/// can report it.
#[derive(Debug, Clone)]
pub struct DatabaseFailure {
    why: String,
    /// Whether the database must be reopened.
    pub must_reopen: bool,
    again: bool,
}

impl DatabaseFailure {
    /// The database is closed or being reopened.
    pub fn closed() -> Self {
        Self {
            why: "database is closed".to_owned(),
            must_reopen: false,
            again: true,
        }
    }

    /// The path of the database leads to another file, or to none. Until that is mended another try
    /// is refused, too.
    pub fn displaced(displaced: &Displaced) -> Self {
        Self {
            why: displaced.to_string(),
            must_reopen: false,
            again: false,
        }
    }

    /// The file cannot be opened again.
    pub fn file(error: &DataError) -> Self {
        let cause = std::error::Error::source(error);
        Self {
            why: cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
            must_reopen: false,
            again: true,
        }
    }

    /// A copy of the file cannot be made. The file itself is well.
    pub fn copy(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            must_reopen: false,
            again: false,
        }
    }

    /// A later version has a table that this one would not copy.
    pub fn unknown_table(name: &str) -> Self {
        Self {
            why: format!("a newer sightline wrote table {name}"),
            must_reopen: false,
            again: false,
        }
    }

    /// A stored record cannot be decoded.
    pub fn record(why: impl std::fmt::Display) -> Self {
        Self {
            why: format!("stored record: {why}"),
            must_reopen: false,
            again: false,
        }
    }

    /// Converts it for the host.
    pub fn error(self, what: &'static str) -> StoreError {
        StoreError {
            operation: what,
            cause: self.why,
            retryable: self.again,
        }
    }
}

impl std::fmt::Display for DatabaseFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<StoreError> for DatabaseFailure {
    fn from(error: StoreError) -> Self {
        Self {
            why: error.cause,
            must_reopen: false,
            again: error.retryable,
        }
    }
}

impl From<redb::Error> for DatabaseFailure {
    fn from(error: redb::Error) -> Self {
        Self {
            why: error.to_string(),
            must_reopen: matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo),
            again: !matches!(error, redb::Error::Corrupted(_)),
        }
    }
}

macro_rules! from_redb {
    ($($kind:ident),*) => {
        $(impl From<redb::$kind> for DatabaseFailure {
            fn from(error: redb::$kind) -> Self {
                redb::Error::from(error).into()
            }
        })*
    };
}

from_redb!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError
);
