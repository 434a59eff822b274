//! Reads a page's offer before str0m does. It keeps what this protocol needs, leaves
//! out what is unknown, and refuses only what cannot work or is dangerous.

mod payloads;
mod rate;
mod rewrite;
mod section;

use sightline_wire::{OfferFault, Seat};
use str0m::change::SdpOffer;
use str0m::media::Mid;

use crate::gate::DeclaredSsrcs;
use crate::layout;

pub(crate) use self::rate::OfferRates;
use self::section::{Kind, Section};

/// Most lines that are kept. Of Chromium's 250, with all its codecs, some 60 are.
const LINES_MAX: usize = 800;
/// Longest line that is kept, bytes. The longest are `a=fmtp` and `a=sctp-init` lines of some 200.
const LINE_BYTES_MAX: usize = 1024;
/// Longest identification tag of a section, bytes. Browsers count from 0. str0m truncates longer
/// ones, which could make two of them equal.
const MID_BYTES_MAX: usize = 16;

/// An accepted offer.
#[derive(Debug)]
pub(crate) struct Offer {
    /// For str0m.
    pub(crate) sdp: SdpOffer,
    /// The media sections, one pair for each of the seat's sources.
    pub(crate) sections: Vec<MediaSections>,
    /// The page reports the arrival of every packet of video
    /// (draft-holmer-rmcat-transport-wide-cc-extensions).
    pub(crate) transport_feedback: bool,
    /// The streams that the page says it will send.
    pub(crate) ssrcs: DeclaredSsrcs,
}

/// An audio and a video section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaSections {
    pub(crate) audio: Mid,
    pub(crate) video: Mid,
}

/// Checks the offer of a page in this seat. Its candidates are left out: the relay answers to where
/// a check comes from and never dials a page.
pub(crate) fn read(sdp: &str, seat: Seat) -> Result<Offer, OfferFault> {
    let pairs = layout::sources(seat).count();
    let description = Description::read(sdp, 2 * pairs + 1)?;
    description.check(pairs, seat)?;
    let kept = rewrite::rewrite(&description)?;
    let sdp = SdpOffer::from_sdp_string(&kept).map_err(|_| OfferFault::Malformed)?;
    let mids = |kind| {
        let sections = description.sections.iter();
        sections.filter(move |s| s.kind == kind).map(Section::mid)
    };
    let sections = mids(Kind::Audio).zip(mids(Kind::Video));
    let sections = sections.map(|(audio, video)| {
        Ok(MediaSections {
            audio: audio?.into(),
            video: video?.into(),
        })
    });
    Ok(Offer {
        sdp,
        sections: sections.collect::<Result<_, _>>()?,
        transport_feedback: description
            .sections
            .iter()
            .filter(|s| s.kind == Kind::Video)
            .all(rewrite::has_transport_feedback),
        ssrcs: description.ssrcs(),
    })
}

/// An attribute: name and value.
type Attribute<'a> = (&'a str, &'a str);

/// A session description, as far as lines and sections.
struct Description<'a> {
    /// What stands before the first section.
    session: Vec<Attribute<'a>>,
    sections: Vec<Section<'a>>,
}

impl<'a> Description<'a> {
    fn read(sdp: &'a str, sections_max: usize) -> Result<Self, OfferFault> {
        let mut session = Vec::new();
        let mut sections: Vec<Section<'a>> = Vec::new();
        for line in sdp.lines().map(str::trim_end) {
            if let Some(begin) = line.strip_prefix("m=") {
                if line.len() > LINE_BYTES_MAX {
                    return Err(OfferFault::TooLong);
                }
                if sections.len() == sections_max {
                    return Err(OfferFault::Sections);
                }
                sections.push(Section::begin(begin)?);
            } else if let Some(attribute) = line.strip_prefix("a=") {
                let attribute = attribute.split_once(':').unwrap_or((attribute, ""));
                match sections.last_mut() {
                    Some(section) => section.attributes.push(attribute),
                    None => session.push(attribute),
                }
            }
        }
        Ok(Self { session, sections })
    }

    fn attributes(&self) -> impl Iterator<Item = &Attribute<'a>> {
        let in_sections = self.sections.iter().flat_map(|s| &s.attributes);
        self.session.iter().chain(in_sections)
    }

    fn of_session(&self, name: &str) -> Option<&'a str> {
        let mut named = self.session.iter().filter(|(known, _)| *known == name);
        named.next().map(|(_, value)| *value)
    }

    /// A value that belongs to the one transport of a bundle: that of the first section, else that
    /// of the session.
    fn of_transport(&self, name: &str) -> Option<&'a str> {
        let first = self.sections.first().and_then(|s| s.value(name));
        first.or_else(|| self.of_session(name))
    }

    /// A page offers `pairs` sections of audio, as many of video, and one for the data channels.
    fn check(&self, pairs: usize, seat: Seat) -> Result<(), OfferFault> {
        let count = |kind| self.sections.iter().filter(|s| s.kind == kind).count();
        if [Kind::Audio, Kind::Video, Kind::Application].map(count) != [pairs, pairs, 1]
            || self.sections.iter().any(Section::is_rejected)
        {
            return Err(OfferFault::Sections);
        }
        self.check_bundle()?;
        let expected = layout::direction(seat).to_string();
        let whole = self
            .session
            .iter()
            .rev()
            .find(|(n, _)| section::is_direction(n));
        // Without an attribute the direction is sendrecv (RFC 8866 section 6.7).
        let usual = whole.map_or("sendrecv", |(name, _)| *name);
        let as_expected = |s: &Section<'_>| {
            s.kind == Kind::Application || s.direction().unwrap_or(usual) == expected
        };
        if !self.sections.iter().all(as_expected) {
            return Err(OfferFault::Sections);
        }
        self.check_attributes()?;
        payloads::check(self)
    }

    /// All sections share one transport (RFC 9143), each under a tag of its own.
    fn check_bundle(&self) -> Result<(), OfferFault> {
        let mids = self.sections.iter().map(Section::mid);
        let mids: Vec<&str> = mids.collect::<Result<_, _>>()?;
        let repeated = |(n, mid): (usize, &&str)| mids.iter().take(n).any(|known| known == mid);
        let bundled = |mid: &&str| {
            self.session.iter().any(|(name, value)| {
                let mut words = value.split_whitespace();
                *name == "group" && words.next() == Some("BUNDLE") && words.any(|word| word == *mid)
            })
        };
        if mids.iter().enumerate().any(repeated) || !mids.iter().all(bundled) {
            return Err(OfferFault::Sections);
        }
        Ok(())
    }

    /// The streams named by `a=ssrc` lines (RFC 5576 section 4.1).
    fn ssrcs(&self) -> DeclaredSsrcs {
        let mut declared = DeclaredSsrcs {
            ssrcs: Vec::new(),
            complete: true,
        };
        let sections = self.sections.iter();
        for section in sections.filter(|s| s.kind != Kind::Application) {
            let before = declared.ssrcs.len();
            let numbers = section.values("ssrc").filter_map(|value| {
                let (number, _) = value.split_once(' ')?;
                number.parse::<u32>().ok()
            });
            for ssrc in numbers {
                if !declared.ssrcs.contains(&ssrc) {
                    declared.ssrcs.push(ssrc);
                }
            }
            declared.complete &= declared.ssrcs.len() > before;
        }
        declared
    }

    fn check_attributes(&self) -> Result<(), OfferFault> {
        for (name, value) in self.attributes() {
            match *name {
                "ice-lite" => return Err(OfferFault::IceLite),
                "simulcast" => return Err(OfferFault::Simulcast),
                // Simulcast as Chromium had it before there was an attribute for it.
                "ssrc-group" if value.starts_with("SIM ") => return Err(OfferFault::Simulcast),
                // The relay is the DTLS server, so that it picks the cipher and never sends first.
                "setup" if *value != "actpass" && *value != "active" => {
                    return Err(OfferFault::Setup);
                }
                _ => {}
            }
        }
        // One layer by name is no simulcast: its name is ignored.
        let layers = |s: &Section<'_>| s.attributes.iter().filter(|(n, _)| *n == "rid").count();
        if self.sections.iter().any(|s| layers(s) > 1) {
            return Err(OfferFault::Simulcast);
        }
        Ok(())
    }

    /// The digest of the page's certificate. Digests of other kinds are ignored (RFC 8122 section
    /// 5: one that both sides know is enough).
    fn fingerprint(&self) -> Result<&'a str, OfferFault> {
        let digests = self.attributes().filter(|(name, _)| *name == "fingerprint");
        let mut found: Option<&str> = None;
        for (_, value) in digests {
            let (kind, digest) = value.split_once(' ').ok_or(OfferFault::Fingerprint)?;
            if !kind.eq_ignore_ascii_case("sha-256") {
                continue;
            }
            let digest = digest.trim();
            let bytes = digest.split(':');
            let is_byte = |b: &str| b.len() == 2 && b.bytes().all(|c| c.is_ascii_hexdigit());
            // Which of two certificates comes cannot be told in time.
            let another = found.is_some_and(|known| !known.eq_ignore_ascii_case(digest));
            if bytes.clone().count() != 32 || !bytes.clone().all(is_byte) || another {
                return Err(OfferFault::Fingerprint);
            }
            found = Some(digest);
        }
        found.ok_or(OfferFault::Fingerprint)
    }
}
