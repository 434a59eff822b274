//! What an ID token must be (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725). Pure: keys and
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
