//! Refusals as HTTP answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sightline_wire::api::{ApiError, ApiRefusal};

/// An answer that is not 2xx.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) status: StatusCode,
    pub(super) error: ApiError,
}

impl Failure {
    pub(crate) const fn of(error: ApiError) -> Self {
        let status = match &error {
            ApiError::UnknownLink | ApiError::NotFound => StatusCode::NOT_FOUND,
            ApiError::NotSignedIn => StatusCode::UNAUTHORIZED,
            ApiError::SignInLinkSpent | ApiError::WrongOrigin | ApiError::NotAdmin => {
                StatusCode::FORBIDDEN
            }
            ApiError::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            ApiError::Malformed => StatusCode::BAD_REQUEST,
            ApiError::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::BadNumber { .. }
            | ApiError::NumberUnlikely { .. }
            | ApiError::BadLogo { .. }
            | ApiError::UnknownLanguage => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::TooOften => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Refused { .. }
            | ApiError::CallRunning
            | ApiError::OwnAccess
            | ApiError::ChangedMeanwhile
            | ApiError::LogoGiven => StatusCode::CONFLICT,
            ApiError::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self { status, error }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::of(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(ApiRefusal { error: self.error })).into_response()
    }
}
