//! A deployment's configuration. It comes as arguments: nothing here reads an environment.

use sightline_session::Rules;
use sightline_wire::{AgentId, Colour, DisplayName, EXPORT_CALLS_MAX, EmbedOrigin};

use crate::brand::Logo;
use crate::phone::RefusedNumbers;
use crate::records::{first_half, sha_256_of_parts};

/// One deployment: one business, one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostConfig {
    /// Name of the business, as customers know it.
    pub business: String,
    /// Its colour. Pages show shades of it in which text can be read.
    pub colour: Option<Colour>,
    /// Its logo, where the operator gives it. Otherwise admins choose one.
    pub logo: Option<Logo>,
    /// Public base URL without a trailing slash, such as `https://help.example.com`. Links begin
    /// with it, and only pages of this origin may make requests.
    pub origin: String,
    /// Further origins whose pages may make requests, such as the desk's `http://localhost:8080`
    /// beside `http://127.0.0.1:8080`.
    pub further_origins: Vec<String>,
    /// Limits of a session.
    pub rules: Rules,
    /// Records of a session may be deleted this long after it began, days.
    pub retention_days: u32,
    /// The same for its line in the agent's list (number, reference, how far it got), days.
    pub summary_days: u32,
    /// The same for its pictures, days. The plug deletes them; the host only shows the number.
    pub picture_days: u32,
    /// How long lines of the audit log are kept, days.
    pub audit_days: u32,
    /// Most calls of an export ([`EXPORT_CALLS_MAX`]).
    pub export_calls_max: usize,
    /// How long logs are kept, days. `None` where the operator of the machine keeps them.
    pub log_days: Option<u32>,
    /// How long records that were deleted can be restored from backups, days. `None` where the
    /// operator of the machine makes backups.
    pub backup_days: Option<u32>,
    /// Kinds and countries of numbers that receive no text messages.
    pub refused_numbers: RefusedNumbers,
    /// Origin to which pictures are uploaded and from which they are fetched, if it is another one:
    /// an object store's.
    pub pictures_origin: Option<String>,
    /// Webhooks may lead to plain `http`, for tests. Which addresses the plug dials is its own.
    pub webhook_private: bool,
    /// The desk's only agent, who signs in by a printed link. `None` where an identity provider
    /// signs people in.
    pub desk_agent: Option<DisplayName>,
    /// Address of a map, with `{lat}` and `{lon}` where the degrees stand.
    pub maps: MapsAddress,
    /// Origins of the pages that may hold the agent's page. Without one there is no `/embed`.
    pub embed_origins: Vec<EmbedOrigin>,
    /// The identity provider that signs agents in. `None` on the desk.
    pub provider: Option<ProviderConfig>,
}

/// Where an agent finds a customer's place on a map: an address with places for the degrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapsAddress(String);

impl MapsAddress {
    /// Longest address, bytes.
    pub const BYTES_MAX: usize = 300;

    /// Checks an address; `None` if it is not one of https, or lacks a place for the degrees.
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let plain = address.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, _) = address.strip_prefix("https://")?.split_once('/')?;
        let names_host = !host.is_empty() && !host.contains(['{', '@']);
        let places = ["{lat}", "{lon}"]
            .iter()
            .all(|place| address.contains(place));
        let fits = plain && places && names_host && address.len() <= Self::BYTES_MAX;
        fits.then(|| Self(address.to_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for MapsAddress {
    fn default() -> Self {
        let map = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}";
        Self(map.to_owned())
    }
}

/// An identity provider that speaks OpenID Connect. Everyone it authenticates for our client is an
/// agent, unless an agent group is configured.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Its issuer, exactly as in its tokens.
    pub issuer: String,
    /// Address of its discovery document, if that is not below the issuer.
    pub discovery: Option<String>,
    /// Our client id.
    pub client_id: String,
    /// Our client secret; `None` for a client that only PKCE identifies.
    pub client_secret: Option<String>,
    /// Scopes to request, separated by spaces; `openid` is one of them.
    pub scopes: String,
    /// Claim that lists a person's groups.
    pub groups_claim: String,
    /// Group whose members are admins. If unset, there are no admins.
    pub admin_group: Option<String>,
    /// Group whose members, beside the admins, may sign in. If unset, everyone the provider
    /// authenticates is an agent.
    pub agent_group: Option<String>,
}

impl ProviderConfig {
    /// Enough to have a name to show. Cognito refuses scopes that are not allowed for the client.
    pub const SCOPES: &str = "openid email profile";

    /// Where Cognito lists groups (Cognito Developer Guide, "Understanding the identity (ID)
    /// token").
    pub const GROUPS_CLAIM: &str = "cognito:groups";

    /// Returns a client without a secret and without groups.
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
    /// Default for how long records are kept, days.
    pub const RETENTION_DAYS: u32 = 30;

    /// Default for how long lines of the audit log are kept, days.
    pub const AUDIT_DAYS: u32 = 365;

    /// Returns a deployment with default limits.
    #[must_use]
    pub fn new(business: &str, origin: &str) -> Self {
        Self {
            business: business.to_owned(),
            colour: None,
            logo: None,
            origin: origin.to_owned(),
            further_origins: Vec::new(),
            rules: Rules::default(),
            retention_days: Self::RETENTION_DAYS,
            summary_days: Self::RETENTION_DAYS,
            picture_days: Self::RETENTION_DAYS,
            audit_days: Self::AUDIT_DAYS,
            export_calls_max: EXPORT_CALLS_MAX,
            log_days: None,
            backup_days: None,
            refused_numbers: RefusedNumbers::default(),
            pictures_origin: None,
            webhook_private: false,
            desk_agent: None,
            maps: MapsAddress::default(),
            embed_origins: Vec::new(),
            provider: None,
        }
    }

    /// Whether pages of this origin may make requests.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        std::iter::once(&self.origin)
            .chain(&self.further_origins)
            .any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// Returns the origin of agents' pages. On a desk that serves phones in its network agents work
    /// at a loopback name.
    pub(crate) fn agent_origin(&self) -> &str {
        let loopback = self.further_origins.first();
        let loopback = loopback.filter(|_| self.desk_agent.is_some());
        loopback.unwrap_or(&self.origin)
    }

    /// Returns the date after which a session begun at `now_ms` may be deleted, epoch seconds.
    pub(crate) fn delete_at_s(&self, now_ms: u64) -> u64 {
        days_after(now_ms, self.retention_days)
    }

    /// Returns the date after which its line in the agent's list may be deleted, epoch seconds.
    pub(crate) fn summary_delete_at_s(&self, began_at_ms: u64) -> u64 {
        days_after(began_at_ms, self.summary_days)
    }

    /// Returns after how many days everything of a session is deleted; customers see this number.
    #[must_use]
    pub fn kept_days(&self) -> u32 {
        let days = self.retention_days.max(self.summary_days);
        days.max(self.picture_days)
    }
}

fn days_after(at_ms: u64, days: u32) -> u64 {
    at_ms / 1_000 + u64::from(days) * 24 * 60 * 60
}

/// Returns the id of the person whom `issuer` knows as `subject`.
#[must_use]
pub fn agent_id(issuer: &str, subject: &str) -> AgentId {
    AgentId::from_bytes(first_half(sha_256_of_parts(&[
        issuer.as_bytes(),
        subject.as_bytes(),
    ])))
}

/// Returns the id of the desk's agent. The name is the subject, so a new name is a new person with
/// an own list.
#[must_use]
pub fn desk_agent_id(name: &DisplayName) -> AgentId {
    agent_id("desk", name.as_str())
}

#[cfg(test)]
mod tests {
    use super::MapsAddress;

    #[test]
    fn a_map_is_an_address_of_https_with_places_for_the_degrees() {
        let default = MapsAddress::default();
        assert_eq!(MapsAddress::new(default.as_str()), Some(default));
        assert!(MapsAddress::new("https://maps.example/{lat},{lon}").is_some());
        for wrong in [
            "",
            "http://maps.example/{lat},{lon}",
            "https://maps.example/{lat}",
            "https:///{lat},{lon}",
            "https://{lat}.example/{lon}",
            "https://openstreetmap.org@evil.example/{lat},{lon}",
            "https://maps.example/ {lat},{lon}",
            "javascript:alert('{lat}{lon}')",
        ] {
            assert_eq!(MapsAddress::new(wrong), None, "{wrong}");
        }
    }
}
