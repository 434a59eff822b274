//! The signature of a case file: a compact JWS with ES256 (RFC 7515, RFC 7518 section 3.4) whose
//! payload part is left empty (RFC 7515 appendix F).

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// What comes before the point in the DER of a P-256 public key (RFC 5480 section 2).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// DER of a P-256 private key without its public one (RFC 5915 section 3): before and after it.
const PRIVATE_HEAD: [u8; 7] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
const PRIVATE_TAIL: [u8; 12] = [
    0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
];

/// The key that signs case files.
#[derive(Debug)]
pub struct CaseSigner(EcdsaKeyPair);

/// A public key as a JSON Web Key (RFC 7517, RFC 7518 section 6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseJwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    /// Of a key in a set. Its thumbprint says it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// The document at `/.well-known/jwks.json` (RFC 7517 section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseJwks {
    /// All keys that ever signed case files here.
    pub keys: Vec<CaseJwk>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    jwk: CaseJwk,
}

/// A key that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 key")]
pub struct BadKey;

/// No signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case file cannot be signed: the system has no random bytes")]
pub struct Unsigned;

/// A signature that does not fit, or is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not fit")]
pub struct BadSignature;

impl CaseSigner {
    /// Makes a new key; returns it as PKCS#8 (RFC 5208), to be stored.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn new_pkcs8() -> Result<Vec<u8>, BadKey> {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        made.map(|made| made.as_ref().to_vec()).map_err(|_| BadKey)
    }

    /// Reads a key from PKCS#8.
    ///
    /// # Errors
    /// When it is no P-256 key.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, BadKey> {
        let read = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
        read.map(Self).map_err(|_| BadKey)
    }

    /// Derives the key from an unguessable text, as secret stores generate them. Always the same
    /// one.
    ///
    /// # Errors
    /// Never in practice: one text in 2^32 needs a second try, and there are 256.
    pub fn from_secret(secret: &str) -> Result<Self, BadKey> {
        let derived = (0..=u8::MAX).find_map(|attempt| {
            let mut hash = digest::Context::new(&SHA256);
            hash.update(b"sightline case key\0");
            hash.update(&[attempt]);
            hash.update(secret.as_bytes());
            let scalar = hash.finish();
            let der = [&PRIVATE_HEAD[..], scalar.as_ref(), &PRIVATE_TAIL].concat();
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()
        });
        derived.map(Self).ok_or(BadKey)
    }

    /// Returns its public key.
    #[must_use]
    pub fn public(&self) -> CaseJwk {
        let point = self.0.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        let text = |half: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(half);
        CaseJwk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: text(x),
            y: text(y),
            kid: None,
        }
    }

    /// Signs a payload that is kept elsewhere.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn sign(&self, payload: &[u8]) -> Result<String, Unsigned> {
        let jwk = self.public();
        let header = Header {
            alg: "ES256".to_owned(),
            kid: jwk.thumbprint(),
            jwk,
        };
        let header = serde_json::to_vec(&header).expect("words of ours are plain JSON");
        let header = BASE64_URL_SAFE_NO_PAD.encode(header);
        let material = material(&header, payload);
        let signature = self.0.sign(&SystemRandom::new(), material.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.map_err(|_| Unsigned)?);
        Ok(format!("{header}..{signature}"))
    }
}

impl CaseJwk {
    /// Returns its thumbprint (RFC 7638), which names it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let Self { kty, crv, x, y, .. } = self;
        // Members in the order of their names, without white space (section 3.2). Those of a key
        // that was checked have no character that JSON escapes.
        thumbprint_of(&format!(
            r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#
        ))
    }

    /// Returns it with its thumbprint, as a set has it.
    #[must_use]
    pub fn named(self) -> Self {
        let kid = Some(self.thumbprint());
        Self { kid, ..self }
    }

    /// Reads keys: one as JSON, a set of them, or one as PEM (RFC 7468 section 13).
    ///
    /// # Errors
    /// When it is something else, or has no P-256 key.
    pub fn read_all(text: &str) -> Result<Vec<Self>, BadKey> {
        let keys = match serde_json::from_str::<CaseJwks>(text) {
            Ok(CaseJwks { keys }) => keys,
            Err(_) => vec![match serde_json::from_str::<Self>(text) {
                Ok(key) => key,
                Err(_) => Self::from_pem(text)?,
            }],
        };
        let keys: Vec<Self> = keys
            .into_iter()
            .filter(|key| key.point().is_some())
            .collect();
        if keys.is_empty() {
            return Err(BadKey);
        }
        Ok(keys)
    }

    fn from_pem(text: &str) -> Result<Self, BadKey> {
        let lines = text.lines().map(str::trim);
        let base64: String = lines.filter(|line| !line.starts_with("-----")).collect();
        let der = BASE64_STANDARD.decode(base64).map_err(|_| BadKey)?;
        let point = der.strip_prefix(&SPKI_HEAD).ok_or(BadKey)?;
        let halves = point.strip_prefix(&[4]).filter(|rest| rest.len() == 64);
        let (x, y) = halves.ok_or(BadKey)?.split_at(32);
        Ok(Self {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: BASE64_URL_SAFE_NO_PAD.encode(x),
            y: BASE64_URL_SAFE_NO_PAD.encode(y),
            kid: None,
        })
    }

    /// Returns the point as SEC 1 has it, uncompressed; `None` if this is no P-256 key.
    fn point(&self) -> Option<Vec<u8>> {
        let half = |text: &str| {
            let half = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
            (half.len() == 32).then_some(half)
        };
        let is_ours = self.kty == "EC" && self.crv == "P-256";
        is_ours.then_some([vec![4], half(&self.x)?, half(&self.y)?].concat())
    }
}

/// Checks a signature of a payload that is kept elsewhere, and returns the key that made it. Nobody
/// says here whose key that is.
///
/// # Errors
/// When it is malformed, or does not fit.
pub fn check(jws: &[u8], payload: &[u8]) -> Result<CaseJwk, BadSignature> {
    let jws = std::str::from_utf8(jws).map_err(|_| BadSignature)?;
    let (text, signature) = jws.split_once("..").ok_or(BadSignature)?;
    let decoded = |text: &str| {
        BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| BadSignature)
    };
    let header: Header = serde_json::from_slice(&decoded(text)?).map_err(|_| BadSignature)?;
    let point = header.jwk.point().ok_or(BadSignature)?;
    if header.alg != "ES256" || header.kid != header.jwk.thumbprint() {
        return Err(BadSignature);
    }
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let material = material(text, payload);
    let fits = key.verify(material.as_bytes(), &decoded(signature)?);
    fits.map(|()| header.jwk).map_err(|_| BadSignature)
}

fn thumbprint_of(canonical: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&SHA256, canonical.as_bytes()))
}

fn material(header: &str, payload: &[u8]) -> String {
    format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7515 appendix A.3, whose signature is checked here with its payload removed.
    #[test]
    fn a_signature_of_the_standard_fits_its_key() {
        let key = concat!(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
            r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
        );
        let key = CaseJwk::read_all(key).unwrap().remove(0);
        let header = "eyJhbGciOiJFUzI1NiJ9";
        let payload =
            b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let verify = |payload: &[u8]| {
            let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.point().unwrap());
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
            public.verify(material(header, payload).as_bytes(), &signature)
        };
        assert!(verify(payload).is_ok());
        assert!(verify(b"other").is_err());
    }

    /// The example of RFC 7638 section 3.1 is an RSA key. The other one is that of RFC 7515
    /// appendix A.3, as `jwcrypto` prints it.
    #[test]
    fn a_thumbprint_is_that_of_the_standard_and_of_another_library() {
        let n = concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_",
            "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0",
            "_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWh",
            "AI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        );
        assert_eq!(
            thumbprint_of(&format!(r#"{{"e":"AQAB","kty":"RSA","n":"{n}"}}"#)),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        let key = concat!(
            r#"{"kid":"any","kty":"EC","use":"sig","crv":"P-256","#,
            r#""x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
            r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
        );
        let key = CaseJwk::read_all(key).unwrap().remove(0);
        assert_eq!(
            key.thumbprint(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
        );
    }

    #[test]
    fn what_was_signed_is_checked_and_nothing_else_passes() {
        let signer = CaseSigner::from_secret("a secret of sixty-four characters").unwrap();
        let again = CaseSigner::from_secret("a secret of sixty-four characters").unwrap();
        assert_eq!(signer.public(), again.public(), "always the same");
        let jws = signer.sign(b"payload").unwrap();
        assert_eq!(check(jws.as_bytes(), b"payload"), Ok(signer.public()));
        assert_eq!(check(jws.as_bytes(), b"payloaD"), Err(BadSignature));
        for place in 0..jws.len() {
            let mut changed = jws.clone().into_bytes();
            for other in [b'A', b'.', b'\n', 0xFF] {
                changed[place] = other;
                let same = changed == jws.as_bytes();
                assert_eq!(check(&changed, b"payload").is_ok(), same, "{place}");
            }
        }
        assert_eq!(
            check(format!("{jws}\n").as_bytes(), b"payload"),
            Err(BadSignature)
        );
        let made = CaseSigner::from_pkcs8(&CaseSigner::new_pkcs8().unwrap()).unwrap();
        assert_ne!(made.public(), signer.public());
    }

    #[test]
    fn an_algorithm_or_an_extension_of_somebody_s_own_is_refused() {
        let signer = CaseSigner::from_secret("secret").unwrap();
        let jwk = serde_json::to_string(&signer.public()).unwrap();
        let kid = signer.public().thumbprint();
        let signed = |header: String| {
            let header = BASE64_URL_SAFE_NO_PAD.encode(header);
            let signature = signer
                .0
                .sign(&SystemRandom::new(), material(&header, b"x").as_bytes());
            format!(
                "{header}..{}",
                BASE64_URL_SAFE_NO_PAD.encode(signature.unwrap())
            )
        };
        let fine = signed(format!(r#"{{"alg":"ES256","kid":"{kid}","jwk":{jwk}}}"#));
        assert!(check(fine.as_bytes(), b"x").is_ok());
        for header in [
            format!(r#"{{"alg":"none","kid":"{kid}","jwk":{jwk}}}"#),
            format!(r#"{{"alg":"ES384","kid":"{kid}","jwk":{jwk}}}"#),
            format!(r#"{{"alg":"ES256","kid":"other","jwk":{jwk}}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}","jwk":{jwk},"crit":["b64"],"b64":false}}"#),
            format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#),
            format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#),
        ] {
            assert_eq!(
                check(signed(header.clone()).as_bytes(), b"x"),
                Err(BadSignature),
                "{header}"
            );
        }
    }

    #[test]
    fn keys_are_read_from_a_key_a_set_and_pem() {
        let public = CaseSigner::from_secret("secret").unwrap().public();
        let set = CaseJwks {
            keys: vec![public.clone().named()],
        };
        let pem = BASE64_STANDARD.encode([&SPKI_HEAD[..], &public.point().unwrap()].concat());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
        for text in [
            serde_json::to_string(&public).unwrap(),
            serde_json::to_string(&set).unwrap(),
            pem,
        ] {
            let read = CaseJwk::read_all(&text).unwrap();
            assert_eq!(
                read.first().map(CaseJwk::thumbprint),
                Some(public.thumbprint())
            );
        }
        for text in [
            "",
            "{}",
            r#"{"keys":[]}"#,
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END",
        ] {
            assert_eq!(CaseJwk::read_all(text), Err(BadKey), "{text}");
        }
    }
}
