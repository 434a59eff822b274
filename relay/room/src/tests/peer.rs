//! A page of the stories: a whole WebRTC client without a browser.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sightline_wire::{Beat, PageId, Sdp, Seat};
use str0m::bwe::BweKind;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::{Codec, FormatParams};
use str0m::ice::{StunMessage, TransId};
use str0m::media::{Direction, Frequency, MediaKind, Mid, Pt};
use str0m::net::TcpType;
use str0m::rtp::{RedDecoder, RedEncoder, RedundantBlock, RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, Rtc, RtcConfig};

use super::link::Link;
use super::world::{AUDIO_EVERY, FRAME_EVERY, page};
use crate::{Protocol, Remote};

/// The payload type of RED at pages that know it.
const RED: Pt = Pt::new_with_value(63);

/// A media packet as a page got it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Got {
    pub(crate) video: bool,
    pub(crate) ssrc: Ssrc,
    pub(crate) seq: u64,
    pub(crate) time: u32,
    pub(crate) keyframe: bool,
    pub(crate) from: u8,
    pub(crate) number: u32,
    pub(crate) at: Instant,
}

/// The sound of a page.
#[derive(Default)]
pub(crate) struct Sound {
    /// It sends RED, each frame once more.
    pub(crate) wraps: bool,
    /// The frame that it sent last.
    last: Vec<u8>,
    /// Frames that it got, plain or in RED, and when each came first.
    pub(crate) heard: BTreeMap<u32, Instant>,
    /// Earlier frames in each packet of RED that it got.
    pub(crate) earlier: Vec<usize>,
}

/// A page: a whole WebRTC client without a browser.
pub(crate) struct Peer {
    pub(crate) rtc: Rtc,
    pub(crate) at: Remote,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) name: u8,
    pub(crate) offer: Sdp,
    pub(super) pending: Option<SdpPendingOffer>,
    /// The relay's answer.
    pub(crate) answer: String,
    pub(super) audio: Mid,
    pub(super) video: Mid,
    pub(super) audio_pt: Pt,
    pub(super) video_pt: Pt,
    pub(crate) live: ChannelId,
    pub(crate) sure: ChannelId,
    pub(crate) open: Vec<ChannelId>,
    pub(crate) up: Link,
    pub(crate) down: Link,
    pub(super) wake_at: Instant,
    /// It names no path before this time, as Chromium does after its first checks.
    pub(crate) names_from: Instant,
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) alive: bool,
    /// It sends media.
    pub(crate) sends: bool,
    /// Packets in a frame.
    pub(crate) frame_packets: u32,
    /// Bytes in such a packet.
    pub(super) packet_bytes: usize,
    /// Its encoder follows REMB.
    pub(crate) obeys: bool,
    pub(super) frame_at: Instant,
    pub(super) audio_at: Instant,
    pub(super) audio_number: u32,
    pub(super) video_number: u32,
    pub(crate) sound: Sound,
    pub(crate) seq_base: u64,
    pub(super) wants_keyframe: bool,
    pub(crate) keyframe_asked: Vec<Instant>,
    pub(crate) rembs: Vec<(Instant, u64)>,
    pub(crate) got: Vec<Got>,
    pub(crate) texts: Vec<(ChannelId, Vec<u8>)>,
    pub(crate) beats: Vec<(Instant, Beat)>,
}

/// A page's endpoint. Odd names number their payload types as Firefox does, even ones as Chromium
/// does.
pub(crate) fn client(name: u8) -> RtcConfig {
    let (opus, vp8, rtx) = if name % 2 == 1 {
        (109, 120, 124)
    } else {
        (111, 96, 97)
    };
    let mut config = Rtc::builder().set_rtp_mode(true).clear_codecs();
    let codecs = config.codec_config();
    codecs.add_config(
        Pt::new_with_value(opus),
        None,
        Codec::Opus,
        Frequency::FORTY_EIGHT_KHZ,
        Some(2),
        FormatParams {
            min_p_time: Some(10),
            use_inband_fec: Some(true),
            ..Default::default()
        },
    );
    codecs.add_config(
        Pt::new_with_value(vp8),
        Some(Pt::new_with_value(rtx)),
        Codec::Vp8,
        Frequency::NINETY_KHZ,
        None,
        FormatParams::default(),
    );
    config
}

/// A page's endpoint that knows RED, with Chromium's payload types.
pub(crate) fn client_with_red() -> RtcConfig {
    let config = Rtc::builder().set_rtp_mode(true).clear_codecs();
    config.enable_opus(true, true).enable_vp8(true)
}

/// The number of a frame of sound, or of a packet of video.
fn number(payload: &[u8]) -> u32 {
    u32::from_be_bytes(payload[3..7].try_into().unwrap())
}

impl Peer {
    pub(crate) fn new(name: u8, seat: Seat, now: Instant) -> Self {
        Self::with(client(name), name, seat, now)
    }

    pub(crate) fn with(config: RtcConfig, name: u8, seat: Seat, now: Instant) -> Self {
        let at = Remote {
            protocol: Protocol::Udp,
            address: SocketAddr::from(([203, 0, 113, name], 40_000 + u16::from(name))),
        };
        Self::reached_at(at, config, name, seat, now)
    }

    pub(crate) fn reached_at(
        at: Remote,
        config: RtcConfig,
        name: u8,
        seat: Seat,
        now: Instant,
    ) -> Self {
        let mut rtc = config.build(now);
        let candidate = match at.protocol {
            Protocol::Udp => Candidate::host(at.address, "udp"),
            _ => Candidate::builder()
                .tcp()
                .host(at.address)
                .tcptype(TcpType::Active)
                .build(),
        };
        rtc.add_local_candidate(candidate.unwrap());
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
        let live = api.add_channel_with_config(ChannelConfig {
            label: "live".into(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            ..Default::default()
        });
        let sure = api.add_channel("sure".into());
        let (offer, pending) = api.apply().unwrap();
        let (audio_pt, video_pt) = if name % 2 == 1 { (109, 120) } else { (111, 96) };
        Self {
            rtc,
            at,
            seat,
            page: page(name),
            name,
            offer: Sdp::new(offer.to_sdp_string()).unwrap(),
            pending: Some(pending),
            answer: String::new(),
            audio,
            video,
            audio_pt: Pt::new_with_value(audio_pt),
            video_pt: Pt::new_with_value(video_pt),
            live,
            sure,
            open: vec![],
            up: Link::default(),
            down: Link::default(),
            wake_at: now,
            names_from: now,
            connected: false,
            closed: false,
            alive: true,
            sends: true,
            frame_packets: 3,
            packet_bytes: 1000,
            obeys: false,
            frame_at: now,
            audio_at: now,
            audio_number: 0,
            video_number: 0,
            sound: Sound::default(),
            seq_base: 30_000,
            wants_keyframe: true,
            keyframe_asked: vec![],
            rembs: vec![],
            got: vec![],
            texts: vec![],
            beats: vec![],
        }
    }

    /// Offers like an endpoint that does not report the arrival of every packet.
    pub(crate) fn without_transport_feedback(mut self) -> Self {
        let told = |line: &&str| !line.contains("transport-");
        let kept: Vec<&str> = self.offer.as_str().lines().filter(told).collect();
        self.offer = Sdp::new(kept.join("\r\n") + "\r\n").unwrap();
        self
    }

    pub(crate) fn accept(&mut self, answer: &Sdp) {
        self.answer = answer.as_str().to_owned();
        let answer = SdpAnswer::from_sdp_string(answer.as_str()).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// A genuine check of this page: of ICE, for the relay that answered it.
    pub(crate) fn check(&mut self, names: bool) -> Vec<u8> {
        let name = self.answered("a=ice-ufrag:");
        let own = self.rtc.direct_api().local_ice_credentials().ufrag;
        let name = format!("{name}:{own}");
        self.signed(StunMessage::binding_request(
            &name,
            TransId::new(),
            true,
            1,
            100,
            names,
        ))
    }

    /// What leaves this page in place of a datagram.
    pub(super) fn leaving(&self, datagram: Vec<u8>, now: Instant) -> Vec<u8> {
        let check = StunMessage::parse(&datagram)
            .ok()
            .filter(|check| check.use_candidate() && now < self.names_from);
        check.map_or_else(
            || datagram.clone(),
            |check| {
                self.signed(StunMessage::binding_request(
                    check.username().unwrap(),
                    check.trans_id(),
                    true,
                    check.ice_controlling().unwrap(),
                    check.prio().unwrap(),
                    false,
                ))
            },
        )
    }

    fn answered(&self, name: &str) -> String {
        let line = self.answer.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().to_owned()
    }

    fn signed(&self, message: StunMessage<'_>) -> Vec<u8> {
        let key = self.answered("a=ice-pwd:");
        let mut bytes = vec![0; 500];
        let length = message.to_bytes(Some(key.as_bytes()), &mut bytes, |key, parts| {
            let provider = str0m::crypto::from_feature_flags();
            provider.sha1_hmac_provider.sha1_hmac(key, parts)
        });
        bytes.truncate(length.unwrap());
        bytes
    }

    pub(crate) fn send(&mut self, channel: ChannelId, binary: bool, message: &[u8]) -> bool {
        let mut channel = self.rtc.channel(channel).expect("the channel is open");
        channel.write(binary, message).unwrap()
    }

    pub(crate) fn video(&self) -> Vec<Got> {
        self.got.iter().filter(|g| g.video).copied().collect()
    }

    pub(crate) fn audio(&self) -> Vec<Got> {
        self.got.iter().filter(|g| !g.video).copied().collect()
    }

    pub(crate) fn texts_on(&self, channel: ChannelId) -> Vec<String> {
        self.texts
            .iter()
            .filter(|(on, _)| *on == channel)
            .map(|(_, text)| String::from_utf8(text.clone()).unwrap())
            .collect()
    }

    pub(super) fn next_at(&self) -> Instant {
        if !self.alive {
            return self.wake_at + Duration::from_secs(3600);
        }
        if self.connected && self.sends {
            return self.wake_at.min(self.frame_at).min(self.audio_at);
        }
        self.wake_at
    }

    pub(super) fn note(&mut self, event: Event, now: Instant) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.frame_at = now;
                self.audio_at = now;
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => {
                self.closed = true;
            }
            Event::ChannelOpen(id, _) => self.open.push(id),
            Event::ChannelData(data) if data.binary => {
                self.beats
                    .push((now, serde_json::from_slice(&data.data).unwrap()));
            }
            Event::ChannelData(data) => self.texts.push((data.id, data.data)),
            Event::KeyframeRequest(_) => {
                self.wants_keyframe = true;
                self.keyframe_asked.push(now);
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                let bps = estimate.as_f64() as u64;
                self.rembs.push((now, bps));
                if self.obeys {
                    // Thirty frames a second, as a 720p picture needs at most.
                    let frame_bytes = bps.min(1_800_000) / 8 / 30;
                    let packets = frame_bytes.div_ceil(1100).max(1);
                    self.frame_packets = u32::try_from(packets).unwrap();
                    self.packet_bytes = usize::try_from(frame_bytes / packets).unwrap();
                }
            }
            Event::RtpPacket(packet) if !packet.payload.is_empty() => {
                let pt = packet.header.payload_type;
                let video = pt == self.video_pt;
                assert!(video || pt == self.audio_pt || pt == RED);
                let blocks = match pt {
                    RED => RedDecoder::decode(&packet.payload).unwrap(),
                    _ => vec![],
                };
                self.sound.earlier.extend(blocks.len().checked_sub(1));
                for (block, number) in blocks.iter().map(|b| (b, number(b.payload))) {
                    // Frames of sound are 20 ms long.
                    let sent = block.timestamp_offset / 960;
                    assert_eq!(number + sent, self::number(blocks.last().unwrap().payload));
                    self.sound.heard.entry(number).or_insert(now);
                }
                let payload = blocks
                    .last()
                    .map_or(&*packet.payload, |block| block.payload);
                if !video {
                    self.sound.heard.entry(number(payload)).or_insert(now);
                }
                self.got.push(Got {
                    video,
                    ssrc: packet.header.ssrc,
                    seq: *packet.seq_no,
                    time: packet.header.timestamp,
                    keyframe: payload[0] == 0x10 && payload[1] & 1 == 0,
                    from: payload[2],
                    number: number(payload),
                    at: now,
                });
            }
            _ => {}
        }
    }

    /// Writes one packet that is due. str0m must be drained after each.
    pub(super) fn produce(&mut self, now: Instant, burst: &mut u32) -> bool {
        if !self.connected || !self.sends {
            return false;
        }
        if *burst == 0 && self.frame_at <= now {
            *burst = self.frame_packets;
            self.frame_at += FRAME_EVERY;
        }
        if *burst > 0 {
            let first = *burst == self.frame_packets;
            let keyframe = self.wants_keyframe;
            let mut payload = vec![if first { 0x10 } else { 0 }, u8::from(!keyframe), self.name];
            payload.extend(self.video_number.to_be_bytes());
            payload.resize(self.packet_bytes, 0);
            let seq = self.seq_base + u64::from(self.video_number);
            let time = self.video_number / self.frame_packets * 2970;
            self.video_number += 1;
            *burst -= 1;
            if *burst == 0 {
                self.wants_keyframe = false;
            }
            let (mid, pt) = (self.video, self.video_pt);
            self.write(mid, pt, seq, time, payload, *burst == 0, now);
            return true;
        }
        if self.audio_at <= now {
            self.audio_at += AUDIO_EVERY;
            let mut payload = vec![0xfc, 0, self.name];
            payload.extend(self.audio_number.to_be_bytes());
            payload.resize(80, 0);
            let seq = self.seq_base + u64::from(self.audio_number);
            let time = self.audio_number * 960;
            self.audio_number += 1;
            let (mid, mut pt) = (self.audio, self.audio_pt);
            if self.sound.wraps {
                let earlier = RedundantBlock {
                    pt: *pt,
                    timestamp_offset: 960,
                    payload: std::mem::replace(&mut self.sound.last, payload.clone()),
                };
                payload = RedEncoder::encode(*pt, &payload, &[earlier]);
                pt = RED;
            }
            self.write(mid, pt, seq, time, payload, false, now);
            return true;
        }
        false
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of a packet")]
    pub(super) fn write(
        &mut self,
        mid: Mid,
        pt: Pt,
        seq: u64,
        time: u32,
        payload: Vec<u8>,
        marker: bool,
        now: Instant,
    ) {
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).unwrap();
        stream.write_rtp(
            RtpWrite::new(pt, seq.into(), time, now, payload)
                .marker(marker)
                .nackable(true),
        );
    }
}
