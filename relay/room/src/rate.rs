//! What a sender is told about the bitrate that the other side's link can carry.

use std::time::{Duration, Instant};

/// Left for audio and feedback when a receiver's link is divided, bit/s.
const AUDIO_BPS: u32 = 40_000;
/// Video is never asked to go below this, bit/s: less is no picture.
const VIDEO_FLOOR_BPS: u32 = 60_000;
/// How often a sender is reminded.
const REMIND_EVERY: Duration = Duration::from_secs(1);
/// How soon a change may be told.
const CHANGE_EVERY: Duration = Duration::from_millis(200);

/// What the video of a sender may use when its receiver's link carries `link_bps`.
pub(crate) fn ceiling_bps(link_bps: u32) -> u32 {
    link_bps.saturating_sub(AUDIO_BPS).max(VIDEO_FLOOR_BPS)
}

/// What one sender has been told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    last: Option<(u32, Instant)>,
}

impl Told {
    /// The ceiling to tell at this moment, if there is something to tell.
    pub(crate) fn take(&mut self, ceiling: u32, now: Instant) -> Option<u32> {
        if self.due(ceiling, now) > now {
            return None;
        }
        self.last = Some((ceiling, now));
        Some(ceiling)
    }

    /// When this ceiling is to be told: soon if it is another one (by a twentieth), else as a
    /// reminder.
    pub(crate) fn due(&self, ceiling: u32, now: Instant) -> Instant {
        let Some((told, at)) = self.last else {
            return now;
        };
        if ceiling.abs_diff(told) > told / 20 {
            at + CHANGE_EVERY
        } else {
            at + REMIND_EVERY
        }
    }
}
