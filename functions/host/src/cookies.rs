//! Our cookies: reading them from headers, and the lines that set them.

use axum::http::{HeaderMap, header};
use sightline_wire::SessionId;

use crate::tokens::{AGENT_S, Keys, SignedIn};

/// The sign-in of an agent.
pub const AGENT: &str = "__Host-agent";

/// Followed by a tag of its own: a sign-in under way at the identity provider. Several tabs may
/// each have one.
pub const SIGN_IN: &str = "__Host-sign-in-";

/// Followed by the session's id: the customer's seat.
pub const SEAT: &str = "__Host-seat-";

/// Seats read from one browser. A browser holds some 180 cookies of a site; a customer has one or
/// two calls.
const SEATS_MAX: usize = 64;

/// Sign-ins under way in one browser. Those left behind would otherwise fill up requests for
/// minutes: API Gateway takes headers of 10,240 bytes in all, and each has some 300.
const SIGN_INS_MAX: usize = 4;

/// The `Cookie` headers of a request, as they came.
#[derive(Clone, Default)]
pub struct Cookies(Vec<String>);

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies(…)")
    }
}

impl Cookies {
    /// Takes header values.
    #[must_use]
    pub const fn new(headers: Vec<String>) -> Self {
        Self(headers)
    }

    /// Those of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(header::COOKIE).iter();
        Self(
            texts
                .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
                .collect(),
        )
    }

    /// No cookie at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|header| header.trim().is_empty())
    }

    /// The agent who signed in.
    #[must_use]
    pub fn agent(&self, keys: &Keys, now_ms: u64) -> Option<SignedIn> {
        self.pairs()
            .filter(|(name, _)| *name == AGENT)
            .find_map(|(_, value)| keys.check_agent(value, now_ms))
    }

    /// Whether they give the customer's seat of a session.
    #[must_use]
    pub fn seat(&self, keys: &Keys, session: SessionId, now_ms: u64) -> bool {
        let wanted = format!("{SEAT}{session}");
        self.pairs()
            .any(|(name, value)| name == wanted && keys.check_seat(session, value, now_ms))
    }

    /// All sessions whose customer seat they give.
    #[must_use]
    pub fn seats(&self, keys: &Keys, now_ms: u64) -> Vec<SessionId> {
        self.pairs()
            .filter_map(|(name, value)| {
                let session = name.strip_prefix(SEAT)?.parse().ok()?;
                keys.check_seat(session, value, now_ms).then_some(session)
            })
            .take(SEATS_MAX)
            .collect()
    }

    /// Values of the cookie of a sign-in under way with this tag, unchecked: one, unless somebody
    /// made up more.
    pub(crate) fn sign_ins(&self, tag: &str) -> impl Iterator<Item = &str> {
        self.pairs()
            .filter(move |(name, _)| name.strip_prefix(SIGN_IN) == Some(tag))
            .map(|(_, value)| value)
            .take(SIGN_INS_MAX)
    }

    /// Tags of the sign-ins under way that make room for one more. Browsers name the oldest first
    /// (RFC 6265 section 5.4).
    pub(crate) fn sign_ins_too_many(&self) -> impl Iterator<Item = &str> {
        let tags = || {
            let tags = self.pairs();
            let tags = tags.filter_map(|(name, _)| name.strip_prefix(SIGN_IN));
            tags.filter(|tag| is_tag(tag))
        };
        tags().take((tags().count() + 1).saturating_sub(SIGN_INS_MAX))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
    }
}

/// The line that signs an agent in.
pub(crate) fn set_agent(value: &str) -> String {
    line(AGENT, value, AGENT_S)
}

/// The line that signs an agent out.
pub(crate) fn clear_agent() -> String {
    line(AGENT, "", 0)
}

/// The line that remembers a sign-in under way. Lax: the way back begins on the provider's page,
/// and a browser that comes from there sends no cookie that is Strict.
pub(crate) fn set_sign_in(tag: &str, value: &str, max_age_s: u64) -> String {
    with_same_site(&format!("{SIGN_IN}{tag}"), value, max_age_s, "Lax")
}

/// The line that forgets it.
pub(crate) fn clear_sign_in(tag: &str) -> String {
    set_sign_in(tag, "", 0)
}

/// The line that gives the customer's seat.
pub(crate) fn set_seat(session: SessionId, value: &str, max_age_s: u64) -> String {
    line(&format!("{SEAT}{session}"), value, max_age_s)
}

/// Some characters of base64url, as we make them: others are nothing to put into a line of ours.
fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=16).contains(&text.len()) && text.bytes().all(plain)
}

fn line(name: &str, value: &str, max_age_s: u64) -> String {
    with_same_site(name, value, max_age_s, "Strict")
}

fn with_same_site(name: &str, value: &str, max_age_s: u64, same_site: &str) -> String {
    format!("{name}={value}; Max-Age={max_age_s}; Path=/; Secure; HttpOnly; SameSite={same_site}")
}
