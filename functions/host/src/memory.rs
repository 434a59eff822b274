//! The plug in memory, for tests, with faults on demand. It stores encoded records, as every plug
//! does.

mod agents;
mod api_keys;
mod audit;
mod beside;
mod cases;
mod claims;
mod connections;
mod counters;
mod directory;
mod erasures;
mod figures;
mod lines;
mod logos;
mod minutes;
mod objects;
mod sign_ins;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use sightline_session::{Event, State};
use sightline_wire::{AgentId, RelayId, Seat, Seats, SessionId, SignInId, SmsFailure};

use crate::ports::{
    Attachments, Commit, Committed, ConnectionKey, ListPlace, Loaded, Ports, Push, RateCounter,
    Relays, Said, Sessions, Sms, SmsOut, StoreError, Uncounted,
};
use crate::records::{
    Assignment, Attachment, AuditPlace, InviteHash, Record, RelayRecord, SearchTerm,
};

/// Everything a deployment has, in one place. The clock moves only by [`Memory::advance`] or a
/// pause.
#[derive(Default)]
pub struct Memory(Mutex<World>);

#[derive(Default)]
struct World {
    now_ms: u64,
    ahead_ms: i64,
    chance: u64,
    sessions: BTreeMap<SessionId, Stored>,
    invites: BTreeMap<InviteHash, SessionId>,
    attachments: BTreeMap<(SessionId, Seat), Vec<u8>>,
    minutes: BTreeMap<(SessionId, Seat, u8), Vec<u8>>,
    beside: BTreeMap<(SessionId, beside::Place), Vec<u8>>,
    connections: BTreeMap<ConnectionKey, Vec<u8>>,
    relays: BTreeMap<RelayId, Vec<u8>>,
    assignments: BTreeMap<SessionId, Vec<u8>>,
    /// Agent, delete date (epoch seconds), encoded summary. An entry's date is that of its call's.
    summaries: BTreeMap<SessionId, (AgentId, u64, Vec<u8>)>,
    entries: BTreeSet<(SearchTerm, ListPlace)>,
    search_key: Option<[u8; 32]>,
    spent: BTreeSet<Vec<u8>>,
    /// Whether each is over, and its connections.
    sign_ins: BTreeMap<SignInId, (bool, BTreeSet<ConnectionKey>)>,
    /// What closed connections were told last.
    last_words: BTreeMap<ConnectionKey, Vec<String>>,
    counters: BTreeMap<String, u32>,
    /// Until when, epoch seconds.
    tombstones: BTreeMap<SessionId, u64>,
    open: BTreeMap<ConnectionKey, Vec<String>>,
    closed: BTreeMap<ConnectionKey, u16>,
    sent: Vec<Sms>,
    refuse_sms: Option<SmsFailure>,
    faults: Faults,
    objects: objects::Objects,
    cases: Cases,
    cases_made: Arc<AtomicUsize>,
    case_keys: BTreeMap<String, String>,
    api_keys: Option<Vec<u8>>,
    /// Encoded record, bytes.
    logo: Option<(Vec<u8>, Vec<u8>)>,
    /// Delete date (epoch seconds), encoded record.
    agents: BTreeMap<AgentId, (u64, Vec<u8>)>,
    revocations: BTreeMap<AgentId, Vec<u8>>,
    audit: BTreeMap<AuditPlace, (u64, Vec<u8>)>,
    uncounted: BTreeSet<Uncounted>,
    /// Day and shard, encoded counts.
    figures: BTreeMap<(u32, u8), Vec<u8>>,
    /// Until when (epoch milliseconds), encoded record.
    claims: BTreeMap<String, (u64, Vec<u8>)>,
    ready_lines: Option<Vec<u8>>,
    webhooks: Option<Vec<u8>>,
    deliveries: BTreeMap<webhooks::Key, Vec<u8>>,
    /// What goes on after its request.
    work: Vec<cases::Work>,
}

/// Case files by their path, and how long the longest piece of each was.
type Cases = Arc<Mutex<BTreeMap<String, (Vec<u8>, usize)>>>;

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Stored {
    revision: u32,
    state: Vec<u8>,
    events: BTreeMap<u32, Vec<u8>>,
    delete_at_s: u64,
}

/// Faults from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Number of commits that clash.
    pub clashes: u32,
    /// Number of commits that fail before anything is stored.
    pub failed_commits: u32,
    /// Number of commits that are stored and whose answer is lost.
    pub lost_answers: u32,
    /// Sending a text message never returns, as if the process had been killed.
    pub hang_sms: bool,
    /// Pushes are handed over and do not arrive.
    pub lose_pushes: bool,
    /// Number of uploads that cannot be read.
    pub failed_reads: u32,
    /// Number of pictures that cannot be stored.
    pub failed_keeps: u32,
    /// The next picture is stored after so many steps of others.
    pub slow_keep_steps: u32,
    /// Number of pictures that cannot be deleted.
    pub failed_deletes: u32,
    /// Number of erasures that are cut off after the tombstone.
    pub failed_erasures: u32,
    /// Number of lines of the audit log that cannot be stored.
    pub failed_lines: u32,
    /// Number of lists of ready lines that are stored and whose answer is lost.
    pub lost_lines: u32,
    /// Number of calls that cannot be counted.
    pub failed_figures: u32,
    /// As many notes of erased sessions fail.
    pub failed_notes: u32,
    /// Number of counts that fail; another attempt may help.
    pub failed_counts: u32,
    /// Number of counts that succeed and whose answer is lost.
    pub lost_counts: u32,
    /// What goes on after its request stands still.
    pub hold_work: bool,
    /// Duration of each load, look-up, commit and count, milliseconds.
    pub slow_ms: u64,
}

impl Memory {
    /// Returns an empty world at a time, epoch milliseconds.
    #[must_use]
    pub fn at(now_ms: u64) -> Self {
        let memory = Self::default();
        memory.world().now_ms = now_ms;
        memory
    }

    /// Sets the time of day, as how far it is ahead of the clock of the deadlines.
    pub fn set_ahead(&self, ms: i64) {
        self.world().ahead_ms = ms;
    }

    /// Moves the clock.
    pub fn advance(&self, ms: u64) {
        self.world().now_ms += ms;
    }

    /// Sets the faults.
    pub fn order(&self, faults: Faults) {
        self.world().faults = faults;
    }

    /// Makes the next text messages fail, or succeed again.
    pub fn refuse_sms(&self, why: Option<SmsFailure>) {
        self.world().refuse_sms = why;
    }

    /// Opens a connection, as far as pushes are concerned.
    pub fn open(&self, connection: &ConnectionKey) {
        self.world().open.insert(connection.clone(), Vec::new());
    }

    /// Cuts a connection without telling the host.
    pub fn cut(&self, connection: &ConnectionKey) {
        self.world().open.remove(connection);
    }

    /// Returns the messages of a connection since the last call.
    pub fn heard(&self, connection: &ConnectionKey) -> Vec<String> {
        let mut world = self.world();
        let open = world.open.get_mut(connection).map(std::mem::take);
        let closed = || world.last_words.remove(connection);
        open.or_else(closed).unwrap_or_default()
    }

    /// Returns the code that a connection was closed with.
    pub fn close_code(&self, connection: &ConnectionKey) -> Option<u16> {
        self.world().closed.get(connection).copied()
    }

    /// Returns the names and values of all counters.
    pub fn counters(&self) -> Vec<(String, u32)> {
        let world = self.world();
        let named = world.counters.iter();
        named.map(|(name, count)| (name.clone(), *count)).collect()
    }

    /// Returns all text messages so far.
    pub fn sent(&self) -> Vec<Sms> {
        self.world().sent.clone()
    }

    /// Lets time pass for an operation of the store.
    async fn take_time(&self) {
        let slow_ms = self.world().faults.slow_ms;
        self.advance(slow_ms);
        step().await;
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Yields once, so that concurrent tasks of a test interleave.
async fn step() {
    let mut stepped = false;
    poll_fn(|context| {
        if std::mem::replace(&mut stepped, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl World {
    fn attached(&self, session: SessionId, seat: Seat) -> Result<Option<Attachment>, StoreError> {
        let bytes = self.attachments.get(&(session, seat));
        bytes.map(|bytes| Attachment::decode(bytes)).transpose()
    }

    fn living(&self, session: SessionId, now_ms: u64) -> Option<&Stored> {
        let stored = self.sessions.get(&session)?;
        let buried = self.tombstones.contains_key(&session);
        (now_ms / 1_000 < stored.delete_at_s && !buried).then_some(stored)
    }

    /// Returns the first counter without room.
    fn full(&self, counters: &[RateCounter]) -> Option<usize> {
        counters.iter().position(|counter| {
            !counter.has_room(self.counters.get(&counter.name).copied().unwrap_or(0))
        })
    }

    fn store(&mut self, commit: &Commit) -> Committed {
        let found = self
            .sessions
            .get(&commit.session)
            .map(|stored| stored.revision);
        if found != commit.expected || self.tombstones.contains_key(&commit.session) {
            return Committed::Clash;
        }
        let mut events = self
            .sessions
            .remove(&commit.session)
            .map(|stored| stored.events)
            .unwrap_or_default();
        for event in &commit.events {
            let before = events.insert(event.seq, event.encode());
            assert!(before.is_none(), "event {} is stored twice", event.seq);
        }
        let stored = Stored {
            revision: commit.state.revision,
            state: commit.state.encode(),
            events,
            delete_at_s: commit.delete_at_s,
        };
        self.sessions.insert(commit.session, stored);
        self.store_beside(commit.session, &commit.beside);
        if let Some(summary) = &commit.summary {
            let date_s = commit.summary_delete_at_s;
            let row = (commit.state.agent, date_s, summary.encode());
            self.summaries.insert(commit.session, row);
        }
        let place = ListPlace {
            at_ms: commit.state.began_at_ms,
            session: commit.session,
        };
        for term in &commit.entries.gone {
            self.entries.remove(&(*term, place));
        }
        let new = commit.entries.new.iter().map(|term| (*term, place));
        self.entries.extend(new);
        self.store_deliveries(&commit.deliveries);
        self.uncounted.extend(commit.uncounted);
        for invite in &commit.invites {
            self.invites.insert(*invite, commit.session);
        }
        Committed::Done
    }
}

impl Sessions for Memory {
    async fn load(&self, session: SessionId, now_ms: u64) -> Result<Option<Loaded>, StoreError> {
        self.take_time().await;
        let world = self.world();
        let Some(stored) = world.living(session, now_ms) else {
            return Ok(None);
        };
        let mut attachments = Seats::default();
        for seat in Seat::ALL {
            *attachments.get_mut(seat) = world.attached(session, seat)?;
        }
        Ok(Some(Loaded {
            state: State::decode(&stored.state)?,
            attachments,
            delete_at_s: stored.delete_at_s,
        }))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.take_time().await;
        let mut world = self.world();
        let failed = |why: &str| StoreError {
            operation: "commit",
            cause: why.to_owned(),
            retryable: true,
        };
        if let Some(left) = world.faults.clashes.checked_sub(1) {
            world.faults.clashes = left;
            return Ok(Committed::Clash);
        }
        if let Some(left) = world.faults.failed_commits.checked_sub(1) {
            world.faults.failed_commits = left;
            return Err(failed("throttled"));
        }
        let committed = world.store(&commit);
        if let Some(left) = world.faults.lost_answers.checked_sub(1) {
            world.faults.lost_answers = left;
            return Err(failed("answer lost"));
        }
        Ok(committed)
    }

    async fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let world = self.world();
        let (Some(stored), Some(first)) = (world.sessions.get(&session), after.checked_add(1))
        else {
            return Ok(Vec::new());
        };
        let events = stored.events.range(first..).take(limit);
        events.map(|(_, bytes)| Event::decode(bytes)).collect()
    }
}

impl Attachments for Memory {
    async fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> Result<Option<Attachment>, StoreError> {
        let before = self
            .world()
            .attachments
            .insert((session, seat), attachment.encode());
        before.map(|bytes| Attachment::decode(&bytes)).transpose()
    }

    async fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> Result<bool, StoreError> {
        let mut world = self.world();
        let Some(mut attachment) = world
            .attached(session, seat)?
            .filter(|attached| attached.connection == *connection)
        else {
            return Ok(false);
        };
        if closed {
            attachment.closed_at_ms.get_or_insert(heard_at_ms);
        } else {
            attachment.heard_at_ms = attachment.heard_at_ms.max(heard_at_ms);
            attachment.closed_at_ms = None;
        }
        world
            .attachments
            .insert((session, seat), attachment.encode());
        Ok(true)
    }
}

impl Relays for Memory {
    async fn put_relay(&self, record: RelayRecord) -> Result<(), StoreError> {
        self.world().relays.insert(record.relay, record.encode());
        Ok(())
    }

    async fn renew_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> Result<bool, StoreError> {
        step().await;
        let mut world = self.world();
        let found = world.relays.get(&relay);
        let found = found.map(|bytes| RelayRecord::decode(bytes)).transpose()?;
        let Some(known) = found.filter(|found| found.connection == *connection) else {
            return Ok(false);
        };
        let renewed = RelayRecord {
            rooms,
            draining,
            lease_until_ms,
            ..known
        };
        world.relays.insert(relay, renewed.encode());
        Ok(true)
    }

    async fn alive_relays(&self, now_ms: u64) -> Result<Vec<RelayRecord>, StoreError> {
        let world = self.world();
        let all = world
            .relays
            .values()
            .map(|bytes| RelayRecord::decode(bytes));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        Ok(all
            .into_iter()
            .filter(|relay| now_ms < relay.lease_until_ms)
            .collect())
    }

    async fn end_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
    ) -> Result<(), StoreError> {
        let mut world = self.world();
        let found = world
            .relays
            .get(&relay)
            .map(|bytes| RelayRecord::decode(bytes))
            .transpose()?;
        if found.is_some_and(|found| found.connection == *connection) {
            world.relays.remove(&relay);
        }
        Ok(())
    }

    async fn assigned(&self, session: SessionId) -> Result<Option<Assignment>, StoreError> {
        let world = self.world();
        let bytes = world.assignments.get(&session);
        bytes.map(|bytes| Assignment::decode(bytes)).transpose()
    }

    async fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> Result<Assignment, StoreError> {
        let mut world = self.world();
        let stands = world
            .assignments
            .get(&session)
            .map(|bytes| Assignment::decode(bytes))
            .transpose()?;
        let next = stands.map_or(0, |stands| stands.epoch).saturating_add(1);
        match stands {
            Some(stands) if assignment.epoch != next => Ok(stands),
            _ => {
                world.assignments.insert(session, assignment.encode());
                Ok(assignment)
            }
        }
    }
}

impl Push for Memory {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, StoreError> {
        let mut world = self.world();
        let lost = world.faults.lose_pushes;
        let Some(inbox) = world.open.get_mut(connection) else {
            return Ok(Said::Gone);
        };
        if !lost {
            inbox.push(message.to_owned());
        }
        Ok(Said::Handed)
    }

    async fn close(&self, connection: &ConnectionKey, code: u16) -> Result<(), StoreError> {
        let mut world = self.world();
        if let Some(last) = world.open.remove(connection) {
            world.last_words.insert(connection.clone(), last);
        }
        world.closed.insert(connection.clone(), code);
        Ok(())
    }
}

impl SmsOut for Memory {
    async fn send(&self, sms: Sms, _now_ms: u64) -> Result<(), SmsFailure> {
        let hangs = {
            let mut world = self.world();
            if let Some(why) = world.refuse_sms {
                return Err(why);
            }
            world.sent.push(sms);
            world.faults.hang_sms
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

impl Ports for Memory {
    type Store = Self;
    type Objects = Self;
    type Push = Self;
    type Sms = Self;

    fn store(&self) -> &Self {
        self
    }

    fn objects(&self) -> &Self {
        self
    }

    fn push(&self) -> &Self {
        self
    }

    fn sms(&self) -> &Self {
        self
    }

    fn now_ms(&self) -> u64 {
        self.world().now_ms
    }

    fn ahead_ms(&self) -> i64 {
        self.world().ahead_ms
    }

    /// Returns predictable bytes, because a test must be repeatable.
    fn random(&self) -> [u8; 16] {
        let mut world = self.world();
        world.chance += 1;
        let spread = |salt: u64| {
            let mixed = (world.chance ^ (salt << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
        };
        (u128::from(spread(1)) << 64 | u128::from(spread(2))).to_be_bytes()
    }

    async fn pause(&self, ms: u64) {
        self.advance(ms);
        step().await;
        self.work_on().await;
    }

    fn run_on(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.world().work.push(Box::pin(work));
    }
}
