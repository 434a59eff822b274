//! The ids of erased calls: empty objects below `erased/`. They stand outside the table, so that a
//! table that was restored to an earlier point hears of them; a lifecycle rule removes them when no
//! backup of the table is as old as they are.

use sightline_host::ports::StoreError;
use sightline_wire::SessionId;

use super::{S3Bucket, s3_error};

const FOLDER: &str = "erased/";

/// One page of the erased calls.
#[derive(Debug, PartialEq, Eq)]
pub struct ErasedPage {
    /// Their ids, in the order of their names.
    pub sessions: Vec<SessionId>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

impl S3Bucket {
    /// Stores the id of an erased call. A repeated call keeps it for longer.
    pub(super) async fn put_erased(&self, session: SessionId) -> Result<(), StoreError> {
        let key = format!("{FOLDER}{session}");
        let request = self.client.put_object().bucket(&self.name).key(key);
        let done = request.send().await;
        done.map(drop)
            .map_err(|error| s3_error("note an erased call", &error))
    }

    /// Returns a page of the calls that were erased. Objects whose names are no ids are left out.
    ///
    /// # Errors
    /// When the bucket cannot be listed.
    pub async fn erased(&self, after: Option<String>) -> Result<ErasedPage, StoreError> {
        let page = self.page("list erased calls", FOLDER, after).await?;
        let ids = page.objects.iter().filter_map(|object| {
            let name = object.key.strip_prefix(FOLDER)?;
            name.parse().ok()
        });
        Ok(ErasedPage {
            sessions: ids.collect(),
            next: page.next,
        })
    }
}
