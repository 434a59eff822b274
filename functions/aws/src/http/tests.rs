use std::sync::Mutex;

use axum::http::header::SET_COOKIE;
use axum::response::AppendHeaders;
use axum::routing::{any, get};
use lambda_http::Service as _;
use serde_json::{Value, json};
use sightline_host::memory::Memory;
use sightline_host::{HostConfig, Keys, ProviderConfig};

use super::*;
use crate::Https;

const SECRET: &str = "of CloudFront alone";
const EDGE: &str = "203.0.113.77";

/// An event in payload format 2.0.
fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Value {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), json!(value));
    let mut all: serde_json::Map<_, _> = headers.iter().map(one).collect();
    all.entry("host")
        .or_insert(json!("abc.execute-api.eu-central-1.amazonaws.com"));
    all.entry("x-forwarded-proto").or_insert(json!("https"));
    all.entry("x-sightline-origin").or_insert(json!(SECRET));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": all,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abc",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": EDGE, "userAgent": "x" },
            "requestId": "id",
            "routeKey": "ANY /api/{proxy+}",
            "stage": "$default",
            "time": "15/Jan/2027:08:00:00 +0000",
            "timeEpoch": 1_800_000_000_000_u64
        },
        "pathParameters": { "proxy": "x" },
        "body": body,
        "isBase64Encoded": false
    })
}

async fn answered(app: Router, event: Value) -> Value {
    let payload: LambdaRequest = serde_json::from_value(event).unwrap();
    let context = lambda_http::Context::default();
    let event = LambdaEvent::new(payload, context);
    let mut service = Adapter::from(app).map_request(sanitized);
    serde_json::to_value(service.call(event).await.unwrap()).unwrap()
}

fn api() -> Router {
    let mut config = HostConfig::new("Example", "https://help.example.com");
    config.provider = Some(ProviderConfig::new("http://127.0.0.1:9", "client"));
    let memory = Memory::at(1_800_000_000_000);
    let host = Arc::new(Host::new(memory, config, Keys::from_bytes(&[7; 32])));
    app(&host, Https::new(), OriginSecret::new(SECRET.to_owned()))
}

/// Returns the source address of a request with these headers, as a route receives it.
async fn source_of(headers: &[(&str, &str)]) -> Option<String> {
    let seen = Arc::new(Mutex::new(None));
    let sees = seen.clone();
    let route = any(move |request: Request| async move {
        let source = request.extensions().get::<SourceAddress>();
        *sees.lock().unwrap() = source.map(|source| source.0.to_string());
    });
    let app = with_sources(
        Router::new().route("/api/me", route),
        OriginSecret::new(SECRET.to_owned()),
    );
    let answer = answered(app, request("GET", "/api/me", headers, None)).await;
    assert_eq!(answer["statusCode"], 200);
    seen.lock().unwrap().clone()
}

#[tokio::test]
async fn only_cloudfront_is_trusted_and_only_its_own_entry() {
    let ours = |forwarded| {
        [
            ("x-sightline-origin", SECRET),
            ("x-forwarded-for", forwarded),
        ]
    };
    for (forwarded, source) in [
        // CloudFront appended its viewer, and the API CloudFront.
        ("198.51.100.4, 203.0.113.77", "198.51.100.4"),
        // The API appended nothing.
        ("198.51.100.4", "198.51.100.4"),
        // The viewer wrote the first entry.
        (
            "10.0.0.1, 192.0.2.1, 198.51.100.4, 203.0.113.77",
            "198.51.100.4",
        ),
        ("203.0.113.77, 198.51.100.4, 203.0.113.77", "198.51.100.4"),
        ("nonsense, 198.51.100.4, 203.0.113.77", "198.51.100.4"),
        ("2001:db8::4, 203.0.113.77", "2001:db8::4"),
        ("[2001:db8::4]:443, 203.0.113.77", "2001:db8::4"),
        ("198.51.100.4:4711", "198.51.100.4"),
        // The last entry is not trustworthy.
        ("198.51.100.4, unknown, 203.0.113.77", EDGE),
        ("198.51.100.4,", EDGE),
        ("203.0.113.77", EDGE),
        ("", EDGE),
    ] {
        let seen = source_of(&ours(forwarded)).await;
        assert_eq!(seen.as_deref(), Some(source), "{forwarded}");
    }
    assert_eq!(
        source_of(&[("x-sightline-origin", SECRET)])
            .await
            .as_deref(),
        Some(EDGE)
    );
}

#[tokio::test]
async fn a_caller_past_cloudfront_is_refused() {
    let mut bare = request("POST", "/api/look", &[], Some("{}"));
    let headers = bare["headers"].as_object_mut().unwrap();
    headers.remove("x-sightline-origin");
    let guessed = [
        "",
        "of CloudFront alon",
        "of CloudFront alone!",
        "OF CLOUDFRONT ALONE",
    ]
    .map(|guess| request("GET", "/api/me", &[("x-sightline-origin", guess)], None));
    for event in [vec![bare], guessed.into()].concat() {
        let answer = answered(api(), event).await;
        assert_eq!(answer["statusCode"], 421);
        assert_eq!(answer["body"], r#"{"error":"wrong_host"}"#);
    }
}

#[tokio::test]
async fn cookies_come_and_go_in_their_own_member() {
    let two = AppendHeaders([(SET_COOKIE, "a=1; Secure"), (SET_COOKIE, "b=2; Secure")]);
    let echo = get(move |headers: HeaderMap| async move {
        let cookies = headers.get_all("cookie").iter();
        let cookies: Vec<_> = cookies
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        (two, cookies.join("|")).into_response()
    });
    let routes = Router::new().route("/api/me", echo);
    let mut event = request("GET", "/api/me", &[], None);
    event["cookies"] = json!(["__Host-agent=x", "theme=dark"]);
    let answer = answered(
        with_sources(routes, OriginSecret::new(SECRET.to_owned())),
        event,
    )
    .await;
    assert_eq!(answer["cookies"], json!(["a=1; Secure", "b=2; Secure"]));
    assert_eq!(answer["headers"].get("set-cookie"), None);
    assert_eq!(answer["body"], "__Host-agent=x; theme=dark");
}

#[tokio::test]
async fn the_routes_are_those_of_the_desk_with_their_headers() {
    let answer = answered(api(), request("GET", "/api/me", &[], None)).await;
    assert_eq!(answer["statusCode"], 401);
    assert_eq!(answer["isBase64Encoded"], false);
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    assert!(answer["body"].as_str().unwrap().contains("error"));
    let elsewhere = answered(api(), request("GET", "/api/elsewhere?x=1", &[], None)).await;
    assert_eq!(elsewhere["statusCode"], 404);
    let json = [("content-type", "application/json")];
    let unknown = r#"{"secret":"AAAAAAAAAAAAAAAAAAAAAA"}"#;
    let look = answered(api(), request("POST", "/api/look", &json, Some(unknown))).await;
    assert_eq!(look["statusCode"], 404, "{look}");
    // The provider of this test is not reachable, so sign-in redirects back.
    let sign_in = answered(api(), request("GET", "/api/sign-in", &[], None)).await;
    assert_eq!(sign_in["statusCode"], 302, "{sign_in}");
    assert_eq!(sign_in["headers"]["location"], "/agent?sign-in=failed");
    let long = format!(r#"{{"secret":"{}"}}"#, "A".repeat(5_000));
    let look = answered(api(), request("POST", "/api/look", &json, Some(&long))).await;
    assert!(
        look["body"].as_str().unwrap().contains("too_long"),
        "{look}"
    );
}

#[tokio::test]
async fn no_request_ends_the_process() {
    let long = format!("/api/{}", "x".repeat(70_000));
    for path in [
        "",
        "x",
        "//",
        "/api/\u{0}",
        "/api/ x",
        "/api/ä",
        "/api/\\<>`{}|^\"",
        "/api/me#x",
        "/api/%",
        "/api/%00",
        &long,
        "http://evil.example/api/me",
        "@evil.example/api/me",
        ":0/",
        "/api/me? ",
        "/api/me?\"<>`",
        "/api/me?ä#?",
    ] {
        for headers in [
            vec![],
            vec![("x-forwarded-proto", "no scheme")],
            vec![("x-forwarded-proto", "")],
            vec![("host", "a b")],
            vec![("host", "")],
            vec![("host", "[::1")],
            vec![("host", "x:99999999")],
            vec![("host", "evil.example/?#@")],
        ] {
            let answer = answered(api(), request("GET", path, &headers, None)).await;
            assert!(answer["statusCode"].is_u64(), "{path} {headers:?}");
        }
    }
}
