//! The host's ports on one machine.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sightline_host::ports::{
    Attachments, Commit, Committed, ConnectionKey, Connections, Counted, Directory, Found,
    Incoming, IncomingKey, Loaded, Once, PictureKey, Pictures, Ports, Push, Relays, Said, Sessions,
    SignedPut, Sms, SmsOut, Tallies, Tally, Trouble,
};
use sightline_host::records::{
    Assignment, Attachment, CallSummary, ConnectionRecord, InviteHash, RelayRecord,
};
use sightline_session::Event;
use sightline_wire::{AgentId, RelayId, Seat, SessionId, SmsFailure, UploadBytes};

use crate::objects::Objects;
use crate::sockets::Sockets;
use crate::store::Store;

/// The desk: a store and pictures on disk, sockets in this process, and an outbox for text
/// messages.
pub struct Desk {
    /// What is remembered.
    pub store: Store,
    /// Uploads and pictures.
    pub objects: Objects,
    /// Who is connected.
    pub sockets: Sockets,
    connections: Mutex<BTreeMap<ConnectionKey, ConnectionRecord>>,
    relays: Mutex<BTreeMap<RelayId, RelayRecord>>,
}

impl Desk {
    /// A desk on an open store, and the pictures beside it.
    #[must_use]
    pub fn new(store: Store, objects: Objects) -> Self {
        Self {
            store,
            objects,
            sockets: Sockets::default(),
            connections: Mutex::default(),
            relays: Mutex::default(),
        }
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<ConnectionKey, ConnectionRecord>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn relays(&self) -> MutexGuard<'_, BTreeMap<RelayId, RelayRecord>> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server's clock, epoch milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the clock is read"
)]
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes of the system's generator.
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .expect("the system's generator works; secrets from anything else must not exist");
    bytes
}

impl Ports for Desk {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(Duration::from_millis(ms))
    }
}

impl Sessions for Desk {
    fn load(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Loaded>, Trouble>> + Send {
        self.store.load(session, now_ms)
    }

    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, Trouble>> + Send {
        self.store.commit(commit)
    }

    fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Event>, Trouble>> + Send {
        self.store.events(session, after, limit)
    }
}

impl Directory for Desk {
    fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<SessionId>, Trouble>> + Send {
        self.store.by_invite(invite, now_ms)
    }

    fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<CallSummary>, Trouble>> + Send {
        self.store.by_agent(agent, limit, now_ms)
    }
}

impl Attachments for Desk {
    async fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> Result<Option<Attachment>, Trouble> {
        Ok(self.store.attach(session, seat, attachment))
    }

    async fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> Result<bool, Trouble> {
        Ok(self
            .store
            .touch(session, seat, connection, heard_at_ms, closed))
    }
}

impl Connections for Desk {
    async fn put(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> Result<(), Trouble> {
        self.connections().insert(connection.clone(), record);
        Ok(())
    }

    async fn find(&self, connection: &ConnectionKey) -> Result<Option<ConnectionRecord>, Trouble> {
        Ok(self.connections().get(connection).cloned())
    }

    async fn remove(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, Trouble> {
        Ok(self.connections().remove(connection))
    }
}

impl Relays for Desk {
    async fn put(&self, record: RelayRecord) -> Result<(), Trouble> {
        self.relays().insert(record.relay, record);
        Ok(())
    }

    async fn renew(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> Result<bool, Trouble> {
        let mut relays = self.relays();
        let known = relays.get_mut(&relay);
        let Some(known) = known.filter(|known| known.connection == *connection) else {
            return Ok(false);
        };
        known.rooms = rooms;
        known.draining = draining;
        known.lease_until_ms = lease_until_ms;
        Ok(true)
    }

    async fn alive(&self, now_ms: u64) -> Result<Vec<RelayRecord>, Trouble> {
        let relays = self.relays();
        let alive = relays
            .values()
            .filter(|relay| relay.lease_until_ms > now_ms);
        Ok(alive.cloned().collect())
    }

    async fn forget(&self, relay: RelayId, connection: &ConnectionKey) -> Result<(), Trouble> {
        let mut relays = self.relays();
        if relays
            .get(&relay)
            .is_some_and(|known| known.connection == *connection)
        {
            relays.remove(&relay);
        }
        Ok(())
    }

    fn assigned(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<Option<Assignment>, Trouble>> + Send {
        self.store.assigned(session)
    }

    fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> impl Future<Output = Result<Assignment, Trouble>> + Send {
        self.store.assign(session, assignment)
    }
}

impl Push for Desk {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, Trouble> {
        Ok(self.sockets.say(connection, message))
    }

    async fn close(&self, connection: &ConnectionKey, code: u16) -> Result<(), Trouble> {
        self.sockets.close(connection, code);
        Ok(())
    }
}

impl SmsOut for Desk {
    async fn send(&self, sms: Sms, now_ms: u64) -> Result<(), SmsFailure> {
        self.store.send(sms, now_ms).await.map_err(|trouble| {
            tracing::error!(error = %trouble, "message did not reach the outbox");
            SmsFailure::Trouble
        })
    }
}

impl Once for Desk {
    fn spend(
        &self,
        token: &[u8],
        until_ms: u64,
    ) -> impl Future<Output = Result<bool, Trouble>> + Send {
        self.store.spend(token, until_ms)
    }
}

impl Tallies for Desk {
    fn count(&self, tallies: &[Tally]) -> impl Future<Output = Result<Counted, Trouble>> + Send {
        self.store.count(tallies)
    }
}

impl Incoming for Desk {
    async fn sign_put(
        &self,
        key: &IncomingKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> Result<SignedPut, Trouble> {
        Ok(self.objects.signer.sign_put(key, bytes, now_ms))
    }

    fn read(
        &self,
        key: &IncomingKey,
        bytes_max: u32,
    ) -> impl Future<Output = Result<Found, Trouble>> + Send {
        self.objects.read(key, bytes_max)
    }

    fn discard(&self, key: &IncomingKey) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.discard(key)
    }

    fn discard_all(
        &self,
        session: SessionId,
        picture: u32,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.discard_all(session, picture)
    }
}

impl Pictures for Desk {
    fn keep(
        &self,
        key: &PictureKey,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.keep(key, bytes)
    }

    async fn sign_get(
        &self,
        key: &PictureKey,
        _now_ms: u64,
        until_ms: u64,
    ) -> Result<String, Trouble> {
        Ok(self.objects.signer.sign_get(key, until_ms))
    }

    fn delete(&self, key: &PictureKey) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.delete(key)
    }
}
