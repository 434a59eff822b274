//! Case files and exports: uploaded in parts, and seen when they are whole. A lifecycle rule
//! removes them after a day, and the parts of one that was not finished.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use sightline_host::ports::{CaseFiles, CaseWriting, Found, KeptFile, PictureKey, StoreError};
use tokio::task::JoinHandle;

use super::pictures::CACHE;
use super::{S3Bucket, s3_error, validity};

/// Bytes of a part. S3 asks for 5 MiB at least, except for the last one (Amazon S3 User Guide,
/// "Amazon S3 multipart upload limits").
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A case file that is being written. One part is on its way while the next is filled.
pub struct CaseUpload {
    client: Client,
    bucket: String,
    key: String,
    media_type: &'static str,
    buffer: Vec<u8>,
    /// Once a part is full.
    upload: Option<String>,
    under_way: Option<JoinHandle<Result<CompletedPart, StoreError>>>,
    parts: Vec<CompletedPart>,
}

impl CaseUpload {
    /// Returns the id of the upload, which begins with its first part.
    async fn begun(&mut self) -> Result<String, StoreError> {
        if let Some(upload) = &self.upload {
            return Ok(upload.clone());
        }
        let request = self.client.create_multipart_upload();
        let request = request.bucket(&self.bucket).key(&self.key);
        let made = request
            .content_type(self.media_type)
            .cache_control(CACHE)
            .send()
            .await;
        let made = made.map_err(|error| s3_error("begin a case file", &error))?;
        let upload = made.upload_id().unwrap_or_default().to_owned();
        self.upload = Some(upload.clone());
        Ok(upload)
    }

    /// Sends what was gathered as the next part, after the one before it.
    async fn send(&mut self) -> Result<(), StoreError> {
        let upload = self.begun().await?;
        self.settle().await?;
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let body = ByteStream::from(std::mem::take(&mut self.buffer));
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(&self.key);
        let request = request.upload_id(upload).part_number(number).body(body);
        self.under_way = Some(tokio::spawn(async move {
            let sent = request.send().await;
            let sent = sent.map_err(|error| s3_error("write a case file", &error))?;
            let part = CompletedPart::builder().part_number(number);
            Ok(part.set_e_tag(sent.e_tag().map(str::to_owned)).build())
        }));
        Ok(())
    }

    /// Waits for the part that is on its way.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if let Some(under_way) = self.under_way.take() {
            let sent = under_way.await;
            let sent = sent.unwrap_or_else(|error| {
                Err(StoreError {
                    operation: "write a case file",
                    cause: error.to_string(),
                    retryable: true,
                })
            });
            self.parts.push(sent?);
        }
        Ok(())
    }
}

impl CaseWriting for CaseUpload {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.buffer.extend(bytes);
        match self.buffer.len() {
            PART_BYTES.. => self.send().await,
            _ => Ok(()),
        }
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        const WHAT: &str = "finish a case file";
        if self.upload.is_none() {
            let request = self.client.put_object().bucket(&self.bucket).key(&self.key);
            let request = request.content_type(self.media_type).cache_control(CACHE);
            let done = request.body(ByteStream::from(self.buffer)).send().await;
            return done.map(drop).map_err(|error| s3_error(WHAT, &error));
        }
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        self.settle().await?;
        let upload = CompletedMultipartUpload::builder().set_parts(Some(self.parts));
        let request = self.client.complete_multipart_upload();
        let request = request.bucket(&self.bucket).key(&self.key);
        let request = request.set_upload_id(self.upload);
        let done = request.multipart_upload(upload.build()).send().await;
        done.map(drop).map_err(|error| s3_error(WHAT, &error))
    }
}

impl CaseFiles for S3Bucket {
    type Writing = CaseUpload;

    async fn picture(&self, key: &PictureKey, bytes_max: u32) -> Result<Found, StoreError> {
        self.read_object("read a picture", &key.path(), bytes_max)
            .await
    }

    async fn has_case(&self, key: &KeptFile) -> Result<bool, StoreError> {
        let request = self.client.head_object().bucket(&self.name).key(key.path());
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_not_found()) =>
            {
                Ok(false)
            }
            Err(error) => Err(s3_error("find a case file", &error)),
        }
    }

    async fn begin_case(&self, key: &KeptFile) -> Result<CaseUpload, StoreError> {
        Ok(CaseUpload {
            client: self.client.clone(),
            bucket: self.name.clone(),
            key: key.path(),
            media_type: key.media_type(),
            buffer: Vec::new(),
            upload: None,
            under_way: None,
            parts: Vec::new(),
        })
    }

    async fn forget_case(&self, key: &KeptFile) -> Result<(), StoreError> {
        self.remove("remove a case file", &key.path()).await
    }

    async fn sign_case(
        &self,
        key: &KeptFile,
        now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        const WHAT: &str = "sign a link";
        let request = self.client.get_object().bucket(&self.name).key(key.path());
        let named = format!("attachment; filename=\"{}\"", key.file_name());
        let signed = request
            .response_content_disposition(named)
            .presigned(validity(WHAT, now_ms, until_ms)?)
            .await
            .map_err(|error| s3_error(WHAT, &error))?;
        Ok(signed.uri().to_owned())
    }
}
