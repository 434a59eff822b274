//! What a deployment may configure, as arguments: nothing here reads an environment.

use sightline_session::Rules;
use sightline_wire::{AgentId, DisplayName};

use crate::records::{first_half, sha_256_of_parts};

/// One deployment: one business, one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostConfig {
    /// The business that invites, as customers know it.
    pub business: String,
    /// The public base URL without a slash at its end, such as `https://help.example.com`: links
    /// begin with it, and pages of this origin alone may speak to us.
    pub origin: String,
    /// Further origins whose pages may speak to us, such as the desk's `http://localhost:8080`
    /// beside `http://127.0.0.1:8080`.
    pub further_origins: Vec<String>,
    /// Limits of a session.
    pub rules: Rules,
    /// Records of a session may be deleted this long after its beginning, days.
    pub retention_days: u32,
    /// Its line in its agent's list (number, reference, how far it got), days.
    pub summary_days: u32,
    /// Its pictures, days. The plug deletes them; here it is known to be told.
    pub picture_days: u32,
    /// Where pictures are uploaded to and fetched from, when that is another origin: an object
    /// store's.
    pub pictures_origin: Option<String>,
    /// The one agent of the desk, who signs in by a printed link. None where an identity provider
    /// signs people in.
    pub desk_agent: Option<DisplayName>,
    /// Who signs agents in. None on the desk.
    pub provider: Option<ProviderConfig>,
}

/// An identity provider that speaks OpenID Connect. Whoever it signs in for our client is an agent
/// here, unless a group of agents is named: without one, whom it lets in is the provider's to say.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Its issuer, letter for letter as its tokens name it.
    pub issuer: String,
    /// Where its discovery document is, when that is not below the issuer.
    pub discovery: Option<String>,
    /// What it calls us.
    pub client_id: String,
    /// Our secret there; none for a client that is known by PKCE alone.
    pub client_secret: Option<String>,
    /// What we ask for, with spaces between; `openid` is among it.
    pub scopes: String,
    /// The claim that lists a person's groups.
    pub groups_claim: String,
    /// Members of this group are admins; without one nobody is.
    pub admin_group: Option<String>,
    /// Members of this group and of the admins' are let in and nobody else; without one everybody
    /// is whom the provider signs in.
    pub agent_group: Option<String>,
}

impl ProviderConfig {
    /// Enough to have a name to show. Cognito refuses a scope that the client is not allowed.
    pub const SCOPES: &str = "openid email profile";

    /// Where Cognito lists groups (Cognito Developer Guide, "Understanding the identity (ID)
    /// token").
    pub const GROUPS_CLAIM: &str = "cognito:groups";

    /// A client without a secret and without admins.
    #[must_use]
    pub fn new(issuer: &str, client_id: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            discovery: None,
            client_id: client_id.to_owned(),
            client_secret: None,
            scopes: Self::SCOPES.to_owned(),
            groups_claim: Self::GROUPS_CLAIM.to_owned(),
            admin_group: None,
            agent_group: None,
        }
    }
}

impl std::fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

impl HostConfig {
    /// Records are kept this long unless configured otherwise, days.
    pub const RETENTION_DAYS: u32 = 30;

    /// A deployment with the usual limits.
    #[must_use]
    pub fn new(business: &str, origin: &str) -> Self {
        Self {
            business: business.to_owned(),
            origin: origin.to_owned(),
            further_origins: Vec::new(),
            rules: Rules::default(),
            retention_days: Self::RETENTION_DAYS,
            summary_days: Self::RETENTION_DAYS,
            picture_days: Self::RETENTION_DAYS,
            pictures_origin: None,
            desk_agent: None,
            provider: None,
        }
    }

    /// Pages of this origin may speak to us.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        std::iter::once(&self.origin)
            .chain(&self.further_origins)
            .any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// The date after which a session begun at `now_ms` may be deleted, epoch seconds.
    pub(crate) fn delete_at_s(&self, now_ms: u64) -> u64 {
        days_after(now_ms, self.retention_days)
    }

    /// The same for its line in the agent's list.
    pub(crate) fn summary_delete_at_s(&self, began_at_ms: u64) -> u64 {
        days_after(began_at_ms, self.summary_days)
    }

    /// After so many days nothing of a session is left: what a customer is told.
    pub(crate) fn kept_days(&self) -> u32 {
        let days = self.retention_days.max(self.summary_days);
        days.max(self.picture_days)
    }
}

fn days_after(at_ms: u64, days: u32) -> u64 {
    at_ms / 1_000 + u64::from(days) * 24 * 60 * 60
}

/// The id of a person whom `issuer` knows as `subject`.
#[must_use]
pub fn agent_id(issuer: &str, subject: &str) -> AgentId {
    AgentId::from_bytes(first_half(sha_256_of_parts(&[
        issuer.as_bytes(),
        subject.as_bytes(),
    ])))
}

/// The id of the desk's agent. The name is the subject, so that a new name is a new person with a
/// list of their own.
#[must_use]
pub fn desk_agent_id(name: &DisplayName) -> AgentId {
    agent_id("desk", name.as_str())
}
