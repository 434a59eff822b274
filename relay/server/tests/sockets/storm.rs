//! Datagrams that nobody means well with, against the program while it carries twenty calls.
//!
//! `SIGHTLINE_DATAGRAMS` sets how many. `relay/room/src/tests/storm.rs` says what comes back.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sightline_wire::{RelaySays, Seat, SessionId};
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::task::JoinHandle;

use crate::host::Host;
use crate::page::{Page, place};
use crate::process::{ends, relay, resident, terminate};

const CALLS: u8 = 20;
const STRANGERS: usize = 8;
/// Ten million datagrams take some minutes.
const LONGEST: Duration = Duration::from_secs(1_800);
/// Datagrams until the sender looks whether the relay keeps up.
const AT_ONCE: u64 = 64;
/// Most bytes that wait at the relay. What comes while its buffer is full, it never sees.
const WAITING_MAX: u64 = 64 * 1024;
/// What the relay may take for all that, KiB.
const GROWTH_MAX: u64 = 16 * 1024;

/// Everything but the pages of the calls.
struct Storm {
    relay: SocketAddr,
    strangers: Vec<UdpSocket>,
    /// The pages' own sockets.
    forged: Vec<UdpSocket>,
    kept: Vec<Vec<u8>>,
    chance: u64,
}

/// Tells the pages when the storm is over, or has failed.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Toll {
    sent: u64,
    bytes: u64,
    /// What strangers were answered, bytes.
    answered: u64,
}

impl Storm {
    fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.chance ^= self.chance >> 12;
        self.chance ^= self.chance << 25;
        self.chance ^= self.chance >> 27;
        (self.chance.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn datagram(&mut self) -> Vec<u8> {
        let any = self.below(self.kept.len());
        match self.below(3) {
            0 => (0..self.below(1_400))
                .map(|_| self.below(256) as u8)
                .collect(),
            1 => self.kept[any].clone(),
            _ => {
                let mut bytes = self.kept[any].clone();
                let at = self.below(bytes.len());
                bytes[at] ^= 1 << self.below(8);
                if self.below(4) == 0 {
                    bytes.truncate(self.below(bytes.len()));
                }
                bytes
            }
        }
    }

    fn rages(mut self, count: u64) -> Toll {
        let mut toll = Toll::default();
        while toll.sent < count {
            let bytes = self.datagram();
            let strangers = self.below(2) == 0;
            let who = self.below(if strangers {
                STRANGERS
            } else {
                self.forged.len()
            });
            let list = if strangers {
                &self.strangers
            } else {
                &self.forged
            };
            // The queue of our own machine may be full for a moment.
            if list[who].send_to(&bytes, self.relay).is_ok() && strangers {
                toll.bytes += bytes.len() as u64;
            }
            toll.sent += 1;
            if toll.sent.is_multiple_of(AT_ONCE) {
                toll.answered += self.strangers.iter().map(answers).sum::<u64>();
                while waiting(self.relay).is_some_and(|(bytes, _)| bytes > WAITING_MAX) {
                    std::thread::sleep(Duration::from_micros(200));
                }
            }
        }
        toll
    }
}

/// The bytes that came back to a socket.
fn answers(stranger: &UdpSocket) -> u64 {
    let mut buffer = [0; 2048];
    let mut bytes = 0;
    while let Ok(length) = stranger.recv(&mut buffer) {
        bytes += length as u64;
    }
    bytes
}

/// The bytes that wait in the buffer of a UDP socket, and the datagrams that found it full. The
/// kernel's table may miss a socket while others come and go.
fn waiting(at: SocketAddr) -> Option<(u64, u64)> {
    let table = std::fs::read_to_string("/proc/net/udp").unwrap();
    let place = format!(":{:04X}", at.port());
    let mut sockets = table.lines().skip(1).filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (_, received) = words[4].split_once(':').unwrap();
        let waiting = u64::from_str_radix(received, 16).unwrap();
        words[1]
            .ends_with(&place)
            .then(|| (waiting, words[12].parse().unwrap()))
    });
    sockets.next()
}

fn stranger() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// Reads the log of a program: one that nobody reads would stop it after some minutes.
fn read_log(program: &mut Child) -> JoinHandle<String> {
    let mut stdout = program.stdout.take().unwrap();
    tokio::spawn(async move {
        let mut log = String::new();
        stdout.read_to_string(&mut log).await.unwrap();
        log
    })
}

/// Lets all pages live until something is so.
async fn all_live(
    pages: Vec<Page>,
    until: impl Fn(&Page) -> bool + Clone + Send + 'static,
) -> Vec<Page> {
    let tasks: Vec<_> = pages
        .into_iter()
        .map(|mut page| {
            let until = until.clone();
            tokio::spawn(async move {
                page.run_until(until).await;
                page
            })
        })
        .collect();
    let mut pages = Vec::new();
    for task in tasks {
        let page = tokio::time::timeout(LONGEST, task).await;
        pages.push(page.expect("in time").unwrap());
    }
    pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_datagrams_end_neither_the_relay_nor_a_call() {
    let count = std::env::var("SIGHTLINE_DATAGRAMS").map_or(Ok(100_000), |count| count.parse());
    let mut host = Host::start().await;
    let mut relay = relay(&host.url(), &["--patience-s", "0"]);
    let log = read_log(&mut relay);
    host.expect(|says| matches!(says, RelaySays::Lease { .. }))
        .await;
    let (mut pages, mut forged, mut at) = (vec![], vec![], None);
    for name in 1..=2 * CALLS {
        let seat = [Seat::Customer, Seat::Agent][usize::from(name % 2)];
        let (mut page, twin) = Page::with_twin(name, seat);
        page.kept = Some(vec![]);
        host.say(page.offer(SessionId::from_bytes([name.div_ceil(2); 16])))
            .await;
        let answer = host
            .expect(|says| matches!(says, RelaySays::Answer { .. }))
            .await;
        if let RelaySays::Answer { sdp, .. } = &answer {
            at = Some(place(sdp, "udp"));
        }
        page.take(answer).await;
        pages.push(page);
        forged.push(twin);
    }
    let mut pages = all_live(pages, |page| page.seen(50)).await;
    let kept: Vec<_> = pages
        .iter_mut()
        .flat_map(|page| page.kept.take().unwrap())
        .filter(|datagram| !datagram.is_empty())
        .collect();
    let at = at.unwrap();
    let before = resident(&relay);
    let over = Arc::new(AtomicBool::new(false));
    let storm = Storm {
        relay: at,
        strangers: (0..STRANGERS).map(|_| stranger()).collect(),
        forged,
        kept,
        chance: 0x5eed,
    };
    let guard = Ends(Arc::clone(&over));
    let raging = tokio::task::spawn_blocking(move || {
        let _guard = guard;
        storm.rages(count.expect("a number"))
    });
    let pages = all_live(pages, move |_| over.load(Ordering::Relaxed)).await;
    let toll = raging.await.unwrap();
    let heard: Vec<usize> = pages.iter().map(|page| page.media.len()).collect();
    let pages = all_live(pages, move |page| {
        page.seen(heard[usize::from(page.name) - 1] + 20)
    })
    .await;
    assert!(pages.iter().all(|page| !page.closed), "no call was dropped");
    let grown = resident(&relay).saturating_sub(before);
    let lost = waiting(at).map(|(_, lost)| lost);
    println!(
        "{toll:?}, {lost:?} of these found the buffer full, {before} KiB and {grown} KiB more"
    );
    assert!(toll.answered <= toll.bytes);
    assert!(grown < GROWTH_MAX, "{grown} KiB more");
    assert!(relay.try_wait().unwrap().is_none(), "the relay runs");
    terminate(&relay).await;
    ends(&mut relay, Duration::from_secs(5)).await;
    println!("{} lines of log", log.await.unwrap().lines().count());
}
