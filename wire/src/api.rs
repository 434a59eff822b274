//! Bodies of the HTTP API. Every route takes and returns JSON; a response other than 2xx carries
//! [`ApiRefusal`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::case::{CallPicture, CallPictures, SentPicture};
pub use crate::number::{NumberFault, NumberKind, NumberRead, NumberReading, ReadNumber, Texting};
use crate::{
    AgentId, Brand, DisplayName, EndReason, Event, InviteCode, InviteSecret, Language, LobbyStep,
    LogoFault, PageId, Reference, Refusal, SessionId, Stars,
};

/// `POST /api/look` and `POST /api/enter`: what the link's fragment carries, or the code that a
/// person typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum LinkSecret {
    /// The whole secret.
    Secret {
        /// The invite's secret.
        secret: InviteSecret,
    },
    /// Its short spelling.
    Code {
        /// The invite's code, as typed.
        code: InviteCode,
    },
}

/// Answer to `POST /api/look`, `POST /api/enter` and `GET /api/sessions/{id}/seat`. An unknown
/// secret, and a code that is unknown or void, are answered 404, `unknown_link`. Once the session
/// has ended a link says that and nothing else; a browser with the seat's cookie hears the names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Look {
    /// The state of the link.
    pub state: LinkState,
    /// The session behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub session: Option<SessionId>,
    /// The business that invites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub business: Option<String>,
    /// Its colour and its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub brand: Option<Brand>,
    /// The person who invites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent_name: Option<DisplayName>,
    /// The language the invite was written in.
    pub language: Language,
    /// A customer has joined with this invite: joining here moves the call.
    pub joined: bool,
    /// Days after which everything kept of the session is deleted, counted from its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_days: Option<u32>,
    /// The same for its pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pictures_days: Option<u32>,
    /// The same for chat and notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub notes_days: Option<u32>,
    /// The name that the customer gave, for a browser that may take the seat: not in the answer to
    /// `POST /api/look`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<DisplayName>,
}

/// `POST /api/sessions/{id}/held-up`: what keeps a customer's page from connecting. Answered 204.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HeldUp {
    /// `connection_blocked` or `cookies_blocked`; any other step is refused.
    pub step: LobbyStep,
    /// The invite's secret, where the browser has no cookie of the seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub secret: Option<InviteSecret>,
    /// The invite's code, where the browser has neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<InviteCode>,
}

/// The state of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It leads into the lobby.
    Valid,
    /// It expired before the customer joined.
    Expired,
    /// The agent cancelled it.
    Cancelled,
    /// The call is over.
    Ended,
}

/// Answer to `GET /api/entrance`: how to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Entrance {
    /// How agents sign in here.
    pub sign_in: SignInBy,
}

/// How agents sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInBy {
    /// By a link that the desk prints.
    Link,
    /// At an identity provider: the page goes to `/api/sign-in`.
    Provider,
}

/// Answer to `POST /api/sign-out`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedOut {
    /// The address that signs out at the identity provider as well. Without that the next sign-in
    /// asks for no credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// `POST /api/sign-in/once`: the desk's one-time link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnceToken {
    /// The token of the printed link.
    pub token: InviteSecret,
}

/// Answer to `GET /api/me` and to a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Me {
    /// The name of the signed-in person.
    pub name: DisplayName,
    /// Their role.
    pub role: Role,
    /// The business.
    pub business: String,
    /// Its colour and its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub brand: Option<Brand>,
    /// Languages of text messages.
    pub languages: Vec<Language>,
    /// The pause between two text messages of one session, milliseconds.
    #[ts(type = "number")]
    pub cool_down_ms: u64,
    /// Address of a map, with `{lat}` and `{lon}` where the degrees of a place stand.
    pub maps: String,
}

/// The role of a signed-in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Invites and helps.
    Agent,
    /// An agent who also sees the others' calls.
    Admin,
}

/// `POST /api/sessions`: invites a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StartCall {
    /// Made by the page: a second click with the same one is the same call.
    pub request: PageId,
    /// The number as typed; national forms are read in `region`. At most
    /// [`StartCall::NUMBER_BYTES_MAX`] bytes.
    pub number: String,
    /// The country of a number without one: two letters of ISO 3166-1.
    pub region: String,
    /// The agent's reference.
    pub reference: Reference,
    /// The language of the text message.
    pub language: Language,
    /// The person has seen how the number is read, and sends although it is unlikely.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub confirm: bool,
}

impl StartCall {
    /// Longest number as typed, bytes. Digits of other scripts take up to four bytes each, and
    /// `tel:` addresses have parameters.
    pub const NUMBER_BYTES_MAX: usize = 160;
}

/// Answer to `POST /api/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Started {
    /// The session.
    pub session: SessionId,
}

/// `POST /api/sessions/{id}/send`: sends the invite again. Asking twice for one attempt sends one
/// message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendAgain {
    /// The attempt this would be (the newest known plus one).
    pub attempt: u32,
}

/// Answer to `POST /api/sessions/{id}/link`: a fresh link to copy or to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FreshLink {
    /// The link.
    pub link: String,
}

/// Answer to `GET /api/sessions/{id}/code`: the short code of the invite. It is the same each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShownCode {
    /// The code.
    pub code: InviteCode,
    /// The address of the page that asks for it.
    pub address: String,
}

/// Answer to `GET /api/sessions/{id}/log?after=n`, for a page that is far behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Log {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// Newest sequence number.
    pub head: u32,
    /// The log goes on after these.
    pub more: bool,
}

/// Answer to `GET /api/sessions`: calls, the newest of the agent's own if nothing else was asked
/// for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Calls {
    /// Newest first, at most 50.
    pub calls: Vec<Call>,
    /// There may be more: where to go on, for the parameter of the same name. An answer may have it
    /// and few calls or none, because one answer looks at 1,000 entries at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<String>,
}

/// One of the agent's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Call {
    /// The session.
    pub session: SessionId,
    /// When it began, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// The invited number in E.164 form, for inviting again. Lists show it masked. Empty for a call
    /// that is reached by a link only.
    pub number: String,
    /// The reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
    /// The agent who invited. Absent for a call of an earlier version, as all below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent: Option<AgentId>,
    /// The agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent_name: Option<DisplayName>,
    /// The name that the customer gave last in the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer: Option<DisplayName>,
    /// When the customer joined, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub joined_at_ms: Option<u64>,
    /// When it ended, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub ended_at_ms: Option<u64>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<EndReason>,
    /// The person asked for no more text messages: links and codes still lead in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub opted_out: bool,
    /// Pictures that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pictures: Option<u32>,
    /// Pictures that were sent to the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sent: Option<u32>,
    /// How the agent rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent_stars: Option<Stars>,
    /// How the customer rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer_stars: Option<Stars>,
    /// When its records go, epoch milliseconds. Absent once they have gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub goes_ms: Option<u64>,
    /// When its line in this list goes, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub line_goes_ms: Option<u64>,
}

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallPhase {
    /// The customer has not joined.
    Waiting,
    /// The customer joined.
    Live,
    /// Over.
    Ended,
}

/// Answer to `DELETE /api/sessions/{id}`: the call is erased. Names what stays of it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Erased {
    /// The session.
    pub session: SessionId,
    /// Days for which its id stays, and refuses what comes late.
    pub tombstone_days: u32,
    /// Days for which the logs have the line that says who erased it and when, and technical lines
    /// with its id. Absent where the operator of the machine keeps the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub log_days: Option<u32>,
    /// Days for which it can be restored from backups. Absent where the operator of the machine
    /// makes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub backup_days: Option<u32>,
}

/// The body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiRefusal {
    /// The error.
    #[serde(flatten)]
    pub error: ApiError,
}

/// The error of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ApiError {
    /// 404: the link does not exist (any more). The same answer for every unknown secret.
    #[error("unknown link")]
    UnknownLink,
    /// 404: no such route or session for this person.
    #[error("not found")]
    NotFound,
    /// 401: not signed in.
    #[error("not signed in")]
    NotSignedIn,
    /// 403: the sign-in link was used or is too old.
    #[error("sign-in link used or expired")]
    SignInLinkSpent,
    /// 403: the request came from another origin.
    #[error("wrong origin")]
    WrongOrigin,
    /// 403: only admins may do this.
    #[error("not an admin")]
    NotAdmin,
    /// 409: the call has not ended.
    #[error("call is running")]
    CallRunning,
    /// 409: nobody takes back their own access.
    #[error("own access")]
    OwnAccess,
    /// 409: somebody else changed it since it was read.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    /// 421: the host name is not the deployment's (another site may point its name here).
    #[error("wrong host")]
    WrongHost,
    /// 400: the body does not match the route.
    #[error("malformed")]
    Malformed,
    /// 413: the body is too long.
    #[error("too long")]
    TooLong,
    /// 422: not a possible telephone number.
    #[error("not a telephone number")]
    BadNumber {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        why: Option<NumberFault>,
    },
    /// 422: a telephone number that a text message hardly reaches. `confirm` sends it.
    #[error("unlikely telephone number")]
    NumberUnlikely {
        /// How the number is read.
        reading: Box<NumberReading>,
    },
    /// 422: the file cannot be the logo.
    #[error("not a logo: {why}")]
    BadLogo {
        /// Why.
        why: LogoFault,
    },
    /// 409: the operator gave the logo, and an admin cannot change it.
    #[error("the logo is given")]
    LogoGiven,
    /// 422: text messages are not available in this language.
    #[error("unknown language")]
    UnknownLanguage,
    /// 429: too many unknown links or codes were tried, or the agent began too many calls today.
    #[error("too many tries")]
    TooOften,
    /// 409: the session's rules refuse it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// 503: the server failed; try again.
    #[error("trouble on the server")]
    Trouble,
}
