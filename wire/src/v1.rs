//! Bodies of the API for other programs, `/api/v1`. Its OpenAPI document is made of these types.
//!
//! They are apart from what pages say and hear: pages and server change together, other programs do
//! not. So fields are added here, and none is renamed or removed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{CallPhase, NumberFault, NumberReading, Role};
use crate::beside::{Note, Rating};
use crate::{
    AgentId, DisplayName, EmbedOrigin, EmbedToken, EndReason, InviteCode, Language, MessageKind,
    PhoneNumber, Reference, SessionId, Stars,
};

/// Invites a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Invite")]
pub struct V1Invite {
    /// The agent's reference.
    pub reference: Reference,
    /// The number that receives the link as a text message, as typed. Without it nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 160))]
    pub number: Option<String>,
    /// Sends to a number that a text message hardly reaches, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm: bool,
    /// The language of the text message; `en` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The country of a number without one: two letters of ISO 3166-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Z]{2}$"))]
    pub region: Option<String>,
    /// The agent who has the call: the identity provider's subject of somebody who has signed in.
    /// Without it, the first who opens `console` takes the call. Left out on a desk, whose one
    /// agent has every call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub agent: Option<String>,
}

impl V1Invite {
    /// Longest body, bytes.
    pub const BYTES_MAX: usize = 4 * 1024;
}

/// A customer is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Invited")]
pub struct V1Invited {
    /// The call's id.
    pub id: SessionId,
    /// A link for the customer. A person who has it may take the customer's place.
    pub link: String,
    /// The short spelling of the link, for a phone that opens none. Absent once it is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub code: Option<InviteCode>,
    /// The address that the agent opens to take the call.
    pub console: String,
}

/// Sends the invite again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SendInvite")]
pub struct V1SendInvite {
    /// Sends to a number that a text message hardly reaches, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm: bool,
}

/// Asks for a token that signs an agent in at the page `/embed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WantedEmbedToken")]
pub struct V1WantedEmbedToken {
    /// The agent: the identity provider's subject of somebody who has signed in. Left out on a
    /// desk, which has one agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub agent: Option<String>,
    /// The origin of the page that holds `/embed`. The deployment must allow it.
    pub origin: EmbedOrigin,
}

impl V1WantedEmbedToken {
    /// Longest body, bytes.
    pub const BYTES_MAX: usize = 4 * 1024;
}

/// A token for the page `/embed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EmbedTokenMade")]
pub struct V1EmbedTokenMade {
    /// What the page that holds `/embed` says to it. It is good once.
    pub token: EmbedToken,
    /// When it expires, epoch milliseconds.
    pub expires_at_ms: u64,
}

/// Calls of all agents, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CallList")]
pub struct V1Calls {
    /// The calls, at most as many as were asked for.
    pub calls: Vec<V1Call>,
    /// There may be more: ask again with `after` set to this value. An answer may have it and few
    /// calls or none, because one answer looks at 1,000 entries at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Call")]
pub struct V1Call {
    /// The call's id, from its invite on.
    pub id: SessionId,
    /// The agent's reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// The invited number. Absent for a call that is reached by a link only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
    /// The agent who has the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<DisplayName>,
    /// The name that the customer gave last in the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<DisplayName>,
    /// When the customer joined, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at_ms: Option<u64>,
    /// When it ended, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<u64>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    /// Pictures that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<u32>,
    /// How the agent rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_stars: Option<Stars>,
    /// How the customer rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_stars: Option<Stars>,
    /// When its records are deleted, epoch milliseconds. Absent once they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_ms: Option<u64>,
}

/// What is kept of a call, without its log and its pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CallDetail")]
pub struct V1CallDetail {
    /// The call's id.
    pub id: SessionId,
    /// The agent's reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// The invited number. Absent for a call that is reached by a link only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
    /// The agent's name.
    pub agent_name: DisplayName,
    /// The name that the customer gave last in the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<DisplayName>,
    /// Why it ended. Absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    /// Where the customer was last, if they allowed it. Only for a key of the scope `case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<V1Location>,
    /// The ratings that were given.
    pub ratings: Vec<Rating>,
    /// The notes.
    pub notes: Vec<Note>,
    /// When chat, notes and ratings are deleted, epoch milliseconds.
    pub goes_ms: u64,
    /// When its line in the list is deleted, likewise.
    pub line_goes_ms: u64,
    /// When its pictures are deleted, likewise.
    pub pictures_go_ms: u64,
}

/// Where the customer's phone said that it was (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Location")]
pub struct V1Location {
    /// Degrees north, with five places.
    pub latitude: f64,
    /// Degrees east, with five places.
    pub longitude: f64,
    /// The phone was within so many metres of it, by its own judgement.
    pub accuracy_m: u32,
    /// When it was told, epoch milliseconds.
    pub at_ms: u64,
}

/// The call is erased. Names what stays of it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Erased")]
pub struct V1Erased {
    /// The call's id.
    pub id: SessionId,
    /// Days for which the id stays, and refuses what comes late.
    pub tombstone_days: u32,
    /// Days for which logs have the line that says who erased it and when. Absent where the
    /// operator of the machine keeps the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_days: Option<u32>,
    /// Days for which it can be restored from backups. Absent where the operator of the machine
    /// makes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_days: Option<u32>,
}

/// The case file is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CaseLater")]
pub struct V1CaseLater {
    /// How long to wait before the next request, seconds.
    pub retry_after_s: u32,
}

/// The agents of the deployment, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AgentList")]
pub struct V1Agents {
    /// The agents.
    pub agents: Vec<V1Agent>,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub struct V1Agent {
    /// The agent's id, as in calls.
    pub id: AgentId,
    /// The name of the last sign-in.
    pub name: DisplayName,
    /// The role of the last sign-in.
    pub role: Role,
    /// When the agent signed in last, epoch milliseconds.
    pub seen_at_ms: u64,
}

/// An error (RFC 9457, `application/problem+json`). Programs decide by `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The address at which the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, in English.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What went wrong. Codes are added, and none changes its meaning.
    pub code: ProblemCode,
    /// What is wrong with this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `number_unlikely`: how the number is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Box<NumberReading>>,
    /// With `bad_number`: why it is not a telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<NumberFault>,
    /// With `too_soon`: how long to wait, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u32>,
}

macro_rules! problem_codes {
    ($($code:ident, $word:literal, $status:literal, $title:literal;)*) => {
        /// The code of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum ProblemCode {
            $(#[doc = $title] #[serde(rename = $word)] $code,)*
        }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// Its word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$code => $word,)* }
            }

            /// The status of its answers.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* }
            }

            /// What it means, in English.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }
        }
    };
}

problem_codes! {
    Malformed, "malformed", 400, "The body is not JSON.";
    NoKey, "no_key", 401, "The request has no valid key: send `Authorization: Bearer slk_...`.";
    NoScope, "no_scope", 403, "The key lacks the scope of this route.";
    NotFound, "not_found", 404, "There is no such route, or nothing with this id.";
    NoMethod, "no_method", 405, "The route does not know this method.";
    CallRunning, "call_running", 409, "The call has not ended.";
    StillRunning, "still_running", 409, "The first request with this `Idempotency-Key` is still running.";
    TooSoon, "too_soon", 409, "The text message before was sent a moment ago.";
    AlreadyJoined, "already_joined", 409, "The customer has joined.";
    InviteOver, "invite_over", 409, "The invite was cancelled or has expired, or the call has ended.";
    LimitReached, "limit_reached", 409, "A limit of the call is reached.";
    Refused, "refused", 409, "The call does not allow it in its present state.";
    TooLong, "too_long", 413, "The body is too long.";
    Invalid, "invalid", 422, "A field or a parameter is missing, unknown, or has a value that it cannot have.";
    BadNumber, "bad_number", 422, "It is not a possible telephone number: `why` says why.";
    NumberUnlikely, "number_unlikely", 422, "A text message hardly reaches this number: `reading` says how it is read, and `confirm` sends it.";
    UnknownLanguage, "unknown_language", 422, "There is no text message in this language.";
    UnknownAgent, "unknown_agent", 422, "The agent is missing or unknown, or must not be named here.";
    UnknownOrigin, "unknown_origin", 422, "This deployment does not allow pages of this origin to hold the agent's page.";
    KeyReused, "key_reused", 422, "This `Idempotency-Key` came with another body.";
    TooOften, "too_often", 429, "Too many requests: wait as long as `Retry-After` says.";
    Trouble, "trouble", 503, "The server failed. The same request may succeed later.";
}

impl Problem {
    /// Where codes are explained.
    pub const EXPLAINED: &str = "/api/v1/docs";

    /// Returns the problem of a code.
    #[must_use]
    pub fn of(code: ProblemCode) -> Self {
        Self {
            kind: format!("{}#{}", Self::EXPLAINED, code.word()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: None,
            reading: None,
            why: None,
            wait_ms: None,
        }
    }
}

/// What a webhook receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WebhookMessage")]
pub struct V1Message {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// When it happened, as ISO 8601 has it, in UTC.
    pub timestamp: String,
    /// Of which call.
    pub data: V1MessageData,
}

/// The call of a message. There is nothing personal in it: fetch the call for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WebhookMessageData")]
pub struct V1MessageData {
    /// The call's id. Absent in a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<SessionId>,
    /// When it happened, epoch milliseconds.
    pub at_ms: u64,
    /// Why the call ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    /// Where the call can be fetched with a key. Absent in a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
