//! Errors of services as [`StoreError`].

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use sightline_host::ports::StoreError;

/// Retryable error codes of all services (AWS General Reference, error retries; DynamoDB
/// Developer Guide, "Error handling").
const AGAIN: [&str; 12] = [
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "LimitExceededException",
    "InternalServerError",
    "ServiceUnavailable",
    "SlowDown",
    "TransactionInProgressException",
    "TransactionConflictException",
    "RequestTimeout",
];

/// Converts the error of a call. Its cause is the service's error code or the kind of failure; the
/// service's message is left out, because it may quote a value.
pub(crate) fn of<E>(what: &'static str, error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata,
{
    let code = error.as_service_error().and_then(|error| error.code());
    // A failure of the service itself, whatever its code.
    let failed = error
        .raw_response()
        .is_some_and(|answer| answer.status().is_server_error());
    let (why, again) = match (error, code) {
        (_, Some(code)) => (code.to_owned(), failed || AGAIN.contains(&code)),
        (SdkError::TimeoutError(_), _) => ("timed out".to_owned(), true),
        (SdkError::DispatchFailure(_), _) => ("not reached".to_owned(), true),
        (SdkError::ResponseError(_), _) => ("answer lost".to_owned(), true),
        (SdkError::ServiceError(_), _) => ("unnamed error".to_owned(), true),
        _ => ("request could not be made".to_owned(), false),
    };
    StoreError {
        operation: what,
        cause: why,
        retryable: again,
    }
}
