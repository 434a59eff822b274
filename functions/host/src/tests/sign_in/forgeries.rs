//! Forged tokens: through the routes, and by the thousand against the check itself.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::idp::{
    CLIENT, ISSUER, NOW_S, Place, claims, config, ec_jwk, encoded, es256, header, message, pairs,
    rs256, rsa_jwk,
};
use crate::records::sha_256_of_parts;
use crate::sign_in::KeySet;
use crate::sign_in::token::{Doubt, LEEWAY_S, TOKEN_BYTES_MAX, check};
use crate::tests::world::NOW_MS;

const NONCE: &str = "the-nonce-of-this-sign-in";

fn keys() -> KeySet {
    let keys = json!({ "keys": [rsa_jwk("a", &pairs().rsa), ec_jwk("e", &pairs().ec)] });
    KeySet::read(keys.to_string().as_bytes()).unwrap()
}

fn good(change: impl FnOnce(&mut Value)) -> String {
    good_for(NONCE, change)
}

fn good_for(nonce: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims(nonce);
    change(&mut claims);
    rs256(&pairs().rsa, &header(), &claims)
}

fn headed(header: Value) -> String {
    rs256(&pairs().rsa, &header, &claims(NONCE))
}

fn hs256(header: &Value, secret: &[u8], claims: &Value) -> String {
    let message = message(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mac = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", encoded(mac.as_ref()))
}

/// The public key in every form that a verifier could mistake for an HMAC secret.
fn public_forms() -> Vec<Vec<u8>> {
    let der = pairs().rsa.public_key().as_ref();
    let jwk = rsa_jwk("a", &pairs().rsa);
    let pem = |kind: &str, end: &str| {
        let text = BASE64_STANDARD.encode(der);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        format!(
            "-----BEGIN {kind}-----\n{}\n-----END {kind}-----{end}",
            lines.join("\n")
        )
        .into_bytes()
    };
    vec![
        der.to_vec(),
        der[9..265].to_vec(),
        jwk["n"].as_str().unwrap().as_bytes().to_vec(),
        jwk.to_string().into_bytes(),
        pem("RSA PUBLIC KEY", "\n"),
        pem("RSA PUBLIC KEY", ""),
        pem("PUBLIC KEY", "\n"),
        pem("PUBLIC KEY", ""),
        Vec::new(),
    ]
}

/// All forged answers to the sign-in with this nonce, each with the expected error.
fn forgeries(nonce: &str) -> Vec<(&'static str, String, Doubt)> {
    let (pairs, plain) = (pairs(), claims(nonce));
    let headed = |header: Value| rs256(&pairs.rsa, &header, &plain);
    let unsigned = |alg: &str| {
        let header = json!({ "alg": alg, "kid": "a", "typ": "JWT" });
        format!("{}.", message(&header, &plain))
    };
    let whole = good_for(nonce, |_| {});
    let (body, signature) = whole.rsplit_once('.').unwrap();
    let mut all = vec![
        ("alg none", unsigned("none"), Doubt::Algorithm),
        ("alg None", unsigned("None"), Doubt::Algorithm),
        ("alg nOnE", unsigned("nOnE"), Doubt::Algorithm),
        ("alg empty", unsigned(""), Doubt::Algorithm),
        ("no signature", unsigned("RS256"), Doubt::Signature),
        (
            "alg none with a good signature",
            headed(json!({ "alg": "none", "kid": "a" })),
            Doubt::Algorithm,
        ),
        ("no alg", headed(json!({ "kid": "a" })), Doubt::Unreadable),
        (
            "another alg of the same family",
            headed(json!({ "alg": "RS512", "kid": "a" })),
            Doubt::Algorithm,
        ),
        (
            "PS256 named",
            headed(json!({ "alg": "PS256", "kid": "a" })),
            Doubt::Algorithm,
        ),
        (
            "a curve's algorithm with the other key",
            headed(json!({ "alg": "ES256", "kid": "a" })),
            Doubt::Algorithm,
        ),
        (
            "RS256 with the curve's key",
            headed(json!({ "alg": "RS256", "kid": "e" })),
            Doubt::Algorithm,
        ),
        (
            "unknown key",
            headed(json!({ "alg": "RS256", "kid": "z" })),
            Doubt::UnknownKey,
        ),
        (
            "key named by nothing",
            headed(json!({ "alg": "RS256", "kid": "" })),
            Doubt::UnknownKey,
        ),
        (
            "no key named among two",
            headed(json!({ "alg": "RS256" })),
            Doubt::UnknownKey,
        ),
        (
            "key as a path",
            headed(json!({ "alg": "RS256", "kid": "../../dev/null" })),
            Doubt::UnknownKey,
        ),
        (
            "critical extension",
            headed(json!({ "alg": "RS256", "kid": "a", "crit": ["x"], "x": 1 })),
            Doubt::Unreadable,
        ),
        (
            "unencoded payload",
            headed(json!({ "alg": "RS256", "kid": "a", "b64": false })),
            Doubt::Unreadable,
        ),
        (
            "an access token's type",
            headed(json!({ "alg": "RS256", "kid": "a", "typ": "at+jwt" })),
            Doubt::Unreadable,
        ),
        (
            "somebody else's key under the same name",
            rs256(&pairs.other_rsa, &header(), &plain),
            Doubt::Signature,
        ),
        (
            "the key brought along",
            rs256(
                &pairs.other_rsa,
                &json!({ "alg": "RS256", "kid": "a", "jwk": rsa_jwk("a", &pairs.other_rsa) }),
                &plain,
            ),
            Doubt::Signature,
        ),
        (
            "the key brought along under its own name",
            rs256(
                &pairs.other_rsa,
                &json!({ "alg": "RS256", "kid": "m", "jwk": rsa_jwk("m", &pairs.other_rsa) }),
                &plain,
            ),
            Doubt::UnknownKey,
        ),
        (
            "keys to be fetched elsewhere",
            rs256(
                &pairs.other_rsa,
                &json!({ "alg": "RS256", "kid": "a", "jku": "https://evil.example/keys", "x5u": "https://evil.example/c" }),
                &plain,
            ),
            Doubt::Signature,
        ),
        (
            "somebody else's curve key",
            es256(
                &pairs.other_ec,
                &json!({ "alg": "ES256", "kid": "e" }),
                &plain,
            ),
            Doubt::Signature,
        ),
        (
            "a curve signature of zeros (CVE-2022-21449)",
            format!(
                "{}.{}",
                message(&json!({ "alg": "ES256", "kid": "e" }), &plain),
                encoded([0; 64])
            ),
            Doubt::Signature,
        ),
        (
            "a signature of zeros",
            format!("{body}.{}", encoded([0; 256])),
            Doubt::Signature,
        ),
        (
            "claims exchanged under a good signature",
            format!("{}.{signature}", {
                let mut other = plain.clone();
                other["sub"] = json!("eve");
                message(&header(), &other)
            }),
            Doubt::Signature,
        ),
        ("four parts", format!("{whole}.x"), Doubt::Signature),
        ("two parts", body.to_owned(), Doubt::Unreadable),
        ("one part", encoded("x"), Doubt::Unreadable),
        ("nothing", String::new(), Doubt::Unreadable),
        ("dots", "..".to_owned(), Doubt::Unreadable),
        ("padding", format!("{whole}="), Doubt::Signature),
        ("a line's end", format!("{whole}\n"), Doubt::Signature),
        (
            "too long",
            good_for(nonce, |claims| {
                claims["x"] = json!("x".repeat(TOKEN_BYTES_MAX))
            }),
            Doubt::Unreadable,
        ),
    ];
    for secret in public_forms() {
        for (alg, kid) in [
            ("HS256", "a"),
            ("RS256", "a"),
            ("HS256", "e"),
            ("hs256", "a"),
        ] {
            let header = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
            let doubt = if alg == "RS256" {
                Doubt::Signature
            } else {
                Doubt::Algorithm
            };
            all.push((
                "the public key as a secret",
                hs256(&header, &secret, &plain),
                doubt,
            ));
        }
    }
    all
}

/// Claims that must be rejected under a good signature.
fn wrong_claims() -> Vec<(&'static str, Value, Doubt)> {
    let absent = Value::Null;
    let mut all = vec![
        ("iss", json!("https://evil.example"), Doubt::Issuer),
        ("iss", json!(format!("{ISSUER}/")), Doubt::Issuer),
        ("iss", json!(ISSUER.to_uppercase()), Doubt::Issuer),
        ("iss", json!([ISSUER]), Doubt::Issuer),
        ("aud", json!("client-2"), Doubt::Audience),
        ("aud", json!(""), Doubt::Audience),
        ("aud", json!([]), Doubt::Audience),
        ("aud", json!(["client-2"]), Doubt::Audience),
        ("aud", json!(["client-2", CLIENT]), Doubt::Audience),
        ("aud", json!({ "client-1": 1 }), Doubt::Audience),
        ("azp", json!("client-2"), Doubt::Audience),
        ("azp", json!(1), Doubt::Audience),
        ("exp", json!(NOW_S - LEEWAY_S), Doubt::Expired),
        ("exp", json!(NOW_S - 3_600), Doubt::Expired),
        ("exp", json!(0), Doubt::Expired),
        ("exp", json!(-1), Doubt::Kind),
        ("exp", json!("9999999999"), Doubt::Kind),
        ("exp", json!(1e300), Doubt::Kind),
        ("exp", json!([NOW_S + 60]), Doubt::Kind),
        ("nbf", json!(NOW_S + LEEWAY_S + 1), Doubt::NotYet),
        ("nbf", json!("0"), Doubt::Kind),
        ("iat", json!(NOW_S + LEEWAY_S + 1), Doubt::NotYet),
        ("iat", json!(u64::MAX), Doubt::NotYet),
        ("nonce", json!("another"), Doubt::Nonce),
        ("nonce", json!(""), Doubt::Nonce),
        ("nonce", json!([NONCE]), Doubt::Nonce),
        ("nonce", json!(format!("{NONCE}x")), Doubt::Nonce),
        ("token_use", json!("access"), Doubt::Kind),
        ("token_use", json!("refresh"), Doubt::Kind),
        ("token_use", json!(null), Doubt::Kind),
        ("token_use", json!(["id"]), Doubt::Kind),
        ("sub", json!(""), Doubt::Kind),
        ("sub", json!(7), Doubt::Kind),
        ("sub", json!("x".repeat(256)), Doubt::Kind),
    ];
    for (name, doubt) in [
        ("iss", Doubt::Issuer),
        ("aud", Doubt::Audience),
        ("exp", Doubt::Kind),
        ("iat", Doubt::Kind),
        ("nonce", Doubt::Nonce),
        ("sub", Doubt::Kind),
    ] {
        all.push((name, absent.clone(), doubt));
    }
    all
}

fn with_claim(mut claims: Value, name: &str, value: &Value) -> Value {
    let fields = claims.as_object_mut().unwrap();
    if value.is_null() && name != "token_use" {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value.clone());
    }
    claims
}

#[tokio::test]
async fn no_forgery_signs_anybody_in() {
    let (mut tried, mut accepted) = (0, 0);
    // Through the routes a forgery has the nonce of its own sign-in, so that it cannot be refused
    // because of the nonce.
    let place = Place::new();
    for (which, (name, token, doubt)) in forgeries(NONCE).into_iter().enumerate() {
        assert_eq!(
            check(&token, &keys(), &config(), NONCE, NOW_MS),
            Err(doubt),
            "{name}"
        );
        place.forge(move |claims| {
            let nonce = claims["nonce"].as_str().unwrap();
            forgeries(nonce).swap_remove(which).1
        });
        let mut browser = place.browser();
        assert_eq!(browser.sign_in().await, "/agent?sign-in=failed", "{name}");
        tried += 1;
        accepted += u32::from(browser.is_signed_in().await);
    }
    for (name, value, doubt) in wrong_claims() {
        let token = rs256(
            &pairs().rsa,
            &header(),
            &with_claim(claims(NONCE), name, &value),
        );
        assert_eq!(
            check(&token, &keys(), &config(), NONCE, NOW_MS),
            Err(doubt),
            "{name} {value}"
        );
        let changed = value.clone();
        place.forge(move |claims| {
            rs256(&pairs().rsa, &header(), &with_claim(claims, name, &changed))
        });
        let mut browser = place.browser();
        let led = browser.sign_in().await;
        assert_eq!(led, "/agent?sign-in=failed", "{name} {value}");
        tried += 1;
        accepted += u32::from(browser.is_signed_in().await);
    }
    println!("{tried} forgeries, {accepted} accepted");
    assert_eq!((tried >= 100, accepted), (true, 0), "{tried} forgeries");
    // The same token without a change signs in.
    place.forge(|claims| rs256(&pairs().rsa, &header(), &claims));
    assert_eq!(place.browser().sign_in().await, "/agent");
}

#[tokio::test]
async fn keys_that_were_exchanged_sign_nobody_in() {
    // Control of the key set amounts to being the provider. Even so, a set cannot give a key
    // another kind or purpose.
    let rsa = rsa_jwk("a", &pairs().rsa);
    let secret = encoded("secret");
    for key in [
        json!({ "kty": "oct", "kid": "a", "alg": "HS256", "k": secret }),
        json!({ "kty": "oct", "kid": "a", "alg": "RS256", "k": secret }),
        json!({ "kty": "RSA", "kid": "a", "use": "enc", "n": rsa["n"], "e": rsa["e"] }),
        json!({ "kty": "RSA", "kid": "a", "alg": "RSA-OAEP", "n": rsa["n"], "e": rsa["e"] }),
        json!({ "kty": "RSA", "kid": "a", "alg": "none", "n": rsa["n"], "e": rsa["e"] }),
        json!({ "kty": "RSA", "kid": "a", "n": rsa["n"] }),
        json!({ "kty": "RSA", "kid": "a", "n": "AQ", "e": "AQ" }),
        json!({ "kty": "RSA", "kid": "a", "n": "", "e": "" }),
        json!({ "kty": "RSA", "kid": "a", "n": "!", "e": "AQAB" }),
        json!({ "kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA" }),
        json!({ "kty": "EC", "kid": "a", "crv": "P-256", "x": encoded([0; 32]), "y": encoded([0; 32]) }),
        json!({ "kty": "EC", "kid": "a", "crv": "secp256k1", "x": encoded([1; 32]), "y": encoded([1; 32]) }),
        json!({ "kty": "OKP", "kid": "a", "crv": "Ed25519", "x": encoded([1; 32]) }),
        json!({ "kid": "a" }),
        json!("a"),
        rsa_jwk("a", &pairs().other_rsa),
    ] {
        let tokens = [
            good(|_| {}),
            hs256(
                &json!({ "alg": "HS256", "kid": "a" }),
                b"secret",
                &claims(NONCE),
            ),
            hs256(
                &json!({ "alg": "RS256", "kid": "a" }),
                b"secret",
                &claims(NONCE),
            ),
            headed(json!({ "alg": "ES256", "kid": "a" })),
        ];
        let set = KeySet::read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
        for token in tokens {
            let checked = check(&token, &set, &config(), NONCE, NOW_MS);
            assert!(checked.is_err(), "{key}");
        }
    }
    for set in ["", "{}", "[]", "null", r#"{"keys":{}}"#, r#"{"keys":7}"#] {
        assert!(KeySet::read(set.as_bytes()).is_none(), "{set}");
    }
    // The set changes between two sign-ins, and a new key has the old key's id.
    let place = Place::new();
    assert_eq!(place.browser().sign_in().await, "/agent");
    place.idp.lock().keys = json!({ "keys": [rsa_jwk("a", &pairs().other_rsa)] });
    place.forge(|claims| rs256(&pairs().other_rsa, &header(), &claims));
    assert_eq!(place.browser().sign_in().await, "/agent?sign-in=failed");
}

#[test]
fn dates_count_to_the_second() {
    let at = |name: &str, value: Value| {
        check(
            &good(|claims| claims[name] = value),
            &keys(),
            &config(),
            NONCE,
            NOW_MS,
        )
    };
    assert!(at("exp", json!(NOW_S - LEEWAY_S + 1)).is_ok());
    assert_eq!(at("exp", json!(NOW_S - LEEWAY_S)), Err(Doubt::Expired));
    assert!(at("exp", json!(NOW_S as f64 + 0.5)).is_ok());
    assert!(at("nbf", json!(NOW_S + LEEWAY_S)).is_ok());
    assert_eq!(at("nbf", json!(NOW_S + LEEWAY_S + 1)), Err(Doubt::NotYet));
    assert!(at("iat", json!(NOW_S + LEEWAY_S)).is_ok());
    assert_eq!(at("iat", json!(NOW_S + LEEWAY_S + 1)), Err(Doubt::NotYet));
}

#[test]
fn audiences_groups_and_names_are_read_as_they_come() {
    let person = |change: &dyn Fn(&mut Value)| {
        check(
            &good(|claims| change(claims)),
            &keys(),
            &config(),
            NONCE,
            NOW_MS,
        )
        .unwrap()
    };
    person(&|claims| claims["aud"] = json!([CLIENT]));
    person(&|claims| {
        claims["aud"] = json!(["other", CLIENT]);
        claims["azp"] = json!(CLIENT);
    });
    for (groups, admin) in [
        (json!(["admins"]), true),
        (json!("admins"), true),
        (json!(["Admins", "admins2", "admin", ["admins"]]), false),
        (json!("agents admins"), false),
        (json!({ "admins": true }), false),
        (json!(null), false),
        (json!([]), false),
    ] {
        let found = person(&|claims| claims["cognito:groups"] = groups.clone());
        assert_eq!(found.admin, admin, "{groups}");
    }
    let nobody = {
        let mut config = config();
        config.admin_group = None;
        check(&good(|_| {}), &keys(), &config, NONCE, NOW_MS).unwrap()
    };
    assert!(!nobody.admin);
    let uuid = "0b0c7a52-0d0e-4a8e-9d3c-1c1b8f0a1234";
    for (told, called) in [
        (json!({ "name": "  Ada  " }), "Ada"),
        (json!({ "name": "Ada", "given_name": "A" }), "Ada"),
        (json!({ "name": "", "given_name": "A" }), "A"),
        (json!({ "name": 7, "email": "ada.l@example.com" }), "ada.l"),
        (json!({ "name": "ada@example.com" }), "ada"),
        (json!({ "name": "Ada @ Example" }), "Ada @ Example"),
        (json!({ "email": "@example.com" }), "Agent"),
        (json!({ "cognito:username": uuid }), "Agent"),
        (json!({ "cognito:username": "ada" }), "ada"),
        (json!({ "name": "A\u{7}d\na\u{202e}" }), "Ada"),
        (json!({ "name": "\u{200b}\n" }), "Agent"),
        (json!({}), "Agent"),
    ] {
        let found = person(&|claims| {
            let fields = claims.as_object_mut().unwrap();
            fields.retain(|name, _| name != "name" && name != "email");
            fields.extend(told.as_object().unwrap().clone());
        });
        assert_eq!(found.name.as_str(), called, "{told}");
    }
    let long = person(&|claims| claims["name"] = json!("é😀".repeat(40)));
    assert_eq!(long.name.as_str(), "é😀".repeat(13) + "é");
}

#[test]
fn mangled_tokens_are_refused_and_never_panic() {
    let tokens = [
        good(|_| {}),
        es256(
            &pairs().ec,
            &json!({ "alg": "ES256", "kid": "e" }),
            &claims(NONCE),
        ),
    ];
    let (keys, config) = (keys(), config());
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let hash = sha_256_of_parts(&[tokens[0].as_bytes()]);
    let seed: u64 = seed.unwrap_or_else(|| u64::from_be_bytes(*hash.first_chunk().unwrap()));
    println!("SEED={seed}");
    // xorshift64 (Marsaglia 2003): enough to choose places and bytes.
    let mut state = seed | 1;
    let mut chance = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut tried, mut accepted) = (0, 0);
    for _ in 0..4_000 {
        let token = &tokens[chance(2)];
        let mut bytes = token.clone().into_bytes();
        for _ in 0..=chance(3) {
            let at = chance(bytes.len());
            match chance(6) {
                0 => bytes.truncate(at),
                1 => bytes[at] = b"ABCxyz019-_.="[chance(13)],
                2 => bytes[at] = chance(128) as u8,
                3 => bytes.insert(at, b'.'),
                4 => drop(bytes.remove(at)),
                _ => {
                    let tail = bytes.split_off(at);
                    bytes.extend_from_slice("é{\"a\":".as_bytes());
                    bytes.extend_from_slice(&tail);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        let Ok(mangled) = String::from_utf8(bytes) else {
            continue;
        };
        if mangled == *token {
            continue;
        }
        tried += 1;
        accepted += u32::from(check(&mangled, &keys, &config, NONCE, NOW_MS).is_ok());
    }
    // Every truncation, and every single character replaced.
    let token = &tokens[0];
    for at in 0..token.len() {
        for mangled in [token[..at].to_owned(), {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        }] {
            tried += 1;
            accepted += u32::from(check(&mangled, &keys, &config, NONCE, NOW_MS).is_ok());
        }
    }
    assert!(tried > 4_000, "{tried}");
    assert_eq!(accepted, 0, "of {tried}, SEED={seed}");
    println!("{tried} mangled tokens, {accepted} accepted");
}

#[test]
fn what_a_log_is_told_of_a_failure_has_nothing_of_the_token() {
    for (_, token, doubt) in forgeries(NONCE) {
        let told = doubt.to_string();
        assert!(told.is_ascii() && told.len() < 80);
        for part in token.split('.').filter(|part| part.len() > 8) {
            assert!(!told.contains(part));
        }
    }
}
