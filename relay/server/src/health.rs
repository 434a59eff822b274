//! Health checks of a running relay. The same program asks for them over loopback, because the
//! relay's image contains nothing else, not even a shell.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::counters::RelayCounters;
use crate::media::MediaCommand;

/// How long the media thread may take to answer. It has a turn every few milliseconds.
const THREAD_ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// How long the asking process may take to read a few bytes.
const READ_WITHIN: Duration = Duration::from_secs(1);
/// How long the asking process waits for the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// How long a relay without calls may be without its link home. After that a restart may help.
const AWAY_MAX: Duration = Duration::from_secs(180);
/// Longest answer, bytes.
const ANSWER_BYTES_MAX: u64 = 200;

/// The answer of a healthy relay.
const HEALTHY: &str = "well";

/// Why a health check failed.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The connection failed, or the relay sent nothing.
    #[error("no answer from {0}")]
    NoAnswer(SocketAddr, #[source] std::io::Error),
    /// The relay reported a problem.
    #[error("{0}")]
    Reported(String),
}

/// Checks the health of the relay that listens for health checks at this address. Takes a few
/// seconds at most.
///
/// # Errors
/// When the relay does not answer, or reports a problem.
pub fn ask(address: SocketAddr) -> Result<(), HealthError> {
    let answer = || {
        let stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = answer().map_err(|error| HealthError::NoAnswer(address, error))?;
    match answer.trim_end() {
        HEALTHY => Ok(()),
        other => Err(HealthError::Reported(other.to_owned())),
    }
}

/// Answers health checks, one after the other.
pub(crate) struct HealthListener {
    pub(crate) listener: Option<std::net::TcpListener>,
    pub(crate) commands: mpsc::WeakSender<MediaCommand>,
    pub(crate) counters: Arc<RelayCounters>,
}

impl HealthListener {
    /// Runs for ever.
    pub(crate) async fn run(self) {
        let listener = self.listener.as_ref().map(std::net::TcpListener::try_clone);
        match listener.map(|listener| listener.and_then(TcpListener::from_std)) {
            None => std::future::pending().await,
            Some(Ok(listener)) => self.answer_all(listener).await,
            Some(Err(error)) => {
                tracing::warn!(%error, "health check listener failed");
                std::future::pending().await
            }
        }
    }

    async fn answer_all(&self, listener: TcpListener) {
        let mut away_since = Some(Instant::now());
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                asked = listener.accept() => Some(asked),
                _ = ticks.tick() => None,
            };
            if self.counters.snapshot().at_home {
                away_since = None;
            } else {
                away_since.get_or_insert(Instant::now());
            }
            if let Some(Ok((mut stream, _))) = asked {
                let away = away_since.map(|since| since.elapsed());
                let answer = self
                    .answer(away, THREAD_ANSWERS_WITHIN)
                    .await
                    .unwrap_or_else(|why| why);
                let write = async {
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                };
                let _ = tokio::time::timeout(READ_WITHIN, write).await;
            }
        }
    }

    /// `away` is how long the link home has been down, `within` how long the media thread may take.
    async fn answer(
        &self,
        away: Option<Duration>,
        within: Duration,
    ) -> Result<&'static str, &'static str> {
        let thread_answers = async {
            let (reply, replied) = oneshot::channel();
            let commands = self.commands.upgrade()?;
            commands.send(MediaCommand::HealthCheck(reply)).await.ok()?;
            replied.await.ok()
        };
        match tokio::time::timeout(within, thread_answers).await {
            Ok(Some(())) => {}
            Ok(None) => return Err("media thread has ended"),
            Err(_) => return Err("media thread does not answer"),
        }
        // Calls outlive the link home, so a restart must not end one because the link is down.
        let idle = self.counters.snapshot().participants == 0;
        if idle && away.is_some_and(|away| away >= AWAY_MAX) {
            return Err("link to the host is down");
        }
        Ok(HEALTHY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(commands: &mpsc::Sender<MediaCommand>) -> HealthListener {
        HealthListener {
            listener: None,
            commands: commands.downgrade(),
            counters: Arc::default(),
        }
    }

    #[tokio::test]
    async fn a_media_thread_that_is_stuck_or_gone_is_unhealthy() {
        let (commands, inbox) = mpsc::channel(1);
        let health = health(&commands);
        let within = Duration::from_millis(1);
        assert_eq!(
            health.answer(None, within).await,
            Err("media thread does not answer")
        );
        drop(inbox);
        assert_eq!(
            health.answer(None, within).await,
            Err("media thread has ended")
        );
    }

    #[tokio::test]
    async fn a_long_time_without_a_link_home_counts_only_without_calls() {
        let (commands, mut inbox) = mpsc::channel(1);
        let health = health(&commands);
        let media = async {
            while let Some(MediaCommand::HealthCheck(reply)) = inbox.recv().await {
                let _ = reply.send(());
            }
        };
        let asks = async {
            let long = Some(AWAY_MAX);
            let short = Some(AWAY_MAX - Duration::from_millis(1));
            assert_eq!(
                health.answer(None, THREAD_ANSWERS_WITHIN).await,
                Ok(HEALTHY)
            );
            assert_eq!(
                health.answer(short, THREAD_ANSWERS_WITHIN).await,
                Ok(HEALTHY)
            );
            assert_eq!(
                health.answer(long, THREAD_ANSWERS_WITHIN).await,
                Err("link to the host is down")
            );
            health.counters.update(|latest| latest.participants = 1);
            assert_eq!(
                health.answer(long, THREAD_ANSWERS_WITHIN).await,
                Ok(HEALTHY)
            );
        };
        tokio::select! {
            () = media => panic!("the media thread ended"),
            () = asks => {}
        }
    }
}
