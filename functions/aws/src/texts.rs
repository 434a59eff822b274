//! Text messages through SNS.

/// Hands text messages to SNS.
pub struct Texts {
    client: aws_sdk_sns::Client,
}

impl Texts {
    /// A client of the region whose text messages are set up.
    #[must_use]
    pub const fn new(client: aws_sdk_sns::Client) -> Self {
        Self { client }
    }
}
