//! The throttles of routes: a token bucket each, which counts before any function runs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::template::{Route, Throttle};

/// The buckets by API and route key.
#[derive(Debug, Default)]
pub struct Throttles(Mutex<BTreeMap<(String, String), Bucket>>);

/// What is left, in requests.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Throttles {
    /// Counts a request to a route of an API. Returns whether it is let through.
    pub fn take(&self, api: &str, route: &Route) -> bool {
        route
            .throttle
            .is_none_or(|throttle| self.take_at(api, &route.key, throttle, Instant::now()))
    }

    fn take_at(&self, api: &str, key: &str, throttle: Throttle, now: Instant) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = f64::from(throttle.burst);
        let bucket = all
            .entry((api.to_owned(), key.to_owned()))
            .or_insert(Bucket {
                left: full,
                at: now,
            });
        let refill = (now - bucket.at).as_secs_f64() * f64::from(throttle.rate);
        *bucket = Bucket {
            left: (bucket.left + refill).min(full),
            at: now,
        };
        let passes = bucket.left >= 1.0;
        bucket.left -= f64::from(u8::from(passes));
        passes
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_route_has_its_own_burst_and_rate() {
        let (throttles, now) = (Throttles::default(), Instant::now());
        let throttle = Throttle { rate: 2, burst: 3 };
        let passed = |key, at| {
            let tried = (0..9).map(|_| throttles.take_at("api", key, throttle, at));
            tried.filter(|passed| *passed).count()
        };
        assert_eq!(passed("one", now), 3);
        assert_eq!(passed("two", now), 3);
        assert_eq!(passed("one", now + Duration::from_secs(1)), 2);
        assert_eq!(passed("one", now + Duration::from_secs(99)), 3);
    }
}
