//! Attacks on the desk that were tried live, each by its letter: a guest's modified page and a
//! stranger's raw sockets. What others do goes on.

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use hyper::Method;
use sightline_wire::{CLOSE_FLOOD, PageHears, SUBPROTOCOL, Seat, SessionHears, Upload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::http::ask;
use crate::page::{Socket, dial, dial_with};
use crate::pictures::{PICTURE, shoot};
use crate::world::World;

/// A text frame that is not the last one, and the frames that may follow it: masked, and empty.
const BEGUN: [u8; 6] = [0x01, 0x80, 0, 0, 0, 0];
const CONTINUED: [u8; 6] = [0x00, 0x80, 0, 0, 0, 0];
const PING: [u8; 6] = [0x89, 0x80, 0, 0, 0, 0];

/// The connection below a socket, for bytes that no client's library would send.
fn raw(socket: &mut Socket) -> &mut TcpStream {
    match socket.get_mut() {
        MaybeTlsStream::Plain(stream) => stream,
        _ => panic!("the desk speaks no TLS here"),
    }
}

/// The close code, or `None` when the connection was reset before it came.
async fn end(socket: &mut Socket, within: Duration) -> Option<u16> {
    let ended = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    };
    timeout(within, ended).await.expect("the connection ends")
}

/// Sends frames as fast as they are taken, until the connection ends.
async fn flood(socket: &mut Socket, first: &[u8], frame: &[u8]) -> Option<u16> {
    let many = frame.repeat(10_000);
    let stream = raw(socket);
    let flooding = async {
        stream.write_all(first).await?;
        loop {
            stream.write_all(&many).await?;
        }
    };
    let _: Result<std::io::Result<()>, _> = timeout(Duration::from_millis(300), flooding).await;
    end(socket, Duration::from_secs(10)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pings_and_empty_fragments_are_a_flood() {
    let world = World::start();
    let mut call = world.call().await;
    let (cookie, _) = world.enter(&world.last_sms().await.link).await;
    for (first, frame) in [(&[][..], PING), (&BEGUN[..], CONTINUED)] {
        let mut socket = dial(world.base(), &cookie).await.unwrap().0;
        let code = flood(&mut socket, first, &frame).await;
        assert_eq!(code, Some(CLOSE_FLOOD), "{frame:?}");
    }
    let began = Instant::now();
    call.customer_page.say("still here").await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!((call.customer_page.dials, call.agent_page.dials), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_never_finished_ends_after_ten_seconds() {
    let world = World::start();
    let agent = world.sign_in().await;
    let mut socket = dial(world.base(), &agent.cookie).await.unwrap().0;
    raw(&mut socket).write_all(&BEGUN).await.unwrap();
    let began = Instant::now();
    let code = loop {
        match timeout(Duration::from_secs(1), socket.next()).await {
            Ok(Some(Ok(Message::Close(frame)))) => break frame.map(|frame| frame.code.into()),
            Ok(Some(Ok(_))) => {}
            Ok(end) => panic!("{end:?}"),
            // Bytes that come slowly are no excuse.
            Err(_) => raw(&mut socket).write_all(&PING).await.unwrap(),
        }
        assert!(began.elapsed() < Duration::from_secs(20));
    };
    assert_eq!(code, Some(1008_u16));
    assert!(began.elapsed() > Duration::from_secs(9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_a_stranger_gets_no_socket_whatever_version_it_names() {
    let world = World::start();
    let agent = world.sign_in().await;
    for (cookie, version, wanted) in [
        ("", SUBPROTOCOL, 401),
        ("", "sightline.2", 401),
        ("__Host-agent=1.x.y", "sightline.2", 401),
        (&agent.cookie, "sightline.2", 101),
        (&agent.cookie, SUBPROTOCOL, 101),
    ] {
        let headers = [
            ("origin", world.base()),
            ("cookie", cookie),
            ("sec-websocket-protocol", version),
        ];
        let status = match dial_with(world.base(), &headers).await {
            Ok(_) => 101,
            Err(error) => match *error {
                Error::Http(answer) => answer.status().as_u16(),
                error => panic!("{error}"),
            },
        };
        assert_eq!(status, wanted, "{version} with {cookie:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_message_beyond_128_kib_is_not_even_begun() {
    let world = World::start();
    let agent = world.sign_in().await;
    let mut socket = dial(world.base(), &agent.cookie).await.unwrap().0;
    // The head of a frame of 1 MiB. Its bytes never come.
    let head = [0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0];
    raw(&mut socket).write_all(&head).await.unwrap();
    assert_eq!(end(&mut socket, Duration::from_secs(5)).await, Some(1009));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_refused_handshake_has_our_words_and_headers() {
    let world = World::start();
    let agent = world.sign_in().await;
    let upgrade = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let ours = [
        ("origin", world.base()),
        ("cookie", &*agent.cookie),
        ("sec-websocket-protocol", SUBPROTOCOL),
    ];
    for (method, status, parts) in [
        (Method::GET, 426, &[][..]),
        (Method::GET, 426, &ours),
        (Method::POST, 405, &ours),
        (Method::GET, 403, &upgrade),
        (
            Method::GET,
            401,
            &[&upgrade[..], &ours[..1], &ours[2..]].concat(),
        ),
        (Method::GET, 400, &[&upgrade[..], &ours[..2]].concat()),
        (Method::GET, 400, &[&upgrade[..3], &ours[..]].concat()),
    ] {
        let answer = ask(world.base(), method.clone(), "/ws", parts, "").await;
        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{parts:?}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{status}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        let words = String::from_utf8(answer.body).unwrap();
        assert!(!words.contains("header"), "{words}");
    }
}

impl World {
    /// Starts the binary again with so many descriptors at most.
    fn restart_with_descriptors(&mut self, most: u32) {
        self.kill();
        let own = self.command();
        let mut command = Command::new("sh");
        let limit = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
        command.args(["-c", &limit]).arg(own.get_program());
        command.args(own.get_args());
        self.restart_by(command);
    }

    /// Connects without a client, and sends these bytes.
    async fn connect(&self, bytes: &[u8]) -> TcpStream {
        let at = self.base().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }
}

/// What the desk sends until it closes the connection, and when it does.
async fn answered(mut stream: TcpStream) -> (String, Duration) {
    let (began, mut bytes) = (Instant::now(), Vec::new());
    // A reset is an end, too.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed");
    (String::from_utf8(bytes).unwrap(), began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_idle_connections_take_nobodys_place_and_no_picture() {
    let mut world = World::start();
    world.restart_with_descriptors(256);
    let mut call = world
        .call_of(world.sign_in_by(&world.ready.agent).await)
        .await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(world.connect(b"").await);
    }
    for _ in 0..3 {
        let answer = timeout(Duration::from_secs(10), world.get("/healthz")).await;
        assert_eq!(answer.expect("it answers").status, 200);
    }
    shoot(&world, &mut call).await;
    call.customer_page.say("still here").await.unwrap();
    assert_eq!((call.customer_page.dials, call.agent_page.dials), (1, 1));
    let said = world.said();
    assert!(
        !said.iter().any(|line| line.contains("open files")),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_a_request_that_does_not_come_is_not_waited_for() {
    let world = World::start();
    let host = world.base().strip_prefix("http://").unwrap();
    let post = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: 4000\r\n\r\n{{"
        )
    };
    let in_time = 5..15;
    // Who is not the operator is refused before a body is read.
    let at_once = 0..5;
    let begun = [
        (String::new(), "", &in_time),
        ("GET /healthz HTTP/1.1\r\nhost: ".to_owned(), "", &in_time),
        (post("/api/look"), "HTTP/1.1 408", &in_time),
        (post("/operator/backup"), "HTTP/1.1 401", &at_once),
        (post("/operator/api-key"), "HTTP/1.1 401", &at_once),
    ];
    let mut ends = Vec::new();
    for (bytes, words, within) in begun {
        let stream = world.connect(bytes.as_bytes()).await;
        ends.push((tokio::spawn(answered(stream)), words, within));
    }
    for (end, words, within) in ends {
        let (said, after) = end.await.unwrap();
        assert!(said.starts_with(words), "{said}");
        assert!(within.contains(&after.as_secs()), "{after:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l7_a_request_has_one_host_name() {
    let world = World::start();
    let host = world.base().strip_prefix("http://").unwrap();
    for (target, hosts, wanted) in [
        ("/healthz", &[host][..], "200"),
        ("/healthz", &[host, host], "421"),
        ("/healthz", &[host, "evil.example"], "421"),
        ("/healthz", &["evil.example", host], "421"),
        (&format!("http://{host}/healthz"), &[host], "200"),
        (&format!("http://{host}/healthz"), &["evil.example"], "421"),
        ("http://evil.example/healthz", &[host], "421"),
        ("http://evil.example/healthz", &["evil.example"], "421"),
    ] {
        let lines: String = hosts
            .iter()
            .map(|host| format!("host: {host}\r\n"))
            .collect();
        let request = format!("GET {target} HTTP/1.1\r\n{lines}connection: close\r\n\r\n");
        let (said, _) = answered(world.connect(request.as_bytes()).await).await;
        let status = said.split(' ').nth(1);
        assert_eq!(status, Some(wanted), "{target} {hosts:?}: {said:.80}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_deed_takes_json_or_nothing() {
    let world = World::start();
    let agent = world.sign_in().await;
    let session = world.invite(&agent, "+4915112345678").await;
    let link = format!("/api/sessions/{session}/link");
    for (kind, body, refused) in [
        (None, "", false),
        (Some("application/json"), "", false),
        (Some("application/json; charset=utf-8"), "{}", false),
        (None, "x=y", true),
        (Some("text/plain"), "", true),
        (Some("application/x-www-form-urlencoded"), "x=y", true),
        (Some("multipart/form-data; boundary=x"), "--x--", true),
    ] {
        for path in [&*link, "/api/sign-out"] {
            let mut headers = vec![("origin", world.base()), ("cookie", &*agent.cookie)];
            headers.extend(kind.map(|kind| ("content-type", kind)));
            let answer = ask(world.base(), Method::POST, path, &headers, body).await;
            let status = answer.unwrap().status;
            assert_eq!(status == 400, refused, "{path} {kind:?} {body}: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_21_behind_a_proxy_only_its_origin_counts() {
    let world = World::start_with(&["--public-url", "https://help.example"]);
    let status = async |origin: &str| {
        let headers = [("origin", origin), ("content-type", "application/json")];
        let answer = ask(world.base(), Method::POST, "/api/look", &headers, "{}").await;
        answer.unwrap().status
    };
    assert_eq!(status("https://help.example").await, 400, "no secret in it");
    let port = world.base().rsplit(':').next().unwrap();
    for name in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(
            status(&format!("http://{name}:{port}")).await,
            403,
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_a_signed_upload_of_a_deleted_picture_is_refused() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = call.agent_page.capture().await.unwrap();
    let attempt = 1;
    let sharp = Upload::Sharp { picture, attempt };
    let slot = call.customer_page.slot(sharp, PICTURE.len()).await.unwrap();

    // One that comes while the picture is deleted.
    let path = world.path_of(&slot.url);
    let mut head = format!("PUT {path} HTTP/1.1\r\n");
    let host = world.base().strip_prefix("http://").unwrap().to_owned();
    let length = PICTURE.len().to_string();
    let more = [
        ("host".to_owned(), host),
        ("content-length".to_owned(), length),
    ];
    for (name, value) in slot.headers.iter().chain(&more) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut coming = world
        .connect(format!("{head}connection: close\r\n\r\n").as_bytes())
        .await;
    coming.write_all(&PICTURE[..1]).await.unwrap();
    while world.objects().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    call.agent_page.delete(picture).await.unwrap();
    coming.write_all(&PICTURE[1..]).await.unwrap();
    let (said, _) = answered(coming).await;
    assert!(said.starts_with("HTTP/1.1 403"), "{said}");
    assert_eq!(world.objects(), [""; 0]);
    // One that comes later.
    assert_eq!(world.put(&slot, PICTURE).await, 403);
    assert_eq!(world.objects(), [""; 0], "nothing lies there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_guests_do_not_displace_the_page_that_holds_the_seat() {
    let world = World::start();
    let mut call = world.call().await;
    let (cookie, session) = world.enter(&world.last_sms().await.link).await;
    for round in 0..3 {
        let mut guests = Vec::new();
        for _ in 0..16 {
            // Those beyond eight that are open or closing are refused.
            guests.extend(dial(world.base(), &cookie).await.ok());
        }
        if round == 0 {
            let oldest = end(&mut guests[0].0, Duration::from_secs(10)).await;
            assert_eq!(oldest, Some(CLOSE_FLOOD));
        }
        call.customer_page.say("still here").await.unwrap();
    }
    assert_eq!(call.customer_page.dials, 1, "its connection stands");

    // The holder comes back while guests have all places of theirs.
    let mut guests = Vec::new();
    for _ in 0..16 {
        guests.extend(dial(world.base(), &cookie).await.ok());
    }
    call.customer_page.lose_connection();
    call.customer_page.say("back").await.unwrap();
    assert_eq!(call.customer_page.dials, 2, "at the first try");
    drop(guests);

    // The agent hears of it once for each connection of a guest that attaches.
    let mut guest = world.page(&cookie, session, Seat::Customer);
    assert!(guest.say("who is there?").await.is_err());
    for _ in 0..3 {
        guest.settle().await;
    }
    call.agent_page.settle().await;
    let told = SessionHears::Guest {
        seat: Seat::Customer,
    };
    let told = PageHears::Session(told);
    let heard = call.agent_page.heard.iter();
    assert_eq!(heard.filter(|heard| **heard == told).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copied_cookie_that_signed_out_displaces_nobody() {
    let world = World::start();
    let mut call = world.call().await;
    let (seat, _) = world.enter(&world.last_sms().await.link).await;
    let old = world.sign_in().await;
    let nothing = serde_json::json!({});
    let out = world.post("/api/sign-out", &old.cookie, &nothing).await;
    assert_eq!(out.status, 200);

    let both = format!("{}; {seat}", old.cookie);
    let mut open = Vec::new();
    for _ in 0..20 {
        open.extend(dial(world.base(), &both).await.ok());
    }
    assert!(!open.is_empty(), "the link still leads in");
    call.agent_page.say("still here").await.unwrap();
    assert_eq!(call.agent_page.dials, 1, "its connection stands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_pages_of_another_version_keep_nobody_out() {
    let mut world = World::start();
    world.restart_with_descriptors(256);
    let agent = world.sign_in_by(&world.ready.agent).await;
    let call = world.call_of(agent.clone()).await;
    let (guest, _) = world.enter(&world.last_sms().await.link).await;
    world.invite(&agent, "+4915112345679").await;
    let (other, _) = world.enter(&world.last_sms().await.link).await;
    let headers = [
        ("origin", world.base()),
        ("cookie", &*guest),
        ("sec-websocket-protocol", "sightline.2"),
    ];
    let mut open = Vec::new();
    for _ in 0..3 {
        for _ in 0..100 {
            // It does not answer the close.
            open.extend(dial_with(world.base(), &headers).await.ok());
        }
        dial(world.base(), &other).await.expect("there is room");
    }
    assert!(!open.is_empty());
    drop(call);
}
