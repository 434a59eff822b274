//! Numbers for Prometheus.

use std::net::SocketAddr;
use std::time::Duration;

use sightline_relay::Relay;
use sightline_wire::RelaySays;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::host::Host;
use crate::{config, start};

const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Sends the head of a request on a connection of its own and returns the whole answer.
async fn ask(address: SocketAddr, first_line: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{first_line} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    timeout(ANSWERS_WITHIN, read).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn prometheus_reads_the_numbers_while_others_hang() {
    let mut host = Host::start().await;
    let mut config = config(&host);
    config.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
    let relay = Relay::bind(config).unwrap();
    let address = relay.metrics_address().unwrap();
    let (stop, running) = start(relay);
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let mut hanging = TcpStream::connect(address).await.unwrap();
    hanging.write_all(b"GET /metrics HT").await.unwrap();

    let answer = ask(address, "GET /metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"));
    assert!(answer.contains("\nsightline_relay_at_home 1\n"), "{answer}");
    assert!(answer.contains("\nsightline_relay_rooms 0\n"), "{answer}");
    for (first_line, status) in [
        ("GET /", "404"),
        ("POST /metrics", "405"),
        ("GET /metrics/../secret", "404"),
    ] {
        let answer = ask(address, first_line).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    drop(stop);
    running.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
