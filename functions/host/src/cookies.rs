//! Our cookies: reading them from headers, and the `Set-Cookie` lines.

use axum::http::{HeaderMap, header};
use sightline_wire::{DOOR_EMBED, DOOR_HEADER, DOOR_SUBPROTOCOL, EMBED_S, SessionId};

use crate::tokens::{AGENT_S, Keys, SignedIn};

/// Cookie of an agent who is signed in.
pub const AGENT: &str = "__Host-agent";

/// Cookie of an agent whose page is inside another program.
pub const EMBED: &str = "__Host-embed";

/// Prefix of the cookies of pending sign-ins at the identity provider. A tag follows, since several
/// tabs may have one each.
pub const SIGN_IN: &str = "__Host-sign-in-";

/// Prefix of the cookies of customers' seats. The session's id follows.
pub const SEAT: &str = "__Host-seat-";

/// Seats that are read of one browser. Browsers keep about 180 cookies per site; a customer has one
/// or two calls.
const SEATS_MAX: usize = 64;

/// Seats that a browser keeps when it enters another one. Each cookie has about 130 bytes, API
/// Gateway accepts 10,240 bytes of headers in total, and a browser with more reaches neither the
/// socket nor the page.
const SEATS_KEPT: usize = 16;

/// Pending sign-ins of one browser. Abandoned ones would otherwise fill requests for minutes: API
/// Gateway accepts 10,240 bytes of headers in total, and each cookie has about 300.
const SIGN_INS_MAX: usize = 4;

/// The door through which a request comes. Each counts its own cookies and no other ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageDoor {
    /// Our own pages: agents and customers. Their requests name no door.
    #[default]
    Own,
    /// The agent's page inside another program.
    Embed,
    /// One that this version does not have: no cookie counts.
    Unknown,
}

impl PageDoor {
    /// Returns the door that a request names.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(DOOR_HEADER).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::Own,
            (Some(door), None) if door == DOOR_EMBED => Self::Embed,
            _ => Self::Unknown,
        }
    }

    /// Returns the door that a handshake names among its subprotocols.
    fn among(subprotocols: &[String]) -> Self {
        let mut doors = subprotocols.iter().filter(|name| name.starts_with("door."));
        match (doors.next(), doors.next()) {
            (None, _) => Self::Own,
            (Some(door), None) if door == DOOR_SUBPROTOCOL => Self::Embed,
            _ => Self::Unknown,
        }
    }
}

/// The `Cookie` headers of a request, unparsed, and the door that says which of them count.
#[derive(Clone, Default)]
pub struct Cookies {
    lines: Vec<String>,
    door: PageDoor,
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies(…)")
    }
}

impl Cookies {
    /// Wraps header values of a request of our own pages.
    #[must_use]
    pub const fn new(lines: Vec<String>) -> Self {
        Self {
            lines,
            door: PageDoor::Own,
        }
    }

    /// Returns the cookies of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(header::COOKIE).iter();
        Self {
            lines: texts
                .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
                .collect(),
            door: PageDoor::of(headers),
        }
    }

    /// Counts those of the door that a handshake names. A browser sets no header on a WebSocket.
    pub(crate) fn through(self, subprotocols: &[String]) -> Self {
        let door = match self.door {
            PageDoor::Own => PageDoor::among(subprotocols),
            named => named,
        };
        Self { door, ..self }
    }

    /// The door.
    pub(crate) const fn door(&self) -> PageDoor {
        self.door
    }

    /// Whether there is no cookie at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }

    /// Returns the agent who is signed in.
    #[must_use]
    pub fn agent(&self, keys: &Keys, now_ms: u64) -> Option<SignedIn> {
        let named = |wanted| self.values(wanted);
        match self.door {
            PageDoor::Own => named(AGENT).find_map(|value| keys.check_agent(value, now_ms)),
            PageDoor::Embed => named(EMBED).find_map(|value| keys.check_embedded(value, now_ms)),
            PageDoor::Unknown => None,
        }
    }

    /// Returns the round of the newest valid cookie of the customer's seat in this session.
    #[must_use]
    pub fn seat(&self, keys: &Keys, session: SessionId, now_ms: u64) -> Option<u32> {
        let wanted = format!("{SEAT}{session}");
        let named = self.values(&wanted).filter(|_| self.door == PageDoor::Own);
        named
            .filter_map(|value| keys.check_seat(session, value, now_ms))
            .max()
    }

    /// Returns all sessions with a valid cookie of the customer's seat, and the round of each.
    #[must_use]
    pub fn seats(&self, keys: &Keys, now_ms: u64) -> Vec<(SessionId, u32)> {
        self.pairs()
            .filter(|_| self.door == PageDoor::Own)
            .filter_map(|(name, value)| {
                let session = name.strip_prefix(SEAT)?.parse().ok()?;
                let round = keys.check_seat(session, value, now_ms)?;
                Some((session, round))
            })
            .take(SEATS_MAX)
            .collect()
    }

    /// Returns the seats that must go when the browser enters `session`. Browsers send the oldest
    /// first (RFC 6265 section 5.4).
    pub(crate) fn seats_too_many(&self, session: SessionId) -> Vec<SessionId> {
        let names = self.pairs().filter_map(|(name, _)| name.strip_prefix(SEAT));
        let others = names.filter_map(|name| name.parse().ok());
        let others: Vec<SessionId> = others.filter(|other| *other != session).collect();
        let surplus = (others.len() + 1).saturating_sub(SEATS_KEPT);
        others.into_iter().take(surplus.min(SEATS_MAX)).collect()
    }

    /// Returns the unverified values of the pending sign-in with this tag: one, unless the browser
    /// sends forged ones as well.
    pub(crate) fn sign_ins(&self, tag: &str) -> impl Iterator<Item = &str> {
        self.pairs()
            .filter(move |(name, _)| name.strip_prefix(SIGN_IN) == Some(tag))
            .map(|(_, value)| value)
            .take(SIGN_INS_MAX)
    }

    /// Returns the tags of pending sign-ins that must go before another begins. Browsers send the
    /// oldest first (RFC 6265 section 5.4).
    pub(crate) fn sign_ins_too_many(&self) -> impl Iterator<Item = &str> {
        let tags = || {
            let tags = self.pairs();
            let tags = tags.filter_map(|(name, _)| name.strip_prefix(SIGN_IN));
            tags.filter(|tag| is_tag(tag))
        };
        tags().take((tags().count() + 1).saturating_sub(SIGN_INS_MAX))
    }

    fn values(&self, wanted: &str) -> impl Iterator<Item = &str> {
        self.pairs()
            .filter(move |(name, _)| *name == wanted)
            .map(|(_, value)| value)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines
            .iter()
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
    }
}

/// Returns the line that signs an agent in.
pub(crate) fn set_agent(value: &str) -> String {
    line(AGENT, value, AGENT_S)
}

/// Returns the line that signs an agent out at this door.
pub(crate) fn clear_agent(door: PageDoor) -> String {
    match door {
        PageDoor::Embed => embed("", 0),
        PageDoor::Own | PageDoor::Unknown => line(AGENT, "", 0),
    }
}

/// Returns the line that signs an agent in whose page is inside another program.
pub(crate) fn set_embed(value: &str) -> String {
    embed(value, u64::from(EMBED_S))
}

/// Returns the line that keeps a pending sign-in. It is `Lax`, because the provider's page leads to
/// the callback and browsers send no `Strict` cookie on a navigation from another site.
pub(crate) fn set_sign_in(tag: &str, value: &str, max_age_s: u64) -> String {
    with_same_site(&format!("{SIGN_IN}{tag}"), value, max_age_s, "Lax")
}

/// Returns the line that removes a pending sign-in.
pub(crate) fn clear_sign_in(tag: &str) -> String {
    set_sign_in(tag, "", 0)
}

/// Returns the line that sets the cookie of the customer's seat.
pub(crate) fn set_seat(session: SessionId, value: &str, max_age_s: u64) -> String {
    line(&format!("{SEAT}{session}"), value, max_age_s)
}

/// Returns the line that removes the cookie of a customer's seat.
pub(crate) fn clear_seat(session: SessionId) -> String {
    set_seat(session, "", 0)
}

/// Whether the text looks like a tag of ours. Anything else must not get into a header line.
fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=16).contains(&text.len()) && text.bytes().all(plain)
}

/// The pages around it are of other sites, so the cookie goes along from there, and the browser
/// keeps one for each of these sites (`Partitioned`). What such a page could make of it by itself
/// is nothing: without the name of the door it does not count.
fn embed(value: &str, max_age_s: u64) -> String {
    with_same_site(EMBED, value, max_age_s, "None; Partitioned")
}

fn line(name: &str, value: &str, max_age_s: u64) -> String {
    with_same_site(name, value, max_age_s, "Strict")
}

fn with_same_site(name: &str, value: &str, max_age_s: u64, same_site: &str) -> String {
    format!("{name}={value}; Max-Age={max_age_s}; Path=/; Secure; HttpOnly; SameSite={same_site}")
}
