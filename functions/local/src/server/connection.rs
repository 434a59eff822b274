//! Accepts connections and serves HTTP on them, with limits in number and time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::held::Held;
use super::places::{ConnectionPlace, ConnectionPlaces};
use super::written::Written;

/// How long a connection may take to its first request, with its TLS handshake.
pub const FIRST_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection may wait between two requests. Proxies keep theirs for a minute.
pub const IDLE_WITHIN: Duration = Duration::from_secs(75);

/// Longest head of a request, bytes. Cookies of 16 seats have 2 KiB.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Wait after a failed accept, for example because no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Where connections come from, and how they are served.
pub struct Door {
    /// The listener.
    pub listener: TcpListener,
    /// Speaks TLS, where that is spoken.
    pub tls: Option<TlsAcceptor>,
    /// The places of all doors.
    pub places: Arc<ConnectionPlaces>,
    /// What answers.
    pub routes: Router,
}

impl Door {
    /// Serves until the server stops and the current requests are answered.
    pub async fn serve(self, mut stopped: watch::Receiver<bool>) {
        let (open, mut closed) = mpsc::channel::<Infallible>(1);
        loop {
            let accepted = tokio::select! {
                biased;
                () = until(&mut stopped) => break,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::debug!(%error, "failed to accept a connection");
                    sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            };
            let Some(place) = self.places.take(peer.ip()).await else {
                continue;
            };
            // Fails only if the connection has ended, which reading notices.
            let _ = stream.set_nodelay(true);
            let connection = Connection {
                peer,
                place,
                routes: self.routes.clone(),
                stopped: stopped.clone(),
            };
            let (tls, open) = (self.tls.clone(), open.clone());
            tokio::spawn(async move {
                connection.serve(stream, tls).await;
                drop(open);
            });
        }
        drop((self.listener, open));
        // Resolves when each connection has dropped its end.
        let _ = closed.recv().await;
    }
}

/// Resolves when the server stops.
async fn until(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which has the same meaning.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

struct Connection {
    peer: SocketAddr,
    place: Arc<ConnectionPlace>,
    routes: Router,
    stopped: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let place = self.place.clone();
        tokio::select! {
            () = place.must_leave() => {}
            () = self.shake_hands(stream, tls) => {}
        }
    }

    async fn shake_hands(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let Some(tls) = tls else {
            return self.serve_http(stream).await;
        };
        match timeout(FIRST_WITHIN, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve_http(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        }
    }

    async fn serve_http<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            peer,
            place,
            routes,
            mut stopped,
        } = self;
        let began = place.waits_since();
        let (routes, own) = (TowerToHyperService::new(routes), place.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            let under_way = own.begin();
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(own.clone());
            let answer = routes.call(request);
            async move {
                let response = answer.await?;
                Ok::<_, Infallible>(response.map(|body| Body::new(Held::new(body, under_way))))
            }
        });
        let stream = TokioIo::new(Written::new(stream));
        let connection = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(stream, service)
            .with_upgrades();
        let mut connection = pin!(connection);
        loop {
            let since = place.waits_since();
            let within = match since == began {
                true => FIRST_WITHIN,
                false => IDLE_WITHIN,
            };
            let due = since.unwrap_or_else(Instant::now) + within;
            tokio::select! {
                // An error is one of the peer's, or of the connection to it.
                _ = connection.as_mut() => return,
                () = until(&mut stopped) => break,
                () = sleep_until(due) => {
                    if since.is_some() && place.waits_since() == since {
                        return;
                    }
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
