//! The route of tokens for the page `/embed`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use sightline_wire::v1::{V1EmbedTokenMade, V1WantedEmbedToken};

use super::body;
use super::guard::Caller;
use super::problem::Problematic;
use crate::host::Host;
use crate::ports::Ports;

pub(super) async fn token<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    Caller(key): Caller,
    request: Request,
) -> Result<Json<V1EmbedTokenMade>, Problematic> {
    let asked = body::json(request, V1WantedEmbedToken::BYTES_MAX).await?;
    Ok(Json(host.embed_token(&key, asked).await?))
}
