//! The error of a port.

/// A port failed. The operation may or may not have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct StoreError {
    /// The operation that failed, such as `commit`.
    pub operation: &'static str,
    /// The cause, without personal data.
    pub cause: String,
    /// Whether another attempt may succeed.
    pub retryable: bool,
}
