//! The opening handshake of a WebSocket (RFC 6455 section 4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The one version of the protocol.
const VERSION: &str = "13";

/// A request for a WebSocket.
pub struct Opening {
    /// Answers the client's key.
    accept: String,
}

/// Why a request opens no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOpening {
    /// Its method is another one.
    Method,
    /// It asks for no WebSocket, or for another version.
    Upgrade,
    /// It has no key.
    Key,
}

impl IntoResponse for NoOpening {
    fn into_response(self) -> Response {
        match self {
            Self::Method => {
                let allow = [(header::ALLOW, "GET")];
                (StatusCode::METHOD_NOT_ALLOWED, allow, "GET only").into_response()
            }
            Self::Upgrade => {
                let wanted = [
                    (header::UPGRADE, "websocket"),
                    (header::SEC_WEBSOCKET_VERSION, VERSION),
                ];
                let words = "this address is a WebSocket";
                (StatusCode::UPGRADE_REQUIRED, wanted, words).into_response()
            }
            Self::Key => (StatusCode::BAD_REQUEST, "no WebSocket key").into_response(),
        }
    }
}

impl Opening {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is a request for anything else.
    pub fn of(request: &Request) -> Result<Self, NoOpening> {
        let headers = request.headers();
        if request.method() != Method::GET {
            return Err(NoOpening::Method);
        }
        let asks = request.version() >= Version::HTTP_11
            && lists(headers, header::CONNECTION, "upgrade")
            && lists(headers, header::UPGRADE, "websocket");
        let version = headers.get(header::SEC_WEBSOCKET_VERSION);
        if !asks || version.is_none_or(|version| version != VERSION) {
            return Err(NoOpening::Upgrade);
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        key.map_or(Err(NoOpening::Key), |key| {
            Ok(Self {
                accept: derive_accept_key(key.as_bytes()),
            })
        })
    }

    /// Accepts it.
    pub fn accept(&self, subprotocol: Option<&str>) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set(header::CONNECTION, "upgrade");
        set(header::UPGRADE, "websocket");
        set(header::SEC_WEBSOCKET_ACCEPT, &self.accept);
        if let Some(name) = subprotocol {
            set(header::SEC_WEBSOCKET_PROTOCOL, name);
        }
        response
    }
}

/// Whether a list of tokens has this one.
fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(token))
}
