//! The source address of a request, and whether a proxy forwarded it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sightline_host::SourceAddress;

/// The header to which each proxy appends the address of its client.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whether a proxy on this machine is in front of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BehindProxy(pub bool);

/// Adds the source address to a request.
pub async fn add(
    State(behind): State<BehindProxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let source = SourceAddress(source(behind, peer.ip(), request.headers()));
    request.extensions_mut().insert(source);
    next.run(request).await
}

/// Answers 404 to forwarded requests: some proxies send a loopback name as `Host`.
pub async fn direct_only(request: Request, next: Next) -> Response {
    if is_forwarded(request.headers()) {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    next.run(request).await
}

/// Returns the last entry, which our own proxy wrote; its client wrote the entries before.
fn source(BehindProxy(behind): BehindProxy, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !behind || !peer.is_loopback() {
        return peer;
    }
    let mut lines = headers.get_all(FORWARDED_FOR).iter();
    lines
        .next_back()
        .and_then(|line| line.to_str().ok()?.rsplit(',').next())
        .and_then(|entry| address(entry.trim()))
        .unwrap_or(peer)
}

/// Parses an address, which some proxies write with the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|at| at.ip());
    entry.parse().ok().or_else(with_port).or_else(bare)
}

/// Whether a proxy forwarded the request.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().map(|name| name.as_str()).any(|name| {
        name.starts_with("x-forwarded-") || matches!(name, "forwarded" | "via" | "x-real-ip")
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn only_our_own_proxy_is_trusted_and_only_its_own_entry() {
        let told = |behind, peer: &str, lines: &[&'static str]| {
            source(BehindProxy(behind), peer.parse().unwrap(), &headers(lines)).to_string()
        };
        let home = "127.0.0.1";
        assert_eq!(told(false, home, &["192.0.2.1"]), home);
        assert_eq!(told(true, "192.0.2.9", &["192.0.2.1"]), "192.0.2.9");
        assert_eq!(told(true, home, &[]), home);
        assert_eq!(told(true, home, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(told(true, home, &["10.0.0.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(told(true, home, &["10.0.0.1", "192.0.2.1"]), "192.0.2.1");
        assert_eq!(told(true, home, &["192.0.2.1:4711"]), "192.0.2.1");
        assert_eq!(told(true, "::1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(told(true, home, &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(told(true, home, &["[2001:db8::1]:80"]), "2001:db8::1");
        assert_eq!(told(true, home, &["192.0.2.1, unknown"]), home);
        assert_eq!(told(true, home, &["192.0.2.1,"]), home);
    }
}
