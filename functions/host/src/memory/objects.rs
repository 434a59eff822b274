//! Uploads and pictures in memory, and the door through which a browser would reach them.
//!
//! A signed request is a line in a ledger: its address with a number that was given out once. What
//! is not in the ledger, letter by letter, was not signed here. (The letter after the number keeps
//! an altered last character from naming the next one.)

use std::collections::{BTreeMap, BTreeSet};

use sightline_wire::{Object, SessionId, UPLOAD_S, UPLOAD_TYPE, UploadBytes};

use super::{Memory, locked, step};
use crate::contract::{Got, ObjectsDoor};
use crate::ports::{
    Found, KeptFile, PictureKey, PictureStore, SignedPut, StoreError, UploadKey, Uploads,
};

/// Everything under keys, and every request that was signed.
#[derive(Default)]
pub(super) struct Objects {
    stored: BTreeMap<String, Vec<u8>>,
    signed: BTreeMap<String, Terms>,
    /// What is noted of erased sessions.
    erased: BTreeSet<SessionId>,
}

impl Objects {
    /// What is stored under a key.
    pub(super) fn stored(&self, key: &str) -> Option<Vec<u8>> {
        self.stored.get(key).cloned()
    }
}

/// What was signed.
#[derive(Clone)]
struct Terms {
    key: String,
    /// The length of an upload; none for a download.
    put: Option<usize>,
    until_ms: u64,
}

impl Memory {
    /// A browser's `PUT`: the status it gets.
    pub fn put_object(&self, url: &str, headers: &[(String, String)], body: Vec<u8>) -> u16 {
        let mut world = self.world();
        let now_ms = world.now_ms;
        let Some(terms) = world.objects.signed.get(url).cloned() else {
            return 403;
        };
        let as_signed = signed_headers()
            .iter()
            .all(|wanted| headers.contains(wanted));
        if terms.put != Some(body.len()) || now_ms >= terms.until_ms || !as_signed {
            return 403;
        }
        if world.objects.stored.contains_key(&terms.key) {
            return 412;
        }
        world.objects.stored.insert(terms.key, body);
        200
    }

    /// A browser's `GET`.
    pub fn get_object(&self, url: &str) -> Got {
        let world = self.world();
        let signed = world.objects.signed.get(url);
        let Some(terms) = signed.filter(|terms| terms.put.is_none()) else {
            return Got::bare(403);
        };
        if world.now_ms >= terms.until_ms {
            return Got::bare(403);
        }
        let case = locked(&world.cases);
        let case = case.get(&terms.key).map(|(bytes, _)| bytes.clone());
        let Some(body) = case.or_else(|| world.objects.stored.get(&terms.key).cloned()) else {
            return Got::bare(404);
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Got {
            status: 200,
            headers: vec![
                header("content-type", UPLOAD_TYPE),
                header("x-content-type-options", "nosniff"),
            ],
            body,
        }
    }

    /// The keys of all that is stored, uploads and pictures, in order.
    pub fn object_keys(&self) -> Vec<String> {
        let world = self.world();
        let cases = locked(&world.cases);
        let all = cases.keys().chain(world.objects.stored.keys());
        all.cloned().collect()
    }

    /// The sessions that were noted as erased, in order.
    pub fn noted_erased(&self) -> Vec<SessionId> {
        self.world().objects.erased.iter().copied().collect()
    }

    /// What is stored under a key.
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.world().objects.stored.get(key).cloned()
    }

    pub(super) fn sign_get_of(&self, key: String, until_ms: u64) -> String {
        let put = None;
        self.sign(Terms { key, put, until_ms })
    }

    /// Signs a request for an address that nobody can guess, as far as a test goes.
    fn sign(&self, terms: Terms) -> String {
        let mut world = self.world();
        let number = world.objects.signed.len();
        let url = format!(
            "/objects/{}?until={}&ticket={number}x",
            terms.key, terms.until_ms
        );
        world.objects.signed.insert(url.clone(), terms);
        url
    }
}

impl ObjectsDoor for &Memory {
    async fn put(&self, url: &str, headers: &[(String, String)], body: Vec<u8>) -> u16 {
        step().await;
        self.put_object(url, headers, body)
    }

    async fn get(&self, url: &str) -> Got {
        step().await;
        self.get_object(url)
    }
}

fn signed_headers() -> [(String, String); 2] {
    [("content-type", UPLOAD_TYPE), ("if-none-match", "*")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

impl Uploads for Memory {
    async fn sign_put(
        &self,
        key: &UploadKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> Result<SignedPut, StoreError> {
        step().await;
        let url = self.sign(Terms {
            key: key.path(),
            put: Some(bytes.get() as usize),
            until_ms: now_ms + u64::from(UPLOAD_S) * 1_000,
        });
        let headers = signed_headers().into();
        Ok(SignedPut { url, headers })
    }

    async fn read(&self, key: &UploadKey, bytes_max: u32) -> Result<Found, StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_reads, "read an upload")?;
        Ok(match world.objects.stored.get(&key.path()) {
            None => Found::Nothing,
            Some(bytes) if bytes.len() > bytes_max as usize => Found::TooLong,
            Some(bytes) => Found::Bytes(bytes.clone()),
        })
    }

    async fn discard(&self, key: &UploadKey) -> Result<(), StoreError> {
        step().await;
        self.world().objects.stored.remove(&key.path());
        Ok(())
    }

    async fn discard_all(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        step().await;
        let prefix = UploadKey::prefix(session, picture);
        let mut world = self.world();
        let stored = &mut world.objects.stored;
        stored.retain(|key, _| !key.starts_with(&prefix));
        Ok(())
    }
}

impl PictureStore for Memory {
    async fn keep(&self, key: &PictureKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        step().await;
        let steps = std::mem::take(&mut self.world().faults.slow_keep_steps);
        for _ in 0..steps {
            step().await;
        }
        let mut world = self.world();
        fail(&mut world.faults.failed_keeps, "keep a picture")?;
        world.objects.stored.insert(key.path(), bytes);
        Ok(())
    }

    async fn sign_get(
        &self,
        key: &PictureKey,
        _now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        step().await;
        Ok(self.sign(Terms {
            key: key.path(),
            put: None,
            until_ms,
        }))
    }

    async fn delete(&self, key: &PictureKey) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_deletes, "delete a picture")?;
        world.objects.stored.remove(&key.path());
        Ok(())
    }

    async fn note_erased(&self, session: SessionId) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_notes, "note an erased call")?;
        world.objects.erased.insert(session);
        Ok(())
    }

    async fn erase_all(&self, session: SessionId) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_deletes, "erase pictures")?;
        let of = [
            format!("incoming/{session}/"),
            format!("pictures/{session}/"),
        ];
        let session = session.to_string();
        let files = [session.as_str(), KeptFile::EXPORTS].map(|of| format!("cases/{of}/"));
        locked(&world.cases).retain(|key, _| !files.iter().any(|of| key.starts_with(of)));
        let stored = &mut world.objects.stored;
        stored.retain(|key, _| !of.iter().any(|prefix| key.starts_with(prefix)));
        Ok(())
    }

    async fn delete_others(
        &self,
        session: SessionId,
        object: Object,
        stands: Option<&PictureKey>,
    ) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_deletes, "delete pictures")?;
        let prefix = PictureKey::prefix(session, object);
        let stands = stands.map(PictureKey::path);
        let stored = &mut world.objects.stored;
        stored.retain(|key, _| !key.starts_with(&prefix) || Some(key) == stands.as_ref());
        Ok(())
    }
}

/// Fails as often as it was ordered.
pub(super) fn fail(left: &mut u32, what: &'static str) -> Result<(), StoreError> {
    if *left == 0 {
        return Ok(());
    }
    *left -= 1;
    Err(StoreError {
        operation: what,
        cause: "ordered by a test".to_owned(),
        retryable: true,
    })
}
