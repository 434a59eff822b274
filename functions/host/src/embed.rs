//! The agent's page inside another program: tokens for its page, and what they are traded for.
//!
//! The program has a key of the scope `embed`. Its server asks for a token for one agent and one
//! origin, its page says the token to `/embed`, and that page trades it for a cookie of its own.

use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sightline_wire::api::{ApiError, Role};
use sightline_wire::v1::{ProblemCode, V1EmbedTokenMade, V1WantedEmbedToken};
use sightline_wire::{
    AgentId, AuditDeed, DisplayName, EMBED_TOKEN_S, EmbedOrigin, EmbedToken, EnterEmbed, SignInId,
};

use crate::access::Viewer;
use crate::api::v1::Problematic;
use crate::audit::Deed;
use crate::cookies::Cookies;
use crate::host::Host;
use crate::ports::{Ports, SpentTokens};
use crate::stop::OrAnswer;
use crate::tokens::SignedIn;

const PURPOSE: &str = "embed token";

/// What a token says. It is sealed, so nothing is stored until it is traded.
#[derive(Serialize, Deserialize)]
struct EmbedClaims {
    /// What is spent.
    id: String,
    agent: AgentId,
    name: DisplayName,
    /// The name of the key that asked for it.
    key: DisplayName,
    origin: EmbedOrigin,
    expires_ms: u64,
}

impl<P: Ports> Host<P> {
    /// Makes a token for a program with a key.
    pub(crate) async fn embed_token(
        &self,
        key: &Viewer,
        asked: V1WantedEmbedToken,
    ) -> Result<V1EmbedTokenMade, Problematic> {
        if !self.config.embed_origins.contains(&asked.origin) {
            return Err(Problematic::of(ProblemCode::UnknownOrigin));
        }
        let (agent, name) = self.agent_of(asked.agent.as_deref()).await?;
        let unknown = |why: &str| Problematic::of(ProblemCode::UnknownAgent).explained(why);
        if agent == AgentId::NOBODY {
            return Err(unknown("name the agent: `agent` is missing"));
        }
        if !self.may_sign_in(agent).await.or_fail(None)? {
            return Err(unknown("the agent's access was taken back"));
        }
        let expires_ms = self.ports.now_ms() + u64::from(EMBED_TOKEN_S) * 1_000;
        let claims = EmbedClaims {
            id: BASE64_URL_SAFE_NO_PAD.encode(self.ports.random()),
            agent,
            name,
            key: key.name.clone(),
            origin: asked.origin,
            expires_ms,
        };
        let token = self.keys.seal(PURPOSE, &claims).parse();
        Ok(V1EmbedTokenMade {
            token: token.map_err(|_| ApiError::Trouble)?,
            expires_at_ms: expires_ms,
        })
    }

    /// Trades a token for a sign-in of the page `/embed`, which has no rights of an admin. A page
    /// that renews its sign-in keeps it, so that signing out ends all of it.
    ///
    /// # Errors
    /// `sign_in_link_spent` for a token that is not ours, has expired, was traded before or is for
    /// another origin, and for an agent whose access was taken back.
    pub(crate) async fn enter_embed(
        &self,
        asked: &EnterEmbed,
        cookies: &Cookies,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, ApiError> {
        let now_ms = self.ports.now_ms();
        let Some(claims) = self.embed_claims(&asked.token, now_ms) else {
            return Err(match self.count_wrong_guess(source).await {
                true => ApiError::SignInLinkSpent,
                false => ApiError::TooOften,
            });
        };
        if claims.origin != asked.origin || !self.config.embed_origins.contains(&claims.origin) {
            return Err(ApiError::SignInLinkSpent);
        }
        let store = self.ports.store();
        let first = store.spend(claims.id.as_bytes(), claims.expires_ms).await;
        if !first.or_fail(None)? {
            return Err(ApiError::SignInLinkSpent);
        }
        let who = (claims.agent, &claims.name);
        if !self.may_sign_in(claims.agent).await.or_fail(None)? {
            let refused = Deed::by(who, AuditDeed::SignInRefused).about(&claims.key);
            self.audit(refused).await;
            return Err(ApiError::SignInLinkSpent);
        }
        self.note_seen(claims.agent).await;
        let entered = Deed::by(who, AuditDeed::SignedIn).about(&claims.key);
        self.audit(entered).await;
        let before = self.signed_in(cookies).await.or_fail(None)?;
        let before = before.filter(|before| before.agent == claims.agent);
        let fresh = || SignInId::from_bytes(self.ports.random());
        Ok(SignedIn {
            agent: claims.agent,
            sign_in: before.map_or_else(fresh, |before| before.sign_in),
            name: claims.name,
            role: Role::Agent,
            issued_s: now_ms / 1_000,
            signed_in_s: now_ms / 1_000,
        })
    }

    /// Returns what a token of ours says that has not expired.
    fn embed_claims(&self, token: &EmbedToken, now_ms: u64) -> Option<EmbedClaims> {
        let claims: Option<EmbedClaims> = self.keys.unseal(PURPOSE, token.as_str());
        claims.filter(|claims| now_ms < claims.expires_ms)
    }
}
