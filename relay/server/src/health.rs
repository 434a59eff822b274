//! Whether a running relay is well: asked over loopback by the same program, because an image that
//! holds nothing else has neither a shell nor a place to write to.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::Counters;
use crate::media::Command;

/// How long the media thread may take to say that it lives. It has a turn every few milliseconds.
const PULSE_WITHIN: Duration = Duration::from_secs(2);
/// How long whoever asks may take to read a few bytes.
const READ_WITHIN: Duration = Duration::from_secs(1);
/// How long whoever asks waits for the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// A relay without a call that has been away from home for so long may be helped by a new start.
const AWAY_MAX: Duration = Duration::from_secs(180);
/// Longest answer, bytes.
const ANSWER_BYTES_MAX: u64 = 200;

const WELL: &str = "well";

/// Why a relay is not well.
#[derive(Debug, thiserror::Error)]
pub enum Unwell {
    /// Nobody listens there, or nothing came back.
    #[error("no answer from {0}")]
    NoAnswer(SocketAddr, #[source] std::io::Error),
    /// It says so itself.
    #[error("{0}")]
    Told(String),
}

/// Asks the relay that listens for such questions there. Takes some seconds at most.
///
/// # Errors
/// When it does not answer, or says that it is not well.
pub fn ask(address: SocketAddr) -> Result<(), Unwell> {
    let answer = || {
        let stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = answer().map_err(|error| Unwell::NoAnswer(address, error))?;
    match answer.trim_end() {
        WELL => Ok(()),
        other => Err(Unwell::Told(other.to_owned())),
    }
}

/// Answers everybody who asks, one after the other.
pub(crate) struct Health {
    pub(crate) listener: Option<std::net::TcpListener>,
    pub(crate) commands: mpsc::WeakSender<Command>,
    pub(crate) counters: Arc<Counters>,
}

impl Health {
    /// Never ends.
    pub(crate) async fn run(self) {
        let listener = self.listener.as_ref().map(std::net::TcpListener::try_clone);
        match listener.map(|listener| listener.and_then(TcpListener::from_std)) {
            None => std::future::pending().await,
            Some(Ok(listener)) => self.answer_all(listener).await,
            Some(Err(error)) => {
                tracing::warn!(%error, "nobody can ask for this relay's health");
                std::future::pending().await
            }
        }
    }

    async fn answer_all(&self, listener: TcpListener) {
        let mut away_since = Some(Instant::now());
        let mut looks = tokio::time::interval(Duration::from_secs(1));
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                asked = listener.accept() => Some(asked),
                _ = looks.tick() => None,
            };
            if self.counters.snapshot().at_home {
                away_since = None;
            } else {
                away_since.get_or_insert(Instant::now());
            }
            if let Some(Ok((mut stream, _))) = asked {
                let away = away_since.map(|since| since.elapsed());
                let answer = self.answer(away).await.unwrap_or_else(|why| why);
                let write = async {
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                };
                let _ = tokio::time::timeout(READ_WITHIN, write).await;
            }
        }
    }

    async fn answer(&self, away: Option<Duration>) -> Result<&'static str, &'static str> {
        let pulse = async {
            let (says, said) = oneshot::channel();
            let commands = self.commands.upgrade()?;
            commands.send(Command::Pulse(says)).await.ok()?;
            said.await.ok()
        };
        match tokio::time::timeout(PULSE_WITHIN, pulse).await {
            Ok(Some(())) => {}
            Ok(None) => return Err("media thread has ended"),
            Err(_) => return Err("media thread does not answer"),
        }
        // Calls outlive the link home, so none of them is to end because it is down.
        let idle = self.counters.snapshot().participants == 0;
        if idle && away.is_some_and(|away| away >= AWAY_MAX) {
            return Err("link to the host is down");
        }
        Ok(WELL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(commands: &mpsc::Sender<Command>) -> Health {
        Health {
            listener: None,
            commands: commands.downgrade(),
            counters: Arc::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_media_thread_that_is_stuck_or_gone_is_not_well() {
        let (commands, inbox) = mpsc::channel(1);
        let health = health(&commands);
        assert_eq!(
            health.answer(None).await,
            Err("media thread does not answer")
        );
        drop(inbox);
        assert_eq!(health.answer(None).await, Err("media thread has ended"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_absence_from_home_counts_only_where_no_call_is() {
        let (commands, mut inbox) = mpsc::channel(1);
        let health = health(&commands);
        let media = async {
            while let Some(Command::Pulse(says)) = inbox.recv().await {
                let _ = says.send(());
            }
        };
        let asks = async {
            let long = Some(AWAY_MAX);
            let short = Some(AWAY_MAX - Duration::from_millis(1));
            assert_eq!(health.answer(None).await, Ok(WELL));
            assert_eq!(health.answer(short).await, Ok(WELL));
            assert_eq!(health.answer(long).await, Err("link to the host is down"));
            health.counters.update(|latest| latest.participants = 1);
            assert_eq!(health.answer(long).await, Ok(WELL));
        };
        tokio::select! {
            () = media => panic!("the media thread ended"),
            () = asks => {}
        }
    }
}
