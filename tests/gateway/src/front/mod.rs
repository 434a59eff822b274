//! The CloudFront distribution: one origin for pages, API and socket.

mod files;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::gateway::{Core, GatewayAddresses, authority};
use crate::listen::{self, WholeResponse};
use crate::random;
use crate::template::{Behaviour, EdgeFunction, Forwarding, Origin, OriginKind, Redirect, Site};

/// Largest request body (CloudFront's quota is 20 GB; the API accepts 10 MB and refuses slightly
/// larger bodies itself).
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Hop-by-hop headers (RFC 9110 section 7.6.1).
const HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The distribution, in front of the APIs.
#[derive(Debug)]
pub struct Front {
    site: Option<Site>,
    page_dir: Option<PathBuf>,
    /// Addresses of the servers behind the origins' names.
    servers: Vec<(String, String)>,
}

impl Front {
    /// Creates a site in front of the APIs.
    pub fn new(
        site: Option<Site>,
        page_dir: Option<PathBuf>,
        core: &Core,
        ready: &GatewayAddresses,
    ) -> Self {
        let http = core.http.as_ref().map(|api| &api.domain);
        let http = http.map(|domain| (domain.clone(), authority(&ready.http_api)));
        let ws = core.ws.iter().filter_map(|api| {
            let url = ready.sockets.get(&api.stage)?;
            Some((api.domain.clone(), authority(url)))
        });
        Self {
            site,
            page_dir,
            servers: http.into_iter().chain(ws).collect(),
        }
    }

    /// Answers one request of a viewer.
    pub async fn answer(&self, mut request: Request<Incoming>, peer: SocketAddr) -> WholeResponse {
        let Some(site) = &self.site else {
            return listen::empty(StatusCode::NOT_FOUND);
        };
        let viewer = listen::source(request.headers_mut(), peer);
        let path = request.uri().path().to_owned();
        let behaviour = site
            .behaviours
            .iter()
            .find(|behaviour| fits(&behaviour.pattern, &path));
        let origin = behaviour
            .and_then(|found| site.origins.iter().find(|origin| origin.id == found.origin));
        let (Some(behaviour), Some(origin)) = (behaviour, origin) else {
            return listen::empty(StatusCode::BAD_GATEWAY);
        };
        let method = request.method().as_str();
        let allowed = behaviour.methods.iter().any(|allowed| allowed == method);
        let at_the_edge = allowed.then(|| at_the_edge(behaviour, &mut request));
        let mut answer = match &origin.kind {
            _ if let Some(Some(answer)) = at_the_edge => answer,
            _ if !allowed => listen::answer(
                StatusCode::FORBIDDEN,
                "text/html",
                "this distribution is not configured to allow this method",
            ),
            OriginKind::Bucket => self.page(site, behaviour, &request).await,
            OriginKind::Server(name) => {
                self.pass_on(name, site, behaviour, origin, request, viewer)
                    .await
            }
        };
        add_headers(&mut answer, behaviour);
        answer
    }

    async fn page(
        &self,
        site: &Site,
        behaviour: &Behaviour,
        request: &Request<Incoming>,
    ) -> WholeResponse {
        let Some(folder) = &self.page_dir else {
            return listen::answer(
                StatusCode::SERVICE_UNAVAILABLE,
                "text/plain",
                "no pages were given",
            );
        };
        let key = request.uri().path().trim_start_matches('/');
        let key = match (key, &site.root) {
            ("", Some(root)) => root,
            (key, _) => key,
        };
        let accepted = request.headers().get(header::ACCEPT_ENCODING);
        let accepted = accepted.and_then(|line| line.to_str().ok());
        let accepted = accepted.filter(|_| behaviour.compress).unwrap_or_default();
        let mut answer = match files::find(folder, key, accepted).await {
            Some(answer) => answer,
            None if site.lists_bucket => files::missing(StatusCode::NOT_FOUND, "NoSuchKey"),
            None => files::missing(StatusCode::FORBIDDEN, "AccessDenied"),
        };
        if request.method() == Method::HEAD {
            *answer.body_mut() = Full::default();
        }
        answer
    }

    async fn pass_on(
        &self,
        name: &str,
        site: &Site,
        behaviour: &Behaviour,
        origin: &Origin,
        mut request: Request<Incoming>,
        viewer: IpAddr,
    ) -> WholeResponse {
        let Some((_, server)) = self.servers.iter().find(|(known, _)| known == name) else {
            return listen::answer(
                StatusCode::BAD_GATEWAY,
                "text/plain",
                format!("origin {name} is not supported by this gateway"),
            );
        };
        let wants_socket = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
        let theirs = hyper::upgrade::on(&mut request);
        let (head, body) = request.into_parts();
        let Ok(body) = listen::read(body, BODY_BYTES_MAX).await else {
            return listen::empty(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let path = match head.uri.query() {
            Some(query) if behaviour.forwarding != Forwarding::Nothing => {
                format!("{}{}?{query}", origin.path, head.uri.path())
            }
            _ => format!("{}{}", origin.path, head.uri.path()),
        };
        let mut onward = Request::new(Full::new(body));
        *onward.method_mut() = head.method;
        let Ok(uri) = path.parse() else {
            return listen::empty(StatusCode::BAD_REQUEST);
        };
        *onward.uri_mut() = uri;
        *onward.headers_mut() =
            self.forwarded(name, site, behaviour, origin, &head.headers, viewer);
        if wants_socket {
            let headers = onward.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        let Ok(mut answer) = listen::ask(server, onward).await else {
            return listen::empty(StatusCode::BAD_GATEWAY);
        };
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let ours = hyper::upgrade::on(&mut answer);
            tokio::spawn(async move {
                if let (Ok(theirs), Ok(ours)) = (theirs.await, ours.await) {
                    let (mut theirs, mut ours) = (TokioIo::new(theirs), TokioIo::new(ours));
                    // Either side may close without notice.
                    let _ = tokio::io::copy_bidirectional(&mut theirs, &mut ours).await;
                }
            });
            return answer.map(|_| Full::default());
        }
        let (mut head, body) = answer.into_parts();
        for name in HOP {
            head.headers.remove(name);
        }
        match body.collect().await {
            Ok(body) => WholeResponse::from_parts(head, Full::new(body.to_bytes())),
            Err(_) => listen::empty(StatusCode::BAD_GATEWAY),
        }
    }

    fn forwarded(
        &self,
        name: &str,
        site: &Site,
        behaviour: &Behaviour,
        origin: &Origin,
        viewer: &HeaderMap,
        address: IpAddr,
    ) -> HeaderMap {
        let mut headers = match behaviour.forwarding {
            Forwarding::Nothing => HeaderMap::new(),
            Forwarding::AllButHost | Forwarding::AllViewer => viewer.clone(),
        };
        for name in HOP {
            headers.remove(name);
        }
        if behaviour.forwarding == Forwarding::Nothing {
            let agent = HeaderValue::from_static("Amazon CloudFront");
            headers.insert(header::USER_AGENT, agent);
        }
        if behaviour.forwarding != Forwarding::AllViewer {
            put(&mut headers, header::HOST, name);
        }
        // The viewer's own chain stays in front, whatever the policy.
        if let Some(chain) = viewer.get(listen::FORWARDED_FOR) {
            headers.insert(listen::FORWARDED_FOR, chain.clone());
        }
        listen::append_forwarded(&mut headers, address);
        put(
            &mut headers,
            header::VIA,
            &format!("1.1 {} (CloudFront)", site.domain),
        );
        let id = HeaderName::from_static("x-amz-cf-id");
        put(&mut headers, id, &random::id());
        for (name, value) in &origin.headers {
            if let Ok(name) = HeaderName::try_from(name.as_str()) {
                put(&mut headers, name, value);
            }
        }
        headers
    }
}

/// Runs the functions of a behaviour. Returns the answer that one of them makes.
fn at_the_edge(behaviour: &Behaviour, request: &mut Request<Incoming>) -> Option<WholeResponse> {
    for function in &behaviour.edges {
        match function {
            EdgeFunction::Redirect(redirect) if redirect.path == request.uri().path() => {
                return Some(redirected(redirect));
            }
            EdgeFunction::Redirect(_) => {}
            EdgeFunction::Rewrite(path) => {
                if let Ok(path) = path.parse() {
                    *request.uri_mut() = path;
                }
            }
            EdgeFunction::Answer(status) => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::NOT_FOUND);
                return Some(listen::empty(status));
            }
        }
    }
    None
}

fn redirected(redirect: &Redirect) -> WholeResponse {
    let status = StatusCode::from_u16(redirect.status).unwrap_or(StatusCode::SEE_OTHER);
    let mut answer = listen::empty(status);
    put(answer.headers_mut(), header::LOCATION, &redirect.to);
    answer
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn add_headers(answer: &mut WholeResponse, behaviour: &Behaviour) {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    let headers = answer.headers_mut();
    for name in &behaviour.removed {
        headers.remove(name.as_str());
    }
    for (name, value, wins) in &behaviour.headers {
        let Ok(name) = HeaderName::try_from(name.as_str()) else {
            continue;
        };
        if *wins || !headers.contains_key(&name) {
            put(headers, name, value);
        }
    }
}

/// Path patterns: `*` is any text, `?` one character, and a slash in front makes no difference.
fn fits(pattern: &str, path: &str) -> bool {
    like(
        pattern.trim_start_matches('/').as_bytes(),
        path.trim_start_matches('/').as_bytes(),
    )
}

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => like(rest, text),
        (Some((b'*', rest)), Some((_, after))) => like(rest, text) || like(pattern, after),
        (Some((b'?', rest)), Some((_, after))) => like(rest, after),
        (Some((wanted, rest)), Some((byte, after))) => wanted == byte && like(rest, after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_tried_on_the_whole_path() {
        assert!(fits("/api/*", "/api/me"));
        assert!(fits("api/*", "/api/"));
        assert!(!fits("/api/*", "/api"));
        assert!(fits("/ws", "/ws"));
        assert!(!fits("/ws", "/ws/x"));
        assert!(fits("*", "/anything"));
        assert!(fits("/a?/*.js", "/ab/x/y.js"));
    }
}
