//! One session's room: in each seat one page that speaks and a few that wait as guests.

use std::time::{Duration, Instant};

use sightline_wire::{GoneWhy, PageId, Seat, SessionId};
use str0m::channel::ChannelData;

use crate::deadlines::Deadline;
use crate::demux;
use crate::io::{Datagram, Remote, TransportKey};
use crate::participant::{CONNECT_WITHIN, Moving, Participant, ParticipantEvent, Receipt};
use crate::roster::Roster;
use crate::route;
use crate::sink::{RemovedTransport, Sink};

/// Most guests of a seat. A further one takes the place of the oldest.
pub(crate) const GUESTS_MAX: usize = 3;
/// How long a room without participants is kept, for its epoch and its holders.
pub(crate) const EMPTY_FOR: Duration = Duration::from_secs(60);
/// How long a call that moves to another relay goes on here: its pages need a moment to connect
/// there.
pub(crate) const OVERLAP: Duration = Duration::from_secs(5);

/// One session's room.
pub(crate) struct Room {
    session: SessionId,
    pub(crate) epoch: u32,
    roster: Roster,
    empty_since: Option<Instant>,
    /// When beats and feedback are due, as far as nothing changes.
    due_at: Option<Instant>,
    /// The room is assigned to another relay. What is left of it here ends at this time.
    leaves_by: Option<Instant>,
    /// Panics on a datagram that it returns true for.
    #[cfg(test)]
    pub(crate) planted: Option<fn(&[u8]) -> bool>,
}

impl Room {
    pub(crate) fn new(session: SessionId, epoch: u32, now: Instant) -> Self {
        Self {
            session,
            epoch,
            roster: Roster::default(),
            empty_since: Some(now),
            due_at: None,
            leaves_by: None,
            #[cfg(test)]
            planted: None,
        }
    }

    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    pub(crate) fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.roster.iter()
    }

    /// One of the transports.
    pub(crate) fn participant(&self, key: TransportKey) -> Option<&Participant> {
        self.roster.get(key)
    }

    /// Every page with its seat, once.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (Seat, PageId)> {
        let newest =
            |p: &&Participant| self.transport(p.seat, p.page).map(|p| p.key) == Some(p.key);
        self.participants().filter(newest).map(|p| (p.seat, p.page))
    }

    /// Whether a page is connected.
    pub(crate) fn is_in_use(&self) -> bool {
        self.participants().any(|p| p.connected)
    }

    /// The newest transport of a page.
    fn transport(&self, seat: Seat, page: PageId) -> Option<&Participant> {
        self.roster.of_page(seat, page).next_back()
    }

    /// The transports of a page.
    pub(crate) fn transports(
        &self,
        seat: Seat,
        page: PageId,
    ) -> impl Iterator<Item = &Participant> {
        self.roster.of_page(seat, page)
    }

    /// Whether two transports are of one page.
    pub(crate) fn are_siblings(&self, one: TransportKey, other: TransportKey) -> bool {
        self.roster.siblings(one).contains(&other)
    }

    /// Adds a page's new transport. An earlier one that serves does so until the new one is
    /// connected; any other is removed. A page that holds its seat speaks; the number says
    /// which holder it is ([`Roster::set_holder`]).
    pub(crate) fn enter(
        &mut self,
        participant: Participant,
        speaks: Option<u32>,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let (key, seat, page) = (participant.key, participant.seat, participant.page);
        if let Some(since) = speaks {
            self.roster.set_holder(seat, page, since);
        }
        self.roster.add(participant);
        for earlier in self.roster.siblings(key) {
            let connected = self.roster.get(earlier).is_some_and(|p| p.connected);
            if !connected || !self.roster.speaks(earlier) {
                self.remove(earlier, now, sink);
            }
        }
        self.empty_since = None;
        self.limit_guests(seat, now, sink);
        self.roster.drain(key, now, sink);
        self.settle(now, sink);
    }

    /// Gives the seat to a page.
    pub(crate) fn promote(
        &mut self,
        seat: Seat,
        page: PageId,
        since: u32,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        self.roster.set_holder(seat, page, since);
        route::request_keyframes(&mut self.roster);
        self.limit_guests(seat, now, sink);
        self.settle(now, sink);
    }

    /// Handles a datagram for one of the transports. After media [`Self::settle_media`] must
    /// follow, once for all of a batch.
    pub(crate) fn receive(
        &mut self,
        key: TransportKey,
        datagram: &Datagram<'_>,
        now: Instant,
        sink: &mut Sink<'_>,
    ) -> Receipt {
        #[cfg(test)]
        if self.planted.is_some_and(|planted| planted(datagram.bytes)) {
            panic!("planted");
        }
        let Some(participant) = self.roster.get_mut(key) else {
            return Receipt::Foreign;
        };
        let receipt = participant.receive(datagram, now);
        if receipt != Receipt::Taken {
            return receipt;
        }
        let succeeds = participant.moving.succeeds;
        let recovered = participant.note_activity(now);
        let is_rtp = demux::is_rtp(datagram.bytes);
        if recovered {
            self.roster.push_event(key, ParticipantEvent::Recovered);
        }
        if is_rtp && let Some(packet) = self.roster.take_packet(key, now, sink) {
            if succeeds {
                self.end_earlier(key, now, sink);
            }
            route::forward_packet(&mut self.roster, key, &packet, now, sink);
            self.roster.mark_taken(key, now);
            return receipt;
        }
        self.roster.mark(key);
        if !demux::is_media(datagram.bytes) {
            self.settle(now, sink);
        }
        Receipt::Taken
    }

    /// Lets a transport say what it kept for later. Must be followed by [`Self::receive`].
    pub(crate) fn drain(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        self.roster.drain(key, now, sink);
    }

    /// Charges processor time to a transport. One that takes more than its share for seconds ends.
    pub(crate) fn charge(
        &mut self,
        key: TransportKey,
        time: Duration,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let participant = self.roster.get_mut(key);
        if participant.is_some_and(|p| p.work.note(time, now)) {
            self.end(key, GoneWhy::Work, now, sink);
            self.settle(now, sink);
        }
    }

    /// Notes a validated address of a transport. Returns the address it replaces.
    pub(crate) fn add_address(&mut self, key: TransportKey, address: Remote) -> Option<Remote> {
        self.roster.get_mut(key)?.add_address(address)
    }

    /// Does everything that is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for key in self.roster.keys() {
            let Some(participant) = self.roster.get_mut(key) else {
                continue;
            };
            if !participant.connected && now >= participant.made_at + CONNECT_WITHIN {
                self.roster.push_event(key, ParticipantEvent::Gone);
            } else if participant.moving.retires_at.is_some_and(|at| at <= now) {
                self.let_go(key, None, now, sink);
            } else if participant.timeout_at <= now {
                participant.handle_timeout(now);
                self.roster.drain(key, now, sink);
            }
        }
        self.settle(now, sink);
        if self.leaves_by.is_some_and(|at| at <= now) {
            self.close(now, sink);
        }
    }

    /// Closes every transport, so that pages notice at once.
    pub(crate) fn close(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for key in self.roster.keys() {
            if let Some(participant) = self.roster.get_mut(key)
                && participant.rtc.close().is_ok()
            {
                self.roster.drain(key, now, sink);
            }
            self.remove(key, now, sink);
        }
        self.roster.clear_events();
    }

    /// The room is assigned to another relay from here on. Media flows until the pages are gone, at
    /// the latest until `at`. Beats end at once, which tells pages that this path has no future.
    pub(crate) fn leave_by(&mut self, at: Instant) {
        self.leaves_by.get_or_insert(at);
    }

    /// The room is assigned to this relay again.
    pub(crate) fn stay(&mut self) {
        self.leaves_by = None;
    }

    /// Whether the room is assigned to this relay.
    pub(crate) fn stays(&self) -> bool {
        self.leaves_by.is_none()
    }

    /// When [`Self::handle_timeout`] is due next.
    pub(crate) fn deadline(&self) -> Option<Deadline> {
        if let Some(since) = self.empty_since {
            return Some(Deadline::at(if self.stays() {
                since + EMPTY_FOR
            } else {
                since
            }));
        }
        let of = |p: &Participant| match p.moving.retires_at {
            _ if !p.connected => Deadline::at(p.timeout_at.min(p.made_at + CONNECT_WITHIN)),
            Some(at) => p.wakes().min(Deadline::at(at)),
            None => p.wakes(),
        };
        let due = self.due_at.into_iter().chain(self.leaves_by);
        let due = due.map(Deadline::at);
        self.participants().map(of).chain(due).reduce(Deadline::min)
    }

    /// When [`Self::send_due`] has something to send next.
    fn next_due(&self, now: Instant) -> Option<Instant> {
        let of = |p: &Participant| {
            let beat = self.stays().then_some(p.beat_at);
            let feedback = route::feedback_due(&self.roster, p, now);
            feedback.into_iter().chain(beat).min()
        };
        self.participants()
            .filter(|p| p.connected)
            .filter_map(of)
            .min()
    }

    /// Whether the room has been empty for long enough to be forgotten.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.empty_since
            .is_some_and(|since| !self.stays() || now >= since + EMPTY_FOR)
    }

    /// Sends what the endpoints have to send after a batch of media, and what follows from it.
    pub(crate) fn settle_media(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let is_due = self.due_at.is_some_and(|at| at <= now);
        self.settle_with(is_due, now, sink);
    }

    /// The same, and what may have become due.
    fn settle(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.settle_with(true, now, sink);
    }

    fn settle_with(&mut self, mut has_news: bool, now: Instant, sink: &mut Sink<'_>) {
        loop {
            self.roster.drain_marked(now, sink);
            has_news |= self.roster.take_news();
            while let Some((key, event)) = self.roster.next_event() {
                self.handle_event(key, event, now, sink);
                has_news = true;
            }
            if std::mem::take(&mut has_news) {
                self.send_due(now, sink);
            }
            if !self.roster.has_work() {
                break;
            }
        }
    }

    fn handle_event(
        &mut self,
        key: TransportKey,
        event: ParticipantEvent,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        match event {
            ParticipantEvent::Media(packet) => {
                self.end_earlier(key, now, sink);
                route::forward_packet(&mut self.roster, key, &packet, now, sink);
            }
            ParticipantEvent::Message(data) => self.take_message(key, &data, now, sink),
            ParticipantEvent::NeedsKeyframe(source) => {
                if self.roster.speaks(key)
                    && let Some(sender) = self.roster.speaker_mut(source)
                {
                    sender.keyframes.request();
                }
            }
            ParticipantEvent::Connected => {
                self.roster.take_over(key, now);
                route::request_keyframes(&mut self.roster);
            }
            ParticipantEvent::Recovered => {
                if let Some(participant) = self.roster.get_mut(key) {
                    participant.reset_link_estimate();
                    self.roster.drain(key, now, sink);
                }
                route::request_keyframes(&mut self.roster);
            }
            ParticipantEvent::Gone => self.let_go(key, None, now, sink),
        }
    }

    /// Forwards a message of a page. Beyond what a page may send, one on `live` is dropped, and one
    /// on `sure`, which may not be lost, ends the transport.
    fn take_message(
        &mut self,
        key: TransportKey,
        data: &ChannelData,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.gate.admits_message(now) {
            route::forward_message(&mut self.roster, key, data, now, sink);
            return;
        }
        sink.counters.messages_dropped += 1;
        if participant.channels.is_sure(data.id) {
            self.end(key, GoneWhy::Messages, now, sink);
        }
    }

    /// Ends the transport of a page that did too much, so that the page notices at once.
    pub(crate) fn end(
        &mut self,
        key: TransportKey,
        why: GoneWhy,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        if let Some(participant) = self.roster.get_mut(key)
            && participant.rtc.close().is_ok()
        {
            self.roster.drain(key, now, sink);
        }
        self.let_go(key, Some(why), now, sink);
    }

    /// Removes a transport. Its page is gone if it has no other; one that did too much loses all.
    fn let_go(
        &mut self,
        key: TransportKey,
        why: Option<GoneWhy>,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let page = self.roster.get(key).map(|p| (p.seat, p.page));
        for sibling in self.roster.siblings(key) {
            if why.is_some() {
                self.remove(sibling, now, sink);
            } else if let Some(sibling) = self.roster.get_mut(sibling) {
                // It serves alone from here on.
                sibling.moving = Moving::default();
            }
        }
        self.remove(key, now, sink);
        if let Some((seat, page)) = page
            && self.transport(seat, page).is_none()
        {
            tracing::info!(session.id = %self.session, ?seat, ?why, "participant is gone");
            sink.gone(seat, page, why);
        }
    }

    /// Sends key frame requests, bitrate ceilings, beats and waiting messages that are due.
    fn send_due(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for seat in Seat::ALL {
            route::send_feedback(&mut self.roster, seat, now, sink);
        }
        let stays = self.stays();
        let beat_is_due = |p: &&Participant| stays && p.connected && p.beat_at <= now;
        // Collecting allocates only if there is something to collect, which is seldom.
        let due: Vec<TransportKey> = self
            .participants()
            .filter(beat_is_due)
            .map(|p| p.key)
            .collect();
        for key in due {
            route::send_beat(&mut self.roster, key, now, sink);
        }
        self.due_at = self.next_due(now);
    }

    /// Ends the earlier transports of a page whose newest brought its first packet.
    fn end_earlier(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        let successor = self.roster.get_mut(key);
        if successor.is_some_and(|p| std::mem::take(&mut p.moving.succeeds)) {
            for sibling in self.roster.siblings(key) {
                // A newer one may be on its way already.
                let retires = self.roster.get(sibling).and_then(|p| p.moving.retires_at);
                if retires.is_some() {
                    self.remove(sibling, now, sink);
                }
            }
        }
    }

    fn limit_guests(&mut self, seat: Seat, now: Instant, sink: &mut Sink<'_>) {
        for page in self.roster.excess_guests(seat, GUESTS_MAX) {
            let transports: Vec<_> = self.transports(seat, page).map(|p| p.key).collect();
            for key in transports {
                self.remove(key, now, sink);
            }
            sink.gone(seat, page, None);
        }
    }

    fn remove(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        if let Some(Participant {
            ufrag, addresses, ..
        }) = self.roster.remove(key)
        {
            sink.removed.push(RemovedTransport { ufrag, addresses });
        }
        if self.roster.is_empty() && self.empty_since.is_none() {
            self.empty_since = Some(now);
        }
    }
}
