//! The routes: there, back, and out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use sightline_wire::api::{Role, SignedOut};

use crate::api::{guarded, set_cookie};
use crate::config::{ProviderConfig, agent_id};
use crate::cookies::{self, Cookies};
use crate::host::Host;
use crate::ports::{Ports, Trouble};

use super::Provider;
use super::back::{Back, Failed, id_token};
use super::discovery::{ClientProof, Discovery};
use super::known::Known;
use super::token::{self, Doubt, Person};
use super::underway::{self, UNDERWAY_S, Underway};

/// The agent's page.
const HOME: &str = "/agent";

/// Where the provider sends people back to; registered there.
const BACK: &str = "/api/sign-in/back";

/// The routes of a sign-in at a provider, to be merged with [`crate::router`]. None where none is
/// configured.
pub fn router<P: Ports, V: Provider>(host: Arc<Host<P>>, provider: V) -> Router {
    let Some(config) = host.config.provider.clone() else {
        return Router::new();
    };
    let door = Door {
        host: Arc::clone(&host),
        provider,
        config,
        known: Known::default(),
    };
    let routes = Router::new()
        .route("/api/sign-in", get(set_out::<P, V>))
        .route(BACK, get(come_back::<P, V>))
        .route("/api/sign-out", post(sign_out::<P, V>))
        .with_state(Arc::new(door));
    guarded(routes, host)
}

struct Door<P, V> {
    host: Arc<Host<P>>,
    provider: V,
    config: ProviderConfig,
    known: Known,
}

async fn set_out<P: Ports, V: Provider>(
    State(door): State<Arc<Door<P, V>>>,
    headers: HeaderMap,
) -> Response {
    match door.way_there().await {
        Ok((address, underway)) => {
            let mut response = go(&address);
            for tag in Cookies::of(&headers).sign_ins_too_many() {
                set_cookie(&mut response, &cookies::clear_sign_in(tag));
            }
            let value = underway.sealed(&door.host.keys);
            let line = cookies::set_sign_in(underway.tag(), &value, UNDERWAY_S);
            set_cookie(&mut response, &line);
            response
        }
        Err(trouble) => {
            tracing::error!(%trouble, "sign-in cannot begin");
            go(&home_saying("failed"))
        }
    }
}

async fn come_back<P: Ports, V: Provider>(
    State(door): State<Arc<Door<P, V>>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let (person, ended) = match door.underway(&headers, &uri) {
        Ok((back, underway)) => (door.person(&back, &underway).await, Some(underway)),
        Err(failed) => (Err(failed), None),
    };
    let mut response = match &person {
        Ok(person) => door.welcome(person),
        Err(Failed::Cancelled) => go(&home_saying("cancelled")),
        Err(failed) => {
            match failed {
                Failed::Trouble(_) => tracing::error!(reason = %failed, "sign-in failed"),
                _ => tracing::warn!(reason = %failed, "sign-in failed"),
            }
            go(&home_saying("failed"))
        }
    };
    // Whoever comes without the right state has ended nothing, nor does anybody end what is under
    // way in another tab.
    if let Some(underway) = ended {
        set_cookie(&mut response, &cookies::clear_sign_in(underway.tag()));
    }
    response
}

async fn sign_out<P: Ports, V: Provider>(State(door): State<Arc<Door<P, V>>>) -> Response {
    let next = match door.discovery().await {
        Ok(discovery) => {
            let home = format!("{}{HOME}", door.host.config.origin);
            discovery.sign_out_url(&door.config.client_id, &home)
        }
        Err(trouble) => {
            tracing::warn!(%trouble, "signed out here and not at the provider");
            None
        }
    };
    let mut response = Json(SignedOut { next }).into_response();
    set_cookie(&mut response, &cookies::clear_agent());
    response
}

impl<P: Ports, V: Provider> Door<P, V> {
    /// Where to send somebody who wants to sign in, and what their browser is to keep meanwhile.
    async fn way_there(&self) -> Result<(String, Underway), Trouble> {
        let ports = &self.host.ports;
        let discovery = self.discovery().await?;
        let chance = std::array::from_fn(|_| ports.random());
        let (underway, state) = underway::begin(chance, ports.now_ms());
        let address = discovery.authorize_url(&[
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", &self.back()),
            ("scope", &self.config.scopes),
            ("state", &state),
            ("nonce", &underway.nonce),
            ("code_challenge", &underway.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        Ok((address, underway))
    }

    /// What came back, and the sign-in that it belongs to.
    fn underway(&self, headers: &HeaderMap, uri: &Uri) -> Result<(Back, Underway), Failed> {
        let back = Back::of(uri)?;
        let now_ms = self.host.ports.now_ms();
        let cookies = Cookies::of(headers);
        let underway = Underway::of(&cookies, &back.state, &self.host.keys, now_ms);
        Ok((back, underway.ok_or(Failed::NotUnderWay)?))
    }

    /// Who came back.
    async fn person(&self, back: &Back, underway: &Underway) -> Result<Person, Failed> {
        let ports = &self.host.ports;
        let code = back.code()?;
        let first = ports.spend(underway.once(), underway.ends_ms()).await?;
        if !first {
            return Err(Failed::Again);
        }
        let token = self.trade(code, underway).await?;
        self.read(&token, &underway.nonce).await
    }

    async fn trade(&self, code: &str, underway: &Underway) -> Result<String, Failed> {
        let discovery = self.discovery().await?;
        let back = self.back();
        let mut values = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("client_id", &self.config.client_id),
            ("code_verifier", &underway.verifier),
        ];
        let proof = discovery.client_proof(&self.config);
        let header = match &proof {
            ClientProof::None => None,
            ClientProof::Header(header) => Some(header.as_str()),
            ClientProof::Value(secret) => {
                values.push(("client_secret", secret));
                None
            }
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&values)
            .finish();
        let (status, body) = self
            .provider
            .exchange(discovery.token().as_str(), header, form)
            .await?;
        id_token(status, &body)
    }

    async fn read(&self, token: &str, nonce: &str) -> Result<Person, Failed> {
        let discovery = self.discovery().await?;
        let now_ms = self.host.ports.now_ms();
        let check = |keys: &_| token::check(token, keys, &self.config, nonce, now_ms);
        let (known, address) = (&self.known, discovery.keys());
        let keys = known.keys(&self.provider, address, now_ms).await?;
        match check(&keys) {
            // Providers change keys without notice.
            Err(Doubt::UnknownKey) => {
                let keys = known.newer_keys(&self.provider, address, now_ms).await?;
                Ok(check(&keys)?)
            }
            checked => Ok(checked?),
        }
    }

    fn welcome(&self, person: &Person) -> Response {
        let host = &self.host;
        let agent = agent_id(&self.config.issuer, &person.subject);
        let role = if person.admin {
            Role::Admin
        } else {
            Role::Agent
        };
        let now_ms = host.ports.now_ms();
        let value = host.keys.agent(agent, &person.name, role, now_ms);
        let mut response = go(HOME);
        set_cookie(&mut response, &cookies::set_agent(&value));
        response
    }

    async fn discovery(&self) -> Result<Arc<Discovery>, Trouble> {
        let now_ms = || self.host.ports.now_ms();
        self.known
            .discovery(&self.provider, &self.config, now_ms)
            .await
    }

    fn back(&self) -> String {
        format!("{}{BACK}", self.host.config.origin)
    }
}

fn home_saying(what: &str) -> String {
    format!("{HOME}?sign-in={what}")
}

fn go(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::FOUND, [(header::LOCATION, address)]).into_response(),
        // An address of the provider's with control characters, which no address has.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
