//! The bitrate ceiling that a sender receives: what its receivers' links can carry.

use std::time::{Duration, Instant};

/// What a link has to carry at most, bit/s: a 720p picture and sound.
pub(crate) const LINK_DESIRED_BPS: u32 = 2_600_000;
/// Left for audio and feedback when a receiver's link is divided, bit/s.
const AUDIO_BPS: u32 = 40_000;
/// Video is never asked to go below this, bit/s: less is no picture.
const VIDEO_FLOOR_BPS: u32 = 60_000;
/// How often an unchanged ceiling is repeated.
const REMIND_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two different ceilings.
const CHANGE_EVERY: Duration = Duration::from_millis(200);

/// The bitrate that a sender's video may use if its receiver's link carries `link_bps`.
pub(crate) fn ceiling_bps(link_bps: u32) -> u32 {
    link_bps.saturating_sub(AUDIO_BPS).max(VIDEO_FLOOR_BPS)
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
        if ceiling.abs_diff(last) > last / 20 {
            at + CHANGE_EVERY
        } else {
            at + REMIND_EVERY
        }
    }
}
