//! One page's transport: its str0m endpoint and what the room keeps beside it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sightline_wire::{PageId, Sdp, Seat};
use str0m::bwe::{Bitrate, BweKind};
use str0m::channel::ChannelData;
use str0m::format::{Codec, PayloadParams};
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::net::{Receive, TcpType};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, Rtc, RtcConfig};

use crate::channels::Channels;
use crate::forward::Outgoing;
use crate::io::{Certificate, Datagram, MediaAddress, Output, Protocol, Remote, TransportKey};
use crate::keyframe::Requests;
use crate::offer::{self, Offer, OfferFault};
use crate::rate::Told;

/// A transport that has not connected by then is given up.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Between two beats.
pub(crate) const BEAT_EVERY: Duration = Duration::from_millis(500);
/// Silence after which a link is measured anew: what was known of it is worth nothing. Longer than
/// the 2.5 s between the keep-alives of a browser that sends nothing else.
const OUTAGE: Duration = Duration::from_secs(3);
/// What a link is taken for before it is measured: at the start and after an outage.
const LINK_AT_START: Bitrate = Bitrate::kbps(600);
/// What a link is probed up to: a 720p picture and sound.
const LINK_DESIRED: Bitrate = Bitrate::kbps(2_600);
/// Packets of video kept for resending: three seconds at 100 packets/s, some 400 KB.
const RESEND_VIDEO_PACKETS: usize = 320;
/// Packets of audio kept for resending.
const RESEND_AUDIO_PACKETS: usize = 50;
/// Most addresses one transport is reached at; the one that is silent for longest is forgotten.
const ADDRESSES_MAX: usize = 8;
/// Most immediate wake-ups of one endpoint in a row. More is a busy loop inside it, which must not
/// stop the others.
const WAKE_UPS_MAX: u32 = 64;

/// What happened in a participant and concerns the room.
pub(crate) enum Happening {
    /// It connected.
    Connected,
    /// It was silent, or moved, and is back.
    Back,
    /// It is dead.
    Died,
    /// Media arrived.
    Media(Box<RtpPacket>),
    /// It cannot decode what it gets.
    NeedsKeyframe,
    /// Its page sent a message.
    Message(ChannelData),
}

/// One page's transport.
pub(crate) struct Participant {
    pub(crate) key: TransportKey,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) rtc: Rtc,
    /// The local ufrag: how an unknown address asks for this participant.
    pub(crate) ufrag: String,
    /// Where it is reached: addresses from which an authenticated STUN request came.
    pub(crate) addresses: Vec<Remote>,
    pub(crate) connected: bool,
    pub(crate) dead: bool,
    /// The page said goodbye; what str0m still has to say to it goes out first.
    closing: bool,
    pub(crate) made_at: Instant,
    heard_at: Instant,
    /// When str0m wants to be woken.
    pub(crate) wake_at: Instant,
    /// Where its answer said the relay is.
    media: Vec<MediaAddress>,
    pub(crate) beat_at: Instant,
    pub(crate) beat: u32,
    pub(crate) channels: Channels,
    audio: Mid,
    video: Mid,
    pub(crate) audio_out: Outgoing,
    pub(crate) video_out: Outgoing,
    /// Its video stream, once a packet of it came.
    pub(crate) video_in: Option<Ssrc>,
    pub(crate) keyframes: Requests,
    pub(crate) told: Told,
    twcc_bps: Option<u32>,
    remb_bps: Option<u32>,
    /// The offer that was answered, and the answer: a repeated delivery gets the same one.
    offer: (u32, u64),
    pub(crate) answer: Sdp,
}

/// What a transport is made from.
pub(crate) struct Making<'a> {
    pub(crate) key: TransportKey,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) attempt: u32,
    pub(crate) sdp: &'a Sdp,
    pub(crate) media: &'a [MediaAddress],
    pub(crate) certificate: &'a Certificate,
}

impl Participant {
    /// Answers an offer. A panic in str0m over an outsider's text counts as malformed.
    pub(crate) fn answer(making: &Making<'_>, now: Instant) -> Result<Self, OfferFault> {
        let offer = offer::read(making.sdp.as_str())?;
        catch_unwind(AssertUnwindSafe(|| Self::accept(making, offer, now)))
            .unwrap_or(Err(OfferFault::Malformed))
    }

    fn accept(making: &Making<'_>, offer: Offer, now: Instant) -> Result<Self, OfferFault> {
        let mut rtc = endpoint(making.certificate).build(now);
        for address in making.media {
            let candidate = candidate(*address).ok_or(OfferFault::Unexpected)?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc
            .sdp_api()
            .accept_offer(offer.sdp)
            .map_err(|_| OfferFault::Malformed)?;
        let answer = Sdp::new(answer.to_sdp_string()).map_err(|_| OfferFault::TooLarge)?;
        rtc.bwe().set_bitrate(Bitrate::ZERO, LINK_DESIRED);
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        let Offer { audio, video, .. } = offer;
        for section in [audio, video] {
            let media = rtc.media(section).ok_or(OfferFault::Sections)?;
            if media.disabled() || media.remote_pts().is_empty() {
                return Err(OfferFault::Codecs);
            }
        }
        Ok(Self {
            key: making.key,
            seat: making.seat,
            page: making.page,
            rtc,
            ufrag,
            addresses: Vec::new(),
            connected: false,
            dead: false,
            closing: false,
            made_at: now,
            heard_at: now,
            wake_at: now,
            media: making.media.to_vec(),
            beat_at: now,
            beat: 0,
            channels: Channels::default(),
            audio,
            video,
            audio_out: Outgoing::new(),
            video_out: Outgoing::new(),
            video_in: None,
            keyframes: Requests::default(),
            told: Told::default(),
            twcc_bps: None,
            remb_bps: None,
            offer: fingerprint_of(making.attempt, making.sdp),
            answer,
        })
    }

    /// Whether this very offer was answered already.
    pub(crate) fn answered(&self, attempt: u32, sdp: &Sdp) -> bool {
        self.offer == fingerprint_of(attempt, sdp)
    }

    /// Takes a datagram if it is meant for this participant and its sender has shown so. Says
    /// whether it was taken.
    pub(crate) fn receive(&mut self, datagram: &Datagram<'_>, now: Instant) -> bool {
        let Ok(receive) = Receive::new(
            datagram.protocol,
            datagram.source,
            self.known_as(datagram),
            datagram.bytes,
        ) else {
            return false;
        };
        let input = str0m::Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "datagram was not accepted");
        }
        true
    }

    /// The address a datagram was sent to, as this participant's answer named it: the relay may
    /// have moved since, and its sockets are told apart by their ports.
    fn known_as(&self, datagram: &Datagram<'_>) -> SocketAddr {
        let at = datagram.destination;
        let mut told = self
            .media
            .iter()
            .filter(|told| told.protocol == datagram.protocol)
            .map(|told| told.address);
        if told.clone().any(|told| told == at) {
            return at;
        }
        told.find(|told| told.port() == at.port() && told.is_ipv4() == at.is_ipv4())
            .unwrap_or(at)
    }

    /// Notes where the participant is reached. Returns an address that no longer counts.
    pub(crate) fn reached_at(&mut self, address: Remote) -> Option<Remote> {
        self.addresses.retain(|known| *known != address);
        let oldest = (self.addresses.len() == ADDRESSES_MAX).then(|| self.addresses.remove(0));
        self.addresses.push(address);
        oldest
    }

    /// Notes that something arrived; says whether that ends an outage.
    pub(crate) fn heard(&mut self, now: Instant) -> bool {
        let silent = now.saturating_duration_since(self.heard_at);
        self.heard_at = now;
        self.connected && silent >= OUTAGE
    }

    /// Lets str0m say all it has to say. Must follow every change to `rtc`.
    pub(crate) fn drain(
        &mut self,
        now: Instant,
        happened: &mut impl FnMut(TransportKey, Happening),
        out: &mut impl FnMut(Output),
    ) {
        let mut wake_ups = 0;
        while !self.dead {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Transmit(transmit)) => out(Output::Transmit(transmit)),
                Ok(str0m::Output::Event(event)) => {
                    if let Some(happening) = self.note(event, now) {
                        happened(self.key, happening);
                    }
                }
                Ok(str0m::Output::Timeout(_)) if self.closing => self.rtc.disconnect(),
                Ok(str0m::Output::Timeout(at)) if at > now => {
                    self.wake_at = at;
                    break;
                }
                Ok(str0m::Output::Timeout(_)) => {
                    wake_ups += 1;
                    if wake_ups > WAKE_UPS_MAX {
                        self.wake_at = now + Duration::from_millis(1);
                        break;
                    }
                    if let Err(error) = self.rtc.handle_input(str0m::Input::Timeout(now)) {
                        tracing::debug!(%error, "endpoint could not go on");
                    }
                }
                Err(error) => {
                    wake_ups += 1;
                    tracing::debug!(%error, "endpoint failed");
                    if wake_ups > WAKE_UPS_MAX {
                        self.rtc.disconnect();
                    }
                }
            }
            if !self.rtc.is_alive() && !self.dead {
                self.dead = true;
                happened(self.key, Happening::Died);
            }
        }
    }

    fn note(&mut self, event: Event, now: Instant) -> Option<Happening> {
        match event {
            Event::Connected => {
                self.connected = true;
                self.heard_at = now;
                self.beat_at = now;
                Some(Happening::Connected)
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.rtc.disconnect();
                None
            }
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) if self.connected => Some(Happening::Back),
            Event::RtpPacket(packet) => Some(Happening::Media(Box::new(packet))),
            Event::Closed => {
                self.closing = true;
                None
            }
            Event::KeyframeRequest(_) => Some(Happening::NeedsKeyframe),
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.twcc_bps = Some(estimate.as_f64() as u32);
                None
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                self.remb_bps = Some(estimate.as_f64() as u32);
                None
            }
            Event::ChannelOpen(id, label) => {
                if self.channels.opened(&mut self.rtc, id, &label).is_err() {
                    self.rtc.disconnect();
                }
                self.beat_at = now;
                None
            }
            Event::ChannelClose(id) => {
                self.channels.closed(id);
                None
            }
            Event::ChannelData(data) => Some(Happening::Message(data)),
            _ => None,
        }
    }

    /// What its link carries towards it, if that is known: by transport feedback, or by the
    /// receiver's own word from endpoints that send no transport feedback.
    pub(crate) fn link_bps(&self) -> Option<u32> {
        self.twcc_bps.or(self.remb_bps)
    }

    /// Forgets what was known about the link.
    pub(crate) fn measure_anew(&mut self) {
        self.twcc_bps = None;
        self.rtc.bwe().reset(LINK_AT_START);
    }

    /// The codec of a payload type that this participant sends.
    pub(crate) fn sends(&self, packet: &RtpPacket) -> Option<PayloadParams> {
        let pt = packet.header.payload_type;
        self.rtc.codec_config().find(|p| p.pt() == pt).copied()
    }

    /// The payload type this participant knows a codec by, if it takes the codec at all.
    pub(crate) fn takes(&self, params: PayloadParams) -> Option<PayloadParams> {
        let own = self.rtc.codec_config().match_params(params)?;
        let media = self.rtc.media(self.section(params.spec().codec))?;
        media.remote_pts().contains(&own.pt()).then_some(*own)
    }

    /// The section that carries a codec.
    pub(crate) fn section(&self, codec: Codec) -> Mid {
        if codec.is_audio() {
            self.audio
        } else {
            self.video
        }
    }

    /// Asks the page for a whole picture. Says whether there was a stream to ask.
    pub(crate) fn request_keyframe(&mut self) -> bool {
        let Some(ssrc) = self.video_in else {
            return false;
        };
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc);
        stream
            .map(|s| s.request_keyframe(KeyframeRequestKind::Pli))
            .is_some()
    }

    /// Tells the page what its video may use.
    pub(crate) fn request_ceiling(&mut self, bps: u32) {
        let Some(ssrc) = self.video_in else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_remb(Bitrate::bps(u64::from(bps)));
        }
    }
}

/// What every endpoint of a relay is.
fn endpoint(certificate: &Certificate) -> RtcConfig {
    // DTLS stays at str0m's default of 1.2: there both browsers end up with AEAD_AES_256_GCM; over
    // 1.3 Chromium falls back to AES_CM with SHA-1, which costs the relay five times as much per
    // packet.
    Rtc::builder()
        .set_dtls_cert(certificate.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .enable_h264(true)
        .enable_bwe(Some(LINK_AT_START))
        .set_send_buffer_video(RESEND_VIDEO_PACKETS)
        .set_send_buffer_audio(RESEND_AUDIO_PACKETS)
}

fn candidate(at: MediaAddress) -> Option<Candidate> {
    match at.protocol {
        Protocol::Udp => Candidate::host(at.address, Protocol::Udp).ok(),
        Protocol::Tcp => Candidate::builder()
            .tcp()
            .host(at.address)
            .tcptype(TcpType::Passive)
            .build()
            .ok(),
        Protocol::SslTcp | Protocol::Tls => None,
    }
}

fn fingerprint_of(attempt: u32, sdp: &Sdp) -> (u32, u64) {
    let mut hasher = DefaultHasher::new();
    sdp.as_str().hash(&mut hasher);
    (attempt, hasher.finish())
}
