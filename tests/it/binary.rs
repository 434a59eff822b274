//! The binary: what it prints, what it refuses, how it ends.

use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use sightline_wire::api::OnceToken;
use tokio_tungstenite::tungstenite::Message;

use crate::page::dial;
use crate::world::{World, secret_of, sightline, taken_ports};

const SECOND: Duration = Duration::from_secs(1);

/// Runs the binary to its end; returns the exit code and its standard error.
fn fails(args: &[&str]) -> (Option<i32>, String) {
    let mut command = sightline();
    if !sightline_web::is_built() && args.first() == Some(&"serve") {
        command.args(["serve", "--no-pages"]).args(&args[1..]);
    } else {
        command.args(args);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Runs `serve` on these addresses, which must fail; returns its standard error.
fn fails_to_serve(data: &str, listen: &str, media: &str, media_tcp: &str) -> String {
    let (code, said) = fails(&[
        "serve",
        "--data",
        data,
        "--listen",
        listen,
        "--media",
        media,
        "--media-tcp",
        media_tcp,
    ]);
    assert_eq!(code, Some(1), "{said}");
    said
}

const FREE: &str = "127.0.0.1:0";

#[test]
fn a_taken_port_is_named_with_its_flag() {
    let world = World::start();
    let data = world.folder().join("other");
    let data = data.to_str().unwrap();
    let (listen, media) = taken_ports();
    let (listen, media) = (listen.local_addr().unwrap(), media.local_addr().unwrap());
    let (http, udp) = (listen.port(), media.port());
    let (listen, media) = (listen.to_string(), media.to_string());
    for (named, [listen, media, media_tcp]) in [
        (
            format!("port {http} of --listen {listen} is taken"),
            [&listen, FREE, FREE],
        ),
        (
            format!("port {udp} of --media {media} (UDP) is taken"),
            [FREE, &media, FREE],
        ),
        (
            format!("port {http} of --media-tcp {listen} is taken"),
            [FREE, FREE, &listen],
        ),
    ] {
        let said = fails_to_serve(data, listen, media, media_tcp);
        assert!(said.contains(&named), "{said}");
    }
}

#[test]
fn a_data_folder_in_use_is_named() {
    let world = World::start();
    let data = world.folder().to_str().unwrap();
    let said = fails_to_serve(data, FREE, FREE, FREE);
    assert!(
        said.contains(&format!(
            "data folder {data} is in use by another sightline"
        )),
        "{said}"
    );
}

#[test]
fn an_address_that_other_machines_reach_is_refused() {
    let data = std::env::temp_dir().join("sightline-it-never");
    let data = data.to_str().unwrap();
    for listen in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
        let (code, said) = fails(&["serve", "--data", data, "--listen", listen]);
        assert_eq!(code, Some(1));
        assert!(said.contains("is not a loopback address"), "{said}");
    }
    let said = fails_to_serve(data, FREE, "0.0.0.0:0", FREE);
    assert!(said.contains("--announce ADDRESS"), "{said}");
    let said = fails_to_serve(data, FREE, FREE, "0.0.0.0:0");
    assert!(said.contains("--announce-tcp ADDRESS"), "{said}");
    let (code, said) = fails(&["serve", "--data", data, "--public-url", "not an origin"]);
    assert_eq!(
        (code, said.contains("--public-url")),
        (Some(1), true),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_sign_in_link_is_printed_beside_the_running_server() {
    let world = World::start();
    let link = world.another_link();
    assert!(
        link.starts_with(&format!("{}/agent#", world.base())),
        "{link}"
    );
    assert_ne!(link, world.ready.agent);
    for link in [&link, &world.ready.agent] {
        world.sign_in_by(link).await;
        let token = OnceToken {
            token: secret_of(link),
        };
        assert_eq!(
            world.post("/api/sign-in/once", "", &token).await.status,
            403,
            "good once"
        );
    }
}

#[test]
fn a_sign_in_link_needs_a_folder_that_a_server_used() {
    let world = World::start();
    let data = world.folder().join("fresh");
    let (code, said) = fails(&["sign-in-link", "--data", data.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(said.contains("start `sightline serve` first"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_says_goodbye_and_ends_within_two_seconds() {
    let mut world = World::start();
    let agent = world.sign_in().await;
    let (mut socket, _) = dial(world.base(), &agent.cookie).await.unwrap();
    // An idle connection of a browser does not delay the end.
    let _idle = TcpStream::connect(world.base().strip_prefix("http://").unwrap()).unwrap();
    let goodbye = tokio::spawn(async move {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => u16::from(frame.code),
            other => panic!("{other:?}"),
        }
    });
    let (status, took) = tokio::task::spawn_blocking(move || world.terminate())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(goodbye.await.unwrap(), 1001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outbox_and_the_calls_survive_a_clean_restart() {
    let mut world = World::start();
    let agent = world.sign_in().await;
    let session = world.invite(&agent, "+4915112345678").await;
    let (sent, log) = (world.outbox().await, world.log(&agent, session).await);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, "+4915112345678");
    assert!(sent[0].text.contains(&sent[0].link));
    let page = world.get("/outbox").await;
    assert!(
        String::from_utf8(page.body)
            .unwrap()
            .contains(&sent[0].link)
    );
    world.terminate();
    world.restart();
    assert_eq!(world.outbox().await, sent);
    assert_eq!(world.log(&agent, session).await, log);
}

/// Prints the time from the start of an empty server to its ready line: the least of some, since
/// whatever else the machine does only adds.
#[test]
fn the_server_is_ready_within_a_second() {
    let mut world = World::start();
    let mut times = Vec::new();
    while times.len() < 3 || (times.len() < 12 && times.iter().all(|time| *time >= SECOND)) {
        world.kill();
        times.push(world.restart());
    }
    println!("start to ready: {times:?}");
    assert!(times.iter().any(|time| *time < SECOND), "{times:?}");
}
