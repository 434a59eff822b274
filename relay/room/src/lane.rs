//! The way of one seat's media to one participant.

use sightline_wire::Seat;
use str0m::Rtc;
use str0m::format::{Codec, PayloadParams};
use str0m::media::{Mid, Pt};
use str0m::rtp::Ssrc;

use crate::io::TransportKey;
use crate::offer::MediaSections;
use crate::outgoing::Outgoing;
use crate::sound;

/// Most payload types of senders that are remembered: sound and picture of two.
const PARAMS_MAX: usize = 4;

/// The sections and streams in which a participant receives the media of one other seat.
pub(crate) struct Lane {
    pub(crate) source: Seat,
    sections: MediaSections,
    pub(crate) audio_out: Outgoing,
    pub(crate) video_out: Outgoing,
    /// The sound that it was sent.
    pub(crate) sent: sound::Sent,
    /// The streams in which sound and picture are sent.
    audio_ssrc: Option<Ssrc>,
    video_ssrc: Option<Ssrc>,
    /// What the payload types of its sender are here, so that they are not matched for each packet.
    params: Vec<(TransportKey, Pt, PayloadParams)>,
}

impl Lane {
    pub(crate) fn new(source: Seat, sections: MediaSections, rtc: &mut Rtc) -> Self {
        let mut direct = rtc.direct_api();
        let mut ssrc_in = |section| Some(direct.stream_tx_by_mid(section, None)?.ssrc());
        let [audio_ssrc, video_ssrc] = [sections.audio, sections.video].map(&mut ssrc_in);
        Self {
            source,
            sections,
            audio_out: Outgoing::new(),
            video_out: Outgoing::new(),
            sent: sound::Sent::default(),
            audio_ssrc,
            video_ssrc,
            params: Vec::new(),
        }
    }

    /// The section that carries a codec.
    pub(crate) fn section(&self, codec: Codec) -> Mid {
        if codec.is_audio() {
            self.sections.audio
        } else {
            self.sections.video
        }
    }

    pub(crate) fn has_section(&self, section: Mid) -> bool {
        [self.sections.audio, self.sections.video].contains(&section)
    }

    pub(crate) fn video_section(&self) -> Mid {
        self.sections.video
    }

    /// What a payload type of a sender is here, if it is known.
    pub(crate) fn params_for(&self, from: TransportKey, pt: Pt) -> Option<PayloadParams> {
        let mut known = self.params.iter();
        let found = known.find(|(sender, theirs, _)| (*sender, *theirs) == (from, pt));
        found.map(|(_, _, own)| *own)
    }

    /// Notes what a payload type of a sender is here.
    pub(crate) fn note_params(&mut self, from: TransportKey, pt: Pt, own: PayloadParams) {
        if self.params.len() == PARAMS_MAX {
            self.params.remove(0);
        }
        self.params.push((from, pt, own));
    }

    /// Whether its sound or its picture is in this stream.
    pub(crate) fn has_stream(&self, ssrc: Ssrc) -> bool {
        [self.audio_ssrc, self.video_ssrc].contains(&Some(ssrc))
    }

    /// Whether its sound is in this stream.
    pub(crate) fn has_sound(&self, ssrc: Ssrc) -> bool {
        self.audio_ssrc == Some(ssrc)
    }
}
