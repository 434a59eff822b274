//! Pictures, their uploads and case files, in one S3 bucket.
//!
//! A role that uses it needs `s3:GetObject`, `s3:PutObject` and `s3:DeleteObject` below `incoming/`
//! and `pictures/`, the one that makes case files below `cases/`, and `s3:ListBucket`: without the
//! latter, S3 answers 403 for a missing object instead of 404 (Amazon S3 API Reference,
//! "GetObject"). Only the role that erases calls needs `s3:PutObject` below `erased/`.

mod cases;
mod erased;
mod pictures;
mod sweep;
mod uploads;

pub use cases::CaseUpload;
pub use erased::ErasedPage;
pub use sweep::Swept;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sightline_host::ports::StoreError;

use crate::store_error;

/// The ports for uploads and pictures, on one bucket.
pub struct S3Bucket {
    client: aws_sdk_s3::Client,
    name: String,
}

impl S3Bucket {
    /// Uses the bucket of this name.
    #[must_use]
    pub const fn new(client: aws_sdk_s3::Client, name: String) -> Self {
        Self { client, name }
    }

    /// Removes one object; S3 answers the same whether it existed or not.
    async fn remove(&self, what: &'static str, key: &str) -> Result<(), StoreError> {
        let request = self.client.delete_object().bucket(&self.name).key(key);
        let done = request.send().await;
        done.map(drop).map_err(|error| s3_error(what, &error))
    }

    /// Removes all objects below a prefix, except one, several at a time.
    async fn remove_all(
        &self,
        what: &'static str,
        prefix: &str,
        except: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let mut page = self.page(what, prefix, after).await?;
            page.objects
                .retain(|object| Some(object.key.as_str()) != except);
            stream::iter(page.objects)
                .map(async |object: Listed| self.remove(what, &object.key).await)
                .buffer_unordered(AT_A_TIME)
                .try_collect::<()>()
                .await?;
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Returns one page of the objects below a prefix, in the order of their keys, and the token of
    /// the next page.
    async fn page(
        &self,
        what: &'static str,
        prefix: &str,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let request = self.client.list_objects_v2().bucket(&self.name);
        let request = request.prefix(prefix).max_keys(PAGE);
        let listed = request.set_continuation_token(after).send().await;
        let listed = listed.map_err(|error| s3_error(what, &error))?;
        let objects = listed.contents().iter().filter_map(|object| {
            let written = object.last_modified()?.to_millis().ok()?;
            Some(Listed {
                key: object.key()?.to_owned(),
                written_ms: u64::try_from(written).unwrap_or(0),
            })
        });
        Ok(Page {
            objects: objects.collect(),
            next: listed.next_continuation_token().map(str::to_owned),
        })
    }
}

/// Objects that are removed at a time.
const AT_A_TIME: usize = 8;

/// Keys in one page. Each page is processed before the next is requested, so that memory does not
/// grow with the bucket.
const PAGE: i32 = 200;

struct Page {
    objects: Vec<Listed>,
    next: Option<String>,
}

/// An object in a listing.
struct Listed {
    key: String,
    written_ms: u64,
}

/// Makes the validity of a signature from two dates, epoch milliseconds. A signature counts whole
/// seconds, so it begins up to a second earlier and never ends later.
fn validity(
    what: &'static str,
    from_ms: u64,
    until_ms: u64,
) -> Result<PresigningConfig, StoreError> {
    // A date in the past gives a signature that has just expired: the shortest validity is one
    // second.
    let from_s = (from_ms / 1_000).min((until_ms / 1_000).saturating_sub(1));
    let life_s = (until_ms / 1_000).saturating_sub(from_s).clamp(1, LIFE_S);
    let start = UNIX_EPOCH.checked_add(Duration::from_secs(from_s));
    PresigningConfig::builder()
        .start_time(start.unwrap_or(SystemTime::UNIX_EPOCH))
        .expires_in(Duration::from_secs(life_s))
        .build()
        .map_err(|_| StoreError {
            operation: what,
            cause: "invalid dates".to_owned(),
            retryable: false,
        })
}

/// Longest validity of a signed request (Amazon S3 User Guide, "Download and upload objects with
/// presigned URLs").
const LIFE_S: u64 = 7 * 24 * 60 * 60;

/// Converts an error like [`store_error::of`]. S3 has many names for its own failures, which all
/// have a status of 500 or above.
fn s3_error<E>(what: &'static str, error: &SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata,
{
    let failed = error.raw_response();
    let failed = failed.is_some_and(|answer| answer.status().is_server_error());
    let mut error = store_error::of(what, error);
    error.retryable |= failed;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_never_outlives_its_date() {
        for (from_ms, until_ms, begins_s, lives_s) in [
            (1_000_000, 1_060_000, 1_000, 60),
            (1_000_999, 1_060_999, 1_000, 60),
            (1_000_999, 1_002_000, 1_000, 2),
            (1_000_000, 1_000_999, 999, 1),
            (1_000_000, 1_000_000, 999, 1),
            (1_000_000, 900_000, 899, 1),
            (1_000_000, 1_000_000 + 10 * LIFE_S * 1_000, 1_000, LIFE_S),
            (0, 0, 0, 1),
        ] {
            let made = validity("sign", from_ms, until_ms).expect("valid dates");
            let begins = made.start_time().duration_since(UNIX_EPOCH);
            let begins = begins.expect("after the epoch");
            assert_eq!(begins.as_secs(), begins_s, "{from_ms} {until_ms}");
            assert_eq!(made.expires().as_secs(), lives_s, "{from_ms} {until_ms}");
        }
    }
}
