//! Lambda: each function has its own processes, started when needed, with one invocation at a time
//! each.

mod api;
mod figures;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use crate::faults::{FaultInjector, InvocationFate};
use worker::{Ended, Worker};

pub use figures::Figures;

/// Largest event and largest answer of a function (Lambda quota, synchronous invocation).
pub const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

/// How to run a function.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Logical id.
    pub name: String,
    /// Name of the binary.
    pub binary: String,
    /// The binary.
    pub path: PathBuf,
    /// Its ARN.
    pub arn: String,
    /// Its environment, without the address of its Runtime API.
    pub environment: BTreeMap<String, String>,
    /// An invocation is cancelled after this time.
    pub timeout: Duration,
    /// A process must ask for its first event within this time.
    pub init: Duration,
    /// Processes at a time.
    pub workers: usize,
    /// File for its output; `None`: standard error.
    pub log: Option<PathBuf>,
}

/// Why an invocation has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function reported an error.
    #[error("function error")]
    Function,
    /// It took longer than its timeout.
    #[error("function timed out")]
    TimedOut,
    /// Its process ended.
    #[error("function crashed")]
    Crashed,
    /// Its process did not start, or did not ask for an event in time.
    #[error("function did not start")]
    Init,
    /// The event or the answer is too large.
    #[error("payload too large")]
    TooLarge,
    /// The caller's time limit passed; the function may still run.
    #[error("integration timed out")]
    Late,
    /// Refused by a fault.
    #[error("too many requests")]
    Throttled,
    /// Lost by a fault.
    #[error("lost")]
    Vanished,
    /// Failed by a fault.
    #[error("internal error")]
    Failed,
}

impl InvokeError {
    /// The outcome in the log of invocations.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Function => "function error",
            Self::TimedOut => "timed out",
            Self::Crashed => "crashed",
            Self::Init => "did not start",
            Self::TooLarge => "too large",
            Self::Late => "late",
            Self::Throttled => "throttled",
            Self::Vanished => "vanished",
            Self::Failed => "failed",
        }
    }
}

/// A function and its processes.
#[derive(Debug)]
pub struct Function {
    recipe: Recipe,
    idle: Mutex<Vec<Worker>>,
    room: Semaphore,
    figures: Mutex<Figures>,
    stopped: watch::Sender<bool>,
}

impl Function {
    /// Creates a function without processes.
    #[must_use]
    pub fn new(recipe: Recipe) -> Self {
        Self {
            room: Semaphore::new(recipe.workers.max(1)),
            recipe,
            idle: Mutex::default(),
            figures: Mutex::default(),
            stopped: watch::Sender::new(false),
        }
    }

    /// Logical id and binary.
    #[must_use]
    pub fn names(&self) -> [&str; 2] {
        [&self.recipe.name, &self.recipe.binary]
    }

    /// Returns what was measured.
    pub fn figures(&self) -> Figures {
        self.figures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Invokes it as an integration does: within a time limit, and with the faults of the route. A
    /// function that is late continues to run.
    ///
    /// # Errors
    /// When there is no answer in time, or an error.
    pub async fn integrate(
        self: &Arc<Self>,
        event: Vec<u8>,
        limit: Duration,
        injector: &FaultInjector,
        route: &str,
    ) -> Result<Bytes, InvokeError> {
        let fate = injector.fate(self.names(), route);
        if !fate.delay.is_zero() {
            tokio::time::sleep(fate.delay).await;
        }
        match fate.outcome {
            InvocationFate::Throttled => return Err(InvokeError::Throttled),
            InvocationFate::Vanishes => return Err(InvokeError::Vanished),
            InvocationFate::Fails => return Err(InvokeError::Failed),
            InvocationFate::Runs | InvocationFate::LosesAnswer => {}
        }
        let answer = timeout(limit, self.invoke(event)).await;
        match answer.unwrap_or(Err(InvokeError::Late)) {
            Ok(_) if fate.outcome == InvocationFate::LosesAnswer => Err(InvokeError::Failed),
            other => other,
        }
    }

    /// Invokes it. The function runs to its end even if the caller stops waiting.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn invoke(self: &Arc<Self>, event: Vec<u8>) -> Result<Bytes, InvokeError> {
        if event.len() > PAYLOAD_BYTES_MAX {
            return Err(InvokeError::TooLarge);
        }
        let function = self.clone();
        let running = tokio::spawn(async move {
            let mut stopped = function.stopped.subscribe();
            tokio::select! {
                // Dropping the invocation ends its process.
                _ = stopped.wait_for(|stopped| *stopped) => Err(InvokeError::Crashed),
                answer = function.run(event.into()) => answer,
            }
        });
        running.await.unwrap_or(Err(InvokeError::Crashed))
    }

    /// Ends its processes, including those that handle an event.
    pub async fn stop(&self) {
        self.stopped.send_replace(true);
        // All permits are returned as the current invocations are dropped.
        let all = u32::try_from(self.recipe.workers.max(1)).unwrap_or(u32::MAX);
        let _all = self.room.acquire_many(all).await;
        let workers: Vec<Worker> = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.drain(..).collect()
        };
        for worker in workers {
            worker.end().await;
        }
    }

    async fn run(&self, event: Bytes) -> Result<Bytes, InvokeError> {
        let Ok(_permit) = self.room.acquire().await else {
            return Err(InvokeError::Crashed);
        };
        loop {
            let mut worker = match self.take() {
                Some(worker) => worker,
                None => self.start().await?,
            };
            let began = Instant::now();
            let ended = worker.run(event.clone(), self.recipe.timeout).await;
            let answer = match ended {
                Ended::Answered(answer) => {
                    self.figure(|figures| figures.handled(began.elapsed()));
                    self.put(worker);
                    answer
                }
                // The process ended while it was idle.
                Ended::NeverTook => {
                    worker.end().await;
                    continue;
                }
                Ended::TimedOut => {
                    worker.end().await;
                    Err(InvokeError::TimedOut)
                }
                Ended::Crashed => {
                    worker.end().await;
                    Err(InvokeError::Crashed)
                }
            };
            if let Err(error) = answer {
                self.figure(|figures| figures.errors += 1);
                let function = &self.recipe.binary;
                tracing::warn!(%function, error = %error, "invocation failed");
            }
            return answer;
        }
    }

    async fn start(&self) -> Result<Worker, InvokeError> {
        match Worker::start(&self.recipe).await {
            Ok((worker, init)) => {
                self.figure(|figures| figures.started(init));
                Ok(worker)
            }
            Err(error) => {
                let function = &self.recipe.binary;
                tracing::error!(%function, error = %error, "function did not start");
                Err(InvokeError::Init)
            }
        }
    }

    /// Takes the process that was used last, so that others stay idle, as on Lambda.
    fn take(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn put(&self, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(worker);
    }

    fn figure(&self, change: impl FnOnce(&mut Figures)) {
        change(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
