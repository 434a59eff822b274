//! A function for this crate's own tests: it follows the instructions in its event, over the bare
//! Runtime API.

// Only JSON values are indexed here, and a missing member of a JSON value is null.
#![allow(clippy::indexing_slicing)]

use std::env;
use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::exit;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

const RUNTIME: &str = "/2018-06-01/runtime/invocation";

fn main() -> Result<(), Error> {
    if env::var("FAIL_INIT").is_ok() {
        exit(1);
    }
    let api = env::var("AWS_LAMBDA_RUNTIME_API").map_err(Error::other)?;
    loop {
        // The gateway may end at any time; this process then ends too.
        let Ok((_, head, event)) = ask(&api, "GET", &format!("{RUNTIME}/next"), &[], "") else {
            return Ok(());
        };
        let id = head
            .lines()
            .find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "))
            .ok_or(ErrorKind::InvalidData)?;
        let event: Value = serde_json::from_str(&event)?;
        record(&event)?;
        let (end, answer) = match handle(&event)? {
            Some(answer) => ("response", answer),
            None => ("error", json!({ "errorType": "Asked", "errorMessage": "" })),
        };
        let path = format!("{RUNTIME}/{id}/{end}");
        if ask(&api, "POST", &path, &[], &answer.to_string()).is_err() {
            return Ok(());
        }
    }
}

/// Returns the answer; `None` reports an error of the function.
fn handle(event: &Value) -> Result<Option<Value>, Error> {
    if event["version"] == "2.0" {
        return Ok(http(event));
    }
    let body = event["body"].as_str().unwrap_or_default();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let asked = match event["requestContext"]["eventType"].as_str() {
        Some("CONNECT") => &event["queryStringParameters"],
        _ => &body,
    };
    let number = |name: &str| match &asked[name] {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    if let Some(ms) = number("sleep_ms") {
        sleep(Duration::from_millis(ms));
    }
    if asked.get("crash").is_some() {
        exit(1);
    }
    if asked.get("fail").is_some() {
        return Ok(None);
    }
    let mut answer = json!({ "statusCode": number("status").unwrap_or(200) });
    if let Some(text) = asked["push"].as_str() {
        let pushed = push(event, text, asked.get("unsigned").is_none())?;
        // The outcome is reported where a client can see it: as the subprotocol, or in a second
        // push.
        if event["requestContext"]["eventType"] == "CONNECT" {
            answer["headers"] = json!({ "Sec-WebSocket-Protocol": pushed.to_string() });
        } else if pushed != 200 {
            push(event, &format!("push: {pushed}"), true)?;
        }
    }
    if let Some(protocol) = asked["select"].as_str() {
        answer["headers"] = json!({ "sec-websocket-protocol": protocol });
    }
    if let Some(body) = asked["body"].as_str() {
        answer["body"] = body.into();
    }
    Ok(Some(answer))
}

fn http(event: &Value) -> Option<Value> {
    let path = event["rawPath"].as_str().unwrap_or_default();
    match path.trim_start_matches("/api/") {
        "crash" => exit(1),
        "fail" => None,
        "sleep" => {
            let ms = event["queryStringParameters"]["ms"].as_str();
            sleep(Duration::from_millis(
                ms.and_then(|ms| ms.parse().ok()).unwrap_or(0),
            ));
            Some(json!({ "statusCode": 204 }))
        }
        "bare" => Some(json!({ "hello": "you" })),
        "binary" => Some(json!({ "statusCode": 200, "body": "/w==", "isBase64Encoded": true })),
        "wrong" => Some(json!({ "statusCode": "none" })),
        "environment" => {
            let all: std::collections::BTreeMap<String, String> = env::vars().collect();
            Some(json!({ "statusCode": 200, "body": json!(all).to_string() }))
        }
        _ => Some(json!({
            "statusCode": 201,
            "headers": { "Content-Type": "application/json", "X-Own": "1" },
            "cookies": ["a=1; Path=/", "b=2; Path=/"],
            "body": event.to_string(),
        })),
    }
}

/// Pushes to the connection of an event and returns the status of the answer.
fn push(event: &Value, text: &str, signed: bool) -> Result<u16, Error> {
    let endpoint = env::var("WS_ENDPOINT").map_err(Error::other)?;
    let rest = endpoint.strip_prefix("http://").unwrap_or_default();
    let (server, stage) = rest.split_once('/').unwrap_or((rest, ""));
    let id = event["requestContext"]["connectionId"].as_str();
    let id = id.unwrap_or_default().replace('=', "%3D");
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{}/execute-api/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        env::var("AWS_REGION").unwrap_or_default(),
        "0".repeat(64)
    );
    let headers = [
        ("authorization", scope.as_str()),
        ("x-amz-date", "20260101T000000Z"),
    ];
    let headers = if signed { &headers[..] } else { &[] };
    let path = format!("/{stage}/@connections/{id}");
    Ok(ask(server, "POST", &path, headers, text)?.0)
}

/// Appends the event to the file that the test reads.
fn record(event: &Value) -> Result<(), Error> {
    let Ok(path) = env::var("EVENTS") else {
        return Ok(());
    };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{event}\n").as_bytes())
}

/// Sends one request over its own connection; returns status, headers and body.
fn ask(
    server: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<(u16, String, String), Error> {
    let mut stream = TcpStream::connect(server)?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(ErrorKind::InvalidData)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.ok_or(ErrorKind::InvalidData)?;
    Ok((status, head.to_owned(), body.to_owned()))
}
