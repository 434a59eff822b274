//! HTTPS at an address of this machine's network.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{Error, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::certificates::Certificates;

/// Most handshakes at a time. Further connections wait.
const HANDSHAKES_MAX: usize = 64;
/// How long a handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Wait after a failed accept, for example because no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Makes the configuration of the TLS server.
///
/// # Errors
/// When certificate and key do not fit together.
pub fn config(certificates: Certificates) -> Result<Arc<ServerConfig>, Error> {
    let Certificates { chain, key, .. } = certificates;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Hands out connections after their TLS handshake, so that a slow one delays no other.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    at: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    /// Starts accepting connections.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn start(listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let at = listener.local_addr()?;
        let (hand_over, ready) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, TlsAcceptor::from(config), hand_over));
        Ok(Self {
            ready,
            at,
            accepting,
        })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task ends with this listener only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    hand_over: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok(permit) = handshakes.clone().acquire_owned().await else {
            return;
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "failed to accept a connection");
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let (acceptor, hand_over) = (acceptor.clone(), hand_over.clone());
        tokio::spawn(async move {
            let _permit = permit;
            // Fails only if the connection has ended, which the handshake notices.
            let _ = stream.set_nodelay(true);
            match timeout(HANDSHAKE_WITHIN, acceptor.accept(stream)).await {
                // The receiver is gone while the server stops.
                Ok(Ok(stream)) => hand_over.send((stream, peer)).await.unwrap_or(()),
                Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => tracing::debug!("TLS handshake took too long"),
            }
        });
    }
}
