//! All rooms of a relay: finds the room that an input is for, tracks deadlines, and keeps a panic
//! in one room away from the others.

#[cfg(test)]
mod inside;
mod request;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sightline_wire::{OfferRefusal, PageId, RelayHears, RelaySays, Sdp, Seat, SessionId};

use self::request::{OfferRequest, Refused};
use crate::deadlines::Deadlines;
use crate::demux;
use crate::drain::PASSES_WITHIN;
use crate::io::{Datagram, Input, Output, Remote, RoomKey, SfuConfig, SfuCounters};
use crate::io::{Transmit, TransportKey};
use crate::leaving::Rounds;
use crate::offer::OfferRates;
use crate::participant::{Participant, Receipt, TransportSpec};
use crate::registry::{Owner, Registry};
use crate::room::{OVERLAP, Room};
use crate::sink::{RemovedTransport, Sink};

/// A selective forwarding unit: all rooms of a relay.
///
/// Give it inputs with [`Sfu::handle`]. After each, call [`Sfu::poll`] and carry out the outputs
/// until it returns [`Output::Wait`]. Handle [`Input::Timeout`] at the time that it names.
pub struct Sfu {
    config: SfuConfig,
    draining: bool,
    rounds: Rounds<RoomKey>,
    last_key: u64,
    rooms: BTreeMap<RoomKey, Room>,
    sessions: BTreeMap<SessionId, RoomKey>,
    registry: Registry,
    offers: OfferRates,
    deadlines: Deadlines,
    /// Rooms that received media of this batch.
    unsettled: Vec<RoomKey>,
    out: VecDeque<Output>,
    removed: Vec<RemovedTransport>,
    counters: SfuCounters,
}

impl Sfu {
    /// Makes an SFU without rooms.
    #[must_use]
    pub fn new(config: SfuConfig) -> Self {
        Self {
            config,
            draining: false,
            rounds: Rounds::default(),
            last_key: 0,
            rooms: BTreeMap::new(),
            sessions: BTreeMap::new(),
            registry: Registry::default(),
            offers: OfferRates::default(),
            deadlines: Deadlines::default(),
            unsettled: Vec::new(),
            out: VecDeque::new(),
            removed: Vec::new(),
            counters: SfuCounters::default(),
        }
    }

    /// Handles one input. Poll until [`Output::Wait`] before the next.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Datagram(datagram) => self.receive_all(&[datagram], now),
            Input::Datagrams(datagrams) => self.receive_all(datagrams, now),
            Input::Timeout => self.handle_timeout(now),
            Input::Spent { from, time } => self.charge(from, time, now),
            Input::FromHost(message) => self.handle_message(message, now),
            Input::MediaAddresses(media) => self.config.media = media,
            Input::Drain => {
                self.draining = true;
                self.rounds.begin(now);
                self.report_leaving(now);
            }
            Input::Close => {
                self.draining = true;
                let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
                for session in sessions {
                    self.close_room(session, true, now);
                }
            }
        }
    }

    /// Returns the next thing to do outside.
    pub fn poll(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| {
            let deadlines = self.deadlines.next().into_iter();
            Output::Wait(deadlines.chain(self.rounds.due()).min())
        })
    }

    /// Numbers since the start.
    #[must_use]
    pub fn counters(&self) -> SfuCounters {
        SfuCounters {
            rooms: self.rooms.len(),
            participants: self.registry.len(),
            ..self.counters
        }
    }

    /// Whether new rooms are refused.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether a session has a room here.
    #[must_use]
    pub fn has_room(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    /// Ends all rooms after a panic outside of any of them, and reports their pages as gone. What
    /// the panic left half done is dropped; numbers, addresses and draining stay.
    pub fn begin_again(&mut self) {
        let config = self.config.clone();
        let mut former = std::mem::replace(self, Self::new(config));
        self.draining = former.draining;
        self.rounds = std::mem::take(&mut former.rounds);
        self.last_key = former.last_key;
        self.counters = former.counters;
        // The queue holds whole values only.
        self.out = std::mem::take(&mut former.out);
        for room in former.rooms.values() {
            let session = room.session();
            let mut sink = Sink {
                relay: self.config.relay,
                session,
                out: &mut self.out,
                counters: &mut self.counters,
                removed: &mut self.removed,
            };
            for (seat, page) in room.pages() {
                sink.gone(seat, page, None);
            }
            self.counters.rooms_panicked += 1;
            self.out.push_back(Output::Ended(session));
            tracing::error!(session.id = %session, "room ended by a panic");
        }
    }

    /// Whether an open transport has this address, authenticated by ICE.
    #[must_use]
    pub fn is_known(&self, remote: Remote) -> bool {
        self.registry.has_address(remote)
    }

    /// Whether a datagram that goes out is sound, so that it may leave first where others wait.
    #[must_use]
    pub fn is_sound(&self, transmit: &Transmit) -> bool {
        let to = Remote {
            protocol: transmit.proto,
            address: transmit.destination,
        };
        let receiver = self.registry.owner_at(to).and_then(|owner| {
            let room = self.rooms.get(&owner.room)?;
            room.participant(owner.transport)
        });
        receiver.is_some_and(|receiver| receiver.is_sound(&transmit.contents))
    }

    fn receive_all(&mut self, datagrams: &[Datagram<'_>], now: Instant) {
        for datagram in datagrams {
            self.receive(datagram, now);
        }
        self.settle(now);
    }

    /// Lets the rooms that received media finish.
    fn settle(&mut self, now: Instant) {
        let mut unsettled = std::mem::take(&mut self.unsettled);
        for room in unsettled.drain(..) {
            self.with_room(room, now, |room, sink| room.settle_media(now, sink));
        }
        self.unsettled = unsettled;
    }

    fn receive(&mut self, datagram: &Datagram<'_>, now: Instant) {
        let Some(owner) = self.registry.owner_of(datagram, now) else {
            self.counters.datagrams_foreign += 1;
            return;
        };
        let remote = datagram.remote();
        let is_check = demux::is_stun(datagram.bytes);
        if is_check && self.is_held(remote, owner, now) {
            self.counters.datagrams_refused += 1;
            return;
        }
        let is_media = demux::is_media(datagram.bytes);
        if !is_media {
            // What goes out after this is the answer.
            self.settle(now);
            self.contained(owner.room, |room, sink| {
                room.drain(owner.transport, now, sink);
            });
        }
        let queued = self.out.len();
        let act = |room: &mut Room, sink: &mut Sink<'_>| {
            room.receive(owner.transport, datagram, now, sink)
        };
        let receipt = if is_media {
            if !self.unsettled.contains(&owner.room) {
                self.unsettled.push(owner.room);
            }
            self.contained(owner.room, act)
        } else {
            self.with_room(owner.room, now, act)
        };
        match receipt {
            Some(Receipt::Taken) if is_check && self.was_answered(remote, queued) => {
                self.add_address(owner, remote, now);
            }
            Some(Receipt::Foreign) => self.counters.datagrams_foreign += 1,
            Some(Receipt::Excess) => self.counters.datagrams_refused += 1,
            Some(Receipt::Taken) | None => {}
        }
    }

    /// Whether an address belongs to another transport, which still uses it. A page may move to its
    /// next transport with its address.
    fn is_held(&self, remote: Remote, from: Owner, now: Instant) -> bool {
        let Some(holder) = self.registry.holder_of(remote, from, now) else {
            return false;
        };
        let room = self.rooms.get(&from.room);
        !room.is_some_and(|room| room.are_siblings(from.transport, holder.transport))
    }

    fn charge(&mut self, from: Remote, time: Duration, now: Instant) {
        if let Some(owner) = self.registry.owner_at(from) {
            self.with_room(owner.room, now, |room, sink| {
                room.charge(owner.transport, time, now, sink);
            });
        }
    }

    /// Whether an output after the first `queued` ones goes back to this address.
    ///
    /// Only an answer shows that a STUN check was genuine. From an address that it sends to, str0m
    /// accepts every datagram, whatever the protocol (0.25, `Rtc::accepts`), and it drops forged
    /// ones silently.
    fn was_answered(&self, remote: Remote, queued: usize) -> bool {
        self.out.iter().skip(queued).any(|output| match output {
            Output::Transmit(transmit) => {
                transmit.proto == remote.protocol && transmit.destination == remote.address
            }
            _ => false,
        })
    }

    fn add_address(&mut self, owner: Owner, remote: Remote, now: Instant) {
        // The datagram may have ended the room.
        let Some(room) = self.rooms.get_mut(&owner.room) else {
            return;
        };
        if let Some(replaced) = room.add_address(owner.transport, remote) {
            self.registry.remove_address(replaced, owner.transport);
        }
        self.registry.add_address(remote, owner, now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        for key in self.deadlines.due(now, PASSES_WITHIN) {
            // Packets that passed may have moved it.
            let deadline = self.rooms.get(&key).and_then(Room::deadline);
            if deadline.is_some_and(|at| at.from > now) {
                self.deadlines.set(key, deadline);
                continue;
            }
            let over = self.with_room(key, now, |room, sink| {
                room.handle_timeout(now, sink);
                room.is_over(now)
            });
            if over == Some(true) {
                self.forget_room(key);
            }
        }
        self.report_leaving(now);
    }

    /// While draining: reports the connected pages of the next room to the host, which may move
    /// them to another relay.
    fn report_leaving(&mut self, now: Instant) {
        let rooms = &self.rooms;
        let next_room = |last: Option<RoomKey>| {
            let after = last.map_or(Bound::Unbounded, Bound::Excluded);
            rooms
                .range((after, Bound::Unbounded))
                .find(|(_, room)| room.stays())
                .map(|(key, _)| *key)
        };
        let Some(key) = self.rounds.take(now, next_room) else {
            return;
        };
        let Some(room) = self.rooms.get(&key) else {
            return;
        };
        let relay = self.config.relay;
        let session = room.session();
        for participant in room.participants().filter(|p| p.connected) {
            self.out.push_back(Output::ToHost(RelaySays::Leaving {
                relay,
                session,
                seat: participant.seat,
                page: participant.page,
            }));
        }
    }

    fn handle_message(&mut self, message: RelayHears, now: Instant) {
        match message {
            RelayHears::Welcome { .. } => {}
            RelayHears::Offer {
                session,
                epoch,
                seat,
                page,
                attempt,
                speaks,
                since,
                sdp,
            } => self.handle_offer(
                &OfferRequest {
                    session,
                    epoch,
                    seat,
                    page,
                    attempt,
                    speaks,
                    since,
                    sdp,
                },
                now,
            ),
            RelayHears::Promote {
                session,
                epoch,
                seat,
                page,
                since,
            } => {
                if let Some(key) = self.sessions.get(&session).copied() {
                    self.with_room(key, now, |room, sink| {
                        if epoch >= room.epoch {
                            room.epoch = epoch;
                            room.promote(seat, page, since, now, sink);
                        }
                    });
                }
            }
            RelayHears::Close { session, epoch } => self.handle_close(session, epoch, now),
        }
    }

    fn handle_offer(&mut self, request: &OfferRequest, now: Instant) {
        let relay = self.config.relay;
        let says = match self.answer(request, now) {
            Ok(sdp) => {
                self.counters.offers_answered += 1;
                request.answer(relay, sdp)
            }
            Err(Refused { why, fault }) => {
                self.counters.offers_refused += 1;
                let (session, seat) = (request.session, request.seat);
                tracing::debug!(session.id = %session, ?seat, ?why, ?fault, "offer refused");
                request.refusal(relay, why, fault)
            }
        };
        self.out.push_back(Output::ToHost(says));
    }

    fn handle_close(&mut self, session: SessionId, epoch: u32, now: Instant) {
        let Some((key, room)) = self
            .sessions
            .get(&session)
            .and_then(|key| Some((*key, self.rooms.get(key)?)))
        else {
            return;
        };
        // A late close must not end the room that a later assignment gave back.
        if epoch < room.epoch {
            return;
        }
        // While the relay drains, the call moves: its pages need a moment to connect elsewhere.
        if self.draining && room.is_in_use() {
            self.with_room(key, now, |room, _| room.leave_by(now + OVERLAP));
        } else {
            self.close_room(session, false, now);
        }
    }

    fn answer(&mut self, request: &OfferRequest, now: Instant) -> Result<Sdp, Refused> {
        let OfferRequest { seat, page, .. } = *request;
        if !self
            .offers
            .admit(request.session, seat, request.speaks, now)
        {
            return Err(Refused::from(OfferRefusal::TooOften));
        }
        if self.config.media.is_empty() {
            return Err(Refused::from(OfferRefusal::Full));
        }
        let known = self.sessions.get(&request.session).copied();
        if let Some(room) = known.and_then(|key| self.rooms.get_mut(&key)) {
            if request.epoch < room.epoch {
                return Err(Refused::from(OfferRefusal::OldEpoch));
            }
            room.epoch = request.epoch;
            room.stay();
            let mut transports = room.transports(seat, page);
            if let Some(known) = transports.find(|p| p.answered(request.attempt, &request.sdp)) {
                return Ok(known.answer.clone());
            }
        } else if self.draining || self.rooms.len() >= self.config.rooms_max {
            return Err(Refused::from(OfferRefusal::Full));
        }
        let spec = TransportSpec {
            key: TransportKey(self.next_key()),
            seat,
            page,
            attempt: request.attempt,
            sdp: &request.sdp,
            media: &self.config.media,
            certificate: &self.config.certificate,
            mark: self.config.mark,
        };
        let participant = Participant::answer(&spec, now)?;
        let answer = participant.answer.clone();
        let room = known.unwrap_or_else(|| self.open_room(request, now));
        let transport = participant.key;
        self.registry
            .add(participant.ufrag.clone(), Owner { room, transport });
        let entered = self.with_room(room, now, |room, sink| {
            let speaks = request.speaks.then_some(request.since);
            room.enter(participant, speaks, now, sink);
        });
        entered
            .map(|()| answer)
            .ok_or(Refused::from(OfferRefusal::Full))
    }

    fn open_room(&mut self, request: &OfferRequest, now: Instant) -> RoomKey {
        let key = RoomKey(self.next_key());
        let room = Room::new(request.session, request.epoch, now);
        self.rooms.insert(key, room);
        self.sessions.insert(request.session, key);
        tracing::info!(session.id = %request.session, "room opened");
        key
    }

    fn close_room(&mut self, session: SessionId, report: bool, now: Instant) {
        let Some(key) = self.sessions.get(&session).copied() else {
            return;
        };
        self.with_room(key, now, |room, sink| {
            let pages: Vec<(Seat, PageId)> = room.pages().collect();
            room.close(now, sink);
            for (seat, page) in pages.into_iter().filter(|_| report) {
                sink.gone(seat, page, None);
            }
        });
        self.forget_room(key);
    }

    /// Lets one room act, and notes what that changes outside of it.
    fn with_room<T>(
        &mut self,
        key: RoomKey,
        now: Instant,
        act: impl FnOnce(&mut Room, &mut Sink<'_>) -> T,
    ) -> Option<T> {
        let (acted, deadline) = self.contained(key, |room, sink| {
            let acted = act(room, sink);
            (acted, room.deadline())
        })?;
        self.deadlines.keep(key, deadline, now);
        self.forget_transports();
        Some(acted)
    }

    /// Lets one room act. If it panics, the room ends, its pages are reported as gone, and the
    /// result is `None`.
    fn contained<T>(
        &mut self,
        key: RoomKey,
        act: impl FnOnce(&mut Room, &mut Sink<'_>) -> T,
    ) -> Option<T> {
        let room = self.rooms.get_mut(&key)?;
        let mut sink = Sink {
            relay: self.config.relay,
            session: room.session(),
            out: &mut self.out,
            counters: &mut self.counters,
            removed: &mut self.removed,
        };
        // What the room left half done is dropped with it. The queues in the sink hold whole values
        // only.
        let acted = catch_unwind(AssertUnwindSafe(|| act(room, &mut sink)));
        if acted.is_err() {
            for (seat, page) in room.pages() {
                sink.gone(seat, page, None);
            }
            tracing::error!(session.id = %room.session(), "room ended by a panic");
            self.counters.rooms_panicked += 1;
            self.forget_room(key);
        }
        acted.ok()
    }

    fn forget_room(&mut self, key: RoomKey) {
        self.deadlines.set(key, None);
        if let Some(room) = self.rooms.remove(&key) {
            self.sessions.remove(&room.session());
            for participant in room.participants() {
                self.removed.push(RemovedTransport {
                    ufrag: participant.ufrag.clone(),
                    addresses: participant.addresses.clone(),
                });
            }
            tracing::info!(session.id = %room.session(), "room closed");
            self.out.push_back(Output::Ended(room.session()));
        }
        self.forget_transports();
    }

    fn forget_transports(&mut self) {
        for transport in self.removed.drain(..) {
            self.registry.remove(transport);
        }
    }

    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }
}
