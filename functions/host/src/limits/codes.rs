//! Limits how many wrong codes may be tried, in all processes together.
//!
//! A code has 40 bits. At 1,000 tries an hour, one open code is found after 49,000 years on
//! average. So nothing is answered that cannot be counted, and beyond the limit of all sources
//! together every code waits for the next hour. Links go on.

use std::net::IpAddr;

use sightline_wire::api::ApiError;

use super::limiter::source_pseudonym;
use crate::host::Host;
use crate::ports::{Counted, Ports, RateCounter, RateCounters, StoreError};
use crate::stop::OrAnswer;

/// Wrong codes allowed to one source in an hour.
pub const SOURCE_MAX: u32 = 10;

/// Wrong codes allowed to all sources together in an hour.
pub const ALL_MAX: u32 = 1_000;

/// The counts restart with each hour of the clock, milliseconds.
const HOUR_MS: u64 = 3_600_000;

impl<P: Ports> Host<P> {
    /// Refuses a code, right or wrong, whose source or all sources have reached the limit. Counts
    /// nothing.
    pub(crate) async fn codes_are_answered(&self, source: Option<IpAddr>) -> Result<(), ApiError> {
        let counters = self.code_counters(source);
        let full = self.ports.store().foresee(&counters).await;
        self.unless_full(&counters, full)
    }

    /// Counts a wrong code and returns its answer.
    pub(crate) async fn wrong_code(&self, source: Option<IpAddr>) -> ApiError {
        let counters = self.code_counters(source);
        let counted = self.ports.store().count(&counters).await;
        match self.unless_full(&counters, counted) {
            Ok(()) => ApiError::UnknownLink,
            Err(error) => error,
        }
    }

    /// The counter of all sources is the last.
    fn code_counters(&self, source: Option<IpAddr>) -> Vec<RateCounter> {
        let hour = self.ports.now_ms() / HOUR_MS;
        let counter = |whose: &str, most| RateCounter {
            name: format!("codes {whose} {hour}"),
            most,
            by: 1,
            until_ms: hour.saturating_add(1).saturating_mul(HOUR_MS),
        };
        let own = source.map(|source| source_pseudonym(&self.keys, source));
        let own = own.map(|name| counter(&name, SOURCE_MAX));
        own.into_iter().chain([counter("all", ALL_MAX)]).collect()
    }

    fn unless_full(
        &self,
        counters: &[RateCounter],
        counted: Result<Counted, StoreError>,
    ) -> Result<(), ApiError> {
        match counted.or_fail(None)? {
            Counted::Done => Ok(()),
            Counted::Full(index) => {
                if index + 1 == counters.len() && self.is_first_pause(counters) {
                    // The alarm `CodesPause` in `infra/alarms.yaml` looks for the first words.
                    tracing::error!("codes pause for all until the next hour, links go on");
                }
                Err(ApiError::TooOften)
            }
        }
    }

    /// Whether this process meets the pause of this hour for the first time.
    fn is_first_pause(&self, counters: &[RateCounter]) -> bool {
        let until_ms = counters.last().map_or(0, |all| all.until_ms);
        self.codes_pause_until_ms(until_ms) != until_ms
    }
}
