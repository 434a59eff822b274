//! The way of one seat's media to one participant.

use sightline_wire::Seat;
use str0m::Rtc;
use str0m::format::Codec;
use str0m::media::Mid;
use str0m::rtp::Ssrc;

use crate::offer::MediaSections;
use crate::outgoing::Outgoing;
use crate::sound;

/// The sections and streams in which a participant receives the media of one other seat.
pub(crate) struct Lane {
    pub(crate) source: Seat,
    sections: MediaSections,
    pub(crate) audio_out: Outgoing,
    pub(crate) video_out: Outgoing,
    /// The sound that it was sent.
    pub(crate) sent: sound::Sent,
    /// The stream in which it is sent.
    audio_ssrc: Option<Ssrc>,
}

impl Lane {
    pub(crate) fn new(source: Seat, sections: MediaSections, rtc: &mut Rtc) -> Self {
        let mut direct = rtc.direct_api();
        let audio = direct.stream_tx_by_mid(sections.audio, None);
        Self {
            source,
            sections,
            audio_out: Outgoing::new(),
            video_out: Outgoing::new(),
            sent: sound::Sent::default(),
            audio_ssrc: audio.map(|stream| stream.ssrc()),
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

    /// Whether its sound is in this stream.
    pub(crate) fn has_sound(&self, ssrc: Ssrc) -> bool {
        self.audio_ssrc == Some(ssrc)
    }
}
