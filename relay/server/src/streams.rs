//! Media over TCP, for networks that let no UDP through. Pages open the connections, since the
//! relay's candidates are passive (RFC 6544 section 4.5); each datagram on them has its length in
//! front (RFC 4571).
//!
//! A connection is a task on the media thread's runtime that does nothing but frame. Whose it is
//! only the house can say, once a datagram on it authenticated itself by ICE; until then its other
//! end is a stranger. Strangers are few and do not stay.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use sightline_room::Transmit;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::socket::{Name, Socket};

/// The largest datagram taken, as over UDP. Who announces a longer one is not a page.
const FRAME_BYTES_MAX: u16 = 2048;
/// Datagrams that wait for a connection that is slower than they come: half a second of a picture
/// at 1 Mbit/s. Further ones are dropped, as a full link would drop them.
const WAITING_MAX: usize = 56;
/// Datagrams written together.
const WRITTEN_TOGETHER: usize = 8;
/// What the kernel may hold beside these without having sent it, bytes: else it would be megabytes,
/// half a minute on a weak link.
const UNSENT_BYTES: u32 = 16 * 1024;
/// Events of all connections that wait for the media thread. Beyond this nobody is read from.
const EVENTS_MAX: usize = 256;
/// Most connections whose other end is unknown; a further one takes the place of the oldest.
const STRANGERS_MAX: usize = 256;
/// Most of these from one network: many telephones stand behind one address, but they do not all
/// connect in the same moment.
const STRANGERS_PER_NETWORK_MAX: usize = 32;
/// Most datagrams that a stranger may send. A page's very first is an ICE check, answered at once.
const STRANGERS_DATAGRAMS_MAX: u32 = 16;
/// A browser's first check follows its connection by a round trip.
const STRANGER_FOR: Duration = Duration::from_secs(10);
/// How often those are looked for who are strangers for too long, or again.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Before the next try, where the system has no file descriptor left for a connection.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// How long connections may take to bring their last datagrams across.
const FAREWELL: Duration = Duration::from_millis(200);

/// A datagram that arrived.
pub(crate) struct Frame {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// All connections of a relay. Listens as long as it lives.
pub(crate) struct Streams {
    /// Of the listeners.
    pub(crate) names: Vec<Name>,
    open: BTreeMap<Origin, Stream>,
    events: mpsc::Receiver<Event>,
    tell: mpsc::Sender<Event>,
    /// What `ready` came upon.
    next: Option<Event>,
    ids: u64,
    look_at: Option<Instant>,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    listener: usize,
    address: SocketAddr,
}

/// One connection; its other end may have another one later.
#[derive(Clone, Copy)]
struct Which {
    origin: Origin,
    id: u64,
}

struct Stream {
    id: u64,
    since: Instant,
    /// It was a participant's when it was looked at last.
    known: bool,
    /// Datagrams that came while it was not.
    unproven: u32,
    out: mpsc::Sender<Vec<u8>>,
    task: JoinHandle<()>,
}

enum Event {
    Came(Origin, TcpStream),
    Said(Which, Vec<u8>),
    Left(Which),
}

impl Streams {
    /// Listens. Must be called on the runtime that is to carry the connections.
    pub(crate) fn new(listeners: Vec<Socket<std::net::TcpListener>>) -> io::Result<Self> {
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        let mut names = Vec::new();
        for (index, Socket { socket, name }) in listeners.into_iter().enumerate() {
            names.push(name);
            let listener = TcpListener::from_std(socket)?;
            tokio::spawn(accept(index, listener, tell.clone()));
        }
        Ok(Self {
            names,
            open: BTreeMap::new(),
            events,
            tell,
            next: None,
            ids: 0,
            look_at: None,
        })
    }

    /// Connections at the moment.
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Takes the next event, if there is one: a datagram, or something that is seen to here.
    /// `knows` tells whose other end is a participant's.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        knows: impl Fn(SocketAddr) -> bool,
    ) -> Option<Option<Frame>> {
        let event = match self.next.take() {
            Some(event) => event,
            None => self.events.try_recv().ok()?,
        };
        Some(match event {
            Event::Came(origin, stream) => {
                self.admit(origin, stream, now, &knows);
                None
            }
            Event::Said(which, bytes) => self.receive(which, bytes, &knows),
            Event::Left(which) => {
                if self.is_open(which) {
                    self.open.remove(&which.origin);
                }
                None
            }
        })
    }

    /// Waits until `take` has something.
    pub(crate) async fn ready(&mut self) {
        if self.next.is_none() {
            self.next = self.events.recv().await;
        }
    }

    /// Says whether the datagram is on its way.
    pub(crate) fn send(&self, transmit: &Transmit) -> bool {
        let address = transmit.destination;
        let mut streams = (0..)
            .zip(&self.names)
            .filter(|(_, name)| name.is(transmit.source))
            .filter_map(|(listener, _)| self.open.get(&Origin { listener, address }));
        match (streams.next(), framed(&transmit.contents)) {
            (Some(stream), Some(framed)) => stream.out.try_send(framed).is_ok(),
            _ => false,
        }
    }

    /// When `look` has something to do.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.look_at
    }

    /// Closes the connections of participants that are no more, and of whoever did not show in time
    /// who they are. Says whether there were any.
    pub(crate) fn look(&mut self, now: Instant, knows: impl Fn(SocketAddr) -> bool) -> bool {
        let before = self.open.len();
        self.open.retain(|origin, stream| {
            let was_known = std::mem::replace(&mut stream.known, knows(origin.address));
            let stays = stream.known || !was_known && now < stream.since + STRANGER_FOR;
            if !stays {
                stream.task.abort();
            }
            stays
        });
        self.look_at = (!self.open.is_empty()).then(|| now + LOOK_EVERY);
        self.open.len() < before
    }

    /// Lets every connection say what it still has to say, and closes it.
    pub(crate) async fn farewell(mut self) {
        // What arrives is read on, unheard: a close with bytes unread would be a reset, which may
        // overtake the last words.
        self.events.close();
        let tasks = self.open.into_values().map(|stream| stream.task);
        let ended = futures_util::future::join_all(tasks);
        let _ = tokio::time::timeout(FAREWELL, ended).await;
    }

    fn is_open(&self, which: Which) -> bool {
        let open = self.open.get(&which.origin);
        open.is_some_and(|stream| stream.id == which.id)
    }

    /// A datagram, unless it is of a connection that was closed meanwhile, or of a stranger who
    /// talks too much.
    fn receive(
        &mut self,
        which: Which,
        bytes: Vec<u8>,
        knows: &impl Fn(SocketAddr) -> bool,
    ) -> Option<Frame> {
        let Which { origin, id } = which;
        let stream = self.open.get_mut(&origin).filter(|s| s.id == id)?;
        stream.known = stream.known || knows(origin.address);
        if !stream.known {
            stream.unproven += 1;
            if stream.unproven > STRANGERS_DATAGRAMS_MAX {
                self.close(origin);
                return None;
            }
        }
        Some(Frame {
            source: origin.address,
            destination: self.names.get(origin.listener)?.destination(),
            bytes,
        })
    }

    fn admit(
        &mut self,
        origin: Origin,
        stream: TcpStream,
        now: Instant,
        knows: &impl Fn(SocketAddr) -> bool,
    ) {
        while let Some(oldest) = self.one_too_many(network(origin.address.ip())) {
            if knows(oldest.address) {
                self.mark_known(oldest);
            } else {
                self.close(oldest);
            }
        }
        self.ids += 1;
        let which = Which {
            origin,
            id: self.ids,
        };
        let (out, waiting) = mpsc::channel(WAITING_MAX);
        let stream = Stream {
            id: which.id,
            since: now,
            known: false,
            unproven: 0,
            out,
            task: tokio::spawn(carry(stream, which, self.tell.clone(), waiting)),
        };
        if let Some(earlier) = self.open.insert(origin, stream) {
            earlier.task.abort();
        }
        self.look_at = self.look_at.or(Some(now + LOOK_EVERY));
    }

    /// The stranger that has to go when one more comes from that network.
    fn one_too_many(&self, from: IpAddr) -> Option<Origin> {
        let strangers = || self.open.iter().filter(|(_, stream)| !stream.known);
        let near = || strangers().filter(|(origin, _)| network(origin.address.ip()) == from);
        let oldest = if near().count() >= STRANGERS_PER_NETWORK_MAX {
            near().min_by_key(|(_, stream)| stream.id)
        } else if strangers().count() >= STRANGERS_MAX {
            strangers().min_by_key(|(_, stream)| stream.id)
        } else {
            None
        };
        oldest.map(|(origin, _)| *origin)
    }

    fn mark_known(&mut self, origin: Origin) {
        if let Some(stream) = self.open.get_mut(&origin) {
            stream.known = true;
        }
    }

    fn close(&mut self, origin: Origin) {
        if let Some(stream) = self.open.remove(&origin) {
            stream.task.abort();
        }
    }
}

async fn accept(index: usize, listener: TcpListener, tell: mpsc::Sender<Event>) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                let origin = Origin {
                    listener: index,
                    address,
                };
                if tell.send(Event::Came(origin, stream)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "connection could not be taken");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn carry(
    mut stream: TcpStream,
    which: Which,
    tell: mpsc::Sender<Event>,
    waiting: mpsc::Receiver<Vec<u8>>,
) {
    // Refused only by a connection that has ended, which is noticed below.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
    let (read, write) = stream.split();
    let ended = tokio::select! {
        ended = hear(read, which, &tell) => ended,
        ended = say(write, waiting) => ended,
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "connection ended");
    }
    // Nobody listens any more during a farewell.
    let _ = tell.send(Event::Left(which)).await;
}

/// Reads to the end of the connection, also where nobody wants to hear.
async fn hear(read: ReadHalf<'_>, which: Which, tell: &mpsc::Sender<Event>) -> io::Result<()> {
    let mut read = BufReader::new(read);
    loop {
        let length = read.read_u16().await?;
        if length > FRAME_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; usize::from(length)];
        read.read_exact(&mut bytes).await?;
        let _ = tell.send(Event::Said(which, bytes)).await;
    }
}

async fn say(mut write: WriteHalf<'_>, mut waiting: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    let mut frames = Vec::new();
    while waiting.recv_many(&mut frames, WRITTEN_TOGETHER).await > 0 {
        let bytes = frames.concat();
        frames.clear();
        write.write_all(&bytes).await?;
    }
    write.shutdown().await?;
    // The other end closes as well, or the farewell has an end.
    std::future::pending().await
}

/// Whom an address belongs to, as far as it tells: over IPv6 a host has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// With its length in front. `None`: no datagram is as long.
fn framed(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let mut framed = Vec::with_capacity(2 + bytes.len());
    framed.extend(length.to_be_bytes());
    framed.extend(bytes);
    Some(framed)
}

#[cfg(test)]
mod tests;
