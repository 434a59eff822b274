//! Starts the server and the relay, runs them, and stops them in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::case::CaseSigner;
use sightline_host::ports::{Ports as _, Relays, StoreError};
use sightline_host::{Host, Keys, sign_in_link};
use sightline_relay::Relay;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::begin::{self, Begun};
use crate::cli::Serve;
use crate::data::{DataFolder, ServerNote};
use crate::desk::{Desk, random};
use crate::lan::{self, Lan};
use crate::objects::Objects;
use crate::ready::{Phones, Ready};
use crate::serve_error::ServeError;
use crate::server::connection_counts::ConnectionCounts;
use crate::server::hosts::HostNames;
use crate::server::places::ConnectionPlaces;
use crate::server::source::BehindProxy;
use crate::server::{self, ServerState};
use crate::signals::Signals;
use crate::{background, config, descriptors, webhooks};
use sightline_hand::Hand;

/// Longest wait for the relay at the start. It takes some milliseconds, and longer on a machine
/// that is busy with other things.
const RELAY_WITHIN: Duration = Duration::from_secs(10);

/// Longest time for an orderly stop; then the process ends in any case. The store syncs at each
/// commit, so nothing is lost.
const STOP_WITHIN: Duration = Duration::from_millis(1_500);

/// How much of that time the relay may take. Pages must hear of the end even if it is slow.
const RELAY_STOPS_WITHIN: Duration = Duration::from_millis(500);

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
    let mut signals = Signals::listen()?;
    let mut running = tokio::select! {
        running = Running::start(options) => running?,
        () = signals.stop() => return Ok(()),
    };
    let done = async {
        running.wait_for_relay().await?;
        running.announce(options)?;
        running.relay_ended().await
    };
    let done = tokio::select! {
        done = done => done,
        () = signals.stop() => Ok(()),
    };
    running.stop().await;
    done
}

/// The running server with its relay.
struct Running {
    host: Arc<Host<Desk>>,
    stop: watch::Sender<bool>,
    conversations: Arc<Semaphore>,
    conversations_max: usize,
    servers: Vec<JoinHandle<()>>,
    relay: JoinHandle<io::Result<()>>,
    folder: DataFolder,
    listen: SocketAddr,
    ready: Ready,
}

impl Running {
    async fn start(options: &Serve) -> Result<Self, ServeError> {
        config::check(options)?;
        let Begun {
            folder,
            store,
            key,
            clock,
        } = begin::begin(options).await?;
        let objects = Objects::open(folder.path(), &key)?;
        let listener = listen(options.listen).await?;
        let listen = listener.local_addr()?;
        let lan = match options.lan {
            Some(at) => Some(Lan::open(at, options, &folder).await?),
            None => None,
        };
        let (origin, authority) = config::public(options, listen, lan.as_ref())?;
        let relay = config::bind_relay(options, listen, key, clock.clone(), lan.as_ref())?;

        let host = Host::new(
            Desk::new(store, objects, clock),
            config::host(options, &origin, listen, lan.as_ref())?,
            Keys::from_bytes(&key),
        );
        let host = Arc::new(host.with_case_signer(case_signer(folder.clone())));
        let places = Arc::new(ConnectionPlaces::new(descriptors::raise()));
        let conversations_max = server::conversations_max(&places);
        let conversations = Arc::new(Semaphore::new(conversations_max));
        let server = ServerState {
            host: host.clone(),
            places,
            conversations: conversations.clone(),
            turned_away: Arc::new(Semaphore::new(server::TURNED_AWAY_MAX)),
            counts: Arc::new(ConnectionCounts::default()),
            health: Arc::default(),
            // A certificate of the operator's is shown by this server itself.
            behind: BehindProxy(options.public_url.is_some() && options.tls_cert.is_none()),
            without_pages: options.no_pages,
            any_upload: false,
            authority: lan.as_ref().and_then(|lan| lan.authority.clone()),
        };
        let ready = ready(&host, listen, &origin, lan.as_ref()).await?;
        let ready = with_media(ready, &relay);
        let names = HostNames::of(listen, &authority);
        let (stop, stopped) = watch::channel(false);
        let mut lan_names = lan.as_ref().map(Lan::names).unwrap_or_default();
        lan_names.extend(options.tls_cert.as_ref().map(|_| names.public.clone()));
        let lan_names: Arc<[String]> = lan_names.into();
        let mut servers = lan.map_or_else(Vec::new, |lan| {
            serve_lan(lan, &server, &lan_names, &stopped)
        });
        let stop_home = stopped.clone();
        servers.push(tokio::spawn(server::serve(
            listener, server, names, lan_names, stop_home,
        )));
        let running = Self {
            servers,
            relay: tokio::spawn(relay.run(until(stopped.clone()))),
            stop,
            conversations,
            conversations_max,
            host,
            folder,
            listen,
            ready,
        };
        running.work_in_background(options);
        Ok(running)
    }

    fn work_in_background(&self, options: &Serve) {
        tokio::spawn(background::sweep(self.host.clone()));
        tokio::spawn(background::keep_attachments(self.host.clone()));
        let (host, folder) = (self.host.clone(), self.folder.clone());
        tokio::spawn(background::keep_seal(host, folder));
        tokio::spawn(background::keep_clocks(self.host.clone()));
        let hand = Arc::new(Hand::new(options.webhook_private));
        tokio::spawn(webhooks::send(self.host.clone(), hand));
    }

    /// Waits until the relay can take calls.
    async fn wait_for_relay(&mut self) -> Result<(), ServeError> {
        let desk = self.host.ports();
        let comes = async {
            while desk
                .store
                .alive_relays(desk.now_ms())
                .await
                .is_ok_and(|relays| relays.is_empty())
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let late = ServeError::MediaLate {
            within_s: RELAY_WITHIN.as_secs(),
        };
        tokio::select! {
            came = timeout(RELAY_WITHIN, comes) => came.map_err(|_| late),
            ended = &mut self.relay => media_ended(ended),
        }
    }

    /// Resolves when there is no media any more. Then no call works.
    async fn relay_ended(&mut self) -> Result<(), ServeError> {
        media_ended((&mut self.relay).await)
    }

    /// Leaves the address for `sightline sign-in-link` and prints it.
    fn announce(&self, options: &Serve) -> Result<(), ServeError> {
        let note = ServerNote {
            page: self.ready.page.clone(),
            listen: Some(self.listen),
        };
        if let Err(error) = self.folder.leave_note(&note) {
            // A desk on a full disk runs. Only another sign-in link needs the note.
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "failed to store the address for `sign-in-link`");
        }
        self.ready
            .print(options.json, &mut io::stdout())
            .map_err(ServeError::Print)
    }

    async fn stop(self) {
        let _ = self.stop.send(true);
        let end = async {
            // The relay announces its end over its socket, so it stops before the sockets close.
            if !self.relay.is_finished() {
                let _ = timeout(RELAY_STOPS_WITHIN, self.relay).await;
            }
            self.host.ports().sockets.close_all(server::GOING_AWAY);
            let all = u32::try_from(self.conversations_max).unwrap_or(u32::MAX);
            let _ = self.conversations.acquire_many(all).await;
            for server in self.servers {
                let _ = server.await;
            }
        };
        if timeout(STOP_WITHIN, end).await.is_err() {
            tracing::warn!("some connections did not close in time");
        }
        self.host.ports().clock.keep_now();
        self.host.ports().store.close();
    }
}

/// Returns what reads the key of case files, or makes it at its first use.
fn case_signer(
    folder: DataFolder,
) -> impl Fn() -> Result<CaseSigner, StoreError> + Send + Sync + 'static {
    move || {
        folder.case_signer().map_err(|error| StoreError {
            operation: "read the key of case files",
            cause: error.to_string(),
            retryable: false,
        })
    }
}

fn media_ended(ended: Result<io::Result<()>, JoinError>) -> Result<(), ServeError> {
    let early = || io::Error::other("the relay ended by itself");
    Err(ServeError::MediaEnded(match ended {
        Ok(Ok(())) => early(),
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    }))
}

/// What to print, without the relay's addresses.
async fn ready(
    host: &Host<Desk>,
    listen: SocketAddr,
    origin: &str,
    lan: Option<&Lan>,
) -> Result<Ready, ServeError> {
    // The agent works on this machine, also where customers come from its network.
    let home = match lan {
        Some(_) => format!("http://{listen}"),
        None => origin.to_owned(),
    };
    let [a, b, ..] = random();
    let token = host.keys().once([a, b], host.ports().now_ms());
    let phones = match lan {
        Some(lan) => Some(Phones {
            lan: lan.origin(),
            test_call: host.test_call().await,
            named: lan.named,
            own_authority: lan.authority.is_some(),
        }),
        None => None,
    };
    Ok(Ready {
        agent: sign_in_link(&home, &token),
        outbox: format!("http://{listen}/outbox.json"),
        page: home,
        media: Vec::new(),
        media_tcp: Vec::new(),
        metrics: None,
        phones,
    })
}

fn with_media(ready: Ready, relay: &Relay) -> Ready {
    let metrics = relay.metrics_address();
    Ready {
        media: relay.media_addresses().to_vec(),
        media_tcp: relay.media_tcp_addresses().to_vec(),
        metrics: metrics.map(|at| format!("http://{at}/metrics")),
        ..ready
    }
}

/// Serves customers at each network address.
fn serve_lan(
    lan: Lan,
    server: &ServerState,
    names: &Arc<[String]>,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    tokio::spawn(lan::watch(lan.addresses));
    let mut servers = Vec::new();
    for listener in lan.listeners {
        let tls = TlsAcceptor::from(lan.tls.clone());
        let (server, names, stop) = (server.clone(), names.clone(), stopped.clone());
        servers.push(tokio::spawn(server::serve_outside(
            listener, tls, server, names, stop,
        )));
    }
    servers
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
