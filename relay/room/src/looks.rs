//! What str0m's statistics tell of a participant's link, what follows from it, and what the relay
//! tells its page.

use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::format::Codec;
use str0m::media::KeyframeRequestKind;
use str0m::rtp::RtpPacket;
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use crate::keyframe;
use crate::link::{Look, MeasuredLink};
use crate::outgoing::RESEND_VIDEO_PACKETS;
use crate::participant::{LINK_AT_START, Participant};
use crate::reports::{Report, ReportedLink};

/// For how long packets are kept for resending. A page asks three times within it, over a round
/// trip of 300 ms.
const RESEND_FOR: Duration = Duration::from_secs(1);
/// The share of a full queue that has to go before a small key frame has room.
const QUEUE_LEFT: f64 = 0.5;
/// The share of repeated bytes above which none is repeated: a link that loses 20 % needs 20 %, and
/// chance some more.
const RESENT_SHARE_MAX: f32 = 0.4;

impl Participant {
    /// The bandwidth towards this participant: by transport-wide feedback, or by REMB and receiver
    /// reports of endpoints that send none.
    pub(crate) fn link_bps(&self) -> Option<u32> {
        let reported = self.remb_bps.into_iter().chain(self.reported.bps());
        self.link.bps().or(reported.min())
    }

    /// Discards the bandwidth estimate.
    pub(crate) fn reset_link_estimate(&mut self) {
        self.link = MeasuredLink::default();
        self.reported = ReportedLink::default();
        self.rtc.bwe().reset(LINK_AT_START);
        self.follow_link();
    }

    /// Looks at the whole transport.
    pub(crate) fn note_transport(&mut self, stats: &PeerStats) {
        // What is lost for want of room would be lost of repeats, too.
        if !self.link.is_overfull(stats.timestamp) {
            self.note_loss(stats.egress_loss_fraction, stats.timestamp);
        }
        let Some(estimate) = stats.bwe_tx else {
            return;
        };
        let restart = self.link.take(&Look {
            at: stats.timestamp,
            estimate_bps: estimate.as_f64(),
            sent_bytes: stats.bytes_tx,
            loss: stats.egress_loss_fraction.map_or(0.0, f64::from),
            rtt: stats.rtt,
        });
        if let Some(bps) = restart {
            self.rtc.bwe().reset(Bitrate::bps(bps as u64));
        }
        if let Some(queue) = self.link.take_overrun() {
            // The pictures on their way are lost, repeats would be too. What str0m holds back goes
            // into the full queue now: later it would delay the key frame.
            self.unpace(true);
            let from = stats.timestamp + queue.mul_f64(QUEUE_LEFT);
            self.lanes
                .iter_mut()
                .for_each(|lane| lane.video_out.begin_anew(from));
            self.forget_sent();
            return;
        }
        self.follow_link();
    }

    /// Repeats no packet that was sent so far.
    pub(crate) fn forget_sent(&mut self) {
        let mut direct = self.rtc.direct_api();
        for lane in &self.lanes {
            if let Some(stream) = direct.stream_tx_by_mid(lane.video_section(), None) {
                stream.set_rtx_cache(RESEND_VIDEO_PACKETS, RESEND_FOR, Some(RESENT_SHARE_MAX));
            }
        }
    }

    /// Looks at what is sent in one section.
    pub(crate) fn note_sent(&mut self, stats: &MediaEgressStats) {
        let is_video = self.is_video(stats.mid);
        if !is_video {
            self.sound.take(stats.bytes, stats.timestamp);
        } else if self.link.bps().is_none() {
            let beside_bps = f64::from(self.sound.bps());
            self.reported.take(&Report::of(stats, beside_bps));
            self.note_loss(stats.loss, stats.timestamp);
        }
    }

    /// Sound is sent again by what its receiver lost lately.
    fn note_loss(&mut self, loss: Option<f32>, at: Instant) {
        if let Some(loss) = loss {
            self.levels.take(loss, self.link_bps(), at);
        }
    }

    /// Looks at what arrives in one section.
    pub(crate) fn note_received(&mut self, stats: &MediaIngressStats) {
        if self.is_video(stats.mid) {
            self.missed.note_rtt(stats.rtt);
        }
    }

    /// Loss alone does not slow the picture down: without a queue in front of the link, str0m's
    /// pace is no longer kept.
    fn follow_link(&mut self) {
        let desired = Bitrate::bps(self.link.desired_bps() as u64);
        if self.desired != desired {
            self.desired = desired;
            self.rtc.bwe().set_bitrate(Bitrate::ZERO, desired);
        }
        self.unpace(self.link.is_floored());
    }

    fn unpace(&mut self, unpaced: bool) {
        if self.unpaced == unpaced {
            return;
        }
        self.unpaced = unpaced;
        let mut direct = self.rtc.direct_api();
        for lane in &self.lanes {
            if let Some(stream) = direct.stream_tx_by_mid(lane.video_section(), None) {
                stream.set_unpaced(unpaced);
            }
        }
    }

    /// Notes a packet of the page's picture. Returns whether to drain at once, because packets
    /// before it are asked for.
    pub(crate) fn note_picture(&mut self, packet: &RtpPacket, codec: Codec, now: Instant) -> bool {
        let ssrc = packet.header.ssrc;
        if self.video_in.replace(ssrc) != Some(ssrc) {
            self.has_news = true;
            self.may_ask_again(false);
        }
        self.missed.note_packet(ssrc, *packet.seq_no, now);
        if keyframe::begins(codec, &packet.payload) {
            self.keyframes.answered();
            self.missed.note_key_frame(*packet.seq_no);
        }
        self.missed.due().is_some_and(|at| at <= now)
    }

    /// Whether str0m may ask for packets again. It does at once, if 33 ms have passed since it did.
    pub(crate) fn may_ask_again(&mut self, may: bool) {
        let Some(ssrc) = self.video_in else {
            return;
        };
        // Without a stream for repeats str0m asks for none, and must not.
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc)
            && stream.rtx().is_some()
        {
            stream.suppress_nack(!may);
        }
    }

    /// Requests a key frame from the page. Returns whether it has a video stream.
    pub(crate) fn send_keyframe_request(&mut self) -> bool {
        let Some(ssrc) = self.video_in else {
            return false;
        };
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx(&ssrc);
        stream
            .map(|s| s.request_keyframe(KeyframeRequestKind::Pli))
            .is_some()
    }

    /// Tells the page the bitrate that its video may use.
    pub(crate) fn send_ceiling(&mut self, bps: u32) {
        let Some(ssrc) = self.video_in else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_remb(Bitrate::bps(u64::from(bps)));
        }
    }
}
