//! Case files in memory, and work that outlives its request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::objects::fail;
use super::{Cases, Memory, locked, step};
use crate::ports::{CaseFiles, CaseKeys, CaseWriting, Found, KeptFile, PictureKey, StoreError};

/// Work that goes on after its request. A test runs it when it pauses.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A case file that is being written. Its pieces become readable together.
#[derive(Debug)]
pub struct MemoryWriting {
    path: String,
    bytes: Vec<u8>,
    longest: usize,
    cases: Cases,
    made: Arc<AtomicUsize>,
}

impl Memory {
    /// Returns how often a case file was made, and the longest piece of all.
    pub fn cases_made(&self) -> (usize, usize) {
        let world = self.world();
        let cases = locked(&world.cases);
        let longest = cases.values().map(|(_, longest)| *longest).max();
        let made = world.cases_made.load(Ordering::Relaxed);
        (made, longest.unwrap_or_default())
    }

    /// Runs what goes on after its request.
    pub(super) async fn work_on(&self) {
        let mut works = Vec::new();
        {
            let mut world = self.world();
            if !world.faults.hold_work {
                works.append(&mut world.work);
            }
        }
        for work in works {
            work.await;
        }
    }
}

impl CaseFiles for Memory {
    type Writing = MemoryWriting;

    async fn picture(&self, key: &PictureKey, bytes_max: u32) -> Result<Found, StoreError> {
        step().await;
        let mut world = self.world();
        fail(&mut world.faults.failed_reads, "read a picture")?;
        Ok(match world.objects.stored(&key.path()) {
            None => Found::Nothing,
            Some(bytes) if bytes.len() > bytes_max as usize => Found::TooLong,
            Some(bytes) => Found::Bytes(bytes),
        })
    }

    async fn has_case(&self, key: &KeptFile) -> Result<bool, StoreError> {
        step().await;
        Ok(locked(&self.world().cases).contains_key(&key.path()))
    }

    async fn begin_case(&self, key: &KeptFile) -> Result<MemoryWriting, StoreError> {
        step().await;
        let world = self.world();
        Ok(MemoryWriting {
            path: key.path(),
            bytes: Vec::new(),
            longest: 0,
            cases: world.cases.clone(),
            made: world.cases_made.clone(),
        })
    }

    async fn forget_case(&self, key: &KeptFile) -> Result<(), StoreError> {
        step().await;
        locked(&self.world().cases).remove(&key.path());
        Ok(())
    }

    async fn sign_case(
        &self,
        key: &KeptFile,
        _now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        step().await;
        Ok(self.sign_get_of(key.path(), until_ms))
    }
}

impl CaseWriting for MemoryWriting {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), StoreError> {
        step().await;
        self.longest = self.longest.max(bytes.len());
        self.bytes.extend(bytes);
        Ok(())
    }

    async fn finish(self) -> Result<(), StoreError> {
        step().await;
        self.made.fetch_add(1, Ordering::Relaxed);
        locked(&self.cases).insert(self.path, (self.bytes, self.longest));
        Ok(())
    }
}

impl CaseKeys for Memory {
    async fn note_case_key(&self, thumbprint: &str, jwk: &str) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        let keys = &mut world.case_keys;
        keys.entry(thumbprint.to_owned())
            .or_insert_with(|| jwk.to_owned());
        Ok(())
    }

    async fn case_keys(&self) -> Result<Vec<String>, StoreError> {
        step().await;
        Ok(self.world().case_keys.values().cloned().collect())
    }
}
