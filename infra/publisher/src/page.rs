//! Puts the pages into their bucket.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::primitives::ByteStream;
use sightline_web::Asset;

/// A request to the bucket failed.
#[derive(Debug, thiserror::Error)]
#[error("bucket request for {key} failed: {why}")]
pub struct BucketError {
    key: String,
    why: String,
}

/// Uploads every file of the bundle: assets first and pages last, so that a served page never
/// refers to a missing asset. Returns the number of objects. Older assets stay, because pages that
/// are already open may still request them.
///
/// # Errors
/// When the bucket refuses.
pub async fn publish(client: &Client, bucket: &str) -> Result<usize, BucketError> {
    let mut objects = objects(sightline_web::assets());
    objects.sort_by_key(|(_, asset)| !asset.immutable);
    for (key, asset) in &objects {
        put(client, bucket, key, asset).await?;
    }
    Ok(objects.len())
}

/// Deletes all objects, so that the bucket itself can be deleted.
///
/// # Errors
/// When the bucket refuses.
pub async fn clear(client: &Client, bucket: &str) -> Result<(), BucketError> {
    loop {
        let listed = client.list_objects_v2().bucket(bucket).send().await;
        let listed = match listed {
            Ok(listed) => listed,
            // The bucket is already deleted.
            Err(error)
                if error.as_service_error().and_then(|error| error.code())
                    == Some("NoSuchBucket") =>
            {
                return Ok(());
            }
            Err(error) => return Err(failure("*", &error)),
        };
        let keys: Vec<_> = listed
            .contents()
            .iter()
            .filter_map(|object| object.key())
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        for key in keys {
            let deleted = client.delete_object().bucket(bucket).key(key).send().await;
            deleted.map_err(|error| failure(key, &error))?;
        }
    }
}

/// Returns the key of every file: its path, and for the pages the name that links use.
fn objects(assets: &'static [Asset]) -> Vec<(&'static str, &'static Asset)> {
    let named = |asset: &'static Asset| match asset.path {
        "j.html" => ("j", asset),
        "agent.html" => ("agent", asset),
        "verify.html" => ("verify", asset),
        path => (path, asset),
    };
    assets.iter().map(named).collect()
}

async fn put(client: &Client, bucket: &str, key: &str, asset: &Asset) -> Result<(), BucketError> {
    let keep = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    client
        .put_object()
        .bucket(bucket)
        .key(key)
        .content_type(asset.content_type)
        .cache_control(keep)
        .body(ByteStream::from_static(asset.bytes))
        .send()
        .await
        .map_err(|error| failure(key, &error))?;
    Ok(())
}

fn failure<E: std::error::Error>(key: &str, error: &E) -> BucketError {
    BucketError {
        key: key.to_owned(),
        why: DisplayErrorContext(error).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ASSETS: [Asset; 4] = [
        asset("agent.html", false),
        asset("assets/a.js", true),
        asset("j.html", false),
        asset("verify.html", false),
    ];

    const fn asset(path: &'static str, immutable: bool) -> Asset {
        Asset {
            path,
            bytes: b"x",
            gzip: None,
            brotli: None,
            content_type: "text/plain",
            immutable,
        }
    }

    #[test]
    fn pages_have_the_names_that_links_use() {
        let keys: Vec<_> = objects(&ASSETS).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["agent", "assets/a.js", "j", "verify"]);
    }
}
