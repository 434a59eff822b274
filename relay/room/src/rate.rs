//! The bitrate ceiling that a sender receives: what its receivers' links can carry.

use std::time::{Duration, Instant};

/// What a link has to carry at most, bit/s: a 720p picture and sound.
pub(crate) const LINK_DESIRED_BPS: u32 = 2_600_000;
/// Left for sound and feedback at least when a receiver's link is divided, bit/s.
const SOUND_BPS_MIN: u32 = 40_000;
/// What the headers of sound take beside its payload, 50 packets a second of some 64 bytes, bit/s.
const SOUND_HEADERS_BPS: f64 = 26_000.0;
/// Video is never asked to go below this, bit/s: less is no picture.
const VIDEO_FLOOR_BPS: u32 = 60_000;
/// How often an unchanged ceiling is repeated.
const REMIND_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two different ceilings.
const CHANGE_EVERY: Duration = Duration::from_millis(200);
/// The same, if the later one is a good deal lower: until it is known the link is overfull.
const FALL_EVERY: Duration = Duration::from_millis(50);

/// The bitrate that a sender's video may use if its receiver's link carries `link_bps` and the
/// sound takes so much of it.
pub(crate) fn ceiling_bps(link_bps: u32, sound: &Sound) -> u32 {
    let link_bps = link_bps.min(LINK_DESIRED_BPS);
    link_bps.saturating_sub(sound.bps()).max(VIDEO_FLOOR_BPS)
}

/// What the sound towards a receiver takes.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    last: Option<(Instant, u64)>,
    payload_bps: f64,
}

impl Sound {
    /// Takes the bytes of payload sent so far.
    pub(crate) fn take(&mut self, bytes: u64, at: Instant) {
        let Some((last, since)) = self.last.replace((at, bytes)).map(|(at, b)| (b, at)) else {
            return;
        };
        let seconds = at.saturating_duration_since(since).as_secs_f64();
        if seconds > 0.0 {
            let bps = bytes.saturating_sub(last) as f64 * 8.0 / seconds;
            let share = seconds.min(1.0);
            self.payload_bps += (bps - self.payload_bps) * share;
        }
    }

    /// What to leave for it, with its headers, bit/s.
    pub(crate) fn bps(&self) -> u32 {
        let sound = self.payload_bps * 1.05 + SOUND_HEADERS_BPS;
        (sound as u32).max(SOUND_BPS_MIN)
    }
}

/// The ceilings that one sender received.
#[derive(Debug, Default)]
pub(crate) struct CeilingReports {
    last: Option<(u32, Instant)>,
}

impl CeilingReports {
    /// Returns the ceiling if it is due, and notes it as sent.
    pub(crate) fn take(&mut self, ceiling: u32, now: Instant) -> Option<u32> {
        if self.due(ceiling, now) > now {
            return None;
        }
        self.last = Some((ceiling, now));
        Some(ceiling)
    }

    /// When this ceiling is due: soon if it differs from the last one (by more than a twentieth),
    /// later as a reminder otherwise.
    pub(crate) fn due(&self, ceiling: u32, now: Instant) -> Instant {
        let Some((last, at)) = self.last else {
            return now;
        };
        if ceiling < last - last / 10 {
            at + FALL_EVERY
        } else if ceiling.abs_diff(last) > last / 20 {
            at + CHANGE_EVERY
        } else {
            at + REMIND_EVERY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning"
    )]
    fn begin() -> Instant {
        Instant::now()
    }

    #[test]
    fn the_picture_leaves_what_the_sound_takes() {
        let mut sound = Sound::default();
        assert_eq!(ceiling_bps(400_000, &sound), 360_000);
        let begin = begin();
        // 32 kbit/s of payload: 80 bytes, 50 times a second.
        for n in 0..50 {
            sound.take(800 * n, begin + Duration::from_millis(200) * n as u32);
        }
        let left = 400_000 - ceiling_bps(400_000, &sound);
        assert!((58_000..62_000).contains(&left), "{left}");
        assert_eq!(ceiling_bps(50_000, &sound), VIDEO_FLOOR_BPS);
    }

    #[test]
    fn a_lower_ceiling_goes_out_at_once_and_a_higher_one_does_not_hurry() {
        let begin = begin();
        let after = |ms| begin + Duration::from_millis(ms);
        let mut reports = CeilingReports::default();
        assert_eq!(reports.take(1_000_000, begin), Some(1_000_000));
        assert_eq!(reports.take(300_000, after(40)), None);
        assert_eq!(reports.take(300_000, after(50)), Some(300_000));
        assert_eq!(reports.take(600_000, after(150)), None);
        assert_eq!(reports.take(600_000, after(250)), Some(600_000));
    }
}
