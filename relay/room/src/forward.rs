//! One outgoing stream: it goes on without a seam whoever feeds it.

use std::time::Instant;

use str0m::format::Codec;
use str0m::rtp::Ssrc;

use crate::io::TransportKey;
use crate::keyframe;

/// A video queue with more packets than this is too long: the receiver's link is slower than the
/// sender believes.
const QUEUE_PACKETS_MAX: usize = 100;
/// A video queue whose first packet waits longer than this is too long, milliseconds.
const QUEUE_AGE_MS_MAX: u128 = 400;
/// A queue that was too long is short again at this many packets.
const QUEUE_PACKETS_LOW: usize = 10;

/// Who feeds an outgoing stream. Numbers of two feeds have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    /// The sender.
    pub(crate) from: TransportKey,
    /// Its stream.
    pub(crate) ssrc: Ssrc,
}

/// What the queue towards a receiver looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// Packets in it.
    pub(crate) packets: usize,
    /// How long the first one has waited, milliseconds.
    pub(crate) age_ms: u128,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes out with this sequence number (extended) and time.
    Forward {
        /// Extended sequence number.
        seq: u64,
        /// RTP time.
        time: u32,
    },
    /// It is dropped.
    Drop,
    /// It is dropped, and the receiver needs a whole picture.
    DropAndAsk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// Closed until a whole picture begins.
    AwaitKeyframe,
    /// Closed until the queue is short again.
    Congested,
}

/// The numbering of one outgoing stream.
#[derive(Debug)]
pub(crate) struct Outgoing {
    feed: Option<Feed>,
    gate: Gate,
    /// Added to a feed's sequence number.
    seq_offset: i64,
    /// Added to a feed's time.
    time_offset: u32,
    /// Packets of the feed before this one belong to what was dropped.
    first: u64,
    /// The next sequence number nobody has used.
    next: u64,
    last: Option<(u32, Instant)>,
}

impl Outgoing {
    pub(crate) fn new() -> Self {
        Self {
            feed: None,
            gate: Gate::AwaitKeyframe,
            seq_offset: 0,
            time_offset: 0,
            first: 0,
            // Starts below 65536, because a receiver assumes a rollover counter of zero (RFC 3711
            // section 3.3.1), and above zero, so that the first packets may arrive out of order.
            next: 1000,
            last: None,
        }
    }

    /// Decides about a packet of audio: a seam in sound heals by itself.
    pub(crate) fn audio(
        &mut self,
        feed: Feed,
        seq: u64,
        time: u32,
        clock: u32,
        now: Instant,
    ) -> Verdict {
        if self.feed != Some(feed) {
            self.splice(feed, seq, time, clock, now);
        }
        self.number(seq, time, now)
    }

    /// Decides about a packet of video.
    pub(crate) fn video(
        &mut self,
        feed: Feed,
        packet: VideoPacket<'_>,
        queue: Queue,
        now: Instant,
    ) -> Verdict {
        let VideoPacket {
            codec,
            clock,
            seq,
            time,
            payload,
        } = packet;
        if self.feed != Some(feed) && self.gate == Gate::Open {
            self.gate = Gate::AwaitKeyframe;
        }
        match self.gate {
            Gate::Open if queue.packets > QUEUE_PACKETS_MAX || queue.age_ms > QUEUE_AGE_MS_MAX => {
                self.gate = Gate::Congested;
                Verdict::Drop
            }
            Gate::Open => self.number(seq, time, now),
            Gate::Congested if queue.packets > QUEUE_PACKETS_LOW => Verdict::Drop,
            Gate::Congested | Gate::AwaitKeyframe => {
                if !keyframe::begins(codec, payload) {
                    self.gate = Gate::AwaitKeyframe;
                    return Verdict::DropAndAsk;
                }
                self.gate = Gate::Open;
                if self.feed == Some(feed) {
                    self.close_gap(seq);
                } else {
                    self.splice(feed, seq, time, clock, now);
                }
                self.number(seq, time, now)
            }
        }
    }

    /// Goes on with another feed: the next number, and a time that is as much later as the clock on
    /// the wall.
    fn splice(&mut self, feed: Feed, seq: u64, time: u32, clock: u32, now: Instant) {
        self.feed = Some(feed);
        self.close_gap(seq);
        let begin = match self.last {
            None => time,
            Some((last, at)) => {
                let passed = now.saturating_duration_since(at).as_micros() * u128::from(clock);
                let ticks = u32::try_from(passed / 1_000_000).unwrap_or(u32::MAX);
                last.wrapping_add(ticks.max(1))
            }
        };
        self.time_offset = begin.wrapping_sub(time);
    }

    /// What was dropped leaves no hole in the numbers, else the receiver would ask for it again.
    fn close_gap(&mut self, seq: u64) {
        self.first = seq;
        self.seq_offset = self.next.cast_signed().wrapping_sub(seq.cast_signed());
    }

    fn number(&mut self, seq: u64, time: u32, now: Instant) -> Verdict {
        if seq < self.first {
            return Verdict::Drop;
        }
        let seq = seq.wrapping_add_signed(self.seq_offset);
        let time = time.wrapping_add(self.time_offset);
        if seq >= self.next {
            self.next = seq + 1;
            self.last = Some((time, now));
        }
        Verdict::Forward { seq, time }
    }
}

/// What the gate looks at.
#[derive(Clone, Copy)]
pub(crate) struct VideoPacket<'a> {
    pub(crate) codec: Codec,
    pub(crate) clock: u32,
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) payload: &'a [u8],
}
