//! The settings of a deployment, from environment variables. Pure: the lookup of a variable is an
//! argument.

use http::Uri;
use http::uri::PathAndQuery;
use sightline_host::{HostConfig, MapsAddress, ProviderConfig, RefusedNumbers};
use sightline_session::{Rules, budget};
use sightline_wire::DisplayName;

use crate::TextsConfig;

/// Region of the services; Lambda sets it.
pub const AWS_REGION: &str = "AWS_REGION";
/// Name of the table.
pub const TABLE: &str = "TABLE";
/// URL of `@connections` of pages: the stage of their WebSocket API,
/// `https://{api}.execute-api.{region}.amazonaws.com/ws`.
pub const WS_ENDPOINT: &str = "WS_ENDPOINT";
/// The same of relays, whose stage is `relay`.
pub const RELAY_ENDPOINT: &str = "RELAY_ENDPOINT";
/// The public base URL.
pub const ORIGIN: &str = "ORIGIN";
/// Name of the business that invites.
pub const BUSINESS: &str = "BUSINESS";
/// Colour of the business, such as `#0a7f5a`.
pub const BRAND_COLOUR: &str = "BRAND_COLOUR";
/// Address of a map, with `{lat}` and `{lon}` where the degrees of a place stand.
pub const MAPS: &str = "MAPS";
/// URL of the queue of webhooks' deliveries.
pub const DELIVERIES: &str = "DELIVERIES";
/// `true` lets webhooks lead to plain `http` and to private networks, for tests.
pub const WEBHOOK_PRIVATE: &str = "WEBHOOK_PRIVATE";
/// Origins of pages that may hold the agent's page, separated by commas.
pub const EMBED_ORIGINS: &str = "EMBED_ORIGINS";
/// ARN of the secret that signs our cookies.
pub const SIGNING_KEY: &str = "SIGNING_KEY";
/// ARN of the secret that signs the tokens of relays.
pub const RELAY_KEY: &str = "RELAY_KEY";
/// ARN of the secret that the key of case files is derived from.
pub const CASE_KEY: &str = "CASE_KEY";
/// ARN of the secret that CloudFront adds to requests.
pub const ORIGIN_SECRET: &str = "ORIGIN_SECRET";
/// Name of the pictures' bucket.
pub const PICTURES: &str = "PICTURES";
/// Origin that pictures are uploaded to and fetched from.
pub const PICTURES_ORIGIN: &str = "PICTURES_ORIGIN";
/// Minutes after which an unused invite expires.
pub const INVITE_MINUTES: &str = "INVITE_MINUTES";
/// Minutes without any message after which a call ends.
pub const UNHEARD_MINUTES: &str = "UNHEARD_MINUTES";
/// Hours after its invite when a call ends in any case.
pub const CALL_HOURS: &str = "CALL_HOURS";
/// Days that a session's log is kept.
pub const RETENTION_DAYS: &str = "RETENTION_DAYS";
/// Days that the entry in the agent's list of calls is kept.
pub const SUMMARY_DAYS: &str = "SUMMARY_DAYS";
/// Days for which lines of the audit log are kept. Default 365.
pub const AUDIT_DAYS: &str = "AUDIT_DAYS";
/// Days that the pictures of a session are kept.
pub const PICTURE_DAYS: &str = "PICTURE_DAYS";
/// Days that the logs are kept. Only the answer to an erasure says it.
pub const LOG_DAYS: &str = "LOG_DAYS";
/// Days that deleted records can be restored. Only the answer to an erasure says it.
pub const RECOVERY_DAYS: &str = "RECOVERY_DAYS";
/// Country prefixes that text messages may go to, separated by commas, or [`EVERYWHERE`].
pub const SMS_PREFIXES: &str = "SMS_PREFIXES";
/// Kinds of numbers and countries that receive no text messages, separated by commas.
pub const SMS_REFUSED: &str = "SMS_REFUSED";
/// Most text messages of one agent in a day.
pub const SMS_AGENT_MAX: &str = "SMS_AGENT_MAX";
/// Most text messages to one number in a day.
pub const SMS_NUMBER_MAX: &str = "SMS_NUMBER_MAX";
/// Most text messages of the deployment in a day.
pub const SMS_DAY_MAX: &str = "SMS_DAY_MAX";
/// `true` to send no text messages.
pub const SMS_OFF: &str = "SMS_OFF";
/// Sender name of text messages.
pub const SMS_SENDER_ID: &str = "SMS_SENDER_ID";
/// Sender number of text messages.
pub const SMS_ORIGINATION: &str = "SMS_ORIGINATION";
/// Issuer that signs agents in.
pub const ISSUER: &str = "ISSUER";
/// URL of the issuer's discovery document, if it is not below the issuer.
pub const DISCOVERY: &str = "DISCOVERY";
/// Our client id at the issuer.
pub const CLIENT_ID: &str = "CLIENT_ID";
/// ARN of our client secret at the issuer.
pub const CLIENT_SECRET: &str = "CLIENT_SECRET";
/// Members of this group are admins.
pub const ADMIN_GROUP: &str = "ADMIN_GROUP";
/// Members of this group are agents; if unset, everyone who signs in is an agent.
pub const AGENT_GROUP: &str = "AGENT_GROUP";
/// The claim that lists a person's groups.
pub const GROUPS_CLAIM: &str = "GROUPS_CLAIM";

/// The value of [`SMS_PREFIXES`] that allows text messages to every country.
pub const EVERYWHERE: &str = "all";

const MINUTE_MS: u64 = 60 * 1_000;

/// Longest retention, days.
const DAYS_MAX: u32 = 3_650;

/// Why a variable is refused. The message cannot quote a secret, because variables hold none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is missing or empty.
    #[error("variable {0} is not set")]
    Missing(&'static str),
    /// Its value is invalid.
    #[error("invalid variable {name}: {why}")]
    Wrong {
        /// Name of the variable.
        name: &'static str,
        /// Reason.
        why: String,
    },
}

/// The variables of a function. An empty variable counts as missing, because a template cannot omit
/// one.
pub struct Settings(Lookup);

type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Settings {
    /// Reads variables with this lookup.
    pub fn new(look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Box::new(look_up))
    }

    /// Returns a required variable.
    ///
    /// # Errors
    /// When it is missing.
    pub fn text(&self, name: &'static str) -> Result<String, SettingError> {
        self.optional(name).ok_or(SettingError::Missing(name))
    }

    /// Returns an optional variable.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        let text = (self.0)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Returns the configuration of the host for all functions, without [`Settings::provider`].
    ///
    /// # Errors
    /// The first variable that is missing or invalid.
    pub fn host(&self) -> Result<HostConfig, SettingError> {
        let business = DisplayName::new(&self.text(BUSINESS)?);
        let business = business.map_err(|error| wrong(BUSINESS, error))?;
        let mut config = HostConfig::new(business.as_str(), &self.origin(ORIGIN)?);
        let colour = self.optional(BRAND_COLOUR);
        let colour = colour.map(|colour| colour.parse()).transpose();
        config.colour = colour.map_err(|error| wrong(BRAND_COLOUR, error))?;
        if let Some(maps) = self.optional(MAPS) {
            config.maps = MapsAddress::new(&maps)
                .ok_or_else(|| wrong(MAPS, "not an https address with {lat} and {lon}"))?;
        }
        let embed = self.optional(EMBED_ORIGINS).unwrap_or_default();
        let embed: Result<_, _> = embed
            .split_terminator(',')
            .map(|origin| origin.trim().parse())
            .collect();
        config.embed_origins = embed.map_err(|error| wrong(EMBED_ORIGINS, error))?;
        config.rules = self.rules()?;
        config.retention_days = self.days(RETENTION_DAYS, config.retention_days)?;
        config.summary_days = self.days(SUMMARY_DAYS, config.summary_days)?;
        config.picture_days = self.days(PICTURE_DAYS, config.picture_days)?;
        config.audit_days = self.days(AUDIT_DAYS, config.audit_days)?;
        config.log_days = self.known_days(LOG_DAYS)?;
        config.backup_days = self.known_days(RECOVERY_DAYS)?;
        config.webhook_private = self.webhook_private()?;
        if self.optional(PICTURES_ORIGIN).is_some() {
            config.pictures_origin = Some(self.origin(PICTURES_ORIGIN)?);
        }
        Ok(config)
    }

    /// Returns the configuration for the one function that sends text messages, which requires
    /// [`SMS_PREFIXES`]: no prefix allows every country, and a missing variable must not have that
    /// effect.
    ///
    /// # Errors
    /// The first variable that is missing or invalid.
    pub fn sending_host(&self) -> Result<HostConfig, SettingError> {
        let allowed = self.text(SMS_PREFIXES)?;
        let mut config = self.host()?;
        if allowed != EVERYWHERE && config.rules.sms_prefixes.is_empty() {
            return Err(SettingError::Missing(SMS_PREFIXES));
        }
        let refused = RefusedNumbers::parse(&self.optional(SMS_REFUSED).unwrap_or_default());
        config.refused_numbers = refused.map_err(|error| wrong(SMS_REFUSED, error))?;
        Ok(config)
    }

    /// Returns whether webhooks may lead into private networks, for tests.
    ///
    /// # Errors
    /// When the variable is neither `true` nor `false`.
    pub fn webhook_private(&self) -> Result<bool, SettingError> {
        self.flag(WEBHOOK_PRIVATE)
    }

    /// Returns the sender of text messages.
    #[must_use]
    pub fn texts(&self) -> TextsConfig {
        TextsConfig {
            sender_id: self.optional(SMS_SENDER_ID),
            origination: self.optional(SMS_ORIGINATION),
        }
    }

    /// Returns the identity provider, without the client secret, which is in Secrets Manager.
    ///
    /// # Errors
    /// When issuer or client id is missing.
    pub fn provider(&self) -> Result<ProviderConfig, SettingError> {
        let mut provider = ProviderConfig::new(&self.text(ISSUER)?, &self.text(CLIENT_ID)?);
        provider.admin_group = self.optional(ADMIN_GROUP);
        provider.agent_group = self.optional(AGENT_GROUP);
        provider.discovery = self.optional(DISCOVERY);
        if let Some(claim) = self.optional(GROUPS_CLAIM) {
            provider.groups_claim = claim;
        }
        Ok(provider)
    }

    /// Returns the URL of `@connections` in [`WS_ENDPOINT`] or [`RELAY_ENDPOINT`].
    ///
    /// # Errors
    /// When it is missing or not a URL.
    pub fn endpoint(&self, name: &'static str) -> Result<String, SettingError> {
        let url = self.text(name)?;
        match web_address(&url) {
            Some(_) => Ok(url.trim_end_matches('/').to_owned()),
            None => Err(wrong(
                name,
                "not a URL that begins with http:// or https://",
            )),
        }
    }

    fn rules(&self) -> Result<Rules, SettingError> {
        let usual = Rules::default();
        let list = self.optional(SMS_PREFIXES);
        let list = list.filter(|list| list != EVERYWHERE).unwrap_or_default();
        let longest = |name, unit_ms: u64, usual_ms: u64| match self.number(name, 0)? {
            0 if self.optional(name).is_none() => Ok(usual_ms),
            0 => Err(wrong(name, "not positive")),
            units => Ok(u64::from(units) * unit_ms),
        };
        Ok(Rules {
            invite_ms: longest(INVITE_MINUTES, MINUTE_MS, usual.invite_ms)?,
            unheard_ms: longest(UNHEARD_MINUTES, MINUTE_MS, usual.unheard_ms)?,
            total_ms: longest(CALL_HOURS, 60 * MINUTE_MS, usual.total_ms)?,
            sms_prefixes: budget::prefixes(&list).map_err(|error| wrong(SMS_PREFIXES, error))?,
            sms_off: self.flag(SMS_OFF)?,
            sms_agent_day_max: self.number(SMS_AGENT_MAX, usual.sms_agent_day_max)?,
            sms_number_day_max: self.number(SMS_NUMBER_MAX, usual.sms_number_day_max)?,
            sms_day_max: self.number(SMS_DAY_MAX, usual.sms_day_max)?,
            ..usual
        })
    }

    fn number(&self, name: &'static str, usual: u32) -> Result<u32, SettingError> {
        let text = self.optional(name);
        text.map_or(Ok(usual), |text| text.parse().map_err(|_| no_number(name)))
    }

    fn days(&self, name: &'static str, usual: u32) -> Result<u32, SettingError> {
        match self.number(name, usual)? {
            days if (1..=DAYS_MAX).contains(&days) => Ok(days),
            _ => Err(wrong(name, format!("not between 1 and {DAYS_MAX} days"))),
        }
    }

    fn known_days(&self, name: &'static str) -> Result<Option<u32>, SettingError> {
        let known = self.optional(name);
        known.map(|_| self.days(name, 0)).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<bool, SettingError> {
        match self.optional(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name, "neither true nor false")),
        }
    }

    /// Returns scheme and host in lower case and without a slash, like the `Origin` of browsers.
    fn origin(&self, name: &'static str) -> Result<String, SettingError> {
        let text = self.text(name)?;
        let origin = text.strip_suffix('/').unwrap_or(&text).to_ascii_lowercase();
        let path = web_address(&origin);
        if path.is_some_and(|path| path.as_str() == "/") && !origin.ends_with('/') {
            Ok(origin)
        } else {
            Err(wrong(
                name,
                "not an origin such as https://help.example.com, without a path",
            ))
        }
    }
}

/// Returns the path of an HTTP URL; `None` if the text is not one.
fn web_address(text: &str) -> Option<PathAndQuery> {
    let parts = text.parse::<Uri>().ok()?.into_parts();
    let web = matches!(parts.scheme?.as_str(), "http" | "https");
    let plain = !parts.authority?.as_str().contains('@');
    let path = parts
        .path_and_query
        .unwrap_or(PathAndQuery::from_static("/"));
    (web && plain).then_some(path)
}

fn no_number(name: &'static str) -> SettingError {
    wrong(name, format!("not a whole number up to {}", u32::MAX))
}

fn wrong(name: &'static str, why: impl ToString) -> SettingError {
    SettingError::Wrong {
        name,
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sightline_wire::Colour;

    use super::*;

    fn settings(further: &[(&str, &str)]) -> Settings {
        let mut all = BTreeMap::from([
            (ORIGIN, "https://help.example.com"),
            (BUSINESS, "Example"),
            (TABLE, "calls"),
        ]);
        all.extend(further.iter().copied());
        let all: BTreeMap<String, String> = all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Settings::new(move |name| all.get(name).cloned())
    }

    fn names<T: std::fmt::Debug>(outcome: Result<T, SettingError>, name: &str) {
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }

    #[test]
    fn times_have_units_that_people_use() {
        let given = [(INVITE_MINUTES, "1"), (CALL_HOURS, "2")];
        let rules = settings(&given).host().unwrap().rules;
        let usual = Rules::default();
        assert_eq!((rules.invite_ms, rules.total_ms), (60_000, 7_200_000));
        assert_eq!(rules.unheard_ms, usual.unheard_ms);
        for wrong in ["0", "soon", "-1"] {
            names(
                settings(&[(UNHEARD_MINUTES, wrong)]).host(),
                UNHEARD_MINUTES,
            );
        }
    }

    #[test]
    fn little_is_needed_and_the_rest_is_as_usual() {
        let usual = HostConfig::new("Example", "https://help.example.com");
        assert_eq!(settings(&[]).host(), Ok(usual.clone()));
        let empty = [SMS_PREFIXES, SMS_OFF, SMS_DAY_MAX, PICTURES_ORIGIN].map(|name| (name, " "));
        assert_eq!(settings(&empty).host(), Ok(usual));
        let texts = settings(&[(SMS_SENDER_ID, "")]).texts();
        assert_eq!((texts.sender_id, texts.origination), (None, None));
    }

    #[test]
    fn a_function_that_sends_text_messages_requires_prefixes() {
        let sending = |list: &str| settings(&[(SMS_PREFIXES, list)]).sending_host();
        let prefixes = |list: &str| sending(list).map(|config| config.rules.sms_prefixes);
        names(settings(&[]).sending_host(), SMS_PREFIXES);
        for nothing in ["", " ", ",", " , "] {
            names(sending(nothing), SMS_PREFIXES);
        }
        for wrong in ["all,+49", "+49,all", "All", "*", "any", "+"] {
            names(sending(wrong), SMS_PREFIXES);
        }
        assert_eq!(prefixes("+49, +43,").unwrap(), ["+49", "+43"]);
        assert_eq!(prefixes(" all "), Ok(Vec::new()));
        assert_eq!(sending("+49"), settings(&[(SMS_PREFIXES, "+49")]).host());
        let refusing =
            |list: &str| settings(&[(SMS_PREFIXES, "+49"), (SMS_REFUSED, list)]).sending_host();
        let refused = RefusedNumbers::parse("KP,voip");
        assert_eq!(
            refusing("voip, KP").unwrap().refused_numbers,
            refused.unwrap()
        );
        names(refusing("landline"), SMS_REFUSED);
        // A function that sends none accepts the variable.
        let everywhere = settings(&[(SMS_PREFIXES, EVERYWHERE)]).host();
        assert_eq!(everywhere, settings(&[]).host());
    }

    #[test]
    fn every_variable_has_its_place() {
        let config = settings(&[
            (PICTURES_ORIGIN, "https://pictures.s3.example.com"),
            (RETENTION_DAYS, "7"),
            (SUMMARY_DAYS, "90"),
            (PICTURE_DAYS, "3"),
            (LOG_DAYS, "14"),
            (RECOVERY_DAYS, "35"),
            (SMS_PREFIXES, "+49, +43"),
            (SMS_AGENT_MAX, "5"),
            (SMS_NUMBER_MAX, "2"),
            (SMS_DAY_MAX, "0"),
            (SMS_OFF, "true"),
        ])
        .host()
        .unwrap();
        let pictures = config.pictures_origin.as_deref();
        assert_eq!(pictures, Some("https://pictures.s3.example.com"));
        let days = (
            config.retention_days,
            config.summary_days,
            config.picture_days,
        );
        assert_eq!(days, (7, 90, 3));
        let elsewhere = (config.log_days, config.backup_days);
        assert_eq!(elsewhere, (Some(14), Some(35)));
        let rules = config.rules;
        assert_eq!(rules.sms_prefixes, ["+49", "+43"]);
        let most = (
            rules.sms_agent_day_max,
            rules.sms_number_day_max,
            rules.sms_day_max,
        );
        assert_eq!((most, rules.sms_off), ((5, 2, 0), true));
    }

    #[test]
    fn a_colour_is_optional() {
        let colour = |text: &str| settings(&[(BRAND_COLOUR, text)]).host().unwrap().colour;
        assert_eq!(colour(""), None);
        assert_eq!(colour("#0A7F5A"), Some(Colour([10, 127, 90])));
    }

    #[test]
    fn origins_of_other_programs_have_commas_between_them() {
        let of = |list: &str| {
            let config = settings(&[(EMBED_ORIGINS, list)]).host().unwrap();
            let origins = config.embed_origins.iter();
            origins.map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(of("").is_empty());
        let two = ["https://claims.example.com", "https://crm.example.org"];
        assert_eq!(of(&two.join(",")), two);
    }

    #[test]
    fn an_origin_is_one_as_browsers_say_it() {
        let origin = |text: &str| settings(&[(ORIGIN, text)]).host().map(|host| host.origin);
        let good = Ok("https://help.example.com".to_owned());
        assert_eq!(origin("https://Help.Example.com/"), good);
        assert_eq!(
            origin("http://127.0.0.1:8080"),
            Ok("http://127.0.0.1:8080".to_owned())
        );
        for bad in [
            "help.example.com",
            "wss://help.example.com",
            "https://help.example.com/agent",
            "https://help.example.com//",
            "https://help.example.com?x",
            "https://ada@help.example.com",
            "https://",
            "*",
        ] {
            names(origin(bad), ORIGIN);
        }
    }

    #[test]
    fn an_error_names_its_variable() {
        for (name, value) in [
            (ORIGIN, ""),
            (BUSINESS, ""),
            (BUSINESS, "\u{7}"),
            (BRAND_COLOUR, "teal"),
            (RETENTION_DAYS, "0"),
            (RETENTION_DAYS, "3651"),
            (SUMMARY_DAYS, "many"),
            (PICTURE_DAYS, "-1"),
            (SMS_AGENT_MAX, "1.5"),
            (SMS_NUMBER_MAX, "4294967296"),
            (SMS_DAY_MAX, "x"),
            (SMS_OFF, "yes"),
            (WEBHOOK_PRIVATE, "yes"),
            (SMS_PREFIXES, "+49,0043"),
            (PICTURES_ORIGIN, "pictures"),
            (EMBED_ORIGINS, "https://claims.example.com/"),
            (
                EMBED_ORIGINS,
                "https://claims.example.com,,https://crm.example.org",
            ),
        ] {
            names(settings(&[(name, value)]).host(), name);
        }
        names(settings(&[]).text(SIGNING_KEY), SIGNING_KEY);
        names(settings(&[]).endpoint(WS_ENDPOINT), WS_ENDPOINT);
        names(
            settings(&[(WS_ENDPOINT, "wss://x/ws")]).endpoint(WS_ENDPOINT),
            WS_ENDPOINT,
        );
    }

    #[test]
    fn messages_are_posted_below_the_stage() {
        let at = |url| settings(&[(WS_ENDPOINT, url)]).endpoint(WS_ENDPOINT);
        let wanted = Ok("https://abc.execute-api.eu-central-1.amazonaws.com/ws".to_owned());
        assert_eq!(
            at("https://abc.execute-api.eu-central-1.amazonaws.com/ws"),
            wanted
        );
        assert_eq!(
            at("https://abc.execute-api.eu-central-1.amazonaws.com/ws/"),
            wanted
        );
    }

    #[test]
    fn sign_in_needs_an_issuer_and_a_client() {
        names(settings(&[]).provider(), ISSUER);
        let issuer = (ISSUER, "https://cognito-idp.example.com/pool");
        names(settings(&[issuer]).provider(), CLIENT_ID);
        let client = (CLIENT_ID, "client");
        let provider = settings(&[issuer, client]).provider().unwrap();
        assert_eq!(provider, ProviderConfig::new(issuer.1, "client"));
        let document = (DISCOVERY, "http://127.0.0.1:1/pool/document");
        let provider = settings(&[issuer, client, document]).provider().unwrap();
        assert_eq!(provider.discovery.as_deref(), Some(document.1));
        let (admins, agents) = ((ADMIN_GROUP, "admins"), (AGENT_GROUP, "agents"));
        let claim = (GROUPS_CLAIM, "roles");
        let provider = settings(&[issuer, client, admins, agents, claim]).provider();
        let provider = provider.unwrap();
        assert_eq!(provider.admin_group.as_deref(), Some("admins"));
        assert_eq!(provider.agent_group.as_deref(), Some("agents"));
        assert_eq!(provider.groups_claim, "roles");
    }
}
