//! What the host needs from the world, in its own vocabulary. Each port has a contract suite
//! (`contract`) that every plug passes.
//!
//! Values are the records of [`crate::records`]; a plug stores their encoded form and never looks
//! inside, apart from keys.

use std::future::Future;

use sightline_session::{Event, State};
use sightline_wire::{
    AgentId, Language, Object, PhoneNumber, RelayId, Seat, Seats, SessionId, SmsFailure, Upload,
    UploadBytes,
};

use crate::records::{
    Assignment, Attachment, CallSummary, ConnectionRecord, InviteHash, RelayRecord,
};

/// A port failed. The operation may or may not have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct StoreError {
    /// The operation that failed, such as `commit`.
    pub operation: &'static str,
    /// The cause; no personal data.
    pub cause: String,
    /// Whether another try may succeed.
    pub retryable: bool,
}

/// A connection of the WebSocket API; valid in one deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub String);

/// Everything that deciding needs, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The state.
    pub state: State,
    /// Who speaks for each seat.
    pub attachments: Seats<Option<Attachment>>,
    /// The delete date of the session's first commit, epoch seconds. Every later commit carries it
    /// on.
    pub delete_at_s: u64,
}

/// New state and events, to be stored together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The session.
    pub session: SessionId,
    /// The revision that was loaded; none for a session that must not exist yet.
    pub expected: Option<u32>,
    /// The state, its revision one higher than `expected` (or 1).
    pub state: State,
    /// What happened, following on the log.
    pub events: Vec<Event>,
    /// Secrets that lead here from now on.
    pub invites: Vec<InviteHash>,
    /// When all records of the session may be deleted, epoch seconds; fixed at its creation.
    pub delete_at_s: u64,
    /// The call's line in its agent's list, when it is another than before.
    pub summary: Option<CallSummary>,
    /// When that line may be deleted, epoch seconds; it has a date of its own.
    pub summary_delete_at_s: u64,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Stored, durably.
    Done,
    /// Somebody else committed first; nothing was stored.
    Clash,
}

/// Sessions: state and log.
pub trait Sessions: Send + Sync {
    /// State and attachments, read together; none when there is no such session or its delete date
    /// has passed.
    fn load(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Loaded>, StoreError>> + Send;
    /// All or nothing, on the condition that the revision is the expected one.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send;
    /// Events after `after`, in order, at most `limit`.
    fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;
}

/// Two ways to find a session.
pub trait Directory: Send + Sync {
    /// Behind an invite's secret.
    fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<SessionId>, StoreError>> + Send;
    /// An agent's newest sessions, newest first: the summaries of commits, until their own delete
    /// date.
    fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<CallSummary>, StoreError>> + Send;
}

/// Who speaks for a seat.
pub trait Attachments: Send + Sync {
    /// The page that speaks for a seat from here on. Replaces whatever was there and returns it.
    fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> impl Future<Output = Result<Option<Attachment>, StoreError>> + Send;
    /// The seat's connection was heard, or closed; only if it still is the attached one. Says
    /// whether it is. Hearing sets `heard_at_ms` (never back) and takes a closing back; closing
    /// sets `closed_at_ms` to `heard_at_ms`, and a second closing leaves the first one's date.
    fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// What is known of connections.
pub trait Connections: Send + Sync {
    /// Stores or replaces.
    fn put_connection(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Reads.
    fn find_connection(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, StoreError>> + Send;
    /// Takes out and returns.
    fn remove_connection(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, StoreError>> + Send;
}

/// The relays that hold a lease, and which room is where.
pub trait Relays: Send + Sync {
    /// Stores, whatever was there: a relay said hello.
    fn put_relay(&self, record: RelayRecord)
    -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Renews a lease, if there is one and this connection still is the relay's; a hello on another
    /// that comes in between wins. Says whether it did. `lease_until_ms`: epoch milliseconds.
    fn renew_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Those whose lease holds, in the order of their ids.
    fn alive_relays(
        &self,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<RelayRecord>, StoreError>> + Send;
    /// Ends a lease, if this connection still is the relay's.
    fn end_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Where a session's room is.
    fn assigned(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<Option<Assignment>, StoreError>> + Send;
    /// Assigns, on the condition that the epoch is one higher than the stored (or 1). Returns what
    /// stands afterwards.
    fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> impl Future<Output = Result<Assignment, StoreError>> + Send;
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Handed over. No promise that it arrives.
    Handed,
    /// The connection is gone, or not open yet.
    Gone,
}

/// Says something to a connection.
pub trait Push: Send + Sync {
    /// A text message of at most [`sightline_wire::MESSAGE_BYTES_MAX`].
    fn say(
        &self,
        connection: &ConnectionKey,
        message: &str,
    ) -> impl Future<Output = Result<Said, StoreError>> + Send;
    /// Closes a connection with a WebSocket close code. Where the close cannot carry one, says
    /// [`crate::closing`] first.
    fn close(
        &self,
        connection: &ConnectionKey,
        code: u16,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A text message. `Debug` shows neither number nor text nor link.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// To whom.
    pub to: PhoneNumber,
    /// All of it, the link included.
    pub text: String,
    /// The link alone.
    pub link: String,
    /// Its language.
    pub language: Language,
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms").finish_non_exhaustive()
    }
}

/// Hands text messages over.
pub trait SmsOut: Send + Sync {
    /// Taken, or why not.
    fn send(&self, sms: Sms, now_ms: u64) -> impl Future<Output = Result<(), SmsFailure>> + Send;
}

/// Remembers what may be used once.
pub trait SpentTokens: Send + Sync {
    /// Spends a one-time token; true for the first of all who ask. It may be forgotten after
    /// `until_ms`, when the token itself has expired.
    fn spend(
        &self,
        token: &[u8],
        until_ms: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// A counter of something that is rationed. Its name says what, whose and in which stretch of time,
/// so that the next stretch begins at zero; it may be forgotten after `until_ms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateCounter {
    /// Its name; nothing personal in it.
    pub name: String,
    /// It never counts beyond this.
    pub most: u32,
    /// End of its stretch of time, epoch milliseconds.
    pub until_ms: u64,
}

/// What became of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// All of them count one more.
    Done,
    /// None of them does: the one with this index has reached its most (the first, if several
    /// have).
    Full(usize),
}

/// Counts what is rationed, across everything that runs.
pub trait RateCounters: Send + Sync {
    /// Adds one to each of these, at most 10 with different names, or to none. An empty list is
    /// done.
    fn count(
        &self,
        counters: &[RateCounter],
    ) -> impl Future<Output = Result<Counted, StoreError>> + Send;
}

/// Where an upload waits to be checked: `incoming/<session>/<name>`. Nobody can read it there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UploadKey {
    /// The session.
    pub session: SessionId,
    /// What it is to become.
    pub upload: Upload,
}

/// Where a picture is kept: `pictures/<session>/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureKey {
    /// The session.
    pub session: SessionId,
    /// Which of its pictures.
    pub object: Object,
}

impl UploadKey {
    /// What the keys of all uploads for one picture begin with.
    #[must_use]
    pub fn prefix(session: SessionId, picture: u32) -> String {
        format!("incoming/{session}/{picture}-")
    }

    /// The key as a store knows it.
    #[must_use]
    pub fn path(&self) -> String {
        let session = self.session;
        match self.upload {
            Upload::Sharp { picture, attempt } => {
                format!("incoming/{session}/{picture}-sharp-{attempt}")
            }
            Upload::Quick { picture } => format!("incoming/{session}/{picture}-quick"),
            Upload::Sent { picture, through } => {
                format!("incoming/{session}/{picture}-sent-{through}")
            }
        }
    }
}

impl PictureKey {
    /// The key as a store knows it.
    #[must_use]
    pub fn path(&self) -> String {
        let session = self.session;
        match self.object {
            Object::Base { picture } => format!("pictures/{session}/{picture}"),
            Object::Sent { picture, through } => format!("pictures/{session}/{picture}-{through}"),
        }
    }
}

/// A request that was signed beforehand. `Debug` shows nothing of it: whoever knows it may make it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPut {
    /// Where to.
    pub url: String,
    /// Headers that are signed and must be sent, name in lower case, and value: at least
    /// `content-type` and `if-none-match`. The length is signed too; a browser sends that header by
    /// itself.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for SignedPut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedPut").finish_non_exhaustive()
    }
}

/// What was found under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// More bytes than were asked for; not read.
    TooLong,
    /// All of it.
    Bytes(Vec<u8>),
}

/// Uploads on their way in. Who uploads speaks to the store, not to us: the request was signed here
/// beforehand.
pub trait Uploads: Send + Sync {
    /// A `PUT` of exactly `bytes` bytes of [`sightline_wire::UPLOAD_TYPE`] to this key and no
    /// other, which must be free (`If-None-Match: *`), begun within [`sightline_wire::UPLOAD_S`] of
    /// `now_ms`. The store answers anything else with 403, and with 412 when the key is taken.
    fn sign_put(
        &self,
        key: &UploadKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> impl Future<Output = Result<SignedPut, StoreError>> + Send;
    /// What was uploaded, if it is no longer than `bytes_max`.
    fn read(
        &self,
        key: &UploadKey,
        bytes_max: u32,
    ) -> impl Future<Output = Result<Found, StoreError>> + Send;
    /// Takes it away; nothing there is no trouble.
    fn discard(&self, key: &UploadKey) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Takes away whatever waits for one picture, of every kind: all keys that begin with
    /// [`UploadKey::prefix`].
    fn discard_all(
        &self,
        session: SessionId,
        picture: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Pictures that were found good.
pub trait PictureStore: Send + Sync {
    /// Stores or replaces, durably. Served as [`sightline_wire::UPLOAD_TYPE`], never to be sniffed.
    fn keep(
        &self,
        key: &PictureKey,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// A `GET` that is good until `until_ms`.
    fn sign_get(
        &self,
        key: &PictureKey,
        now_ms: u64,
        until_ms: u64,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
    /// Takes it away; nothing there is no trouble. Links to it find nothing from then on.
    fn delete(&self, key: &PictureKey) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Everything a host needs from the world, in four parts, and clock and randomness. A plug lends it.
pub trait Ports: Send + Sync + 'static {
    /// What is remembered.
    type Store: Sessions
        + Directory
        + Attachments
        + Connections
        + Relays
        + SpentTokens
        + RateCounters;
    /// Uploads and pictures.
    type Objects: Uploads + PictureStore;
    /// Messages to open connections.
    type Push: Push;
    /// Text messages.
    type Sms: SmsOut;

    /// Sessions, connections, relays, and what is counted.
    fn store(&self) -> &Self::Store;
    /// Uploads and pictures.
    fn objects(&self) -> &Self::Objects;
    /// Open connections.
    fn push(&self) -> &Self::Push;
    /// The way out for text messages.
    fn sms(&self) -> &Self::Sms;
    /// Epoch milliseconds.
    fn now_ms(&self) -> u64;
    /// Unguessable bytes.
    fn random(&self) -> [u8; 16];
    /// Waits, for the jitter between two tries of a commit.
    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send;
}
