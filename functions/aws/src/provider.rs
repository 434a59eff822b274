//! The HTTPS client for identity providers.

use std::time::Duration;

use axum::body::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sightline_host::ports::StoreError;
use sightline_host::sign_in::{ANSWER_BYTES_MAX, Provider};

/// Timeout of a request, from the DNS lookup to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An HTTPS client that trusts Mozilla's certificate authorities. It follows no redirects: only the
/// discovery document decides where codes and secrets are sent. `sightline_host::sign_in` decides
/// which addresses may be used without TLS.
#[derive(Clone, Debug)]
pub struct Https {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
}

impl Https {
    /// Builds a client, which opens no connection yet. Each request has its own connection: an idle
    /// one may be dead, and a code that was sent on it cannot be sent again.
    #[must_use]
    pub fn new() -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(connector),
            patience: PATIENCE,
        }
    }

    async fn ask(
        &self,
        what: &'static str,
        request: http::Result<Request<Full<Bytes>>>,
    ) -> Result<(StatusCode, Vec<u8>), StoreError> {
        let failed = |why: &str, again| StoreError {
            operation: what,
            cause: why.to_owned(),
            retryable: again,
        };
        let request = request.map_err(|_| failed("invalid address", false))?;
        let answer = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|_| failed("not reached", true))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
            let body = body.collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    failed("answer is too long", false)
                } else {
                    failed("answer was cut off", true)
                }
            })?;
            Ok((status, body.to_bytes().to_vec()))
        };
        match tokio::time::timeout(self.patience, answer).await {
            Ok(answered) => answered,
            Err(_) => Err(failed("timed out", true)),
        }
    }
}

impl Default for Https {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider for Https {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, StoreError> {
        let what = "fetch provider document";
        let request = Request::get(url)
            .header(header::ACCEPT, "application/json")
            .body(Full::default());
        let (status, body) = self.ask(what, request).await?;
        if status == StatusCode::OK {
            return Ok(body);
        }
        Err(StoreError {
            operation: what,
            cause: format!("status {}", status.as_u16()),
            retryable: status.is_server_error(),
        })
    }

    async fn exchange(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: String,
    ) -> Result<(u16, Vec<u8>), StoreError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Full::from(form));
        let (status, body) = self.ask("exchange code at provider", request).await?;
        Ok((status.as_u16(), body))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::HeaderMap;
    use axum::response::Redirect;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;

    /// A provider on loopback; dropping it stops it.
    struct FakeProvider {
        base: String,
        serving: JoinHandle<()>,
    }

    impl FakeProvider {
        async fn new() -> Self {
            let routes = Router::new()
                .route("/ok", get(|| async { "{}" }))
                .route("/gone", get(|| async { StatusCode::NOT_FOUND }))
                .route("/ill", get(|| async { StatusCode::BAD_GATEWAY }))
                .route("/away", get(|| async { Redirect::temporary("/ok") }))
                .route("/most", get(|| async { "x".repeat(ANSWER_BYTES_MAX) }))
                .route("/more", get(|| async { "x".repeat(ANSWER_BYTES_MAX + 1) }))
                .route("/never", get(std::future::pending::<()>))
                .route(
                    "/token",
                    post(|headers: HeaderMap, form: String| async move {
                        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
                        let told = format!(
                            "{:?} {:?} {form}",
                            text(header::AUTHORIZATION),
                            text(header::CONTENT_TYPE)
                        );
                        (StatusCode::BAD_REQUEST, told)
                    }),
                );
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}", listener.local_addr().unwrap());
            let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
            Self { base, serving }
        }

        fn at(&self, path: &str) -> String {
            format!("{}{path}", self.base)
        }
    }

    impl Drop for FakeProvider {
        fn drop(&mut self) {
            self.serving.abort();
        }
    }

    #[tokio::test]
    async fn documents_are_read_up_to_their_bound_and_nothing_is_followed() {
        let (provider, https) = (FakeProvider::new().await, Https::new());
        assert_eq!(https.fetch(&provider.at("/ok")).await.unwrap(), b"{}");
        let most = https.fetch(&provider.at("/most")).await.unwrap();
        assert_eq!(most.len(), ANSWER_BYTES_MAX);
        for (path, why, again) in [
            ("/more", "answer is too long", false),
            ("/gone", "status 404", false),
            ("/ill", "status 502", true),
            ("/away", "status 307", false),
        ] {
            let error = https.fetch(&provider.at(path)).await.unwrap_err();
            assert_eq!(
                (error.cause.as_str(), error.retryable),
                (why, again),
                "{path}"
            );
        }
        let error = https.fetch("no address").await.unwrap_err();
        assert!(!error.retryable);
    }

    #[tokio::test]
    async fn a_code_is_posted_as_a_form() {
        let (provider, https) = (FakeProvider::new().await, Https::new());
        let form = || "code=a%20b".to_owned();
        for (authorization, told) in [(None, "None"), (Some("Basic x"), "Some(\"Basic x\")")] {
            let address = provider.at("/token");
            let answer = https.exchange(&address, authorization, form());
            let (status, body) = answer.await.unwrap();
            let wanted = format!("{told} Some(\"application/x-www-form-urlencoded\") code=a%20b");
            assert_eq!((status, String::from_utf8(body).unwrap()), (400, wanted));
        }
    }

    #[tokio::test]
    async fn every_request_has_a_connection_of_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        // Answers each connection once and keeps it open: a request on an old connection never gets
        // an answer.
        let serving = tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    assert_ne!(stream.read_buf(&mut asked).await.unwrap(), 0);
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(answer).await.unwrap();
                open.push(stream);
            }
        });
        let https = Https::new();
        for _ in 0..3 {
            assert_eq!(https.fetch(&base).await.unwrap(), b"{}");
        }
        serving.abort();
    }

    #[tokio::test]
    async fn a_provider_that_is_silent_or_away_is_given_up() {
        let mut https = Https::new();
        https.patience = Duration::from_millis(50);
        let provider = FakeProvider::new().await;
        let error = https.fetch(&provider.at("/never")).await.unwrap_err();
        assert_eq!((error.cause.as_str(), error.retryable), ("timed out", true));
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/ok", closed.local_addr().unwrap());
        drop(closed);
        https.patience = PATIENCE;
        let error = https.fetch(&base).await.unwrap_err();
        assert_eq!(
            (error.cause.as_str(), error.retryable),
            ("not reached", true)
        );
        // The server has no TLS, so the client sends it nothing.
        let secure = provider.at("/ok").replace("http:", "https:");
        assert!(https.fetch(&secure).await.unwrap_err().retryable);
    }
}
