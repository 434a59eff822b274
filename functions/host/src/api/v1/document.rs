//! The OpenAPI document (version 3.1), made of the table of routes and of the types of the wire.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use schemars::SchemaGenerator;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};
use sightline_wire::NOTES_MAX;
use sightline_wire::v1::{Problem, ProblemCode};

use super::routes::{Parameter, V1_ROUTES, V1Answer, V1Route};
use super::webhooks::webhooks;

/// Where the document is.
pub(super) const PATH: &str = "/api/v1/openapi.json";

/// The document as it is served. It is committed, so that a change of the contract is seen in a
/// review; a test makes it again.
const COMMITTED: &str = include_str!("../../../openapi.json");

const JSON: &str = "application/json";

/// What every route may answer.
const ALWAYS: [ProblemCode; 4] = [
    ProblemCode::NoKey,
    ProblemCode::NoScope,
    ProblemCode::TooOften,
    ProblemCode::Trouble,
];

/// What a route with a body may answer.
const OF_BODIES: [ProblemCode; 3] = [
    ProblemCode::Malformed,
    ProblemCode::TooLong,
    ProblemCode::Invalid,
];

pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, JSON)], COMMITTED).into_response()
}

/// Makes the document.
pub(crate) fn document() -> Value {
    let mut schemas = Schemas {
        said: generator(Contract::Serialize),
        heard: generator(Contract::Deserialize),
    };
    let mut paths = Map::new();
    for route in V1_ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        add(path, route.method, operation(route, &mut schemas));
    }
    let heard_by_others = webhooks(&mut schemas.said);
    // A schema of both has the same name and the same shape.
    let mut all = schemas.said.take_definitions(true);
    all.extend(schemas.heard.take_definitions(true));
    all.values_mut().for_each(tidied);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": "1",
            "description": WORDS,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "webhooks": heard_by_others,
        "components": {
            "schemas": all,
            "securitySchemes": { "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key that an admin made (`slk_...`). The scope of a route is named with it.",
            } },
        },
    })
}

const WORDS: &str = "Calls of remote visual assistance, for other programs. Send `Authorization: Bearer slk_...`; \
    cookies are not looked at. A key may make 10 requests a second. Errors are `application/problem+json` (RFC 9457): \
    decide by `code`. Times end in `_ms` and are epoch milliseconds. Unknown fields of answers must be ignored: fields \
    and codes are added within this version.";

struct Schemas {
    said: SchemaGenerator,
    heard: SchemaGenerator,
}

fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = contract;
    });
    settings.into_generator()
}

fn operation(route: &V1Route, schemas: &mut Schemas) -> Value {
    let in_path = ["id", "n"].into_iter();
    let in_path = in_path.filter(|name| route.path.contains(&format!("{{{name}}}")));
    let in_path = in_path.map(in_path_parameter);
    let further = (route.parameters)().into_iter().map(further_parameter);
    let parameters: Vec<Value> = in_path.chain(further).collect();
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "description": route.words,
        "responses": responses(route, schemas),
        "x-codeSamples": [{ "lang": "Shell", "label": "curl", "source": curl(route) }],
    });
    if !parameters.is_empty() {
        add(&mut operation, "parameters", parameters.into());
    }
    if let Some(scope) = route.scope {
        let keys = json!([{ "key": [scope.word()] }]);
        add(&mut operation, "security", keys);
    }
    if let Some(shape) = route.body {
        let content = json!({ JSON: { "schema": shape(&mut schemas.heard) } });
        let body = json!({ "required": true, "content": content });
        add(&mut operation, "requestBody", body);
    }
    operation
}

fn in_path_parameter(name: &str) -> Value {
    let (words, schema) = match name {
        "n" => (
            "The number of the note, from 1.",
            json!({ "type": "integer", "minimum": 1, "maximum": NOTES_MAX }),
        ),
        _ => (
            "The id of the call.",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$" }),
        ),
    };
    json!({ "name": name, "in": "path", "required": true, "description": words, "schema": schema })
}

fn further_parameter(parameter: Parameter) -> Value {
    let Parameter {
        place,
        name,
        words,
        schema,
    } = parameter;
    json!({ "name": name, "in": place, "description": words, "schema": schema })
}

fn responses(route: &V1Route, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for V1Answer {
        status,
        words,
        shape,
    } in route.answers
    {
        let mut response = json!({ "description": words });
        if let Some(shape) = shape {
            let content = json!({ JSON: { "schema": shape(&mut schemas.said) } });
            add(&mut response, "content", content);
        }
        if *status == 303 {
            let location = json!({ "Location": { "schema": { "type": "string" } } });
            add(&mut response, "headers", location);
        }
        responses.insert(status.to_string(), response);
    }
    let problem = schemas.said.subschema_for::<Problem>();
    for (status, codes) in problems(route) {
        let words: Vec<String> = codes
            .iter()
            .map(|code| format!("`{}`: {}", code.word(), code.title()))
            .collect();
        let content = json!({ "application/problem+json": { "schema": problem } });
        let mut response = json!({ "description": words.join(" "), "content": content });
        if matches!(status, 429 | 503) {
            let schema = json!({ "type": "integer", "minimum": 1 });
            let words = "Seconds to wait before the next request.";
            let after = json!({ "Retry-After": { "description": words, "schema": schema } });
            add(&mut response, "headers", after);
        }
        responses.insert(status.to_string(), response);
    }
    responses.into()
}

/// Returns the problems of a route by their status.
pub(super) fn problems(route: &V1Route) -> Vec<(u16, Vec<ProblemCode>)> {
    let of_body = OF_BODIES.into_iter().filter(|_| route.body.is_some());
    let all = ALWAYS.into_iter().chain(of_body);
    let mut all: Vec<ProblemCode> = all.chain(route.problems.iter().copied()).collect();
    all.sort_by_key(|code| (code.status(), *code));
    all.dedup();
    let by_status = all.chunk_by(|one, two| one.status() == two.status());
    let by_status = by_status.filter_map(|codes| Some((codes.first()?.status(), codes.to_vec())));
    by_status.collect()
}

/// Returns an example of a request.
pub(super) fn curl(route: &V1Route) -> String {
    let path = route.path.replace("{id}", "$CALL").replace("{n}", "1");
    let (query, rest) = match route.curl.strip_prefix('?') {
        Some(query) => (format!("?{query}"), ""),
        None => (String::new(), route.curl),
    };
    format!("curl --header \"Authorization: Bearer $KEY\" \"$SIGHTLINE{path}{query}\"{rest}")
}

/// Adds a field to an object.
fn add(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// Takes `null` out of a schema: what is absent is left out, and `null` is not sent. Joins the
/// lines of descriptions.
fn tidied(schema: &mut Value) {
    if let Some(types) = schema.get("type").and_then(Value::as_array) {
        let mut rest: Vec<Value> = types
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        if let (1, Some(only)) = (rest.len(), rest.pop()) {
            add(schema, "type", only);
        }
    }
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array).cloned() {
        let null = json!({ "type": "null" });
        let rest: Vec<Value> = either.into_iter().filter(|one| *one != null).collect();
        if let ([only], Some(schema)) = (rest.as_slice(), schema.as_object_mut()) {
            schema.remove("anyOf");
            schema.extend(only.as_object().cloned().unwrap_or_default());
        }
    }
    if let Some(words) = schema.get("description").and_then(Value::as_str) {
        let joined = words.replace('\n', " ");
        add(schema, "description", joined.into());
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(tidied),
        Value::Array(items) => items.iter_mut().for_each(tidied),
        _ => {}
    }
}
