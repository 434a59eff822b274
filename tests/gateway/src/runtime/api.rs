//! The Lambda Runtime API, for one process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::{Bytes, Incoming};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::{InvokeError, PAYLOAD_BYTES_MAX};
use crate::listen::{self, NotRead, WholeResponse};

const VERSION: &str = "/2018-06-01/runtime";

/// One event on its way to a process.
#[derive(Debug)]
pub struct Job {
    /// Request id.
    pub id: String,
    /// The event.
    pub event: Bytes,
    /// When the function's time is up.
    pub deadline_ms: u64,
    /// The function.
    pub arn: String,
    /// Whether the process has seen it.
    pub taken: Arc<AtomicBool>,
    /// Receives the answer.
    pub done: oneshot::Sender<Result<Bytes, InvokeError>>,
}

/// The Runtime API of one process.
#[derive(Debug)]
pub struct RuntimeApi {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    /// Notified when the process first asks for an event; taken then, or when init fails.
    asked: Mutex<Option<oneshot::Sender<()>>>,
    current: Mutex<Option<Current>>,
}

#[derive(Debug)]
struct Current {
    id: String,
    done: oneshot::Sender<Result<Bytes, InvokeError>>,
}

impl RuntimeApi {
    /// Serves jobs from a queue; `asked` is notified when the process first asks for an event.
    pub fn new(waiting: mpsc::Receiver<Job>, asked: oneshot::Sender<()>) -> Self {
        Self {
            waiting: tokio::sync::Mutex::new(waiting),
            asked: Mutex::new(Some(asked)),
            current: Mutex::default(),
        }
    }

    /// Answers one request of the process.
    pub async fn answer(self: Arc<Self>, request: Request<Incoming>) -> WholeResponse {
        let path = request.uri().path().to_owned();
        let Some(path) = path.strip_prefix(VERSION) else {
            return listen::empty(StatusCode::NOT_FOUND);
        };
        let is_get = request.method() == Method::GET;
        let is_post = request.method() == Method::POST;
        match path.trim_start_matches("/invocation") {
            "/next" if is_get => self.next().await,
            "/init/error" if is_post => {
                take(&self.asked);
                accepted()
            }
            rest if is_post => match rest.trim_start_matches('/').split_once('/') {
                Some((id, "response")) => {
                    let body = listen::read(request.into_body(), PAYLOAD_BYTES_MAX).await;
                    self.finish(id, body)
                }
                Some((id, "error")) => {
                    self.done(id, Err(InvokeError::Function));
                    accepted()
                }
                _ => listen::empty(StatusCode::NOT_FOUND),
            },
            _ => listen::empty(StatusCode::NOT_FOUND),
        }
    }

    async fn next(&self) -> WholeResponse {
        if let Some(asked) = take(&self.asked) {
            let _ = asked.send(());
        }
        let Some(job) = self.waiting.lock().await.recv().await else {
            return listen::empty(StatusCode::GONE);
        };
        job.taken.store(true, Ordering::Release);
        let mut answer = listen::answer(StatusCode::OK, "application/json", job.event);
        let deadline = job.deadline_ms.to_string();
        let trace = format!("Root=1-{:08x}-{}", job.deadline_ms / 1_000, "0".repeat(24));
        for (name, value) in [
            ("lambda-runtime-aws-request-id", job.id.as_str()),
            ("lambda-runtime-deadline-ms", deadline.as_str()),
            ("lambda-runtime-invoked-function-arn", job.arn.as_str()),
            ("lambda-runtime-trace-id", trace.as_str()),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        }
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Current {
            id: job.id,
            done: job.done,
        });
        answer
    }

    fn finish(&self, id: &str, body: Result<Bytes, NotRead>) -> WholeResponse {
        match body {
            Ok(body) => {
                if self.done(id, Ok(body)) {
                    accepted()
                } else {
                    listen::message(StatusCode::BAD_REQUEST, "invalid request id")
                }
            }
            Err(NotRead::TooLong) => {
                self.done(id, Err(InvokeError::TooLarge));
                listen::empty(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Err(NotRead::Broken) => listen::empty(StatusCode::BAD_REQUEST),
        }
    }

    /// Ends the current invocation; returns false if `id` names another one.
    fn done(&self, id: &str, answer: Result<Bytes, InvokeError>) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = current.as_ref().is_some_and(|current| current.id == id);
        let Some(current) = current.take_if(|_| is_it) else {
            return false;
        };
        // A caller that stopped waiting has ended the process.
        let _ = current.done.send(answer);
        true
    }
}

fn accepted() -> WholeResponse {
    listen::as_json(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
