//! A house, some pages and the network between them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sightline_wire::{Beat, PageId, RelayHears, RelayId, RelaySays, Sdp, Seat, SessionId};
use str0m::bwe::BweKind;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid, Pt};
use str0m::net::Receive;
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, Rtc, RtcConfig};

use crate::{
    Datagram, House, HouseConfig, Input, MediaAddress, Output, Protocol, make_certificate,
};

pub(crate) const RELAY: &str = "198.51.100.1:3478";
pub(crate) const FRAME_EVERY: Duration = Duration::from_millis(33);
pub(crate) const AUDIO_EVERY: Duration = Duration::from_millis(20);

/// xorshift64*: enough for a network, and repeatable.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn from_env() -> Self {
        let seed = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(0x5eed);
        println!("SEED={seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// One direction of a page's link.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) loss_percent: u64,
    pub(crate) delay_ms: u64,
    pub(crate) jitter_ms: u64,
    pub(crate) bps: Option<u64>,
    pub(crate) cut: bool,
    free_at: Option<Instant>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            loss_percent: 0,
            delay_ms: 10,
            jitter_ms: 0,
            bps: None,
            cut: false,
            free_at: None,
        }
    }
}

impl Link {
    fn arrival(&mut self, bytes: usize, now: Instant, chance: &mut Chance) -> Option<Instant> {
        if self.cut || chance.below(100) < self.loss_percent {
            return None;
        }
        let mut at = now;
        if let Some(bps) = self.bps {
            let start = self.free_at.map_or(now, |free| free.max(now));
            // A queue of 300 ms, then it drops.
            if start > now + Duration::from_millis(300) {
                return None;
            }
            at = start + Duration::from_micros(bytes as u64 * 8_000_000 / bps);
            self.free_at = Some(at);
        }
        let jitter = if self.jitter_ms > 0 {
            chance.below(self.jitter_ms)
        } else {
            0
        };
        Some(at + Duration::from_millis(self.delay_ms + jitter))
    }
}

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

/// A page: a whole WebRTC client without a browser.
pub(crate) struct Peer {
    pub(crate) rtc: Rtc,
    pub(crate) address: SocketAddr,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) name: u8,
    pub(crate) offer: Sdp,
    pending: Option<SdpPendingOffer>,
    audio: Mid,
    video: Mid,
    audio_pt: Pt,
    video_pt: Pt,
    pub(crate) live: ChannelId,
    pub(crate) sure: ChannelId,
    pub(crate) open: Vec<ChannelId>,
    pub(crate) up: Link,
    pub(crate) down: Link,
    wake_at: Instant,
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) alive: bool,
    /// It sends media.
    pub(crate) sends: bool,
    /// Packets of 1,000 bytes in a frame.
    pub(crate) frame_packets: u32,
    /// Its encoder does what it is told by REMB.
    pub(crate) obeys: bool,
    frame_at: Instant,
    audio_at: Instant,
    audio_number: u32,
    video_number: u32,
    pub(crate) seq_base: u64,
    wants_keyframe: bool,
    pub(crate) keyframe_asked: Vec<Instant>,
    pub(crate) rembs: Vec<(Instant, u64)>,
    pub(crate) got: Vec<Got>,
    pub(crate) texts: Vec<(ChannelId, Vec<u8>)>,
    pub(crate) beats: Vec<(Instant, Beat)>,
}

pub(crate) struct Flight {
    to_house: bool,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) now: Instant,
    pub(crate) peers: Vec<Peer>,
    pub(crate) said: Vec<RelaySays>,
    pub(crate) chance: Chance,
    flights: BTreeMap<(Instant, u64), Flight>,
    flown: u64,
    house_wakes_at: Option<Instant>,
    /// Datagrams the house sent to addresses that are no page's.
    pub(crate) astray: usize,
    /// Everything that pages sent to the house, when asked to keep it.
    pub(crate) keep: bool,
    pub(crate) kept: Vec<Vec<u8>>,
}

pub(crate) fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

pub(crate) fn page(n: u8) -> PageId {
    PageId::from_bytes([n; 16])
}

pub(crate) fn config() -> HouseConfig {
    HouseConfig {
        relay: RelayId::from_bytes([9; 16]),
        rooms_max: 4,
        media: vec![MediaAddress {
            protocol: Protocol::Udp,
            address: RELAY.parse().unwrap(),
        }],
        certificate: make_certificate(),
    }
}

/// A page's endpoint. Odd names number their payload types as Firefox does, even ones as Chromium does.
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

impl Peer {
    pub(crate) fn new(name: u8, seat: Seat, now: Instant) -> Self {
        Self::with(client(name), name, seat, now)
    }

    pub(crate) fn with(config: RtcConfig, name: u8, seat: Seat, now: Instant) -> Self {
        let mut rtc = config.build(now);
        let address = SocketAddr::from(([203, 0, 113, name], 40_000 + u16::from(name)));
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
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
            address,
            seat,
            page: page(name),
            name,
            offer: Sdp::new(offer.to_sdp_string()).unwrap(),
            pending: Some(pending),
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
            connected: false,
            closed: false,
            alive: true,
            sends: true,
            frame_packets: 3,
            obeys: false,
            frame_at: now,
            audio_at: now,
            audio_number: 0,
            video_number: 0,
            seq_base: 30_000,
            wants_keyframe: true,
            keyframe_asked: vec![],
            rembs: vec![],
            got: vec![],
            texts: vec![],
            beats: vec![],
        }
    }

    pub(crate) fn accept(&mut self, answer: &Sdp) {
        let answer = SdpAnswer::from_sdp_string(answer.as_str()).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
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

    fn next_at(&self) -> Instant {
        if !self.alive {
            return self.wake_at + Duration::from_secs(3600);
        }
        if self.connected && self.sends {
            return self.wake_at.min(self.frame_at).min(self.audio_at);
        }
        self.wake_at
    }

    fn note(&mut self, event: Event, now: Instant) {
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
                    // Frames of 1,000-byte packets, thirty a second.
                    self.frame_packets = u32::try_from(bps / 8 / 1000 / 30).unwrap().clamp(1, 40);
                }
            }
            Event::RtpPacket(packet) if !packet.payload.is_empty() => {
                let video = packet.header.payload_type == self.video_pt;
                assert!(video || packet.header.payload_type == self.audio_pt);
                let body = &packet.payload[2..];
                self.got.push(Got {
                    video,
                    ssrc: packet.header.ssrc,
                    seq: *packet.seq_no,
                    time: packet.header.timestamp,
                    keyframe: packet.payload[0] == 0x10 && packet.payload[1] & 1 == 0,
                    from: body[0],
                    number: u32::from_be_bytes(body[1..5].try_into().unwrap()),
                    at: now,
                });
            }
            _ => {}
        }
    }

    /// One packet that is due; each is a change str0m wants drained.
    fn produce(&mut self, now: Instant, burst: &mut u32) -> bool {
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
            payload.resize(1000, 0);
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
            let (mid, pt) = (self.audio, self.audio_pt);
            self.write(mid, pt, seq, time, payload, false, now);
            return true;
        }
        false
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of a packet")]
    fn write(
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

impl World {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: HouseConfig) -> Self {
        Self {
            house: House::new(config),
            #[expect(
                clippy::disallowed_methods,
                reason = "an Instant has no other beginning; from here on time moves when told"
            )]
            now: Instant::now(),
            peers: vec![],
            said: vec![],
            chance: Chance::from_env(),
            flights: BTreeMap::new(),
            flown: 0,
            house_wakes_at: None,
            astray: 0,
            keep: false,
            kept: vec![],
        }
    }

    /// Two pages that speak, connected, in session 1: agent 0, customer 1.
    pub(crate) fn call() -> Self {
        let mut world = Self::new();
        world.enter(1, Seat::Agent, true);
        world.enter(2, Seat::Customer, true);
        world.run(1000);
        assert!(world.peers.iter().all(|p| p.connected), "both connect");
        world
    }

    /// A page offers; its place in `peers` comes back.
    pub(crate) fn enter(&mut self, name: u8, seat: Seat, speaks: bool) -> usize {
        let peer = Peer::new(name, seat, self.now);
        self.enter_as(peer, 1, speaks)
    }

    pub(crate) fn enter_as(&mut self, peer: Peer, in_session: u8, speaks: bool) -> usize {
        let offer = offer(&peer, in_session, 1, speaks);
        self.peers.push(peer);
        self.hear(offer);
        match self.said.pop() {
            Some(RelaySays::Answer { sdp, .. }) => {
                let peer = self.peers.last_mut().unwrap();
                peer.accept(&sdp);
                self.drain_peer(self.peers.len() - 1);
                self.peers.len() - 1
            }
            other => panic!("expected an answer, got {other:?}"),
        }
    }

    pub(crate) fn hear(&mut self, hears: RelayHears) {
        self.house.handle(Input::Hears(hears), self.now);
        self.drain_house();
    }

    pub(crate) fn promote(&mut self, seat: Seat, name: u8) {
        self.hear(RelayHears::Promote {
            session: session(1),
            epoch: 1,
            seat,
            page: page(name),
        });
    }

    /// Lets a page write on a channel.
    pub(crate) fn write(&mut self, peer: usize, sure: bool, binary: bool, message: &[u8]) -> bool {
        let channel = if sure {
            self.peers[peer].sure
        } else {
            self.peers[peer].live
        };
        let taken = self.peers[peer].send(channel, binary, message);
        self.drain_peer(peer);
        taken
    }

    /// A page cannot decode what it gets.
    pub(crate) fn ask_for_picture(&mut self, peer: usize) {
        let peer_at = &mut self.peers[peer];
        let mid = peer_at.video;
        let mut direct = peer_at.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).unwrap();
        stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
        self.drain_peer(peer);
    }

    /// Gives the house a datagram from anywhere; how many it sent because of it comes back.
    pub(crate) fn throw(&mut self, source: SocketAddr, bytes: &[u8]) -> usize {
        let before = self.flown + self.astray as u64;
        self.arrive_at_house(source, bytes);
        (self.flown + self.astray as u64 - before) as usize
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        let mut idle = 0;
        loop {
            let peers = self.peers.iter().map(Peer::next_at).min();
            let flight = self.flights.keys().next().map(|(at, _)| *at);
            let next = [peers, flight, self.house_wakes_at]
                .into_iter()
                .flatten()
                .min();
            let Some(next) = next.filter(|at| *at <= end) else {
                break;
            };
            idle = if next <= self.now { idle + 1 } else { 0 };
            assert!(idle < 10_000, "time stands still");
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    fn step(&mut self) {
        while let Some(entry) = self.flights.first_entry()
            && entry.key().0 <= self.now
        {
            let flight = entry.remove();
            if flight.to_house {
                self.arrive_at_house(flight.source, &flight.bytes);
            } else {
                self.arrive_at_peer(&flight);
            }
        }
        if self.house_wakes_at.is_some_and(|at| at <= self.now) {
            self.house.handle(Input::Wakes, self.now);
            self.drain_house();
        }
        for index in 0..self.peers.len() {
            if self.peers[index].alive && self.peers[index].next_at() <= self.now {
                let now = self.now;
                let _ = self.peers[index]
                    .rtc
                    .handle_input(str0m::Input::Timeout(now));
                self.drain_peer(index);
                let mut burst = 0;
                while self.peers[index].produce(now, &mut burst) {
                    self.drain_peer(index);
                }
            }
        }
    }

    fn arrive_at_house(&mut self, source: SocketAddr, bytes: &[u8]) {
        if self.keep {
            self.kept.push(bytes.to_vec());
        }
        let datagram = Datagram {
            protocol: Protocol::Udp,
            source,
            destination: RELAY.parse().unwrap(),
            bytes,
        };
        self.house.handle(Input::Receives(datagram), self.now);
        self.drain_house();
    }

    fn arrive_at_peer(&mut self, flight: &Flight) {
        // A page that was replaced at the same address is deaf: the newest gets the datagram.
        let index = self
            .peers
            .iter()
            .rposition(|p| p.address == flight.destination);
        let index = index.expect("checked when it left");
        let peer = &mut self.peers[index];
        if !peer.alive {
            return;
        }
        let receive = Receive::new(
            Protocol::Udp,
            flight.source,
            flight.destination,
            &flight.bytes,
        );
        let input = str0m::Input::Receive(self.now, receive.unwrap());
        let _ = peer.rtc.handle_input(input);
        self.drain_peer(index);
    }

    pub(crate) fn drain_peer(&mut self, index: usize) {
        let now = self.now;
        let peer = &mut self.peers[index];
        let mut turns = 0;
        loop {
            match peer.rtc.poll_output() {
                Ok(str0m::Output::Transmit(transmit)) => {
                    let arrival = peer
                        .up
                        .arrival(transmit.contents.len(), now, &mut self.chance);
                    if let Some(at) = arrival {
                        self.flown += 1;
                        let flight = Flight {
                            to_house: true,
                            source: peer.address,
                            destination: transmit.destination,
                            bytes: transmit.contents.to_vec(),
                        };
                        self.flights.insert((at, self.flown), flight);
                    }
                }
                Ok(str0m::Output::Event(event)) => peer.note(event, now),
                Ok(str0m::Output::Timeout(at)) if at > now => {
                    peer.wake_at = at;
                    break;
                }
                Ok(str0m::Output::Timeout(_)) => {
                    turns += 1;
                    if turns > 100 {
                        peer.wake_at = now + Duration::from_millis(1);
                        break;
                    }
                    let _ = peer.rtc.handle_input(str0m::Input::Timeout(now));
                }
                Err(_) => {
                    peer.closed = true;
                    peer.alive = false;
                    break;
                }
            }
        }
        if !peer.rtc.is_alive() {
            peer.closed = true;
            peer.alive = false;
        }
    }

    pub(crate) fn drain_house(&mut self) {
        loop {
            match self.house.poll() {
                Output::Transmit(transmit) => {
                    let to = self
                        .peers
                        .iter_mut()
                        .rev()
                        .find(|p| p.address == transmit.destination);
                    let Some(peer) = to else {
                        self.astray += 1;
                        continue;
                    };
                    let arrival =
                        peer.down
                            .arrival(transmit.contents.len(), self.now, &mut self.chance);
                    self.flown += 1;
                    if let Some(at) = arrival {
                        let flight = Flight {
                            to_house: false,
                            source: transmit.source,
                            destination: transmit.destination,
                            bytes: transmit.contents.to_vec(),
                        };
                        self.flights.insert((at, self.flown), flight);
                    }
                }
                Output::Say(says) => self.said.push(says),
                Output::Wait(at) => {
                    self.house_wakes_at = at;
                    break;
                }
            }
        }
    }
}

pub(crate) fn offer(peer: &Peer, in_session: u8, attempt: u32, speaks: bool) -> RelayHears {
    RelayHears::Offer {
        session: session(in_session),
        epoch: 1,
        seat: peer.seat,
        page: peer.page,
        attempt,
        speaks,
        sdp: peer.offer.clone(),
    }
}
