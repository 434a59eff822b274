//! Access: origins, host names, subprotocols, cookies, headers.

use hyper::Method;
use sightline_wire::api::LinkSecret;
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION, SUBPROTOCOL};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::http::ask;
use crate::page::{Socket, dial, dial_with};
use crate::world::{World, secret_of};

async fn status(world: &World, headers: &[(&str, &str)]) -> u16 {
    match dial_with(world.base(), headers).await {
        Ok(_) => 101,
        Err(error) => match *error {
            Error::Http(answer) => answer.status().as_u16(),
            error => panic!("{error}"),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_opens_for_pages_of_this_origin_only() {
    let world = World::start();
    let agent = world.sign_in().await;
    let base = world.base().to_owned();
    let port = base.rsplit(':').next().unwrap().to_owned();
    let foreign = [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("http://evil.example:{port}"),
        format!("https://127.0.0.1:{port}"),
        "http://127.0.0.1".to_owned(),
        "http://localhost".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        format!("{base}/"),
        format!("{base}.evil.example"),
        format!("{base}@evil.example"),
        format!("http://evil.example#{base}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://localhost.evil.example:{port}"),
        format!("http://evil.example/{base}"),
        format!("ws://127.0.0.1:{port}"),
        format!("file://127.0.0.1:{port}"),
        format!("http://127.0.0.1:0{port}"),
        format!("http://127.1:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("{base} http://evil.example"),
        format!("{base}, http://evil.example"),
        "*".to_owned(),
        "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        String::new(),
    ];
    let cookie = ("cookie", agent.cookie.as_str());
    let protocol = ("sec-websocket-protocol", SUBPROTOCOL);
    for origin in &foreign {
        assert_eq!(
            status(&world, &[("origin", origin), cookie, protocol]).await,
            403,
            "{origin}"
        );
    }
    assert_eq!(status(&world, &[cookie, protocol]).await, 403, "no origin");
    for origin in [
        base.clone(),
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
    ] {
        assert_eq!(
            status(&world, &[("origin", &origin), cookie, protocol]).await,
            101,
            "{origin}"
        );
    }

    let ours = ("origin", base.as_str());
    assert_eq!(status(&world, &[ours, protocol]).await, 401, "nobody");
    assert_eq!(
        status(&world, &[ours, protocol, ("cookie", "__Host-agent=1.x.y")]).await,
        401
    );
    assert_eq!(
        status(&world, &[protocol, ("authorization", "Bearer 1.x.y")]).await,
        401
    );
    assert_eq!(status(&world, &[ours, cookie]).await, 400, "no subprotocol");
    assert_eq!(
        status(&world, &[ours, cookie, ("sec-websocket-protocol", "chat")]).await,
        400
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_subprotocol_is_the_version() {
    let world = World::start();
    let agent = world.sign_in().await;
    let dial = |protocols: &'static str| {
        let headers = [
            ("origin", world.base()),
            ("cookie", &agent.cookie),
            ("sec-websocket-protocol", protocols),
        ];
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        let base = world.base().to_owned();
        async move {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            dial_with(&base, &headers).await.unwrap()
        }
    };
    assert_eq!(dial("sightline.1").await.1, "sightline.1");
    assert_eq!(dial("sightline.9, sightline.1").await.1, "sightline.1");
    let (mut socket, selected) = dial("sightline.9").await;
    assert_eq!(selected, "sightline.9");
    assert_eq!(close_code(&mut socket).await, CLOSE_VERSION);
}

async fn close_code(socket: &mut Socket) -> u16 {
    use futures_util::StreamExt;
    match socket.next().await {
        Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_host_name_gets_421_everywhere() {
    let world = World::start();
    let port = world.base().rsplit(':').next().unwrap();
    let foreign = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("localhost.:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("2130706433:{port}"),
    ];
    for host in &foreign {
        for path in [
            "/",
            "/j",
            "/agent",
            "/api/me",
            "/ws",
            "/outbox",
            "/outbox.json",
            "/assets/x",
            "/nothing",
        ] {
            let answer = ask(world.base(), Method::GET, path, &[("host", host)], "")
                .await
                .unwrap();
            assert_eq!(answer.status, 421, "{host} {path}");
        }
    }
    for host in [
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
    ] {
        let answer = ask(
            world.base(),
            Method::GET,
            "/healthz",
            &[("host", &host)],
            "",
        )
        .await
        .unwrap();
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_from_another_origin_is_refused() {
    let world = World::start();
    let agent = world.sign_in().await;
    let body = serde_json::to_vec(&crate::world::start_call("+4915112345678")).unwrap();
    let with = |origin: &'static [(&'static str, &'static str)]| {
        let mut headers = vec![
            ("content-type", "application/json"),
            ("cookie", agent.cookie.as_str()),
        ];
        headers.extend(origin);
        let (base, body) = (world.base(), body.clone());
        async move {
            ask(base, Method::POST, "/api/sessions", &headers, body)
                .await
                .unwrap()
                .status
        }
    };
    assert_eq!(with(&[("origin", "http://evil.example")]).await, 403);
    assert_eq!(with(&[("origin", "null")]).await, 403);
    assert_eq!(with(&[]).await, 403);
    assert_eq!(with(&[("sec-fetch-site", "cross-site")]).await, 403);
    assert!(world.outbox().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_forbids_what_it_does_not_need() {
    let world = World::start();
    for path in [
        "/",
        "/j",
        "/agent",
        "/outbox",
        "/outbox.json",
        "/healthz",
        "/nothing",
        "/assets/nothing",
        "/api/me",
        "/api/x",
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
            let answer = ask(world.base(), method.clone(), path, &[], "")
                .await
                .unwrap();
            let policy = answer.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'"),
                "{method} {path}: {policy}"
            );
            assert!(
                policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
                "{method} {path}"
            );
            assert_eq!(
                answer.header("x-content-type-options"),
                "nosniff",
                "{method} {path}"
            );
            assert_eq!(
                answer.header("referrer-policy"),
                "no-referrer",
                "{method} {path}"
            );
            // The customer's page alone may ask where the phone is.
            let located = answer
                .header("permissions-policy")
                .contains("geolocation=(self)");
            assert_eq!(located, path == "/j", "{method} {path}");
            assert_eq!(
                answer.header("cross-origin-opener-policy"),
                "same-origin",
                "{method} {path}"
            );
            assert_eq!(
                answer.header("access-control-allow-origin"),
                "",
                "{method} {path}"
            );
            if path.starts_with("/api") || path.starts_with("/outbox") && answer.status == 200 {
                assert_eq!(
                    answer.header("cache-control"),
                    "no-store",
                    "{method} {path}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_are_bound_to_this_host_and_unseen_by_scripts() {
    let world = World::start();
    let agent = world.sign_in().await;
    world.invite(&agent, "+4915112345678").await;
    let link = world.last_sms().await.link;
    let body = LinkSecret::Secret {
        secret: secret_of(&link),
    };
    let answer = world.post("/api/enter", "", &body).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-seat-"), "{cookie}");
    for part in [
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
        "Max-Age=",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.to_ascii_lowercase().contains("domain="), "{cookie}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assets_are_cached_and_pages_are_revalidated() {
    if !sightline_web::is_built() {
        println!("{}", sightline_web::MISSING);
        return;
    }
    let world = World::start();
    for asset in sightline_web::assets() {
        let path = format!("/{}", asset.path);
        let plain = world.get(&path).await;
        assert_eq!(plain.status, 200, "{path}");
        assert!(plain.body == asset.bytes, "{path} has other contents");
        assert_eq!(
            plain.header("cache-control").contains("immutable"),
            asset.immutable,
            "{path}"
        );
        for (coding, bytes) in [("br", asset.brotli), ("gzip", asset.gzip)] {
            let answer = ask(
                world.base(),
                Method::GET,
                &path,
                &[("accept-encoding", coding)],
                "",
            )
            .await
            .unwrap();
            let (named, sent) = bytes.map_or(("", asset.bytes), |bytes| (coding, bytes));
            assert_eq!(answer.header("content-encoding"), named, "{path}");
            assert!(answer.body == sent, "{path} has other contents in {coding}");
        }
    }
    for path in [
        "/assets/../agent.html",
        "/assets/%2e%2e/agent.html",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/assets/",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outbox_is_for_this_machine_only() {
    let world = World::start_with(&["--public-url", "https://help.example"]);
    assert_eq!(world.ready.page, "https://help.example");
    assert!(
        world.ready.agent.starts_with("https://help.example/agent#"),
        "the agent's link goes through the proxy"
    );
    assert_eq!(
        world.ready.outbox,
        format!("{}/outbox.json", world.base()),
        "the outbox's does not"
    );
    let port = world.base().rsplit(':').next().unwrap();
    let status = async |path: &str, headers: &[(&str, &str)]| {
        let answer = ask(world.base(), Method::GET, path, headers, "").await;
        answer.unwrap().status
    };
    let public = ("host", "help.example");
    assert_eq!(status("/healthz", &[public]).await, 200);
    assert_eq!(status("/api/me", &[public]).await, 401);
    for path in ["/outbox", "/outbox.css", "/outbox.json"] {
        assert_eq!(status(path, &[]).await, 200, "{path}");
        assert_eq!(status(path, &[public]).await, 421, "{path}");
        for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
            for header in [
                "forwarded",
                "x-forwarded-for",
                "x-forwarded-host",
                "X-Forwarded-Proto",
                "x-forwarded-anything",
                "x-real-ip",
                "via",
            ] {
                assert_eq!(
                    status(path, &[("host", &host), (header, "192.0.2.1")]).await,
                    404,
                    "{host} {header} {path}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_are_counted_by_client_behind_a_proxy_and_by_peer_without() {
    let unknown = serde_json::to_vec(&LinkSecret::Secret {
        secret: secret_of(&format!("x#{}", "A".repeat(22))),
    })
    .unwrap();
    let behind = World::start_with(&["--public-url", "https://help.example"]);
    let bare = World::start();
    for (world, believed) in [(&behind, true), (&bare, false)] {
        let look = async |forwarded: &str| {
            let headers = [
                ("content-type", "application/json"),
                ("x-forwarded-for", forwarded),
            ];
            let path = "/api/look";
            let answer = ask(world.base(), Method::POST, path, &headers, unknown.clone()).await;
            answer.unwrap().status
        };
        let first = look("192.0.2.1").await;
        assert_ne!(first, 429);
        // The client itself wrote the entries before the last one, which have no effect.
        let mut made_up = 0;
        while look(&format!("10.0.0.{made_up}, 192.0.2.1")).await != 429 {
            made_up += 1;
            assert!(made_up < 100, "nobody counts");
        }
        let other = look("192.0.2.2").await;
        assert_eq!(other, if believed { first } else { 429 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_link_does_not_use_up_all_connections() {
    const KEPT: usize = 4;
    let world = World::start();
    let agent = world.sign_in().await;
    world.invite(&agent, "+4915112345678").await;
    let (cookie, _) = world.enter(&world.last_sms().await.link).await;
    let (mut agents, _) = dial(world.base(), &agent.cookie).await.unwrap();
    let mut sockets = Vec::new();
    for _ in 0..KEPT + 4 {
        sockets.push(dial(world.base(), &cookie).await.unwrap().0);
    }
    for oldest in &mut sockets[..4] {
        assert_eq!(close_code(oldest).await, CLOSE_FLOOD);
    }
    for kept in sockets[4..].iter_mut().chain([&mut agents]) {
        assert!(answers(kept).await, "it is still open");
    }
}

/// Whether a ping is answered.
async fn answers(socket: &mut Socket) -> bool {
    use futures_util::{SinkExt, StreamExt};
    socket.send(Message::Ping("?".into())).await.unwrap();
    let next = tokio::time::timeout(std::time::Duration::from_secs(5), socket.next());
    matches!(next.await, Ok(Some(Ok(Message::Pong(_)))))
}
