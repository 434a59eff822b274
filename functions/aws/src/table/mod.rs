//! One DynamoDB table: sessions and their logs, who speaks for a seat, connections, relays, what is spent and counted.

/// The ports of everything that is remembered, on one table.
pub struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: aws_sdk_dynamodb::Client, name: String) -> Self {
        Self { client, name }
    }
}
