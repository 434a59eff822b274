//! Errors for other programs: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sightline_wire::api::ApiError;
use sightline_wire::v1::{Problem, ProblemCode};
use sightline_wire::{KeyScope, Refusal};

/// How long to wait after a failure of the server, seconds.
const TROUBLE_S: u32 = 1;

/// How long to wait after too many wrong keys or too many calls, seconds.
const OFTEN_S: u32 = 60;

/// An answer to another program that is no success.
#[derive(Debug)]
pub(crate) struct Problematic {
    problem: Box<Problem>,
    retry_after_s: Option<u32>,
    /// What a caller without a key, or with one that lacks a scope, receives (RFC 6750).
    challenge: Option<String>,
}

impl Problematic {
    pub(crate) fn of(code: ProblemCode) -> Self {
        let retry_after_s = match code {
            ProblemCode::Trouble => Some(TROUBLE_S),
            ProblemCode::TooOften => Some(OFTEN_S),
            _ => None,
        };
        let challenge = (code == ProblemCode::NoKey).then(|| "Bearer".to_owned());
        Self {
            problem: Box::new(Problem::of(code)),
            retry_after_s,
            challenge,
        }
    }

    pub(crate) fn is(&self, code: ProblemCode) -> bool {
        self.problem.code == code
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::of(ProblemCode::Invalid).explained(detail)
    }

    /// Adds what is wrong with this request.
    pub(crate) fn explained(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    pub(crate) fn too_often(retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::of(ProblemCode::TooOften)
        }
    }

    pub(crate) fn lacks(scope: KeyScope) -> Self {
        let word = scope.word();
        let detail = format!("the key lacks the scope `{word}`");
        let mut lacking = Self::of(ProblemCode::NoScope).explained(detail);
        lacking.challenge = Some(format!(
            "Bearer error=\"insufficient_scope\", scope=\"{word}\""
        ));
        lacking
    }
}

impl From<Refusal> for Problematic {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::LimitReached => ProblemCode::LimitReached,
            Refusal::TooSoon { .. } => ProblemCode::TooSoon,
            Refusal::AlreadyJoined => ProblemCode::AlreadyJoined,
            Refusal::InviteExpired | Refusal::InviteCancelled | Refusal::CallEnded => {
                ProblemCode::InviteOver
            }
            Refusal::Busy | Refusal::Trouble => ProblemCode::Trouble,
            _ => ProblemCode::Refused,
        };
        let mut refused = Self::of(code).explained(refusal.to_string());
        if let Refusal::TooSoon { wait_ms } = refusal {
            refused.problem.wait_ms = Some(wait_ms);
            refused.retry_after_s = Some(wait_ms.div_ceil(1_000).max(1));
        }
        refused
    }
}

impl From<ApiError> for Problematic {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Refused { refusal } => refusal.into(),
            ApiError::NotFound | ApiError::UnknownLink => Self::of(ProblemCode::NotFound),
            ApiError::NotSignedIn | ApiError::SignInLinkSpent => Self::of(ProblemCode::NoKey),
            // A key sees the calls of all agents, so that no route of its scopes is refused so.
            ApiError::NotAdmin | ApiError::WrongOrigin | ApiError::WrongHost => {
                Self::of(ProblemCode::NoScope)
            }
            ApiError::CallRunning => Self::of(ProblemCode::CallRunning),
            // No route of a key is about the logo.
            ApiError::OwnAccess
            | ApiError::ChangedMeanwhile
            | ApiError::LogoGiven
            | ApiError::BadLogo { .. } => Self::of(ProblemCode::Refused),
            ApiError::Malformed => Self::of(ProblemCode::Malformed),
            ApiError::TooLong => Self::of(ProblemCode::TooLong),
            ApiError::TooOften => Self::of(ProblemCode::TooOften),
            ApiError::Trouble => Self::of(ProblemCode::Trouble),
            ApiError::UnknownLanguage => Self::of(ProblemCode::UnknownLanguage),
            ApiError::BadNumber { why } => {
                let mut bad = Self::of(ProblemCode::BadNumber);
                bad.problem.why = why;
                bad
            }
            ApiError::NumberUnlikely { reading } => {
                let mut unlikely = Self::of(ProblemCode::NumberUnlikely);
                unlikely.problem.reading = Some(reading);
                unlikely
            }
        }
    }
}

impl IntoResponse for Problematic {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or_default();
        let body = serde_json::to_vec(&*self.problem).unwrap_or_default();
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, json, body).into_response();
        let headers = response.headers_mut();
        if let Some(after_s) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after_s));
        }
        let challenge = self.challenge.and_then(|text| text.parse().ok());
        headers.extend(challenge.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
        response
    }
}
