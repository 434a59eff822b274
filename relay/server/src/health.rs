//! Health checks of a running relay. The same program asks for them over loopback, because the
//! relay's image contains nothing else, not even a shell.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use sightline_wire::{Health, Part};
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
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// The part that a relay with calls does without: they outlive the link home.
const HOME: &str = "home";

/// Why a health check failed.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The connection failed, or the relay sent nothing.
    #[error("no answer from {0}")]
    NoAnswer(SocketAddr, #[source] std::io::Error),
    /// What answers is no relay.
    #[error("no relay answers at {0}")]
    NoRelay(SocketAddr, #[source] serde_json::Error),
}

/// Checks the health of the relay that listens for health checks at this address. Takes a few
/// seconds at most.
///
/// # Errors
/// When the relay does not answer.
pub fn ask(address: SocketAddr) -> Result<Health, HealthError> {
    let answer = || {
        let stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = answer().map_err(|error| HealthError::NoAnswer(address, error))?;
    serde_json::from_str(&answer).map_err(|error| HealthError::NoRelay(address, error))
}

/// Answers health checks, one after the other.
pub(crate) struct HealthListener {
    pub(crate) listener: Option<std::net::TcpListener>,
    pub(crate) commands: Vec<mpsc::WeakSender<MediaCommand>>,
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
                let answer = self.check(away, THREAD_ANSWERS_WITHIN).await.to_lines();
                let write = async {
                    stream.write_all(answer.as_bytes()).await?;
                    stream.shutdown().await
                };
                let _ = tokio::time::timeout(READ_WITHIN, write).await;
            }
        }
    }

    /// `away` is how long the link home has been down, `within` how long the media thread may take.
    async fn check(&self, away: Option<Duration>, within: Duration) -> Health {
        let now = self.counters.snapshot();
        let media = match self.media(within).await {
            Ok(()) => Part::well("media", format!("rooms: {}", now.rooms)),
            Err(why) => Part::ill("media", why),
        };
        let home = match away {
            None => Part::well(HOME, "the host is connected"),
            Some(_) if now.welcomes == 0 => Part::ill(HOME, "the host was not reached yet"),
            Some(away) => {
                let s = away.as_secs();
                Part::ill(HOME, format!("link to the host is down for {s} s"))
            }
        };
        // A restart must not end a call because the link is down, and a short gap heals itself. But
        // a relay that never reached its host gets no calls: it is not ready.
        let calls = now.participants > 0;
        let gap = now.welcomes > 0 && away.is_some_and(|away| away < AWAY_MAX);
        let spared: &[&str] = if calls || gap { &[HOME] } else { &[] };
        Health::of(vec![media, home], spared)
    }

    async fn media(&self, within: Duration) -> Result<(), &'static str> {
        let threads_answer = async {
            for commands in &self.commands {
                let (reply, replied) = oneshot::channel();
                let commands = commands.upgrade()?;
                commands.send(MediaCommand::HealthCheck(reply)).await.ok()?;
                replied.await.ok()?;
            }
            Some(())
        };
        match tokio::time::timeout(within, threads_answer).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err("media thread has ended"),
            Err(_) => Err("media thread does not answer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Snapshot;

    fn health(commands: &mpsc::Sender<MediaCommand>) -> HealthListener {
        HealthListener {
            listener: None,
            commands: vec![commands.downgrade()],
            counters: Arc::default(),
        }
    }

    /// Whether all is well, and what is not.
    fn told(health: &Health) -> (bool, Vec<&str>) {
        let ill = health.parts.iter().filter(|part| !part.ok);
        (health.ok, ill.map(|part| part.words.as_str()).collect())
    }

    #[tokio::test]
    async fn a_media_thread_that_is_stuck_or_gone_is_unhealthy() {
        let (commands, inbox) = mpsc::channel(1);
        let health = health(&commands);
        let within = Duration::from_millis(1);
        let stuck = health.check(None, within).await;
        assert_eq!(told(&stuck), (false, vec!["media thread does not answer"]));
        drop(inbox);
        let gone = health.check(None, within).await;
        assert_eq!(told(&gone), (false, vec!["media thread has ended"]));
    }

    #[tokio::test]
    async fn a_relay_is_ready_at_home_and_its_calls_outlive_the_link() {
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
            let check = async |away| health.check(away, THREAD_ANSWERS_WITHIN).await;
            let new = check(short).await;
            assert_eq!(told(&new), (false, vec!["the host was not reached yet"]));
            health.counters.update(|latest| latest.welcomes = 1);
            for (away, participants, ok) in [
                (None, 0, true),
                (short, 0, true),
                (long, 0, false),
                (long, 1, true),
                (short, 1, true),
            ] {
                let change = |latest: &mut Snapshot| latest.participants = participants;
                health.counters.update(change);
                let health = check(away).await;
                assert_eq!(health.ok, ok, "{away:?}, {participants}");
                let [media, home] = &health.parts[..] else {
                    panic!("{health:?}");
                };
                assert_eq!((media.ok, home.ok), (true, away.is_none()));
            }
        };
        tokio::select! {
            () = media => panic!("the media thread ended"),
            () = asks => {}
        }
    }
}
