//! The transports of a room, and which of them speaks for each seat.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use sightline_wire::{PageId, Seat, Seats};
use str0m::rtp::RtpPacket;

use crate::io::TransportKey;
use crate::participant::{Participant, ParticipantEvent};
use crate::sink::Sink;

/// The transports of a room. A page that holds its seat *speaks*; the others are guests.
#[derive(Default)]
pub(crate) struct Roster {
    participants: BTreeMap<TransportKey, Participant>,
    /// The page that holds each seat, with or without a transport.
    holders: Seats<Option<Holder>>,
    /// The transport of that page.
    speakers: Seats<Option<TransportKey>>,
    /// Events that the room has not handled yet.
    events: VecDeque<(TransportKey, ParticipantEvent)>,
    /// Participants whose endpoints changed since they were drained.
    marked: Vec<TransportKey>,
}

/// The page that holds a seat, and which of the seat's holders it is.
struct Holder {
    page: PageId,
    since: u32,
}

impl Roster {
    pub(crate) fn is_empty(&self) -> bool {
        self.participants.is_empty()
    }

    /// In the order of their offers.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Participant> {
        self.participants.values()
    }

    pub(crate) fn keys(&self) -> Vec<TransportKey> {
        self.participants.keys().copied().collect()
    }

    pub(crate) fn get(&self, key: TransportKey) -> Option<&Participant> {
        self.participants.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: TransportKey) -> Option<&mut Participant> {
        self.participants.get_mut(&key)
    }

    /// The transports of a page, in the order of its offers: usually one, and two while it moves
    /// from one to the next.
    pub(crate) fn of_page(
        &self,
        seat: Seat,
        page: PageId,
    ) -> impl DoubleEndedIterator<Item = &Participant> {
        let is_of_page = move |p: &&Participant| p.seat == seat && p.page == page;
        self.iter().filter(is_of_page)
    }

    /// The other transports of the same page.
    pub(crate) fn siblings(&self, key: TransportKey) -> Vec<TransportKey> {
        let page = self.get(key).map(|p| (p.seat, p.page));
        let page = page.into_iter();
        page.flat_map(|(seat, page)| self.of_page(seat, page))
            .map(|p| p.key)
            .filter(|other| *other != key)
            .collect()
    }

    pub(crate) fn add(&mut self, participant: Participant) {
        self.participants.insert(participant.key, participant);
        self.update_speakers();
    }

    pub(crate) fn remove(&mut self, key: TransportKey) -> Option<Participant> {
        let removed = self.participants.remove(&key);
        self.update_speakers();
        removed
    }

    /// Lets a transport that is connected take over from the earlier ones of its page, which are
    /// heard for a moment longer.
    pub(crate) fn take_over(&mut self, key: TransportKey, now: Instant) {
        let earlier = self.siblings(key);
        if let Some(successor) = self.participants.get_mut(&key) {
            successor.moving.succeeds = !earlier.is_empty();
        }
        for earlier in earlier {
            if let Some(earlier) = self.participants.get_mut(&earlier) {
                earlier.retire(now);
            }
        }
        self.update_speakers();
    }

    /// Gives the seat to a page, also to one that has no transport yet, unless a later holder is
    /// known: an offer or a promotion may be late. `since` is the host's count of the holders, or 0
    /// when it does not say.
    pub(crate) fn set_holder(&mut self, seat: Seat, page: PageId, since: u32) {
        let holder = self.holders.get_mut(seat);
        let known = holder.as_ref().map_or(0, |known| known.since);
        if since != 0 && since < known {
            return;
        }
        *holder = Some(Holder {
            page,
            since: known.max(since),
        });
        self.update_speakers();
    }

    fn update_speakers(&mut self) {
        self.speakers = Seats::from_fn(|seat| {
            let page = self.holders.get(seat).as_ref()?.page;
            let mut newest_first = self.of_page(seat, page).rev();
            let connected = newest_first.find(|p| p.connected);
            let serves = connected.or_else(|| self.of_page(seat, page).next_back());
            serves.map(|p| p.key)
        });
    }

    /// The transport that speaks for a seat.
    pub(crate) fn speaker(&self, seat: Seat) -> Option<&Participant> {
        self.get((*self.speakers.get(seat))?)
    }

    /// The same, to be changed.
    pub(crate) fn speaker_mut(&mut self, seat: Seat) -> Option<&mut Participant> {
        self.participants.get_mut(&(*self.speakers.get(seat))?)
    }

    /// Whether this transport speaks for its seat.
    pub(crate) fn speaks(&self, key: TransportKey) -> bool {
        self.speakers
            .iter()
            .any(|(_, speaker)| *speaker == Some(key))
    }

    /// Whether what this transport brings is passed on.
    pub(crate) fn is_heard(&self, key: TransportKey) -> bool {
        let retires = |p: &Participant| p.moving.retires_at.is_some() && self.is_holders(p);
        self.speaks(key) || self.get(key).is_some_and(retires)
    }

    /// Whether the page of a transport holds its seat.
    fn is_holders(&self, participant: &Participant) -> bool {
        let holder = self.holders.get(participant.seat).as_ref();
        holder.is_some_and(|holder| holder.page == participant.page)
    }

    /// Whether one of the other seats has a speaker.
    pub(crate) fn has_company(&self, seat: Seat) -> bool {
        seat.others().any(|other| self.speaker(other).is_some())
    }

    /// The pages of the guests of a seat beyond `most`, the oldest first.
    pub(crate) fn excess_guests(&self, seat: Seat, most: usize) -> Vec<PageId> {
        let mut pages: Vec<PageId> = Vec::new();
        for guest in self
            .iter()
            .filter(|p| p.seat == seat && !self.is_holders(p))
        {
            // A page is as old as its newest transport.
            pages.retain(|page| *page != guest.page);
            pages.push(guest.page);
        }
        pages.truncate(pages.len().saturating_sub(most));
        pages
    }

    /// Moves all outputs of str0m into the sink and the queue of events. Must follow every change
    /// to the participant's `rtc`.
    pub(crate) fn drain(&mut self, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
        if let Some(participant) = self.participants.get_mut(&key) {
            let events = &mut self.events;
            participant.drain(
                now,
                &mut |key, event| events.push_back((key, event)),
                &mut |output| sink.out.push_back(output),
            );
        }
    }

    /// Notes that an endpoint received something, or has something to say.
    pub(crate) fn mark(&mut self, key: TransportKey) {
        self.mark_written(key);
        if let Some(participant) = self.participants.get_mut(&key) {
            participant.passing.stirred = true;
        }
    }

    /// Notes that an endpoint was given packets of media.
    pub(crate) fn mark_written(&mut self, key: TransportKey) {
        if let Some(participant) = self.participants.get_mut(&key)
            && !std::mem::replace(&mut participant.passing.marked, true)
        {
            self.marked.push(key);
        }
    }

    /// Notes that an endpoint received a packet of media, which was taken from it.
    pub(crate) fn mark_taken(&mut self, key: TransportKey, now: Instant) {
        let participant = self.participants.get_mut(&key);
        if participant.is_some_and(|p| !p.may_rest(now)) {
            self.mark(key);
        }
    }

    /// Sends what those that are marked have to send.
    pub(crate) fn drain_marked(&mut self, now: Instant, sink: &mut Sink<'_>) {
        let mut marked = std::mem::take(&mut self.marked);
        let events = &mut self.events;
        for key in marked.drain(..) {
            if let Some(participant) = self.participants.get_mut(&key) {
                participant.passing.marked = false;
                participant.drain_media(
                    now,
                    &mut |key, event| events.push_back((key, event)),
                    &mut |output| sink.out.push_back(output),
                );
            }
        }
        // Draining marks nothing.
        self.marked = marked;
    }

    /// The packet of media that came with the last datagram of a participant.
    pub(crate) fn take_packet(
        &mut self,
        key: TransportKey,
        now: Instant,
        sink: &mut Sink<'_>,
    ) -> Option<RtpPacket> {
        let events = &mut self.events;
        self.participants.get_mut(&key)?.take_packet(
            now,
            &mut |key, event| events.push_back((key, event)),
            &mut |output| sink.out.push_back(output),
        )
    }

    /// Notes that something happened that may have to be answered or passed on.
    pub(crate) fn note_news(&mut self, key: TransportKey) {
        if let Some(participant) = self.participants.get_mut(&key) {
            participant.has_news = true;
        }
    }

    /// Takes that note.
    pub(crate) fn take_news(&mut self) -> bool {
        let participants = self.participants.values_mut();
        participants.fold(false, |news, p| news | std::mem::take(&mut p.has_news))
    }

    pub(crate) fn push_event(&mut self, key: TransportKey, event: ParticipantEvent) {
        self.events.push_back((key, event));
    }

    pub(crate) fn next_event(&mut self) -> Option<(TransportKey, ParticipantEvent)> {
        self.events.pop_front()
    }

    /// Whether events or marks are left.
    pub(crate) fn has_work(&self) -> bool {
        !self.events.is_empty() || !self.marked.is_empty()
    }

    pub(crate) fn clear_events(&mut self) {
        self.events.clear();
    }
}
