//! A provider in memory, a deployment that trusts it, and a browser between the two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::memory::Memory;
use crate::ports::StoreError;
use crate::records::sha_256_of_parts;
use crate::sign_in::{self, Provider};
use crate::tests::world::{NOW_MS, ORIGIN};
use crate::{Host, HostConfig, Keys, ProviderConfig, router};

pub const ISSUER: &str = "https://id.example.com/pool";
pub const CLIENT: &str = "client-1";
pub const SECRET: &str = "s3cret/+ of ours";
pub const NOW_S: u64 = NOW_MS / 1_000;
pub const BACK: &str = "https://help.example.com/api/sign-in/back";

pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Key pairs, made once for all tests because that takes long.
pub struct Pairs {
    pub rsa: RsaKeyPair,
    /// A key that the provider does not have.
    pub other_rsa: RsaKeyPair,
    pub ec: EcdsaKeyPair,
    pub other_ec: EcdsaKeyPair,
}

pub fn pairs() -> &'static Pairs {
    static PAIRS: OnceLock<Pairs> = OnceLock::new();
    PAIRS.get_or_init(|| Pairs {
        rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        other_rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        other_ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
    })
}

/// Reads the public key from a `RSAPublicKey` of PKCS #1. For 2048 bits its two integers are at
/// fixed places.
pub fn rsa_jwk(kid: &str, pair: &RsaKeyPair) -> Value {
    let der = pair.public_key().as_ref();
    assert_eq!(der.len(), 270);
    json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": encoded(&der[9..265]), "e": encoded(&der[267..270]),
    })
}

pub fn ec_jwk(kid: &str, pair: &EcdsaKeyPair) -> Value {
    let point = pair.public_key().as_ref();
    json!({
        "kty": "EC", "crv": "P-256", "kid": kid,
        "x": encoded(&point[1..33]), "y": encoded(&point[33..65]),
    })
}

pub fn message(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        encoded(header.to_string()),
        encoded(claims.to_string())
    )
}

pub fn rs256(pair: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", encoded(signature))
}

pub fn es256(pair: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", encoded(signature))
}

pub fn header() -> Value {
    json!({ "alg": "RS256", "kid": "a", "typ": "JWT" })
}

/// Claims of a good token.
pub fn claims(nonce: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "ada-1", "exp": NOW_S + 3_600, "iat": NOW_S, "nonce": nonce,
        "token_use": "id", "name": "Ada Lovelace", "email": "ada@example.com",
        "cognito:groups": ["agents", "admins"],
    })
}

type Forge = Box<dyn Fn(Value) -> String + Send>;

pub struct Idp {
    pub state: Mutex<IdpState>,
}

pub struct IdpState {
    pub discovery: Value,
    pub keys: Value,
    /// Makes the token from the claims of a good one.
    pub forge: Forge,
    /// Response for a code, if not a token.
    pub answer: Option<(u16, Vec<u8>)>,
    pub down: bool,
    /// Fetching a document takes this many milliseconds of the deployment's clock.
    pub slow: Option<(Arc<Host<Memory>>, u64)>,
    pub fetched: Vec<String>,
    pub traded: Vec<(Option<String>, BTreeMap<String, String>)>,
    /// Codes that were issued, with challenge and nonce.
    codes: BTreeMap<String, (String, String)>,
}

impl Idp {
    fn new() -> Self {
        let state = IdpState {
            discovery: json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://id.example.com/oauth2/authorize?tenant=1",
                "token_endpoint": "https://id.example.com/oauth2/token",
                "jwks_uri": "https://id.example.com/keys",
                "end_session_endpoint": "https://id.example.com/out",
            }),
            keys: json!({ "keys": [rsa_jwk("a", &pairs().rsa), ec_jwk("e", &pairs().ec)] }),
            forge: Box::new(|claims| rs256(&pairs().rsa, &header(), &claims)),
            answer: None,
            down: false,
            slow: None,
            fetched: Vec::new(),
            traded: Vec::new(),
            codes: BTreeMap::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, IdpState> {
        self.state.lock().unwrap()
    }

    /// Signs the person in on the provider's page. Returns the code.
    pub fn signs_in(&self, asked: &BTreeMap<String, String>) -> String {
        let mut state = self.lock();
        let code = format!("code {}/+&=", state.codes.len());
        let bound = (asked["code_challenge"].clone(), asked["nonce"].clone());
        state.codes.insert(code.clone(), bound);
        code
    }
}

impl Provider for Arc<Idp> {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, StoreError> {
        let mut state = self.lock();
        state.fetched.push(url.to_owned());
        if let Some((host, ms)) = &state.slow {
            host.ports().advance(*ms);
        }
        if state.down {
            return Err(down());
        }
        match url {
            "https://id.example.com/pool/.well-known/openid-configuration" => {
                Ok(state.discovery.to_string().into_bytes())
            }
            "https://id.example.com/keys" => Ok(state.keys.to_string().into_bytes()),
            other => panic!("{other} was fetched"),
        }
    }

    async fn exchange(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: String,
    ) -> Result<(u16, Vec<u8>), StoreError> {
        let mut state = self.lock();
        assert_eq!(url, "https://id.example.com/oauth2/token");
        if state.down {
            return Err(down());
        }
        let form = pairs_of(&form);
        state
            .traded
            .push((authorization.map(str::to_owned), form.clone()));
        if let Some(answer) = &state.answer {
            return Ok(answer.clone());
        }
        let Some((challenge, nonce)) = state.codes.remove(&form["code"]) else {
            return Ok((400, br#"{"error":"invalid_grant"}"#.to_vec()));
        };
        let verifier = form["code_verifier"].as_bytes();
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier);
        assert_eq!(encoded(hash.as_ref()), challenge);
        assert!((43..=128).contains(&verifier.len()));
        assert_eq!(form["grant_type"], "authorization_code");
        assert_eq!(form["redirect_uri"], BACK);
        assert_eq!(form["client_id"], CLIENT);
        let token = (state.forge)(claims(&nonce));
        let given = json!({ "id_token": token, "access_token": "x", "token_type": "Bearer" });
        Ok((200, given.to_string().into_bytes()))
    }
}

fn down() -> StoreError {
    StoreError {
        operation: "provider",
        cause: "not reached".to_owned(),
        retryable: true,
    }
}

/// A deployment whose agents sign in at the provider.
pub struct Place {
    pub idp: Arc<Idp>,
    pub host: Arc<Host<Memory>>,
    routes: axum::Router,
}

pub fn config() -> ProviderConfig {
    let mut config = ProviderConfig::new(ISSUER, CLIENT);
    config.client_secret = Some(SECRET.to_owned());
    config.admin_group = Some("admins".to_owned());
    config
}

impl Place {
    pub fn new() -> Self {
        Self::with(|_| {}, [7; 32])
    }

    pub fn with(configure: impl FnOnce(&mut ProviderConfig), key: [u8; 32]) -> Self {
        let mut provider = config();
        configure(&mut provider);
        let mut config = HostConfig::new("Example", ORIGIN);
        config.provider = Some(provider);
        let host = Arc::new(Host::new(
            Memory::at(NOW_MS),
            config,
            Keys::from_bytes(&key),
        ));
        let idp = Arc::new(Idp::new());
        let routes =
            router(Arc::clone(&host)).merge(sign_in::router(Arc::clone(&host), Arc::clone(&idp)));
        Self { idp, host, routes }
    }

    pub fn forge(&self, forge: impl Fn(Value) -> String + Send + 'static) {
        self.idp.lock().forge = Box::new(forge);
    }

    pub fn advance_s(&self, s: u64) {
        self.host.ports().advance(s * 1_000);
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            place: self,
            jar: BTreeMap::new(),
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::FOUND, "{self:?}");
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

#[derive(Clone)]
pub struct Browser<'p> {
    place: &'p Place,
    pub jar: BTreeMap<String, String>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&mut self, path: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ORIGIN, ORIGIN);
        self.ask(request.body(Body::from("{}")).unwrap()).await
    }

    pub async fn ask(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<_> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let line = cookies.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, line);
        }
        let response = self.place.routes.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        assert_eq!(head.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(head.headers[header::REFERRER_POLICY], "no-referrer");
        for line in head.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    fn keep(&mut self, line: &str) {
        let (name, rest) = line.split_once('=').unwrap();
        let site = if name.starts_with("__Host-sign-in-") {
            "Lax"
        } else {
            "Strict"
        };
        let end = format!("; Path=/; Secure; HttpOnly; SameSite={site}");
        assert!(line.ends_with(&end), "{line}");
        if line.contains("Max-Age=0;") {
            self.jar.remove(name);
        } else {
            let value = rest.split(';').next().unwrap();
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Goes to the provider's page. Returns the parameters that it received.
    pub async fn set_out(&mut self) -> BTreeMap<String, String> {
        let answer = self.get("/api/sign-in").await;
        let (page, query) = answer.location().split_once('?').unwrap();
        assert_eq!(page, "https://id.example.com/oauth2/authorize");
        let asked = pairs_of(query);
        assert!(self.jar.contains_key(&under_way(&asked)));
        asked
    }

    /// Signs in on the provider's page and follows the callback. Returns where that leads.
    pub async fn come_back(&mut self, asked: &BTreeMap<String, String>) -> String {
        let code = self.place.idp.signs_in(asked);
        let way = way_back(&asked["state"], &code);
        self.get(&way).await.location().to_owned()
    }

    pub async fn sign_in(&mut self) -> String {
        let asked = self.set_out().await;
        self.come_back(&asked).await
    }

    pub async fn is_signed_in(&mut self) -> bool {
        assert!(self.jar.len() <= 5);
        self.get("/api/me").await.status == StatusCode::OK
    }
}

/// Returns the cookie's name for the sign-in with these parameters.
pub fn under_way(asked: &BTreeMap<String, String>) -> String {
    let hash = sha_256_of_parts(&[asked["state"].as_bytes()]);
    format!("__Host-sign-in-{}", &encoded(hash)[..8])
}

pub fn way_back(state: &str, code: &str) -> String {
    let code: String = code.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("/api/sign-in/back?code={code}&state={state}")
}

pub fn basic(client: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{client}:{secret}"))
    )
}

/// Returns the pairs of a form or a query.
pub fn pairs_of(text: &str) -> BTreeMap<String, String> {
    let uri = format!("/?{text}").parse().unwrap();
    let axum::extract::Query(pairs) = axum::extract::Query::try_from_uri(&uri).unwrap();
    pairs
}
