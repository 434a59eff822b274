//! The link home: keeps a WebSocket to the host and the lease on it, carries messages both ways,
//! and replaces the link before its time is up. Which link is in use when is decided in `links`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use sightline_wire::{FromRelay, MESSAGE_BYTES_MAX, RelayHears, RelayId, RelaySays, ToRelay};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::chance::chance;
use crate::config::Rotation;
use crate::counters::RelayCounters;
use crate::dial::{Dialler, HostSocket, LinkEnd};
use crate::links::{ANSWER_WITHIN, BACKOFF_MIN, LinkAction, LinkEvent, LinkRole, Links, backoff};
use crate::media::MediaCommand;
use crate::threads::Threads;

/// How often the lease is renewed. It holds for three times as long.
const LEASE_EVERY: Duration = Duration::from_secs(15);
/// How often a running relay logs its counters.
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// How long closing a previous link may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Keeps the link home.
pub(crate) struct LinkHome {
    pub(crate) dialler: Dialler,
    pub(crate) relay: RelayId,
    pub(crate) rooms_max: u32,
    /// The host reports the relay's address.
    pub(crate) learns_address: bool,
    pub(crate) rotation: Rotation,
    pub(crate) counters: Arc<RelayCounters>,
}

impl LinkHome {
    /// Keeps a link to the host until the media thread drops its end of `outbox`.
    pub(crate) async fn run(self, mut outbox: mpsc::Receiver<RelaySays>, threads: &Threads) {
        let mut failures = 0;
        loop {
            let welcomes = self.counters.snapshot().welcomes;
            let end = match self.dial_and_greet().await {
                Ok(socket) => {
                    let session = LinkSession::new(&self, socket, threads);
                    session.run(&mut outbox).await
                }
                Err(end) => end,
            };
            self.counters.update(|latest| latest.at_home = false);
            match end {
                LinkEnd::Leaving => return,
                error => tracing::warn!(%error, "link to the host is down"),
            }
            if self.counters.snapshot().welcomes > welcomes {
                failures = 0;
            }
            let wait = backoff(failures, chance());
            failures += 1;
            if !wait_unless_leaving(wait, &outbox).await {
                return;
            }
        }
    }

    async fn dial_and_greet(&self) -> Result<Box<HostSocket>, LinkEnd> {
        let mut socket = self.dialler.dial().await?;
        // A relay without an address gets no room before its first lease. A draining relay wants
        // that too.
        let media = if self.counters.snapshot().draining {
            Vec::new()
        } else {
            self.counters.media_addresses()
        };
        let hello = RelaySays::Hello {
            relay: self.relay,
            rooms_max: self.rooms_max,
            media,
        };
        self.send(&mut socket, hello).await?;
        Ok(socket)
    }

    /// Sends a message, unless it is longer than the host reads: that is skipped and counted.
    async fn send(&self, socket: &mut HostSocket, message: RelaySays) -> Result<(), LinkEnd> {
        let json = serde_json::to_string(&FromRelay::Relay(message));
        let json = json.expect("messages have text keys");
        if json.len() > MESSAGE_BYTES_MAX {
            self.counters.update(|latest| latest.messages_skipped += 1);
            tracing::error!(bytes = json.len(), "long message to the host skipped");
            return Ok(());
        }
        // A link that accepts no bytes for this long is dead.
        tokio::time::timeout(ANSWER_WITHIN, socket.send(Message::text(json)))
            .await
            .unwrap_or(Err(Error::ConnectionClosed))?;
        Ok(())
    }

    fn lease(&self) -> RelaySays {
        let latest = self.counters.snapshot();
        self.counters.told_rooms(latest.rooms);
        RelaySays::Lease {
            relay: self.relay,
            rooms: latest.rooms,
            // Pages cannot reach a relay without an address.
            draining: latest.draining || self.counters.media_addresses().is_empty(),
        }
    }

    /// Handles a message of the host. Returns whether it answers `hello` or `lease`.
    fn handle_message(&self, text: &str, threads: &Threads) -> bool {
        if text.len() > MESSAGE_BYTES_MAX {
            self.counters.update(|latest| latest.messages_skipped += 1);
            tracing::warn!(bytes = text.len(), "long message of the host skipped");
            return false;
        }
        match serde_json::from_str(text) {
            Ok(ToRelay::Relay(RelayHears::Welcome { seen, .. })) => {
                if self.learns_address {
                    self.learn_address(seen, threads);
                }
                true
            }
            Ok(ToRelay::Relay(message)) => {
                if !threads.pass(message) {
                    tracing::warn!("media thread is behind, message of the host dropped");
                }
                false
            }
            Err(error) => {
                // The text itself may hold a session description.
                self.counters.update(|latest| latest.messages_skipped += 1);
                let (line, column) = (error.line(), error.column());
                tracing::warn!(line, column, "malformed message of the host");
                false
            }
        }
    }

    /// Passes on the address at which the host sees this relay. If the command is dropped, the next
    /// lease brings the address again.
    fn learn_address(&self, seen: Option<IpAddr>, threads: &Threads) {
        match seen {
            Some(seen) => {
                threads.tell(|| MediaCommand::SeenAt(seen.to_canonical()));
            }
            None if self.counters.media_addresses().is_empty() => {
                tracing::warn!(
                    "host does not report the relay's address: no rooms without --announce"
                );
            }
            None => {}
        }
    }

    fn log_counters(&self) {
        let latest = self.counters.snapshot();
        if latest.rooms > 0 {
            tracing::info!(
                rooms = latest.rooms,
                participants = latest.participants,
                packets_forwarded = latest.packets_forwarded,
                packets_dropped = latest.packets_dropped,
                offers_refused = latest.offers_refused,
                datagrams_foreign = latest.datagrams_foreign,
                datagrams_refused = latest.datagrams_refused,
                datagrams_unsent = latest.datagrams_unsent,
                messages_skipped = latest.messages_skipped,
                "relay counters"
            );
        }
    }
}

type Dialling<'h> = BoxFuture<'h, Result<Box<HostSocket>, LinkEnd>>;

/// The links from a first dial until none is left, with their sockets.
struct LinkSession<'h> {
    home: &'h LinkHome,
    threads: &'h Threads,
    links: Links,
    current: Box<HostSocket>,
    dialling: Option<Dialling<'h>>,
    successor: Option<Box<HostSocket>>,
    previous: Option<Box<HostSocket>>,
    lease: Interval,
}

/// The next step of a [`LinkSession`].
enum Step {
    /// The media thread has something for the host. `None`: it has ended.
    Outbox(Option<RelaySays>),
    Received(LinkRole, Result<Utf8Bytes, LinkEnd>),
    Dialled(Result<Box<HostSocket>, LinkEnd>),
    Timeout,
    LeaseDue,
    LeaseDueAtOnce,
    ReportDue,
}

impl<'h> LinkSession<'h> {
    fn new(home: &'h LinkHome, current: Box<HostSocket>, threads: &'h Threads) -> Self {
        let now = Instant::now();
        let mut lease = tokio::time::interval_at(now + LEASE_EVERY, LEASE_EVERY);
        lease.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            home,
            threads,
            links: Links::new(home.rotation, now.into_std(), chance()),
            current,
            dialling: None,
            successor: None,
            previous: None,
            lease,
        }
    }

    /// Carries messages until no link is left, or until the relay leaves.
    async fn run(mut self, outbox: &mut mpsc::Receiver<RelaySays>) -> LinkEnd {
        let mut report = tokio::time::interval_at(Instant::now() + REPORT_EVERY, REPORT_EVERY);
        loop {
            let step = self.next_step(outbox, &mut report).await;
            if let Err(end) = self.take_step(step).await {
                return end;
            }
        }
    }

    async fn next_step(
        &mut self,
        outbox: &mut mpsc::Receiver<RelaySays>,
        report: &mut Interval,
    ) -> Step {
        let is_welcome = self.links.is_welcome();
        tokio::select! {
            biased;
            message = outbox.recv(), if is_welcome => Step::Outbox(message),
            text = receive(&mut self.current) => Step::Received(LinkRole::Current, text),
            dialled = or_never(&mut self.dialling, |dial| dial) => Step::Dialled(dialled),
            text = or_never(&mut self.successor, |socket| receive(socket)) => {
                Step::Received(LinkRole::Successor, text)
            }
            text = or_never(&mut self.previous, |socket| receive(socket)) => {
                Step::Received(LinkRole::Previous, text)
            }
            () = sleep_until(self.links.deadline()) => Step::Timeout,
            () = self.home.counters.lease_wanted(), if is_welcome => Step::LeaseDueAtOnce,
            _ = self.lease.tick() => Step::LeaseDue,
            _ = report.tick() => Step::ReportDue,
        }
    }

    /// # Errors
    /// When no link is left, or the relay leaves.
    async fn take_step(&mut self, step: Step) -> Result<(), LinkEnd> {
        match step {
            Step::Outbox(Some(message)) => self.home.send(&mut self.current, message).await,
            Step::Outbox(None) => {
                let _ = self.home.send(&mut self.current, self.home.lease()).await;
                let _ = self.current.as_mut().close(None).await;
                Err(LinkEnd::Leaving)
            }
            Step::Received(role, Ok(text)) => {
                if self.home.handle_message(text.as_str(), self.threads) {
                    self.on(LinkEvent::Welcomed(role), LinkEnd::Silence)?;
                }
                Ok(())
            }
            Step::Received(role, Err(end)) => self.on(LinkEvent::Ended(role), end),
            Step::Dialled(dialled) => {
                self.dialling = None;
                match dialled {
                    Ok(socket) => {
                        self.successor = Some(socket);
                        self.on(LinkEvent::Dialled, LinkEnd::Silence)
                    }
                    Err(end) => self.on(LinkEvent::DialFailed, end),
                }
            }
            Step::Timeout => self.on(LinkEvent::Timeout, LinkEnd::Silence),
            Step::LeaseDue => {
                self.home.send(&mut self.current, self.home.lease()).await?;
                self.on(LinkEvent::LeaseSent, LinkEnd::Silence)
            }
            Step::LeaseDueAtOnce => {
                self.lease.reset_immediately();
                Ok(())
            }
            Step::ReportDue => {
                self.home.log_counters();
                Ok(())
            }
        }
    }

    /// Carries out what follows from an event. `end` says why a link ended, if one did.
    fn on(&mut self, event: LinkEvent, end: LinkEnd) -> Result<(), LinkEnd> {
        let now = Instant::now().into_std();
        for action in self.links.on(event, now, chance()) {
            match action {
                LinkAction::DialSuccessor => {
                    self.dialling = Some(self.home.dial_and_greet().boxed());
                }
                LinkAction::DropSuccessor => {
                    self.successor = None;
                    tracing::warn!(error = %end, "failed to replace the link to the host");
                }
                LinkAction::SwitchOver => {
                    if let Some(successor) = self.successor.take() {
                        self.previous = Some(std::mem::replace(&mut self.current, successor));
                    }
                }
                LinkAction::FallBack => {
                    tracing::warn!(error = %end, "link to the host is down, using its successor");
                    if let Some(successor) = self.successor.take() {
                        self.current = successor;
                    }
                    self.home.counters.update(|latest| latest.at_home = false);
                }
                LinkAction::Connected => self.connected(),
                LinkAction::ClosePrevious => {
                    if let Some(previous) = self.previous.take() {
                        tokio::spawn(close(previous));
                    }
                }
                LinkAction::GiveUp => return Err(end),
            }
        }
        Ok(())
    }

    fn connected(&mut self) {
        self.home.counters.update(|latest| {
            latest.welcomes += 1;
            latest.at_home = true;
        });
        // `hello` tells neither about rooms that outlived the last link nor about draining; the
        // lease does. A relay without an address waits with it, because the first lease brings
        // rooms.
        if !self.home.counters.media_addresses().is_empty() {
            self.lease.reset_immediately();
        }
    }
}

/// The next text on a link. Cancel-safe.
async fn receive(socket: &mut HostSocket) -> Result<Utf8Bytes, LinkEnd> {
    loop {
        match socket.next().await {
            None | Some(Ok(Message::Close(_))) => return Err(LinkEnd::Closed),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(Message::Text(text))) => return Ok(text),
            Some(Ok(_)) => {}
        }
    }
}

async fn close(mut socket: Box<HostSocket>) {
    let _ = tokio::time::timeout(CLOSE_WITHIN, socket.as_mut().close(None)).await;
}

/// Waits for the future of a value that may be absent. Without the value it waits for ever.
async fn or_never<'a, V, F: Future>(
    value: &'a mut Option<V>,
    future: impl FnOnce(&'a mut V) -> F,
) -> F::Output {
    match value {
        Some(value) => future(value).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Waits. Returns false if the relay left meanwhile.
async fn wait_unless_leaving(wait: Duration, outbox: &mpsc::Receiver<RelaySays>) -> bool {
    let until = Instant::now() + wait;
    while Instant::now() < until && !outbox.is_closed() {
        tokio::time::sleep(BACKOFF_MIN / 2).await;
    }
    !outbox.is_closed()
}
