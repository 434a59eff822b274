//! What can go wrong with the file.

use sightline_host::ports::StoreError;

/// A failed read or write. Keeps words of the error, so that one failed transaction can be told to
/// everybody in it.
#[derive(Debug, Clone)]
pub struct Failure {
    why: String,
    /// The database must be opened anew.
    pub ill: bool,
    again: bool,
}

impl Failure {
    /// The store is shut, or away for a moment.
    pub fn closed() -> Self {
        Self {
            why: "database is closed".to_owned(),
            ill: false,
            again: true,
        }
    }

    /// A stored record that cannot be understood.
    pub fn record(why: impl std::fmt::Display) -> Self {
        Self {
            why: format!("stored record: {why}"),
            ill: false,
            again: false,
        }
    }

    /// As the host hears it.
    pub fn trouble(self, what: &'static str) -> StoreError {
        StoreError {
            operation: what,
            cause: self.why,
            retryable: self.again,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<StoreError> for Failure {
    fn from(trouble: StoreError) -> Self {
        Self {
            why: trouble.cause,
            ill: false,
            again: trouble.retryable,
        }
    }
}

impl From<redb::Error> for Failure {
    fn from(error: redb::Error) -> Self {
        Self {
            why: error.to_string(),
            ill: matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo),
            again: !matches!(error, redb::Error::Corrupted(_)),
        }
    }
}

macro_rules! from_redb {
    ($($kind:ident),*) => {
        $(impl From<redb::$kind> for Failure {
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
