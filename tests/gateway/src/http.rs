//! The HTTP API: payload format 2.0 both ways, its limits, and its own error answers.

use std::net::SocketAddr;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use serde_json::{Map, Value, json};

use crate::gateway::Core;
use crate::listen::{self, NotRead, WholeResponse};
use crate::runtime::InvokeError;
use crate::template::{ACCOUNT, HttpApi, Route};
use crate::{clock, random};

/// Largest payload of a request (HTTP API quota, which cannot be raised).
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Largest request line and headers together (HTTP API quota).
const HEAD_BYTES_MAX: usize = 10_240;

/// Answers one request to the API itself.
pub async fn answer(
    core: Arc<Core>,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> WholeResponse {
    let Some(api) = &core.http else {
        return listen::message(StatusCode::NOT_FOUND, "Not Found");
    };
    if !known_host(request.headers(), &api.domain) {
        return listen::message(StatusCode::FORBIDDEN, "Forbidden");
    }
    if head_bytes(&request) > HEAD_BYTES_MAX {
        return listen::message(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "Request Header Fields Too Large",
        );
    }
    let source = listen::source(request.headers_mut(), peer);
    listen::append_forwarded(request.headers_mut(), source);
    let (head, body) = request.into_parts();
    let Some((route, parameters)) = find(api, &head.method, head.uri.path()) else {
        return listen::message(StatusCode::NOT_FOUND, "Not Found");
    };
    if !core.throttles.take(&api.id, route) {
        return listen::message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    }
    let body = match listen::read(body, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(NotRead::TooLong) => return too_large(),
        Err(NotRead::Broken) => return listen::empty(StatusCode::BAD_REQUEST),
    };
    let asked = Asked {
        route: &route.key,
        parameters,
        source: source.to_string(),
        head: &head,
        body,
    };
    let limit = core.limits.http_integration;
    match core.call(route, &event(api, asked), limit, None).await {
        Ok(answer) => from_function(&answer),
        Err(InvokeError::TooLarge) => too_large(),
        Err(InvokeError::Throttled) => {
            listen::message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")
        }
        Err(InvokeError::Late | InvokeError::Vanished) => {
            listen::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
        Err(_) => internal_error(),
    }
}

/// Whether `Host` is the API's own name or one of this machine, which clients use directly. Any
/// other name answers 403: that is what a distribution receives that forwards the viewer's `Host`.
#[must_use]
pub fn known_host(headers: &HeaderMap, domain: &str) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    name.is_some_and(|name| name == domain || matches!(name, "127.0.0.1" | "localhost" | "[::1]"))
}

/// Decodes query parameters, in their order.
#[must_use]
pub fn query(raw: &str) -> Vec<(String, String)> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decoded(&name.replace('+', " ")),
                decoded(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// Decodes percent encoding.
#[must_use]
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Asked<'a> {
    route: &'a str,
    parameters: Map<String, Value>,
    source: String,
    head: &'a ::http::request::Parts,
    body: Bytes,
}

/// Payload format 2.0.
fn event(api: &HttpApi, asked: Asked<'_>) -> Value {
    let head = asked.head;
    let now_ms = clock::now_ms();
    let path = match api.stage.as_str() {
        "$default" => head.uri.path().to_owned(),
        stage => format!("/{stage}{}", head.uri.path()),
    };
    let raw_query = head.uri.query().unwrap_or_default();
    let agent = joined(&head.headers, &header::USER_AGENT);
    let mut event = json!({
        "version": "2.0",
        "routeKey": asked.route,
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": event_headers(api, &head.headers),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": api.id,
            "domainName": api.domain,
            "domainPrefix": api.id,
            "http": {
                "method": head.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": asked.source,
                "userAgent": agent,
            },
            "requestId": random::id(),
            "routeKey": asked.route,
            "stage": api.stage,
            "time": clock::request_time(now_ms),
            "timeEpoch": now_ms,
        },
        "isBase64Encoded": false,
    });
    let mut put = |name: &str, value: Value| {
        event[name] = value;
    };
    let cookies = cookies(&head.headers);
    if !cookies.is_empty() {
        put("cookies", cookies.into());
    }
    if !asked.parameters.is_empty() {
        put("pathParameters", Value::Object(asked.parameters));
    }
    if !raw_query.is_empty() {
        put("queryStringParameters", event_query(raw_query));
    }
    if !asked.body.is_empty() {
        let (body, encoded) = as_text(&head.headers, &asked.body);
        put("body", Value::String(body));
        put("isBase64Encoded", Value::Bool(encoded));
    }
    event
}

/// The headers of an event, without cookies.
fn event_headers(api: &HttpApi, headers: &HeaderMap) -> Value {
    let mut event = Map::new();
    for name in headers.keys().filter(|name| *name != header::COOKIE) {
        event.insert(name.to_string(), Value::String(joined(headers, name)));
    }
    event.insert("host".to_owned(), Value::String(api.domain.clone()));
    event.insert("x-forwarded-port".to_owned(), "443".into());
    event.insert("x-forwarded-proto".to_owned(), "https".into());
    Value::Object(event)
}

/// The cookies of an event, each as `name=value`.
fn cookies(headers: &HeaderMap) -> Vec<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// The query parameters of an event; the values of one name are joined by commas.
fn event_query(raw_query: &str) -> Value {
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in query(raw_query) {
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, Value::String(joined));
    }
    Value::Object(parameters)
}

/// Returns a text body as it is and any other as base64; the content type decides.
fn as_text(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    let kind = joined(headers, &header::CONTENT_TYPE);
    let is_text = kind.starts_with("text/")
        || [
            "application/json",
            "application/javascript",
            "application/xml",
        ]
        .iter()
        .any(|text| kind.starts_with(text));
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

fn from_function(answer: &Bytes) -> WholeResponse {
    let Ok(value) = serde_json::from_slice::<Value>(answer) else {
        return internal_error();
    };
    // Without a status the whole answer is the body.
    let Some(status) = value.get("statusCode") else {
        return listen::answer(StatusCode::OK, "application/json", answer.clone());
    };
    let status = status
        .as_u64()
        .or_else(|| status.as_str()?.parse().ok())
        .and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let Some(status) = status else {
        return internal_error();
    };
    let body = value["body"].as_str().unwrap_or_default();
    let body = match value["isBase64Encoded"] == true {
        true => match STANDARD.decode(body) {
            Ok(bytes) => Bytes::from(bytes),
            Err(_) => return internal_error(),
        },
        false => Bytes::from(body.to_owned()),
    };
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    // The default of a function that sets no content type.
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain;charset=UTF-8"),
    );
    for (name, value) in value["headers"].as_object().into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value),
        ) else {
            return internal_error();
        };
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            answer.headers_mut().insert(name, value);
        }
    }
    for cookie in value["cookies"].as_array().into_iter().flatten() {
        let cookie = cookie.as_str().and_then(|text| text.parse().ok());
        if let Some(cookie) = cookie {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    answer
        .headers_mut()
        .insert("apigw-requestid", HeaderValue::from_static("gateway"));
    answer
}

/// Returns the most specific route for a request, and the variables of its path.
fn find<'a>(
    api: &'a HttpApi,
    method: &Method,
    path: &str,
) -> Option<(&'a Route, Map<String, Value>)> {
    let fits = api.routes.iter().filter_map(|route| {
        if route.key == "$default" {
            return Some((0, route, Map::new()));
        }
        let (wanted, pattern) = route.key.split_once(' ')?;
        if wanted != "ANY" && wanted != method.as_str() {
            return None;
        }
        let (fixed, parameters) = match_path(pattern, path)?;
        // A fixed segment counts before a method.
        Some((
            1 + fixed * 2 + usize::from(wanted != "ANY"),
            route,
            parameters,
        ))
    });
    let best = fits.max_by_key(|(rank, ..)| *rank);
    best.map(|(_, route, parameters)| (route, parameters))
}

fn match_path(pattern: &str, path: &str) -> Option<(usize, Map<String, Value>)> {
    let mut parameters = Map::new();
    let mut fixed = 0;
    let mut parts = path.trim_start_matches('/').split('/');
    for segment in pattern.trim_start_matches('/').split('/') {
        let variable = segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        match variable {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => {
                    let rest: Vec<&str> = parts.collect();
                    if rest.iter().all(|part| part.is_empty()) {
                        return None;
                    }
                    parameters.insert(name.to_owned(), decoded(&rest.join("/")).into());
                    return Some((fixed, parameters));
                }
                None => {
                    let part = parts.next().filter(|part| !part.is_empty())?;
                    parameters.insert(name.to_owned(), decoded(part).into());
                }
            },
            None => {
                parts.next().filter(|part| *part == segment)?;
                fixed += 1;
            }
        }
    }
    parts.next().is_none().then_some((fixed, parameters))
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    lines.join(",")
}

fn head_bytes(request: &Request<Incoming>) -> usize {
    let headers = request.headers().iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    headers + request.uri().to_string().len() + request.method().as_str().len()
}

fn too_large() -> WholeResponse {
    listen::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

fn internal_error() -> WholeResponse {
    listen::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(keys: &[&str]) -> HttpApi {
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            function: "F".to_owned(),
            timeout: None,
            answers: false,
            throttle: None,
        };
        HttpApi {
            id: "api".to_owned(),
            domain: "api.example".to_owned(),
            stage: "$default".to_owned(),
            routes: keys.iter().map(route).collect(),
        }
    }

    #[test]
    fn the_most_specific_route_wins() {
        let api = api(&[
            "ANY /api/{proxy+}",
            "GET /api/{id}",
            "GET /api/me",
            "ANY /api/me",
        ]);
        let found = |method, path| {
            find(&api, &method, path).map(|(route, parameters)| {
                (
                    route.key.as_str(),
                    serde_json::to_string(&parameters).unwrap(),
                )
            })
        };
        assert_eq!(found(Method::GET, "/api/me").unwrap().0, "GET /api/me");
        assert_eq!(found(Method::POST, "/api/me").unwrap().0, "ANY /api/me");
        assert_eq!(
            found(Method::GET, "/api/a%20b").unwrap(),
            ("GET /api/{id}", r#"{"id":"a b"}"#.to_owned())
        );
        assert_eq!(
            found(Method::GET, "/api/a/b").unwrap(),
            ("ANY /api/{proxy+}", r#"{"proxy":"a/b"}"#.to_owned())
        );
        assert_eq!(found(Method::GET, "/api"), None);
        assert_eq!(found(Method::GET, "/api/"), None);
        assert_eq!(found(Method::GET, "/other"), None);
    }

    #[test]
    fn percent_and_plus_are_decoded_once() {
        assert_eq!(decoded("a%3D%3d%zz%"), "a==%zz%");
        let pairs = query("a=1&b=x+y%2B&a=%32&c");
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        assert_eq!(pairs, ["a:1", "b:x y+", "a:2", "c:"]);
    }
}
