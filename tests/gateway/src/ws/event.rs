//! Events of the WebSocket API, as functions receive them.

use ::http::{HeaderMap, Request, header};
use hyper::body::{Bytes, Incoming};
use serde_json::{Map, Value, json};

use crate::connections::Connection;
use crate::http::query;
use crate::template::WsApi;
use crate::{clock, random};

/// Makes the event of `$connect`. It has no `body`.
pub fn connect(api: &WsApi, connection: &Connection, request: &Request<Incoming>) -> Value {
    let (headers, lines) = named(api, request.headers());
    let mut event = json!({
        "headers": headers,
        "multiValueHeaders": lines,
        "requestContext": context(api, connection, "CONNECT", "$connect"),
        "isBase64Encoded": false,
    });
    let pairs = query(request.uri().query().unwrap_or_default());
    if !pairs.is_empty() {
        let (mut last, mut all) = (Map::new(), Map::new());
        for (name, value) in pairs {
            let values = all.entry(name.clone()).or_insert_with(|| json!([]));
            if let Some(values) = values.as_array_mut() {
                values.push(value.clone().into());
            }
            last.insert(name, value.into());
        }
        event["queryStringParameters"] = last.into();
        event["multiValueQueryStringParameters"] = all.into();
    }
    event
}

/// Makes the event of a message. It has no headers.
pub fn message(
    api: &WsApi,
    connection: &Connection,
    route: &str,
    request: &str,
    text: &Bytes,
) -> Value {
    let mut context = context(api, connection, "MESSAGE", route);
    context["messageId"] = random::id().into();
    context["requestId"] = request.into();
    json!({
        "requestContext": context,
        "body": String::from_utf8_lossy(text),
        "isBase64Encoded": false,
    })
}

/// Makes the event of `$disconnect`, with the code of the client's close frame. It has no `body`.
pub fn disconnect(api: &WsApi, connection: &Connection, code: u16) -> Value {
    let mut context = context(api, connection, "DISCONNECT", "$disconnect");
    context["disconnectStatusCode"] = code.into();
    context["disconnectReason"] = match code {
        1001 => "Going away",
        1005 => "Client-side close frame status not set",
        1006 => "Connection closed abnormally",
        _ => "",
    }
    .into();
    let headers =
        json!({ "Host": api.domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" });
    let lines = json!({
        "Host": [api.domain], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""],
    });
    json!({
        "headers": headers,
        "multiValueHeaders": lines,
        "requestContext": context,
        "isBase64Encoded": false,
    })
}

fn context(api: &WsApi, connection: &Connection, kind: &str, route: &str) -> Value {
    let now_ms = clock::now_ms();
    json!({
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": random::id(),
        "requestTime": clock::request_time(now_ms),
        "messageDirection": "IN",
        "stage": api.stage,
        "connectedAt": connection.connected_at_ms,
        "requestTimeEpoch": now_ms,
        "identity": { "userAgent": connection.user_agent, "sourceIp": connection.source },
        "requestId": random::id(),
        "domainName": api.domain,
        "connectionId": connection.id,
        "apiId": api.id,
    })
}

/// Returns the last line and all lines of each header. Names have capitals as in `X-Forwarded-For`,
/// like those of API Gateway.
fn named(api: &WsApi, headers: &HeaderMap) -> (Value, Value) {
    let (mut last, mut all) = (Map::new(), Map::new());
    let skipped = [header::CONNECTION, header::UPGRADE, header::HOST];
    for name in headers.keys().filter(|name| !skipped.contains(name)) {
        let lines: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
            .collect();
        let title = titled(name.as_str());
        last.insert(
            title.clone(),
            lines.last().cloned().unwrap_or_default().into(),
        );
        all.insert(title, lines.into());
    }
    for (name, value) in [
        ("Host", api.domain.as_str()),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ] {
        last.insert(name.to_owned(), value.into());
        all.insert(name.to_owned(), json!([value]));
    }
    (last.into(), all.into())
}

fn titled(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words
        .collect::<Vec<_>>()
        .join("-")
        .replace("Websocket", "WebSocket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_written_with_capitals() {
        assert_eq!(titled("sec-websocket-key"), "Sec-WebSocket-Key");
        assert_eq!(titled("x-forwarded-for"), "X-Forwarded-For");
        assert_eq!(titled("cookie"), "Cookie");
    }
}
