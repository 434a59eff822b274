//! Where sound goes. It waits for no video: str0m does not pace it.

use std::time::Instant;

use sightline_wire::Seat;
use str0m::format::PayloadParams;
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};

use crate::io::TransportKey;
use crate::layout;
use crate::outgoing::{Feed, Verdict};
use crate::participant::Participant;
use crate::roster::Roster;
use crate::sink::Sink;
use crate::sound::Frame;

/// Forwards a packet of sound, and before it the frames that it restores. `params` are those of the
/// codec, whether the packet is plain or RED.
pub(super) fn forward(
    roster: &mut Roster,
    from: TransportKey,
    packet: &RtpPacket,
    params: PayloadParams,
    now: Instant,
    sink: &mut Sink<'_>,
) {
    let Some(source) = roster.get_mut(from) else {
        return;
    };
    let seat = source.seat;
    let taken = source.sound_in.take(packet, params);
    sink.counters.sound_restored += taken.restored.len() as u64;
    if taken.own.is_none() {
        sink.counters.packets_dropped += 1;
    }
    for frame in taken.restored.iter().chain(&taken.own) {
        let copy = Copied {
            from,
            seat,
            packet,
            params,
            frame,
        };
        for to in layout::receivers(seat) {
            let receiver = roster.speaker_mut(to).filter(|p| p.connected);
            let sent =
                receiver.and_then(|receiver| copy.send(receiver, now).then_some(receiver.key));
            match sent {
                Some(receiver) => {
                    sink.counters.packets_forwarded += 1;
                    roster.mark_written(receiver);
                }
                None => sink.counters.packets_dropped += 1,
            }
        }
    }
}

/// A frame on its way to a receiver.
struct Copied<'a> {
    from: TransportKey,
    seat: Seat,
    /// The packet that brought it.
    packet: &'a RtpPacket,
    params: PayloadParams,
    frame: &'a Frame,
}

impl Copied<'_> {
    /// Writes it into the receiver's stream. Returns whether the receiver can take it.
    fn send(&self, receiver: &mut Participant, now: Instant) -> bool {
        let Self { packet, frame, .. } = self;
        let (codec, clock) = (self.params.spec().codec, self.params.spec().clock_rate);
        let section = receiver.lane_of(self.seat).map(|lane| lane.section(codec));
        let Some((section, own)) = section.and_then(|at| {
            Some((
                at,
                receiver.own_params(self.seat, self.from, at, self.params)?,
            ))
        }) else {
            return false;
        };
        let levels = receiver.levels.count();
        let lane = receiver.lanes.iter_mut().find(|l| l.source == self.seat);
        let mut direct = receiver.rtc.direct_api();
        let (Some(lane), Some(stream)) = (lane, direct.stream_tx_by_mid(section, None)) else {
            return false;
        };
        let feed = Feed {
            from: self.from,
            ssrc: packet.header.ssrc,
        };
        let Verdict::Forward { seq, time } =
            lane.audio_out
                .audio(feed, frame.seq, frame.time, clock.get(), now)
        else {
            return false;
        };
        let wrapped = own.red().and_then(|red| {
            let payload = lane.sent.wrap(time, &frame.payload, own.pt(), levels)?;
            Some((red, payload))
        });
        let (pt, payload) = wrapped.unwrap_or_else(|| (own.pt(), frame.payload.clone()));
        let write = RtpWrite::new(pt, seq.into(), time, packet.timestamp, payload)
            .marker(packet.header.marker && !frame.restored)
            .ext_vals(self.extensions());
        stream.write_rtp(write);
        receiver.note_written();
        true
    }

    /// What the sender's header says about this frame. Nothing is known about a restored one.
    fn extensions(&self) -> ExtensionValues {
        if self.frame.restored {
            return ExtensionValues::default();
        }
        let mut ext_vals = self.packet.header.ext_vals.clone();
        // These name streams of the sender's session; str0m writes the receiver's own.
        ext_vals.mid = None;
        ext_vals.rid = None;
        ext_vals.rid_repair = None;
        ext_vals
    }
}
