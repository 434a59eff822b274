//! One session's room: two seats, in each one page that speaks and a few that wait as guests.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use sightline_wire::{Beat, PageId, Seat, SessionId};
use str0m::channel::ChannelData;
use str0m::rtp::{RtpPacket, RtpWrite};

use crate::forward::{Feed, Queue, Verdict, VideoPacket};
use crate::io::{Datagram, Remote, TransportKey};
use crate::participant::{BEAT_EVERY, CONNECT_WITHIN, Happening, Participant};
use crate::rate;
use crate::sink::Sink;

/// Most guests of a seat; a further one takes the place of the oldest.
pub(crate) const GUESTS_MAX: usize = 3;
/// A room without participants is kept for so long: its epoch and who held the seats.
pub(crate) const EMPTY_FOR: Duration = Duration::from_secs(60);

/// How long a call that moves to another relay is carried on: until its pages have their next leg,
/// but not for ever.
pub(crate) const OVERLAP: Duration = Duration::from_secs(5);

/// One of something for each seat.
#[derive(Debug, Default)]
struct BySeat<T> {
    agent: T,
    customer: T,
}

impl<T> BySeat<T> {
    fn of(&self, seat: Seat) -> &T {
        match seat {
            Seat::Agent => &self.agent,
            Seat::Customer => &self.customer,
        }
    }

    fn of_mut(&mut self, seat: Seat) -> &mut T {
        match seat {
            Seat::Agent => &mut self.agent,
            Seat::Customer => &mut self.customer,
        }
    }
}

/// One session's room.
pub(crate) struct Room {
    session: SessionId,
    pub(crate) epoch: u32,
    participants: BTreeMap<TransportKey, Participant>,
    /// The page that holds each seat, also while it has no transport.
    holders: BySeat<Option<PageId>>,
    /// The transport of that page.
    speaking: BySeat<Option<TransportKey>>,
    empty_since: Option<Instant>,
    /// The room is with another relay, and what is left here ends at this time.
    leaves_by: Option<Instant>,
    happened: VecDeque<(TransportKey, Happening)>,
    /// Blows up when it sees a datagram it was made for.
    #[cfg(test)]
    pub(crate) planted: Option<fn(&[u8]) -> bool>,
}

impl Room {
    pub(crate) fn new(session: SessionId, epoch: u32, now: Instant) -> Self {
        Self {
            session,
            epoch,
            participants: BTreeMap::new(),
            holders: BySeat::default(),
            speaking: BySeat::default(),
            empty_since: Some(now),
            leaves_by: None,
            happened: VecDeque::new(),
            #[cfg(test)]
            planted: None,
        }
    }

    pub(crate) fn session(&self) -> SessionId {
        self.session
    }

    /// Everybody in it: seat and page, for saying farewell.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (Seat, PageId)> {
        self.participants.values().map(|p| (p.seat, p.page))
    }

    pub(crate) fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.participants.values()
    }

    /// The transport of a page.
    pub(crate) fn transport(&self, seat: Seat, page: PageId) -> Option<&Participant> {
        self.participants
            .values()
            .find(|p| p.seat == seat && p.page == page)
    }

    /// A page with a new transport comes in, in place of its earlier one.
    pub(crate) fn enter(
        &mut self,
        participant: Participant,
        speaks: bool,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let (key, seat, page) = (participant.key, participant.seat, participant.page);
        if let Some(earlier) = self.transport(seat, page).map(|p| p.key) {
            self.remove(earlier, now, sink);
        }
        if speaks {
            *self.holders.of_mut(seat) = Some(page);
        }
        self.participants.insert(key, participant);
        self.empty_since = None;
        self.find_speakers();
        self.limit_guests(seat, now, sink);
        self.drain(key, now, sink);
        self.settle(now, sink);
    }

    /// A page takes the seat.
    pub(crate) fn promote(&mut self, seat: Seat, page: PageId, now: Instant, sink: &mut Sink<'_>) {
        *self.holders.of_mut(seat) = Some(page);
        self.find_speakers();
        self.want_pictures();
        self.limit_guests(seat, now, sink);
        self.settle(now, sink);
    }

    /// A datagram for one of the transports. Says whether the transport took it.
    pub(crate) fn receive(
        &mut self,
        key: TransportKey,
        datagram: &Datagram<'_>,
        now: Instant,
        sink: &mut Sink<'_>,
    ) -> bool {
        #[cfg(test)]
        if self.planted.is_some_and(|planted| planted(datagram.bytes)) {
            panic!("planted");
        }
        let Some(participant) = self.participants.get_mut(&key) else {
            return false;
        };
        if !participant.receive(datagram, now) {
            return false;
        }
        if participant.heard(now) {
            self.happened.push_back((key, Happening::Back));
        }
        self.drain(key, now, sink);
        self.settle(now, sink);
        true
    }

    /// Notes a validated address of a transport. Returns the address it replaces.
    pub(crate) fn reached_at(&mut self, key: TransportKey, address: Remote) -> Option<Remote> {
        self.participants.get_mut(&key)?.reached_at(address)
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let keys: Vec<TransportKey> = self.participants.keys().copied().collect();
        for key in keys {
            let Some(participant) = self.participants.get_mut(&key) else {
                continue;
            };
            if !participant.connected && now >= participant.made_at + CONNECT_WITHIN {
                self.happened.push_back((key, Happening::Died));
            } else if participant.wake_at <= now {
                if let Err(error) = participant.rtc.handle_input(str0m::Input::Timeout(now)) {
                    tracing::debug!(%error, "endpoint could not go on");
                }
                self.drain(key, now, sink);
            }
        }
        self.settle(now, sink);
        if self.leaves_by.is_some_and(|at| at <= now) {
            self.close(now, sink);
        }
    }

    /// Closes every transport, so that pages notice at once.
    pub(crate) fn close(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let keys: Vec<TransportKey> = self.participants.keys().copied().collect();
        for key in keys {
            if let Some(participant) = self.participants.get_mut(&key)
                && participant.rtc.close().is_ok()
            {
                self.drain(key, now, sink);
            }
            self.remove(key, now, sink);
        }
        self.happened.clear();
    }

    /// The room is with another relay from here on. Media flows until everybody went, or until this
    /// time; but the beats end, by which pages see that this leg of the call has no future.
    pub(crate) fn leave_by(&mut self, at: Instant) {
        self.leaves_by.get_or_insert(at);
    }

    /// The room came back.
    pub(crate) fn stay(&mut self) {
        self.leaves_by = None;
    }

    /// Whether the room is with this relay.
    pub(crate) fn stays(&self) -> bool {
        self.leaves_by.is_none()
    }

    /// When [`Self::tick`] is due next.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        if let Some(since) = self.empty_since {
            return Some(if self.stays() {
                since + EMPTY_FOR
            } else {
                since
            });
        }
        let of = |p: &Participant| {
            if !p.connected {
                return p.wake_at.min(p.made_at + CONNECT_WITHIN);
            }
            let keyframe = p
                .video_in
                .filter(|_| self.speaks(p.key))
                .and_then(|_| p.keyframes.due(now));
            let ceiling = self.ceiling_for(p).map(|c| p.told.due(c, now));
            let beat = self.stays().then_some(p.beat_at);
            [keyframe, ceiling, beat]
                .into_iter()
                .flatten()
                .fold(p.wake_at, Instant::min)
        };
        self.participants
            .values()
            .map(of)
            .chain(self.leaves_by)
            .min()
    }

    /// Whether nobody has been here for so long that nothing is worth keeping.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.empty_since
            .is_some_and(|since| !self.stays() || now >= since + EMPTY_FOR)
    }

    fn drain(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        if let Some(participant) = self.participants.get_mut(&key) {
            let happened = &mut self.happened;
            participant.drain(
                now,
                &mut |key, happening| happened.push_back((key, happening)),
                &mut |output| sink.out.push_back(output),
            );
        }
    }

    /// Carries on until nothing more follows from what happened, then does what is due.
    fn settle(&mut self, now: Instant, sink: &mut Sink<'_>) {
        loop {
            while let Some((key, happening)) = self.happened.pop_front() {
                self.consider(key, happening, now, sink);
            }
            self.tend(now, sink);
            if self.happened.is_empty() {
                break;
            }
        }
    }

    fn consider(
        &mut self,
        key: TransportKey,
        happening: Happening,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        match happening {
            Happening::Media(packet) => self.forward(key, *packet, now, sink),
            Happening::Message(data) => self.pass_on(key, data, now, sink),
            Happening::NeedsKeyframe => {
                if let Some(from) = self.other_speaker(key) {
                    self.want_picture(from);
                }
            }
            Happening::Connected => self.want_pictures(),
            Happening::Back => {
                if let Some(participant) = self.participants.get_mut(&key) {
                    participant.measure_anew();
                    self.drain(key, now, sink);
                }
                self.want_pictures();
            }
            Happening::Died => {
                let page = self.participants.get(&key).map(|p| (p.seat, p.page));
                self.remove(key, now, sink);
                if let Some((seat, page)) = page {
                    tracing::info!(session.id = %self.session, ?seat, "participant is gone");
                    sink.gone(self.session, seat, page);
                }
            }
        }
    }

    /// Media of one speaker goes to the other. Everybody else's ends here.
    fn forward(
        &mut self,
        from: TransportKey,
        packet: RtpPacket,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let Some(source) = self.participants.get_mut(&from) else {
            return;
        };
        let Some(params) = source.sends(&packet) else {
            sink.counters.packets_dropped += 1;
            return;
        };
        let codec = params.spec().codec;
        let ssrc = packet.header.ssrc;
        if !codec.is_audio() {
            source.video_in = Some(ssrc);
        }
        let Some(to) = self.other_speaker(from) else {
            sink.counters.packets_dropped += 1;
            return;
        };
        let Some(receiver) = self.participants.get_mut(&to).filter(|p| p.connected) else {
            sink.counters.packets_dropped += 1;
            return;
        };
        let Some(own) = receiver.takes(params) else {
            sink.counters.packets_dropped += 1;
            return;
        };
        let section = receiver.section(codec);
        let mut direct = receiver.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(section, None) else {
            sink.counters.packets_dropped += 1;
            return;
        };
        let feed = Feed { from, ssrc };
        let clock = params.spec().clock_rate.get();
        let (seq, time) = (*packet.seq_no, packet.header.timestamp);
        let verdict = if codec.is_audio() {
            receiver.audio_out.audio(feed, seq, time, clock, now)
        } else {
            let queue = stream.queue_info().map_or(Queue::default(), |info| Queue {
                packets: info.packet_count(),
                age_ms: info
                    .first_unsent()
                    .map_or(0, |at| now.saturating_duration_since(at).as_millis()),
            });
            let packet = VideoPacket {
                codec,
                clock,
                seq,
                time,
                payload: &packet.payload,
            };
            receiver.video_out.video(feed, packet, queue, now)
        };
        let (seq, time) = match verdict {
            Verdict::Forward { seq, time } => (seq, time),
            Verdict::Drop => {
                sink.counters.packets_dropped += 1;
                return;
            }
            Verdict::DropAndAsk => {
                sink.counters.packets_dropped += 1;
                if let Some(source) = self.participants.get_mut(&from) {
                    source.keyframes.want_if_unanswered(now);
                }
                return;
            }
        };
        let mut ext_vals = packet.header.ext_vals;
        // These name streams of the sender's session; str0m writes the receiver's own.
        ext_vals.mid = None;
        ext_vals.rid = None;
        ext_vals.rid_repair = None;
        let write = RtpWrite::new(own.pt(), seq.into(), time, packet.timestamp, packet.payload)
            .marker(packet.header.marker)
            .ext_vals(ext_vals)
            // Audio only where the receiver can ask for it at all, which no browser offers by
            // itself.
            .nackable(!codec.is_audio() || own.fb_nack());
        stream.write_rtp(write);
        sink.counters.packets_forwarded += 1;
        self.drain(to, now, sink);
    }

    /// A text of one speaker goes to the other on the channel of the same label.
    fn pass_on(
        &mut self,
        from: TransportKey,
        data: ChannelData,
        now: Instant,
        sink: &mut Sink<'_>,
    ) {
        let label = self
            .participants
            .get(&from)
            .and_then(|p| p.channels.passes(data.id, data.binary, &data.data));
        let (Some(label), Some(to)) = (label, self.other_speaker(from)) else {
            sink.counters.messages_dropped += 1;
            return;
        };
        let Some(receiver) = self.participants.get_mut(&to) else {
            return;
        };
        let bytes = data.data.len();
        if receiver
            .channels
            .send_text(&mut receiver.rtc, label, data.data)
        {
            sink.counters.messages_forwarded += 1;
        } else {
            sink.counters.messages_dropped += 1;
            tracing::trace!(session.id = %self.session, ?label, bytes, "message dropped");
        }
        self.drain(to, now, sink);
    }

    /// Everything that has its time: key-frame requests, ceilings, beats, messages that waited.
    fn tend(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for seat in Seat::ALL {
            let Some(key) = *self.speaking.of(seat) else {
                continue;
            };
            self.tell_sender(key, now, sink);
        }
        let stays = self.stays();
        let beats_due = |p: &&Participant| stays && p.connected && p.beat_at <= now;
        if !self.participants.values().any(|p| beats_due(&p)) {
            return;
        }
        let due: Vec<TransportKey> = self
            .participants
            .values()
            .filter(beats_due)
            .map(|p| p.key)
            .collect();
        for key in due {
            self.beat(key, now, sink);
        }
    }

    fn tell_sender(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        let Some(ceiling) = self
            .participants
            .get(&key)
            .map(|sender| self.ceiling_for(sender))
        else {
            return;
        };
        let Some(sender) = self.participants.get_mut(&key) else {
            return;
        };
        if sender.video_in.is_some() && sender.keyframes.take(now) {
            if sender.request_keyframe() {
                sink.counters.keyframe_requests += 1;
            }
            self.drain(key, now, sink);
        }
        let Some(sender) = self.participants.get_mut(&key) else {
            return;
        };
        if let Some(ceiling) = ceiling.and_then(|c| sender.told.take(c, now)) {
            sender.request_ceiling(ceiling);
            self.drain(key, now, sink);
        }
    }

    fn beat(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        let speaks = self.speaks(key);
        let Some(seat) = self.participants.get(&key).map(|p| p.seat) else {
            return;
        };
        let connected = |seat| {
            let speaker = self.speaking.of(seat).as_ref();
            let speaker = speaker.and_then(|key| self.participants.get(key));
            speaker.is_some_and(|p| p.connected)
        };
        let other_here = seat.others().any(connected);
        let Some(participant) = self.participants.get_mut(&key) else {
            return;
        };
        let beat = Beat {
            beat: participant.beat,
            speaks,
            other_here,
            down_bps: participant.link_bps(),
        };
        participant.beat_at = now + BEAT_EVERY;
        let words = serde_json::to_vec(&beat).expect("a beat has only numbers and flags");
        if participant
            .channels
            .send_live(&mut participant.rtc, true, &words)
        {
            participant.beat = participant.beat.wrapping_add(1);
        }
        self.drain(key, now, sink);
        // Each message is a change of its own that str0m wants drained.
        while let Some(participant) = self.participants.get_mut(&key)
            && participant.channels.send_waiting(&mut participant.rtc)
        {
            self.drain(key, now, sink);
        }
    }

    /// What the video of a speaker may use: what the other speaker's link carries.
    fn ceiling_for(&self, sender: &Participant) -> Option<u32> {
        sender.video_in?;
        let receiver = self.participants.get(&self.other_speaker(sender.key)?)?;
        receiver.link_bps().map(rate::ceiling_bps)
    }

    fn speaks(&self, key: TransportKey) -> bool {
        Seat::ALL
            .iter()
            .any(|seat| *self.speaking.of(*seat) == Some(key))
    }

    /// The speaker across the table, if this one speaks.
    fn other_speaker(&self, key: TransportKey) -> Option<TransportKey> {
        if self.speaking.agent == Some(key) {
            self.speaking.customer
        } else if self.speaking.customer == Some(key) {
            self.speaking.agent
        } else {
            None
        }
    }

    fn want_picture(&mut self, from: TransportKey) {
        if let Some(sender) = self.participants.get_mut(&from) {
            sender.keyframes.want();
        }
    }

    /// A route is new or new again: both receivers need a whole picture to begin with.
    fn want_pictures(&mut self) {
        if let (Some(agent), Some(customer)) = (self.speaking.agent, self.speaking.customer) {
            self.want_picture(agent);
            self.want_picture(customer);
        }
    }

    fn find_speakers(&mut self) {
        for seat in Seat::ALL {
            let holder = *self.holders.of(seat);
            *self.speaking.of_mut(seat) =
                holder.and_then(|page| self.transport(seat, page).map(|p| p.key));
        }
    }

    fn limit_guests(&mut self, seat: Seat, now: Instant, sink: &mut Sink<'_>) {
        let speaking = *self.speaking.of(seat);
        // Keys count up, so the first is the oldest.
        let guests: Vec<(TransportKey, PageId)> = self
            .participants
            .values()
            .filter(|p| p.seat == seat && Some(p.key) != speaking)
            .map(|p| (p.key, p.page))
            .collect();
        let excess = guests.len().saturating_sub(GUESTS_MAX);
        for (key, page) in guests.into_iter().take(excess) {
            self.remove(key, now, sink);
            sink.gone(self.session, seat, page);
        }
    }

    fn remove(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        if let Some(participant) = self.participants.remove(&key) {
            sink.forgotten
                .push((participant.ufrag, participant.addresses));
        }
        self.find_speakers();
        if self.participants.is_empty() && self.empty_since.is_none() {
            self.empty_since = Some(now);
        }
    }
}
