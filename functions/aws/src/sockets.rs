//! Pushes through API Gateway's `@connections`.

/// Says something to connections of the WebSocket API.
pub struct Sockets {
    client: aws_sdk_apigatewaymanagement::Client,
}

impl Sockets {
    /// A client whose endpoint is that of the API's stage.
    #[must_use]
    pub const fn new(client: aws_sdk_apigatewaymanagement::Client) -> Self {
        Self { client }
    }
}
