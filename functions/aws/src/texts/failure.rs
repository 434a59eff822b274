//! What an answer of SNS says about a text message.

use std::error::Error;

use aws_sdk_sns::config::http::HttpResponse;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use hyper_util::client::legacy;
use sightline_wire::SmsFailure;

type Failed = SdkError<PublishError, HttpResponse>;

/// Why it did not go out. Codes as in the Amazon SNS API Reference, "Publish" and "Common errors";
/// its words, where a code says too little, as in its Developer Guide, "SMS delivery failure
/// reasons".
pub(super) fn of(error: &Failed) -> SmsFailure {
    let told = error.message().unwrap_or_default().to_ascii_lowercase();
    match error.code().unwrap_or_default() {
        code if THROTTLED.contains(&code) => SmsFailure::Throttled,
        "OptedOut" => SmsFailure::OptedOut,
        _ if told.contains("opted out") => SmsFailure::OptedOut,
        _ if SPENT.iter().any(|words| told.contains(words)) => SmsFailure::SpendLimit,
        _ if told.contains("country") && told.contains("block") => SmsFailure::CountryBlocked,
        // The other parameters are ours: to call those a bad number would blame the customer.
        "InvalidParameter" | "ParameterValueInvalid" | "ValidationError"
            if NUMBER.iter().any(|words| told.contains(words)) =>
        {
            SmsFailure::BadNumber
        }
        _ => SmsFailure::Trouble,
    }
}

/// It may be handed over again: there was no connection to hand it over on, or SNS refused it for
/// coming too soon.
pub(super) fn surely_not_taken(error: &Failed) -> bool {
    let code = error.code();
    code.is_some_and(|code| THROTTLED.contains(&code)) || never_connected(error)
}

/// The service's own name for it, or what kind of failure it was.
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
