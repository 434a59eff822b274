//! Leaves repeats out of the log. While a disk is full, or the data folder is elsewhere, every
//! command of every page fails with the same cause, and a log that fills the disk makes it worse.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// A cause is logged once in this time.
const ONCE_IN: Duration = Duration::from_secs(60);

/// Most causes that are remembered. With more of them the oldest are logged again.
const CAUSES_MAX: usize = 64;

/// Passes warnings and errors on whose root cause was not logged lately.
#[derive(Default)]
pub struct Repeats(Mutex<BTreeMap<String, Instant>>);

impl Repeats {
    fn is_new(&self, cause: &str, now: Instant) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| now.duration_since(*at) < ONCE_IN);
        if seen.contains_key(cause) {
            return false;
        }
        if seen.len() >= CAUSES_MAX {
            seen.clear();
        }
        seen.insert(cause.to_owned(), now);
        true
    }
}

impl<S: Subscriber> Layer<S> for Repeats {
    fn event_enabled(&self, event: &Event<'_>, _context: Context<'_, S>) -> bool {
        if *event.metadata().level() > Level::WARN {
            return true;
        }
        let mut cause = Cause::default();
        event.record(&mut cause);
        match cause.0 {
            Some(text) => self.is_new(root(&text), Instant::now()),
            None => true,
        }
    }
}

/// The field `error` of an event, as text.
#[derive(Default)]
struct Cause(Option<String>);

impl Visit for Cause {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "error" {
            self.0 = Some(format!("{value:?}"));
        }
    }

    fn record_error(&mut self, _field: &Field, value: &(dyn Error + 'static)) {
        let mut last = value;
        while let Some(cause) = last.source() {
            last = cause;
        }
        self.0 = Some(last.to_string());
    }
}

/// What is behind the last colon: causes stand there, behind what failed because of them.
fn root(text: &str) -> &str {
    text.rsplit_once(": ").map_or(text, |(_, root)| root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_logged_once_a_minute_whatever_failed_because_of_it() {
        let repeats = Repeats::default();
        let began = Instant::now();
        let at = |s| began + Duration::from_secs(s);
        let full = "No space left on device (os error 28)";
        for (text, s, new) in [
            (format!("commit: I/O error: {full}"), 0, true),
            (format!("keep a picture: {full}"), 0, false),
            (full.to_owned(), 59, false),
            ("commit: session is gone".to_owned(), 59, true),
            (format!("commit: I/O error: {full}"), 60, true),
            (full.to_owned(), 119, false),
        ] {
            assert_eq!(repeats.is_new(root(&text), at(s)), new, "{text} at {s} s");
        }
    }

    #[test]
    fn only_events_with_a_cause_are_left_out() {
        use std::sync::atomic::{AtomicU32, Ordering};
        use tracing_subscriber::layer::SubscriberExt;

        struct Counts(&'static AtomicU32);
        impl<S: Subscriber> Layer<S> for Counts {
            fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let subscriber = tracing_subscriber::registry()
            .with(Counts(&COUNT))
            .with(Repeats::default());
        tracing::subscriber::with_default(subscriber, || {
            let cause = std::io::Error::other("no room");
            let error: &dyn Error = &cause;
            for _ in 0..3 {
                tracing::error!(error = %cause, "as text");
                tracing::warn!(error, "as an error");
                tracing::warn!("without a cause");
                tracing::info!(error = %cause, "a lower level");
            }
        });
        assert_eq!(COUNT.load(Ordering::Relaxed), 1 + 3 + 3);
    }
}
