//! Where a request comes from, and whether a proxy brought it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sightline_host::SourceAddress;

/// What each proxy appends the address of its client to.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whether requests come through a proxy in front of this machine's loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BehindProxy(pub bool);

/// Tells the API the source of a request.
pub async fn tell(
    State(behind): State<BehindProxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let source = SourceAddress(source(behind, peer.ip(), request.headers()));
    request.extensions_mut().insert(source);
    next.run(request).await
}

/// Answers 404 to what a proxy passed on: some name this machine's loopback as `Host`.
pub async fn direct_only(request: Request, next: Next) -> Response {
    if passed_on(request.headers()) {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    }
    next.run(request).await
}

/// The last entry is the one our own proxy wrote; those before it are what its client said.
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

/// An address, which some proxies write with the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|at| at.ip());
    entry.parse().ok().or_else(with_port).or_else(bare)
}

fn passed_on(headers: &HeaderMap) -> bool {
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
    fn only_our_own_proxy_is_believed_and_only_its_own_word() {
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
