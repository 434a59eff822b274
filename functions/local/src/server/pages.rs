//! Serves the pages embedded in the binary.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use sightline_host::embed_headers;
use sightline_web::Asset;

use super::ServerState;

/// Redirects `/` to the agent's page.
pub async fn root() -> Redirect {
    Redirect::to("/agent")
}

/// Serves files of the bundle. Reading a page has no effect, so link previews do no harm.
pub async fn file(State(server): State<ServerState>, uri: Uri, headers: HeaderMap) -> Response {
    match sightline_web::file(uri.path()) {
        Some(asset) => answer(asset, &headers),
        None if server.without_pages && matches!(uri.path(), "/j" | "/agent") => {
            (StatusCode::SERVICE_UNAVAILABLE, sightline_web::MISSING).into_response()
        }
        None => (StatusCode::NOT_FOUND, "not found").into_response(),
    }
}

/// Serves the agent's page to the frames of other programs, where there are any.
pub async fn embedded(State(server): State<ServerState>, headers: HeaderMap) -> Response {
    let origins = &server.host.config().embed_origins;
    if origins.is_empty() {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    let uri = Uri::from_static("/agent");
    let mut response = file(State(server.clone()), uri, headers).await;
    // The layer of all pages leaves headers that are set.
    response.headers_mut().extend(embed_headers(origins));
    response
}

fn answer(asset: Asset, headers: &HeaderMap) -> Response {
    let (bytes, encoding) = match (asset.brotli, asset.gzip) {
        (Some(brotli), _) if accepts(headers, "br") => (brotli, Some("br")),
        (_, Some(gzip)) if accepts(headers, "gzip") => (gzip, Some("gzip")),
        _ => (asset.bytes, None),
    };
    let mut response = bytes.into_response();
    let keep = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Whether a content coding is acceptable (RFC 9110 section 12.5.3), as far as browsers use it.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    lines.filter_map(|line| line.to_str().ok()).any(|line| {
        line.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|q| q.trim_matches(['0', '.']).is_empty());
            named && !refused
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_used_only_when_accepted() {
        let accepts = |line: &'static str, coding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            accepts(&headers, coding)
        };
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("GZIP;q=0.5", "gzip"));
        assert!(!accepts("gzip;q=0", "gzip"));
        assert!(!accepts("br;q=0.000, gzip", "br"));
        assert!(!accepts("identity", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn pages_are_revalidated_and_assets_cached() {
        let asset = Asset {
            path: "x.js",
            bytes: b"long",
            gzip: Some(b"gz"),
            brotli: Some(b"b"),
            content_type: "text/javascript",
            immutable: true,
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let kept = answer(asset, &headers);
        assert_eq!(kept.headers()["content-encoding"], "gzip");
        assert_eq!(kept.headers()["vary"], "Accept-Encoding");
        assert!(
            kept.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let page = answer(
            Asset {
                immutable: false,
                ..asset
            },
            &HeaderMap::new(),
        );
        assert_eq!(page.headers()["cache-control"], "no-cache");
        assert!(page.headers().get("content-encoding").is_none());
    }
}
