use http::Method;
use serde_json::json;

use crate::world::{SECRET, World, ask, dial};

#[tokio::test]
async fn pages_have_their_keys_types_and_headers() {
    let world = World::with(|settings| {
        settings.rewrites = vec![(
            "https://pictures.example".to_owned(),
            "http://127.0.0.1:9".to_owned(),
        )];
    })
    .await;
    for (path, text) in [
        ("/j", "<p>customer</p>"),
        ("/agent", "<p>agent</p>"),
        ("/", "<p>agent</p>"),
    ] {
        let page = world.page(path, &[]).await;
        assert_eq!((page.status, page.text.as_str()), (200, text), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(
            page.header("content-security-policy"),
            format!(
                "default-src 'none'; img-src 'self' {} http://127.0.0.1:9",
                world.endpoint
            )
        );
        assert_eq!(page.header("permissions-policy"), "camera=(self)");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(
            page.header("strict-transport-security"),
            "max-age=63072000; includeSubDomains"
        );
    }
    let other = world.page("/other", &[]).await;
    assert_eq!((other.status, other.text.as_str()), (200, "<p>agent</p>"));
    assert_eq!(world.page("/absent", &[]).await.status, 404);
    let start = world.page("/start", &[]).await;
    assert_eq!((start.status, start.header("location")), (303, "/agent"));
    let script = world
        .page("/assets/j-1.js", &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(
        (script.header("content-encoding"), script.text.as_str()),
        ("br", "packed")
    );
    assert!(script.header("cache-control").contains("immutable"));
    assert_eq!(world.page("/assets/j-1.js", &[]).await.text.len(), 2_000);
    for absent in ["/none", "/assets/j-1.js.br", "/../events", "/assets"] {
        let answer = world.page(absent, &[]).await;
        assert_eq!(answer.status, 403, "{absent}");
        assert!(answer.text.contains("AccessDenied"));
    }
}

#[tokio::test]
async fn a_method_that_no_behaviour_allows_is_403() {
    let world = World::new().await;
    let page = &world.gateway.ready().page;
    let answer = ask(Method::POST, &format!("{page}/agent"), &[], "").await;
    assert_eq!(answer.status, 403);
    let answer = ask(Method::DELETE, &format!("{page}/api/x"), &[], "").await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn the_api_behind_the_site_sees_viewer_secret_and_its_own_host() {
    let world = World::new().await;
    let headers = [
        ("x-test-source", "192.0.2.44"),
        ("x-forwarded-for", "203.0.113.1"),
        ("x-sightline-origin", "guessed"),
        ("cookie", "a=1"),
        ("host", "help.example"),
    ];
    let answer = world.page("/api/me?x=1", &headers).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(answer.header("content-security-policy"), "");
    let event = answer.json();
    let headers = &event["headers"];
    // What the viewer claimed, the viewer as the site saw it, the site as the API saw it.
    assert_eq!(
        headers["x-forwarded-for"],
        "203.0.113.1, 192.0.2.44, 127.0.0.1"
    );
    assert_eq!(headers["x-sightline-origin"], SECRET);
    assert_eq!(
        headers["host"],
        "http.execute-api.eu-central-1.amazonaws.com"
    );
    assert_eq!(event["cookies"], json!(["a=1"]));
    assert_eq!(event["rawQueryString"], "x=1");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
}

#[tokio::test]
async fn sockets_pass_the_site() {
    let world = World::new().await;
    let url = format!(
        "{}/ws?select=sightline.1",
        world.gateway.ready().page.replace("http", "ws")
    );
    let headers = [
        ("sec-websocket-protocol", "sightline.1"),
        ("x-test-source", "192.0.2.45"),
        ("origin", "http://127.0.0.1:1"),
    ];
    let mut client = dial(&url, &headers).await.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("sightline.1"));
    client
        .say(json!({ "topic": "chat", "push": "through" }))
        .await;
    assert_eq!(client.hear().await, "through");
    let connect = world.events("CONNECT", 1).await.remove(0);
    let headers = &connect["headers"];
    assert_eq!(headers["X-Forwarded-For"], "192.0.2.45, 127.0.0.1");
    assert_eq!(headers["X-Sightline-Origin"], SECRET);
    assert_eq!(headers["Origin"], "http://127.0.0.1:1");
    assert_eq!(
        headers["Host"],
        "socket.execute-api.eu-central-1.amazonaws.com"
    );
    client.socket.close(None).await.unwrap();
    world.events("DISCONNECT", 1).await;
    let refused = dial(&url.replace("select=sightline.1", "status=401"), &[]).await;
    assert_eq!(crate::world::refusal(refused), 401);
}
