//! A media thread: sockets and a clock around an [`Sfu`]. If it panics, its rooms end and it begins
//! again; other threads do not notice.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use sightline_room::{Datagram, Input, MediaAddress, Output, Protocol, Remote, Sfu, Transmit};
use sightline_wire::{RelayHears, RelaySays};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use crate::batch::{Batch, DATAGRAMS_TOGETHER};
use crate::counters::RelayCounters;
use crate::numbers::{self, DatagramCounters};
use crate::own::OwnAddresses;
use crate::shares::Shares;
use crate::socket::{Socket, SocketName};
use crate::streams::{Polled, Streams};
use crate::udp::UdpPort;

/// Most datagrams of one UDP socket, or events of all TCP connections, before the others have their
/// turn.
const DATAGRAMS_PER_TURN: usize = 64;
/// Most commands before the others have their turn: an offer costs as much as a hundred packets.
const COMMANDS_PER_TURN: u32 = 4;
/// Of so many datagrams, the processor time of one is measured.
const SAMPLED_EVERY: u32 = 32;
/// How old published numbers may be.
const PUBLISH_WITHIN: Duration = Duration::from_millis(10);
/// Wait after a panic, so that one that comes again does not fill the processor.
const BEGIN_AGAIN: Duration = Duration::from_millis(100);
/// Turns after each other before tasks and sockets have theirs.
const TURNS_AT_ONCE: u32 = 16;

/// What a media thread must do.
pub(crate) enum MediaCommand {
    /// Handle a message of the host.
    FromHost(RelayHears),
    /// The host sees this relay at this address.
    SeenAt(IpAddr),
    /// Reply at once.
    HealthCheck(oneshot::Sender<()>),
    /// Take no new rooms.
    Drain,
    /// Close every transport and end.
    Stop,
}

/// A media thread before it runs.
pub(crate) struct MediaThread {
    /// Which one it is, from 0 on.
    pub(crate) number: usize,
    pub(crate) sfu: Sfu,
    pub(crate) sockets: Vec<Socket<UdpSocket>>,
    pub(crate) streams: Streams,
    /// Where it listens for UDP beside these.
    pub(crate) own: Option<OwnAddresses>,
    pub(crate) to_host: mpsc::Sender<RelaySays>,
    pub(crate) shares: Arc<Shares>,
    pub(crate) counters: Arc<RelayCounters>,
}

impl MediaThread {
    /// Runs until [`MediaCommand::Stop`], or until all senders of commands are dropped. Uses
    /// `listening` once its sockets are in use.
    ///
    /// # Errors
    /// When the thread's runtime or its sockets cannot be made.
    pub(crate) fn run(
        self,
        commands: mpsc::Receiver<MediaCommand>,
        listening: oneshot::Sender<()>,
    ) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        runtime.block_on(async {
            let media = MediaLoop::new(self, commands)?;
            // The relay may have been dropped.
            let _ = listening.send(());
            media.run().await;
            Ok(())
        })
    }
}

struct MediaLoop {
    number: usize,
    sfu: Sfu,
    ports: Vec<UdpPort>,
    streams: Streams,
    own: Option<OwnAddresses>,
    commands: mpsc::Receiver<MediaCommand>,
    to_host: mpsc::Sender<RelaySays>,
    shares: Arc<Shares>,
    counters: Arc<RelayCounters>,
    panics: u64,
    timeout_at: Option<Instant>,
    datagrams: DatagramCounters,
    /// Datagrams until the next one whose processor time is measured, that one included.
    until_sample: u32,
    alarm: Pin<Box<Sleep>>,
    /// Rooms, participants and TCP connections, as they were published.
    published: (usize, usize, usize),
    /// When the numbers are published again, if some may have changed.
    publish_at: Option<Instant>,
}

impl MediaLoop {
    fn new(thread: MediaThread, commands: mpsc::Receiver<MediaCommand>) -> io::Result<Self> {
        let ports = thread.sockets.into_iter().map(UdpPort::new);
        let ports = ports.collect::<io::Result<_>>()?;
        Ok(Self {
            number: thread.number,
            sfu: thread.sfu,
            ports,
            streams: thread.streams,
            own: thread.own,
            commands,
            to_host: thread.to_host,
            shares: thread.shares,
            counters: thread.counters,
            panics: 0,
            timeout_at: None,
            datagrams: DatagramCounters::default(),
            until_sample: SAMPLED_EVERY,
            alarm: Box::pin(tokio::time::sleep(Duration::ZERO)),
            published: (0, 0, 0),
            publish_at: None,
        })
    }

    /// Runs until [`MediaCommand::Stop`].
    async fn run(mut self) {
        let mut batch = Batch::new();
        while let Err(panic) = AssertUnwindSafe(self.take_turns(&mut batch))
            .catch_unwind()
            .await
        {
            // The panic hook has told what and where.
            drop(panic);
            self.begin_again();
            tokio::time::sleep(BEGIN_AGAIN).await;
        }
        self.handle(Input::Close);
        self.publish();
        // The link home ends after the last message in its outbox.
        drop(self.to_host);
        self.streams.close().await;
    }

    /// The order of a turn: timers, commands, datagrams. Each is bounded. The loop sleeps after a
    /// turn that left nothing to do.
    async fn take_turns(&mut self, batch: &mut Batch) {
        let mut turns = 0;
        loop {
            let fired = self.fire_timers();
            let Some(commanded) = self.take_commands() else {
                break;
            };
            let before = self.datagrams.received;
            let more = self.receive(batch);
            // While these were handled others came: to look costs less than to wait for them.
            let came = self.datagrams.received > before;
            self.publish_if_due();
            if fired || commanded || more || came {
                turns = (turns + 1) % TURNS_AT_ONCE;
                if more || turns == 0 {
                    // Lets the runtime poll its sockets; a busy one would starve the others.
                    tokio::task::yield_now().await;
                }
            } else if !self.sleep().await {
                break;
            }
        }
    }

    /// After a panic: ends the rooms. Sockets, and what waits in the queues, stay.
    fn begin_again(&mut self) {
        self.panics += 1;
        tracing::error!(
            thread = self.number,
            "media thread begins again after a panic"
        );
        self.streams.close_all();
        self.sfu.begin_again();
        self.deliver();
        self.shares.all_ended(self.number);
        self.publish();
    }

    /// Returns whether a timer was due.
    fn fire_timers(&mut self) -> bool {
        let at = now();
        let due = self.timeout_at.is_some_and(|timeout_at| timeout_at <= at);
        if due {
            self.handle(Input::Timeout);
        }
        let own = self.own.as_ref();
        if own.is_some_and(|own| own.is_due(at)) {
            self.look_at_own_addresses(at);
        }
        let check_due = self.streams.check_due().is_some_and(|due| due <= at);
        let Self { streams, sfu, .. } = self;
        let closed = check_due && streams.close_unknown(at, |address| is_known(sfu, address));
        due || closed
    }

    /// Returns whether there were commands, and `None` after [`MediaCommand::Stop`].
    fn take_commands(&mut self) -> Option<bool> {
        for turn in 0..COMMANDS_PER_TURN {
            match self.commands.try_recv() {
                Ok(command) => self.handle_command(command)?,
                Err(mpsc::error::TryRecvError::Empty) => return Some(turn > 0),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
            }
        }
        Some(true)
    }

    fn handle_command(&mut self, command: MediaCommand) -> Option<()> {
        match command {
            MediaCommand::FromHost(message) => self.handle_message(message),
            MediaCommand::SeenAt(seen) => self.learn_address(seen),
            // The asking task may have given up.
            MediaCommand::HealthCheck(reply) => reply.send(()).unwrap_or(()),
            MediaCommand::Drain => self.handle(Input::Drain),
            MediaCommand::Stop => return None,
        }
        Some(())
    }

    fn handle_message(&mut self, message: RelayHears) {
        let offered = match &message {
            RelayHears::Offer { session, .. } => Some(*session),
            _ => None,
        };
        if let Some(session) = offered {
            self.shares.taken(session);
        }
        self.handle(Input::FromHost(message));
        if let Some(session) = offered.filter(|session| !self.sfu.has_room(*session)) {
            self.shares.ended(session);
        }
    }

    /// Listens on the machine's own addresses of this moment, and on no earlier ones.
    fn look_at_own_addresses(&mut self, at: Instant) {
        let Some(own) = &mut self.own else {
            return;
        };
        let addresses = own.look(at);
        let before = self.ports.len();
        self.ports
            .retain(|port| !port.own || addresses.contains(&port.name.bound().ip()));
        let mut changed = self.ports.len() < before;
        for address in addresses {
            let is_it = |name: &SocketName| name.bound().ip() == address;
            if !self.ports.iter().any(|port| port.own && is_it(&port.name)) {
                let bound = own.bind_udp(address).map(UdpPort::new);
                let port = bound.and_then(Result::ok);
                changed |= port.is_some();
                self.ports.extend(port);
            }
        }
        if changed {
            self.announce();
        }
    }

    /// Announces the address at which the host sees this relay.
    fn learn_address(&mut self, seen: IpAddr) {
        let mut changed = false;
        let ports = self.ports.iter_mut().map(|port| &mut port.name);
        for name in ports.chain(self.streams.names_mut()) {
            changed |= name.set_seen_at(seen);
        }
        if changed {
            self.announce();
        }
    }

    /// Further answers name the sockets' addresses of this moment.
    fn announce(&mut self) {
        let udp: Vec<SocketAddr> = self
            .ports
            .iter()
            .filter_map(|port| port.name.announced())
            .collect();
        // TCP alone is not announced: it only complements UDP.
        if udp.is_empty() {
            return;
        }
        tracing::info!(media = ?udp, "media addresses changed");
        let tcp = self.streams.names().filter_map(SocketName::announced);
        let media = addresses(Protocol::Udp, udp.iter().copied());
        let media = media.chain(addresses(Protocol::Tcp, tcp)).collect();
        self.handle(Input::MediaAddresses(media));
        self.counters.set_media_addresses(self.number, udp);
    }

    /// Returns whether more datagrams may be waiting.
    fn receive(&mut self, batch: &mut Batch) -> bool {
        let mut more = self.receive_tcp();
        for port in 0..self.ports.len() {
            more |= self.receive_udp(port, batch);
        }
        more
    }

    fn receive_udp(&mut self, port: usize, batch: &mut Batch) -> bool {
        // Asked once a turn, because the system needs some microseconds to tell.
        let mut addresses = None;
        for _ in 0..DATAGRAMS_PER_TURN / DATAGRAMS_TOGETHER {
            let Some(from) = self.ports.get(port) else {
                return false;
            };
            let more = batch.fill(from);
            self.datagrams.received += batch.len() as u64;
            let (own, destination) = (from.own, from.name.destination());
            if own {
                let is_own = |source: &SocketAddr| self.is_own(source.ip(), &mut addresses);
                let dropped = batch.keep(is_own);
                self.datagrams.foreign += dropped;
            }
            self.handle_datagrams(batch, destination);
            if !more {
                return false;
            }
        }
        true
    }

    /// Whether an address is one of this machine. `addresses` keeps what the machine told.
    fn is_own(&self, source: IpAddr, addresses: &mut Option<Vec<IpAddr>>) -> bool {
        let Some(own) = &self.own else {
            return false;
        };
        let addresses = addresses.get_or_insert_with(|| (own.machine.addresses)());
        addresses.contains(&source)
    }

    fn receive_tcp(&mut self) -> bool {
        for turn in 0..DATAGRAMS_PER_TURN {
            let Self { streams, sfu, .. } = self;
            let datagram = match streams.poll(now(), |address| is_known(sfu, address)) {
                Polled::Datagram(datagram) => datagram,
                Polled::Handled => continue,
                Polled::Listeners => {
                    self.announce();
                    continue;
                }
                Polled::Idle => return turn > 0,
            };
            self.datagrams.received += 1;
            self.handle_datagram(Datagram {
                protocol: Protocol::Tcp,
                source: datagram.source,
                destination: datagram.destination,
                bytes: &datagram.bytes,
            });
        }
        true
    }

    /// Sleeps until there is something to do. Returns whether to go on.
    async fn sleep(&mut self) -> bool {
        let until = self
            .timeout_at
            .into_iter()
            .chain(self.streams.check_due())
            .chain(self.own.as_ref().and_then(OwnAddresses::look_due))
            .chain(self.publish_at)
            .min()
            // Without a deadline, any time far away.
            .unwrap_or_else(|| now() + Duration::from_secs(3600));
        // A timer that rings too early is left as it is: otherwise each packet would set it.
        if self.alarm.deadline().into_std() > until || self.alarm.is_elapsed() {
            self.alarm.as_mut().reset(until.into());
        }
        let ports = &self.ports;
        let readable = std::future::poll_fn(|context| {
            let mut ports = ports.iter();
            match ports.any(|port| port.receive.poll_recv_ready(context).is_ready()) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        });
        let command = tokio::select! {
            biased;
            command = self.commands.recv() => Some(command),
            () = readable => None,
            () = self.streams.ready() => None,
            () = &mut self.alarm => None,
        };
        match command {
            None => true,
            Some(None) => false,
            Some(Some(command)) => {
                let goes_on = self.handle_command(command).is_some();
                self.publish();
                goes_on
            }
        }
    }

    /// Handles datagrams together. One in [`SAMPLED_EVERY`] it handles alone, to measure it.
    fn handle_datagrams(&mut self, batch: &Batch, destination: SocketAddr) {
        let mut datagrams: Vec<Datagram<'_>> = batch.datagrams(destination).collect();
        let count = u32::try_from(datagrams.len()).unwrap_or(u32::MAX);
        if count >= self.until_sample
            && let Some(sample) = datagrams.pop()
        {
            // The last, so that the order stays.
            self.handle(Input::Datagrams(&datagrams));
            self.measure(sample);
            self.until_sample = SAMPLED_EVERY;
        } else if count > 0 {
            self.handle(Input::Datagrams(&datagrams));
            self.until_sample -= count;
        }
    }

    fn handle_datagram(&mut self, datagram: Datagram<'_>) {
        self.until_sample -= 1;
        if self.until_sample > 0 {
            return self.handle(Input::Datagram(datagram));
        }
        self.measure(datagram);
        self.until_sample = SAMPLED_EVERY;
    }

    /// Handles a datagram and charges its processor time, and that of those for which it stands, to
    /// the transport that has the sender's address.
    fn measure(&mut self, datagram: Datagram<'_>) {
        let from = datagram.remote();
        let before = thread_time();
        self.handle(Input::Datagram(datagram));
        let time = thread_time().saturating_sub(before);
        self.datagrams.time.note(time);
        let time = time * SAMPLED_EVERY;
        self.handle(Input::Spent { from, time });
    }

    fn handle(&mut self, input: Input<'_>) {
        self.sfu.handle(input, now());
        self.deliver();
    }

    /// Carries out what the rooms want.
    fn deliver(&mut self) {
        loop {
            match self.sfu.poll() {
                Output::Transmit(transmit) => self.send(&transmit),
                Output::ToHost(message) => {
                    if self.to_host.try_send(message).is_err() {
                        tracing::debug!("outbox is full, message to the host dropped");
                    }
                }
                Output::Ended(session) if !self.sfu.has_room(session) => {
                    self.shares.ended(session);
                }
                Output::Ended(_) => {}
                Output::Wait(at) => {
                    self.timeout_at = at;
                    break;
                }
            }
        }
    }

    fn send(&mut self, transmit: &Transmit) {
        let (contents, to) = (&transmit.contents, transmit.destination);
        let sent = match transmit.proto {
            Protocol::Udp => {
                let mut ports = self.ports.iter();
                ports
                    .find(|port| port.name.is(transmit.source))
                    .is_some_and(|port| port.direct.send_to(contents, to).is_ok())
            }
            _ => self.streams.send(transmit, self.sfu.is_sound(transmit)),
        };
        if sent {
            self.datagrams.sent += 1;
            self.datagrams.bytes_sent += contents.len() as u64;
        } else {
            self.datagrams.unsent += 1;
        }
    }

    /// Publishes at once what somebody may wait for, and the rest soon.
    fn publish_if_due(&mut self) {
        let sfu = self.sfu.counters();
        let places = (sfu.rooms, sfu.participants, self.streams.len());
        if places != self.published || self.publish_at.is_some_and(|at| at <= now()) {
            self.published = places;
            self.publish_at = None;
            self.publish();
        } else {
            self.publish_at
                .get_or_insert_with(|| now() + PUBLISH_WITHIN);
        }
    }

    fn publish(&self) {
        let Self { sfu, streams, .. } = self;
        let numbers = numbers::of_thread(sfu, streams, &self.datagrams, self.panics);
        self.counters.publish(self.number, numbers);
    }
}

/// Media addresses of one protocol.
pub(crate) fn addresses(
    protocol: Protocol,
    at: impl Iterator<Item = SocketAddr>,
) -> impl Iterator<Item = MediaAddress> {
    at.map(move |address| MediaAddress { protocol, address })
}

fn is_known(sfu: &Sfu, address: SocketAddr) -> bool {
    sfu.is_known(Remote {
        protocol: Protocol::Tcp,
        address,
    })
}

/// The processor time that this thread has used. Unlike the time that passes, it does not depend on
/// what else the machine does.
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The edge where time comes in.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the relay's clock; the SFU gets the time as an argument"
)]
fn now() -> Instant {
    Instant::now()
}
