//! Reads a page's offer and refuses whatever is not the one this protocol asks for, before str0m
//! sees it.

use std::collections::BTreeSet;

use str0m::change::SdpOffer;
use str0m::media::Mid;

/// Most lines of an offer. Chromium's, with all its codecs, has about 250.
const LINES_MAX: usize = 800;
/// Longest line, bytes. The longest that browsers write are `a=msid` and `m=` lines of some 200.
const LINE_BYTES_MAX: usize = 1024;
/// Most candidates. They are dropped in any case.
const CANDIDATES_MAX: usize = 64;
/// Most `a=ssrc` lines: two streams, each with a resending one, a few attributes each.
const SSRC_LINES_MAX: usize = 32;
/// Most payload types an m-line lists.
const FORMATS_MAX: usize = 96;

/// Longest name of a section, bytes. Browsers count from 0.
const MID_BYTES_MAX: usize = 16;

/// What is wrong with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OfferFault {
    #[error("offer has too many or too long lines")]
    TooLarge,
    #[error("offer has not exactly one audio, one video and one application section")]
    Sections,
    #[error("a section is not sendrecv")]
    Direction,
    #[error("offer has no sha-256 fingerprint, or more than one, or another kind")]
    Fingerprint,
    #[error("offer has a part this protocol does not use")]
    Unexpected,
    #[error("offer uses a payload type twice")]
    PayloadTypes,
    #[error("offer has no codec in common with the relay")]
    Codecs,
    #[error("offer is not a session description")]
    Malformed,
}

/// An offer that is as it should be.
#[derive(Debug)]
pub(crate) struct Offer {
    /// For str0m.
    pub(crate) sdp: SdpOffer,
    /// The audio section.
    pub(crate) audio: Mid,
    /// The video section.
    pub(crate) video: Mid,
}

/// Checks an offer and takes the client's candidates out: the relay answers from where it is asked
/// and dials nobody.
pub(crate) fn read(sdp: &str) -> Result<Offer, OfferFault> {
    let mut survey = Survey::default();
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if survey.look_at(line)? {
            kept.push_str(line);
            kept.push_str("\r\n");
        }
    }
    survey.conclude()?;
    Ok(Offer {
        sdp: SdpOffer::from_sdp_string(&kept).map_err(|_| OfferFault::Malformed)?,
        audio: survey.mid("audio")?,
        video: survey.mid("video")?,
    })
}

#[derive(Default)]
struct Survey<'a> {
    lines: usize,
    candidates: usize,
    ssrc_lines: usize,
    fingerprint: Option<&'a str>,
    sections: Vec<Section<'a>>,
    payload_types: PayloadTypes,
}

/// Payload types are unique in a bundle (RFC 9143 section 9.1, but for one codec twice, which no
/// browser offers), and one that resends has one it resends for. str0m 0.25 panics where that is
/// not so.
#[derive(Default)]
struct PayloadTypes {
    mapped: BTreeSet<u8>,
    resending: BTreeSet<u8>,
    paired: BTreeSet<u8>,
}

impl PayloadTypes {
    fn map(&mut self, value: &str) -> Result<(), OfferFault> {
        let (payload_type, codec) = split(value)?;
        if !self.mapped.insert(payload_type) {
            return Err(OfferFault::PayloadTypes);
        }
        if codec.trim().to_ascii_lowercase().starts_with("rtx/") {
            self.resending.insert(payload_type);
        }
        Ok(())
    }

    fn pair(&mut self, value: &str) -> Result<(), OfferFault> {
        let (payload_type, parameters) = split(value)?;
        if parameters.contains("apt=") && !self.paired.insert(payload_type) {
            return Err(OfferFault::PayloadTypes);
        }
        Ok(())
    }
}

fn split(value: &str) -> Result<(u8, &str), OfferFault> {
    let (payload_type, rest) = value.split_once(' ').ok_or(OfferFault::Malformed)?;
    match payload_type.parse() {
        Ok(payload_type @ 0..=127) => Ok((payload_type, rest)),
        _ => Err(OfferFault::PayloadTypes),
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
    /// Notes a line; says whether it stays in the offer.
    fn look_at(&mut self, line: &'a str) -> Result<bool, OfferFault> {
        self.lines += 1;
        if self.lines > LINES_MAX || line.len() > LINE_BYTES_MAX {
            return Err(OfferFault::TooLarge);
        }
        if let Some(section) = line.strip_prefix("m=") {
            self.begin_section(section)?;
            return Ok(true);
        }
        let Some(attribute) = line.strip_prefix("a=") else {
            return Ok(true);
        };
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "candidate" | "end-of-candidates" | "remote-candidates" => {
                self.candidates += 1;
                if self.candidates > CANDIDATES_MAX {
                    return Err(OfferFault::TooLarge);
                }
                return Ok(false);
            }
            "ssrc" | "ssrc-group" => {
                self.ssrc_lines += 1;
                if self.ssrc_lines > SSRC_LINES_MAX {
                    return Err(OfferFault::TooLarge);
                }
            }
            "fingerprint" => self.fingerprint(value)?,
            "rtpmap" => self.payload_types.map(value)?,
            "fmtp" => self.payload_types.pair(value)?,
            "ice-lite" | "simulcast" | "rid" | "sctp-init" | "identity" => {
                return Err(OfferFault::Unexpected);
            }
            // The relay is the DTLS server, so that it picks the cipher and never speaks first.
            "setup" if value != "actpass" && value != "active" => {
                return Err(OfferFault::Unexpected);
            }
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                if let Some(section) = self.sections.last_mut() {
                    section.direction = Some(name);
                }
            }
            "mid" => {
                // Longer ones are cut by str0m, and then two could be the same.
                if value.is_empty() || value.len() > MID_BYTES_MAX {
                    return Err(OfferFault::Unexpected);
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

    fn begin_section(&mut self, section: &'a str) -> Result<(), OfferFault> {
        let mut words = section.split(' ');
        let (Some(kind), Some(port)) = (words.next(), words.next()) else {
            return Err(OfferFault::Malformed);
        };
        if self.sections.len() == 3 {
            return Err(OfferFault::Sections);
        }
        if words.count() > FORMATS_MAX {
            return Err(OfferFault::TooLarge);
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

    fn fingerprint(&mut self, value: &'a str) -> Result<(), OfferFault> {
        let Some((kind, _)) = value.split_once(' ') else {
            return Err(OfferFault::Fingerprint);
        };
        if !kind.eq_ignore_ascii_case("sha-256")
            || self.fingerprint.is_some_and(|known| known != value)
        {
            return Err(OfferFault::Fingerprint);
        }
        self.fingerprint = Some(value);
        Ok(())
    }

    fn mid(&self, kind: &str) -> Result<Mid, OfferFault> {
        let section = self.sections.iter().find(|s| s.kind == kind);
        let mid = section.and_then(|s| s.mid).ok_or(OfferFault::Sections)?;
        Ok(Mid::from(mid))
    }

    fn conclude(&self) -> Result<(), OfferFault> {
        let count = |kind| self.sections.iter().filter(|s| s.kind == kind).count();
        if self.sections.len() != 3
            || ["audio", "video", "application"].map(count) != [1, 1, 1]
            // A section with port 0 is refused unless it merely waits for the bundle (RFC 9143
            // section 6).
            || self.sections.iter().any(|s| s.rejected && !s.bundle_only)
        {
            return Err(OfferFault::Sections);
        }
        let both_ways = |s: &Section<'_>| {
            s.kind == "application" || s.direction.is_none_or(|direction| direction == "sendrecv")
        };
        if !self.sections.iter().all(both_ways) {
            return Err(OfferFault::Direction);
        }
        let types = &self.payload_types;
        if !types.paired.is_subset(&types.resending) {
            return Err(OfferFault::PayloadTypes);
        }
        if self.fingerprint.is_none() {
            return Err(OfferFault::Fingerprint);
        }
        Ok(())
    }
}
