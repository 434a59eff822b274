//! A log of recent invocations, without bodies.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Most entries that are kept.
const KEPT: usize = 4_096;

/// One invocation.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// When it was requested, epoch milliseconds.
    pub at_ms: u64,
    /// Logical id of the function.
    pub function: String,
    /// Route key.
    pub route: String,
    /// Connection, on the WebSocket API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Milliseconds until the answer, including the wait for a process.
    pub millis: u64,
    /// `ok` or the error.
    pub outcome: &'static str,
}

/// The latest entries.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<VecDeque<Entry>>);

impl Ledger {
    /// Adds an entry.
    pub fn add(&self, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// Returns all entries, the oldest first.
    pub fn all(&self) -> Vec<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().cloned().collect()
    }
}
