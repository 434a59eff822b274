//! What answers on this machine's network address (`--lan`): what a customer's phone needs, and
//! nothing else.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sightline_host::ports::Ports as _;
use sightline_host::{Handshake, Host, is_for_customers};
use sightline_web::Asset;

use crate::desk::Desk;

/// Decides which requests come from outside, and answers 404 to those that must not.
#[derive(Clone)]
pub struct Gate {
    /// The host, which knows whose cookies are valid.
    pub host: Arc<Host<Desk>>,
    /// The names of the network addresses. A request for one of these is from outside.
    pub names: Arc<[String]>,
    /// Every request is from outside: the connection came to a network address.
    pub always: bool,
}

/// Lets a request pass, or answers 404.
pub async fn check(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if (gate.always || gate.is_named(&request)) && !gate.lets(&request) {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    next.run(request).await
}

impl Gate {
    fn is_named(&self, request: &Request) -> bool {
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|value| value.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(|named| named.as_str()));
        host.is_some_and(|host| {
            self.names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host))
        })
    }

    fn lets(&self, request: &Request) -> bool {
        let path = request.uri().path();
        match path {
            "/ws" => self.is_customer(request.headers()),
            "/j" | "/ca.crt" | "/api/logo" => reads(request.method()),
            path if path.starts_with("/api/") => is_for_customers(path),
            // Each of these has a signature of its own.
            path if path.starts_with("/objects/") => true,
            path => reads(request.method()) && LOADED.contains(path),
        }
    }

    /// Whether a WebSocket has a seat's cookie and nothing beyond: no sign-in, no relay's token.
    fn is_customer(&self, headers: &HeaderMap) -> bool {
        let (cookies, keys, now_ms) = (
            Handshake::of(headers).cookies,
            self.host.keys(),
            self.host.ports().now_ms(),
        );
        !headers.contains_key(header::AUTHORIZATION)
            && cookies.agent(keys, now_ms).is_none()
            && !cookies.seats(keys, now_ms).is_empty()
    }
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The paths of all files that the customer's page loads.
static LOADED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let page = sightline_web::file("/j");
    loaded_by(page, sightline_web::assets())
});

/// Follows the names of files from one to the next. They hold a hash, so that a name that occurs in
/// a file means that file.
fn loaded_by(page: Option<Asset>, all: &[Asset]) -> BTreeSet<String> {
    let mut loaded = BTreeSet::new();
    let mut unread: Vec<Asset> = page.into_iter().collect();
    while let Some(asset) = unread.pop() {
        let text = String::from_utf8_lossy(asset.bytes);
        for other in all.iter().filter(|other| !other.path.ends_with(".html")) {
            let name = other.path.rsplit('/').next().unwrap_or(other.path);
            if text.contains(name) && loaded.insert(format!("/{}", other.path)) {
                unread.push(*other);
            }
        }
    }
    loaded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(path: &'static str, text: &'static str) -> Asset {
        Asset {
            path,
            bytes: text.as_bytes(),
            gzip: None,
            brotli: None,
            content_type: "text/plain",
            immutable: true,
        }
    }

    #[test]
    fn a_page_loads_what_it_names_and_what_that_names() {
        let all = [
            asset("agent.html", "/assets/agent-1.js"),
            asset("assets/agent-1.js", "./shared-2.js"),
            asset("assets/j-3.js", "import './shared-2.js'"),
            asset("assets/later-4.css", ""),
            asset("assets/shared-2.js", "import('./later-4.css'); './j-3.js'"),
            asset("icon-5.svg", ""),
        ];
        let page = asset(
            "j.html",
            "<script src=/assets/j-3.js> href=/icon-5.svg agent.html",
        );
        let loaded: Vec<String> = loaded_by(Some(page), &all).into_iter().collect();
        let expected = [
            "/assets/j-3.js",
            "/assets/later-4.css",
            "/assets/shared-2.js",
            "/icon-5.svg",
        ];
        assert_eq!(loaded, expected);
    }

    #[test]
    fn the_customers_page_does_not_load_the_agents() {
        if !sightline_web::is_built() {
            eprintln!("{}", sightline_web::MISSING);
            return;
        }
        let of_agent = |path: &&String| path.starts_with("/assets/agent-");
        assert!(LOADED.iter().any(|path| path.starts_with("/assets/j-")));
        assert_eq!(LOADED.iter().find(of_agent), None);
    }
}
