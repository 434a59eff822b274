//! A section of an offer.

use sightline_wire::OfferFault;

use super::{Attribute, MID_BYTES_MAX};

/// What a section carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Audio,
    Video,
    Application,
    Unknown,
}

/// An m-line and the attributes after it, in their order.
pub(super) struct Section<'a> {
    pub(super) kind: Kind,
    port_is_zero: bool,
    /// The m-line's formats: payload types in media sections.
    pub(super) formats: Vec<&'a str>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

impl<'a> Section<'a> {
    /// Reads what follows `m=`: kind, port, protocol, formats.
    pub(super) fn begin(line: &'a str) -> Result<Self, OfferFault> {
        let mut fields = line.split_whitespace();
        let (Some(kind), Some(port), Some(_protocol)) =
            (fields.next(), fields.next(), fields.next())
        else {
            return Err(OfferFault::Malformed);
        };
        Ok(Self {
            kind: match kind {
                "audio" => Kind::Audio,
                "video" => Kind::Video,
                "application" => Kind::Application,
                _ => Kind::Unknown,
            },
            port_is_zero: port == "0",
            formats: fields.collect(),
            attributes: Vec::new(),
        })
    }

    /// All values of an attribute.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.attributes.iter().filter(move |(n, _)| *n == name);
        named.map(|(_, value)| *value)
    }

    /// The first value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// Its identification tag (RFC 5888).
    pub(super) fn mid(&self) -> Result<&'a str, OfferFault> {
        let mid = self.value("mid").unwrap_or_default();
        let fits = (1..=MID_BYTES_MAX).contains(&mid.len()) && !mid.contains(' ');
        fits.then_some(mid).ok_or(OfferFault::Sections)
    }

    /// A section with port 0 is rejected unless it only waits for the bundle (RFC 9143 section 6).
    pub(super) fn is_rejected(&self) -> bool {
        self.port_is_zero && self.value("bundle-only").is_none()
    }

    pub(super) fn direction(&self) -> Option<&'a str> {
        let mut directions = self.attributes.iter().filter(|(n, _)| is_direction(n));
        directions.next_back().map(|(name, _)| *name)
    }
}

/// Whether an attribute says who sends (RFC 8866 section 6.7).
pub(super) fn is_direction(name: &str) -> bool {
    ["sendrecv", "sendonly", "recvonly", "inactive"].contains(&name)
}
