//! The messages of webhooks, in the document and on its page.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use sightline_wire::v1::V1Message;

/// What there is to hear of, and what it means.
pub(super) const MESSAGES: [(&str, &str); 7] = [
    (
        "invite.opened",
        "The customer opened a link for the first time.",
    ),
    (
        "call.joined",
        "The customer joined the call for the first time.",
    ),
    (
        "call.ended",
        "The call or its invite ended; `reason` says why.",
    ),
    ("picture.kept", "A picture of the call can be fetched."),
    (
        "call.rated",
        "The agent or the customer rated the call, or rated it again.",
    ),
    (
        "case.erased",
        "The call was erased for good. Its address answers 404.",
    ),
    (
        "webhook.test",
        "An admin tries the webhook. It is of no call.",
    ),
];

/// What a receiver must know.
pub(super) const WORDS: &str = "An admin adds webhooks under Admin, Webhooks. Messages are posted and signed by the \
    rules of Standard Webhooks (standardwebhooks.com): check `webhook-signature` with the secret, and forget a \
    `webhook-id` that you know. A message is sent at least once; those of one call come in order. Answer 2xx within 10 \
    seconds. Other answers, redirects among them, are tried again for a day, first after 5 seconds and at last every 6 \
    hours, or when `Retry-After` says. 410 switches the webhook off. A message has ids and times only: fetch the call \
    for the rest.";

/// Returns the field `webhooks` of the document.
pub(super) fn webhooks(schemas: &mut SchemaGenerator) -> Value {
    let schema = schemas.subschema_for::<V1Message>();
    let mut all = Map::new();
    for (name, words) in MESSAGES {
        let post = json!({
            "operationId": name.replace('.', "_"),
            "summary": words,
            "description": WORDS,
            "parameters": HEADERS.map(|(name, words)| json!({
                "name": name, "in": "header", "required": true, "description": words,
                "schema": { "type": "string" },
            })),
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": schema } },
            },
            "responses": { "2XX": { "description": "The receiver took it." } },
        });
        all.insert(name.to_owned(), json!({ "post": post }));
    }
    all.into()
}

const HEADERS: [(&str, &str); 3] = [
    (
        "webhook-id",
        "Names the message; the same in every attempt.",
    ),
    (
        "webhook-timestamp",
        "When this attempt was signed, epoch seconds.",
    ),
    (
        "webhook-signature",
        "`v1,` and a signature; two of them, with a space between, while a secret is changed.",
    ),
];
