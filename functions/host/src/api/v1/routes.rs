//! The routes, in one table: the guard, the document, the page and the tests read it.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};
use sightline_wire::api::CallPictures;
use sightline_wire::beside::{Notes, WriteNote};
use sightline_wire::v1::{
    ProblemCode, V1Agents, V1CallDetail, V1Calls, V1CaseLater, V1EmbedTokenMade, V1Erased,
    V1Invite, V1Invited, V1SendInvite, V1WantedEmbedToken,
};
use sightline_wire::{EndReason, KeyScope};

/// A route for other programs.
pub(crate) struct V1Route {
    /// In lower case.
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// What a key must open. Absent for what needs no key.
    pub(crate) scope: Option<KeyScope>,
    /// What clients call it.
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// More than the summary, in Markdown of one paragraph.
    pub(crate) words: &'static str,
    pub(crate) parameters: fn() -> Vec<Parameter>,
    pub(crate) body: Option<Shape>,
    pub(crate) answers: &'static [V1Answer],
    /// Beside those that every route has.
    pub(crate) problems: &'static [ProblemCode],
    /// The end of an example for curl, behind the address.
    pub(crate) curl: &'static str,
}

/// The schema of a type.
pub(crate) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// An answer that is no problem.
pub(crate) struct V1Answer {
    pub(crate) status: u16,
    pub(crate) words: &'static str,
    pub(crate) shape: Option<Shape>,
}

/// A parameter of a query, or a header.
pub(crate) struct Parameter {
    /// `query` or `header`.
    pub(crate) place: &'static str,
    pub(crate) name: &'static str,
    pub(crate) words: &'static str,
    pub(crate) schema: Value,
}

impl V1Route {
    /// Returns the route of a request.
    pub(crate) fn of(method: &str, path: &str) -> Option<&'static Self> {
        let method = match method {
            "HEAD" => "get".to_owned(),
            method => method.to_ascii_lowercase(),
        };
        let mut routes = V1_ROUTES.iter();
        routes.find(|route| route.path == path && route.method == method)
    }
}

/// Returns the methods of a path, as `Allow` has them. Empty for a path that the table lacks.
pub(super) fn methods(path: &str) -> String {
    let routes = V1_ROUTES.iter().filter(|route| route.path == path);
    let methods = routes.flat_map(|route| match route.method {
        "get" => vec!["GET".to_owned(), "HEAD".to_owned()],
        method => vec![method.to_ascii_uppercase()],
    });
    methods.collect::<Vec<_>>().join(",")
}

/// All routes but those of the document.
pub(crate) const V1_ROUTES: &[V1Route] = &[
    V1Route {
        method: "post",
        path: "/api/v1/invites",
        scope: Some(KeyScope::Invite),
        name: "invite",
        summary: "Invite a customer",
        words: "Begins a call and texts its link to `number`, if there is one. With an `Idempotency-Key` the same \
                request within 24 hours leads to the same call, has a further link and texts nothing.",
        parameters: request_name,
        body: Some(|schemas| schemas.subschema_for::<V1Invite>()),
        answers: &[ok::<V1Invited>("The customer is invited.")],
        problems: &[
            ProblemCode::StillRunning,
            ProblemCode::InviteOver,
            ProblemCode::LimitReached,
            ProblemCode::BadNumber,
            ProblemCode::NumberUnlikely,
            ProblemCode::UnknownLanguage,
            ProblemCode::UnknownAgent,
            ProblemCode::KeyReused,
        ],
        curl: " --header \"Idempotency-Key: $(uuidgen)\" --json \
               '{\"reference\":\"CLAIM-2026-1\",\"number\":\"+4915123456789\"}'",
    },
    V1Route {
        method: "post",
        path: "/api/v1/invites/{id}/send",
        scope: Some(KeyScope::Invite),
        name: "sendInvite",
        summary: "Send an invite again",
        words: "With a new link; earlier ones stay good. How the message fared is in the call's log.",
        parameters: Vec::new,
        body: Some(|schemas| schemas.subschema_for::<V1SendInvite>()),
        answers: &[DONE],
        problems: &[
            ProblemCode::NotFound,
            ProblemCode::TooSoon,
            ProblemCode::AlreadyJoined,
            ProblemCode::InviteOver,
            ProblemCode::LimitReached,
            ProblemCode::Refused,
            ProblemCode::NumberUnlikely,
        ],
        curl: " --json '{}'",
    },
    V1Route {
        method: "post",
        path: "/api/v1/invites/{id}/cancel",
        scope: Some(KeyScope::Invite),
        name: "cancelInvite",
        summary: "Cancel an invite",
        words: "Its links and its code lead nowhere then.",
        parameters: Vec::new,
        body: None,
        answers: &[DONE],
        problems: &[
            ProblemCode::NotFound,
            ProblemCode::AlreadyJoined,
            ProblemCode::InviteOver,
        ],
        curl: " --request POST",
    },
    V1Route {
        method: "post",
        path: "/api/v1/embed-tokens",
        scope: Some(KeyScope::Embed),
        name: "makeEmbedToken",
        summary: "Sign an agent in at the page `/embed`",
        words: "Your page says the token to `/embed` in its frame, within 60 seconds and once. Ask for it on your \
                server, for the agent who is signed in there: a person who has the token works as that agent for an \
                hour.",
        parameters: Vec::new,
        body: Some(|schemas| schemas.subschema_for::<V1WantedEmbedToken>()),
        answers: &[ok::<V1EmbedTokenMade>("The token.")],
        problems: &[ProblemCode::UnknownAgent, ProblemCode::UnknownOrigin],
        curl: " --json '{\"agent\":\"9f1b6c1e-subject\",\"origin\":\"https://claims.example.com\"}'",
    },
    V1Route {
        method: "get",
        path: "/api/v1/agents",
        scope: Some(KeyScope::Read),
        name: "listAgents",
        summary: "List agents",
        words: "Everybody who signed in during the last year.",
        parameters: Vec::new,
        body: None,
        answers: &[ok::<V1Agents>("The agents.")],
        problems: &[],
        curl: "",
    },
    V1Route {
        method: "get",
        path: "/api/v1/calls",
        scope: Some(KeyScope::Read),
        name: "listCalls",
        summary: "List calls",
        words: "The calls of all agents, the newest first. Filters can be combined.",
        parameters: filters,
        body: None,
        answers: &[ok::<V1Calls>("A part of the list.")],
        problems: &[ProblemCode::Invalid],
        curl: "?limit=20",
    },
    V1Route {
        method: "get",
        path: "/api/v1/calls/{id}",
        scope: Some(KeyScope::Read),
        name: "getCall",
        summary: "Get a call",
        words: "What is kept of a call, without its log and its pictures.",
        parameters: Vec::new,
        body: None,
        answers: &[ok::<V1CallDetail>("The call.")],
        problems: &[ProblemCode::NotFound],
        curl: "",
    },
    V1Route {
        method: "get",
        path: "/api/v1/calls/{id}/pictures",
        scope: Some(KeyScope::Read),
        name: "listPictures",
        summary: "List the pictures of a call",
        words: "Each address is valid for five minutes. Do not send the key to it.",
        parameters: Vec::new,
        body: None,
        answers: &[ok::<CallPictures>("What is stored of the pictures.")],
        problems: &[ProblemCode::NotFound],
        curl: "",
    },
    V1Route {
        method: "get",
        path: "/api/v1/calls/{id}/case",
        scope: Some(KeyScope::Case),
        name: "getCase",
        summary: "Fetch the case file",
        words: "Leads to a ZIP file that proves itself. The address in `Location` is valid for five minutes and may \
                be on another host: do not send the key on (curl does not, with `--location`).",
        parameters: Vec::new,
        body: None,
        answers: &[
            V1Answer {
                status: 303,
                words: "`Location` is the address of the file.",
                shape: None,
            },
            V1Answer {
                status: 202,
                words: "The file is being made: ask again after `Retry-After` seconds.",
                shape: Some(|schemas| schemas.subschema_for::<V1CaseLater>()),
            },
        ],
        problems: &[ProblemCode::NotFound, ProblemCode::CallRunning],
        curl: " --location --output case.zip",
    },
    V1Route {
        method: "post",
        path: "/api/v1/calls/{id}/notes",
        scope: Some(KeyScope::Case),
        name: "addNote",
        summary: "Write a note",
        words: "Its author is the name of the key. A call has at most 50 notes.",
        parameters: Vec::new,
        body: Some(|schemas| schemas.subschema_for::<WriteNote>()),
        answers: &[ok::<Notes>("All notes of the call.")],
        problems: &[ProblemCode::NotFound, ProblemCode::LimitReached],
        curl: " --json '{\"text\":\"Inspected, estimate follows.\"}'",
    },
    V1Route {
        method: "put",
        path: "/api/v1/calls/{id}/notes/{n}",
        scope: Some(KeyScope::Case),
        name: "editNote",
        summary: "Edit a note",
        words: "The earlier text stays. A note has at most 50 texts.",
        parameters: Vec::new,
        body: Some(|schemas| schemas.subschema_for::<WriteNote>()),
        answers: &[ok::<Notes>("All notes of the call.")],
        problems: &[ProblemCode::NotFound, ProblemCode::LimitReached],
        curl: " --request PUT --json '{\"text\":\"Inspected, estimate sent.\"}'",
    },
    V1Route {
        method: "delete",
        path: "/api/v1/calls/{id}",
        scope: Some(KeyScope::Erase),
        name: "eraseCall",
        summary: "Erase a call",
        words: "For good: log, number, pictures, notes and its line in the list. In the seven days after it a \
                repeated request has the same answer.",
        parameters: Vec::new,
        body: None,
        answers: &[ok::<V1Erased>("The call is erased.")],
        problems: &[ProblemCode::NotFound, ProblemCode::CallRunning],
        curl: " --request DELETE",
    },
];

const fn ok<T: schemars::JsonSchema>(words: &'static str) -> V1Answer {
    V1Answer {
        status: 200,
        words,
        shape: Some(|schemas| schemas.subschema_for::<T>()),
    }
}

/// An answer without a body.
const DONE: V1Answer = V1Answer {
    status: 204,
    words: "Done.",
    shape: None,
};

fn request_name() -> Vec<Parameter> {
    vec![Parameter {
        place: "header",
        name: "Idempotency-Key",
        words: "Names the request, so that it can be repeated.",
        schema: json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }),
    }]
}

fn end_reasons() -> Vec<Value> {
    let schema = schemars::schema_for!(EndReason);
    let all = schema.get("oneOf").and_then(Value::as_array);
    let all = all.into_iter().flatten();
    all.filter_map(|reason| reason.get("const").cloned())
        .collect()
}

fn filters() -> Vec<Parameter> {
    let parameter = |name, words, schema| Parameter {
        place: "query",
        name,
        words,
        schema,
    };
    vec![
        parameter(
            "limit",
            "The most calls in the answer.",
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 }),
        ),
        parameter(
            "after",
            "Goes on behind an earlier answer: its `after`.",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{32}$" }),
        ),
        parameter(
            "search",
            "The beginning of the reference or of words of the customer's name, or the last four digits of the number.",
            json!({ "type": "string", "maxLength": 80 }),
        ),
        parameter(
            "agent",
            "Calls of this agent.",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$" }),
        ),
        parameter(
            "day",
            "Calls that began on this day, 1970-01-01 or later.",
            json!({ "type": "string", "format": "date", "pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" }),
        ),
        parameter(
            "days",
            "Calls that began within the last so many days.",
            json!({ "type": "integer", "minimum": 1, "maximum": 36_500 }),
        ),
        parameter(
            "zone",
            "Where the day begins: minutes east of UTC.",
            json!({ "type": "integer", "minimum": -960, "maximum": 960, "default": 0 }),
        ),
        parameter(
            "reason",
            "Calls that ended for this reason.",
            json!({ "type": "string", "enum": end_reasons() }),
        ),
        parameter(
            "rating",
            "Calls that either side rated with so many stars.",
            json!({ "type": "integer", "minimum": 1, "maximum": 5 }),
        ),
        parameter(
            "pictures",
            "Calls of which pictures are kept.",
            json!({ "type": "boolean", "default": false }),
        ),
        parameter(
            "goes",
            "Calls of which something is deleted within so many days.",
            json!({ "type": "integer", "minimum": 1, "maximum": 36_500 }),
        ),
    ]
}
