//! Pushes an image to ECR through its API, without container tool and login.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::primitives::Blob;

use crate::image::{Image, digest_of};

/// Size of a part of a layer if the registry names none (UploadLayerPart: at most 10 MiB).
const PART_BYTES: usize = 10 * 1024 * 1024;

/// A request to the registry failed.
#[derive(Debug, thiserror::Error)]
#[error("registry request failed: {what}: {why}")]
pub struct RegistryError {
    what: &'static str,
    why: String,
}

/// Pushes the missing parts of an image and returns its digest. Pushing again changes nothing.
///
/// # Errors
/// When the registry refuses.
pub async fn push(
    client: &Client,
    repository: &str,
    image: &Image,
) -> Result<String, RegistryError> {
    for blob in [&image.layer, &image.config] {
        upload(client, repository, blob).await?;
    }
    let digest = image.digest();
    // Tags of the repository are immutable, so the tag is derived from the content.
    let tag: String = digest.chars().skip("sha256:".len()).take(16).collect();
    let put = client
        .put_image()
        .repository_name(repository)
        .image_manifest(&image.manifest)
        .image_manifest_media_type(Image::MEDIA_TYPE)
        .image_digest(&digest)
        .image_tag(tag)
        .send()
        .await;
    match put {
        Ok(_) => {}
        Err(error) if is(&error, "ImageAlreadyExistsException") => {}
        Err(error) => return Err(failure("put image", &error)),
    }
    Ok(digest)
}

async fn upload(client: &Client, repository: &str, blob: &[u8]) -> Result<(), RegistryError> {
    let digest = digest_of(blob);
    let begun = client
        .initiate_layer_upload()
        .repository_name(repository)
        .send()
        .await
        .map_err(|error| failure("begin upload", &error))?;
    let upload = begun.upload_id().unwrap_or_default();
    let part_bytes = begun
        .part_size()
        .and_then(|size| usize::try_from(size).ok());
    let part_bytes = part_bytes.filter(|size| *size > 0).unwrap_or(PART_BYTES);
    let mut first = 0_i64;
    for part in blob.chunks(part_bytes) {
        let last = first + part.len() as i64 - 1;
        client
            .upload_layer_part()
            .repository_name(repository)
            .upload_id(upload)
            .part_first_byte(first)
            .part_last_byte(last)
            .layer_part_blob(Blob::new(part))
            .send()
            .await
            .map_err(|error| failure("upload part", &error))?;
        first = last + 1;
    }
    let completed = client
        .complete_layer_upload()
        .repository_name(repository)
        .upload_id(upload)
        .layer_digests(digest)
        .send()
        .await;
    match completed {
        Ok(_) => Ok(()),
        Err(error) if is(&error, "LayerAlreadyExistsException") => Ok(()),
        Err(error) => Err(failure("complete upload", &error)),
    }
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error.as_service_error().and_then(|error| error.code()) == Some(code)
}

fn failure<E: ProvideErrorMetadata, R>(
    what: &'static str,
    error: &SdkError<E, R>,
) -> RegistryError {
    let service = error.as_service_error();
    let why = service.and_then(|error| error.message().or(error.code()));
    RegistryError {
        what,
        why: why.unwrap_or("no answer").to_owned(),
    }
}
