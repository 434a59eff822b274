//! Verification of an ID token (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725). Pure: keys and
//! time are arguments.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use sightline_wire::DisplayName;

use crate::config::ProviderConfig;

use super::KeySet;

/// Longest token that is read, bytes. With a few dozen groups it has 4 KiB.
pub const TOKEN_BYTES_MAX: usize = 32 * 1024;

/// Clocks of provider and host may differ by this, seconds.
pub const LEEWAY_S: u64 = 60;

/// Longest subject, bytes (OpenID Connect Core 1.0, section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Claims that may hold the display name, the best first.
const NAMES: [&str; 5] = [
    "name",
    "given_name",
    "preferred_username",
    "email",
    "cognito:username",
];

/// Display name when the provider supplies none.
const NAMELESS: &str = "Agent";

/// The person whom a verified token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The issuer's id of the person.
    pub subject: String,
    /// Display name.
    pub name: DisplayName,
    /// Whether the person is in the admin group.
    pub admin: bool,
}

/// Why a token is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Not a JWS, too long, or with a header that demands an extension.
    #[error("malformed token")]
    Unreadable,
    /// The issuer has no key of this id.
    #[error("token is signed by an unknown key")]
    UnknownKey,
    /// Its header names another algorithm than its key has.
    #[error("token algorithm does not match its key")]
    Algorithm,
    /// The signature does not verify.
    #[error("invalid token signature")]
    Signature,
    /// Made by another issuer.
    #[error("token is from another issuer")]
    Issuer,
    /// Made for another client.
    #[error("token is for another client")]
    Audience,
    /// Past its expiry.
    #[error("token has expired")]
    Expired,
    /// Issued in the future, or not valid before then.
    #[error("token is not valid yet")]
    NotYet,
    /// The nonce is that of another sign-in.
    #[error("token belongs to another sign-in")]
    Nonce,
    /// Another kind of token, or a required claim is missing or malformed.
    #[error("not an id token")]
    Kind,
    /// The person is in none of the groups that may sign in.
    #[error("user is not in an allowed group")]
    Group,
}

/// What picks the key, and what `jsonwebtoken` does not look at. It reads the algorithm and the
/// claims itself, from the bytes that it verified.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
    b64: Option<Value>,
    enc: Option<Value>,
}

/// Verifies an ID token (issuer, audience, nonce, expiry, groups) and returns the person.
///
/// # Errors
/// The first problem found. After [`Doubt::UnknownKey`], newer keys may help.
pub fn check(
    token: &str,
    keys: &KeySet,
    config: &ProviderConfig,
    nonce: &str,
    now_ms: u64,
) -> Result<Person, Doubt> {
    let claims = verified(token, keys, config)?;
    let now_s = now_ms / 1_000;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // `jsonwebtoken` takes a list of issuers as well, which OpenID Connect does not have.
    if text("iss") != Some(config.issuer.as_str()) {
        return Err(Doubt::Issuer);
    }
    if !is_authorized(&claims, &config.client_id) {
        return Err(Doubt::Audience);
    }
    // Cognito gives access tokens the same issuer and keys; this claim tells them apart.
    if claims.get("token_use").is_some_and(|kind| kind != "id") {
        return Err(Doubt::Kind);
    }
    let expires_s = date(&claims, "exp")?.ok_or(Doubt::Kind)?;
    let issued_s = date(&claims, "iat")?.ok_or(Doubt::Kind)?;
    if now_s >= expires_s.saturating_add(LEEWAY_S) {
        return Err(Doubt::Expired);
    }
    let begins_s = date(&claims, "nbf")?.unwrap_or(0).max(issued_s);
    if now_s.saturating_add(LEEWAY_S) < begins_s {
        return Err(Doubt::NotYet);
    }
    let named = text("nonce").ok_or(Doubt::Nonce)?;
    if nonce.is_empty() || verify_slices_are_equal(named.as_bytes(), nonce.as_bytes()).is_err() {
        return Err(Doubt::Nonce);
    }
    let subject = text("sub").filter(|subject| (1..=SUBJECT_BYTES_MAX).contains(&subject.len()));
    let subject = subject.ok_or(Doubt::Kind)?.to_owned();
    let is_in = |group: &String| is_in(&claims, &config.groups_claim, group);
    let admin = config.admin_group.as_ref().is_some_and(is_in);
    if !admin && !config.agent_group.as_ref().is_none_or(is_in) {
        return Err(Doubt::Group);
    }
    Ok(Person {
        subject,
        name: name(&claims),
        admin,
    })
}

/// Returns the claims of a token that one of the keys signed, for this client and by this issuer.
fn verified(
    token: &str,
    keys: &KeySet,
    config: &ProviderConfig,
) -> Result<Map<String, Value>, Doubt> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Doubt::Unreadable);
    }
    let header = header(token)?;
    let mut named = keys.named(header.kid.as_deref()).peekable();
    if named.peek().is_none() {
        return Err(Doubt::UnknownKey);
    }
    let algorithm: Algorithm = header.alg.parse().map_err(|_| Doubt::Algorithm)?;
    let key = named.find(|key| key.algorithm == algorithm);
    let key = key.ok_or(Doubt::Algorithm)?;
    let mut validation = Validation::new(key.algorithm);
    // It would ask the system's clock; `check` reads the dates with ours.
    validation.validate_exp = false;
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&[&config.client_id]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    let verified = decode(token, &key.key, &validation).map_err(|error| doubt(error.kind()))?;
    Ok(verified.claims)
}

fn header(token: &str) -> Result<Header, Doubt> {
    let (header, _) = token.split_once('.').ok_or(Doubt::Unreadable)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(header);
    let json = json.map_err(|_| Doubt::Unreadable)?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| Doubt::Unreadable)?;
    let typed = header.typ.as_deref();
    let known = typed.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    // RFC 7515 section 4.1.11: an extension that is critical and not understood is refused.
    if known && header.crit.is_none() && header.b64.is_none() && header.enc.is_none() {
        Ok(header)
    } else {
        Err(Doubt::Unreadable)
    }
}

/// Maps an error of `jsonwebtoken`. All that is not listed is a signature or a key that does not
/// verify.
fn doubt(kind: &ErrorKind) -> Doubt {
    match kind {
        ErrorKind::InvalidToken => Doubt::Unreadable,
        // The claims are no object, or one of the required ones has a type of its own.
        ErrorKind::Json(_) => Doubt::Kind,
        ErrorKind::InvalidAlgorithm => Doubt::Algorithm,
        ErrorKind::InvalidIssuer => Doubt::Issuer,
        ErrorKind::InvalidAudience => Doubt::Audience,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => Doubt::Issuer,
            "aud" => Doubt::Audience,
            _ => Doubt::Kind,
        },
        _ => Doubt::Signature,
    }
}

/// Whether the token was made for us to use: where it names an authorized party, that is us, and
/// where it has several audiences, it names one.
fn is_authorized(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("azp") {
        Some(party) => party == client_id,
        None => match claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.len() == 1,
            _ => true,
        },
    }
}

/// Returns a date (RFC 7519, section 2: a number that may have a fraction), `None` if absent.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, Doubt> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let whole = value.as_u64().or_else(|| {
        let seconds = value.as_f64()?;
        // Far beyond any date, and well within what a cast keeps.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in range"
        )]
        (0.0..1e15).contains(&seconds).then_some(seconds as u64)
    });
    whole.map(Some).ok_or(Doubt::Kind)
}

fn is_in(claims: &Map<String, Value>, claim: &str, wanted: &str) -> bool {
    match claims.get(claim) {
        Some(Value::Array(groups)) => groups.iter().any(|group| group == wanted),
        Some(Value::String(group)) => group == wanted,
        _ => false,
    }
}

/// Returns the first usable name among the claims.
fn name(claims: &Map<String, Value>) -> DisplayName {
    let found = NAMES
        .iter()
        .filter_map(|name| claims.get(*name)?.as_str())
        .filter(|text| !is_uuid(text))
        .find_map(|text| fitted(for_customers(text)));
    found.unwrap_or_else(|| DisplayName::new(NAMELESS).expect("a short plain word is a name"))
}

/// Returns what customers may see of a name: of a mail address, only the part before the `@`.
fn for_customers(text: &str) -> &str {
    match text.split_once('@') {
        Some((before, _)) if !text.contains(char::is_whitespace) => before,
        _ => text,
    }
}

/// Cognito uses UUIDs as user names of people who sign in by mail address.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Returns the text as a display name, shortened to the longest that one may be.
fn fitted(text: &str) -> Option<DisplayName> {
    let mut left = DisplayName::UNITS_MAX;
    let printable = text.trim().chars().filter(|c| !c.is_control());
    let short: String = printable
        .take_while(|c| {
            let units = c.len_utf16();
            let fits = units <= left;
            left = left.saturating_sub(units);
            fits
        })
        .collect();
    DisplayName::new(&short).ok()
}
