//! The ports: what the host needs from the outside. Each port has a contract suite (`contract`)
//! that every plug passes.
//!
//! Values are records of [`crate::records`]. A plug stores them encoded and reads their keys only.

mod agents;
mod api_keys;
mod audit;
mod beside;
mod cases;
mod claims;
mod directory;
mod figures;
mod lines;
mod logos;
mod minutes;
mod object_names;
mod rate_counters;
mod sign_ins;
mod texts;
mod webhooks;

use std::future::Future;

use sightline_session::{Event, State};
use sightline_wire::{AgentId, Object, RelayId, Seat, Seats, SessionId, UploadBytes};

pub use self::agents::Agents;
pub use self::api_keys::ApiKeys;
pub use self::audit::Audit;
pub use self::beside::BesideLog;
pub use self::cases::{CaseFiles, CaseKeys, CaseWriting, KeptFile};
pub use self::claims::Claims;
pub use self::directory::{CallList, Directory, ListPlace, Span};
pub use self::figures::{CallFigures, CountedCall, DAY_SHARDS, Uncounted};
pub use self::lines::ReadyLineStore;
pub use self::logos::Logos;
pub use self::minutes::CallMinutes;
pub use self::object_names::{Earlier, PictureKey, StoredObject, UploadKey};
pub use self::rate_counters::{Counted, RateCounter, RateCounters};
pub use self::sign_ins::{SignIns, SpentTokens};
pub use self::texts::{Sms, SmsOut};
pub use self::webhooks::{DeliveryQueue, Dial, DueDeliveries, OutgoingPost, PostReply, Webhooks};
pub use crate::records::ConnectionKey;
pub use crate::store_error::StoreError;

use crate::records::{
    Assignment, Attachment, BesideRecord, CallSummary, ConnectionRecord, DeliveryRecord,
    InviteHash, RelayRecord, SearchTerm,
};

/// Everything that a decision needs, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The state.
    pub state: State,
    /// The attachment of each seat.
    pub attachments: Seats<Option<Attachment>>,
    /// The delete date of the session, epoch seconds. Its first commit sets it and every later
    /// commit repeats it.
    pub delete_at_s: u64,
}

/// A new state and its events, stored together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The session.
    pub session: SessionId,
    /// The revision that was loaded, or `None` for a session that must not exist yet.
    pub expected: Option<u32>,
    /// The state, its revision one higher than `expected` (or 1).
    pub state: State,
    /// The new events, which continue the log.
    pub events: Vec<Event>,
    /// Invites whose secrets lead to the session from now on.
    pub invites: Vec<InviteHash>,
    /// The time from which all records of the session may be deleted, epoch seconds. Fixed at
    /// creation.
    pub delete_at_s: u64,
    /// The call's summary for its agent's list, if it changed.
    pub summary: Option<CallSummary>,
    /// The time from which the summary and the entries may be deleted, epoch seconds.
    pub summary_delete_at_s: u64,
    /// Notes and ratings to store beside the log.
    pub beside: Vec<BesideRecord>,
    /// What changes of the terms by which the call is found.
    pub entries: Entries,
    /// What webhooks hear of it.
    pub deliveries: Vec<DeliveryRecord>,
    /// The mark by which a call that ends is counted later.
    pub uncounted: Option<Uncounted>,
}

impl Commit {
    /// The first commit of a session, with nothing but its state, its log and its summary. All of
    /// them may be deleted at the same time, epoch seconds.
    #[must_use]
    pub fn first(session: SessionId, state: State, events: Vec<Event>, delete_at_s: u64) -> Self {
        Self {
            session,
            expected: None,
            summary: Some(CallSummary::of(session, &state)),
            state,
            events,
            invites: Vec::new(),
            delete_at_s,
            summary_delete_at_s: delete_at_s,
            beside: Vec::new(),
            entries: Entries::default(),
            deliveries: Vec::new(),
            uncounted: None,
        }
    }
}

/// The terms by which a call is found, as a commit changes them. At most 82 together, so that a
/// commit fits into a transaction of DynamoDB (100 items).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// Those by which it is not found any more.
    pub gone: Vec<SearchTerm>,
    /// Those by which it is found from now on, until the date of its summary. A plug that has some
    /// already stores them again: they lead to the list of the call's agent.
    pub new: Vec<SearchTerm>,
    /// The agent whose list the call leaves for that of its state's. The commit has a summary then.
    pub left: Option<AgentId>,
}

/// The outcome of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// The commit is stored durably.
    Done,
    /// Another commit came first. Nothing was stored.
    Clash,
}

/// Stores the state and log of sessions.
pub trait Sessions: Send + Sync {
    /// Reads state and attachments together. Returns `None` if the session does not exist or its
    /// delete date has passed.
    fn load(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Loaded>, StoreError>> + Send;
    /// Stores everything or nothing, on the condition that the stored revision is the expected one.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send;
    /// Returns at most `limit` events after `after`, in order.
    fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;
}

/// What is erased of a session, and what its records are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The session.
    pub session: SessionId,
    /// The revision that was loaded.
    pub expected: u32,
    /// The agent in whose list it is.
    pub agent: AgentId,
    /// When it began, as its summary says, epoch milliseconds.
    pub began_at_ms: u64,
    /// The names of its counters ([`RateCounter::name`]).
    pub counters: Vec<String>,
    /// The terms by which it is found.
    pub terms: Vec<SearchTerm>,
    /// Until when its id refuses what comes late, epoch seconds.
    pub tombstone_until_s: u64,
    /// What webhooks hear of it.
    pub deliveries: Vec<DeliveryRecord>,
}

/// What is stored of a session whose erasure began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tombstone {
    /// The erasure was cut off. Only another one reads the state.
    Unfinished(Box<State>),
    /// Its id and a date.
    Finished,
}

/// Erases sessions for good.
pub trait Erasures: Send + Sync {
    /// Deletes all records of a session, on the condition that the stored revision is the expected
    /// one: state, log, invites, summary, entries of its terms, attachments, assignment, minutes,
    /// notes, ratings, the named counters and text messages that were kept. Deliveries of webhooks
    /// stay until their date, and those of the erasure are added. A tombstone stays. From
    /// the first deletion on, no other port finds the session, and no commit under its id succeeds,
    /// the first one included.
    ///
    /// After a failure some of it may be left. Then [`Erasures::tombstone`] returns the state, and
    /// another call goes on. A repeated call succeeds.
    fn erase(
        &self,
        erasure: &Erasure,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;
    /// Returns the tombstone of a session, if it was erased and the tombstone's date has not
    /// passed.
    fn tombstone(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Tombstone>, StoreError>> + Send;
}

/// Stores which page is attached to a seat.
pub trait Attachments: Send + Sync {
    /// Attaches a page to a seat. Returns the attachment that it replaces.
    fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> impl Future<Output = Result<Option<Attachment>, StoreError>> + Send;
    /// Records that the seat's connection was heard or closed, if it still is the attached one.
    /// Returns whether it is. Being heard moves `heard_at_ms` forward, never back, and clears
    /// `closed_at_ms`. Closing sets `closed_at_ms` to `heard_at_ms`; a second closing keeps the
    /// first time.
    fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Stores the records of connections.
pub trait Connections: Send + Sync {
    /// Stores the record of a connection that begins.
    fn put_connection(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Replaces a record on the condition that the stored one still is `before`. Returns whether it
    /// was. So of two changes none is lost, and a record that was removed does not come back.
    fn replace_connection(
        &self,
        connection: &ConnectionKey,
        before: &ConnectionRecord,
        after: ConnectionRecord,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Reads a record.
    fn find_connection(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, StoreError>> + Send;
    /// Removes a record and returns it.
    fn remove_connection(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, StoreError>> + Send;
}

/// Stores the leases of relays, and which relay has which room.
pub trait Relays: Send + Sync {
    /// Stores the record of a relay that said hello. Replaces any earlier one.
    fn put_relay(&self, record: RelayRecord)
    -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Renews a lease if it exists and this connection still is the relay's. A hello on another
    /// connection that comes in between wins. Returns whether the lease was renewed.
    /// `lease_until_ms` is in epoch milliseconds.
    fn renew_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Returns the relays whose lease is valid, ordered by id.
    fn alive_relays(
        &self,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<RelayRecord>, StoreError>> + Send;
    /// Ends a lease if this connection still is the relay's.
    fn end_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns the assignment of a session's room.
    fn assigned(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<Option<Assignment>, StoreError>> + Send;
    /// Stores an assignment on the condition that its epoch is one higher than the stored one (or
    /// 1). Returns the assignment that is stored afterwards.
    fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> impl Future<Output = Result<Assignment, StoreError>> + Send;
}

/// The outcome of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The message was handed over. It may still not arrive.
    Handed,
    /// The connection is gone, or not open yet.
    Gone,
}

/// Sends messages to connections.
pub trait Push: Send + Sync {
    /// Sends a WebSocket text message of at most [`sightline_wire::MESSAGE_BYTES_MAX`].
    fn say(
        &self,
        connection: &ConnectionKey,
        message: &str,
    ) -> impl Future<Output = Result<Said, StoreError>> + Send;
    /// Closes a connection with a WebSocket close code. A plug whose close cannot carry a code
    /// sends [`crate::closing`] first.
    fn close(
        &self,
        connection: &ConnectionKey,
        code: u16,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A presigned request. `Debug` does not show it, because anyone who knows it may send it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPut {
    /// The URL of the request.
    pub url: String,
    /// Names in lower case and values of the signed headers, which must be sent: at least
    /// `content-type` and `if-none-match`. The length is signed too; a browser sends that header by
    /// itself.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for SignedPut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedPut").finish_non_exhaustive()
    }
}

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// More bytes than the limit. They were not read.
    TooLong,
    /// The whole object.
    Bytes(Vec<u8>),
}

/// Holds uploads that wait to be checked. A page sends an upload straight to the store, with a
/// request that the host signed.
pub trait Uploads: Send + Sync {
    /// Signs a `PUT` of exactly `bytes` bytes of [`sightline_wire::UPLOAD_TYPE`] to this key, which
    /// must be free (`If-None-Match: *`). The request must begin within
    /// [`sightline_wire::UPLOAD_S`] of `now_ms`. The store answers 412 if the key is taken, and 403
    /// to any other deviation.
    fn sign_put(
        &self,
        key: &UploadKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> impl Future<Output = Result<SignedPut, StoreError>> + Send;
    /// Reads an upload if it has at most `bytes_max` bytes.
    fn read(
        &self,
        key: &UploadKey,
        bytes_max: u32,
    ) -> impl Future<Output = Result<Found, StoreError>> + Send;
    /// Deletes an upload. Succeeds if it does not exist.
    fn discard(&self, key: &UploadKey) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Deletes all uploads for one picture: all keys that begin with [`UploadKey::prefix`].
    fn discard_all(
        &self,
        session: SessionId,
        picture: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Stores pictures that were checked.
pub trait PictureStore: Send + Sync {
    /// Stores or replaces a picture durably. It is served as [`sightline_wire::UPLOAD_TYPE`], with
    /// sniffing forbidden.
    fn keep(
        &self,
        key: &PictureKey,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns a link to `GET` a picture, valid until `until_ms`.
    fn sign_get(
        &self,
        key: &PictureKey,
        now_ms: u64,
        until_ms: u64,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
    /// Deletes a picture. Succeeds if it does not exist. Links to it find nothing from then on.
    fn delete(&self, key: &PictureKey) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Notes the id of a session that is being erased, outside the records and for as long as their
    /// backups live: who restores older records erases it again. A store whose records note it
    /// themselves does nothing here.
    fn note_erased(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Deletes everything of a session: its pictures, uploads that wait for their check, and case
    /// files. Deletes all exports, too.
    fn erase_all(&self, session: SessionId) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Deletes everything that was stored as this picture, except the one that stands: all keys
    /// that begin with [`PictureKey::prefix`].
    fn delete_others(
        &self,
        session: SessionId,
        object: Object,
        stands: Option<&PictureKey>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Everything a host needs from the outside: five parts, clocks and randomness. A plug provides
/// it.
pub trait Ports: Send + Sync + 'static {
    /// The store.
    type Store: Sessions
        + Directory
        + Erasures
        + Attachments
        + CallMinutes
        + BesideLog
        + Connections
        + Relays
        + SpentTokens
        + SignIns
        + CaseKeys
        + ApiKeys
        + Agents
        + Audit
        + Logos
        + CallFigures
        + Claims
        + Webhooks
        + ReadyLineStore
        + RateCounters;
    /// Uploads, pictures and case files.
    type Objects: Uploads + PictureStore + CaseFiles;
    /// Messages to open connections.
    type Push: Push;
    /// Text messages.
    type Sms: SmsOut;

    /// Returns the store of sessions, connections, relays and counters.
    fn store(&self) -> &Self::Store;
    /// Returns the store of uploads and pictures.
    fn objects(&self) -> &Self::Objects;
    /// Returns the way to open connections.
    fn push(&self) -> &Self::Push;
    /// Returns the sender of text messages.
    fn sms(&self) -> &Self::Sms;
    /// Returns the time by which deadlines are kept, epoch milliseconds. On a machine whose clock
    /// may be set it does not jump, and then differs from the time of day.
    fn now_ms(&self) -> u64;
    /// Returns how far the time of day, which people see, is ahead of [`Ports::now_ms`].
    fn ahead_ms(&self) -> i64 {
        0
    }
    /// Returns the time by which a record's delete date has passed or not. It is the time of day,
    /// unless that cannot be believed.
    fn erase_ms(&self) -> u64 {
        self.now_ms()
    }
    /// Returns the time of day, epoch milliseconds.
    fn date_ms(&self) -> u64 {
        self.now_ms().saturating_add_signed(self.ahead_ms())
    }
    /// Returns unguessable bytes.
    fn random(&self) -> [u8; 16];
    /// Runs work that goes on after its request was answered, as far as the plug can.
    fn run_on(&self, work: impl Future<Output = ()> + Send + 'static);
    /// Waits between two attempts.
    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send;
}
