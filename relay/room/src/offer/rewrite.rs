//! Writes an offer for str0m, with what that has to know and nothing else.

use std::fmt::Write as _;

use sightline_wire::OfferFault;

use super::payloads::{self, Payload, is_repair};
use super::section::{Kind, Section};
use super::{Description, LINE_BYTES_MAX, LINES_MAX};

/// Most `a=ssrc` lines that are kept: two streams, each with a retransmission stream.
const SSRC_LINES_MAX: usize = 32;
/// The highest number of a header extension with a header of one byte (RFC 8285 section 4.2).
const EXTENSION_MAX: u8 = 14;
/// Numbers packets across the streams of a transport, for its feedback.
const TRANSPORT_SEQUENCE: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Header extensions that are used. Not `urn:3gpp:video-orientation`: Firefox does not know it, so
/// the sender has to turn its frames itself.
const EXTENSIONS: [&str; 4] = [
    TRANSPORT_SEQUENCE,
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
];
/// What a media section keeps of its own besides what is written by name.
const FLAGS: [&str; 2] = ["rtcp-mux", "rtcp-rsize"];

/// The description for str0m.
pub(super) fn rewrite(description: &Description<'_>) -> Result<String, OfferFault> {
    let mut lines = Lines::default();
    for line in ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"] {
        lines.push(line)?;
    }
    let mids = description.sections.iter().map(Section::mid);
    let mids: Vec<&str> = mids.collect::<Result<_, _>>()?;
    // str0m 0.25 wants the sections' own order; RFC 9143 section 5 leaves it open.
    lines.attribute("group", &format!("BUNDLE {}", mids.join(" ")))?;
    let fingerprint = format!("sha-256 {}", description.fingerprint()?);
    for section in &description.sections {
        let used = payloads::used(section);
        begin(&mut lines, section, &used)?;
        lines.attribute("mid", section.mid()?)?;
        for name in ["ice-ufrag", "ice-pwd"] {
            let value = description.of_transport(name);
            lines.attribute(name, value.ok_or(OfferFault::Malformed)?)?;
        }
        lines.attribute("fingerprint", &fingerprint)?;
        if let Some(setup) = description.of_transport("setup") {
            lines.attribute("setup", setup)?;
        }
        if section.kind == Kind::Application {
            channels(&mut lines, section)?;
        } else {
            media(&mut lines, description, section, &used)?;
        }
    }
    Ok(lines.text)
}

fn begin(lines: &mut Lines, section: &Section<'_>, used: &[Payload]) -> Result<(), OfferFault> {
    let kind = match section.kind {
        Kind::Audio => "audio",
        Kind::Video => "video",
        Kind::Application => {
            return lines.push("m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
        }
        Kind::Unknown => return Err(OfferFault::Sections),
    };
    if used.is_empty() {
        return Err(OfferFault::Codecs);
    }
    let mut line = format!("m={kind} 9 UDP/TLS/RTP/SAVPF");
    for payload in used {
        let _ = write!(line, " {}", payload.number);
    }
    lines.push(&line)
}

/// Data channels: port, size, and the other side's first word (draft-hancke-tsvwg-snap).
fn channels(lines: &mut Lines, section: &Section<'_>) -> Result<(), OfferFault> {
    let port = section
        .value("sctp-port")
        .filter(|v| v.parse::<u16>().is_ok());
    let size = section.value("max-message-size");
    let size = size.filter(|v| v.parse::<u32>().is_ok());
    // Without it the channels take one round trip more.
    let init = section
        .value("sctp-init")
        .filter(|v| v.len() < LINE_BYTES_MAX / 2);
    let known = [
        ("sctp-port", port),
        ("max-message-size", size),
        ("sctp-init", init),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            lines.attribute(name, value)?;
        }
    }
    Ok(())
}

fn media(
    lines: &mut Lines,
    description: &Description<'_>,
    section: &Section<'_>,
    used: &[Payload],
) -> Result<(), OfferFault> {
    let whole = description.session.iter().rev();
    let mut whole = whole.filter(|(name, _)| super::section::is_direction(name));
    let usual = whole.next().map_or("sendrecv", |(name, _)| *name);
    lines.flag(section.direction().unwrap_or(usual))?;
    for flag in FLAGS {
        if section.value(flag).is_some() {
            lines.flag(flag)?;
        }
    }
    for (number, uri) in extensions(section) {
        lines.attribute("extmap", &format!("{number} {uri}"))?;
    }
    for payload in used {
        let number = payload.number;
        lines.attribute("rtpmap", &format!("{number} {}", payload.codec))?;
        for feedback in feedback(section, number) {
            lines.attribute("rtcp-fb", &format!("{number} {feedback}"))?;
        }
        let parameters = section
            .values("fmtp")
            .filter_map(|v| payloads::split(v).ok());
        for (_, parameters) in parameters.filter(|(n, _)| *n == number) {
            lines.attribute("fmtp", &format!("{number} {parameters}"))?;
        }
    }
    sources(lines, section)
}

/// The streams that the section announces: their names, and which one repairs which.
fn sources(lines: &mut Lines, section: &Section<'_>) -> Result<(), OfferFault> {
    let numbers = |mut words: std::str::Split<'_, char>| words.all(|w| w.parse::<u32>().is_ok());
    let used = section.attributes.iter().filter(|(name, value)| {
        let (first, rest) = value.split_once(' ').unwrap_or_default();
        match *name {
            "ssrc" => first.parse::<u32>().is_ok() && rest.starts_with("cname:"),
            "ssrc-group" => first == "FID" && numbers(rest.split(' ')),
            _ => false,
        }
    });
    for (name, value) in used.take(SSRC_LINES_MAX) {
        lines.attribute(name, value)?;
    }
    Ok(())
}

/// The used header extensions of a section, with their numbers.
fn extensions<'a>(section: &Section<'a>) -> Vec<(u8, &'a str)> {
    let mut known: Vec<(u8, &str)> = Vec::new();
    for value in section.values("extmap") {
        let mut words = value.split_whitespace();
        let (number, uri) = (words.next(), words.next().unwrap_or_default());
        // The number may carry a direction: `3/sendonly`.
        let number = number.and_then(|n| n.split('/').next()?.parse::<u8>().ok());
        if let Some(number @ 1..=EXTENSION_MAX) = number
            && EXTENSIONS.contains(&uri)
            && known.iter().all(|(n, u)| *n != number && *u != uri)
        {
            known.push((number, uri));
        }
    }
    known
}

/// The feedback that the page takes for a payload type. `*` means all of them (RFC 4585 section
/// 4.2).
fn feedback<'a>(section: &Section<'a>, number: u8) -> impl Iterator<Item = &'a str> {
    section.values("rtcp-fb").filter_map(move |value| {
        let (of, feedback) = value.split_once(' ')?;
        (of == "*" || of.parse() == Ok(number)).then_some(feedback)
    })
}

/// Whether the page reports the arrival of packets in this section, whatever the codec.
pub(super) fn has_transport_feedback(section: &Section<'_>) -> bool {
    let numbered = extensions(section);
    let used = payloads::used(section);
    let mut main = used.iter().filter(|payload| !is_repair(payload));
    numbered.iter().any(|(_, uri)| *uri == TRANSPORT_SEQUENCE)
        && main.all(|p| feedback(section, p.number).any(|word| word == "transport-cc"))
}

/// Lines with their limits.
#[derive(Default)]
struct Lines {
    text: String,
    count: usize,
}

impl Lines {
    fn push(&mut self, line: &str) -> Result<(), OfferFault> {
        self.count += 1;
        if self.count > LINES_MAX || line.len() > LINE_BYTES_MAX {
            return Err(OfferFault::TooLong);
        }
        // A bare CR would begin a line for one reader and not for another.
        if line.contains(|c: char| c.is_ascii_control() && c != '\t') {
            return Err(OfferFault::Malformed);
        }
        self.text.push_str(line);
        self.text.push_str("\r\n");
        Ok(())
    }

    fn flag(&mut self, name: &str) -> Result<(), OfferFault> {
        self.push(&format!("a={name}"))
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), OfferFault> {
        self.push(&format!("a={name}:{value}"))
    }
}
