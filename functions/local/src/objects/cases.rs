//! Case files: written as drafts, and seen when they are whole.

use std::io;
use std::sync::Arc;

use sightline_host::ports::{CaseFiles, CaseWriting, Found, KeptFile, PictureKey, StoreError};

use super::Objects;
use super::files::{Draft, Files};

/// A case file that is being written.
pub struct CaseDraft {
    files: Arc<Files>,
    path: String,
    draft: Option<Draft>,
}

impl CaseDraft {
    /// Works on the draft in a thread that may wait for the disk. A draft that failed is gone.
    async fn work(
        &mut self,
        work: impl FnOnce(&Files, Draft) -> io::Result<Option<Draft>> + Send + 'static,
    ) -> Result<(), StoreError> {
        let draft = self.draft.take();
        let files = self.files.clone();
        let done = tokio::task::spawn_blocking(move || {
            let draft = draft.ok_or_else(|| io::Error::other("writing has failed before"))?;
            work(&files, draft)
        });
        let done = done.await;
        let done = done.unwrap_or_else(|error| Err(io::Error::other(error)));
        self.draft = done.map_err(|error| StoreError {
            operation: "write a case file",
            cause: error.to_string(),
            retryable: true,
        })?;
        Ok(())
    }
}

impl CaseWriting for CaseDraft {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.work(move |_, mut draft| {
            draft.write(&bytes)?;
            Ok(Some(draft))
        })
        .await
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        let path = self.path.clone();
        self.work(move |files, draft| {
            files.in_place()?;
            files.replace(draft, &path)?;
            Ok(None)
        })
        .await
    }
}

impl CaseFiles for Objects {
    type Writing = CaseDraft;

    async fn picture(&self, key: &PictureKey, bytes_max: u32) -> Result<Found, StoreError> {
        let path = key.path();
        self.work("read a picture", move |files| files.read(&path, bytes_max))
            .await
    }

    async fn has_case(&self, key: &KeptFile) -> Result<bool, StoreError> {
        let path = key.path();
        self.work("find a case file", move |files| files.has(&path))
            .await
    }

    async fn begin_case(&self, key: &KeptFile) -> Result<CaseDraft, StoreError> {
        let draft = self
            .work("begin a case file", |files| files.draft())
            .await?;
        Ok(CaseDraft {
            files: self.files.clone(),
            path: key.path(),
            draft: Some(draft),
        })
    }

    async fn forget_case(&self, key: &KeptFile) -> Result<(), StoreError> {
        let path = key.path();
        self.work("remove a case file", move |files| files.remove(&path))
            .await
    }

    async fn sign_case(
        &self,
        key: &KeptFile,
        _now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        Ok(self.signer.sign_case(key, until_ms))
    }
}
