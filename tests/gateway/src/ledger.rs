//! What happened lately: one entry an invocation, without bodies.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Entries that are kept.
const KEPT: usize = 4_096;

/// One invocation.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// When it was asked for, in milliseconds since 1970.
    pub at_ms: u64,
    /// Logical id of the function.
    pub function: String,
    /// Route key.
    pub route: String,
    /// Connection, on the WebSocket API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Until it was answered, waiting for a process included.
    pub millis: u64,
    /// `ok`, or why not.
    pub outcome: &'static str,
}

/// The latest entries.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<VecDeque<Entry>>);

impl Ledger {
    /// Adds one.
    pub fn add(&self, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().cloned().collect()
    }
}
