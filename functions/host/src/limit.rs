//! How many unknown secrets may be tried. Pure: time and source are arguments.
//!
//! Secrets have 128 bits and cannot be found by trying; the limit tells whoever tries to stop. A real secret is answered
//! whatever its source did before: many people share one address, and none of them may close the door for the others.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Failures are counted over this, milliseconds.
pub const WINDOW_MS: u64 = 60_000;

/// Failures of one source in a window.
pub const SOURCE_MAX: u32 = 20;

/// Failures of all sources in a window, beyond which each source has one.
pub const ALL_MAX: u32 = 600;

/// Sources counted in a window, so that memory stays bounded. Further ones go uncounted.
const SOURCES_MAX: usize = 10_000;

/// Failures in the running window.
#[derive(Debug, Default)]
pub struct Limiter {
    began_ms: u64,
    all: u32,
    sources: BTreeMap<IpAddr, u32>,
}

impl Limiter {
    /// A try with an unknown secret. Whether it is counted and told that the secret is unknown; beyond the limit it is neither.
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

/// Who has one IPv6 address usually has its whole /64.
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
