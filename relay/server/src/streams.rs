//! Media over TCP, for networks that block UDP. Pages open the connections, because the relay's
//! candidates are passive (RFC 6544 section 4.5). Each datagram is preceded by its length (RFC
//! 4571).
//!
//! A connection is a task on the media thread's runtime that only frames and unframes datagrams.
//! Its other end is a *stranger* until a datagram on it has authenticated itself to the SFU by ICE.
//! Strangers are limited in number and in time.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_room::Transmit;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::WriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::machine::Machine;
use crate::socket::{Socket, SocketName};

/// The largest datagram, as over UDP. A page never sends a longer one, so the connection is closed.
const FRAME_BYTES_MAX: u16 = 2048;
/// Most datagrams that wait for a slow connection: half a second of video at 1 Mbit/s. Further ones
/// are dropped, as a congested link would do.
const WAITING_MAX: usize = 56;
/// Most datagrams of sound that wait in addition, and leave first: half a second. Later ones are of
/// no use.
const SOUND_WAITING_MAX: usize = 25;
/// Most datagrams in one write.
const WRITTEN_TOGETHER: usize = 8;
/// Most bytes that the kernel holds unsent in addition. Its default is megabytes, half a minute on
/// a weak link.
const UNSENT_BYTES: u32 = 16 * 1024;
/// Most events of all connections that wait for the media thread. Reading pauses beyond this.
const EVENTS_MAX: usize = 256;
/// Most connections of strangers. A further one replaces the oldest of the network with most.
const STRANGERS_MAX: usize = 256;
/// Most connections of strangers from one network. Many phones may share an address, but they do
/// not all connect in the same moment.
const STRANGERS_PER_NETWORK_MAX: usize = 32;
/// Most datagrams of a stranger. The first one of a page is an ICE check, which is answered at
/// once.
const STRANGERS_DATAGRAMS_MAX: u32 = 16;
/// How long a connection may stay a stranger. A browser's first check takes one round trip.
const STRANGER_FOR: Duration = Duration::from_secs(10);
/// How long a stranger keeps its place whatever comes, so that a flood from its own network does
/// not close it before its first check. Until then further ones are refused.
const STRANGER_KEPT: Duration = Duration::from_secs(1);
/// How often connections are checked.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// Wait after a failed accept, for example because no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// How long connections may take to send their last datagrams.
const CLOSE_WITHIN: Duration = Duration::from_millis(200);

/// A datagram that arrived.
pub(crate) struct FramedDatagram {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// The result of [`Streams::poll`].
pub(crate) enum Polled {
    /// A datagram arrived.
    Datagram(FramedDatagram),
    /// A connection was opened or closed.
    Handled,
    /// There was no event.
    Idle,
}

/// All TCP connections of a relay, and the listeners.
pub(crate) struct Streams {
    listeners: BTreeMap<usize, Listener>,
    next_listener: usize,
    open: BTreeMap<Origin, Stream>,
    events: mpsc::Receiver<StreamEvent>,
    /// The sending end of `events`, for new connections.
    event_sender: mpsc::Sender<StreamEvent>,
    /// The event that `ready` received.
    next: Option<StreamEvent>,
    last_id: u64,
    check_at: Option<Instant>,
}

struct Listener {
    name: SocketName,
    /// Serves browsers on this machine only.
    own: bool,
    accepting: JoinHandle<()>,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    listener: usize,
    address: SocketAddr,
}

/// One connection. The same origin may open another one later.
#[derive(Clone, Copy)]
struct StreamId {
    origin: Origin,
    id: u64,
}

struct Stream {
    id: u64,
    since: Instant,
    /// The other end belonged to a transport at the last check.
    known: bool,
    /// Datagrams that arrived while it was a stranger.
    from_stranger: u32,
    out: mpsc::Sender<Vec<u8>>,
    /// Leaves before what waits in `out`.
    sound_out: mpsc::Sender<Vec<u8>>,
    task: JoinHandle<()>,
}

enum StreamEvent {
    Accepted(Origin, TcpStream),
    Received(StreamId, Vec<u8>),
    Closed(StreamId),
}

impl Streams {
    /// Without a listener.
    pub(crate) fn new() -> Self {
        let (event_sender, events) = mpsc::channel(EVENTS_MAX);
        Self {
            listeners: BTreeMap::new(),
            next_listener: 0,
            open: BTreeMap::new(),
            events,
            event_sender,
            next: None,
            last_id: 0,
            check_at: None,
        }
    }

    /// Starts listening. Must be called on the runtime that will run the connections. A listener
    /// for this machine only needs the `machine`.
    pub(crate) fn listen(
        &mut self,
        listener: Socket<std::net::TcpListener>,
        machine: Option<&Arc<Machine>>,
    ) -> io::Result<()> {
        let Socket { socket, name, own } = listener;
        let door = Door {
            listener: self.next_listener,
            only: machine.filter(|_| own).cloned(),
        };
        let listener = TcpListener::from_std(socket)?;
        let accepting = tokio::spawn(accept(door, listener, self.event_sender.clone()));
        self.next_listener += 1;
        let listener = Listener {
            name,
            own,
            accepting,
        };
        self.listeners.insert(self.next_listener - 1, listener);
        Ok(())
    }

    /// Ends the listeners on own addresses, and their connections, except on those in `keep`.
    /// Returns whether there were any.
    pub(crate) fn leave_own_except(&mut self, keep: &[IpAddr]) -> bool {
        let before = self.listeners.len();
        self.listeners.retain(|_, listener| {
            let stays = !listener.own || keep.contains(&listener.name.bound().ip());
            if !stays {
                listener.accepting.abort();
            }
            stays
        });
        let Self {
            listeners, open, ..
        } = self;
        open.retain(|origin, stream| {
            let stays = listeners.contains_key(&origin.listener);
            if !stays {
                stream.task.abort();
            }
            stays
        });
        self.listeners.len() < before
    }

    /// The names of the listeners.
    pub(crate) fn names(&self) -> impl Iterator<Item = &SocketName> {
        self.listeners.values().map(|listener| &listener.name)
    }

    /// The same, to change them.
    pub(crate) fn names_mut(&mut self) -> impl Iterator<Item = &mut SocketName> {
        self.listeners
            .values_mut()
            .map(|listener| &mut listener.name)
    }

    /// Connections at the moment.
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Handles the next event. `is_known` tells whether a transport has this address.
    pub(crate) fn poll(&mut self, now: Instant, is_known: impl Fn(SocketAddr) -> bool) -> Polled {
        let Some(event) = self.next.take().or_else(|| self.events.try_recv().ok()) else {
            return Polled::Idle;
        };
        match event {
            StreamEvent::Accepted(origin, stream) => self.admit(origin, stream, now, &is_known),
            StreamEvent::Received(id, bytes) => {
                if let Some(datagram) = self.receive(id, bytes, &is_known) {
                    return Polled::Datagram(datagram);
                }
            }
            StreamEvent::Closed(id) => {
                if self.is_open(id) {
                    self.open.remove(&id.origin);
                }
            }
        }
        Polled::Handled
    }

    /// Waits until [`Self::poll`] has an event to handle.
    pub(crate) async fn ready(&mut self) {
        if self.next.is_none() {
            self.next = self.events.recv().await;
        }
    }

    /// Queues a datagram. Sound leaves first. Returns whether there was a connection with room for
    /// it.
    pub(crate) fn send(&self, transmit: &Transmit, is_sound: bool) -> bool {
        let address = transmit.destination;
        let listeners = self.listeners.iter();
        let mut streams = listeners
            .filter(|(_, listener)| listener.name.is(transmit.source))
            .filter_map(|(listener, _)| {
                let listener = *listener;
                self.open.get(&Origin { listener, address })
            });
        match (streams.next(), framed(&transmit.contents)) {
            (Some(stream), Some(framed)) if is_sound => stream.sound_out.try_send(framed).is_ok(),
            (Some(stream), Some(framed)) => stream.out.try_send(framed).is_ok(),
            _ => false,
        }
    }

    /// When [`Self::close_unknown`] is due.
    pub(crate) fn check_due(&self) -> Option<Instant> {
        self.check_at
    }

    /// Closes the connections of removed participants, and those of strangers that did not
    /// authenticate in time. Returns whether any were closed.
    pub(crate) fn close_unknown(
        &mut self,
        now: Instant,
        is_known: impl Fn(SocketAddr) -> bool,
    ) -> bool {
        let before = self.open.len();
        self.open.retain(|origin, stream| {
            let was_known = std::mem::replace(&mut stream.known, is_known(origin.address));
            let stays = stream.known || !was_known && now < stream.since + STRANGER_FOR;
            if !stays {
                stream.task.abort();
            }
            stays
        });
        self.check_at = (!self.open.is_empty()).then(|| now + CHECK_EVERY);
        self.open.len() < before
    }

    /// Sends what is queued on every connection, and closes it.
    pub(crate) async fn close(mut self) {
        // The tasks keep reading, and discard what arrives: closing a socket with unread bytes
        // would send a reset, which may overtake the last datagrams.
        self.events.close();
        let tasks = self.open.into_values().map(|stream| stream.task);
        let ended = futures_util::future::join_all(tasks);
        let _ = tokio::time::timeout(CLOSE_WITHIN, ended).await;
    }

    fn is_open(&self, id: StreamId) -> bool {
        let open = self.open.get(&id.origin);
        open.is_some_and(|stream| stream.id == id.id)
    }

    /// Returns the datagram, unless its connection was closed meanwhile, or its sender is a
    /// stranger that sends too much.
    fn receive(
        &mut self,
        id: StreamId,
        bytes: Vec<u8>,
        is_known: &impl Fn(SocketAddr) -> bool,
    ) -> Option<FramedDatagram> {
        let StreamId { origin, id } = id;
        let stream = self.open.get_mut(&origin).filter(|s| s.id == id)?;
        stream.known = stream.known || is_known(origin.address);
        if !stream.known {
            stream.from_stranger += 1;
            if stream.from_stranger > STRANGERS_DATAGRAMS_MAX {
                self.drop_stream(origin);
                return None;
            }
        }
        Some(FramedDatagram {
            source: origin.address,
            destination: self.listeners.get(&origin.listener)?.name.destination(),
            bytes,
        })
    }

    fn admit(
        &mut self,
        origin: Origin,
        stream: TcpStream,
        now: Instant,
        is_known: &impl Fn(SocketAddr) -> bool,
    ) {
        if !self.listeners.contains_key(&origin.listener) {
            return;
        }
        for (origin, stream) in &mut self.open {
            stream.known = stream.known || is_known(origin.address);
        }
        match self.room_for(network(origin.address.ip()), now) {
            Room::Free => {}
            Room::None => return,
            Room::Of(oldest) => self.drop_stream(oldest),
        }
        self.last_id += 1;
        let id = StreamId {
            origin,
            id: self.last_id,
        };
        let (out, waiting) = mpsc::channel(WAITING_MAX);
        let (sound_out, sound) = mpsc::channel(SOUND_WAITING_MAX);
        let waiting = Waiting { sound, waiting };
        let stream = Stream {
            id: id.id,
            since: now,
            known: false,
            from_stranger: 0,
            out,
            sound_out,
            task: tokio::spawn(run_stream(stream, id, self.event_sender.clone(), waiting)),
        };
        if let Some(earlier) = self.open.insert(origin, stream) {
            earlier.task.abort();
        }
        self.check_at = self.check_at.or(Some(now + CHECK_EVERY));
    }

    /// The place for a further stranger from this network.
    fn room_for(&self, from: IpAddr, now: Instant) -> Room {
        let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
        let strangers = || self.open.iter().filter(|(_, stream)| !stream.known);
        for (origin, _) in strangers() {
            *counts.entry(network(origin.address.ip())).or_default() += 1;
        }
        let near = counts.get(&from).copied().unwrap_or_default();
        let fullest = counts.iter().max_by_key(|(_, count)| **count);
        let (giving, is_fair) = match fullest {
            _ if near >= STRANGERS_PER_NETWORK_MAX => (from, false),
            // A network with fewer gets its place at once: nobody there floods.
            Some((giving, count)) if strangers().count() >= STRANGERS_MAX => {
                (*giving, *count > near + 1)
            }
            _ => return Room::Free,
        };
        let oldest = strangers()
            .filter(|(origin, _)| network(origin.address.ip()) == giving)
            .min_by_key(|(_, stream)| stream.id);
        match oldest {
            Some((origin, stream)) if is_fair || now >= stream.since + STRANGER_KEPT => {
                Room::Of(*origin)
            }
            _ => Room::None,
        }
    }

    fn drop_stream(&mut self, origin: Origin) {
        if let Some(stream) = self.open.remove(&origin) {
            stream.task.abort();
        }
    }
}

/// A place for a stranger.
enum Room {
    /// There is one.
    Free,
    /// That of this connection.
    Of(Origin),
    /// All are taken at the moment.
    None,
}

/// A listener, as its task knows it.
struct Door {
    listener: usize,
    /// The machine whose own connections alone are accepted.
    only: Option<Arc<Machine>>,
}

async fn accept(door: Door, listener: TcpListener, events: mpsc::Sender<StreamEvent>) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                let only = door.only.as_ref();
                if only.is_some_and(|machine| !machine.has(address.ip())) {
                    tracing::debug!("connection from another machine dropped");
                    continue;
                }
                let origin = Origin {
                    listener: door.listener,
                    address,
                };
                let event = StreamEvent::Accepted(origin, stream);
                if events.send(event).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "failed to accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn run_stream(
    mut stream: TcpStream,
    id: StreamId,
    events: mpsc::Sender<StreamEvent>,
    waiting: Waiting,
) {
    // These fail only if the connection has ended, which reading notices.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
    let (read, write) = stream.split();
    let ended = tokio::select! {
        ended = read_frames(read, id, &events) => ended,
        ended = write_frames(write, waiting) => ended,
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "connection ended");
    }
    // The receiver is closed while the relay stops.
    let _ = events.send(StreamEvent::Closed(id)).await;
}

/// Reads to the end of the connection, even after the receiver of the events was closed.
async fn read_frames(
    read: impl AsyncRead + Unpin,
    id: StreamId,
    events: &mpsc::Sender<StreamEvent>,
) -> io::Result<()> {
    let mut read = BufReader::new(read);
    loop {
        let length = read.read_u16().await?;
        if length > FRAME_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; usize::from(length)];
        read.read_exact(&mut bytes).await?;
        let _ = events.send(StreamEvent::Received(id, bytes)).await;
    }
}

/// What waits for a connection.
struct Waiting {
    sound: mpsc::Receiver<Vec<u8>>,
    waiting: mpsc::Receiver<Vec<u8>>,
}

impl Waiting {
    /// Takes the next frames, sound before others. Returns whether more can come.
    async fn take(&mut self, frames: &mut Vec<Vec<u8>>) -> bool {
        let Self { sound, waiting } = self;
        let next = tokio::select! {
            biased;
            next = sound.recv() => next,
            next = waiting.recv() => next,
        };
        // Both senders belong to one connection, and end with it.
        let Some(next) = (match next {
            Some(next) => Some(next),
            None => waiting.recv().await,
        }) else {
            return false;
        };
        frames.push(next);
        while frames.len() < WRITTEN_TOGETHER
            && let Ok(next) = sound.try_recv().or_else(|_| waiting.try_recv())
        {
            frames.push(next);
        }
        true
    }
}

async fn write_frames(mut write: WriteHalf<'_>, mut waiting: Waiting) -> io::Result<()> {
    let mut frames = Vec::new();
    while waiting.take(&mut frames).await {
        let bytes = frames.concat();
        frames.clear();
        write.write_all(&bytes).await?;
    }
    write.shutdown().await?;
    // The other end closes as well, or `Streams::close` stops waiting.
    std::future::pending().await
}

/// The network of an address, as far as one party controls it: over IPv6 that is a /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// A datagram with its length in front. `None` if it is too long for that.
fn framed(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let mut framed = Vec::with_capacity(2 + bytes.len());
    framed.extend(length.to_be_bytes());
    framed.extend(bytes);
    Some(framed)
}

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
#[cfg(test)]
mod tests;
