//! The host's ports in the cloud.

use std::future::Future;
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

use crate::{Sockets, Table};

/// The ports of one function: `S` sends text messages, `O` keeps objects; [`Without`] where the
/// function's role does neither.
pub struct Cloud<S, O> {
    /// What is remembered.
    pub table: Table,
    /// Who is connected.
    pub sockets: Sockets,
    /// Text messages.
    pub sms: S,
    /// Uploads and pictures.
    pub objects: O,
}

/// A part of [`Cloud`] that a function goes without: asked all the same, it says so, as its role
/// would.
#[derive(Clone, Copy, Debug, Default)]
pub struct Without;

/// The function's clock, epoch milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the clock is read"
)]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes of the system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .expect("the system's generator works; secrets from anything else must not exist");
    bytes
}

impl<S, O> Ports for Cloud<S, O>
where
    S: SmsOut + 'static,
    O: Incoming + Pictures + 'static,
{
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

impl<S: Send + Sync, O: Send + Sync> Sessions for Cloud<S, O> {
    fn load(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<Loaded>, Trouble>> + Send {
        Sessions::load(&self.table, session, now_ms)
    }

    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, Trouble>> + Send {
        Sessions::commit(&self.table, commit)
    }

    fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Event>, Trouble>> + Send {
        Sessions::events(&self.table, session, after, limit)
    }
}

impl<S: Send + Sync, O: Send + Sync> Directory for Cloud<S, O> {
    fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<SessionId>, Trouble>> + Send {
        Directory::by_invite(&self.table, invite, now_ms)
    }

    fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<CallSummary>, Trouble>> + Send {
        Directory::by_agent(&self.table, agent, limit, now_ms)
    }
}

impl<S: Send + Sync, O: Send + Sync> Attachments for Cloud<S, O> {
    fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> impl Future<Output = Result<Option<Attachment>, Trouble>> + Send {
        Attachments::attach(&self.table, session, seat, attachment)
    }

    fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> impl Future<Output = Result<bool, Trouble>> + Send {
        Attachments::touch(&self.table, session, seat, connection, heard_at_ms, closed)
    }
}

impl<S: Send + Sync, O: Send + Sync> Connections for Cloud<S, O> {
    fn put(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        Connections::put(&self.table, connection, record)
    }

    fn find(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, Trouble>> + Send {
        Connections::find(&self.table, connection)
    }

    fn remove(
        &self,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<Option<ConnectionRecord>, Trouble>> + Send {
        Connections::remove(&self.table, connection)
    }
}

impl<S: Send + Sync, O: Send + Sync> Relays for Cloud<S, O> {
    fn put(&self, record: RelayRecord) -> impl Future<Output = Result<(), Trouble>> + Send {
        Relays::put(&self.table, record)
    }

    fn renew(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> impl Future<Output = Result<bool, Trouble>> + Send {
        Relays::renew(
            &self.table,
            relay,
            connection,
            rooms,
            draining,
            lease_until_ms,
        )
    }

    fn alive(&self, now_ms: u64) -> impl Future<Output = Result<Vec<RelayRecord>, Trouble>> + Send {
        Relays::alive(&self.table, now_ms)
    }

    fn forget(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        Relays::forget(&self.table, relay, connection)
    }

    fn assigned(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<Option<Assignment>, Trouble>> + Send {
        Relays::assigned(&self.table, session)
    }

    fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> impl Future<Output = Result<Assignment, Trouble>> + Send {
        Relays::assign(&self.table, session, assignment)
    }
}

impl<S: Send + Sync, O: Send + Sync> Once for Cloud<S, O> {
    fn spend(
        &self,
        token: &[u8],
        until_ms: u64,
    ) -> impl Future<Output = Result<bool, Trouble>> + Send {
        Once::spend(&self.table, token, until_ms)
    }
}

impl<S: Send + Sync, O: Send + Sync> Tallies for Cloud<S, O> {
    fn count(&self, tallies: &[Tally]) -> impl Future<Output = Result<Counted, Trouble>> + Send {
        Tallies::count(&self.table, tallies)
    }
}

impl<S: Send + Sync, O: Send + Sync> Push for Cloud<S, O> {
    fn say(
        &self,
        connection: &ConnectionKey,
        message: &str,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send {
        Push::say(&self.sockets, connection, message)
    }

    fn close(
        &self,
        connection: &ConnectionKey,
        code: u16,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        Push::close(&self.sockets, connection, code)
    }
}

impl<S: SmsOut, O: Send + Sync> SmsOut for Cloud<S, O> {
    fn send(&self, sms: Sms, now_ms: u64) -> impl Future<Output = Result<(), SmsFailure>> + Send {
        self.sms.send(sms, now_ms)
    }
}

impl<S: Send + Sync, O: Incoming> Incoming for Cloud<S, O> {
    fn sign_put(
        &self,
        key: &IncomingKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> impl Future<Output = Result<SignedPut, Trouble>> + Send {
        self.objects.sign_put(key, bytes, now_ms)
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

impl<S: Send + Sync, O: Pictures> Pictures for Cloud<S, O> {
    fn keep(
        &self,
        key: &PictureKey,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.keep(key, bytes)
    }

    fn sign_get(
        &self,
        key: &PictureKey,
        now_ms: u64,
        until_ms: u64,
    ) -> impl Future<Output = Result<String, Trouble>> + Send {
        self.objects.sign_get(key, now_ms, until_ms)
    }

    fn delete(&self, key: &PictureKey) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.objects.delete(key)
    }
}

impl SmsOut for Without {
    async fn send(&self, _sms: Sms, _now_ms: u64) -> Result<(), SmsFailure> {
        tracing::error!("this function sends no text messages");
        Err(SmsFailure::Trouble)
    }
}

impl Incoming for Without {
    async fn sign_put(
        &self,
        _key: &IncomingKey,
        _bytes: UploadBytes,
        _now_ms: u64,
    ) -> Result<SignedPut, Trouble> {
        Err(no_objects("sign an upload"))
    }

    async fn read(&self, _key: &IncomingKey, _bytes_max: u32) -> Result<Found, Trouble> {
        Err(no_objects("read an upload"))
    }

    async fn discard(&self, _key: &IncomingKey) -> Result<(), Trouble> {
        Err(no_objects("discard an upload"))
    }

    async fn discard_all(&self, _session: SessionId, _picture: u32) -> Result<(), Trouble> {
        Err(no_objects("discard uploads"))
    }
}

impl Pictures for Without {
    async fn keep(&self, _key: &PictureKey, _bytes: Vec<u8>) -> Result<(), Trouble> {
        Err(no_objects("keep a picture"))
    }

    async fn sign_get(
        &self,
        _key: &PictureKey,
        _now_ms: u64,
        _until_ms: u64,
    ) -> Result<String, Trouble> {
        Err(no_objects("sign a download"))
    }

    async fn delete(&self, _key: &PictureKey) -> Result<(), Trouble> {
        Err(no_objects("delete a picture"))
    }
}

/// A message on a route of another function comes to this; what it asked for is refused as trouble.
fn no_objects(what: &'static str) -> Trouble {
    tracing::error!(what, "this function has no objects");
    Trouble {
        what,
        why: "this function has no objects".to_owned(),
        again: false,
    }
}
