//! An SFU, some pages and the network between them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_wire::{PageId, RelayHears, RelayId, RelaySays, Seat, SessionId};
use str0m::net::Receive;

pub(crate) use super::link::Chance;
use super::peer::client;
pub(crate) use super::peer::{Got, Peer};
use super::smuggler;
use crate::{
    Datagram, Input, MediaAddress, Output, Protocol, Remote, Sfu, SfuConfig, make_certificate,
};

pub(crate) const RELAY: &str = "198.51.100.1:3478";
pub(crate) const FRAME_EVERY: Duration = Duration::from_millis(33);
pub(crate) const AUDIO_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct Flight {
    to_sfu: bool,
    protocol: Protocol,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

impl Flight {
    fn to(&self) -> Remote {
        Remote {
            protocol: self.protocol,
            address: self.destination,
        }
    }
}

pub(crate) struct World {
    pub(crate) sfu: Sfu,
    pub(crate) now: Instant,
    pub(crate) peers: Vec<Peer>,
    pub(crate) said: Vec<RelaySays>,
    pub(crate) chance: Chance,
    flights: BTreeMap<(Instant, u64), Flight>,
    flown: u64,
    sfu_timeout_at: Option<Instant>,
    /// The address that datagrams arrive at, as the relay names it.
    pub(crate) reached_as: String,
    /// Datagrams that the SFU sent to addresses of no page.
    pub(crate) astray: usize,
    /// Bytes of all datagrams that the SFU sent.
    pub(crate) sent_bytes: u64,
    /// Whether what reaches the SFU at the same time reaches it as one input.
    pub(crate) together: bool,
    /// Whether to keep everything that pages send to the SFU.
    pub(crate) keep: bool,
    /// Sessions whose room ended.
    pub(crate) ended: Vec<SessionId>,
    pub(crate) kept: Vec<Vec<u8>>,
}

pub(crate) fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

pub(crate) fn page(n: u8) -> PageId {
    PageId::from_bytes([n; 16])
}

pub(crate) fn config() -> SfuConfig {
    SfuConfig {
        relay: RelayId::from_bytes([9; 16]),
        rooms_max: 4,
        media: [Protocol::Udp, Protocol::Tcp]
            .map(|protocol| MediaAddress {
                protocol,
                address: RELAY.parse().unwrap(),
            })
            .into(),
        certificate: make_certificate(),
        mark: 'a',
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: SfuConfig) -> Self {
        Self {
            sfu: Sfu::new(config),
            #[expect(
                clippy::disallowed_methods,
                reason = "an Instant has no other beginning; from here on time moves when told"
            )]
            now: Instant::now(),
            peers: vec![],
            said: vec![],
            chance: Chance::from_env(),
            flights: BTreeMap::new(),
            flown: 0,
            sfu_timeout_at: None,
            reached_as: RELAY.to_owned(),
            astray: 0,
            sent_bytes: 0,
            together: false,
            keep: false,
            ended: vec![],
            kept: vec![],
        }
    }

    /// Two pages that speak, connected, in session 1: agent 0, customer 1.
    pub(crate) fn call() -> Self {
        let mut world = Self::new();
        world.enter(1, Seat::Agent, true);
        world.enter(2, Seat::Customer, true);
        world.run(1000);
        assert!(world.peers.iter().all(|p| p.connected), "both connect");
        world
    }

    /// The same call, with a customer whose endpoint is a [`smuggler`].
    pub(crate) fn call_with_smuggler() -> Self {
        let mut world = Self::new();
        world.enter(1, Seat::Agent, true);
        let config = client(2).set_crypto_provider(Arc::new(smuggler::provider()));
        let customer = Peer::with(config, 2, Seat::Customer, world.now);
        world.enter_as(customer, 1, true);
        world.run(1000);
        assert!(world.peers.iter().all(|p| p.connected), "both connect");
        world
    }

    /// Lets a page offer. Returns its index in `peers`.
    pub(crate) fn enter(&mut self, name: u8, seat: Seat, speaks: bool) -> usize {
        let peer = Peer::new(name, seat, self.now);
        self.enter_as(peer, 1, speaks)
    }

    pub(crate) fn enter_as(&mut self, peer: Peer, in_session: u8, speaks: bool) -> usize {
        let offer = offer(&peer, in_session, 1, speaks);
        self.peers.push(peer);
        self.hear(offer);
        match self.said.pop() {
            Some(RelaySays::Answer { sdp, .. }) => {
                let peer = self.peers.last_mut().unwrap();
                peer.accept(&sdp);
                self.drain_peer(self.peers.len() - 1);
                self.peers.len() - 1
            }
            other => panic!("expected an answer, got {other:?}"),
        }
    }

    pub(crate) fn hear(&mut self, hears: RelayHears) {
        self.sfu.handle(Input::FromHost(hears), self.now);
        self.drain_sfu();
    }

    pub(crate) fn promote(&mut self, seat: Seat, name: u8) {
        self.hear(RelayHears::Promote {
            session: session(1),
            epoch: 1,
            seat,
            page: page(name),
            since: 0,
        });
    }

    /// Lets a page write on a channel.
    pub(crate) fn write(&mut self, peer: usize, sure: bool, binary: bool, message: &[u8]) -> bool {
        let channel = if sure {
            self.peers[peer].sure
        } else {
            self.peers[peer].live
        };
        let taken = self.peers[peer].send(channel, binary, message);
        self.drain_peer(peer);
        taken
    }

    /// Lets a page request a key frame.
    pub(crate) fn ask_for_picture(&mut self, peer: usize) {
        let peer_at = &mut self.peers[peer];
        let mid = peer_at.video;
        let mut direct = peer_at.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).unwrap();
        stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        self.drain_peer(peer);
    }

    /// Gives the SFU a datagram from anywhere. Returns how many datagrams the SFU sent because of
    /// it.
    pub(crate) fn throw(&mut self, source: SocketAddr, bytes: &[u8]) -> usize {
        let before = self.flown + self.astray as u64;
        self.arrive_at_sfu(Protocol::Udp, source, bytes);
        (self.flown + self.astray as u64 - before) as usize
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        let mut idle = 0;
        loop {
            let peers = self.peers.iter().map(Peer::next_at).min();
            let flight = self.flights.keys().next().map(|(at, _)| *at);
            let next = [peers, flight, self.sfu_timeout_at]
                .into_iter()
                .flatten()
                .min();
            let Some(next) = next.filter(|at| *at <= end) else {
                break;
            };
            idle = if next <= self.now { idle + 1 } else { 0 };
            assert!(idle < 10_000, "time stands still");
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    fn arrive_together(&mut self) {
        let is_due = |at: Instant, flight: &Flight| flight.to_sfu && at <= self.now;
        let due = self.flights.iter();
        let due = due.filter(|((at, _), flight)| is_due(*at, flight));
        let due: Vec<_> = due.map(|(key, _)| *key).collect();
        let flights: Vec<Flight> = due
            .iter()
            .map(|key| self.flights.remove(key).unwrap())
            .collect();
        let datagrams: Vec<_> = flights
            .iter()
            .map(|flight| Datagram {
                protocol: flight.protocol,
                source: flight.source,
                destination: self.reached_as.parse().unwrap(),
                bytes: &flight.bytes,
            })
            .collect();
        self.sfu.handle(Input::Datagrams(&datagrams), self.now);
        self.drain_sfu();
    }

    fn step(&mut self) {
        if self.together {
            self.arrive_together();
        }
        while let Some(entry) = self.flights.first_entry()
            && entry.key().0 <= self.now
        {
            let flight = entry.remove();
            if flight.to_sfu {
                self.arrive_at_sfu(flight.protocol, flight.source, &flight.bytes);
            } else {
                self.arrive_at_peer(&flight);
            }
        }
        if self.sfu_timeout_at.is_some_and(|at| at <= self.now) {
            self.sfu.handle(Input::Timeout, self.now);
            self.drain_sfu();
        }
        for index in 0..self.peers.len() {
            if self.peers[index].alive && self.peers[index].next_at() <= self.now {
                let now = self.now;
                let _ = self.peers[index]
                    .rtc
                    .handle_input(str0m::Input::Timeout(now));
                self.drain_peer(index);
                let mut burst = 0;
                while self.peers[index].produce(now, &mut burst) {
                    self.drain_peer(index);
                }
            }
        }
    }

    fn arrive_at_sfu(&mut self, protocol: Protocol, source: SocketAddr, bytes: &[u8]) {
        if self.keep {
            self.kept.push(bytes.to_vec());
        }
        let datagram = Datagram {
            protocol,
            source,
            destination: self.reached_as.parse().unwrap(),
            bytes,
        };
        self.sfu.handle(Input::Datagram(datagram), self.now);
        self.drain_sfu();
    }

    fn arrive_at_peer(&mut self, flight: &Flight) {
        // Of several pages with one address, the newest gets the datagram.
        let index = self.peers.iter().rposition(|p| p.at == flight.to());
        let index = index.expect("checked when it left");
        let peer = &mut self.peers[index];
        if !peer.alive {
            return;
        }
        let receive = Receive::new(
            flight.protocol,
            flight.source,
            flight.destination,
            &flight.bytes,
        );
        let input = str0m::Input::Receive(self.now, receive.unwrap());
        let _ = peer.rtc.handle_input(input);
        self.drain_peer(index);
    }

    pub(crate) fn drain_peer(&mut self, index: usize) {
        let now = self.now;
        let peer = &mut self.peers[index];
        let mut turns = 0;
        loop {
            match peer.rtc.poll_output() {
                Ok(str0m::Output::Transmit(transmit)) => {
                    let arrival = peer
                        .up
                        .arrival(transmit.contents.len(), now, &mut self.chance);
                    if let Some(at) = arrival {
                        self.flown += 1;
                        let flight = Flight {
                            to_sfu: true,
                            protocol: transmit.proto,
                            source: peer.at.address,
                            destination: transmit.destination,
                            bytes: peer.leaving(transmit.contents.to_vec(), now),
                        };
                        self.flights.insert((at, self.flown), flight);
                    }
                }
                Ok(str0m::Output::Event(event)) => peer.note(event, now),
                Ok(str0m::Output::Timeout(at)) if at > now => {
                    peer.wake_at = at;
                    break;
                }
                Ok(str0m::Output::Timeout(_)) => {
                    turns += 1;
                    if turns > 100 {
                        peer.wake_at = now + Duration::from_millis(1);
                        break;
                    }
                    let _ = peer.rtc.handle_input(str0m::Input::Timeout(now));
                }
                Err(_) => {
                    peer.closed = true;
                    peer.alive = false;
                    break;
                }
            }
        }
        if !peer.rtc.is_alive() {
            peer.closed = true;
            peer.alive = false;
        }
    }

    pub(crate) fn drain_sfu(&mut self) {
        loop {
            match self.sfu.poll() {
                Output::Transmit(transmit) => {
                    self.sent_bytes += transmit.contents.len() as u64;
                    let to = self.peers.iter_mut().rev().find(|p| {
                        p.at.protocol == transmit.proto && p.at.address == transmit.destination
                    });
                    let Some(peer) = to else {
                        self.astray += 1;
                        continue;
                    };
                    let arrival =
                        peer.down
                            .arrival(transmit.contents.len(), self.now, &mut self.chance);
                    self.flown += 1;
                    if let Some(at) = arrival {
                        let flight = Flight {
                            to_sfu: false,
                            protocol: transmit.proto,
                            source: transmit.source,
                            destination: transmit.destination,
                            bytes: transmit.contents.to_vec(),
                        };
                        self.flights.insert((at, self.flown), flight);
                    }
                }
                Output::ToHost(says) => self.said.push(says),
                Output::Ended(session) => self.ended.push(session),
                Output::Wait(at) => {
                    self.sfu_timeout_at = at;
                    break;
                }
            }
        }
    }
}

pub(crate) fn offer(peer: &Peer, in_session: u8, attempt: u32, speaks: bool) -> RelayHears {
    RelayHears::Offer {
        session: session(in_session),
        epoch: 1,
        seat: peer.seat,
        page: peer.page,
        attempt,
        speaks,
        since: 0,
        sdp: peer.offer.clone(),
    }
}
