//! Listeners, requests and responses that all servers share.

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

/// A response whose body is complete.
pub type WholeResponse = Response<Full<Bytes>>;

/// The header with which a client chooses its source address. The first server that receives it
/// removes it.
pub const TEST_SOURCE: &str = "x-test-source";

/// The header to which each proxy appends the address of its peer.
pub const FORWARDED_FOR: &str = "x-forwarded-for";

/// Answers requests until the process ends or the task is aborted.
pub async fn serve<H, F>(listener: TcpListener, handler: H)
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = WholeResponse> + Send + 'static,
{
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(error = %error, "accept failed");
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
                tracing::debug!(error = %error, "connection ended");
            }
        });
    }
}

/// Sends a request to a server on this machine, over its own connection.
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
            tracing::debug!(error = %error, "upstream connection ended");
        }
    });
    Ok(sender.send_request(request).await?)
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum NotRead {
    /// Longer than allowed.
    TooLong,
    /// The sender closed the connection.
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

/// Returns the source of a request: the address that the client chose, or that of its peer.
pub fn source(headers: &mut HeaderMap, peer: SocketAddr) -> IpAddr {
    let chosen = headers.remove(TEST_SOURCE);
    let chosen = chosen.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    chosen.unwrap_or(peer.ip())
}

/// Appends an address to `X-Forwarded-For`, joining several lines into one.
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

/// Makes a response of bytes.
#[must_use]
pub fn answer(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> WholeResponse {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

/// Makes a response of JSON.
#[must_use]
pub fn as_json(status: StatusCode, body: &impl Serialize) -> WholeResponse {
    answer(
        status,
        "application/json",
        serde_json::to_vec(body).unwrap_or_default(),
    )
}

/// Makes a response `{"message": "…"}`, the form of AWS errors.
#[must_use]
pub fn message(status: StatusCode, text: &str) -> WholeResponse {
    as_json(status, &json!({ "message": text }))
}

/// Makes a response with a status and no body.
#[must_use]
pub fn empty(status: StatusCode) -> WholeResponse {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}
