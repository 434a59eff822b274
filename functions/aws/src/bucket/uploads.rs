//! Uploads that wait for their check.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use sightline_host::ports::{Found, SignedPut, StoreError, UploadKey, Uploads};
use sightline_wire::{SessionId, UPLOAD_S, UPLOAD_TYPE, UploadBytes};

use super::{S3Bucket, s3_error, validity};

impl Uploads for S3Bucket {
    async fn sign_put(
        &self,
        key: &UploadKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> Result<SignedPut, StoreError> {
        const WHAT: &str = "sign an upload";
        let until_ms = now_ms.saturating_add(u64::from(UPLOAD_S) * 1_000);
        let request = self.client.put_object().bucket(&self.name).key(key.path());
        let signed = request
            .content_length(i64::from(bytes.get()))
            .content_type(UPLOAD_TYPE)
            .if_none_match("*")
            .presigned(validity(WHAT, now_ms, until_ms)?)
            .await
            .map_err(|error| s3_error(WHAT, &error))?;
        // Browsers set these headers themselves and do not let pages set them.
        let by_page = |name: &str| !matches!(name, "content-length" | "host");
        let headers = signed
            .headers()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| by_page(name))
            .collect();
        Ok(SignedPut {
            url: signed.uri().to_owned(),
            headers,
        })
    }

    async fn read(&self, key: &UploadKey, bytes_max: u32) -> Result<Found, StoreError> {
        self.read_object("read an upload", &key.path(), bytes_max)
            .await
    }

    async fn discard(&self, key: &UploadKey) -> Result<(), StoreError> {
        self.remove("discard an upload", &key.path()).await
    }

    async fn discard_all(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        let prefix = UploadKey::prefix(session, picture);
        self.remove_all("discard uploads", &prefix, None).await
    }
}

impl S3Bucket {
    /// Reads an object if it has at most `bytes_max` bytes.
    pub(super) async fn read_object(
        &self,
        what: &'static str,
        key: &str,
        bytes_max: u32,
    ) -> Result<Found, StoreError> {
        let request = self.client.get_object().bucket(&self.name).key(key);
        match request.send().await {
            Ok(object) => read_all(what, object, bytes_max as usize).await,
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetObjectError::NoSuchKey(_)) =>
            {
                Ok(Found::Nothing)
            }
            Err(error) => Err(s3_error(what, &error)),
        }
    }
}

/// Reads the body, unless it is too long. A body that announces its length as too long is dropped
/// unread, and its connection with it.
async fn read_all(
    what: &'static str,
    mut object: GetObjectOutput,
    bytes_max: usize,
) -> Result<Found, StoreError> {
    let length = object.content_length().map(usize::try_from);
    if matches!(length, Some(Ok(length)) if length > bytes_max) {
        return Ok(Found::TooLong);
    }
    let mut read = Vec::new();
    while let Some(part) = object.body.next().await {
        let part = part.map_err(|_| StoreError {
            operation: what,
            cause: "body lost".to_owned(),
            retryable: true,
        })?;
        if read.len() + part.len() > bytes_max {
            return Ok(Found::TooLong);
        }
        read.extend_from_slice(&part);
    }
    Ok(Found::Bytes(read))
}
