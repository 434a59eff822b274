//! Removes abandoned uploads, and pictures that no session refers to. The bucket's lifecycle rules
//! remove after some days what the sweep does not find.

use std::collections::BTreeSet;

use sightline_host::ports::{PictureKey, StoreError};
use sightline_wire::SessionId;

use super::{Listed, S3Bucket};

/// Longest life of an upload: it may begin within two minutes and last five, and then the page
/// reports it within moments.
pub const INCOMING_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may belong to a commit in progress.
pub const KEPT_MS: u64 = 10 * 60 * 1_000;

/// Most objects that one sweep removes; the next sweep continues.
pub const SWEPT_MAX: usize = 1_000;

/// The result of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects that were removed.
    pub gone: usize,
    /// Objects that could not be removed, each for a reason of its own that a retry does not fix.
    pub failed: usize,
    /// The first error among these.
    pub error: Option<StoreError>,
}

impl Swept {
    /// Adds the result of another sweep.
    pub fn add(&mut self, other: Self) {
        self.gone += other.gone;
        self.failed += other.failed;
        self.error = self.error.take().or(other.error);
    }
}

impl S3Bucket {
    /// Removes uploads that are too old, at most [`SWEPT_MAX`], and stops when time is up.
    ///
    /// # Errors
    /// When the bucket cannot be listed, or at the first retryable error, which ends the sweep.
    pub async fn sweep_incoming(
        &self,
        now_ms: u64,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let old = |object: &Listed| older(object, INCOMING_MS, now_ms);
        self.sweep("sweep uploads", "incoming/", old, in_time).await
    }

    /// Removes the pictures of a session other than `standing`, unless they are so young that their
    /// commit may be in progress; at most [`SWEPT_MAX`], and stops when time is up.
    ///
    /// # Errors
    /// As [`S3Bucket::sweep_incoming`].
    pub async fn sweep_pictures(
        &self,
        session: SessionId,
        standing: Vec<PictureKey>,
        now_ms: u64,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let standing: BTreeSet<String> = standing.iter().map(PictureKey::path).collect();
        let unknown =
            |object: &Listed| older(object, KEPT_MS, now_ms) && !standing.contains(&object.key);
        let prefix = format!("pictures/{session}/");
        self.sweep("sweep a session's pictures", &prefix, unknown, in_time)
            .await
    }

    async fn sweep(
        &self,
        what: &'static str,
        prefix: &str,
        goes: impl Fn(&Listed) -> bool,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let (mut swept, mut after) = (Swept::default(), None);
        while in_time() {
            let page = self.page(what, prefix, after).await?;
            for object in page.objects.iter().filter(|object| goes(object)) {
                if swept.gone + swept.failed == SWEPT_MAX || !in_time() {
                    return Ok(swept);
                }
                match self.remove(what, &object.key).await {
                    Ok(()) => swept.gone += 1,
                    // The next object would fail for the same reason.
                    Err(error) if error.retryable => return Err(error),
                    Err(error) => swept.add(Swept {
                        failed: 1,
                        error: Some(error),
                        ..Swept::default()
                    }),
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(swept)
    }
}

const fn older(object: &Listed, age_ms: u64, now_ms: u64) -> bool {
    object.written_ms.saturating_add(age_ms) <= now_ms
}
