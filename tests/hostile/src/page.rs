//! The media of a page: a whole WebRTC endpoint on a socket of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::Codec;
use str0m::ice::{StunMessage, TransId};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

use crate::smuggler;
use crate::tally::Tally;

const SOUND: usize = 0;
const PICTURE: usize = 1;
const SOUND_EVERY: Duration = Duration::from_millis(20);
const PICTURE_EVERY: Duration = Duration::from_millis(33);
/// Two bytes of a codec, kind, number, and the microseconds since the program began.
const HEADER: usize = 15;
/// How long one wait may be: of a page that talks, and of one that attacks.
const NAP: Duration = Duration::from_millis(20);
const SHORT_NAP: Duration = Duration::from_millis(1);

/// What a page sends and receives by itself.
pub(crate) struct Talk {
    pub(crate) began: Instant,
    pub(crate) sent: Arc<Tally>,
    pub(crate) heard: Arc<Tally>,
}

pub(crate) struct Page {
    pub(crate) rtc: Rtc,
    pub(crate) socket: UdpSocket,
    pub(crate) local: SocketAddr,
    /// Where the answer says the relay is.
    pub(crate) relay: SocketAddr,
    pub(crate) offer: String,
    pending: Option<SdpPendingOffer>,
    answer: String,
    pub(crate) audio: Mid,
    video: Mid,
    pub(crate) live: ChannelId,
    pub(crate) sure: ChannelId,
    talk: Option<Talk>,
    due: [Instant; 2],
    pub(crate) connected: bool,
    pub(crate) closed: bool,
}

impl Page {
    pub(crate) async fn new(talk: Option<Talk>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let now = Instant::now();
        let mut rtc = Rtc::builder()
            .set_crypto_provider(Arc::new(smuggler::provider()))
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(local, "udp").unwrap());
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
        Self {
            rtc,
            socket,
            local,
            relay: local,
            offer: offer.to_sdp_string(),
            pending: Some(pending),
            answer: String::new(),
            audio,
            video,
            live,
            sure,
            talk,
            due: [now; 2],
            connected: false,
            closed: false,
        }
    }

    pub(crate) fn take(&mut self, answer: &str) {
        self.answer = answer.to_owned();
        let place = answer.lines().find_map(|line| {
            let words: Vec<&str> = line.strip_prefix("a=candidate:")?.split(' ').collect();
            (words[2] == "udp").then(|| format!("{}:{}", words[4], words[5]))
        });
        self.relay = place.unwrap().parse().unwrap();
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// A genuine check of ICE, by a page that knows its own passwords.
    pub(crate) fn check(&mut self) -> Vec<u8> {
        let value = |name: &str| {
            let line = self.answer.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().to_owned()
        };
        let (name, key) = (value("a=ice-ufrag:"), value("a=ice-pwd:"));
        let own = self.rtc.direct_api().local_ice_credentials().ufrag;
        let name = format!("{name}:{own}");
        let message = StunMessage::binding_request(&name, TransId::new(), true, 1, 100, true);
        let mut bytes = vec![0; 500];
        let length = message.to_bytes(Some(key.as_bytes()), &mut bytes, |key, parts| {
            let provider = str0m::crypto::from_feature_flags();
            provider.sha1_hmac_provider.sha1_hmac(key, parts)
        });
        bytes.truncate(length.unwrap());
        bytes
    }

    /// The payload type of a codec.
    pub(crate) fn pt(&self, codec: Codec) -> Pt {
        let config = self.rtc.codec_config();
        config.find(|p| p.spec().codec == codec).unwrap().pt()
    }

    /// Lives until something is so, at most for `most`. Returns whether it is.
    pub(crate) async fn live_until(
        &mut self,
        most: Duration,
        done: impl Fn(&Self) -> bool,
    ) -> bool {
        let end = Instant::now() + most;
        while !done(self) {
            if self.closed || Instant::now() >= end {
                return false;
            }
            self.step().await;
        }
        true
    }

    /// Waits for the next thing, at most for a moment, and handles it.
    async fn step(&mut self) {
        let nap = if self.talk.is_some() { NAP } else { SHORT_NAP };
        let mut wake_at = self.drain().await.min(Instant::now() + nap);
        if self.connected && self.talk.is_some() {
            wake_at = wake_at.min(self.due[SOUND]).min(self.due[PICTURE]);
        }
        let mut buffer = [0; 2048];
        tokio::select! {
            biased;
            got = self.socket.recv_from(&mut buffer) => {
                if let Ok((length, source)) = got
                    && let Ok(receive) =
                        Receive::new(Protocol::Udp, source, self.local, &buffer[..length])
                {
                    let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                }
            }
            () = tokio::time::sleep_until(wake_at.into()) => {
                let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
            }
        }
        self.drain().await;
        self.speak().await;
    }

    async fn speak(&mut self) {
        for (kind, every, bytes) in [(SOUND, SOUND_EVERY, 80), (PICTURE, PICTURE_EVERY, 1_000)] {
            let now = Instant::now();
            let Some(talk) = &self.talk else {
                return;
            };
            if !self.connected || self.closed || now < self.due[kind] {
                continue;
            }
            // Behind by more than a little it begins again, as a camera does.
            self.due[kind] = (self.due[kind] + every).max(now - 2 * every);
            let number = talk.sent.next(kind);
            let micros = now.saturating_duration_since(talk.began).as_micros() as u64;
            // Each picture is a key frame of one packet (RFC 7741 section 4.2).
            let mut payload = vec![0x10, 0, kind as u8];
            payload.extend(number.to_be_bytes());
            payload.extend(micros.to_be_bytes());
            payload.resize(bytes, 0);
            let (section, codec, clock) = if kind == SOUND {
                (self.audio, Codec::Opus, 960)
            } else {
                (self.video, Codec::Vp8, 2_970)
            };
            self.write(
                section,
                codec,
                1_000 + u64::from(number),
                number * clock,
                payload,
            );
            self.drain().await;
        }
    }

    fn write(&mut self, section: Mid, codec: Codec, seq: u64, time: u32, payload: Vec<u8>) {
        let pt = self.pt(codec);
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_tx_by_mid(section, None) {
            let packet = RtpWrite::new(pt, seq.into(), time, Instant::now(), payload);
            stream.write_rtp(packet.marker(true).nackable(section == self.video));
        }
    }

    fn hear(&self, payload: &[u8]) {
        let (Some(talk), true) = (&self.talk, payload.len() >= HEADER) else {
            return;
        };
        let number = u32::from_be_bytes(payload[3..7].try_into().unwrap());
        let micros = u64::from_be_bytes(payload[7..HEADER].try_into().unwrap());
        let sent_at = talk.began + Duration::from_micros(micros);
        talk.heard.note(usize::from(payload[2]), number, sent_at);
    }

    /// Sends what the endpoint wants to send. Returns when it wants to be woken.
    pub(crate) async fn drain(&mut self) -> Instant {
        for _ in 0..1_000 {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(datagram)) => {
                    let sent = self
                        .socket
                        .send_to(&datagram.contents, datagram.destination);
                    let _ = sent.await;
                }
                Ok(Output::Event(Event::Connected)) => {
                    self.connected = true;
                    self.due = [Instant::now(); 2];
                }
                Ok(Output::Event(Event::Closed)) => self.closed = true,
                Ok(Output::Event(Event::RtpPacket(packet))) => self.hear(&packet.payload),
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(at)) => {
                    self.closed |= !self.rtc.is_alive();
                    let now = Instant::now();
                    if at > now || self.closed {
                        return at;
                    }
                    let _ = self.rtc.handle_input(Input::Timeout(now));
                }
                Err(_) => {
                    self.closed = true;
                    break;
                }
            }
        }
        Instant::now()
    }
}
