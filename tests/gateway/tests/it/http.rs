use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::world::{World, ask};

#[tokio::test]
async fn a_request_becomes_an_event_of_format_2() {
    let world = World::new().await;
    let url = format!("{}/api/a/b?x=1&x=2", world.gateway.ready().http_api);
    let headers = [
        ("cookie", "a=1; b=2"),
        ("content-type", "application/json"),
        ("x-twice", "one"),
        ("x-twice", "two"),
        ("x-forwarded-for", "198.51.100.1"),
        ("x-test-source", "192.0.2.9"),
    ];
    let answer = ask(Method::POST, &url, &headers, r#"{"k":1}"#).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("x-own"), "1");
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2; Path=/"]);
    let event = answer.json();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "ANY /api/{proxy+}");
    assert_eq!(event["rawPath"], "/api/a/b");
    assert_eq!(event["rawQueryString"], "x=1&x=2");
    assert_eq!(event["queryStringParameters"], json!({ "x": "1,2" }));
    assert_eq!(event["pathParameters"], json!({ "proxy": "a/b" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["body"], r#"{"k":1}"#);
    assert_eq!(event["isBase64Encoded"], false);
    let headers = &event["headers"];
    assert_eq!(headers["x-twice"], "one,two");
    assert_eq!(headers["x-forwarded-for"], "198.51.100.1, 192.0.2.9");
    assert_eq!(
        headers["host"],
        "http.execute-api.eu-central-1.amazonaws.com"
    );
    assert!(headers.get("cookie").is_none() && headers.get("x-test-source").is_none());
    let context = &event["requestContext"];
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["http"]["sourceIp"], "192.0.2.9");
    assert_eq!(context["stage"], "$default");
}

#[tokio::test]
async fn a_binary_body_travels_as_base64() {
    let world = World::new().await;
    let url = format!("{}/api/x", world.gateway.ready().http_api);
    let answer = ask(Method::POST, &url, &[("content-type", "image/jpeg")], "abc").await;
    let event = answer.json();
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("YWJj"), &json!(true))
    );
    assert_eq!(world.api("/api/binary").await.bytes.as_ref(), b"\xff");
    let bare = world.api("/api/bare").await;
    assert_eq!(
        (bare.status, bare.text.as_str()),
        (200, r#"{"hello":"you"}"#)
    );
}

#[tokio::test]
async fn failures_have_the_texts_of_api_gateway() {
    let world = World::new().await;
    let told = async |path: &str| {
        let answer = world.api(path).await;
        (
            answer.status,
            answer.json()["message"].as_str().unwrap().to_owned(),
        )
    };
    let internal = (500, "Internal Server Error".to_owned());
    assert_eq!(told("/api/fail").await, internal);
    assert_eq!(told("/api/crash").await, internal);
    assert_eq!(told("/api/wrong").await, internal);
    assert_eq!(told("/other").await, (404, "Not Found".to_owned()));
    let long = "y".repeat(11_000);
    assert_eq!(told(&format!("/api/{long}")).await.0, 431);
}

#[tokio::test]
async fn an_integration_that_is_late_is_unavailable() {
    let world = World::limited(|limits| limits.http_integration = Duration::from_secs(1)).await;
    let late = world.api("/api/sleep?ms=3000").await;
    assert_eq!(late.status, 503);
    assert_eq!(late.json()["message"], "Service Unavailable");
}

#[tokio::test]
async fn a_payload_over_lambdas_limit_is_413() {
    let world = World::new().await;
    let url = format!("{}/api/x", world.gateway.ready().http_api);
    let body = "x".repeat(7 * 1024 * 1024);
    let answer = ask(Method::POST, &url, &[("content-type", "text/plain")], &body).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["message"], "Request Entity Too Large");
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let world = World::new().await;
    let url = format!("{}/api/x", world.gateway.ready().http_api);
    let answer = ask(Method::GET, &url, &[("host", "help.example")], "").await;
    assert_eq!(
        (answer.status, answer.json()),
        (403, json!({ "message": "Forbidden" }))
    );
}

#[tokio::test]
async fn faults_have_the_statuses_of_http() {
    let world = World::new().await;
    for (fault, status) in [
        ("throttle_429_percent", 429),
        ("drop_percent", 503),
        ("error_percent", 500),
        ("lose_answer_percent", 500),
    ] {
        world.faults(json!({ fault: 100 })).await;
        assert_eq!(world.api("/api/x").await.status, status, "{fault}");
    }
    world.control(Method::DELETE, "/faults", &json!(null)).await;
    assert_eq!(world.api("/api/x").await.status, 201);
}
