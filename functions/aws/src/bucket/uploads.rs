//! Uploads on their way in.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use sightline_host::ports::{Found, SignedPut, StoreError, UploadKey, Uploads};
use sightline_wire::{SessionId, UPLOAD_S, UPLOAD_TYPE, UploadBytes};

use super::{Bucket, good, trouble_of};

impl Uploads for Bucket {
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
            .presigned(good(WHAT, now_ms, until_ms)?)
            .await
            .map_err(|error| trouble_of(WHAT, &error))?;
        // A browser says these by itself and lets no page say them.
        let told = |name: &str| !matches!(name, "content-length" | "host");
        let headers = signed
            .headers()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| told(name))
            .collect();
        Ok(SignedPut {
            url: signed.uri().to_owned(),
            headers,
        })
    }

    async fn read(&self, key: &UploadKey, bytes_max: u32) -> Result<Found, StoreError> {
        let request = self.client.get_object().bucket(&self.name).key(key.path());
        match request.send().await {
            Ok(object) => read_all(object, bytes_max as usize).await,
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetObjectError::NoSuchKey(_)) =>
            {
                Ok(Found::Nothing)
            }
            Err(error) => Err(trouble_of(READ, &error)),
        }
    }

    async fn discard(&self, key: &UploadKey) -> Result<(), StoreError> {
        self.take_away("discard an upload", &key.path()).await
    }

    async fn discard_all(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        const WHAT: &str = "discard uploads";
        let prefix = UploadKey::prefix(session, picture);
        let mut after = None;
        loop {
            let page = self.page(WHAT, &prefix, after).await?;
            for lying in page.lying {
                self.take_away(WHAT, &lying.key).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

const READ: &str = "read an upload";

/// The body, unless it is longer. What says so beforehand is dropped unread, and its connection
/// with it.
async fn read_all(mut object: GetObjectOutput, bytes_max: usize) -> Result<Found, StoreError> {
    let length = object.content_length().map(usize::try_from);
    if matches!(length, Some(Ok(length)) if length > bytes_max) {
        return Ok(Found::TooLong);
    }
    let mut read = Vec::new();
    while let Some(part) = object.body.next().await {
        let part = part.map_err(|_| StoreError {
            operation: READ,
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
