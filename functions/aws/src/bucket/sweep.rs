//! Takes away uploads that nobody came back for, and pictures that no session tells of. What a sweep never hears of goes by
//! the bucket's lifecycle rules, in days.

use std::collections::BTreeSet;

use sightline_host::ports::{PictureKey, Trouble};
use sightline_wire::SessionId;

use super::{Bucket, Lying};

/// An upload waits this long at most: two minutes for its beginning, five for its bytes, and then a page says within moments
/// that it is there.
pub const INCOMING_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may be of a commit that is under way.
pub const KEPT_MS: u64 = 10 * 60 * 1_000;

/// Most that one sweep takes away; the next goes on from there.
pub const SWEPT_MAX: usize = 1_000;

impl Bucket {
    /// Takes away uploads that are too old, at most [`SWEPT_MAX`]. Returns how many.
    ///
    /// # Errors
    /// When the bucket cannot be listed; one object's trouble is its own.
    pub async fn sweep_incoming(&self, now_ms: u64) -> Result<usize, Trouble> {
        let old = |lying: &Lying| older(lying, INCOMING_MS, now_ms);
        self.sweep("sweep uploads", "incoming/", old).await
    }

    /// Takes away the pictures of a session other than these, unless they are so young that their commit may be under way;
    /// at most [`SWEPT_MAX`]. Returns how many.
    ///
    /// # Errors
    /// When the bucket cannot be listed; one object's trouble is its own.
    pub async fn sweep_pictures(
        &self,
        session: SessionId,
        standing: Vec<PictureKey>,
        now_ms: u64,
    ) -> Result<usize, Trouble> {
        let standing: BTreeSet<String> = standing.iter().map(PictureKey::path).collect();
        let unknown =
            |lying: &Lying| older(lying, KEPT_MS, now_ms) && !standing.contains(&lying.key);
        let prefix = format!("pictures/{session}/");
        self.sweep("sweep a session's pictures", &prefix, unknown)
            .await
    }

    async fn sweep(
        &self,
        what: &'static str,
        prefix: &str,
        goes: impl Fn(&Lying) -> bool,
    ) -> Result<usize, Trouble> {
        let (mut gone, mut tried, mut after) = (0, 0, None);
        loop {
            let page = self.page(what, prefix, after).await?;
            for lying in page.lying.iter().filter(|lying| goes(lying)) {
                if tried == SWEPT_MAX {
                    return Ok(gone);
                }
                tried += 1;
                match self.take_away(what, &lying.key).await {
                    Ok(()) => gone += 1,
                    Err(trouble) => complain(lying, &trouble),
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(gone);
            }
        }
    }
}

const fn older(lying: &Lying, age_ms: u64, now_ms: u64) -> bool {
    lying.written_ms.saturating_add(age_ms) <= now_ms
}

fn complain(lying: &Lying, trouble: &Trouble) {
    let session = lying.key.split('/').nth(1);
    tracing::error!(session.id = session, error = %trouble, "an object cannot be removed");
}
