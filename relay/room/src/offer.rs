//! Checks a page's offer before str0m parses it: refuses everything that this protocol does not
//! use.

use std::collections::BTreeSet;

use sightline_wire::Seat;
use str0m::change::SdpOffer;
use str0m::media::Mid;

use crate::layout;

/// Most lines of an offer. Chromium's, with all its codecs, has about 250.
const LINES_MAX: usize = 800;
/// Longest line, bytes. The longest that browsers write are `a=msid` and `m=` lines of some 200.
const LINE_BYTES_MAX: usize = 1024;
/// Most candidates. They are ignored in any case.
const CANDIDATES_MAX: usize = 64;
/// Most `a=ssrc` lines: two streams, each with a retransmission stream, a few attributes each.
const SSRC_LINES_MAX: usize = 32;
/// Most payload types of an m-line.
const FORMATS_MAX: usize = 96;
/// Longest identification tag of a section, bytes. Browsers count from 0.
const MID_BYTES_MAX: usize = 16;

/// Why an offer is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OfferError {
    #[error("too many lines or a line too long")]
    TooLarge,
    #[error("unexpected set of sections")]
    Sections,
    #[error("unexpected direction of a section")]
    Direction,
    #[error("expected exactly one sha-256 fingerprint")]
    Fingerprint,
    #[error("unexpected attribute")]
    Unexpected,
    #[error("inconsistent payload types")]
    PayloadTypes,
    #[error("no common codec")]
    Codecs,
    #[error("malformed session description")]
    Malformed,
}

/// An accepted offer.
#[derive(Debug)]
pub(crate) struct Offer {
    /// For str0m.
    pub(crate) sdp: SdpOffer,
    /// The media sections, one pair for each of the seat's sources.
    pub(crate) sections: Vec<MediaSections>,
}

/// An audio and a video section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaSections {
    pub(crate) audio: Mid,
    pub(crate) video: Mid,
}

/// Checks the offer of a page in this seat and removes its candidates: the relay answers to where a
/// check comes from and never dials a page.
pub(crate) fn read(sdp: &str, seat: Seat) -> Result<Offer, OfferError> {
    let pairs = layout::sources(seat).count();
    let mut survey = Survey::new(2 * pairs + 1);
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if survey.take_line(line)? {
            kept.push_str(line);
            kept.push_str("\r\n");
        }
    }
    survey.conclude(pairs, seat)?;
    let sdp = SdpOffer::from_sdp_string(&kept).map_err(|_| OfferError::Malformed)?;
    let sections = survey.mids("audio").zip(survey.mids("video"));
    let sections = sections.map(|(audio, video)| {
        Ok(MediaSections {
            audio: audio?,
            video: video?,
        })
    });
    Ok(Offer {
        sdp,
        sections: sections.collect::<Result<_, _>>()?,
    })
}

/// What the lines of an offer said so far.
struct Survey<'a> {
    sections_max: usize,
    lines: usize,
    candidates: usize,
    ssrc_lines: usize,
    fingerprint: Option<&'a str>,
    sections: Vec<Section<'a>>,
    payload_types: PayloadTypes,
}

/// Payload types are unique in a bundle (RFC 9143 section 9.1; its exception, one codec twice, is
/// offered by no browser), and each retransmission type names the type that it repairs. str0m 0.25
/// panics on other offers.
#[derive(Default)]
struct PayloadTypes {
    mapped: BTreeSet<u8>,
    retransmitting: BTreeSet<u8>,
    paired: BTreeSet<u8>,
}

impl PayloadTypes {
    fn map(&mut self, value: &str) -> Result<(), OfferError> {
        let (payload_type, codec) = split(value)?;
        if !self.mapped.insert(payload_type) {
            return Err(OfferError::PayloadTypes);
        }
        if codec.trim().to_ascii_lowercase().starts_with("rtx/") {
            self.retransmitting.insert(payload_type);
        }
        Ok(())
    }

    fn pair(&mut self, value: &str) -> Result<(), OfferError> {
        let (payload_type, parameters) = split(value)?;
        if parameters.contains("apt=") && !self.paired.insert(payload_type) {
            return Err(OfferError::PayloadTypes);
        }
        Ok(())
    }
}

fn split(value: &str) -> Result<(u8, &str), OfferError> {
    let (payload_type, rest) = value.split_once(' ').ok_or(OfferError::Malformed)?;
    match payload_type.parse() {
        Ok(payload_type @ 0..=127) => Ok((payload_type, rest)),
        _ => Err(OfferError::PayloadTypes),
    }
}

struct Section<'a> {
    kind: &'a str,
    rejected: bool,
    bundle_only: bool,
    mid: Option<&'a str>,
    direction: Option<&'a str>,
}

impl<'a> Survey<'a> {
    fn new(sections_max: usize) -> Self {
        Self {
            sections_max,
            lines: 0,
            candidates: 0,
            ssrc_lines: 0,
            fingerprint: None,
            sections: Vec::new(),
            payload_types: PayloadTypes::default(),
        }
    }

    /// Checks a line. Returns whether it stays in the offer.
    fn take_line(&mut self, line: &'a str) -> Result<bool, OfferError> {
        self.lines += 1;
        if self.lines > LINES_MAX || line.len() > LINE_BYTES_MAX {
            return Err(OfferError::TooLarge);
        }
        if let Some(section) = line.strip_prefix("m=") {
            self.begin_section(section)?;
            return Ok(true);
        }
        let Some(attribute) = line.strip_prefix("a=") else {
            return Ok(true);
        };
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        self.take_attribute(name, value)
    }

    /// Checks an attribute. Returns whether it stays in the offer.
    fn take_attribute(&mut self, name: &'a str, value: &'a str) -> Result<bool, OfferError> {
        match name {
            "candidate" | "end-of-candidates" | "remote-candidates" => {
                self.candidates += 1;
                if self.candidates > CANDIDATES_MAX {
                    return Err(OfferError::TooLarge);
                }
                return Ok(false);
            }
            "ssrc" | "ssrc-group" => {
                self.ssrc_lines += 1;
                if self.ssrc_lines > SSRC_LINES_MAX {
                    return Err(OfferError::TooLarge);
                }
            }
            "fingerprint" => return self.fingerprint(value),
            "rtpmap" => self.payload_types.map(value)?,
            "fmtp" => self.payload_types.pair(value)?,
            "ice-lite" | "simulcast" | "rid" | "sctp-init" | "identity" => {
                return Err(OfferError::Unexpected);
            }
            // The relay is the DTLS server, so that it picks the cipher and never sends first.
            "setup" if value != "actpass" && value != "active" => {
                return Err(OfferError::Unexpected);
            }
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                if let Some(section) = self.sections.last_mut() {
                    section.direction = Some(name);
                }
            }
            "mid" => {
                // str0m truncates longer tags, which could make two of them equal.
                if value.is_empty() || value.len() > MID_BYTES_MAX {
                    return Err(OfferError::Unexpected);
                }
                if let Some(section) = self.sections.last_mut() {
                    section.mid = Some(value);
                }
            }
            "bundle-only" => {
                if let Some(section) = self.sections.last_mut() {
                    section.bundle_only = true;
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn begin_section(&mut self, section: &'a str) -> Result<(), OfferError> {
        let mut fields = section.split(' ');
        let (Some(kind), Some(port)) = (fields.next(), fields.next()) else {
            return Err(OfferError::Malformed);
        };
        if self.sections.len() == self.sections_max {
            return Err(OfferError::Sections);
        }
        if fields.count() > FORMATS_MAX {
            return Err(OfferError::TooLarge);
        }
        self.sections.push(Section {
            kind,
            rejected: port == "0",
            bundle_only: false,
            mid: None,
            direction: None,
        });
        Ok(())
    }

    /// Takes the SHA-256 digest and leaves out others: an endpoint may offer one certificate with
    /// several digests (RFC 8122 section 5).
    fn fingerprint(&mut self, value: &'a str) -> Result<bool, OfferError> {
        let Some((kind, _)) = value.split_once(' ') else {
            return Err(OfferError::Fingerprint);
        };
        if !kind.eq_ignore_ascii_case("sha-256") {
            return Ok(false);
        }
        if self.fingerprint.is_some_and(|known| known != value) {
            return Err(OfferError::Fingerprint);
        }
        self.fingerprint = Some(value);
        Ok(true)
    }

    /// The tags of all sections of a kind, in their order.
    fn mids(&self, kind: &str) -> impl Iterator<Item = Result<Mid, OfferError>> {
        self.sections
            .iter()
            .filter(move |section| section.kind == kind)
            .map(|section| section.mid.map(Mid::from).ok_or(OfferError::Sections))
    }

    /// Checks what only the whole offer shows. A page offers `pairs` sections of audio, as many of
    /// video, and one for the data channels.
    fn conclude(&self, pairs: usize, seat: Seat) -> Result<(), OfferError> {
        let count = |kind| self.sections.iter().filter(|s| s.kind == kind).count();
        if self.sections.len() != self.sections_max
            || ["audio", "video", "application"].map(count) != [pairs, pairs, 1]
            // A section with port 0 is rejected unless it only waits for the bundle (RFC 9143
            // section 6).
            || self.sections.iter().any(|s| s.rejected && !s.bundle_only)
        {
            return Err(OfferError::Sections);
        }
        let expected = layout::direction(seat).to_string();
        // Without an attribute the direction is sendrecv (RFC 8866 section 6.7).
        let as_expected = |s: &Section<'_>| {
            s.kind == "application" || s.direction.unwrap_or("sendrecv") == expected
        };
        if !self.sections.iter().all(as_expected) {
            return Err(OfferError::Direction);
        }
        let types = &self.payload_types;
        if !types.paired.is_subset(&types.retransmitting) {
            return Err(OfferError::PayloadTypes);
        }
        if self.fingerprint.is_none() {
            return Err(OfferError::Fingerprint);
        }
        Ok(())
    }
}
