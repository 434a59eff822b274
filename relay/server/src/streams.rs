//! Media over TCP, for networks that block UDP. Pages open the connections, because the relay's
//! candidates are passive (RFC 6544 section 4.5). Each datagram is preceded by its length (RFC
//! 4571).
//!
//! `doors.rs` accepts the connections, reads the first datagram and hands both to the media thread
//! that it names. Here a connection is a task on that thread's runtime, which only frames and
//! unframes datagrams. Its other end is a *stranger* until a datagram on it has authenticated
//! itself to the SFU by ICE. Strangers are limited in number and in time.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sightline_room::Transmit;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::crowd::{self, Origin, Room, Stranger};
use crate::socket::SocketName;

/// The largest datagram, as over UDP. A page never sends a longer one, so the connection is closed.
pub(crate) const FRAME_BYTES_MAX: u16 = 2048;
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
/// Most datagrams of a stranger. The first one of a page is an ICE check, which is answered at
/// once.
const STRANGERS_DATAGRAMS_MAX: u32 = 16;
/// How long a connection may stay a stranger. A browser's first check takes one round trip.
pub(crate) const STRANGER_FOR: Duration = Duration::from_secs(10);
/// How often connections are checked.
const CHECK_EVERY: Duration = Duration::from_secs(2);
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
    /// The listeners have changed.
    Listeners,
    /// There was no event.
    Idle,
}

/// All TCP connections of a media thread.
pub(crate) struct Streams {
    /// The names of the listeners.
    listeners: BTreeMap<usize, SocketName>,
    open: BTreeMap<Origin, Stream>,
    events: mpsc::Receiver<StreamEvent>,
    /// The sending end of `events`, for new connections.
    event_sender: mpsc::Sender<StreamEvent>,
    /// The event that `ready` received.
    next: Option<StreamEvent>,
    last_id: u64,
    check_at: Option<Instant>,
}

/// One connection. The same origin may open another one later.
#[derive(Clone, Copy)]
pub(crate) struct StreamId {
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

/// What happens to the connections of a media thread.
pub(crate) enum StreamEvent {
    /// A connection was accepted, and this is its first datagram.
    Accepted(Origin, std::net::TcpStream, Vec<u8>),
    /// There is a listener of this number.
    Listens(usize, SocketName),
    /// There is no listener of this number any more.
    Left(usize),
    Received(StreamId, Vec<u8>),
    Closed(StreamId),
}

impl Streams {
    /// With the names of the listeners, in the order of their numbers.
    pub(crate) fn new(listeners: impl IntoIterator<Item = SocketName>) -> Self {
        let (event_sender, events) = mpsc::channel(EVENTS_MAX);
        Self {
            listeners: listeners.into_iter().enumerate().collect(),
            open: BTreeMap::new(),
            events,
            event_sender,
            next: None,
            last_id: 0,
            check_at: None,
        }
    }

    /// Where connections are handed over.
    pub(crate) fn sender(&self) -> mpsc::Sender<StreamEvent> {
        self.event_sender.clone()
    }

    /// Forgets a listener, and ends its connections.
    fn remove_listener(&mut self, number: usize) {
        self.listeners.remove(&number);
        self.close_those(|origin| origin.listener == number);
    }

    /// Ends all connections.
    pub(crate) fn close_all(&mut self) {
        self.close_those(|_| true);
    }

    fn close_those(&mut self, which: impl Fn(&Origin) -> bool) {
        self.open.retain(|origin, stream| {
            let closes = which(origin);
            if closes {
                stream.task.abort();
            }
            !closes
        });
    }

    /// The names of the listeners.
    pub(crate) fn names(&self) -> impl Iterator<Item = &SocketName> {
        self.listeners.values()
    }

    /// The same, to change them.
    pub(crate) fn names_mut(&mut self) -> impl Iterator<Item = &mut SocketName> {
        self.listeners.values_mut()
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
            StreamEvent::Accepted(origin, stream, first) => {
                let admitted = self.admit(origin, stream, now, &is_known);
                let first = admitted.and_then(|id| self.receive(id, first, &is_known));
                if let Some(datagram) = first {
                    return Polled::Datagram(datagram);
                }
            }
            StreamEvent::Listens(number, name) => {
                self.listeners.insert(number, name);
                return Polled::Listeners;
            }
            StreamEvent::Left(number) => {
                self.remove_listener(number);
                return Polled::Listeners;
            }
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
            .filter(|(_, name)| name.is(transmit.source))
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
            destination: self.listeners.get(&origin.listener)?.destination(),
            bytes,
        })
    }

    /// Returns nothing if there is no place, or if the connection has ended already.
    fn admit(
        &mut self,
        origin: Origin,
        stream: std::net::TcpStream,
        now: Instant,
        is_known: &impl Fn(SocketAddr) -> bool,
    ) -> Option<StreamId> {
        if !self.listeners.contains_key(&origin.listener) {
            return None;
        }
        for (origin, stream) in &mut self.open {
            stream.known = stream.known || is_known(origin.address);
        }
        match crowd::room_for(self.strangers(), origin.address.ip(), now) {
            Room::Free => {}
            Room::None => return None,
            Room::Of(oldest) => self.drop_stream(oldest),
        }
        let stream = TcpStream::from_std(stream).ok()?;
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
        Some(id)
    }

    fn strangers(&self) -> impl Iterator<Item = Stranger> + Clone {
        let open = self.open.iter().filter(|(_, stream)| !stream.known);
        open.map(|(origin, stream)| Stranger {
            origin: *origin,
            id: stream.id,
            since: stream.since,
        })
    }

    fn drop_stream(&mut self, origin: Origin) {
        if let Some(stream) = self.open.remove(&origin) {
            stream.task.abort();
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
