//! Takes away uploads that nobody came back for, and pictures that no session tells of. What a
//! sweep never hears of goes by the bucket's lifecycle rules, in days.

use std::collections::BTreeSet;

use sightline_host::ports::{PictureKey, StoreError};
use sightline_wire::SessionId;

use super::{Bucket, Lying};

/// An upload waits this long at most: two minutes for its beginning, five for its bytes, and then a
/// page says within moments that it is there.
pub const INCOMING_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may be of a commit that is under way.
pub const KEPT_MS: u64 = 10 * 60 * 1_000;

/// Most that one sweep takes away; the next goes on from there.
pub const SWEPT_MAX: usize = 1_000;

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects that were taken away.
    pub gone: usize,
    /// Objects that could not be: a trouble of their own, which another try does not mend.
    pub failed: usize,
    /// The first trouble among these.
    pub trouble: Option<StoreError>,
}

impl Swept {
    /// Adds what another sweep did.
    pub fn add(&mut self, other: Self) {
        self.gone += other.gone;
        self.failed += other.failed;
        self.trouble = self.trouble.take().or(other.trouble);
    }
}

impl Bucket {
    /// Takes away uploads that are too old, at most [`SWEPT_MAX`], and no further one once it is
    /// not `in_time`.
    ///
    /// # Errors
    /// Trouble that may have passed by the next sweep, which ends this one; and when the bucket
    /// cannot be listed.
    pub async fn sweep_incoming(
        &self,
        now_ms: u64,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let old = |lying: &Lying| older(lying, INCOMING_MS, now_ms);
        self.sweep("sweep uploads", "incoming/", old, in_time).await
    }

    /// Takes away the pictures of a session other than these, unless they are so young that their
    /// commit may be under way; at most [`SWEPT_MAX`], and no further one once it is not `in_time`.
    ///
    /// # Errors
    /// As [`Bucket::sweep_incoming`].
    pub async fn sweep_pictures(
        &self,
        session: SessionId,
        standing: Vec<PictureKey>,
        now_ms: u64,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let standing: BTreeSet<String> = standing.iter().map(PictureKey::path).collect();
        let unknown =
            |lying: &Lying| older(lying, KEPT_MS, now_ms) && !standing.contains(&lying.key);
        let prefix = format!("pictures/{session}/");
        self.sweep("sweep a session's pictures", &prefix, unknown, in_time)
            .await
    }

    async fn sweep(
        &self,
        what: &'static str,
        prefix: &str,
        goes: impl Fn(&Lying) -> bool,
        in_time: impl Fn() -> bool,
    ) -> Result<Swept, StoreError> {
        let (mut swept, mut after) = (Swept::default(), None);
        while in_time() {
            let page = self.page(what, prefix, after).await?;
            for lying in page.lying.iter().filter(|lying| goes(lying)) {
                if swept.gone + swept.failed == SWEPT_MAX || !in_time() {
                    return Ok(swept);
                }
                match self.take_away(what, &lying.key).await {
                    Ok(()) => swept.gone += 1,
                    // The next object would wait for the same.
                    Err(trouble) if trouble.retryable => return Err(trouble),
                    Err(trouble) => swept.add(Swept {
                        failed: 1,
                        trouble: Some(trouble),
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

const fn older(lying: &Lying, age_ms: u64, now_ms: u64) -> bool {
    lying.written_ms.saturating_add(age_ms) <= now_ms
}
