//! All rooms of a relay: who is asked for, what is due, and the wall between one room's panic and
//! the others.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use sightline_wire::{OfferRefusal, PageId, RelayHears, RelayId, RelaySays, Sdp, Seat, SessionId};

use crate::demux;
use crate::io::{Counters, Datagram, HouseConfig, Input, Output, Remote, TransportKey};
use crate::leaving::Rounds;
use crate::participant::{Making, Participant};
use crate::room::{OVERLAP, Room};
use crate::sink::Sink;

/// One room in one house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RoomKey(u64);

#[derive(Clone, Copy, Debug)]
struct Whom {
    room: RoomKey,
    transport: TransportKey,
}

/// All rooms of a relay.
pub struct House {
    config: HouseConfig,
    draining: bool,
    leaving: Rounds<RoomKey>,
    keys: u64,
    rooms: BTreeMap<RoomKey, Room>,
    sessions: BTreeMap<SessionId, RoomKey>,
    /// Addresses that authenticated themselves by ICE. Only looked up, never iterated.
    addresses: HashMap<Remote, Whom>,
    /// Local ufrags, by which an unknown address says whom it wants.
    ufrags: HashMap<String, Whom>,
    deadlines: BTreeSet<(Instant, RoomKey)>,
    deadline_of: BTreeMap<RoomKey, Instant>,
    out: VecDeque<Output>,
    forgotten: Vec<(String, Vec<Remote>)>,
    counters: Counters,
}

impl House {
    /// An empty house.
    #[must_use]
    pub fn new(config: HouseConfig) -> Self {
        let counters = Counters {
            relay: config.relay,
            rooms: 0,
            participants: 0,
            datagrams_foreign: 0,
            packets_forwarded: 0,
            packets_dropped: 0,
            messages_forwarded: 0,
            messages_dropped: 0,
            keyframe_requests: 0,
            offers_answered: 0,
            offers_refused: 0,
            rooms_panicked: 0,
        };
        Self {
            config,
            draining: false,
            leaving: Rounds::default(),
            keys: 0,
            rooms: BTreeMap::new(),
            sessions: BTreeMap::new(),
            addresses: HashMap::new(),
            ufrags: HashMap::new(),
            deadlines: BTreeSet::new(),
            deadline_of: BTreeMap::new(),
            out: VecDeque::new(),
            forgotten: Vec::new(),
            counters,
        }
    }

    /// Takes one input. Poll until [`Output::Wait`] before the next.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Receives(datagram) => self.receive(&datagram, now),
            Input::Wakes => self.wake(now),
            Input::Hears(hears) => self.hear(hears, now),
            Input::Placed(media) => self.config.media = media,
            Input::Drains => {
                self.draining = true;
                self.leaving.begin(now);
                self.tell_who_is_left(now);
            }
            Input::Closes => {
                self.draining = true;
                let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
                for session in sessions {
                    self.close(session, true, now);
                }
            }
        }
    }

    /// The next thing to do outside.
    pub fn poll(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| {
            let room = self.deadlines.first().map(|(at, _)| *at);
            Output::Wait(room.into_iter().chain(self.leaving.due()).min())
        })
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters {
            rooms: self.rooms.len(),
            participants: self.ufrags.len(),
            ..self.counters
        }
    }

    /// Whether new rooms are refused.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether a participant of this house is reached there: somebody there has authenticated
    /// themselves by ICE, and that transport still lives.
    #[must_use]
    pub fn knows(&self, remote: Remote) -> bool {
        self.addresses.contains_key(&remote)
    }

    fn receive(&mut self, datagram: &Datagram<'_>, now: Instant) {
        let stun = demux::is_stun(datagram.bytes);
        let whom = if stun {
            demux::local_ufrag(datagram.bytes).and_then(|ufrag| self.ufrags.get(ufrag))
        } else {
            self.addresses.get(&datagram.remote())
        };
        let Some(whom) = whom.copied() else {
            self.counters.datagrams_foreign += 1;
            return;
        };
        let said = self.out.len();
        let taken = self.in_room(whom.room, now, |room, sink| {
            room.receive(whom.transport, datagram, now, sink)
        });
        if taken == Some(false) {
            self.counters.datagrams_foreign += 1;
        }
        // Only an answer shows that a check was genuine: from an address that it sends to str0m
        // takes anything, of whatever protocol (0.25, `Rtc::accepts`), and drops what is forged
        // without a word.
        let remote = datagram.remote();
        let answered = |output: &Output| matches!(output, Output::Transmit(transmit) if transmit.proto == remote.protocol && transmit.destination == remote.address);
        if taken == Some(true) && stun && self.out.iter().skip(said).any(answered) {
            self.note_address(whom, remote);
        }
    }

    fn note_address(&mut self, whom: Whom, remote: Remote) {
        // The room may have come to its end with the check.
        let Some(room) = self.rooms.get_mut(&whom.room) else {
            return;
        };
        if let Some(oldest) = room.reached_at(whom.transport, remote) {
            self.forget_address(oldest, Some(whom.transport));
        }
        self.addresses.insert(remote, whom);
    }

    /// The address may belong to somebody else by this time: the next transport of the same page.
    fn forget_address(&mut self, remote: Remote, of: Option<TransportKey>) {
        if self.addresses.get(&remote).map(|whom| whom.transport) == of {
            self.addresses.remove(&remote);
        }
    }

    fn wake(&mut self, now: Instant) {
        let due: Vec<RoomKey> = self
            .deadlines
            .range(..=(now, RoomKey(u64::MAX)))
            .map(|(_, key)| *key)
            .collect();
        for key in due {
            let over = self.in_room(key, now, |room, sink| {
                room.tick(now, sink);
                room.is_over(now)
            });
            if over == Some(true) {
                self.forget(key);
            }
        }
        self.tell_who_is_left(now);
    }

    /// While it drains: the host hears of the next room's people, who would be better off with
    /// another relay.
    fn tell_who_is_left(&mut self, now: Instant) {
        let rooms = &self.rooms;
        let after = |last: Option<RoomKey>| {
            let after = last.map_or(Bound::Unbounded, Bound::Excluded);
            rooms
                .range((after, Bound::Unbounded))
                .find(|(_, room)| room.stays())
                .map(|(key, _)| *key)
        };
        let Some(key) = self.leaving.take(now, after) else {
            return;
        };
        let Some(room) = self.rooms.get(&key) else {
            return;
        };
        let relay = self.config.relay;
        let session = room.session();
        for there in room.participants().filter(|there| there.connected) {
            self.out.push_back(Output::Say(RelaySays::Leaving {
                relay,
                session,
                seat: there.seat,
                page: there.page,
            }));
        }
    }

    fn hear(&mut self, hears: RelayHears, now: Instant) {
        match hears {
            RelayHears::Welcome { .. } => {}
            RelayHears::Offer {
                session,
                epoch,
                seat,
                page,
                attempt,
                speaks,
                sdp,
            } => {
                let offered = Offered {
                    session,
                    epoch,
                    seat,
                    page,
                    attempt,
                    speaks,
                    sdp,
                };
                match self.offer(&offered, now) {
                    Ok(answer) => {
                        self.counters.offers_answered += 1;
                        self.out
                            .push_back(Output::Say(offered.answer(self.config.relay, answer)));
                    }
                    Err(why) => {
                        self.counters.offers_refused += 1;
                        tracing::info!(session.id = %session, ?seat, ?why, "offer refused");
                        self.out
                            .push_back(Output::Say(offered.refusal(self.config.relay, why)));
                    }
                }
            }
            RelayHears::Promote {
                session,
                epoch,
                seat,
                page,
            } => {
                if let Some(key) = self.sessions.get(&session).copied() {
                    self.in_room(key, now, |room, sink| {
                        if epoch >= room.epoch {
                            room.epoch = epoch;
                            room.promote(seat, page, now, sink);
                        }
                    });
                }
            }
            RelayHears::Close { session, epoch } => {
                // A close that comes late must not end the room that a later assignment gave back.
                let known = self.sessions.get(&session);
                let room = known.and_then(|key| self.rooms.get(key));
                let Some(room) = room.filter(|room| epoch >= room.epoch) else {
                    return;
                };
                // A call that moves away from a draining relay has its next leg there only in a
                // moment.
                let moves = self.draining && room.participants().any(|there| there.connected);
                match known.copied().filter(|_| moves) {
                    Some(key) => {
                        self.in_room(key, now, |room, _| room.leave_by(now + OVERLAP));
                    }
                    None => self.close(session, false, now),
                }
            }
        }
    }

    fn offer(&mut self, offered: &Offered, now: Instant) -> Result<Sdp, OfferRefusal> {
        let Offered { seat, page, .. } = *offered;
        if self.config.media.is_empty() {
            return Err(OfferRefusal::Full);
        }
        let known = self.sessions.get(&offered.session).copied();
        if let Some(room) = known.and_then(|key| self.rooms.get_mut(&key)) {
            if offered.epoch < room.epoch {
                return Err(OfferRefusal::OldEpoch);
            }
            room.epoch = offered.epoch;
            room.stay();
            if let Some(earlier) = room.transport(seat, page)
                && earlier.answered(offered.attempt, &offered.sdp)
            {
                return Ok(earlier.answer.clone());
            }
        } else if self.draining || self.rooms.len() >= self.config.rooms_max {
            return Err(OfferRefusal::Full);
        }
        let making = Making {
            key: TransportKey(self.next_key()),
            seat,
            page,
            attempt: offered.attempt,
            sdp: &offered.sdp,
            media: &self.config.media,
            certificate: &self.config.certificate,
        };
        let participant = Participant::answer(&making, now).map_err(|fault| {
            tracing::debug!(session.id = %offered.session, %fault, "offer is not acceptable");
            OfferRefusal::Unacceptable
        })?;
        let answer = participant.answer.clone();
        let room = known.unwrap_or_else(|| self.open(offered, now));
        let transport = participant.key;
        self.ufrags
            .insert(participant.ufrag.clone(), Whom { room, transport });
        let entered = self.in_room(room, now, |room, sink| {
            room.enter(participant, offered.speaks, now, sink);
        });
        entered.map(|()| answer).ok_or(OfferRefusal::Full)
    }

    fn open(&mut self, offered: &Offered, now: Instant) -> RoomKey {
        let key = RoomKey(self.next_key());
        self.rooms
            .insert(key, Room::new(offered.session, offered.epoch, now));
        self.sessions.insert(offered.session, key);
        tracing::info!(session.id = %offered.session, "room opened");
        key
    }

    fn close(&mut self, session: SessionId, say: bool, now: Instant) {
        let Some(key) = self.sessions.get(&session).copied() else {
            return;
        };
        self.in_room(key, now, |room, sink| {
            let pages: Vec<(Seat, PageId)> = room.pages().collect();
            room.close(now, sink);
            for (seat, page) in pages.into_iter().filter(|_| say) {
                sink.gone(session, seat, page);
            }
        });
        self.forget(key);
    }

    /// Lets one room do something. A panic ends that room: `None`, and everybody in it is gone.
    fn in_room<T>(
        &mut self,
        key: RoomKey,
        now: Instant,
        act: impl FnOnce(&mut Room, &mut Sink<'_>) -> T,
    ) -> Option<T> {
        let room = self.rooms.get_mut(&key)?;
        let mut sink = Sink {
            out: &mut self.out,
            counters: &mut self.counters,
            forgotten: &mut self.forgotten,
        };
        // Whatever the room half did is dropped with it; the queues of the house hold whole values
        // only.
        let acted = catch_unwind(AssertUnwindSafe(|| {
            let acted = act(room, &mut sink);
            (acted, room.deadline(now))
        }));
        match acted {
            Ok((acted, deadline)) => {
                self.set_deadline(key, deadline);
                self.forget_transports();
                Some(acted)
            }
            Err(_) => {
                let session = room.session();
                for (seat, page) in room.pages() {
                    sink.gone(session, seat, page);
                }
                tracing::error!(session.id = %session, "room ended by a panic");
                self.counters.rooms_panicked += 1;
                self.forget(key);
                None
            }
        }
    }

    fn set_deadline(&mut self, key: RoomKey, deadline: Option<Instant>) {
        let earlier = self.deadline_of.get(&key).copied();
        if earlier == deadline {
            return;
        }
        if let Some(at) = earlier {
            self.deadlines.remove(&(at, key));
        }
        match deadline {
            Some(at) => {
                self.deadlines.insert((at, key));
                self.deadline_of.insert(key, at);
            }
            None => {
                self.deadline_of.remove(&key);
            }
        }
    }

    fn forget(&mut self, key: RoomKey) {
        self.set_deadline(key, None);
        if let Some(room) = self.rooms.remove(&key) {
            self.sessions.remove(&room.session());
            for participant in room.participants() {
                self.forgotten
                    .push((participant.ufrag.clone(), participant.addresses.clone()));
            }
            tracing::info!(session.id = %room.session(), "room closed");
        }
        self.forget_transports();
    }

    fn forget_transports(&mut self) {
        for (ufrag, addresses) in std::mem::take(&mut self.forgotten) {
            let gone = self.ufrags.remove(&ufrag).map(|whom| whom.transport);
            for address in addresses {
                self.forget_address(address, gone);
            }
        }
    }

    fn next_key(&mut self) -> u64 {
        self.keys += 1;
        self.keys
    }

    #[cfg(test)]
    pub(crate) fn ufrag_of_somebody(&self) -> String {
        self.ufrags.keys().next().unwrap().clone()
    }

    #[cfg(test)]
    pub(crate) fn plant(&mut self, session: SessionId, planted: fn(&[u8]) -> bool) {
        let key = self.sessions[&session];
        self.rooms.get_mut(&key).unwrap().planted = Some(planted);
    }
}

struct Offered {
    session: SessionId,
    epoch: u32,
    seat: Seat,
    page: PageId,
    attempt: u32,
    speaks: bool,
    sdp: Sdp,
}

impl Offered {
    fn answer(&self, relay: RelayId, sdp: Sdp) -> RelaySays {
        RelaySays::Answer {
            relay,
            session: self.session,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            sdp,
        }
    }

    fn refusal(&self, relay: RelayId, why: OfferRefusal) -> RelaySays {
        RelaySays::Refused {
            relay,
            session: self.session,
            seat: self.seat,
            page: self.page,
            attempt: self.attempt,
            why,
        }
    }
}
