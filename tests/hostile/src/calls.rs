//! Calls that mean no harm, and what they notice.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::page::{Page, Talk};
use crate::socket::{Cut, Socket};
use crate::tally::{Outcome, Tally, percentile_ms};

/// Between two lines of chat of a page.
const CHAT_EVERY: Duration = Duration::from_secs(1);
/// Calls whose agent's page keeps its socket: the desk keeps 16 of one agent.
const AGENTS_THAT_TALK: usize = 8;
/// What is on its way when a measurement ends.
const LATE: Duration = Duration::from_millis(500);
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// The calls to make.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    base: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    session: String,
    /// The cookies.
    agent: String,
    customer: String,
}

/// What the pages of all calls count together.
#[derive(Default)]
struct Notes {
    chats: Mutex<Vec<Duration>>,
    /// Sockets that closed, and lines that were not answered.
    cuts: AtomicU32,
    /// Transports that ended.
    dropped: AtomicU32,
}

/// Keeps the calls until standard input ends. Each line there is a number of seconds, after which
/// it prints what the calls noticed in that time.
pub(crate) async fn keep(wanted: Wanted) {
    let notes = Arc::new(Notes::default());
    let began = Instant::now();
    let (mut tallies, mut customers_at) = (Vec::new(), Vec::new());
    for (number, call) in wanted.calls.iter().enumerate() {
        let ways = [Arc::new(Tally::default()), Arc::new(Tally::default())];
        for (place, (seat, cookie)) in [("agent", &call.agent), ("customer", &call.customer)]
            .into_iter()
            .enumerate()
        {
            let talk = Talk {
                began,
                sent: Arc::clone(&ways[place]),
                heard: Arc::clone(&ways[1 - place]),
            };
            let visit = Visit {
                base: wanted.base.clone(),
                cookie: cookie.clone(),
                session: call.session.clone(),
                seat,
                talks: seat == "customer" || number < AGENTS_THAT_TALK,
                notes: Arc::clone(&notes),
            };
            let at = visit.begins(talk).await;
            if seat == "customer" {
                customers_at.push(at.to_string());
            }
        }
        tallies.extend(ways);
    }
    println!("{}", json!({ "customers_at": customers_at }));
    let (tell, mut lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        lines.for_each(|line| drop(tell.blocking_send(line)));
    });
    while let Some(line) = lines.recv().await {
        let seconds: f64 = line.parse().expect("a number of seconds");
        println!(
            "{}",
            measure(&tallies, &notes, Duration::from_secs_f64(seconds)).await
        );
    }
}

async fn measure(tallies: &[Arc<Tally>], notes: &Notes, time: Duration) -> serde_json::Value {
    let from: Vec<_> = tallies.iter().map(|tally| tally.begin()).collect();
    notes
        .chats
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
    let before = [&notes.cuts, &notes.dropped].map(|count| count.load(Ordering::Relaxed));
    tokio::time::sleep(time).await;
    let to: Vec<_> = tallies.iter().map(|tally| tally.reached()).collect();
    tokio::time::sleep(LATE).await;
    let mut all = Outcome::default();
    for (at, tally) in tallies.iter().enumerate() {
        let one = tally.outcome(from[at], to[at]);
        all.sent += one.sent;
        all.lost += one.lost;
        all.delays.extend(one.delays);
    }
    let chats = notes
        .chats
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    json!({
        "sent": all.sent,
        "lost": all.lost,
        "p50_ms": percentile_ms(all.delays.clone(), 50),
        "p99_ms": percentile_ms(all.delays, 99),
        "chats": chats.len(),
        "chat_p99_ms": percentile_ms(chats, 99),
        "cuts": notes.cuts.load(Ordering::Relaxed) - before[0],
        "dropped": notes.dropped.load(Ordering::Relaxed) - before[1],
    })
}

/// One page in one call.
struct Visit {
    base: String,
    cookie: String,
    session: String,
    seat: &'static str,
    talks: bool,
    notes: Arc<Notes>,
}

impl Visit {
    /// Joins and connects. Returns the page's address for media; the page lives on.
    async fn begins(self, talk: Talk) -> SocketAddr {
        let mut page = Page::new(Some(talk)).await;
        let mut socket = self.socket().await.expect("it enters");
        let answer = socket.offer(1, &page.offer).await.expect("an answer");
        page.take(&answer);
        let local = page.local;
        let (tell, connected) = oneshot::channel();
        let notes = Arc::clone(&self.notes);
        tokio::spawn(async move {
            let joined = page.live_until(CONNECT_WITHIN, |page| page.connected).await;
            let _ = tell.send(joined);
            page.live_until(Duration::from_secs(86_400), |_| false)
                .await;
            notes.dropped.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(connected.await, Ok(true), "the {} connects", self.seat);
        if self.talks {
            tokio::spawn(self.talks(socket));
        }
        local
    }

    async fn socket(&self) -> Result<Socket, Cut> {
        let mut socket = Socket::dial(&self.base, &self.cookie, &self.session).await?;
        socket.enter(self.seat, true).await?;
        Ok(socket)
    }

    /// Says a line every second, over a new socket where one closed.
    async fn talks(self, mut socket: Socket) {
        loop {
            let next = tokio::time::Instant::now() + CHAT_EVERY;
            let began = Instant::now();
            let line = json!({ "topic": "chat", "type": "say", "text": "all is well" });
            let mut said = socket.command(line).await.map(drop);
            if said.is_ok() {
                let took = began.elapsed();
                let mut chats = self
                    .notes
                    .chats
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                chats.push(took);
            }
            // Reads on, so that nothing waits in between.
            while said.is_ok() {
                match tokio::time::timeout_at(next, socket.hear()).await {
                    Ok(heard) => said = heard.map(drop),
                    Err(_) => break,
                }
            }
            if said.is_err() {
                self.notes.cuts.fetch_add(1, Ordering::Relaxed);
                while socket.redial(&self.base, &self.cookie).await.is_err() {
                    tokio::time::sleep(CHAT_EVERY).await;
                }
                let _ = socket.enter(self.seat, false).await;
            }
        }
    }
}
