//! Bodies of the HTTP API. Every route takes and gives JSON; an answer that is not 2xx carries
//! [`ApiRefusal`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{DisplayName, Event, InviteSecret, Language, PageId, Reference, Refusal, SessionId};

/// `POST /api/look` and `POST /api/enter`: what the link's fragment carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkSecret {
    /// The invite's secret.
    pub secret: InviteSecret,
}

/// Answer to `POST /api/look`, `POST /api/enter` and `GET /api/sessions/{id}/seat`. An unknown
/// secret is answered 404, `unknown_link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Look {
    /// What can be done with the link.
    pub state: LinkState,
    /// The session behind it.
    pub session: SessionId,
    /// The business that invites.
    pub business: String,
    /// The person who invites.
    pub agent_name: DisplayName,
    /// The language the invite was written in.
    pub language: Language,
    /// Somebody joined with this invite already: joining here moves the call.
    pub joined: bool,
    /// Days after which everything kept of the session is deleted, counted from its beginning.
    pub kept_days: u32,
}

/// What can be done with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It leads into the lobby.
    Valid,
    /// It expired before anybody joined.
    Expired,
    /// The agent took it back.
    Cancelled,
    /// The call is over.
    Ended,
}

/// Answer to `GET /api/entrance`: what somebody can do who is not signed in.
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
    /// Where to go to be signed out of the identity provider as well; otherwise the next sign-in
    /// asks for nothing.
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
    /// Who is signed in.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// The business.
    pub business: String,
    /// Languages a text message can be written in.
    pub languages: Vec<Language>,
    /// Between two text messages of one session, milliseconds.
    #[ts(type = "number")]
    pub cool_down_ms: u64,
}

/// What a signed-in person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Invites and helps.
    Agent,
    /// An agent who also sees the others' calls.
    Admin,
}

/// `POST /api/sessions`: invites somebody.
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
}

impl StartCall {
    /// Longest number as typed, bytes.
    pub const NUMBER_BYTES_MAX: usize = 40;
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

/// Answer to `GET /api/sessions/{id}/log?after=n`, for a page that is far behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Log {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// Newest sequence number.
    pub head: u32,
    /// There is more after these.
    pub more: bool,
}

/// Answer to `GET /api/sessions`: the agent's newest calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Calls {
    /// Newest first.
    pub calls: Vec<Call>,
}

/// One of the agent's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Call {
    /// The session.
    pub session: SessionId,
    /// When it was begun, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// The invited number in E.164 form, for inviting again. Lists show it masked.
    pub number: String,
    /// The reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
}

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallPhase {
    /// The customer has not joined.
    Waiting,
    /// The customer joined.
    Live,
    /// Over.
    Ended,
}

/// The body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiRefusal {
    /// What is the matter.
    #[serde(flatten)]
    pub error: ApiError,
}

/// What is the matter with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ApiError {
    /// 404: no such link, or none any more. The one answer for every unknown secret.
    #[error("unknown link")]
    UnknownLink,
    /// 404: no such route or session for this person.
    #[error("not found")]
    NotFound,
    /// 401: nobody is signed in.
    #[error("not signed in")]
    NotSignedIn,
    /// 403: the sign-in link was used or is too old.
    #[error("sign-in link used or expired")]
    SignInLinkSpent,
    /// 403: the request came from another origin.
    #[error("wrong origin")]
    WrongOrigin,
    /// 421: the host name is not ours (a page elsewhere may have pointed its name here).
    #[error("wrong host")]
    WrongHost,
    /// 400: the body is not what this route takes.
    #[error("malformed")]
    Malformed,
    /// 413: the body is too long.
    #[error("too long")]
    TooLong,
    /// 422: no such telephone number can exist.
    #[error("not a telephone number")]
    BadNumber,
    /// 422: no text message is written in this language.
    #[error("unknown language")]
    UnknownLanguage,
    /// 429: too many unknown links were tried.
    #[error("too many tries")]
    TooOften,
    /// 409: the session's own rules say no.
    #[error("{refusal}")]
    Refused {
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// 503: trouble on the server; worth another try.
    #[error("trouble on the server")]
    Trouble,
}
