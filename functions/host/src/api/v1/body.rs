//! Reading the body of a request of another program.

use axum::extract::Request;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sightline_wire::v1::ProblemCode;

use super::problem::Problematic;
use crate::api::body::{bytes_within, is_object, says_json};

/// Returns the JSON of a body of at most `bytes_max` bytes.
pub(super) async fn json<T: DeserializeOwned>(
    request: Request,
    bytes_max: usize,
) -> Result<T, Problematic> {
    if !says_json(request.headers()) {
        let malformed = Problematic::of(ProblemCode::Malformed);
        return Err(malformed.explained("send `Content-Type: application/json`"));
    }
    let bytes = bytes_within(request, bytes_max).await?;
    let read = sightline_wire::read_json(&bytes).map_err(|error| match error.classify() {
        // The words of serde may quote the value, which its sender knows.
        Category::Data => Problematic::invalid(error.to_string()),
        Category::Io | Category::Syntax | Category::Eof => {
            Problematic::of(ProblemCode::Malformed).explained(error.to_string())
        }
    })?;
    match is_object(&bytes) {
        true => Ok(read),
        false => Err(Problematic::invalid("send a JSON object".to_owned())),
    }
}
