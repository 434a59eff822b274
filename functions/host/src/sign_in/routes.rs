//! The routes of a sign-in: its beginning, the callback, and signing out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use sightline_wire::api::{Role, SignedOut};
use sightline_wire::{AuditDeed, SignInId};

use crate::api::{Failure, guarded, set_cookie};
use crate::audit::Deed;
use crate::config::{ProviderConfig, agent_id};
use crate::cookies::{self, Cookies, PageDoor};
use crate::host::Host;
use crate::ports::{Ports, SpentTokens, StoreError};

use super::Provider;
use super::cache::ProviderCache;
use super::callback::{Callback, SignInError, id_token};
use super::discovery::{ClientProof, Discovery};
use super::pending::{self, PENDING_S, PendingSignIn};
use super::token::{self, Doubt, Person};

/// The agent's page.
const HOME: &str = "/agent";

/// Where the provider sends browsers back to; registered there.
const CALLBACK: &str = "/api/sign-in/back";

/// Returns the routes of a sign-in at a provider, to be merged with [`crate::router`]; empty if no
/// provider is configured.
pub fn router<P: Ports, V: Provider>(host: Arc<Host<P>>, provider: V) -> Router {
    let Some(config) = host.config.provider.clone() else {
        return Router::new();
    };
    let client = ProviderClient {
        host: Arc::clone(&host),
        provider,
        config,
        cache: ProviderCache::default(),
    };
    let routes = Router::new()
        .route("/api/sign-in", get(begin::<P, V>))
        .route(CALLBACK, get(callback::<P, V>))
        .route("/api/sign-out", post(sign_out::<P, V>))
        .with_state(Arc::new(client));
    guarded(routes, host)
}

/// This deployment as a client of its provider.
struct ProviderClient<P, V> {
    host: Arc<Host<P>>,
    provider: V,
    config: ProviderConfig,
    cache: ProviderCache,
}

async fn begin<P: Ports, V: Provider>(
    State(client): State<Arc<ProviderClient<P, V>>>,
    headers: HeaderMap,
) -> Response {
    match client.authorize_url().await {
        Ok((url, pending)) => {
            let mut response = redirect(&url);
            for tag in Cookies::of(&headers).sign_ins_too_many() {
                set_cookie(&mut response, &cookies::clear_sign_in(tag));
            }
            let value = pending.sealed(&client.host.keys);
            let line = cookies::set_sign_in(pending.tag(), &value, PENDING_S);
            set_cookie(&mut response, &line);
            response
        }
        Err(error) => {
            tracing::error!(%error, "failed to begin a sign-in");
            redirect(&home_with("failed"))
        }
    }
}

async fn callback<P: Ports, V: Provider>(
    State(client): State<Arc<ProviderClient<P, V>>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let (person, ended) = match client.pending(&headers, &uri) {
        Ok((callback, pending)) => (client.person(&callback, &pending).await, Some(pending)),
        Err(error) => (Err(error), None),
    };
    let mut response = match &person {
        Ok(person) => client.signed_in(person).await,
        Err(SignInError::Cancelled) => redirect(&home_with("cancelled")),
        Err(error) => {
            match error {
                SignInError::Trouble(_) => tracing::error!(%error, "sign-in failed"),
                _ => tracing::warn!(%error, "sign-in failed"),
            }
            redirect(&home_with("failed"))
        }
    };
    // Clears the cookie only when `state` matched, and leaves sign-ins in other tabs alone.
    if let Some(pending) = ended {
        set_cookie(&mut response, &cookies::clear_sign_in(pending.tag()));
    }
    response
}

async fn sign_out<P: Ports, V: Provider>(
    State(client): State<Arc<ProviderClient<P, V>>>,
    headers: HeaderMap,
) -> Response {
    let cookies = Cookies::of(&headers);
    if let Err(error) = client.host.sign_out(&cookies).await {
        return Failure::of(error).into_response();
    }
    let next = match cookies.door() {
        PageDoor::Own => client.sign_out_url().await,
        // Nobody signed in at the provider there.
        PageDoor::Embed | PageDoor::Unknown => None,
    };
    let mut response = Json(SignedOut { next }).into_response();
    set_cookie(&mut response, &cookies::clear_agent(cookies.door()));
    response
}

impl<P: Ports, V: Provider> ProviderClient<P, V> {
    /// Begins a sign-in. Returns the provider's page for it, and what the browser must keep.
    async fn authorize_url(&self) -> Result<(String, PendingSignIn), StoreError> {
        let ports = &self.host.ports;
        let discovery = self.discovery().await?;
        let random = std::array::from_fn(|_| ports.random());
        let (pending, state) = pending::begin(random, ports.now_ms());
        let url = discovery.authorize_url(&[
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", &self.callback_url()),
            ("scope", &self.config.scopes),
            ("state", &state),
            ("nonce", &pending.nonce),
            ("code_challenge", &pending.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        Ok((url, pending))
    }

    /// Parses a callback and finds the sign-in that it belongs to.
    fn pending(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> Result<(Callback, PendingSignIn), SignInError> {
        let callback = Callback::of(uri)?;
        let now_ms = self.host.ports.now_ms();
        let cookies = Cookies::of(headers);
        let pending = PendingSignIn::of(&cookies, &callback.state, &self.host.keys, now_ms);
        Ok((callback, pending.ok_or(SignInError::NotPending)?))
    }

    /// Finishes a sign-in and returns the person who signed in.
    async fn person(
        &self,
        callback: &Callback,
        pending: &PendingSignIn,
    ) -> Result<Person, SignInError> {
        let ports = &self.host.ports;
        let code = callback.code()?;
        let token = pending.one_time_token();
        let first = ports.store().spend(token, pending.expires_ms()).await?;
        if !first {
            return Err(SignInError::Replayed);
        }
        let token = self.exchange(code, pending).await?;
        self.verify(&token, &pending.nonce).await
    }

    /// Exchanges the code for an ID token.
    async fn exchange(&self, code: &str, pending: &PendingSignIn) -> Result<String, SignInError> {
        let discovery = self.discovery().await?;
        let callback_url = self.callback_url();
        let mut values = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &callback_url),
            ("client_id", &self.config.client_id),
            ("code_verifier", &pending.verifier),
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

    async fn verify(&self, token: &str, nonce: &str) -> Result<Person, SignInError> {
        let discovery = self.discovery().await?;
        let now_ms = self.host.ports.now_ms();
        let check = |keys: &_| token::check(token, keys, &self.config, nonce, now_ms);
        let (cache, address) = (&self.cache, discovery.keys());
        let keys = cache.keys(&self.provider, address, now_ms).await?;
        match check(&keys) {
            // Providers change keys without notice.
            Err(Doubt::UnknownKey) => {
                let keys = cache.newer_keys(&self.provider, address, now_ms).await?;
                Ok(check(&keys)?)
            }
            checked => Ok(checked?),
        }
    }

    /// Returns the redirect that signs a person in.
    async fn signed_in(&self, person: &Person) -> Response {
        let host = &self.host;
        let agent = agent_id(&self.config.issuer, &person.subject);
        let role = if person.admin {
            Role::Admin
        } else {
            Role::Agent
        };
        match host.may_sign_in(agent).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(agent.id = %agent, "sign-in refused: access was taken back");
                let refused = Deed::by((agent, &person.name), AuditDeed::SignInRefused);
                host.audit(refused).await;
                return redirect(&home_with("revoked"));
            }
            Err(error) => {
                tracing::error!(%error, "sign-in failed");
                return redirect(&home_with("failed"));
            }
        }
        host.note_signed_in(agent, &person.name, role).await;
        let now_ms = host.ports.now_ms();
        let sign_in = SignInId::from_bytes(host.ports.random());
        let value = (host.keys).agent((agent, sign_in), &person.name, role, now_ms);
        let mut response = redirect(HOME);
        set_cookie(&mut response, &cookies::set_agent(&value));
        response
    }

    async fn discovery(&self) -> Result<Arc<Discovery>, StoreError> {
        let now_ms = || self.host.ports.now_ms();
        self.cache
            .discovery(&self.provider, &self.config, now_ms)
            .await
    }

    /// Returns where to sign out at the provider, as far as it says.
    async fn sign_out_url(&self) -> Option<String> {
        match self.discovery().await {
            Ok(discovery) => {
                let home = format!("{}{HOME}", self.host.config.origin);
                discovery.sign_out_url(&self.config.client_id, &home)
            }
            Err(error) => {
                tracing::warn!(%error, "signed out here, but not at the provider");
                None
            }
        }
    }

    fn callback_url(&self) -> String {
        format!("{}{CALLBACK}", self.host.config.origin)
    }
}

/// Returns the agent's page, which shows how the sign-in ended.
fn home_with(outcome: &str) -> String {
    format!("{HOME}?sign-in={outcome}")
}

fn redirect(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(url) => (StatusCode::FOUND, [(header::LOCATION, url)]).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
