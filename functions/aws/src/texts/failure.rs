//! Interprets the errors of SNS about a text message.

use std::error::Error;

use aws_sdk_sns::config::http::HttpResponse;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use hyper_util::client::legacy;
use sightline_wire::SmsFailure;

type Failed = SdkError<PublishError, HttpResponse>;

/// Returns why a message was not sent. Codes are those of the Amazon SNS API Reference, "Publish"
/// and "Common errors"; where a code is not specific, phrases are those of its Developer Guide,
/// "SMS delivery failure reasons".
pub(super) fn of(error: &Failed) -> SmsFailure {
    let message = error.message().unwrap_or_default().to_ascii_lowercase();
    match error.code().unwrap_or_default() {
        code if THROTTLED.contains(&code) => SmsFailure::Throttled,
        "OptedOut" => SmsFailure::OptedOut,
        _ if message.contains("opted out") => SmsFailure::OptedOut,
        _ if SPENT.iter().any(|words| message.contains(words)) => SmsFailure::SpendLimit,
        _ if message.contains("country") && message.contains("block") => SmsFailure::CountryBlocked,
        // The other parameters are ours, and an error in them is not a bad number.
        "InvalidParameter" | "ParameterValueInvalid" | "ValidationError"
            if NUMBER.iter().any(|words| message.contains(words)) =>
        {
            SmsFailure::BadNumber
        }
        _ => SmsFailure::Trouble,
    }
}

/// Whether SNS certainly did not accept the message: no connection was made, or SNS throttled it.
pub(super) fn certainly_not_accepted(error: &Failed) -> bool {
    let code = error.code();
    code.is_some_and(|code| THROTTLED.contains(&code)) || never_connected(error)
}

/// Returns the service's error code, or the kind of failure.
pub(super) fn code<E, R>(error: &SdkError<E, R>) -> &str
where
    E: ProvideErrorMetadata,
{
    match (error.code(), error) {
        (Some(code), _) => code,
        (None, SdkError::TimeoutError(_)) => "timed out",
        (None, SdkError::DispatchFailure(_)) => "not reached",
        (None, SdkError::ConstructionFailure(_)) => "request could not be made",
        (None, _) => "unnamed error",
    }
}

const THROTTLED: [&str; 8] = [
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
];

const SPENT: [&str; 3] = ["no quota left", "spend limit", "exceed max price"];

const NUMBER: [&str; 2] = ["phonenumber", "phone number"];

fn never_connected(error: &Failed) -> bool {
    let SdkError::DispatchFailure(failure) = error else {
        return false;
    };
    let Some(failure) = failure.as_connector_error() else {
        return false;
    };
    let mut next: Option<&(dyn Error + 'static)> = failure.source();
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            return error.is_connect();
        }
        next = error.source();
    }
    false
}
