//! ConnectionPlaces for connections: strangers' idle ones must not keep others out.
//!
//! Every connection takes a place when it is accepted. When none is left, one that waits for a
//! request goes for it: the oldest of the source that has most. A WebSocket never goes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// Most connections of all sources, where the system allows as many.
pub const CONNECTIONS_MAX: usize = 8_192;

/// Most connections of one source: an IPv4 address or an IPv6 /64. A browser has about seven, and
/// many people may share an address. Loopback has no limit of its own: a proxy connects from there.
pub const SOURCE_MAX: usize = 512;

/// How long a request may take before its connection may go for another one.
pub const REQUEST_KEPT: Duration = Duration::from_secs(10);

/// How long a connection has to leave.
const LEAVES_WITHIN: Duration = Duration::from_secs(1);

/// All places.
#[derive(Debug)]
pub struct ConnectionPlaces {
    max: usize,
    inner: Mutex<Inner>,
    /// A place was freed.
    freed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    taken: usize,
    /// Orders connections by when they began to wait, or their request began.
    next: u64,
    sources: BTreeMap<IpAddr, Source>,
}

/// The connections of a source.
#[derive(Debug, Default)]
struct Source {
    taken: usize,
    /// Those that wait for a request.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// Those whose request is under way, and since when.
    serving: BTreeMap<u64, (Instant, Arc<Notify>)>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub struct ConnectionPlace {
    places: Arc<ConnectionPlaces>,
    source: IpAddr,
    doing: Mutex<Doing>,
    leave: Arc<Notify>,
}

#[derive(Clone, Copy, Debug)]
enum Doing {
    Waiting {
        number: u64,
        since: Instant,
    },
    Serving(u64),
    /// It is a WebSocket.
    Talking,
}

/// A request under way, until it is dropped.
#[derive(Debug)]
pub struct UnderWay(Arc<ConnectionPlace>);

impl ConnectionPlaces {
    /// `max` places.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            max: max.min(CONNECTIONS_MAX),
            inner: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn max(&self) -> usize {
        self.max
    }

    /// Takes a place for a connection, perhaps that of another one. Returns `None` if none is left.
    pub async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Arc<ConnectionPlace>> {
        let source = source_of(peer);
        if let Some(place) = self.try_take(source) {
            return Some(place);
        }
        let leaves = async {
            loop {
                let freed = self.freed.notified();
                self.inner().give_up_one(self.max, source)?.notify_one();
                freed.await;
                if let Some(place) = self.try_take(source) {
                    return Some(place);
                }
            }
        };
        timeout(LEAVES_WITHIN, leaves).await.ok().flatten()
    }

    fn try_take(self: &Arc<Self>, source: IpAddr) -> Option<Arc<ConnectionPlace>> {
        let mut inner = self.inner();
        let theirs = inner.sources.get(&source).map_or(0, |source| source.taken);
        if inner.taken >= self.max || is_limited(source) && theirs >= SOURCE_MAX {
            return None;
        }
        let (number, since) = (inner.next, Instant::now());
        let leave = Arc::new(Notify::new());
        inner.taken += 1;
        inner.next += 1;
        let theirs = inner.sources.entry(source).or_default();
        theirs.taken += 1;
        theirs.waiting.insert(number, leave.clone());
        Some(Arc::new(ConnectionPlace {
            places: self.clone(),
            source,
            doing: Mutex::new(Doing::Waiting { number, since }),
            leave,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The connection that leaves for one from `source`. It is not chosen twice.
    fn give_up_one(&mut self, max: usize, source: IpAddr) -> Option<Arc<Notify>> {
        let now = Instant::now();
        // Where all places are taken it is any source's; otherwise this one has its share.
        let only = (self.taken < max).then_some(source);
        let waits = |source: &Source| !source.waiting.is_empty();
        if let Some(source) = self.fullest(only, waits) {
            return source.waiting.pop_first().map(|(_, leave)| leave);
        }
        let lasts = |source: &Source| {
            let oldest = source.serving.first_key_value();
            oldest.is_some_and(|(_, (since, _))| now.duration_since(*since) >= REQUEST_KEPT)
        };
        let source = self.fullest(only, lasts)?;
        source.serving.pop_first().map(|(_, (_, leave))| leave)
    }

    fn fullest(
        &mut self,
        only: Option<IpAddr>,
        may: impl Fn(&Source) -> bool,
    ) -> Option<&mut Source> {
        let sources = self.sources.iter_mut();
        sources
            .filter(|(named, source)| only.is_none_or(|only| only == **named) && may(source))
            .max_by_key(|(_, source)| source.taken)
            .map(|(_, source)| source)
    }

    fn change(&mut self, source: IpAddr, before: Doing) -> u64 {
        if let Some(theirs) = self.sources.get_mut(&source) {
            match before {
                Doing::Waiting { number, .. } => drop(theirs.waiting.remove(&number)),
                Doing::Serving(number) => drop(theirs.serving.remove(&number)),
                Doing::Talking => {}
            }
        }
        self.next += 1;
        self.next - 1
    }
}

impl ConnectionPlace {
    /// A request begins.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> UnderWay {
        self.change(|inner, number| {
            let source = inner.sources.entry(self.source).or_default();
            let leave = self.leave.clone();
            source.serving.insert(number, (Instant::now(), leave));
            Doing::Serving(number)
        });
        UnderWay(self.clone())
    }

    /// The connection becomes a WebSocket.
    pub fn talk(&self) {
        self.change(|_, _| Doing::Talking);
    }

    /// Resolves when the connection must leave.
    pub async fn must_leave(&self) {
        self.leave.notified().await;
    }

    /// Since when it waits for a request, if it does.
    pub fn waits_since(&self) -> Option<Instant> {
        match *self.doing() {
            Doing::Waiting { since, .. } => Some(since),
            Doing::Serving(_) | Doing::Talking => None,
        }
    }

    fn end(&self) {
        if !matches!(*self.doing(), Doing::Serving(_)) {
            return;
        }
        self.change(|inner, number| {
            let source = inner.sources.entry(self.source).or_default();
            source.waiting.insert(number, self.leave.clone());
            let since = Instant::now();
            Doing::Waiting { number, since }
        });
    }

    fn change(&self, to: impl FnOnce(&mut Inner, u64) -> Doing) {
        let mut doing = self.doing();
        let mut inner = self.places.inner();
        let number = inner.change(self.source, *doing);
        *doing = to(&mut inner, number);
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        let doing = *self.doing();
        let mut inner = self.places.inner();
        inner.change(self.source, doing);
        inner.taken -= 1;
        if let Some(theirs) = inner.sources.get_mut(&self.source) {
            theirs.taken -= 1;
            if theirs.taken == 0 {
                inner.sources.remove(&self.source);
            }
        }
        drop(inner);
        self.places.freed.notify_waiters();
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn is_limited(source: IpAddr) -> bool {
    !source.is_loopback()
}

/// The address, of IPv6 its /64.
fn source_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)))
        }
        ip => ip,
    }
}

#[cfg(test)]
mod tests;
