//! Pictures and their uploads, in one S3 bucket.

/// The ports of uploads and pictures, on one bucket.
pub struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name.
    #[must_use]
    pub const fn new(client: aws_sdk_s3::Client, name: String) -> Self {
        Self { client, name }
    }
}
