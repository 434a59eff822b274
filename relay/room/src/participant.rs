//! One page's transport: its str0m endpoint and what the room keeps beside it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_wire::{OfferFault, PageId, Sdp, Seat};
use str0m::bwe::{Bitrate, BweKind};
use str0m::channel::ChannelData;
use str0m::format::PayloadParams;
use str0m::media::Mid;
use str0m::net::{Receive, TcpType};
use str0m::rtp::{Extension, RtpPacket, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, IceCreds, Rtc, RtcConfig};

use crate::channels::Channels;
use crate::demux;
use crate::gap::Gaps;
use crate::gate::{self, Gate};
use crate::io::{Certificate, Datagram, MediaAddress, Protocol, Remote, TransportKey};
use crate::keyframe::KeyframeRequests;
use crate::lane::Lane;
use crate::layout;
use crate::link::{self, MeasuredLink};
use crate::nack::Missed;
use crate::naming::Naming;
use crate::offer::{self, Offer};
use crate::outgoing::RESEND_VIDEO_PACKETS;
use crate::passing::Passing;
use crate::rate::{self, CeilingReports, Sound};
use crate::reports::ReportedLink;
use crate::sound;
use crate::work::Work;

/// A transport that has not connected within this time is removed.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// How long a transport is heard after its successor is connected, unless that brings a packet
/// before: the first one is a round trip away.
const RETIRES_WITHIN: Duration = Duration::from_secs(2);
/// Time between two beats.
pub(crate) const BEAT_EVERY: Duration = Duration::from_millis(500);
/// After this much silence the link's bandwidth is measured again. Longer than the 2.5 s between
/// the keep-alives of a browser that sends nothing else.
const OUTAGE: Duration = Duration::from_secs(3);
/// Assumed bandwidth of a link that has not been measured: at the start and after an outage.
pub(crate) const LINK_AT_START: Bitrate = Bitrate::kbps(600);
/// The bandwidth that a link is probed up to: a 720p picture and sound.
const LINK_DESIRED: Bitrate = Bitrate::bps(rate::LINK_DESIRED_BPS as u64);
/// How often the reports of a page are read.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Packets of audio kept for resending.
const RESEND_AUDIO_PACKETS: usize = 50;
/// Most addresses of one transport. A further one replaces the one that was silent for longest.
const ADDRESSES_MAX: usize = 8;
/// What a participant reports to its room.
pub(crate) enum ParticipantEvent {
    /// It connected.
    Connected,
    /// It was silent, or changed its network path, and is back.
    Recovered,
    /// Its connection ended.
    Gone,
    /// Media arrived.
    Media(Box<RtpPacket>),
    /// It needs a key frame to decode the video of this seat.
    NeedsKeyframe(Seat),
    /// Its page sent a message.
    Message(ChannelData),
}

/// What became of a datagram for a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// Its endpoint took it.
    Taken,
    /// It is not for this endpoint, or not authenticated.
    Foreign,
    /// It is beyond what a page may send.
    Excess,
}

/// One page's transport.
pub(crate) struct Participant {
    pub(crate) key: TransportKey,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) rtc: Rtc,
    /// The local ufrag, by which a sender at an unknown address names this participant.
    pub(crate) ufrag: String,
    /// Addresses from which an authenticated STUN request came, the latest last.
    pub(crate) addresses: Vec<Remote>,
    pub(crate) connected: bool,
    pub(crate) moving: Moving,
    pub(crate) dead: bool,
    /// The page closed the connection. What str0m still has to send goes out first.
    pub(crate) closing: bool,
    /// Its endpoint panicked, and is not used again.
    broken: bool,
    pub(crate) made_at: Instant,
    active_at: Instant,
    pub(crate) gaps: Gaps,
    /// When str0m wants its next timeout.
    pub(crate) timeout_at: Instant,
    /// What goes through its endpoint.
    pub(crate) passing: Passing,
    /// Something happened that may have to be answered or passed on.
    pub(crate) has_news: bool,
    /// The relay's addresses in the answer.
    media: Vec<MediaAddress>,
    pub(crate) beat_at: Instant,
    pub(crate) beat: u32,
    pub(crate) gate: Gate,
    /// Until a path has a name.
    naming: Option<Naming>,
    pub(crate) work: Work,
    pub(crate) channels: Channels,
    /// One for each seat whose media it receives.
    pub(crate) lanes: Vec<Lane>,
    /// The sound that it sends.
    pub(crate) sound_in: sound::Arrived,
    /// How often it is sent sound again.
    pub(crate) levels: sound::Levels,
    /// Its video stream, once a packet of it arrived.
    pub(crate) video_in: Option<Ssrc>,
    /// The codec of the newest packet of it.
    pub(crate) video_codec: Option<PayloadParams>,
    pub(crate) keyframes: KeyframeRequests,
    pub(crate) ceilings: CeilingReports,
    /// The ceiling in the last beat, bit/s.
    pub(crate) told_ceiling: Option<u32>,
    /// The link of a page with transport feedback.
    pub(crate) link: MeasuredLink,
    /// The bitrate that its link was told to be probed for.
    pub(crate) desired: Bitrate,
    /// Its video leaves at once, whatever str0m's pace is.
    pub(crate) unpaced: bool,
    /// What its sound takes.
    pub(crate) sound: Sound,
    /// What is missing of its own picture.
    pub(crate) missed: Missed,
    pub(crate) remb_bps: Option<u32>,
    /// The link of a page without transport feedback.
    pub(crate) reported: ReportedLink,
    /// Attempt and hash of the offer, to give a repeated delivery the same answer.
    offer: (u32, u64),
    pub(crate) answer: Sdp,
}

/// What a transport has to do with the one before it, or after it, of the same page.
#[derive(Debug, Default)]
pub(crate) struct Moving {
    /// The successor is connected. This one is heard until that brings a packet, at the latest
    /// until this time.
    pub(crate) retires_at: Option<Instant>,
    /// This is the successor of one that is still heard.
    pub(crate) succeeds: bool,
}

/// What a transport is made from.
pub(crate) struct TransportSpec<'a> {
    pub(crate) key: TransportKey,
    pub(crate) seat: Seat,
    pub(crate) page: PageId,
    pub(crate) attempt: u32,
    pub(crate) sdp: &'a Sdp,
    pub(crate) media: &'a [MediaAddress],
    pub(crate) certificate: &'a Certificate,
    pub(crate) mark: char,
}

impl Participant {
    /// Answers an offer. If str0m panics on it, the offer is malformed.
    pub(crate) fn answer(spec: &TransportSpec<'_>, now: Instant) -> Result<Self, OfferFault> {
        let offer = offer::read(spec.sdp.as_str(), spec.seat)?;
        catch_unwind(AssertUnwindSafe(|| Self::accept(spec, offer, now)))
            .unwrap_or(Err(OfferFault::Malformed))
    }

    fn accept(spec: &TransportSpec<'_>, offer: Offer, now: Instant) -> Result<Self, OfferFault> {
        let mut rtc = endpoint(spec.certificate, offer.transport_feedback)
            .set_local_ice_credentials(credentials(spec.mark))
            .build(now);
        for address in spec.media {
            let candidate = candidate(*address).ok_or(OfferFault::Malformed)?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc
            .sdp_api()
            .accept_offer(offer.sdp)
            .map_err(|_| OfferFault::Malformed)?;
        let answer = Sdp::new(answer.to_sdp_string()).map_err(|_| OfferFault::TooLong)?;
        rtc.bwe().set_bitrate(Bitrate::ZERO, LINK_DESIRED);
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        for section in offer.sections.iter().flat_map(|s| [s.audio, s.video]) {
            let media = rtc.media(section).ok_or(OfferFault::Sections)?;
            if media.disabled() || media.remote_pts().is_empty() {
                return Err(OfferFault::Codecs);
            }
        }
        let sources = layout::sources(spec.seat).zip(offer.sections);
        let lanes = sources.map(|(source, sections)| Lane::new(source, sections, &mut rtc));
        let lanes = lanes.collect();
        let mut participant = Self {
            key: spec.key,
            seat: spec.seat,
            page: spec.page,
            rtc,
            ufrag,
            addresses: Vec::new(),
            connected: false,
            moving: Moving::default(),
            dead: false,
            closing: false,
            broken: false,
            made_at: now,
            active_at: now,
            gaps: Gaps::default(),
            timeout_at: now,
            passing: Passing::default(),
            has_news: true,
            media: spec.media.to_vec(),
            beat_at: now,
            beat: 0,
            gate: Gate::new(offer.ssrcs),
            naming: Some(Naming::default()),
            work: Work::new(now),
            channels: Channels::default(),
            lanes,
            sound_in: sound::Arrived::default(),
            levels: sound::Levels::default(),
            video_in: None,
            video_codec: None,
            keyframes: KeyframeRequests::default(),
            ceilings: CeilingReports::default(),
            told_ceiling: None,
            link: MeasuredLink::default(),
            desired: LINK_DESIRED,
            unpaced: false,
            sound: Sound::default(),
            missed: Missed::default(),
            remb_bps: None,
            reported: ReportedLink::default(),
            offer: offer_id(spec.attempt, spec.sdp),
            answer,
        };
        participant.forget_sent();
        Ok(participant)
    }

    /// Whether this participant's answer is the one to this offer.
    pub(crate) fn answered(&self, attempt: u32, sdp: &Sdp) -> bool {
        self.offer == offer_id(attempt, sdp)
    }

    /// Handles a datagram if the gate admits it and str0m accepts it: it is meant for this
    /// participant and authenticated.
    pub(crate) fn receive(&mut self, datagram: &Datagram<'_>, now: Instant) -> Receipt {
        if !self.gate.admits(datagram.bytes, now) {
            return Receipt::Excess;
        }
        let Ok(receive) = Receive::new(
            datagram.protocol,
            datagram.source,
            self.answered_address(datagram),
            datagram.bytes,
        ) else {
            return Receipt::Foreign;
        };
        let input = str0m::Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return Receipt::Foreign;
        }
        // Only here a check is known to be the page's own, so that nobody else can use up its
        // addresses.
        if demux::is_stun(datagram.bytes)
            && !self.addresses.contains(&datagram.remote())
            && !self.gate.admits_address(now)
        {
            return Receipt::Excess;
        }
        self.name_path(datagram, now);
        // What a page sends is not logged, because it may send it a thousand times a second.
        self.contained(|rtc| rtc.handle_input(input));
        // With it the endpoint heard the time.
        self.passing.written = false;
        Receipt::Taken
    }

    /// Lets the endpoint act. If it panics on what its page sent, this transport ends and no other.
    pub(crate) fn contained<T>(&mut self, act: impl FnOnce(&mut Rtc) -> T) -> Option<T> {
        if self.broken {
            return None;
        }
        #[cfg(test)]
        {
            self.passing.turns += 1;
        }
        let rtc = &mut self.rtc;
        // An output is large: it is moved once, not with each step of the way out.
        let mut acted = None;
        let whole = catch_unwind(AssertUnwindSafe(|| acted = Some(act(rtc))));
        if whole.is_err() {
            tracing::error!(seat = ?self.seat, "endpoint panicked, its transport ends");
            self.broken = true;
        }
        acted
    }

    /// Names the path of an accepted datagram if the page speaks over it and has named none.
    fn name_path(&mut self, datagram: &Datagram<'_>, now: Instant) {
        let Some(naming) = &mut self.naming else {
            return;
        };
        if demux::is_stun(datagram.bytes) {
            naming.note_check(datagram.remote(), datagram.bytes);
            return;
        }
        let key = self.rtc.direct_api().local_ice_credentials().pass;
        let Some(check) = naming.on_speech(datagram.remote(), datagram.bytes, &key) else {
            return;
        };
        self.naming = None;
        let at = self.answered_address(datagram);
        if let Ok(check) = Receive::new(datagram.protocol, datagram.source, at, &check) {
            self.contained(|rtc| rtc.handle_input(str0m::Input::Receive(now, check)));
        }
    }

    /// The address a datagram was sent to, as this participant's answer named it. The relay's
    /// address may have changed since then; its sockets are distinguished by their ports.
    fn answered_address(&self, datagram: &Datagram<'_>) -> SocketAddr {
        let at = datagram.destination;
        let mut answered = self
            .media
            .iter()
            .filter(|media| media.protocol == datagram.protocol)
            .map(|media| media.address);
        if answered.clone().any(|address| address == at) {
            return at;
        }
        let same_socket =
            |address: &SocketAddr| address.port() == at.port() && address.is_ipv4() == at.is_ipv4();
        answered.find(same_socket).unwrap_or(at)
    }

    /// Notes an authenticated address. Returns the address it replaces.
    pub(crate) fn add_address(&mut self, address: Remote) -> Option<Remote> {
        self.addresses.retain(|known| *known != address);
        let oldest = (self.addresses.len() == ADDRESSES_MAX).then(|| self.addresses.remove(0));
        self.addresses.push(address);
        oldest
    }

    /// Notes that something arrived. Returns whether that ends an outage.
    pub(crate) fn note_activity(&mut self, now: Instant) -> bool {
        let silent = now.saturating_duration_since(self.active_at);
        self.active_at = now;
        self.gaps.note_silence(silent, now);
        self.connected && silent >= OUTAGE
    }

    /// Notes that its successor is connected.
    pub(crate) fn retire(&mut self, now: Instant) {
        self.moving.retires_at.get_or_insert(now + RETIRES_WITHIN);
    }

    /// Notes what str0m says. Returns what the room has to know.
    pub(crate) fn handle_event(&mut self, event: Event, now: Instant) -> Option<ParticipantEvent> {
        self.has_news = true;
        match event {
            Event::Connected => {
                self.connected = true;
                self.active_at = now;
                self.beat_at = now;
                Some(ParticipantEvent::Connected)
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.rtc.disconnect();
                None
            }
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) => {
                self.naming = None;
                self.connected.then_some(ParticipantEvent::Recovered)
            }
            Event::RtpPacket(packet) => Some(ParticipantEvent::Media(Box::new(packet))),
            Event::Closed => {
                self.closing = true;
                None
            }
            Event::KeyframeRequest(request) => {
                let lane = self.lanes.iter().find(|l| l.has_section(request.mid))?;
                Some(ParticipantEvent::NeedsKeyframe(lane.source))
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                self.remb_bps = Some(estimate.as_f64() as u32);
                None
            }
            Event::PeerStats(stats) => {
                self.note_transport(&stats);
                None
            }
            Event::MediaEgressStats(stats) => {
                self.note_sent(&stats);
                None
            }
            Event::MediaIngressStats(stats) => {
                self.note_received(&stats);
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
            Event::ChannelData(data) => Some(ParticipantEvent::Message(data)),
            _ => None,
        }
    }

    /// Whether a section carries video.
    pub(crate) fn is_video(&self, section: Mid) -> bool {
        self.lanes
            .iter()
            .any(|lane| lane.video_section() == section)
    }

    /// The codec of a packet that this participant sent, plain or in RED.
    pub(crate) fn codec_of(&self, packet: &RtpPacket) -> Option<PayloadParams> {
        let pt = packet.header.payload_type;
        let is_of = |p: &PayloadParams| p.pt() == pt || p.red() == Some(pt);
        self.rtc.codec_config().find(is_of).copied()
    }

    /// Whether a datagram to this participant is media, sent for the first time.
    pub(crate) fn is_first(&self, datagram: &[u8]) -> bool {
        let ssrc = gate::ssrc(datagram).map(Ssrc::from);
        ssrc.is_some_and(|ssrc| self.lanes.iter().any(|lane| lane.has_stream(ssrc)))
    }

    /// Whether a datagram to this participant is sound.
    pub(crate) fn is_sound(&self, datagram: &[u8]) -> bool {
        let ssrc = gate::ssrc(datagram).map(Ssrc::from);
        ssrc.is_some_and(|ssrc| self.lanes.iter().any(|lane| lane.has_sound(ssrc)))
    }

    /// The lane in which it receives the media of a seat.
    pub(crate) fn lane_of(&self, source: Seat) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.source == source)
    }

    /// The same as [`Self::own_payload_type`], for each packet of a sender in a seat.
    pub(crate) fn own_params(
        &mut self,
        source: Seat,
        from: TransportKey,
        section: Mid,
        params: PayloadParams,
    ) -> Option<PayloadParams> {
        let known = self.lane_of(source)?.params_for(from, params.pt());
        if known.is_some() {
            return known;
        }
        let own = self.own_payload_type(section, params)?;
        let lane = self.lanes.iter_mut().find(|lane| lane.source == source)?;
        lane.note_params(from, params.pt(), own);
        Some(own)
    }

    /// This participant's payload type for a codec, if it negotiated the codec in that section.
    pub(crate) fn own_payload_type(
        &self,
        section: Mid,
        params: PayloadParams,
    ) -> Option<PayloadParams> {
        let own = self.rtc.codec_config().match_params(params)?;
        let media = self.rtc.media(section)?;
        media.remote_pts().contains(&own.pt()).then_some(*own)
    }
}

/// The configuration of every endpoint.
///
/// Without transport feedback nothing would ever raise str0m's estimate, and its queue would hold
/// back what exceeds it: there packets leave at once, and reports tell what the link carries.
fn endpoint(certificate: &Certificate, transport_feedback: bool) -> RtcConfig {
    // Without `urn:3gpp:video-orientation`, which Firefox does not know, a sender turns its picture
    // itself. Otherwise an iPhone's would lie on its side.
    // DTLS stays at str0m's default of 1.2: there both browsers end up with AEAD_AES_256_GCM; over
    // 1.3 Chromium falls back to AES_CM with SHA-1, which costs the relay five times as much per
    // packet.
    Rtc::builder()
        .set_crypto_provider(Arc::new(gate::provider()))
        .set_dtls_cert(certificate.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, true)
        .enable_vp8(true)
        .enable_h264(true)
        .clear_extension_map()
        .set_extension(1, Extension::AudioLevel)
        .set_extension(2, Extension::AbsoluteSendTime)
        .set_extension(3, Extension::TransportSequenceNumber)
        .set_extension(4, Extension::RtpMid)
        .enable_bwe(transport_feedback.then_some(LINK_AT_START))
        .set_stats_interval(Some(if transport_feedback {
            link::LOOK_EVERY
        } else {
            REPORT_EVERY
        }))
        .set_send_buffer_video(RESEND_VIDEO_PACKETS)
        .set_send_buffer_audio(RESEND_AUDIO_PACKETS)
}

/// Random ones, of which the name begins with a mark.
fn credentials(mark: char) -> IceCreds {
    let random = IceCreds::new();
    IceCreds {
        ufrag: format!("{mark}{}", random.ufrag),
        ..random
    }
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

/// Identifies an offer: attempt and hash.
fn offer_id(attempt: u32, sdp: &Sdp) -> (u32, u64) {
    let mut hasher = DefaultHasher::new();
    sdp.as_str().hash(&mut hasher);
    (attempt, hasher.finish())
}
