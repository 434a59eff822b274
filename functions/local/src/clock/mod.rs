//! The desk's clocks: which reading counts for what, and what is kept of them in the data folder.
//!
//! | question | answered by |
//! |---|---|
//! | has a deadline passed? | [`steady`]: goes on while the desk runs, does not jump |
//! | what do people read? | the machine's time of day |
//! | may a record be erased by its date? | [`trust`]: the time of day, if it is believed |
//!
//! A running desk looks every second. It keeps its clocks in [`kept::FILE`] every minute and after
//! each step, so that a restart and `sightline sign-in-link` go on with the same clocks.

pub mod kept;
pub mod steady;
#[cfg(test)]
mod tests;
pub mod trust;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::kept::{Boot, Kept};
use self::steady::{Reading, Steady};
use self::trust::{ClockDoubt, News, Trust};
use crate::data::write_synced;

/// Time between two looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Time between two copies to the file.
const KEEP_EVERY_MS: u64 = 60_000;

/// The file that `sightline clock-is-right` leaves for the desk.
const CONFIRMED: &str = "clock-is-right";

/// The clocks of a desk.
pub struct DeskClock {
    folder: PathBuf,
    began: Instant,
    inner: Mutex<Inner>,
}

struct Inner {
    steady: Steady,
    trust: Trust,
    wall_ms: u64,
    /// When the clocks were kept last, by the clock of the deadlines.
    kept_ms: u64,
    /// The clock was set since.
    news: bool,
    /// No process before kept its clocks in this folder.
    first: bool,
}

impl DeskClock {
    /// Goes on with the clocks of a data folder.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the running time is counted from here; this is the edge where clocks are read"
    )]
    pub fn open(folder: &Path) -> Self {
        let began = Instant::now();
        let wall_ms = wall_ms();
        let kept = read(folder);
        let at = Reading {
            wall_ms,
            running_ms: 0,
        };
        let now_ms = kept
            .as_ref()
            .map_or(wall_ms, |kept| kept.now_ms(wall_ms, boot().as_ref()));
        let newest_ms = kept.as_ref().map_or(wall_ms, |kept| kept.date_ms);
        let clock = Self {
            folder: folder.to_owned(),
            began,
            inner: Mutex::new(Inner {
                steady: Steady::new(now_ms, at),
                trust: Trust::new(newest_ms),
                wall_ms,
                kept_ms: now_ms,
                news: true,
                first: kept.is_none(),
            }),
        };
        clock.judge_first(kept.as_ref());
        clock
    }

    /// Compares the clock with the newest record of a folder without kept clocks: a version before
    /// wrote it.
    pub fn compare(&self, newest_ms: Option<u64>) {
        let newest_ms = newest_ms.filter(|_| self.inner().first);
        if let Some(newest_ms) = newest_ms {
            self.inner().trust = Trust::new(newest_ms);
            self.judge_first(None);
        }
    }

    fn judge_first(&self, kept: Option<&Kept>) {
        let mut inner = self.inner();
        let wall_ms = inner.wall_ms;
        let news = inner.trust.look(wall_ms, 0);
        let goes_on = kept.filter(|kept| kept.goes_on(wall_ms));
        if let Some(before_ms) = goes_on.and_then(|kept| kept.doubted_for_ms) {
            inner.trust.doubted_before(before_ms);
        }
        report(news);
    }

    /// Returns the time by which deadlines are kept, epoch milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.look().steady.now_ms()
    }

    /// Returns how far the time of day is ahead of it, milliseconds.
    pub fn ahead_ms(&self) -> i64 {
        self.look().steady.ahead_ms()
    }

    /// Returns the time by which delete dates have passed or not, epoch milliseconds.
    pub fn erase_ms(&self) -> u64 {
        let inner = self.look();
        inner.trust.date_ms().min(inner.wall_ms)
    }

    /// Returns why nothing may be erased by its date, if so.
    pub fn doubt(&self) -> Option<ClockDoubt> {
        self.look().trust.doubt()
    }

    fn look(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner();
        // Read under the lock, so that the readings of all threads are in order.
        let wall_ms = wall_ms();
        let running = self.began.elapsed().as_millis();
        let looked = inner.steady.look(Reading {
            wall_ms,
            running_ms: u64::try_from(running).unwrap_or(u64::MAX),
        });
        inner.wall_ms = wall_ms;
        let news = inner.trust.look(wall_ms, looked.passed_ms);
        inner.news |= looked.step_ms.is_some() || news.is_some();
        if let Some(step_ms) = looked.step_ms {
            let way = if step_ms > 0 { "ahead" } else { "back" };
            let by = trust::span(step_ms.unsigned_abs());
            tracing::warn!(
                step_ms,
                "the time of day went {by} {way}, or this machine paused: deadlines move along"
            );
        }
        report(news);
        inner
    }

    /// Looks, reads what the operator confirmed, and keeps the clocks if it is time.
    pub fn keep(&self) {
        self.read_confirmation();
        let kept = {
            let inner = self.look();
            let now_ms = inner.steady.now_ms();
            let due = inner.kept_ms.saturating_add(KEEP_EVERY_MS) <= now_ms;
            (due || inner.news).then(|| inner.kept())
        };
        if let Some(kept) = kept {
            self.write(&kept);
        }
    }

    /// Keeps the clocks.
    pub fn keep_now(&self) {
        let kept = self.look().kept();
        self.write(&kept);
    }

    fn write(&self, kept: &Kept) {
        {
            // A failure is tried again a minute later, which also bounds its log lines.
            let mut inner = self.inner();
            (inner.kept_ms, inner.news) = (kept.now_ms, false);
        }
        let path = self.folder.join(kept::FILE);
        let draft = self.folder.join("clock.json.new");
        let text = serde_json::to_vec(kept).unwrap_or_default();
        let done = write_synced(&draft, &text).and_then(|()| fs::rename(&draft, &path));
        if let Err(error) = done {
            let _ = fs::remove_file(&draft);
            tracing::error!(path = %path.display(), error = %error, "failed to keep the clocks");
        }
    }

    fn read_confirmation(&self) {
        let path = self.folder.join(CONFIRMED);
        let Ok(text) = fs::read_to_string(&path) else {
            return;
        };
        if let Err(error) = fs::remove_file(&path) {
            tracing::error!(path = %path.display(), error = %error, "failed to remove what was confirmed");
            return;
        }
        let mut inner = self.look();
        let confirmed_ms = text.trim().parse::<u64>().ok();
        if !confirmed_ms.is_some_and(|at_ms| kept::follows(at_ms, inner.wall_ms)) {
            tracing::warn!("another time of day was confirmed than the present one");
            return;
        }
        let wall_ms = inner.wall_ms;
        let news = inner.trust.confirm(wall_ms);
        inner.news = true;
        report(news);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn kept(&self) -> Kept {
        Kept {
            now_ms: self.steady.now_ms(),
            wall_ms: self.wall_ms,
            date_ms: self.trust.date_ms(),
            doubted_for_ms: self.trust.doubted_for_ms(),
            boot: boot(),
        }
    }
}

fn report(news: Option<News>) {
    match news {
        Some(News::Doubted(doubt)) => tracing::warn!("{}", doubt.words()),
        Some(News::Believed) => {
            tracing::warn!("the clock is believed again: records are erased by their dates");
        }
        None => {}
    }
}

/// Returns the clock of the deadlines of the desk that runs or ran in a folder.
#[must_use]
pub fn now_of(folder: &Path) -> u64 {
    let wall_ms = wall_ms();
    read(folder).map_or(wall_ms, |kept| kept.now_ms(wall_ms, boot().as_ref()))
}

/// Leaves word for the desk in this folder that the machine's time of day is right.
///
/// # Errors
/// When the file cannot be written.
pub fn confirm(folder: &Path) -> io::Result<()> {
    write_synced(&folder.join(CONFIRMED), wall_ms().to_string().as_bytes())
}

fn read(folder: &Path) -> Option<Kept> {
    let text = fs::read(folder.join(kept::FILE)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Returns the machine's time of day, epoch milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the clock is read"
)]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the run of the machine, where the system tells it (Linux: proc(5)).
fn boot() -> Option<Boot> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let seconds = uptime.split_whitespace().next()?.parse::<f64>().ok()?;
    let up = Duration::try_from_secs_f64(seconds).ok()?;
    Some(Boot {
        id: id.trim().to_owned(),
        up_ms: u64::try_from(up.as_millis()).ok()?,
    })
}
