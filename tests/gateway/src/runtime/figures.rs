//! Start and handling times of a function.

use std::time::Duration;

use serde::Serialize;

/// Figures of one function.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// For each process, the time from its start to its first request for an event.
    inits: Vec<Duration>,
    /// For each answered invocation, the time from its delivery to the answer.
    handled: Vec<Duration>,
    /// Invocations that ended in an error.
    pub errors: u64,
}

/// The figures in the form that the control server returns.
#[derive(Debug, Serialize)]
pub struct FiguresReport {
    processes: usize,
    invocations: usize,
    errors: u64,
    init_ms_p50: Option<f64>,
    init_ms_max: Option<f64>,
    handler_ms_p50: Option<f64>,
    handler_ms_p95: Option<f64>,
    handler_ms_max: Option<f64>,
}

impl Figures {
    /// Records that a process asked for its first event.
    pub fn started(&mut self, after: Duration) {
        self.inits.push(after);
    }

    /// Records that an invocation was answered.
    pub fn handled(&mut self, after: Duration) {
        self.handled.push(after);
    }

    /// Summarises all figures.
    #[must_use]
    pub fn report(mut self) -> FiguresReport {
        self.inits.sort_unstable();
        self.handled.sort_unstable();
        FiguresReport {
            processes: self.inits.len(),
            invocations: self.handled.len(),
            errors: self.errors,
            init_ms_p50: ms(&self.inits, 50),
            init_ms_max: ms(&self.inits, 100),
            handler_ms_p50: ms(&self.handled, 50),
            handler_ms_p95: ms(&self.handled, 95),
            handler_ms_max: ms(&self.handled, 100),
        }
    }
}

/// Returns a percentile of sorted values, in milliseconds.
fn ms(sorted: &[Duration], percent: usize) -> Option<f64> {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    let value = sorted.get(at)?;
    Some((value.as_secs_f64() * 1e6).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_values_do_not_exceed_the_median() {
        let of = |values: &[u64], percent| {
            let values: Vec<_> = values.iter().copied().map(Duration::from_millis).collect();
            ms(&values, percent)
        };
        assert_eq!(of(&[], 50), None);
        assert_eq!(of(&[4], 50), Some(4.0));
        assert_eq!(of(&[1, 2, 3, 4], 50), Some(2.0));
        assert_eq!(of(&[1, 2, 3, 4, 5], 50), Some(3.0));
        assert_eq!(of(&[1, 2, 3, 4, 5], 100), Some(5.0));
    }
}
