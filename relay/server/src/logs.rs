//! The log's protection: no call site can write more lines than people read, whatever strangers
//! send, and libraries that write what strangers send write almost nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Most lines of one call site at once.
const LINES_AT_ONCE: u32 = 60;
/// Time after which a call site may write one line more.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// Time between two reports of the call sites that left out lines.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// Libraries that write a line for each thing that a page or a stranger sends, at `debug` with the
/// passwords of ICE. Only their errors are written, whatever the filter says.
const TALKATIVE: [&str; 6] = [
    "is",
    "str0m",
    "str0m_proto",
    "str0m_aws_lc_rs",
    "dimpl",
    "sctp_proto",
];

/// A layer that lets 60 lines of a call site through at once and one more each second, and counts
/// what it leaves out. Clones share their counts.
#[derive(Clone)]
pub struct LineLimit {
    sites: Arc<Mutex<HashMap<Site, Lines>>>,
    now: fn() -> Instant,
}

/// Where a line is written, as the compiler names it. So their number is that of the program's own.
type Site = (&'static str, u32);

struct Lines {
    left: u32,
    /// When `left` was last brought up to date.
    at: Instant,
    left_out: u64,
}

impl LineLimit {
    /// Makes the layer. `now` is the clock.
    #[must_use]
    pub fn new(now: fn() -> Instant) -> Self {
        Self {
            sites: Arc::default(),
            now,
        }
    }

    /// Writes every 10 s, from a thread of its own until the process ends, how many lines were left
    /// out.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn report_left_out(&self) -> std::io::Result<()> {
        let limit = self.clone();
        let thread = std::thread::Builder::new().name("sightline-log".to_owned());
        thread.spawn(move || {
            loop {
                std::thread::sleep(REPORT_EVERY);
                limit.report();
            }
        })?;
        Ok(())
    }

    fn report(&self) {
        for ((file, line), lines) in self.take_left_out() {
            tracing::warn!(site = format!("{file}:{line}"), lines, "lines left out");
        }
    }

    fn take_left_out(&self) -> Vec<(Site, u64)> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = sites.iter_mut().filter(|(_, lines)| lines.left_out > 0);
        left_out
            .map(|(site, lines)| (*site, std::mem::take(&mut lines.left_out)))
            .collect()
    }

    /// Whether this call site may write a line now.
    fn takes(&self, site: Site, now: Instant) -> bool {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = sites.entry(site).or_insert(Lines {
            left: LINES_AT_ONCE,
            at: now,
            left_out: 0,
        });
        let passed = now.saturating_duration_since(lines.at).as_secs() / LINE_EVERY.as_secs();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        lines.left = lines.left.saturating_add(passed).min(LINES_AT_ONCE);
        lines.at += LINE_EVERY * passed;
        match lines.left.checked_sub(1) {
            Some(left) => lines.left = left,
            None => {
                lines.left_out += 1;
                return false;
            }
        }
        true
    }
}

impl<S: Subscriber> Layer<S> for LineLimit {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_talk(metadata) {
            Interest::never()
        } else {
            Interest::always()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !is_talk(metadata)
    }

    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let (Some(file), Some(line)) = (metadata.file(), metadata.line()) else {
            return true;
        };
        // The report of what was left out is seldom by itself.
        metadata.target() == module_path!() || self.takes((file, line), (self.now)())
    }
}

/// Whether a library would write about what came from outside.
fn is_talk(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next();
    *metadata.level() > Level::ERROR && library.is_some_and(|name| TALKATIVE.contains(&name))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::OnceLock;

    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The beginning of the time of these tests, in which it stands still.
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning"
    )]
    fn beginning() -> Instant {
        static BEGINNING: OnceLock<Instant> = OnceLock::new();
        *BEGINNING.get_or_init(Instant::now)
    }

    fn lines_of(filter: &str, write: impl FnOnce(&LineLimit)) -> Vec<String> {
        let written = Written::default();
        let to = written.clone();
        let limit = LineLimit::new(beginning);
        let layer = tracing_subscriber::fmt::layer().with_writer(move || to.clone());
        let log = tracing_subscriber::registry()
            .with(EnvFilter::new(filter))
            .with(limit.clone())
            .with(layer.with_ansi(false));
        tracing::subscriber::with_default(log, || write(&limit));
        let bytes = written.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn finding_3_a_flood_writes_a_bounded_number_of_lines_and_the_rest_is_counted() {
        let lines = lines_of("trace", |limit| {
            for n in 0..10_000 {
                tracing::warn!(n, "a page did it again");
            }
            tracing::info!("another line");
            limit.report();
            limit.report();
        });
        let flood = lines.iter().filter(|line| line.contains("did it again"));
        assert_eq!(flood.count(), LINES_AT_ONCE as usize);
        assert!(lines.iter().any(|line| line.contains("another line")));
        let told: Vec<_> = lines.iter().filter(|l| l.contains("left out")).collect();
        assert_eq!(told.len(), 1, "once, and no second time: {told:?}");
        assert!(told[0].contains("logs.rs:"), "{}", told[0]);
        assert!(told[0].contains("lines=9940"), "{}", told[0]);
    }

    #[test]
    fn a_call_site_gets_a_line_back_each_second() {
        let limit = LineLimit::new(beginning);
        let at = |s: f64| beginning() + Duration::from_secs_f64(s);
        let lines = |s: f64| {
            (0..1_000)
                .filter(|_| limit.takes(("a.rs", 1), at(s)))
                .count()
        };
        assert_eq!(lines(0.0), 60);
        assert_eq!(lines(0.9), 0);
        assert_eq!(lines(1.0), 1);
        assert_eq!(lines(3.5), 2);
        assert_eq!(lines(4.0), 1, "a half second is not forgotten");
        assert_eq!(lines(1e6), 60);
        assert!(limit.takes(("a.rs", 2), at(0.0)), "another call site");
    }

    #[test]
    fn finding_g_what_libraries_say_about_strangers_is_never_written_but_for_errors() {
        let lines = lines_of("trace,str0m=trace,is::agent=trace", |_| {
            tracing::debug!(target: "is::agent", "Set remote credentials: pass");
            tracing::warn!(target: "str0m", "Drop ChannelData event");
            tracing::info!(target: "dimpl::engine", "hello");
            tracing::warn!(target: "sctp_proto::association", "hello");
            tracing::error!(target: "str0m", "defect");
            tracing::trace!(target: "issues", "is no prefix");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("defect") && lines[1].contains("is no prefix"));
    }
}
