//! The host's ports in the cloud.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sightline_host::ports::{
    CaseFiles, CaseWriting, Found, KeptFile, PictureKey, PictureStore, Ports, SignedPut, Sms,
    SmsOut, StoreError, UploadKey, Uploads,
};
use sightline_wire::{Object, SessionId, SmsFailure, UploadBytes};

use crate::{ApiGatewayPush, Table};

/// The ports of one function: `S` sends text messages, `O` keeps objects; [`Without`] where the
/// function's role does neither.
pub struct Cloud<S, O> {
    /// What is remembered.
    pub table: Table,
    /// Who is connected.
    pub sockets: ApiGatewayPush,
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
    O: Uploads + PictureStore + CaseFiles + 'static,
{
    type Store = Table;
    type Objects = O;
    type Push = ApiGatewayPush;
    type Sms = S;

    fn store(&self) -> &Table {
        &self.table
    }

    fn objects(&self) -> &O {
        &self.objects
    }

    fn push(&self) -> &ApiGatewayPush {
        &self.sockets
    }

    fn sms(&self) -> &S {
        &self.sms
    }

    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    /// Lambda stops a process when it has answered. What is left goes on with the next request that
    /// it gets.
    fn run_on(&self, work: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(work);
    }

    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(Duration::from_millis(ms))
    }
}

impl SmsOut for Without {
    async fn send(&self, _sms: Sms, _now_ms: u64) -> Result<(), SmsFailure> {
        tracing::error!("this function sends no text messages");
        Err(SmsFailure::Trouble)
    }
}

impl Uploads for Without {
    async fn sign_put(
        &self,
        _key: &UploadKey,
        _bytes: UploadBytes,
        _now_ms: u64,
    ) -> Result<SignedPut, StoreError> {
        Err(no_objects("sign an upload"))
    }

    async fn read(&self, _key: &UploadKey, _bytes_max: u32) -> Result<Found, StoreError> {
        Err(no_objects("read an upload"))
    }

    async fn discard(&self, _key: &UploadKey) -> Result<(), StoreError> {
        Err(no_objects("discard an upload"))
    }

    async fn discard_all(&self, _session: SessionId, _picture: u32) -> Result<(), StoreError> {
        Err(no_objects("discard uploads"))
    }
}

impl PictureStore for Without {
    async fn keep(&self, _key: &PictureKey, _bytes: Vec<u8>) -> Result<(), StoreError> {
        Err(no_objects("keep a picture"))
    }

    async fn sign_get(
        &self,
        _key: &PictureKey,
        _now_ms: u64,
        _until_ms: u64,
    ) -> Result<String, StoreError> {
        Err(no_objects("sign a download"))
    }

    async fn delete(&self, _key: &PictureKey) -> Result<(), StoreError> {
        Err(no_objects("delete a picture"))
    }

    async fn note_erased(&self, _session: SessionId) -> Result<(), StoreError> {
        Err(no_objects("note an erased call"))
    }

    async fn erase_all(&self, _session: SessionId) -> Result<(), StoreError> {
        Err(no_objects("erase pictures"))
    }

    async fn delete_others(
        &self,
        _session: SessionId,
        _object: Object,
        _stands: Option<&PictureKey>,
    ) -> Result<(), StoreError> {
        Err(no_objects("delete pictures"))
    }
}

impl CaseFiles for Without {
    type Writing = Self;

    async fn picture(&self, _key: &PictureKey, _bytes_max: u32) -> Result<Found, StoreError> {
        Err(no_objects("read a picture"))
    }

    async fn has_case(&self, _key: &KeptFile) -> Result<bool, StoreError> {
        Err(no_objects("find a case file"))
    }

    async fn begin_case(&self, _key: &KeptFile) -> Result<Self, StoreError> {
        Err(no_objects("begin a case file"))
    }

    async fn forget_case(&self, _key: &KeptFile) -> Result<(), StoreError> {
        Err(no_objects("remove a case file"))
    }

    async fn sign_case(
        &self,
        _key: &KeptFile,
        _now_ms: u64,
        _until_ms: u64,
    ) -> Result<String, StoreError> {
        Err(no_objects("sign a link"))
    }
}

impl CaseWriting for Without {
    async fn write(&mut self, _bytes: Vec<u8>) -> Result<(), StoreError> {
        Err(no_objects("write a case file"))
    }

    async fn finish(self) -> Result<(), StoreError> {
        Err(no_objects("finish a case file"))
    }
}

/// A message on a route of another function comes to this; what it asked for is refused as trouble.
fn no_objects(what: &'static str) -> StoreError {
    tracing::error!(what, "this function has no objects");
    StoreError {
        operation: what,
        cause: "this function has no objects".to_owned(),
        retryable: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_unguessable() {
        sightline_host::contract::chance(random);
    }
}
