//! Listeners, answers and requests, the same for every part.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

/// Everything here is answered whole.
pub type Answer = Response<Full<Bytes>>;

/// A client's own word for its address. It is taken where it arrives first, and goes no further.
pub const TEST_SOURCE: &str = "x-test-source";

/// What each party on the way appends its peer's address to.
pub const FORWARDED_FOR: &str = "x-forwarded-for";

/// Answers requests for as long as the process runs, or until the task is aborted.
pub async fn serve<H, F>(listener: TcpListener, handler: H)
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "connection is not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let handler = handler.clone();
        let service = service_fn(move |request| {
            let answer = handler(request, peer);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }
}

/// Asks a server on this machine, one connection a request.
///
/// # Errors
/// When it does not answer.
pub async fn ask(
    server: &str,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "connection to a server ended");
        }
    });
    Ok(sender.send_request(request).await?)
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum NotRead {
    /// Longer than allowed.
    TooLong,
    /// Its sender went away.
    Broken,
}

/// Reads a body up to a length in bytes.
///
/// # Errors
/// When it is longer, or breaks off.
pub async fn read(body: Incoming, bytes_max: usize) -> Result<Bytes, NotRead> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(NotRead::TooLong),
        Err(_) => Err(NotRead::Broken),
    }
}

/// Whose request it is: the address that a client chose for itself, or its own.
pub fn source(headers: &mut HeaderMap, peer: SocketAddr) -> IpAddr {
    let chosen = headers.remove(TEST_SOURCE);
    let chosen = chosen.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    chosen.unwrap_or(peer.ip())
}

/// Appends an address to `X-Forwarded-For`; several lines become one.
pub fn append_forwarded(headers: &mut HeaderMap, address: IpAddr) {
    let lines = headers.get_all(FORWARDED_FOR).iter();
    let mut chain: Vec<String> = lines
        .filter_map(|line| Some(line.to_str().ok()?.to_owned()))
        .collect();
    chain.push(address.to_string());
    if let Ok(value) = HeaderValue::from_str(&chain.join(", ")) {
        headers.insert(FORWARDED_FOR, value);
    }
}

/// An answer of bytes.
#[must_use]
pub fn answer(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

/// An answer of JSON.
#[must_use]
pub fn as_json(status: StatusCode, body: &impl Serialize) -> Answer {
    answer(
        status,
        "application/json",
        serde_json::to_vec(body).unwrap_or_default(),
    )
}

/// `{"message": "…"}`, which is how AWS says no.
#[must_use]
pub fn message(status: StatusCode, text: &str) -> Answer {
    as_json(status, &json!({ "message": text }))
}

/// No answer but a status.
#[must_use]
pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}
