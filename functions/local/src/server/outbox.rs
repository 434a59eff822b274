//! The desk's outbox: the text messages that were not sent, as a page and as JSON.

use std::fmt::Write;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use sightline_host::case::utc;

use super::ServerState;
use crate::store::outbox::OutboxMessage;

/// Serves `/outbox.json`: newest last.
pub async fn json(State(server): State<ServerState>) -> Response {
    match server.host.ports().store.outbox().await {
        Ok(sent) => ([(header::CACHE_CONTROL, "no-store")], Json(sent)).into_response(),
        Err(error) => failed(&error),
    }
}

/// Serves `/outbox`: newest first, refreshing itself.
pub async fn page(State(server): State<ServerState>) -> Response {
    match server.host.ports().store.outbox().await {
        Ok(sent) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, html(&sent)).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &sightline_host::ports::StoreError) -> Response {
    tracing::error!(error = %error, "failed to read outbox");
    (StatusCode::SERVICE_UNAVAILABLE, "the outbox cannot be read").into_response()
}

/// Serves `/outbox.css`. It is a separate file because the content security policy allows no inline
/// style.
pub async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, STYLE).into_response()
}

/// The roles of all pages, and what this page does with them.
const STYLE: &str = concat!(
    include_str!("../../../../web/src/ui/look/page.css"),
    include_str!("outbox.css")
);

/// Renders messages as plain text with links.
fn html(sent: &[OutboxMessage]) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Outbox</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/outbox.css\">\
         <meta name=\"robots\" content=\"noindex\">\
         <meta http-equiv=\"refresh\" content=\"2\"></head>\
         <body><h1>Outbox</h1><p>Text messages that the desk version keeps here. Newest first.</p>",
    );
    if sent.is_empty() {
        page.push_str("<p>No messages.</p>");
    }
    page.push_str("<ol reversed>");
    for message in sent.iter().rev() {
        let text = escaped(&message.text);
        let link = escaped(&message.link);
        let anchor =
            format!("<a href=\"{link}\" target=\"_blank\" rel=\"noopener noreferrer\">{link}</a>");
        let _ = write!(
            page,
            "<li><p><strong>{}</strong> · <time datetime=\"{at}\">{at}</time></p><p dir=\"auto\">{}</p></li>",
            escaped(&message.to),
            text.replace(&link, &anchor),
            at = utc(message.at_ms),
        );
    }
    page.push_str("</ol></body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_messages_is_escaped() {
        let page = html(&[OutboxMessage {
            to: "+4915112345678".to_owned(),
            text: "<script>alert(1)</script> & http://x/j#\"a\"".to_owned(),
            link: "http://x/j#\"a\"".to_owned(),
            at_ms: 0,
        }]);
        assert!(!page.contains("<script"));
        assert!(page.contains(
            "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <a href=\"http://x/j#&quot;a&quot;\""
        ));
    }

    #[test]
    fn dates_around_a_leap_day_are_right() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(1_709_164_799_999), "2024-02-28T23:59:59Z");
        assert_eq!(utc(1_709_164_800_000), "2024-02-29T00:00:00Z");
        assert_eq!(utc(1_709_251_200_000), "2024-03-01T00:00:00Z");
        assert_eq!(utc(1_767_225_599_000), "2025-12-31T23:59:59Z");
    }
}
