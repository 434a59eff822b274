//! One process of a function.

use std::fs::OpenOptions;
use std::os::fd::AsFd;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::api::{Job, RuntimeApi};
use super::{InvokeError, Recipe};
use crate::clock::now_ms;
use crate::listen;
use crate::random;

/// A process and its Runtime API. Each process has its own port, because each has its own execution
/// environment on Lambda.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    jobs: mpsc::Sender<Job>,
    serving: JoinHandle<()>,
    arn: String,
}

/// How an invocation ended.
#[derive(Debug)]
pub enum Ended {
    /// With an answer or an error of the function; the process is alive.
    Answered(Result<Bytes, InvokeError>),
    /// The process had ended before it received the event.
    NeverTook,
    /// After the function's timeout.
    TimedOut,
    /// With the process.
    Crashed,
}

/// Why a process did not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The system did not start it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It ended or reported an error before it asked for an event.
    #[error("process ended during init")]
    Ended,
    /// It did not ask in time.
    #[error("init took too long")]
    Late,
}

impl Worker {
    /// Starts a process and waits until it asks for its first event; also returns how long that
    /// took.
    pub async fn start(recipe: &Recipe) -> Result<(Self, Duration), NotStarted> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let api = listener.local_addr()?;
        let (jobs, waiting) = mpsc::channel(1);
        let (asked, first) = oneshot::channel();
        let runtime = Arc::new(RuntimeApi::new(waiting, asked));
        let serving = tokio::spawn(listen::serve(listener, move |request, _| {
            runtime.clone().answer(request)
        }));
        let began = Instant::now();
        let child = Command::new(&recipe.path)
            .env_clear()
            .envs(&recipe.environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.to_string())
            .stdin(Stdio::null())
            .stdout(output(recipe)?)
            .stderr(output(recipe)?)
            .kill_on_drop(true)
            .spawn();
        let child = match child {
            Ok(child) => child,
            Err(error) => {
                serving.abort();
                return Err(error.into());
            }
        };
        let mut worker = Self {
            child,
            jobs,
            serving,
            arn: recipe.arn.clone(),
        };
        let ready = async {
            tokio::select! {
                asked = first => asked.map_err(|_| NotStarted::Ended),
                _ = worker.child.wait() => Err(NotStarted::Ended),
            }
        };
        let ready = timeout(recipe.init, ready).await;
        match ready.unwrap_or(Err(NotStarted::Late)) {
            Ok(()) => Ok((worker, began.elapsed())),
            Err(error) => {
                worker.end().await;
                Err(error)
            }
        }
    }

    /// Delivers an event and waits for the outcome.
    pub async fn run(&mut self, event: Bytes, limit: Duration) -> Ended {
        let taken = Arc::new(AtomicBool::new(false));
        let (done, answer) = oneshot::channel();
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let job = Job {
            id: random::uuid(),
            event,
            deadline_ms: now_ms().saturating_add(limit_ms),
            arn: self.arn.clone(),
            taken: taken.clone(),
            done,
        };
        if self.jobs.send(job).await.is_err() {
            return Ended::NeverTook;
        }
        tokio::select! {
            // An answer counts even if the process ends right after it.
            biased;
            answer = answer => match answer {
                Ok(answer) => Ended::Answered(answer),
                Err(_) => Ended::Crashed,
            },
            _ = self.child.wait() => match taken.load(Ordering::Acquire) {
                true => Ended::Crashed,
                false => Ended::NeverTook,
            },
            () = tokio::time::sleep(limit) => Ended::TimedOut,
        }
    }

    /// Ends the process.
    pub async fn end(mut self) {
        // It may have ended by itself.
        let _ = self.child.kill().await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn output(recipe: &Recipe) -> std::io::Result<Stdio> {
    let Some(path) = &recipe.log else {
        let shared = std::io::stderr().as_fd().try_clone_to_owned()?;
        return Ok(shared.into());
    };
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    Ok(file.into())
}
