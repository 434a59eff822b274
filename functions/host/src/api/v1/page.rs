//! The page that shows the document: plain HTML without a script and without a third party's file.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use sightline_wire::v1::{Problem, ProblemCode};

use super::document::{PATH as DOCUMENT, curl, document, problems};
use super::routes::{V1_ROUTES, V1Route};
use super::webhooks;

/// Where the page is. Problems lead here, to the explanation of their code.
pub(super) const PATH: &str = Problem::EXPLAINED;

/// Where its style is.
pub(super) const STYLE_PATH: &str = "/api/v1/docs.css";

/// The roles of all pages, and what this page does with them.
const STYLE: &str = concat!(
    include_str!("../../../../../web/src/ui/look/page.css"),
    include_str!("docs.css")
);

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) async fn serve() -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, html()).into_response()
}

pub(super) async fn style() -> Response {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (css, STYLE).into_response()
}

fn html() -> String {
    let document = document();
    let words = text_at(&document, "/info/description");
    let routes: String = V1_ROUTES
        .iter()
        .map(|route| section(route, &document))
        .collect();
    let index: String = V1_ROUTES.iter().map(entry).collect();
    let codes: String = ProblemCode::ALL.iter().map(code).collect();
    let messages: String = webhooks::MESSAGES.into_iter().map(message).collect();
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let schemas: String = schemas
        .into_iter()
        .flatten()
        .map(|(name, schema)| described(name, schema))
        .collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Sightline API</title><link rel=stylesheet href={STYLE_PATH}><main><h1>Sightline API</h1>\
         <p>{}<p>For programs: <a href={DOCUMENT}>OpenAPI 3.1</a>.<nav><ul>{index}</ul></nav>\
         {routes}<h2 id=webhooks>Webhooks</h2><p>{}<p>Body: {}<dl>{messages}</dl><h2 id=problems>Problems</h2><dl>{codes}</dl><h2 id=schemas>Schemas</h2>{schemas}</main>",
        marked(words),
        marked(webhooks::WORDS),
        kind(&json!({ "$ref": "#/components/schemas/WebhookMessage" })),
    )
}

fn message((name, words): (&str, &str)) -> String {
    format!("<dt><code>{name}</code><dd>{}", marked(words))
}

fn entry(route: &V1Route) -> String {
    let (name, summary) = (route.name, escaped(route.summary));
    format!("<li><a href=#{name}>{summary}</a>")
}

fn section(route: &V1Route, document: &Value) -> String {
    let operations = document
        .get("paths")
        .and_then(|paths| paths.get(route.path));
    let operation = operations.and_then(|operations| operations.get(route.method));
    let at = |path: &str| operation.and_then(|operation| operation.pointer(path));
    let scope = route.scope.map_or("no key", |scope| scope.word());
    let parameters = at("/parameters").and_then(Value::as_array);
    let parameters: String = parameters.into_iter().flatten().map(parameter).collect();
    let body = at("/requestBody/content/application~1json/schema");
    let body = body.map(|schema| format!("<p>Body: {}", kind(schema)));
    let answers = route.answers.iter().map(|answer| {
        let path = format!(
            "/responses/{}/content/application~1json/schema",
            answer.status
        );
        let schema = at(&path).map(kind).unwrap_or_default();
        let words = marked(answer.words);
        format!("<li><b>{}</b> {words} {schema}", answer.status)
    });
    let problems = problems(route).into_iter().flat_map(|(status, codes)| {
        codes.into_iter().map(move |code| {
            let word = code.word();
            format!("<li><b>{status}</b> <a href=#{word}>{word}</a>")
        })
    });
    let answers: String = answers.chain(problems).collect();
    format!(
        "<section id={}><h2>{}</h2><p><code>{} {}</code> Scope: <b>{scope}</b><p>{}<dl>{parameters}</dl>{}\
         <ul>{answers}</ul><pre><code>{}</code></pre></section>",
        route.name,
        escaped(route.summary),
        route.method.to_uppercase(),
        escaped(route.path),
        marked(route.words),
        body.unwrap_or_default(),
        escaped(&curl(route)),
    )
}

fn parameter(parameter: &Value) -> String {
    let text = |name: &str| escaped(text_at(parameter, &format!("/{name}")));
    let schema = parameter
        .get("schema")
        .map(|schema| escaped(&schema.to_string()));
    format!(
        "<dt><code>{}</code> ({})<dd>{}<br><code>{}</code>",
        text("name"),
        text("in"),
        marked(text_at(parameter, "/description")),
        schema.unwrap_or_default(),
    )
}

fn code(code: &ProblemCode) -> String {
    let (word, status) = (code.word(), code.status());
    let title = marked(code.title());
    format!("<dt id={word}><code>{word}</code> {status}<dd>{title}")
}

fn described(name: &str, schema: &Value) -> String {
    let json = serde_json::to_string_pretty(schema).unwrap_or_default();
    let name = escaped(name);
    format!(
        "<details id=schema-{name}><summary><code>{name}</code></summary><pre><code>{}</code></pre></details>",
        escaped(&json)
    )
}

/// The name of a schema that a part of the document refers to, as a link.
fn kind(schema: &Value) -> String {
    let reference = text_at(schema, "/$ref");
    match reference.rsplit_once('/') {
        Some((_, name)) => {
            let name = escaped(name);
            format!("<a href=#schema-{name}><code>{name}</code></a>")
        }
        None => String::new(),
    }
}

fn text_at<'a>(document: &'a Value, path: &str) -> &'a str {
    let text = document.pointer(path).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// Escapes a text and shows what stands between backticks as code.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        1 => format!("<code>{}</code>", escaped(part)),
        _ => escaped(part),
    });
    parts.collect()
}

fn escaped(text: &str) -> String {
    let signs = text.chars().map(|sign| match sign {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        sign => sign.to_string(),
    });
    signs.collect()
}
