//! Starts the server and the relay, runs them, and stops them in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::ports::Relays;
use sightline_host::{Host, Keys};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::cli::Serve;
use crate::data::{DataFolder, ServerNote};
use crate::desk::{Desk, now_ms};
use crate::objects::Objects;
use crate::ready::Ready;
use crate::serve_error::ServeError;
use crate::server::connection_counts::ConnectionCounts;
use crate::server::hosts::HostNames;
use crate::server::source::BehindProxy;
use crate::server::{self, CONVERSATIONS_MAX, ServerState};
use crate::store::Store;
use crate::{background, config};

/// Longest wait for the relay at the start. Pages that connect before the relay retry, so nothing
/// depends on this wait.
const RELAY_WITHIN: Duration = Duration::from_secs(1);

/// Longest time for an orderly stop; then the process ends in any case. The store syncs at each
/// commit, so nothing is lost.
const STOP_WITHIN: Duration = Duration::from_millis(1_500);

/// Runs until a signal stops it.
///
/// # Errors
/// When an option is invalid, or an address, the data folder or the relay is not usable.
pub fn run(options: &Serve) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(serve(options));
    runtime.shutdown_timeout(Duration::from_millis(100));
    done
}

async fn serve(options: &Serve) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = Running::start(options).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await;
    Ok(())
}

/// The running server with its relay.
struct Running {
    host: Arc<Host<Desk>>,
    stop: watch::Sender<bool>,
    conversations: Arc<Semaphore>,
    server: tokio::task::JoinHandle<()>,
    relay: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn start(options: &Serve) -> Result<Self, ServeError> {
        config::check(options)?;
        let folder = DataFolder::open(options.data.folder.clone())?;
        let key = folder.key()?;
        let store = Store::open(folder.path(), now_ms())?;
        let objects = Objects::open(folder.path(), &key)?;
        let listener = listen(options.listen).await?;
        let listen = listener.local_addr()?;
        let (origin, authority) = config::public(options, listen)?;
        let relay = config::bind_relay(options, listen, key)?;

        let host = Arc::new(Host::new(
            Desk::new(store, objects),
            config::host(options, &origin, listen)?,
            Keys::from_bytes(&key),
        ));
        let conversations = Arc::new(Semaphore::new(CONVERSATIONS_MAX as usize));
        let server = ServerState {
            host: host.clone(),
            conversations: conversations.clone(),
            counts: Arc::new(ConnectionCounts::default()),
            behind: BehindProxy(options.public_url.is_some()),
            without_pages: options.no_pages,
        };
        let ready = Ready {
            agent: host.sign_in_link(),
            outbox: format!("http://{listen}/outbox.json"),
            page: origin,
            media: relay.media_addresses().to_vec(),
            media_tcp: relay.media_tcp_addresses().to_vec(),
        };
        let names = HostNames::of(listen, &authority);
        let (stop, stopped) = watch::channel(false);
        let running = Self {
            server: tokio::spawn(server::serve(
                listener,
                server,
                names,
                until(stopped.clone()),
            )),
            relay: tokio::spawn(relay.run(until(stopped.clone()))),
            stop,
            conversations,
            host,
        };
        tokio::spawn(background::sweep(running.host.clone()));
        tokio::spawn(background::keep_attachments(running.host.clone()));
        running.wait_for_relay().await;
        folder.leave_note(&ServerNote {
            page: ready.page.clone(),
        })?;
        ready.print(options.json, &mut std::io::stdout())?;
        Ok(running)
    }

    async fn wait_for_relay(&self) {
        let desk = self.host.ports();
        let comes = async {
            while desk
                .store
                .alive_relays(now_ms())
                .await
                .is_ok_and(|relays| relays.is_empty())
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        if timeout(RELAY_WITHIN, comes).await.is_err() {
            tracing::warn!("media relay has not connected yet");
        }
    }

    async fn stop(self) {
        let _ = self.stop.send(true);
        let end = async {
            // The relay announces its end over its socket, so it stops before the sockets close.
            let _ = self.relay.await;
            self.host.ports().sockets.close_all(server::GOING_AWAY);
            let _ = self.conversations.acquire_many(CONVERSATIONS_MAX).await;
            let _ = self.server.await;
        };
        if timeout(STOP_WITHIN, end).await.is_err() {
            tracing::warn!("some connections did not close in time");
        }
        self.host.ports().store.close();
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::ListenTaken(address),
            _ => ServeError::Listen(address, error),
        })
}

/// Resolves when the server stops.
async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which has the same meaning.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
