//! What an ID token must be (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725). Pure: keys and
//! time are arguments.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde::Deserialize;
use serde_json::{Map, Value};
use sightline_wire::DisplayName;

use crate::config::ProviderConfig;

use super::KeySet;

/// Longest token that is looked at, bytes. With some dozens of groups it has 4 KiB.
pub const TOKEN_BYTES_MAX: usize = 32 * 1024;

/// Clocks of provider and host may differ by this, seconds.
pub const LEEWAY_S: u64 = 60;

/// Longest subject, bytes (OpenID Connect Core 1.0, section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Claims a name is taken from, the best first.
const NAMES: [&str; 5] = [
    "name",
    "given_name",
    "preferred_username",
    "email",
    "cognito:username",
];

/// What somebody is called of whom the provider tells no name.
const NAMELESS: &str = "Agent";

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The issuer's id of them.
    pub subject: String,
    /// What they are called.
    pub name: DisplayName,
    /// They are in the group of admins.
    pub admin: bool,
}

/// Why a token signs nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Not three parts of base64url, not JSON, too long, or a header that asks for what we do not
    /// know.
    #[error("token cannot be read")]
    Unreadable,
    /// The key it names is not among the issuer's.
    #[error("token is signed by an unknown key")]
    UnknownKey,
    /// Its header names another way to sign than its key has.
    #[error("token names an algorithm that is not its key's")]
    Algorithm,
    /// The signature is not the key's.
    #[error("token has a wrong signature")]
    Signature,
    /// Another issuer's.
    #[error("token is another issuer's")]
    Issuer,
    /// Made for another client.
    #[error("token is for another client")]
    Audience,
    /// Past its end.
    #[error("token has expired")]
    Expired,
    /// From the future.
    #[error("token is not valid yet")]
    NotYet,
    /// The answer to another sign-in.
    #[error("token belongs to another sign-in")]
    Nonce,
    /// No ID token, or without what one must have.
    #[error("token is no id token")]
    Kind,
    /// Somebody of the issuer's who is no agent here.
    #[error("person is in no group that is let in")]
    Group,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
    b64: Option<Value>,
    enc: Option<Value>,
}

/// Whom a token stands for: a token of this provider's issuer for this client, as the answer to the
/// sign-in with this nonce.
///
/// # Errors
/// What is wrong with it. [`Doubt::UnknownKey`] may be mended by newer keys.
pub fn check(
    token: &str,
    keys: &KeySet,
    config: &ProviderConfig,
    nonce: &str,
    now_ms: u64,
) -> Result<Person, Doubt> {
    let claims = signed(token, keys)?;
    let now_s = now_ms / 1_000;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(config.issuer.as_str()) {
        return Err(Doubt::Issuer);
    }
    if !is_for(&claims, &config.client_id) {
        return Err(Doubt::Audience);
    }
    // Cognito gives access tokens the same issuer and keys, and says which is which.
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

/// The claims of a token that one of the keys signed.
fn signed(token: &str, keys: &KeySet) -> Result<Map<String, Value>, Doubt> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Doubt::Unreadable);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Doubt::Unreadable)?;
    let (header, payload) = message.split_once('.').ok_or(Doubt::Unreadable)?;
    let header: Header = part(header)?;
    let typed = header.typ.as_deref();
    let known = typed.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if !known || header.crit.is_some() || header.b64.is_some() || header.enc.is_some() {
        return Err(Doubt::Unreadable);
    }
    let mut named = keys.named(header.kid.as_deref()).peekable();
    if named.peek().is_none() {
        return Err(Doubt::UnknownKey);
    }
    let key = named
        .find(|key| name_of(key.algorithm) == header.alg)
        .ok_or(Doubt::Algorithm)?;
    let genuine = crypto::verify(signature, message.as_bytes(), &key.key, key.algorithm);
    if !genuine.unwrap_or(false) {
        return Err(Doubt::Signature);
    }
    part(payload)
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Doubt> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
    let bytes = bytes.map_err(|_| Doubt::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| Doubt::Unreadable)
}

/// How a header names the two ways to sign that keys of a [`KeySet`] have.
const fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::ES256 => "ES256",
        _ => "RS256",
    }
}

/// Several audiences, or an authorised party that is named: then it must be us.
fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    let (ours, several) = match claims.get("aud") {
        Some(Value::String(audience)) => (audience == client_id, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client_id), all.len() > 1),
        _ => (false, false),
    };
    let party = claims.get("azp");
    ours && party.map_or(!several, |party| party == client_id)
}

/// A date of RFC 7519, which may have a fraction; none when it is absent.
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

/// The first name that is one.
fn name(claims: &Map<String, Value>) -> DisplayName {
    let told = NAMES
        .iter()
        .filter_map(|name| claims.get(*name)?.as_str())
        .filter(|text| !is_uuid(text))
        .find_map(|text| fitted(for_customers(text)));
    told.unwrap_or_else(|| DisplayName::new(NAMELESS).expect("a short plain word is a name"))
}

/// Customers read the name: of a mail address, only what stands before the `@`.
fn for_customers(text: &str) -> &str {
    match text.split_once('@') {
        Some((before, _)) if !text.contains(char::is_whitespace) => before,
        _ => text,
    }
}

/// What Cognito calls people who sign in by mail address. Nobody is called that.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// As much of a text as a name may have.
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
