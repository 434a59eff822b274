//! The ports of what signs in once: tokens that were used, sign-ins that are over.

use std::future::Future;

use sightline_wire::SignInId;

use super::{ConnectionKey, StoreError};

/// Remembers one-time tokens that were used.
pub trait SpentTokens: Send + Sync {
    /// Spends a one-time token. Returns true for the first caller only. The token may be forgotten
    /// after `until_ms`, when it has expired.
    fn spend(
        &self,
        token: &[u8],
        until_ms: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Remembers sign-ins of agents that are over, and which connections each one has.
pub trait SignIns: Send + Sync {
    /// Notes that a connection was opened by a sign-in. A connection that is closed may stay noted
    /// until `until_ms`.
    fn note_sign_in(
        &self,
        sign_in: SignInId,
        connection: &ConnectionKey,
        until_ms: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Ends a sign-in for good and returns the connections that were noted before. It may be
    /// forgotten after `until_ms`, when every copy of its cookie has expired. A connection is noted
    /// here, or finds the sign-in over afterwards, or both.
    fn end_sign_in(
        &self,
        sign_in: SignInId,
        until_ms: u64,
    ) -> impl Future<Output = Result<Vec<ConnectionKey>, StoreError>> + Send;
    /// Returns whether a sign-in was ended.
    fn is_signed_out(
        &self,
        sign_in: SignInId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
