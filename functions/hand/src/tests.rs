//! Receivers of every kind.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

/// A hand that waits less long.
fn hand(private: bool) -> Hand {
    Hand {
        within: Duration::from_secs(3),
        ..Hand::new(private)
    }
}

fn post(url: &str) -> OutgoingPost {
    OutgoingPost {
        url: url.to_owned(),
        headers: vec![("webhook-id", "msg_test_1".to_owned())],
        body: "{}".to_owned(),
    }
}

/// A receiver that reads a request and answers it with these bytes. Ends with the request.
async fn receiver(answer: impl Into<Vec<u8>>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in?x=1", listener.local_addr().unwrap());
    let answer = answer.into();
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n{}") {
            stream.read_buf(&mut read).await.unwrap();
        }
        // A hand that has seen enough does not read the rest.
        let _ = stream.write_all(&answer).await;
        let _ = stream.read_buf(&mut read).await;
        String::from_utf8(read).unwrap()
    });
    (url, received)
}

async fn outcome(private: bool, url: &str) -> DeliveryOutcome {
    hand(private).post(&post(url)).await.outcome
}

const fn answered(status: u16) -> DeliveryOutcome {
    DeliveryOutcome::Answered { status }
}

#[tokio::test]
async fn a_message_is_sent_with_its_headers() {
    let (url, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(outcome(true, &url).await, answered(204));
    let request = received.await.unwrap();
    let host = url.split('/').nth(2).unwrap();
    assert!(
        request.starts_with("POST /in?x=1 HTTP/1.1\r\n"),
        "{request}"
    );
    for line in [
        &*format!("host: {host}"),
        "webhook-id: msg_test_1",
        "content-length: 2",
    ] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (elsewhere, mut followed) = receiver("HTTP/1.1 200 OK\r\n\r\n").await;
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}\r\n\r\n");
    let (url, _received) = receiver(answer).await;
    assert_eq!(outcome(true, &url).await, answered(307));
    let waited = timeout(Duration::from_millis(50), &mut followed).await;
    assert!(waited.is_err(), "nobody came");
}

#[tokio::test]
async fn what_a_receiver_asks_to_wait_is_passed_on_unless_it_is_long_or_no_text() {
    let long = "x".repeat(65);
    for (value, passed) in [
        ("120", true),
        ("soon", true),
        ("\u{fc}", false),
        (&*long, false),
    ] {
        let answer = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\n\r\n");
        let (url, _received) = receiver(answer).await;
        let reply = hand(true).post(&post(&url)).await;
        assert_eq!(reply.outcome, answered(503));
        assert_eq!(reply.retry_after.as_deref(), passed.then_some(value));
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    answer.resize(4 * 1024 * 1024, b'x');
    let (url, _received) = receiver(answer).await;
    assert_eq!(outcome(true, &url).await, answered(200));
}

#[tokio::test]
async fn an_answer_that_never_begins_or_never_ends_its_head_is_none() {
    let (silent, _received) = receiver("").await;
    assert_eq!(outcome(true, &silent).await, DeliveryOutcome::Late);
    let mut endless = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    endless.resize(1024 * 1024, b'x');
    let (endless, _received) = receiver(endless).await;
    assert_eq!(outcome(true, &endless).await, DeliveryOutcome::NotReached);
    let (broken, _received) = receiver("SMTP\r\n\r\n").await;
    assert_eq!(outcome(true, &broken).await, DeliveryOutcome::NotReached);
}

#[tokio::test]
async fn where_nobody_listens_is_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(outcome(true, &url).await, DeliveryOutcome::NotReached);
    // Plain bytes where TLS is expected.
    let (url, _received) = receiver("").await;
    let url = url.replace("http:", "https:");
    let reached = outcome(true, &url).await;
    assert!(!reached.is_taken(), "{reached:?}");
}

/// The names resolve to loopback, as a hostile name would.
#[tokio::test]
async fn names_and_addresses_that_lead_inside_are_not_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.1.2.3",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let reached = outcome(false, &url).await;
            assert_eq!(reached, DeliveryOutcome::Forbidden, "{url}");
        }
    }
    let came = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err(), "nobody came");
}
