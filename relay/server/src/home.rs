//! The link home: keeps a WebSocket to the host and the lease on it, carries words both ways,
//! changes over to a fresh one before the old one's time is up.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use sightline_wire::{FromRelay, RelayHears, RelayId, RelaySays, ToRelay};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::dial::{Dialler, Link, LinkEnd};
use crate::media::Command;
use crate::{Counters, Rotation, chance};

/// How often the lease is renewed. It holds for three times as long.
const LEASE_EVERY: Duration = Duration::from_secs(15);
/// A link on which `hello` or `lease` stays unanswered for so long is dead, whatever TCP believes.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// Shortest and longest wait before the next dial; in between it is chance (full jitter), so that
/// relays that lost the same host do not come back together.
const BACKOFF_MIN: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// How often a line about a relay at work is logged.
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// How long the goodbye on a link that was replaced may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// Who is at home with whom.
pub(crate) struct Home {
    pub(crate) dialler: Dialler,
    pub(crate) relay: RelayId,
    pub(crate) rooms_max: u32,
    /// The host is to say where this relay is.
    pub(crate) learns_place: bool,
    pub(crate) rotation: Rotation,
    pub(crate) counters: Arc<Counters>,
}

/// One WebSocket to the host.
struct Line {
    link: Box<Link>,
    /// The host answered `hello`: it knows whose link this is.
    greeted: bool,
    /// When the host must have answered by; `None` while nothing is asked.
    patience: Option<Instant>,
}

/// The link that comes after the one in use.
enum Successor<'h> {
    DialAt(Instant),
    Dialling(BoxFuture<'h, Result<Box<Link>, LinkEnd>>),
    /// It said hello.
    Waiting(Line),
}

/// What became of the successor.
enum Step {
    Due,
    Dialled(Result<Box<Link>, LinkEnd>),
    Heard(Result<Utf8Bytes, LinkEnd>),
}

impl Home {
    /// Keeps a link to the host until there is nothing more to say: the media thread dropped its
    /// end of `says`.
    pub(crate) async fn run(
        self,
        mut says: mpsc::Receiver<RelaySays>,
        commands: mpsc::Sender<Command>,
    ) {
        let mut tries = 0;
        loop {
            let welcomes = self.counters.snapshot().welcomes;
            let end = match self.call().await {
                Ok(line) => self.stay(line, &mut says, &commands).await,
                Err(end) => end,
            };
            self.counters.update(|latest| latest.at_home = false);
            match end {
                LinkEnd::Leaving => return,
                end => tracing::warn!(%end, "link to the host is down"),
            }
            if self.counters.snapshot().welcomes > welcomes {
                tries = 0;
            }
            let wait = backoff(tries, chance());
            tries += 1;
            if !wait_unless_leaving(wait, &says).await {
                return;
            }
        }
    }

    /// Dials and says hello.
    async fn call(&self) -> Result<Line, LinkEnd> {
        let link = self.dialler.dial().await?;
        self.greet(link).await
    }

    async fn greet(&self, link: Box<Link>) -> Result<Line, LinkEnd> {
        let mut line = Line {
            link,
            greeted: false,
            patience: Some(Instant::now() + WELCOME_WITHIN),
        };
        // Without an address the host gives it no room before the first lease: as a relay that
        // drains wants it.
        let media = if self.counters.snapshot().draining {
            Vec::new()
        } else {
            self.counters.place()
        };
        line.say(RelaySays::Hello {
            relay: self.relay,
            rooms_max: self.rooms_max,
            media,
        })
        .await?;
        Ok(line)
    }

    /// Carries words until the link ends and no successor is there to take over.
    async fn stay(
        &self,
        mut line: Line,
        says: &mut mpsc::Receiver<RelaySays>,
        commands: &mpsc::Sender<Command>,
    ) -> LinkEnd {
        let mut lease = tokio::time::interval_at(Instant::now() + LEASE_EVERY, LEASE_EVERY);
        lease.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut report = tokio::time::interval_at(Instant::now() + REPORT_EVERY, REPORT_EVERY);
        let mut successor = self.next_rotation();
        let mut tries = 0;
        // The link before this one: the host may still say something on it that was on its way.
        let mut old: Option<(Line, Instant)> = None;
        loop {
            tokio::select! {
                biased;
                // Not before the host knows whose words they are: words said together may overtake
                // each other.
                said = says.recv(), if line.greeted => {
                    let Some(said) = said else {
                        return self.farewell(line).await;
                    };
                    if let Err(end) = line.say(said).await {
                        return end;
                    }
                }
                heard = line.hear() => match heard {
                    Ok(text) => {
                        if self.hear(text.as_str(), commands) {
                            line.patience = None;
                            // Hello does not tell of rooms that outlived the last link, nor of
                            // draining.
                            if !line.greeted {
                                line.greeted = true;
                                self.at_home(&mut lease);
                            }
                        }
                    }
                    Err(end) => match successor {
                        Successor::Waiting(next) => {
                            tracing::warn!(%end, "link to the host is down, the next one is up");
                            line = next;
                            self.counters.update(|latest| latest.at_home = false);
                            successor = self.next_rotation();
                        }
                        Successor::DialAt(_) | Successor::Dialling(_) => return end,
                    },
                },
                step = successor.step() => {
                    let next = match step {
                        Step::Due => {
                            successor = Successor::Dialling(self.dialler.dial().boxed());
                            continue;
                        }
                        Step::Dialled(Ok(link)) => self.greet(link).await,
                        Step::Dialled(Err(end)) => Err(end),
                        Step::Heard(Err(end)) => Err(end),
                        Step::Heard(Ok(text)) => {
                            if self.hear(text.as_str(), commands)
                                && let Successor::Waiting(mut next) = successor
                            {
                                next.greeted = true;
                                next.patience = None;
                                line.patience = None;
                                old = Some((std::mem::replace(&mut line, next), Instant::now() + self.rotation.overlap));
                                self.at_home(&mut lease);
                                tries = 0;
                                successor = self.next_rotation();
                            }
                            continue;
                        }
                    };
                    successor = match next {
                        Ok(line) => Successor::Waiting(line),
                        Err(end) => {
                            tracing::warn!(%end, "no fresh link to the host, the one in use goes on");
                            let wait = backoff(tries, chance());
                            tries += 1;
                            Successor::DialAt(Instant::now() + wait)
                        }
                    };
                }
                heard = last_words(&mut old) => match heard {
                    Some(text) => {
                        self.hear(text.as_str(), commands);
                    }
                    None => if let Some((line, _)) = old.take() {
                        tokio::spawn(line.goodbye());
                    }
                },
                () = self.counters.news(), if line.greeted => lease.reset_immediately(),
                _ = lease.tick() => {
                    if let Err(end) = line.say(self.lease()).await {
                        return end;
                    }
                    line.patience.get_or_insert(Instant::now() + WELCOME_WITHIN);
                }
                _ = report.tick() => self.report(),
            }
        }
    }

    fn next_rotation(&self) -> Successor<'_> {
        Successor::DialAt(Instant::now() + self.rotation.wait(chance()))
    }

    fn at_home(&self, lease: &mut Interval) {
        self.counters.update(|latest| {
            latest.welcomes += 1;
            latest.at_home = true;
        });
        // A first lease would give it rooms. It says so when the media thread knows its place too.
        if !self.counters.place().is_empty() {
            lease.reset_immediately();
        }
    }

    /// Takes a word of the host; says whether it was the answer to hello or lease.
    fn hear(&self, text: &str, commands: &mpsc::Sender<Command>) -> bool {
        match serde_json::from_str(text) {
            Ok(ToRelay::Relay(RelayHears::Welcome { seen, .. })) => {
                if self.learns_place {
                    self.learn(seen, commands);
                }
                true
            }
            Ok(ToRelay::Relay(hears)) => {
                if commands.try_send(Command::Hear(hears)).is_err() {
                    tracing::warn!("media thread is behind, the host's word is dropped");
                }
                false
            }
            Err(error) => {
                // The text itself may hold a session description.
                tracing::warn!(
                    line = error.line(),
                    column = error.column(),
                    "the host's word is not understood"
                );
                false
            }
        }
    }

    /// The host says where it sees this relay. A word that is dropped comes again with the next
    /// lease.
    fn learn(&self, seen: Option<IpAddr>, commands: &mpsc::Sender<Command>) {
        match seen {
            Some(seen) => {
                let _ = commands.try_send(Command::Seen(seen.to_canonical()));
            }
            None if self.counters.place().is_empty() => {
                tracing::warn!(
                    "the host does not say where it sees this relay: it takes no room without an address to announce"
                );
            }
            None => {}
        }
    }

    fn lease(&self) -> RelaySays {
        let latest = self.counters.snapshot();
        RelaySays::Lease {
            relay: self.relay,
            rooms: latest.rooms,
            // Nobody could reach it yet.
            draining: latest.draining || self.counters.place().is_empty(),
        }
    }

    async fn farewell(&self, mut line: Line) -> LinkEnd {
        let _ = line.say(self.lease()).await;
        let _ = line.link.as_mut().close(None).await;
        LinkEnd::Leaving
    }

    fn report(&self) {
        let latest = self.counters.snapshot();
        if latest.rooms > 0 {
            tracing::info!(
                rooms = latest.rooms,
                participants = latest.participants,
                packets_forwarded = latest.packets_forwarded,
                packets_dropped = latest.packets_dropped,
                datagrams_foreign = latest.datagrams_foreign,
                datagrams_unsent = latest.datagrams_unsent,
                "relay at work"
            );
        }
    }
}

impl Line {
    /// The next text. Ends when the link does, or when the host owes an answer for too long. May be
    /// dropped at any time.
    async fn hear(&mut self) -> Result<Utf8Bytes, LinkEnd> {
        loop {
            let message = match self.patience {
                Some(until) => tokio::time::timeout_at(until, self.link.next())
                    .await
                    .map_err(|_| LinkEnd::Silence)?,
                None => self.link.next().await,
            };
            match message {
                None | Some(Ok(Message::Close(_))) => return Err(LinkEnd::Closed),
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(_)) => {}
            }
        }
    }

    async fn say(&mut self, says: RelaySays) -> Result<(), LinkEnd> {
        let words =
            serde_json::to_string(&FromRelay::Relay(says)).expect("words have only text keys");
        // A link that takes no bytes for so long is dead.
        tokio::time::timeout(WELCOME_WITHIN, self.link.send(Message::text(words)))
            .await
            .unwrap_or(Err(Error::ConnectionClosed))?;
        Ok(())
    }

    async fn goodbye(mut self) {
        let _ = tokio::time::timeout(GOODBYE_WITHIN, self.link.as_mut().close(None)).await;
    }
}

impl Successor<'_> {
    /// May be dropped at any time. What it says has happened: the caller puts something else in its
    /// place.
    async fn step(&mut self) -> Step {
        match self {
            Self::DialAt(at) => {
                tokio::time::sleep_until(*at).await;
                Step::Due
            }
            Self::Dialling(dial) => Step::Dialled(dial.await),
            Self::Waiting(line) => Step::Heard(line.hear().await),
        }
    }
}

/// What the host still says on the link before; `None` when its time is up.
async fn last_words(old: &mut Option<(Line, Instant)>) -> Option<Utf8Bytes> {
    match old {
        Some((line, until)) => tokio::time::timeout_at(*until, line.hear())
            .await
            .ok()?
            .ok(),
        None => std::future::pending().await,
    }
}

/// Waits; says whether the relay still stays.
async fn wait_unless_leaving(wait: Duration, says: &mpsc::Receiver<RelaySays>) -> bool {
    let until = Instant::now() + wait;
    while Instant::now() < until && !says.is_closed() {
        tokio::time::sleep(BACKOFF_MIN / 2).await;
    }
    !says.is_closed()
}

/// Between the shortest wait and one that doubles with each try, by chance.
fn backoff(tries: u32, chance: u64) -> Duration {
    let cap = BACKOFF_MIN
        .saturating_mul(1_u32.checked_shl(tries + 1).unwrap_or(u32::MAX))
        .min(BACKOFF_MAX);
    let span = (cap - BACKOFF_MIN).as_millis() as u64 + 1;
    BACKOFF_MIN + Duration::from_millis(chance % span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_seconds_and_never_leave_their_bounds() {
        for tries in 0..40 {
            for chance in [0, 1, 12_345, u64::MAX] {
                let wait = backoff(tries, chance);
                assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "{wait:?}");
            }
        }
        assert!(backoff(0, u64::MAX) <= 2 * BACKOFF_MIN);
        assert_eq!(backoff(20, 4800), BACKOFF_MAX);
    }
}
