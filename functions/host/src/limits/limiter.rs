//! Limits how many unknown secrets may be tried. Pure: time, source and key are arguments.
//!
//! Secrets have 128 bits and cannot be found by trying; the limit tells a source that tries to
//! stop. A correct secret is always answered, whatever its source did before: many people share one
//! address, and one of them must not lock the others out.
//!
//! A [`Limiter`] belongs to one process. Counters with the same limits are shared by all processes
//! of a deployment. Those restart with each minute of the clock; a limiter's window begins with its
//! first failure.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::ports::RateCounter;
use crate::tokens::Keys;

/// Length of the window in which failures are counted, milliseconds.
pub const WINDOW_MS: u64 = 60_000;

/// Failures allowed to one source in a window.
pub const SOURCE_MAX: u32 = 20;

/// Failures allowed to all sources together in a window. Beyond it, each source has one.
pub const ALL_MAX: u32 = 600;

/// Sources counted in a window, to bound memory. Further ones are not counted.
const SOURCES_MAX: usize = 10_000;

/// Failures in the current window.
#[derive(Debug, Default)]
pub struct Limiter {
    began_ms: u64,
    all: u32,
    sources: BTreeMap<IpAddr, u32>,
}

impl Limiter {
    /// Records a failed guess. Returns whether it is within the limit, so that it is counted and
    /// may be answered as unknown.
    pub fn fails(&mut self, source: Option<IpAddr>, now_ms: u64) -> bool {
        let allowed = self.allows(source, now_ms);
        if allowed {
            self.failed(source);
        }
        allowed
    }

    fn allows(&mut self, source: Option<IpAddr>, now_ms: u64) -> bool {
        self.turn(now_ms);
        let failed = source.map_or(self.all, |source| {
            self.sources.get(&network(source)).copied().unwrap_or(0)
        });
        let most = match (source, self.all >= ALL_MAX) {
            (None, _) => ALL_MAX,
            (Some(_), false) => SOURCE_MAX,
            (Some(_), true) => 1,
        };
        failed < most
    }

    fn failed(&mut self, source: Option<IpAddr>) {
        self.all = self.all.saturating_add(1);
        let Some(source) = source.map(network) else {
            return;
        };
        if self.sources.len() < SOURCES_MAX || self.sources.contains_key(&source) {
            let count = self.sources.entry(source).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn turn(&mut self, now_ms: u64) {
        if now_ms.saturating_sub(self.began_ms) >= WINDOW_MS {
            self.began_ms = now_ms;
            self.all = 0;
            self.sources.clear();
        }
    }
}

/// Returns the counter of the failures of all sources in the minute of `now_ms`.
pub(crate) fn shared_by_all(now_ms: u64) -> RateCounter {
    shared("all", ALL_MAX, now_ms)
}

/// Returns the counter of the failures of one source's network in the minute of `now_ms`. An
/// address is personal data, so the counter is named by a pseudonym.
pub(crate) fn shared_by_source(keys: &Keys, source: IpAddr, now_ms: u64) -> RateCounter {
    shared(&source_pseudonym(keys, source), SOURCE_MAX, now_ms)
}

/// Returns the name of a source's network in counters: the address itself is personal data.
#[must_use]
pub fn source_pseudonym(keys: &Keys, source: IpAddr) -> String {
    keys.pseudonym("network", network(source).to_string().as_bytes())
}

/// Returns a source's counter for the time when all sources together have reached [`ALL_MAX`].
pub(crate) fn under_attack(of_source: RateCounter) -> RateCounter {
    RateCounter {
        most: 1,
        ..of_source
    }
}

fn shared(whose: &str, most: u32, now_ms: u64) -> RateCounter {
    let window = now_ms / WINDOW_MS;
    RateCounter {
        name: format!("guesses {whose} {window}"),
        most,
        by: 1,
        until_ms: window.saturating_add(1).saturating_mul(WINDOW_MS),
    }
}

/// Returns the network that counts as one source. The owner of an IPv6 address usually has its
/// whole /64.
fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => IpAddr::V4(address),
            None => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn a_source_is_stopped_at_its_limit_and_free_in_the_next_window() {
        let mut limiter = Limiter::default();
        for _ in 0..SOURCE_MAX {
            assert!(limiter.allows(source(1), 1));
            limiter.failed(source(1));
        }
        assert!(!limiter.allows(source(1), 2));
        assert!(limiter.allows(source(2), 2));
        assert!(!limiter.allows(source(1), WINDOW_MS - 1));
        assert!(limiter.allows(source(1), WINDOW_MS));
    }

    #[test]
    fn under_attack_a_source_without_failures_is_still_told() {
        let mut limiter = Limiter::default();
        for i in 0..ALL_MAX {
            limiter.failed(source((i % 250) as u8));
        }
        assert!(!limiter.allows(source(1), 1));
        assert!(limiter.allows(source(251), 1));
        limiter.failed(source(251));
        assert!(!limiter.allows(source(251), 1));
    }

    #[test]
    fn one_ipv6_network_is_one_source_and_a_mapped_address_is_its_ipv4_one() {
        let mut limiter = Limiter::default();
        for i in 0..SOURCE_MAX {
            let address = format!("2001:db8::{i:x}").parse().unwrap();
            limiter.failed(Some(address));
            limiter.failed(Some("::ffff:192.0.2.9".parse().unwrap()));
        }
        assert!(!limiter.allows(Some("2001:db8::ffff".parse().unwrap()), 1));
        assert!(limiter.allows(Some("2001:db8:0:1::1".parse().unwrap()), 1));
        assert!(!limiter.allows(source(9), 1));
    }

    #[test]
    fn shared_counts_name_a_network_and_a_minute_and_no_address() {
        let keys = Keys::from_bytes(&[7; 32]);
        let of = |address: &str, now_ms| {
            let source = address.parse().unwrap();
            shared_by_source(&keys, source, now_ms)
        };
        let minute = 30_000_000 * WINDOW_MS;
        let own = of("192.0.2.9", minute);
        assert_eq!((own.most, own.until_ms), (SOURCE_MAX, minute + WINDOW_MS));
        assert!(!own.name.contains("192"), "{}", own.name);
        assert_eq!(of("192.0.2.9", minute + WINDOW_MS - 1), own);
        assert_eq!(of("::ffff:192.0.2.9", minute), own);
        assert_ne!(of("192.0.2.9", minute + WINDOW_MS).name, own.name);
        assert_ne!(of("192.0.2.9", minute - 1).name, own.name);
        assert_ne!(of("192.0.2.8", minute).name, own.name);
        assert_eq!(of("2001:db8::1", minute), of("2001:db8::2", minute));
        assert_ne!(of("2001:db8::1", minute), of("2001:db8:0:1::1", minute));
        assert_eq!(under_attack(own.clone()).name, own.name);
        let all = shared_by_all(minute);
        assert_eq!((all.most, all.until_ms), (ALL_MAX, minute + WINDOW_MS));
    }

    #[test]
    fn of_a_million_guesses_a_few_are_told_that_they_are_wrong() {
        let mut limiter = Limiter::default();
        let told = (0..1_000_000_u32)
            .filter(|i| limiter.fails(source(1), u64::from(i / 1_000)))
            .count();
        assert_eq!(told, SOURCE_MAX as usize);
    }

    #[test]
    fn a_million_sources_take_no_more_memory_than_ten_thousand() {
        let mut limiter = Limiter::default();
        for i in 0..1_000_000_u32 {
            limiter.failed(Some(IpAddr::from(i.to_be_bytes())));
        }
        assert_eq!(limiter.sources.len(), SOURCES_MAX);
    }
}
