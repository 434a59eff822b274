//! Answers `GET /metrics` with the relay's numbers, for Prometheus.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::counters::RelayCounters;
use crate::prometheus::{self, ProcessNumbers};

/// Connections at a time. Further ones wait.
const CONNECTIONS_MAX: usize = 8;
/// How long a connection may stay open. Prometheus opens another.
const CONNECTION_MAX: Duration = Duration::from_secs(120);
/// How long a request's head may take.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Longest head of a request, bytes.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// After the system could not accept a connection, for want of descriptors for example.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves the numbers to everybody who can connect.
pub(crate) struct MetricsListener {
    pub(crate) listener: Option<std::net::TcpListener>,
    pub(crate) counters: Arc<RelayCounters>,
}

impl MetricsListener {
    /// Runs for ever.
    pub(crate) async fn run(self) {
        match self.listener.map(TcpListener::from_std) {
            None => std::future::pending().await,
            Some(Ok(listener)) => serve(&listener, &self.counters).await,
            Some(Err(error)) => {
                tracing::warn!(%error, "metrics listener failed");
                std::future::pending().await
            }
        }
    }
}

async fn serve(listener: &TcpListener, counters: &Arc<RelayCounters>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(timeout(CONNECTION_MAX, talk(stream, Arc::clone(counters))));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn talk(stream: TcpStream, counters: Arc<RelayCounters>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = answer(request.method(), request.uri().path(), &counters);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection for metrics broke");
    }
}

fn answer(method: &Method, path: &str, counters: &RelayCounters) -> Response<Full<Bytes>> {
    let (status, text) = match (method, path) {
        (&Method::GET | &Method::HEAD, "/metrics") => (
            StatusCode::OK,
            prometheus::text(&counters.snapshot(), &process()),
        ),
        (_, "/metrics") => (
            StatusCode::METHOD_NOT_ALLOWED,
            "use GET for /metrics\n".to_owned(),
        ),
        _ => (
            StatusCode::NOT_FOUND,
            "the numbers are at /metrics\n".to_owned(),
        ),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let text_type = header::HeaderValue::from_static(prometheus::TEXT_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, text_type);
    response
}

fn process() -> ProcessNumbers {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    ProcessNumbers {
        processor_time: Duration::try_from(spent).unwrap_or_default(),
        resident_bytes: resident_bytes(),
    }
}

/// Linux tells it in KiB (proc(5), "status").
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}
