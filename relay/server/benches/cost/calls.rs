//! The calls: pages without a browser. Both speak, Opus at 50 packets a second, and the customer's
//! shows a picture: 30 frames a second, ten packets each, 1.8 Mbit/s. The packets are evenly
//! spaced, as a phone's network leaves them; bursts would cost a relay less.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sightline_wire::Seat;
use str0m::change::SdpAnswer;
use str0m::channel::{ChannelConfig, Reliability};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::null::{Guard, HEADER, HELLO};
use crate::process::{Kind, Process};

/// Of a call, both ways.
pub(crate) const PACKETS_A_SECOND: f64 = 400.0;
const SOUND_EVERY: Duration = Duration::from_millis(20);
const SOUND_BYTES: usize = 80;
const PICTURE_EVERY: Duration = Duration::from_nanos(3_333_333);
const PICTURE_BYTES: usize = 750;
/// Of a frame.
const PACKETS: u64 = 10;
/// A packet carries the time at which it was sent behind the beginning of its frame.
const STAMP: std::ops::Range<usize> = 4..12;
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// What all pages count together.
struct Tally {
    began: Instant,
    sent: AtomicU64,
    arrived: AtomicU64,
    connected: AtomicU64,
    delays_us: Mutex<Vec<u32>>,
    over: AtomicBool,
}

impl Tally {
    fn stamp(&self) -> [u8; 8] {
        let micros = self.began.elapsed().as_micros() as u64;
        micros.to_be_bytes()
    }

    fn note(&self, payload: &[u8]) {
        let Some(stamp) = payload.get(STAMP) else {
            return;
        };
        let sent_at = u64::from_be_bytes(stamp.try_into().unwrap());
        let now = self.began.elapsed().as_micros() as u64;
        let late = now.saturating_sub(sent_at) as u32;
        self.arrived.fetch_add(1, Ordering::Relaxed);
        self.delays_us.lock().unwrap().push(late);
    }
}

/// What became of the packets of a while.
pub(crate) struct Played {
    pub(crate) calls: usize,
    pub(crate) sent: u64,
    pub(crate) arrived: u64,
    delays_us: Vec<u32>,
}

impl Played {
    /// A percentile of how late packets came.
    pub(crate) fn delay_us(&self, percent: usize) -> f64 {
        let place = (self.delays_us.len() * percent / 100).min(self.delays_us.len() - 1);
        f64::from(self.delays_us[place])
    }
}

/// Calls that run.
pub(crate) struct Calls {
    count: usize,
    tally: Arc<Tally>,
    pages: JoinSet<()>,
}

impl Calls {
    /// Connects all pages.
    pub(crate) async fn begin(relay: &mut Process, count: usize) -> Self {
        let tally = Arc::new(Tally {
            began: Instant::now(),
            sent: AtomicU64::new(0),
            arrived: AtomicU64::new(0),
            connected: AtomicU64::new(0),
            delays_us: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let mut pages = JoinSet::new();
        let near = relay.pages_at();
        let at = match relay.kind {
            Kind::Null => Some(relay.address().await),
            _ => None,
        };
        for call in 0..count {
            for seat in [Seat::Agent, Seat::Customer] {
                let socket = UdpSocket::bind((near, 0)).await.unwrap();
                let shows = seat == Seat::Customer;
                let way = match at {
                    Some(relay) => {
                        let mut hello = vec![HELLO];
                        hello.extend((call as u64).to_be_bytes());
                        socket.send_to(&hello, relay).await.unwrap();
                        let guards = Box::new([Guard::new(), Guard::new()]);
                        tally.connected.fetch_add(1, Ordering::Relaxed);
                        Way::Plain { relay, guards }
                    }
                    None => Way::endpoint(relay, call, seat, &socket).await,
                };
                let phase = SOUND_EVERY.mul_f64(call as f64 / count as f64);
                let page = Page::new(way, socket, shows, phase, Arc::clone(&tally));
                pages.spawn(page.live());
            }
        }
        let connected = async {
            while tally.connected.load(Ordering::Relaxed) < 2 * count as u64 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(CONNECT_WITHIN, connected)
            .await
            .expect("all pages connect");
        Self {
            count,
            tally,
            pages,
        }
    }

    /// Counts from here on.
    pub(crate) fn forget(&self) {
        self.tally.delays_us.lock().unwrap().clear();
        self.tally.sent.store(0, Ordering::Relaxed);
        self.tally.arrived.store(0, Ordering::Relaxed);
    }

    /// What was counted.
    pub(crate) fn played(&self) -> Played {
        let mut delays_us = std::mem::take(&mut *self.tally.delays_us.lock().unwrap());
        delays_us.sort_unstable();
        Played {
            calls: self.count,
            sent: self.tally.sent.load(Ordering::Relaxed),
            arrived: self.tally.arrived.load(Ordering::Relaxed),
            delays_us,
        }
    }

    pub(crate) async fn end(mut self) {
        self.tally.over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.pages.join_next().await {
            ended.unwrap();
        }
    }
}

/// How a page sends.
enum Way {
    /// Through the null relay, which keeps no connection. Its keys: in and out.
    Plain {
        relay: SocketAddr,
        guards: Box<[Guard; 2]>,
    },
    Endpoint {
        rtc: Box<Rtc>,
        audio: Mid,
        video: Mid,
    },
}

impl Way {
    async fn endpoint(relay: &mut Process, call: usize, seat: Seat, socket: &UdpSocket) -> Self {
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        let local = socket.local_addr().unwrap();
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
        if relay.kind.has_channels() {
            api.add_channel_with_config(ChannelConfig {
                label: "live".into(),
                ordered: false,
                reliability: Reliability::MaxRetransmits { retransmits: 0 },
                ..Default::default()
            });
            api.add_channel("sure".into());
        }
        let (offer, pending) = api.apply().unwrap();
        let answer = relay.offer(call, seat, offer.to_sdp_string()).await;
        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
        rtc.sdp_api().accept_answer(pending, answer).unwrap();
        let rtc = Box::new(rtc);
        Self::Endpoint { rtc, audio, video }
    }
}

struct Page {
    way: Way,
    socket: UdpSocket,
    local: SocketAddr,
    shows: bool,
    /// How long it waits before it begins, because calls do not keep time with each other.
    phase: Duration,
    tally: Arc<Tally>,
    connected: bool,
    /// When the next packets of sound and picture are due.
    due: [Instant; 2],
    /// Packets of sound and picture so far.
    counts: [u64; 2],
    /// A key frame is wanted.
    wanted: bool,
}

impl Page {
    fn new(way: Way, socket: UdpSocket, shows: bool, phase: Duration, tally: Arc<Tally>) -> Self {
        let connected = matches!(way, Way::Plain { .. });
        Self {
            local: socket.local_addr().unwrap(),
            way,
            socket,
            shows,
            phase,
            tally,
            connected,
            due: [Instant::now() + phase; 2],
            counts: [0; 2],
            wanted: true,
        }
    }

    async fn live(mut self) {
        let mut buffer = [0; 2048];
        while !self.tally.over.load(Ordering::Relaxed) {
            let mut wake_at = self.drain();
            if self.connected {
                self.speak();
                wake_at = wake_at.min(self.due[0]);
                wake_at = wake_at.min(if self.shows { self.due[1] } else { self.due[0] });
            }
            tokio::select! {
                biased;
                readable = self.socket.readable() => readable.unwrap(),
                () = tokio::time::sleep_until(wake_at.into()) => {
                    if let Way::Endpoint { rtc, .. } = &mut self.way {
                        rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                    }
                }
            }
            while let Ok((length, from)) = self.socket.try_recv_from(&mut buffer) {
                self.receive(&buffer[..length], from);
            }
        }
    }

    fn receive(&mut self, bytes: &[u8], from: SocketAddr) {
        match &mut self.way {
            Way::Plain { guards, .. } => {
                let mut packet = bytes.to_vec();
                if guards[0].unprotect(&mut packet) {
                    self.tally.note(&packet[HEADER..]);
                }
            }
            Way::Endpoint { rtc, .. } => {
                if let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, bytes) {
                    rtc.handle_input(Input::Receive(Instant::now(), receive))
                        .unwrap();
                }
                self.drain();
            }
        }
    }

    /// Sends what is due.
    fn speak(&mut self) {
        for kind in 0..=usize::from(self.shows) {
            let every = [SOUND_EVERY, PICTURE_EVERY][kind];
            let now = Instant::now();
            if now < self.due[kind] {
                continue;
            }
            // Behind by more than a little it begins again, as a camera does.
            self.due[kind] = (self.due[kind] + every).max(now - every);
            self.send(kind, now);
            self.drain();
        }
    }

    fn send(&mut self, kind: usize, now: Instant) {
        let count = self.counts[kind];
        self.counts[kind] += 1;
        let part = count % PACKETS;
        let begins_key = kind == 1 && part == 0 && std::mem::take(&mut self.wanted);
        let bytes = [SOUND_BYTES, PICTURE_BYTES][kind];
        let mut payload = vec![0; bytes];
        if kind == 1 {
            // Where a frame begins, and whether it needs others (RFC 7741 sections 4.2 and 4.3).
            payload[0] = if part == 0 { 0x10 } else { 0 };
            payload[1] = u8::from(!begins_key);
        }
        payload[STAMP].copy_from_slice(&self.tally.stamp());
        self.tally.sent.fetch_add(1, Ordering::Relaxed);
        match &mut self.way {
            Way::Plain { relay, guards } => {
                let mut packet = vec![0; HEADER];
                packet[..8].copy_from_slice(&count.to_be_bytes());
                packet[8] = kind as u8;
                packet.extend(payload);
                guards[1].protect(&mut packet);
                let _ = self.socket.try_send_to(&packet, *relay);
            }
            Way::Endpoint { rtc, audio, video } => {
                let (codec, section) = [(Codec::Opus, *audio), (Codec::Vp8, *video)][kind];
                let time = [count * 960, count / PACKETS * 3_000][kind] as u32;
                let pt = rtc
                    .codec_config()
                    .find(|p| p.spec().codec == codec)
                    .unwrap()
                    .pt();
                let mut direct = rtc.direct_api();
                let stream = direct.stream_tx_by_mid(section, None).unwrap();
                let write = RtpWrite::new(pt, (1_000 + count).into(), time, now, payload);
                stream.write_rtp(
                    write
                        .marker(kind == 1 && part + 1 == PACKETS)
                        .nackable(kind == 1),
                );
            }
        }
    }

    /// Sends what the endpoint wants to send. Returns when it wants to be woken.
    fn drain(&mut self) -> Instant {
        let Way::Endpoint { rtc, .. } = &mut self.way else {
            return Instant::now() + SOUND_EVERY;
        };
        loop {
            match rtc.poll_output().unwrap() {
                Output::Transmit(datagram) => {
                    let _ = self
                        .socket
                        .try_send_to(&datagram.contents, datagram.destination);
                }
                Output::Event(Event::Connected) => {
                    self.connected = true;
                    self.due = [Instant::now() + self.phase; 2];
                    self.tally.connected.fetch_add(1, Ordering::Relaxed);
                }
                Output::Event(Event::KeyframeRequest(_)) => self.wanted = true,
                Output::Event(Event::RtpPacket(packet)) => self.tally.note(&packet.payload),
                Output::Event(_) => {}
                Output::Timeout(at) => {
                    let now = Instant::now();
                    if at > now || !rtc.is_alive() {
                        return at;
                    }
                    rtc.handle_input(Input::Timeout(now)).unwrap();
                }
            }
        }
    }
}
