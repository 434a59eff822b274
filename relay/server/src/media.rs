//! The media thread: sockets and clock around a [`House`].

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_room::{Datagram, House, Input, MediaAddress, Output, Protocol, Remote, Transmit};
use sightline_wire::{RelayHears, RelaySays};
use tokio::sync::{mpsc, oneshot};

use crate::counters::Counters;
use crate::socket::{Name, Socket};
use crate::streams::Streams;

/// Most datagrams read from one UDP socket, or events of all TCP connections taken, before somebody
/// else has a turn.
const DATAGRAMS_PER_TURN: u32 = 64;
/// Most words of the host taken before somebody else has a turn: an offer costs as much as a
/// hundred packets.
const COMMANDS_PER_TURN: u32 = 4;
/// The largest datagram taken: an Ethernet frame and then some. Longer ones are cut and fail their
/// checksum.
const DATAGRAM_BYTES_MAX: usize = 2048;

/// What the media thread is told.
pub(crate) enum Command {
    Hear(RelayHears),
    /// The host sees this relay at that address.
    Seen(IpAddr),
    /// Answers as soon as it is heard.
    Pulse(oneshot::Sender<()>),
    Drain,
    Leave,
}

pub(crate) struct Media {
    pub(crate) house: House,
    pub(crate) sockets: Vec<Socket<UdpSocket>>,
    pub(crate) listeners: Vec<Socket<TcpListener>>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) says: mpsc::Sender<RelaySays>,
    pub(crate) counters: Arc<Counters>,
}

impl Media {
    /// Runs until told to leave, or until nobody can tell it any more.
    pub(crate) fn run(self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build();
        let result = runtime.and_then(|runtime| {
            runtime.block_on(async {
                Loop::new(self).map(Loop::run)?.await;
                Ok(())
            })
        });
        if let Err(error) = result {
            tracing::error!(%error, "media thread could not start");
        }
    }
}

struct Ear {
    readable: tokio::net::UdpSocket,
    /// The same socket for sending, where readiness is nobody's business: what the kernel does not
    /// take is lost.
    mouth: UdpSocket,
    name: Name,
}

struct Loop {
    house: House,
    ears: Vec<Ear>,
    streams: Streams,
    commands: mpsc::Receiver<Command>,
    says: mpsc::Sender<RelaySays>,
    counters: Arc<Counters>,
    wakes_at: Option<Instant>,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    datagrams_in: u64,
    datagrams_out: u64,
    bytes_out: u64,
    datagrams_unsent: u64,
}

impl Loop {
    fn new(media: Media) -> io::Result<Self> {
        let ears = media
            .sockets
            .into_iter()
            .map(|socket| {
                Ok(Ear {
                    mouth: socket.socket.try_clone()?,
                    readable: tokio::net::UdpSocket::from_std(socket.socket)?,
                    name: socket.name,
                })
            })
            .collect::<io::Result<_>>()?;
        Ok(Self {
            house: media.house,
            ears,
            streams: Streams::new(media.listeners)?,
            commands: media.commands,
            says: media.says,
            counters: media.counters,
            wakes_at: None,
            tally: Tally::default(),
        })
    }

    /// The order of a turn: what is due, words of the host, datagrams; each bounded. It sleeps when
    /// a turn had nothing.
    async fn run(mut self) {
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            let woken = self.wake();
            let Some(heard) = self.hear() else {
                break;
            };
            let received = self.receive(&mut buffer);
            if woken || heard || received {
                self.publish();
                // Lets the runtime look at its sockets, else a busy one would starve the rest.
                tokio::task::yield_now().await;
            } else if !self.sleep().await {
                break;
            }
        }
        self.handle(Input::Closes);
        self.publish();
        // The host's link ends after the last word for it.
        drop(self.says);
        self.streams.farewell().await;
    }

    fn wake(&mut self) -> bool {
        let due = self.wakes_at.is_some_and(|at| at <= now());
        if due {
            self.handle(Input::Wakes);
        }
        let at = now();
        let looks = self.streams.due().is_some_and(|due| due <= at);
        let Self { streams, house, .. } = self;
        let closed = looks && streams.look(at, |address| knows(house, address));
        due || closed
    }

    /// Whether there was something to hear; `None` when it is time to leave.
    fn hear(&mut self) -> Option<bool> {
        for turn in 0..COMMANDS_PER_TURN {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command)?,
                Err(mpsc::error::TryRecvError::Empty) => return Some(turn > 0),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
            }
        }
        Some(true)
    }

    fn obey(&mut self, command: Command) -> Option<()> {
        match command {
            Command::Hear(hears) => self.handle(Input::Hears(hears)),
            Command::Seen(seen) => self.place(seen),
            // Whoever asked may have gone.
            Command::Pulse(says) => says.send(()).unwrap_or(()),
            Command::Drain => self.handle(Input::Drains),
            Command::Leave => return None,
        }
        Some(())
    }

    /// Pages reach this relay where the host sees it.
    fn place(&mut self, seen: IpAddr) {
        let mut moved = false;
        let ears = self.ears.iter_mut().map(|ear| &mut ear.name);
        for name in ears.chain(&mut self.streams.names) {
            moved |= name.seen_at(seen);
        }
        if !moved {
            return;
        }
        let place = names(&self.ears);
        // TCP alone is no place: it is there for those who have no UDP.
        if place.is_empty() {
            return;
        }
        tracing::info!(media = ?place, "pages reach this relay here");
        let over_udp = addresses(Protocol::Udp, place.iter().copied());
        let over_tcp = self.streams.names.iter().filter_map(Name::announced);
        let media = over_udp.chain(addresses(Protocol::Tcp, over_tcp));
        self.handle(Input::Placed(media.collect()));
        self.counters.placed(place);
    }

    fn receive(&mut self, buffer: &mut [u8]) -> bool {
        let mut received = self.receive_frames();
        for ear in 0..self.ears.len() {
            for _ in 0..DATAGRAMS_PER_TURN {
                let Some((destination, result)) = self.ears.get(ear).map(|ear| {
                    let result = ear.readable.try_recv_from(buffer);
                    (ear.name.destination(), result)
                }) else {
                    break;
                };
                match result {
                    Ok((length, source)) => {
                        received = true;
                        self.tally.datagrams_in += 1;
                        let datagram = Datagram {
                            protocol: Protocol::Udp,
                            source,
                            destination,
                            bytes: buffer.get(..length).unwrap_or_default(),
                        };
                        self.handle(Input::Receives(datagram));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // Such as a port that is closed at the other end: says nothing about the next
                    // datagram.
                    Err(error) => tracing::trace!(%error, "socket could not be read"),
                }
            }
        }
        received
    }

    fn receive_frames(&mut self) -> bool {
        for turn in 0..DATAGRAMS_PER_TURN {
            let Self { streams, house, .. } = self;
            let Some(event) = streams.take(now(), |address| knows(house, address)) else {
                return turn > 0;
            };
            let Some(frame) = event else {
                continue;
            };
            self.tally.datagrams_in += 1;
            self.handle(Input::Receives(Datagram {
                protocol: Protocol::Tcp,
                source: frame.source,
                destination: frame.destination,
                bytes: &frame.bytes,
            }));
        }
        true
    }

    /// Sleeps until something can be done. Says whether to go on.
    async fn sleep(&mut self) -> bool {
        // Without a deadline: any far moment.
        let until = self
            .wakes_at
            .into_iter()
            .chain(self.streams.due())
            .min()
            .unwrap_or_else(|| now() + Duration::from_secs(3600));
        let readable = futures_util::future::select_all(
            self.ears
                .iter()
                .map(|ear| Box::pin(ear.readable.readable())),
        );
        let command = tokio::select! {
            biased;
            command = self.commands.recv() => Some(command),
            _ = readable => None,
            () = self.streams.ready() => None,
            () = tokio::time::sleep_until(until.into()) => None,
        };
        match command {
            None => true,
            Some(None) => false,
            Some(Some(command)) => {
                let stays = self.obey(command).is_some();
                self.publish();
                stays
            }
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.house.handle(input, now());
        loop {
            match self.house.poll() {
                Output::Transmit(transmit) => self.send(&transmit),
                Output::Say(says) => {
                    if self.says.try_send(says).is_err() {
                        tracing::debug!("too much to say to the host, dropped");
                    }
                }
                Output::Wait(at) => {
                    self.wakes_at = at;
                    break;
                }
            }
        }
    }

    fn send(&mut self, transmit: &Transmit) {
        let sent = match transmit.proto {
            Protocol::Udp => {
                let ear = self.ears.iter().find(|ear| ear.name.is(transmit.source));
                ear.is_some_and(|ear| {
                    let sent = ear.mouth.send_to(&transmit.contents, transmit.destination);
                    sent.is_ok()
                })
            }
            _ => self.streams.send(transmit),
        };
        if sent {
            self.tally.datagrams_out += 1;
            self.tally.bytes_out += transmit.contents.len() as u64;
        } else {
            self.tally.datagrams_unsent += 1;
        }
    }

    fn publish(&self) {
        let house = self.house.counters();
        let draining = self.house.is_draining();
        self.counters.update(|latest| {
            latest.rooms = u32::try_from(house.rooms).unwrap_or(u32::MAX);
            latest.participants = u32::try_from(house.participants).unwrap_or(u32::MAX);
            latest.listens_tcp = !self.streams.names.is_empty();
            latest.streams = u32::try_from(self.streams.len()).unwrap_or(u32::MAX);
            latest.draining = draining;
            latest.datagrams_in = self.tally.datagrams_in;
            latest.datagrams_out = self.tally.datagrams_out;
            latest.bytes_out = self.tally.bytes_out;
            latest.datagrams_unsent = self.tally.datagrams_unsent;
            latest.datagrams_foreign = house.datagrams_foreign;
            latest.packets_forwarded = house.packets_forwarded;
            latest.packets_dropped = house.packets_dropped;
            latest.messages_forwarded = house.messages_forwarded;
            latest.messages_dropped = house.messages_dropped;
            latest.keyframe_requests = house.keyframe_requests;
            latest.offers_answered = house.offers_answered;
            latest.offers_refused = house.offers_refused;
            latest.rooms_panicked = house.rooms_panicked;
        });
    }
}

/// The addresses of one protocol that pages are told.
pub(crate) fn addresses(
    protocol: Protocol,
    at: impl Iterator<Item = SocketAddr>,
) -> impl Iterator<Item = MediaAddress> {
    at.map(move |address| MediaAddress { protocol, address })
}

fn names(ears: &[Ear]) -> Vec<SocketAddr> {
    ears.iter().filter_map(|ear| ear.name.announced()).collect()
}

fn knows(house: &House, address: SocketAddr) -> bool {
    house.knows(Remote {
        protocol: Protocol::Tcp,
        address,
    })
}

/// The edge where time comes in.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the relay's clock; the house gets the time as an argument"
)]
fn now() -> Instant {
    Instant::now()
}
