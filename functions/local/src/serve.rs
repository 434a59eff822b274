//! Puts the house together, runs it, and takes it down in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::{Authority, Uri};
use sightline_host::ports::{Relays, StoreError};
use sightline_host::{Host, HostConfig, Keys};
use sightline_relay::{BindError, Protocol, Relay};
use sightline_session::{Rules, budget};
use sightline_wire::DisplayName;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::time::{interval, sleep, timeout};

use crate::cli::Serve;
use crate::data::{DataFolder, KEY_BYTES, Reached};
use crate::desk::{Desk, now_ms};
use crate::objects::Objects;
use crate::ready::Ready;
use crate::server::crowd::Crowd;
use crate::server::hosts::{self, Names};
use crate::server::source::BehindProxy;
use crate::server::{self, House, TALKS_MAX};
use crate::store::Store;
use crate::trouble::ServeError;

/// How often what is past its date is taken away.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

/// How often it is stored when pages were last heard. A kill makes them look silent for as long,
/// which must stay far below the minutes after which a silent call ends.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// Pages that come before the relay are told to try again, so nothing depends on this wait.
const RELAY_WITHIN: Duration = Duration::from_secs(1);

/// Everything together may take this long to end; then the process goes anyway. The store syncs at
/// each commit.
const END_WITHIN: Duration = Duration::from_millis(1_500);

/// Runs until a signal says to stop.
///
/// # Errors
/// When something that is needed cannot be had.
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
    let house = Running::start(options).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    house.stop().await;
    Ok(())
}

/// Everything that runs.
struct Running {
    host: Arc<Host<Desk>>,
    stop: watch::Sender<bool>,
    talks: Arc<Semaphore>,
    server: tokio::task::JoinHandle<()>,
    relay: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn start(options: &Serve) -> Result<Self, ServeError> {
        check(options)?;
        let folder = DataFolder::open(options.data.folder.clone())?;
        let key = folder.key()?;
        let store = Store::open(folder.path(), now_ms())?;
        let objects = Objects::open(folder.path(), &key)?;
        let listener = listen(options.listen).await?;
        let listen = listener.local_addr()?;
        let (origin, authority) = public(options, listen)?;
        let relay = bind_relay(options, listen, key)?;

        let host = Arc::new(Host::new(
            Desk::new(store, objects),
            configure(options, &origin, listen)?,
            Keys::from_bytes(&key),
        ));
        let talks = Arc::new(Semaphore::new(TALKS_MAX as usize));
        let house = House {
            host: host.clone(),
            talks: talks.clone(),
            crowd: Arc::new(Crowd::default()),
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
        let names = Names::of(listen, &authority);
        let (stop, stopped) = watch::channel(false);
        let running = Self {
            server: tokio::spawn(server::serve(
                listener,
                house,
                names,
                until(stopped.clone()),
            )),
            relay: tokio::spawn(relay.run(until(stopped.clone()))),
            stop,
            talks,
            host,
        };
        tokio::spawn(sweep(running.host.clone()));
        tokio::spawn(keep_attachments(running.host.clone()));
        running.wait_for_relay().await;
        folder.leave_note(&Reached {
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
            tracing::warn!("the media relay has not reported yet");
        }
    }

    async fn stop(self) {
        let _ = self.stop.send(true);
        let end = async {
            // The relay says goodbye over its socket, so it goes before the sockets do.
            let _ = self.relay.await;
            self.host.ports().sockets.close_all(server::GOING_AWAY);
            let _ = self.talks.acquire_many(TALKS_MAX).await;
            let _ = self.server.await;
        };
        if timeout(END_WITHIN, end).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.host.ports().store.close();
    }
}

fn check(options: &Serve) -> Result<(), ServeError> {
    if !sightline_web::is_built() && !options.no_pages {
        return Err(ServeError::NoPages);
    }
    if !options.listen.ip().is_loopback() {
        return Err(ServeError::NotLoopback(options.listen));
    }
    if options.media.ip().is_unspecified() && options.announce.is_none() {
        return Err(ServeError::AnnounceNeeded(options.media));
    }
    let announce = options.announce_tcp.or(options.announce);
    if let Some(listen) = options.media_tcp.filter(|at| at.ip().is_unspecified())
        && announce.is_none()
    {
        return Err(ServeError::AnnounceTcpNeeded(listen));
    }
    // Before the data folder is made for nothing.
    prefixes(options)?;
    options
        .public_url
        .as_deref()
        .map_or(Ok(()), |url| origin(url).map(drop))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::ListenTaken(address),
            _ => ServeError::Listen(address, error),
        })
}

/// The origin, and the authority in it.
fn public(options: &Serve, listen: SocketAddr) -> Result<(String, Authority), ServeError> {
    match &options.public_url {
        Some(url) => origin(url),
        None => origin(&format!("http://{listen}")),
    }
}

fn origin(url: &str) -> Result<(String, Authority), ServeError> {
    let origin = url.strip_suffix('/').unwrap_or(url);
    let parts = origin.parse::<Uri>().ok().map(Uri::into_parts);
    let authority = parts
        .filter(|parts| {
            let scheme = parts.scheme.as_ref().map(|scheme| scheme.as_str());
            matches!(scheme, Some("http" | "https"))
        })
        .filter(|parts| {
            let path = parts.path_and_query.as_ref();
            path.is_none_or(|path| path.as_str() == "/")
        })
        .and_then(|parts| parts.authority)
        .filter(|authority| !authority.as_str().contains('@'));
    match authority {
        Some(authority) => Ok((origin.to_ascii_lowercase(), authority)),
        None => Err(ServeError::PublicUrl(url.to_owned())),
    }
}

fn bind_relay(
    options: &Serve,
    listen: SocketAddr,
    key: [u8; KEY_BYTES],
) -> Result<Relay, ServeError> {
    let keys = Keys::from_bytes(&key);
    let token = move || keys.relay(now_ms());
    let mut config = sightline_relay::Config::new(&format!("ws://{listen}/ws"), Box::new(token));
    config.media_listen = vec![options.media];
    config.announce = options.announce.map(|address| vec![address]);
    let only = |address| vec![address];
    config.media_over_tcp(options.media_tcp.map(only), options.announce_tcp.map(only));
    Relay::bind(config).map_err(|error| match error {
        BindError::PortTaken(address, Protocol::Udp) => ServeError::MediaTaken(address),
        BindError::PortTaken(address, _) => ServeError::MediaTcpTaken(address),
        error => ServeError::Media(error),
    })
}

fn configure(options: &Serve, origin: &str, listen: SocketAddr) -> Result<HostConfig, ServeError> {
    const MINUTE_MS: u64 = 60 * 1_000;
    let business = DisplayName::new(&options.business).map_err(ServeError::Business)?;
    let mut config = HostConfig::new(business.as_str(), origin);
    let port = listen.port();
    config.further_origins = hosts::LOOPBACK
        .iter()
        .map(|name| format!("http://{name}:{port}"))
        .collect();
    config.desk_agent = Some(DisplayName::new(&options.agent_name).map_err(ServeError::AgentName)?);
    config.rules = Rules {
        invite_ms: u64::from(options.invite_minutes) * MINUTE_MS,
        unheard_ms: u64::from(options.unheard_minutes) * MINUTE_MS,
        total_ms: u64::from(options.call_hours) * 60 * MINUTE_MS,
        cool_down_ms: u64::from(options.sms_cool_down_s) * 1_000,
        sms_prefixes: prefixes(options)?,
        sms_agent_day_max: options.sms_agent_max,
        sms_number_day_max: options.sms_number_max,
        sms_day_max: options.sms_day_max,
        sms_off: options.sms_off,
        ..Rules::default()
    };
    Ok(config)
}

fn prefixes(options: &Serve) -> Result<Vec<String>, ServeError> {
    budget::prefixes(&options.sms_prefixes).map_err(ServeError::SmsPrefixes)
}

/// Applies what is overdue where nobody asks, and takes away what is past its date.
async fn sweep(host: Arc<Host<Desk>>) {
    let mut every = interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        sweep_once(&host, now_ms()).await;
    }
}

/// One session's trouble is its own: the others are gone through all the same.
pub(crate) async fn sweep_once(host: &Host<Desk>, now_ms: u64) {
    let store = &host.ports().store;
    match store.open_sessions(now_ms).await {
        Ok(open) => {
            for session in open {
                if let Err(trouble) = host.tidy(session).await {
                    tracing::error!(session.id = %session, error = %trouble, "session cannot be tidied");
                }
            }
        }
        Err(trouble) => tracing::error!(error = %trouble, "open sessions cannot be listed"),
    }
    match store.sweep(now_ms).await {
        Ok(gone) => {
            tracing::debug!(sessions = gone.len(), "swept");
            if let Err(trouble) = host.ports().objects.forget(gone).await {
                tracing::error!(error = %trouble, "pictures of what was swept stay for the next time");
            }
        }
        Err(trouble) => tracing::error!(error = %trouble, "sweep failed"),
    }
    match sweep_objects(host, now_ms).await {
        Ok(gone) => tracing::debug!(objects = gone, "swept"),
        Err(trouble) => tracing::error!(error = %trouble, "sweep of pictures failed"),
    }
}

/// Takes away what belongs to nobody, however it came to that: an upload without a word after it, a
/// removal that failed, a kill between the end of a session and that of its pictures.
async fn sweep_objects(host: &Host<Desk>, now_ms: u64) -> Result<usize, StoreError> {
    let desk = host.ports();
    let mut gone = desk.objects.sweep_incoming(now_ms).await?;
    let there = desk.objects.with_pictures().await?;
    let orphans = desk.store.unknown(there.clone()).await?;
    for session in there {
        if orphans.contains(&session) {
            continue;
        }
        match host.standing(session).await {
            Ok(Some(standing)) => {
                let swept = desk.objects.sweep_pictures(session, standing, now_ms).await;
                gone += swept?;
            }
            // Past its date: all of it goes together.
            Ok(None) => {}
            Err(trouble) => {
                tracing::error!(session.id = %session, error = %trouble, "pictures cannot be compared");
            }
        }
    }
    Ok(gone + desk.objects.sweep_orphans(orphans, now_ms).await?)
}

async fn keep_attachments(host: Arc<Host<Desk>>) {
    let mut every = interval(KEEP_EVERY);
    loop {
        every.tick().await;
        host.ports().store.flush_attachments();
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the other end is gone, which says the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
