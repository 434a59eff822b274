//! What the participants of a room receive: media and messages from the speakers of other seats,
//! and what the relay itself sends (beats, key frame requests, bitrate ceilings).

mod sound;

use std::time::{Duration, Instant};

use sightline_wire::{Beat, Seat};
use str0m::channel::ChannelData;
use str0m::format::PayloadParams;
use str0m::rtp::{RtpPacket, RtpWrite, StreamTx};

use crate::io::TransportKey;
use crate::outgoing::{Feed, Queue, Verdict, VideoPacket};
use crate::participant::{BEAT_EVERY, Participant};
use crate::roster::Roster;
use crate::sink::Sink;
use crate::{layout, rate};

/// Forwards a packet of a page that holds its seat to the speakers of the seats that receive it.
/// Drops the packets of guests.
pub(crate) fn forward_packet(
    roster: &mut Roster,
    from: TransportKey,
    packet: &RtpPacket,
    now: Instant,
    sink: &mut Sink<'_>,
) {
    let Some(source) = roster.get_mut(from) else {
        return;
    };
    let seat = source.seat;
    let codec = source.codec_of(packet);
    let mut asks = false;
    if let Some(params) = codec.filter(|params| !params.spec().codec.is_audio()) {
        source.video_codec = Some(params);
        asks = source.note_picture(packet, params.spec().codec, now);
    }
    let missing = codec.is_some_and(|params| {
        source
            .gaps
            .note_packet(packet, params.spec().codec.is_audio(), now)
    });
    if asks {
        roster.mark(from);
    }
    let is_heard = roster.is_heard(from);
    let Some(params) = codec.filter(|_| is_heard) else {
        sink.counters.packets_dropped += 1;
        return;
    };
    if missing {
        request_keyframes(roster);
        roster.note_news(from);
    }
    if params.spec().codec.is_audio() {
        sound::forward(roster, from, packet, params, now, sink);
        return;
    }
    for to in layout::receivers(seat) {
        let receiver = roster.speaker_mut(to).filter(|p| p.connected);
        let verdict = receiver.map_or(Verdict::Drop, |receiver| {
            send_copy(receiver, from, seat, packet, params, now)
        });
        match verdict {
            Verdict::Forward { .. } => {
                sink.counters.packets_forwarded += 1;
                if let Some(receiver) = roster.speaker(to).map(|p| p.key) {
                    roster.mark_written(receiver);
                }
            }
            Verdict::Drop => sink.counters.packets_dropped += 1,
            Verdict::DropAndAsk => {
                sink.counters.packets_dropped += 1;
                if let Some(source) = roster.get_mut(from) {
                    source.keyframes.request_again(now);
                    source.has_news = true;
                }
            }
        }
    }
}

/// Writes a packet of video into the receiver's outgoing stream, unless that cannot take it.
fn send_copy(
    receiver: &mut Participant,
    from: TransportKey,
    seat: Seat,
    packet: &RtpPacket,
    params: PayloadParams,
    now: Instant,
) -> Verdict {
    let codec = params.spec().codec;
    let Some(section) = receiver.lane_of(seat).map(|lane| lane.section(codec)) else {
        return Verdict::Drop;
    };
    let Some(own) = receiver.own_params(seat, from, section, params) else {
        return Verdict::Drop;
    };
    let pace_bps = receiver.link.estimate_bps().unwrap_or(f64::INFINITY);
    // What str0m says of the queue is as old as the last time it heard.
    let queues = !receiver.passing.calm || receiver.passing.unsent > 0;
    let lane = receiver.lanes.iter_mut().find(|lane| lane.source == seat);
    let mut direct = receiver.rtc.direct_api();
    let (Some(lane), Some(stream)) = (lane, direct.stream_tx_by_mid(section, None)) else {
        return Verdict::Drop;
    };
    let feed = Feed {
        from,
        ssrc: packet.header.ssrc,
    };
    let clock = params.spec().clock_rate.get();
    let (seq, time) = (*packet.seq_no, packet.header.timestamp);
    let queue = if queues {
        queue_of(stream, pace_bps, now)
    } else {
        Queue::default()
    };
    let video = VideoPacket {
        codec,
        clock,
        seq,
        time,
        payload: &packet.payload,
    };
    let verdict = lane.video_out.video(feed, video, queue, now);
    if let Verdict::Forward { seq, time } = verdict {
        let mut ext_vals = packet.header.ext_vals.clone();
        // These name streams of the sender's session; str0m writes the receiver's own.
        ext_vals.mid = None;
        ext_vals.rid = None;
        ext_vals.rid_repair = None;
        let payload = packet.payload.clone();
        let write = RtpWrite::new(own.pt(), seq.into(), time, packet.timestamp, payload)
            .marker(packet.header.marker)
            .ext_vals(ext_vals)
            .nackable(true);
        stream.write_rtp(write);
        receiver.note_written();
    }
    verdict
}

/// What waits in a stream.
fn queue_of(stream: &StreamTx, pace_bps: f64, now: Instant) -> Queue {
    stream.queue_info().map_or(Queue::default(), |info| Queue {
        age: info
            .first_unsent()
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at)),
        drains_in: Duration::from_secs_f64((info.byte_size() as f64 * 8.0 / pace_bps).min(60.0)),
    })
}

/// Forwards a text of a speaker to the speakers of all other seats, on the channel with the same
/// label.
pub(crate) fn forward_message(
    roster: &mut Roster,
    from: TransportKey,
    data: &ChannelData,
    now: Instant,
    sink: &mut Sink<'_>,
) {
    let is_heard = roster.is_heard(from);
    let source = roster.get(from).filter(|_| is_heard);
    let label = source.and_then(|p| p.channels.label_of(data.id, data.binary, &data.data));
    let (Some(label), Some(seat)) = (label, source.map(|p| p.seat)) else {
        sink.counters.messages_dropped += 1;
        return;
    };
    for to in seat.others() {
        let Some(receiver) = roster.speaker_mut(to) else {
            sink.counters.messages_dropped += 1;
            continue;
        };
        let key = receiver.key;
        if receiver
            .channels
            .send_text(&mut receiver.rtc, label, &data.data)
        {
            sink.counters.messages_forwarded += 1;
        } else {
            sink.counters.messages_dropped += 1;
        }
        roster.drain(key, now, sink);
    }
}

/// Requests a key frame from every speaker that is not alone.
pub(crate) fn request_keyframes(roster: &mut Roster) {
    for seat in Seat::ALL {
        if roster.has_company(seat)
            && let Some(sender) = roster.speaker_mut(seat)
        {
            sender.keyframes.request();
        }
    }
}

/// Sends the feedback to a speaker that is due: a key frame request, a bitrate ceiling.
pub(crate) fn send_feedback(roster: &mut Roster, seat: Seat, now: Instant, sink: &mut Sink<'_>) {
    let Some((key, ceiling)) = roster
        .speaker(seat)
        .map(|sender| (sender.key, ceiling_bps(roster, sender)))
    else {
        return;
    };
    // The ceiling first: a key frame that is made before it is known would be too large.
    if let Some(sender) = roster.get_mut(key)
        && let Some(ceiling) = ceiling.and_then(|bps| sender.ceilings.take(bps, now))
    {
        sender.send_ceiling(ceiling);
        // The page chooses a smaller picture before the encoder makes one that is too large.
        if sender
            .told_ceiling
            .is_some_and(|told| ceiling < told / 4 * 3)
        {
            sender.beat_at = now;
        }
        roster.drain(key, now, sink);
    }
    if let Some(sender) = roster.get_mut(key)
        && sender.video_in.is_some()
        && sender.keyframes.take(now)
    {
        if sender.send_keyframe_request() {
            sink.counters.keyframe_requests += 1;
        }
        roster.drain(key, now, sink);
    }
}

/// When [`send_feedback`] has something to send to this participant.
pub(crate) fn feedback_due(
    roster: &Roster,
    participant: &Participant,
    now: Instant,
) -> Option<Instant> {
    let keyframe = participant
        .video_in
        .filter(|_| roster.speaks(participant.key))
        .and_then(|_| participant.keyframes.due(now));
    let ceiling = ceiling_bps(roster, participant).map(|bps| participant.ceilings.due(bps, now));
    keyframe.into_iter().chain(ceiling).min()
}

/// The bitrate that the video of a speaker may use: what the slowest of its receivers' links
/// carries.
fn ceiling_bps(roster: &Roster, sender: &Participant) -> Option<u32> {
    sender.video_in.filter(|_| roster.speaks(sender.key))?;
    layout::receivers(sender.seat)
        .filter_map(|to| {
            let receiver = roster.speaker(to)?;
            Some(rate::ceiling_bps(receiver.link_bps()?, &receiver.sound))
        })
        .min()
}

/// Whether the page of a seat sends video in a codec that the page of another did not offer.
fn cannot_decode(roster: &Roster, from: Seat, to: Seat) -> bool {
    let (Some(source), Some(receiver)) = (roster.speaker(from), roster.speaker(to)) else {
        return false;
    };
    let (Some(params), Some(lane)) = (source.video_codec, receiver.lane_of(from)) else {
        return false;
    };
    let section = lane.section(params.spec().codec);
    receiver.connected && receiver.own_payload_type(section, params).is_none()
}

/// Sends the next beat to a participant, then the messages that wait for its channel `sure`.
pub(crate) fn send_beat(roster: &mut Roster, key: TransportKey, now: Instant, sink: &mut Sink<'_>) {
    let speaks = roster.is_heard(key);
    let Some(seat) = roster.get(key).map(|p| p.seat) else {
        return;
    };
    let mut others = seat.others().filter_map(|other| roster.speaker(other));
    let other_here = others.any(|p| p.connected);
    let undecodable = speaks && layout::sources(seat).any(|from| cannot_decode(roster, from, seat));
    let ceiling = roster.get(key).and_then(|p| ceiling_bps(roster, p));
    let unseen = speaks && layout::receivers(seat).any(|to| cannot_decode(roster, seat, to));
    let Some(participant) = roster.get_mut(key) else {
        return;
    };
    let beat = Beat {
        beat: participant.beat,
        undecodable,
        unseen,
        speaks,
        other_here,
        down_bps: participant.link_bps(),
        video_bps: ceiling,
    };
    participant.told_ceiling = ceiling;
    participant.beat_at = now + BEAT_EVERY;
    let message = serde_json::to_vec(&beat).expect("a beat has only numbers and flags");
    if participant
        .channels
        .send_live(&mut participant.rtc, true, &message)
    {
        participant.beat = participant.beat.wrapping_add(1);
    }
    roster.drain(key, now, sink);
    // str0m must be drained after each message.
    while let Some(participant) = roster.get_mut(key)
        && participant.channels.send_waiting(&mut participant.rtc)
    {
        roster.drain(key, now, sink);
    }
}
