//! Pictures that were found good.

use aws_sdk_s3::primitives::ByteStream;
use sightline_host::ports::{PictureKey, PictureStore, StoreError};
use sightline_wire::UPLOAD_TYPE;

use super::{Bucket, good, trouble_of};

impl PictureStore for Bucket {
    async fn keep(&self, key: &PictureKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        let request = self.client.put_object().bucket(&self.name).key(key.path());
        let request = request.content_type(UPLOAD_TYPE).cache_control(CACHE);
        let done = request.body(ByteStream::from(bytes)).send().await;
        done.map(drop)
            .map_err(|error| trouble_of("keep a picture", &error))
    }

    async fn sign_get(
        &self,
        key: &PictureKey,
        now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        const WHAT: &str = "sign a link";
        let request = self.client.get_object().bucket(&self.name).key(key.path());
        // S3 cannot be told to say `nosniff`. Our page fetches pictures, which this does not
        // hinder; whoever opens a link by itself is offered a file, not a page.
        let signed = request
            .response_content_disposition("attachment")
            .presigned(good(WHAT, now_ms, until_ms)?)
            .await
            .map_err(|error| trouble_of(WHAT, &error))?;
        Ok(signed.uri().to_owned())
    }

    async fn delete(&self, key: &PictureKey) -> Result<(), StoreError> {
        self.take_away("delete a picture", &key.path()).await
    }
}

/// A page keeps pictures for as long as it is open; nobody else does.
const CACHE: &str = "private, no-store";
