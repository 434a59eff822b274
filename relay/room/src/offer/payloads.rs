//! The payload types of an offer.

use std::collections::{BTreeMap, BTreeSet};

use sightline_wire::OfferFault;

use super::Description;
use super::section::{Kind, Section};

/// A payload type that this protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) number: u8,
    /// Codec, clock rate and channels, as str0m spells them.
    pub(super) codec: &'static str,
}

/// Payload types are unique in a bundle (RFC 9143 section 9.1; its exception, one codec twice, is
/// offered by no browser), and each retransmission type names the type that it repairs. str0m 0.25
/// panics on other offers.
pub(super) fn check(description: &Description<'_>) -> Result<(), OfferFault> {
    let mut mapped = BTreeSet::new();
    let mut retransmitting = BTreeSet::new();
    let mut paired = BTreeSet::new();
    for (name, value) in description.attributes() {
        match *name {
            "rtpmap" => {
                let (number, codec) = split(value)?;
                if !mapped.insert(number) {
                    return Err(OfferFault::PayloadTypes);
                }
                if codec.trim().to_ascii_lowercase().starts_with("rtx/") {
                    retransmitting.insert(number);
                }
            }
            "fmtp" => {
                let (number, parameters) = split(value)?;
                if repaired(parameters).is_some() && !paired.insert(number) {
                    return Err(OfferFault::PayloadTypes);
                }
            }
            _ => {}
        }
    }
    if !paired.is_subset(&retransmitting) {
        return Err(OfferFault::PayloadTypes);
    }
    Ok(())
}

/// The payload types of a section that this protocol uses, in the order of its m-line.
pub(super) fn used(section: &Section<'_>) -> Vec<Payload> {
    let mapped = section.values("rtpmap").filter_map(|v| split(v).ok());
    let mut codecs: BTreeMap<u8, &'static str> = mapped
        .filter_map(|(number, codec)| Some((number, known(section.kind, codec)?)))
        .collect();
    let numbers = section.formats.iter().filter_map(|f| f.parse().ok());
    let used: Vec<Payload> = numbers
        .filter_map(|number| {
            let codec = codecs.remove(&number)?;
            Some(Payload { number, codec })
        })
        .collect();
    let main = |number| {
        used.iter()
            .any(|p| p.number == number && !is_repair(p) && !is_red(p))
    };
    // One of each kind for a codec.
    let mut served = BTreeSet::new();
    let mut serves_one = |payload: &Payload, of: Option<u8>| {
        of.is_some_and(|of| main(of) && served.insert((is_red(payload), of)))
    };
    let kept = used.iter().filter(|payload| {
        if is_repair(payload) {
            serves_one(payload, repair_of(section, payload.number))
        } else if is_red(payload) {
            serves_one(payload, repeated_in(section, payload.number))
        } else {
            true
        }
    });
    kept.copied().collect()
}

/// Whether it carries retransmissions (RFC 4588).
pub(super) fn is_repair(payload: &Payload) -> bool {
    payload.codec.starts_with("rtx/")
}

/// Whether it carries earlier frames again (RFC 2198).
pub(super) fn is_red(payload: &Payload) -> bool {
    payload.codec.starts_with("red/")
}

/// The one payload type whose frames a type of RED carries.
fn repeated_in(section: &Section<'_>, number: u8) -> Option<u8> {
    let of_number = section.values("fmtp").filter_map(|value| split(value).ok());
    let (_, listed) = of_number.into_iter().find(|(n, _)| *n == number)?;
    let mut listed = listed.trim().split('/').map(str::parse);
    let first = listed.next()?.ok()?;
    listed.all(|other| other == Ok(first)).then_some(first)
}

/// The payload type that a retransmission type repairs.
fn repair_of(section: &Section<'_>, number: u8) -> Option<u8> {
    let mut of_number = section
        .values("fmtp")
        .filter_map(|value| split(value).ok())
        .filter(|(n, _)| *n == number);
    of_number.find_map(|(_, parameters)| repaired(parameters)?.parse().ok())
}

fn repaired(parameters: &str) -> Option<&str> {
    let mut parameters = parameters.split(';').map(str::trim);
    parameters.find_map(|parameter| parameter.strip_prefix("apt="))
}

/// Splits a value that begins with a payload type.
pub(super) fn split(value: &str) -> Result<(u8, &str), OfferFault> {
    let (number, rest) = value.split_once(' ').ok_or(OfferFault::Malformed)?;
    match number.parse() {
        Ok(number @ 0..=127) => Ok((number, rest)),
        _ => Err(OfferFault::PayloadTypes),
    }
}

fn known(kind: Kind, codec: &str) -> Option<&'static str> {
    let codecs: &[&str] = match kind {
        Kind::Audio => &["opus/48000/2", "red/48000/2"],
        Kind::Video => &["VP8/90000", "H264/90000", "rtx/90000"],
        Kind::Application | Kind::Unknown => &[],
    };
    let same = |known: &&&str| known.eq_ignore_ascii_case(codec.trim());
    codecs.iter().find(same).copied()
}
