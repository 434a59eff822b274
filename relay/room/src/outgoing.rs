//! One outgoing stream: its numbering continues without a gap when its source changes.

use std::time::{Duration, Instant};

use str0m::format::Codec;
use str0m::rtp::Ssrc;

use crate::io::TransportKey;
use crate::keyframe;

/// Most packets of video kept for resending: a second at 2.6 Mbit/s, some 400 KB.
pub(crate) const RESEND_VIDEO_PACKETS: usize = 320;
/// A video queue that takes longer than this is too long: the receiver's link is slower than the
/// sender assumes.
const QUEUE_MAX: Duration = Duration::from_millis(400);
/// The same behind a key frame. Cutting there would need another key frame, for ever.
const QUEUE_MAX_KEYFRAME: Duration = Duration::from_millis(1500);
/// A queue this short has let the key frame through.
const QUEUE_LOW: Duration = Duration::from_millis(100);

/// The source of an outgoing stream. Sequence numbers and times of two feeds are unrelated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    /// The sender.
    pub(crate) from: TransportKey,
    /// Its stream.
    pub(crate) ssrc: Ssrc,
}

/// The state of the queue towards a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// How long the first packet has waited.
    pub(crate) age: Duration,
    /// How long the last one will wait, by what the link carries.
    pub(crate) drains_in: Duration,
}

impl Queue {
    fn takes(&self) -> Duration {
        self.age.max(self.drains_in)
    }
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Forward it with these numbers.
    Forward {
        /// Extended sequence number.
        seq: u64,
        /// RTP time.
        time: u32,
    },
    /// Drop it.
    Drop,
    /// Drop it and request a key frame.
    DropAndAsk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// Closed until a key frame begins that the queue has room for.
    AwaitKeyframe,
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
    /// Packets of the feed before this sequence number were dropped.
    first: u64,
    /// The next unused sequence number.
    next: u64,
    last: Option<(u32, Instant)>,
    /// The time of the newest key frame, until the queue has let it through.
    keyframe: Option<u32>,
    /// No key frame is of use before this time.
    closed_until: Option<Instant>,
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
            keyframe: None,
            closed_until: None,
        }
    }

    /// Decides about an audio packet. Audio may switch to another feed at any packet.
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

    /// Decides about a video packet. Video switches to another feed only at a key frame.
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
        let queue_max = self.queue_max(queue);
        match self.gate {
            // A key frame goes whole, whatever the queue is.
            Gate::Open if self.keyframe == Some(time) => self.number(seq, time, now),
            Gate::Open if queue.takes() > queue_max => {
                self.gate = Gate::AwaitKeyframe;
                Verdict::DropAndAsk
            }
            Gate::Open => {
                if keyframe::begins(codec, payload) {
                    self.keyframe = Some(time);
                }
                self.number(seq, time, now)
            }
            Gate::AwaitKeyframe if self.closed_until.is_some_and(|until| now < until) => {
                Verdict::Drop
            }
            Gate::AwaitKeyframe => {
                let begins = keyframe::begins(codec, payload);
                if !begins || queue.takes() > QUEUE_MAX {
                    return Verdict::DropAndAsk;
                }
                self.gate = Gate::Open;
                self.keyframe = Some(time);
                if self.feed == Some(feed) {
                    self.close_gap(seq);
                } else {
                    self.splice(feed, seq, time, clock, now);
                }
                self.number(seq, time, now)
            }
        }
    }

    /// The receiver lost the thread: it takes part again at a key frame from this time on.
    pub(crate) fn begin_anew(&mut self, from: Instant) {
        self.gate = Gate::AwaitKeyframe;
        self.closed_until = Some(from);
    }

    fn queue_max(&mut self, queue: Queue) -> Duration {
        if queue.takes() <= QUEUE_LOW {
            self.keyframe = None;
        }
        if self.keyframe.is_some() {
            QUEUE_MAX_KEYFRAME
        } else {
            QUEUE_MAX
        }
    }

    /// Continues with another feed: the next sequence number, and a time that advances by the time
    /// that has passed.
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

    /// Closes the gap that dropped packets left in the numbers. Otherwise the receiver would
    /// request their retransmission.
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

/// A video packet, as far as [`Outgoing::video`] looks at it.
#[derive(Clone, Copy)]
pub(crate) struct VideoPacket<'a> {
    pub(crate) codec: Codec,
    pub(crate) clock: u32,
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) payload: &'a [u8],
}
