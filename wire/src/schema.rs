//! The schemas of values that JSON has as texts or numbers of their own kind.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    AgentId, CommentText, DisplayName, EmbedOrigin, EmbedToken, Language, NoteText, PhoneNumber,
    Reference, SessionId, Stars,
};

macro_rules! schemas {
    ($($type:ty, $name:literal, $schema:tt;)*) => {
        $(impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })*
    };
}

schemas! {
    SessionId, "CallId", {
        "description": "The id of a call: 16 bytes as base64url without padding.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$"
    };
    AgentId, "AgentId", {
        "description": "The id of an agent: 16 bytes as base64url without padding.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$"
    };
    DisplayName, "Name", {
        "description": "A name in one line, 1 to 40 characters of UTF-16.",
        "type": "string", "minLength": 1, "maxLength": 40
    };
    Reference, "Reference", {
        "description": "The agent's reference, 8 to 20 characters of UTF-16 without control characters.",
        // A schema counts code points, of which one may be two characters of UTF-16.
        "type": "string", "minLength": 4, "maxLength": 20,
        "pattern": "^[^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*$"
    };
    NoteText, "NoteText", {
        "description": "1 to 4,000 characters of UTF-16. Line breaks and tabs are the only control characters.",
        "type": "string", "minLength": 1, "maxLength": 4000,
        "pattern": "^[^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*$"
    };
    CommentText, "Comment", {
        "description": "1 to 1,000 characters of UTF-16.",
        "type": "string", "minLength": 1, "maxLength": 1000
    };
    PhoneNumber, "PhoneNumber", {
        "description": "A telephone number in E.164 form.",
        "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"
    };
    Language, "Language", {
        "description": "A language tag (BCP 47).",
        "type": "string", "minLength": 2, "maxLength": 12
    };
    EmbedOrigin, "EmbedOrigin", {
        "description": "The origin of a page, as browsers spell it: https, a name and perhaps a port.",
        "type": "string", "maxLength": 267,
        "pattern": "^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$"
    };
    EmbedToken, "EmbedToken", {
        "description": "A token that signs an agent in at the page `/embed`, once, within 60 seconds.",
        "type": "string", "minLength": 1, "maxLength": 2048
    };
    Stars, "Stars", {
        "description": "1 to 5 stars.",
        "type": "integer", "minimum": 1, "maximum": 5
    };
}
