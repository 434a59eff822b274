//! The port of the call's record.

use std::future::Future;

use sightline_wire::{Seat, SessionId};

use super::StoreError;
use crate::records::CallMinute;

/// Stores how well calls ran, beside the log. It is for display only.
pub trait CallMinutes: Send + Sync {
    /// Stores a minute of a seat in its place ([`CallMinute::place`]), unless that holds this
    /// minute or a later one. Returns whether it was stored. `delete_at_s` is the session's.
    fn note_minute(
        &self,
        session: SessionId,
        seat: Seat,
        minute: CallMinute,
        delete_at_s: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Returns the stored minutes of a seat, the earliest first.
    fn minutes(
        &self,
        session: SessionId,
        seat: Seat,
    ) -> impl Future<Output = Result<Vec<CallMinute>, StoreError>> + Send;
}
