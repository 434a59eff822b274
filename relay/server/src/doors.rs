//! Accepts connections for media over TCP, and hands each to the media thread that it is for: the
//! first datagram, an ICE check, names a transport, whose name begins with its thread's mark.
//!
//! Who says nothing, or something else, costs a thread nothing and is closed here.

use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::counters::RelayCounters;
use crate::crowd::{self, Origin, Room, Stranger};
use crate::machine::Machine;
use crate::own::OwnAddresses;
use crate::shares::thread_of;
use crate::socket::{Socket, SocketName};
use crate::streams::{STRANGER_FOR, StreamEvent};

/// Wait after a failed accept, for example because no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Most accepted connections that wait to be looked at. Accepting pauses beyond this.
const ARRIVED_MAX: usize = 64;
/// The longest first datagram: an ICE check has some 150 bytes.
const CHECK_BYTES_MAX: u16 = 1024;

/// The listeners of a relay.
pub(crate) struct Doors {
    listeners: Vec<(usize, Socket<StdListener>)>,
    own: Option<OwnAddresses>,
    threads: Arc<[mpsc::Sender<StreamEvent>]>,
    counters: Arc<RelayCounters>,
}

/// The listeners in use.
struct Open {
    doors: Vec<Door>,
    next: usize,
    accepting: JoinSet<()>,
    arrived: mpsc::Sender<(Origin, TcpStream)>,
    greeting: JoinSet<()>,
    waiting: Vec<Waiting>,
    last_id: u64,
}

struct Door {
    number: usize,
    name: SocketName,
    /// Serves browsers on this machine only.
    own: bool,
    accepting: AbortHandle,
}

/// A connection that has not named its thread yet.
struct Waiting {
    stranger: Stranger,
    greeting: AbortHandle,
}

impl Doors {
    /// The numbers of the listeners are those in the list.
    pub(crate) fn new(
        listeners: Vec<Socket<StdListener>>,
        own: Option<OwnAddresses>,
        threads: Vec<mpsc::Sender<StreamEvent>>,
        counters: Arc<RelayCounters>,
    ) -> Self {
        Self {
            listeners: listeners.into_iter().enumerate().collect(),
            own,
            threads: threads.into(),
            counters,
        }
    }

    /// Runs for ever.
    pub(crate) async fn run(mut self) {
        let (arrived, mut arrivals) = mpsc::channel(ARRIVED_MAX);
        let mut open = Open {
            doors: Vec::new(),
            next: self.listeners.len(),
            accepting: JoinSet::new(),
            arrived,
            greeting: JoinSet::new(),
            waiting: Vec::new(),
            last_id: 0,
        };
        for (number, listener) in self.listeners.drain(..) {
            let machine = self.own.as_ref().map(|own| &own.machine);
            if let Err(error) = open.open(number, listener, machine) {
                tracing::warn!(%error, "listener for media over TCP failed");
            }
        }
        loop {
            let look_due = self.own.as_ref().map(OwnAddresses::look_due);
            tokio::select! {
                Some((origin, stream)) = arrivals.recv() => {
                    open.admit(origin, stream, now(), &self.threads);
                }
                Some(greeted) = open.greeting.join_next_with_id() => open.forget(&greeted),
                () = until(look_due) => self.look(&mut open).await,
            }
            let waiting = u32::try_from(open.waiting.len()).unwrap_or(u32::MAX);
            self.counters.update(|latest| latest.streams = waiting);
        }
    }

    /// Listens on the machine's own addresses of this moment, and on no earlier ones.
    async fn look(&mut self, open: &mut Open) {
        let Some(own) = &mut self.own else {
            return;
        };
        let addresses = own.look(now());
        let is_left = |door: &Door| door.own && !addresses.contains(&door.name.bound().ip());
        let left: Vec<usize> = open
            .doors
            .extract_if(.., |door| is_left(door))
            .map(|door| {
                door.accepting.abort();
                door.number
            })
            .collect();
        for number in left {
            for thread in self.threads.iter() {
                let _ = thread.send(StreamEvent::Left(number)).await;
            }
        }
        for address in addresses {
            let is_it = |door: &Door| door.name.bound().ip() == address;
            if open.doors.iter().any(is_it) {
                continue;
            }
            let Some(listener) = own.bind_tcp(address) else {
                continue;
            };
            let (number, name) = (open.next, listener.name.clone());
            open.next += 1;
            if open.open(number, listener, Some(&own.machine)).is_ok() {
                for thread in self.threads.iter() {
                    let _ = thread
                        .send(StreamEvent::Listens(number, name.clone()))
                        .await;
                }
            }
        }
    }
}

impl Open {
    /// A listener for this machine only needs the `machine`.
    fn open(
        &mut self,
        number: usize,
        listener: Socket<StdListener>,
        machine: Option<&Arc<Machine>>,
    ) -> io::Result<()> {
        let Socket { socket, name, own } = listener;
        let only = machine.filter(|_| own).cloned();
        let listener = TcpListener::from_std(socket)?;
        let accept = accept(number, only, listener, self.arrived.clone());
        self.doors.push(Door {
            number,
            name,
            own,
            accepting: self.accepting.spawn(accept),
        });
        Ok(())
    }

    fn admit(
        &mut self,
        origin: Origin,
        stream: TcpStream,
        now: Instant,
        threads: &Arc<[mpsc::Sender<StreamEvent>]>,
    ) {
        let strangers = self.waiting.iter().map(|waiting| waiting.stranger);
        match crowd::room_for(strangers, origin.address.ip(), now) {
            Room::Free => {}
            Room::None => return,
            Room::Of(oldest) => self.waiting.retain(|waiting| {
                let stays = waiting.stranger.origin != oldest;
                if !stays {
                    waiting.greeting.abort();
                }
                stays
            }),
        }
        self.last_id += 1;
        let greet = greet(origin, stream, Arc::clone(threads));
        let greet = tokio::time::timeout(STRANGER_FOR, greet);
        let greeting = self.greeting.spawn(async {
            if let Ok(Err(error)) = greet.await {
                tracing::trace!(%error, "connection for media closed");
            }
        });
        self.waiting.push(Waiting {
            stranger: Stranger {
                origin,
                id: self.last_id,
                since: now,
            },
            greeting,
        });
    }

    fn forget(&mut self, greeted: &Result<(tokio::task::Id, ()), tokio::task::JoinError>) {
        let id = match greeted {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.waiting.retain(|waiting| waiting.greeting.id() != id);
    }
}

/// `only` is the machine whose own connections alone are accepted.
async fn accept(
    listener_number: usize,
    only: Option<Arc<Machine>>,
    listener: TcpListener,
    arrived: mpsc::Sender<(Origin, TcpStream)>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                let only = only.as_ref();
                if only.is_some_and(|machine| !machine.has(address.ip())) {
                    tracing::debug!("connection from another machine dropped");
                    continue;
                }
                let origin = Origin {
                    listener: listener_number,
                    address,
                };
                if arrived.send((origin, stream)).await.is_err() {
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

/// Reads the first datagram of a connection, and hands both to its thread.
async fn greet(
    origin: Origin,
    mut stream: TcpStream,
    threads: Arc<[mpsc::Sender<StreamEvent>]>,
) -> io::Result<()> {
    let length = stream.read_u16().await?;
    if length > CHECK_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut first = vec![0; usize::from(length)];
    stream.read_exact(&mut first).await?;
    let thread = sightline_room::local_ufrag(&first).and_then(thread_of);
    let thread = thread.and_then(|thread| threads.get(thread));
    let thread = thread.ok_or(io::ErrorKind::NotFound)?;
    let stream = stream.into_std()?;
    // The relay may be stopping.
    let _ = thread
        .send(StreamEvent::Accepted(origin, stream, first))
        .await;
    Ok(())
}

/// Waits for a moment, or for ever without one. The inner one is missing before the first look.
async fn until(due: Option<Option<Instant>>) {
    match due {
        None => std::future::pending().await,
        Some(None) => {}
        Some(Some(at)) => tokio::time::sleep_until(at.into()).await,
    }
}

/// The edge where time comes in.
#[expect(clippy::disallowed_methods, reason = "connections come when they come")]
fn now() -> Instant {
    Instant::now()
}
