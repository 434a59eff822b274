//! Pictures that passed the check.

use aws_sdk_s3::primitives::ByteStream;
use sightline_host::ports::{KeptFile, PictureKey, PictureStore, StoreError};
use sightline_wire::{Object, SessionId, UPLOAD_TYPE};

use super::{S3Bucket, s3_error, validity};

impl PictureStore for S3Bucket {
    async fn keep(&self, key: &PictureKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        let request = self.client.put_object().bucket(&self.name).key(key.path());
        let request = request.content_type(UPLOAD_TYPE).cache_control(CACHE);
        let done = request.body(ByteStream::from(bytes)).send().await;
        done.map(drop)
            .map_err(|error| s3_error("keep a picture", &error))
    }

    async fn sign_get(
        &self,
        key: &PictureKey,
        now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        const WHAT: &str = "sign a link";
        let request = self.client.get_object().bucket(&self.name).key(key.path());
        // S3 cannot add `nosniff` to an answer. With this header a browser that opens the link
        // offers a download instead of a page; our pages fetch pictures and are not affected.
        let signed = request
            .response_content_disposition("attachment")
            .presigned(validity(WHAT, now_ms, until_ms)?)
            .await
            .map_err(|error| s3_error(WHAT, &error))?;
        Ok(signed.uri().to_owned())
    }

    async fn delete(&self, key: &PictureKey) -> Result<(), StoreError> {
        self.remove("delete a picture", &key.path()).await
    }

    async fn note_erased(&self, session: SessionId) -> Result<(), StoreError> {
        self.put_erased(session).await
    }

    async fn erase_all(&self, session: SessionId) -> Result<(), StoreError> {
        const WHAT: &str = "erase pictures";
        for folder in ["incoming", "pictures", "cases"] {
            self.remove_all(WHAT, &format!("{folder}/{session}/"), None)
                .await?;
        }
        let exports = format!("cases/{}/", KeptFile::EXPORTS);
        self.remove_all(WHAT, &exports, None).await
    }

    async fn delete_others(
        &self,
        session: SessionId,
        object: Object,
        stands: Option<&PictureKey>,
    ) -> Result<(), StoreError> {
        let prefix = PictureKey::prefix(session, object);
        let stands = stands.map(PictureKey::path);
        self.remove_all("delete pictures", &prefix, stands.as_deref())
            .await
    }
}

/// Pages keep pictures in memory; nothing else may store them.
pub(super) const CACHE: &str = "private, no-store";
