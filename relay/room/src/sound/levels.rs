//! How many earlier frames a packet of sound carries again, by what the receiver's reports say.

use std::time::{Duration, Instant};

/// Most earlier frames. Three in a row are lost by chance at 20 % loss once in 125 packets, and a
/// frame that comes 80 ms late is of no use to most receivers.
pub(crate) const LEVELS_MAX: usize = 3;
/// Above this loss, two earlier frames: of 2 % once in 2,500 packets two in a row are lost by
/// chance.
const LOSS_FOR_TWO: f32 = 0.02;
/// Above this loss, three.
const LOSS_FOR_THREE: f32 = 0.07;
/// Time between two reports that count.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How much a report counts against those before it: half of a change is known after two seconds.
const WEIGHT: f32 = 0.3;
/// A level is left when the loss is below this share of what asks for it.
const LEAVE_AT: f32 = 0.5;
/// For so many reports in a row, one a second: loss by radio comes and goes.
const LEAVE_AFTER: u32 = 8;
/// Below this a link is thin, bit/s: an earlier frame costs 30 kbit/s, and there the picture needs
/// them.
const THIN_BPS: u32 = 250_000;
/// A thin link is no longer thin above this, bit/s.
const THIN_UNTIL_BPS: u32 = 320_000;

/// The levels towards one receiver.
#[derive(Debug)]
pub(crate) struct Levels {
    loss: Option<f32>,
    told_at: Option<Instant>,
    levels: usize,
    /// Reports in a row that ask for less.
    calm: u32,
    thin: bool,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            loss: None,
            told_at: None,
            levels: 1,
            calm: 0,
            thin: false,
        }
    }
}

impl Levels {
    /// Earlier frames in each packet from here on.
    pub(crate) fn count(&self) -> usize {
        match (self.thin, self.levels) {
            (false, levels) => levels,
            // What a thin link loses, it may lose for want of room.
            (true, levels) => levels - 1,
        }
    }

    /// Takes the loss of the last second, from 0 to 1, and what the link carries.
    pub(crate) fn take(&mut self, loss: f32, link_bps: Option<u32>, at: Instant) {
        if self.told_at.is_some_and(|told| at < told + REPORT_EVERY) {
            return;
        }
        self.told_at = Some(at);
        let thin_below = if self.thin { THIN_UNTIL_BPS } else { THIN_BPS };
        self.thin = link_bps.is_some_and(|bps| bps < thin_below);
        let loss = self
            .loss
            .map_or(loss, |known| known + WEIGHT * (loss - known));
        self.loss = Some(loss);
        let wanted = levels_for(loss);
        if wanted >= self.levels {
            self.levels = wanted;
            self.calm = 0;
            return;
        }
        self.calm = if levels_for(loss / LEAVE_AT) < self.levels {
            self.calm + 1
        } else {
            0
        };
        if self.calm >= LEAVE_AFTER {
            self.calm = 0;
            self.levels -= 1;
        }
    }
}

fn levels_for(loss: f32) -> usize {
    1 + usize::from(loss > LOSS_FOR_TWO) + usize::from(loss > LOSS_FOR_THREE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The levels after each of these reports, one a second, of loss in percent.
    fn after(losses: &[u8], link_bps: Option<u32>) -> Vec<usize> {
        let reports: Vec<_> = losses.iter().map(|loss| (*loss, link_bps)).collect();
        after_reports(&reports, REPORT_EVERY)
    }

    fn after_reports(reports: &[(u8, Option<u32>)], every: Duration) -> Vec<usize> {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let mut now = Instant::now();
        let mut levels = Levels::default();
        let counts = reports.iter().map(|(loss, link_bps)| {
            now += every;
            levels.take(f32::from(*loss) / 100.0, *link_bps, now);
            levels.count()
        });
        counts.collect()
    }

    #[test]
    fn loss_raises_the_levels_within_two_reports() {
        assert_eq!(after(&[0, 0, 0], None), [1, 1, 1]);
        assert_eq!(after(&[0, 5, 5, 5, 5], None), [1, 1, 2, 2, 2]);
        assert_eq!(after(&[0, 20, 20, 20], None), [1, 2, 3, 3]);
        assert_eq!(after(&[20], None), [3]);
    }

    #[test]
    fn levels_are_left_one_by_one_after_a_calm_time() {
        let told = after(&[[20; 3].as_slice(), &[0; 40]].concat(), None);
        let at = |levels| told.iter().rposition(|now| *now == levels).unwrap();
        assert_eq!(*told.last().unwrap(), 1);
        assert!(at(3) >= 3 + LEAVE_AFTER as usize, "{told:?}");
        assert!(at(2) >= at(3) + LEAVE_AFTER as usize, "{told:?}");
    }

    #[test]
    fn loss_around_a_limit_does_not_change_the_levels_to_and_fro() {
        let around = [1, 3, 2, 4, 1, 2, 3, 2].repeat(20);
        let told = after(&around, None);
        let changes = told.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 1, "{told:?}");
    }

    #[test]
    fn a_thin_link_carries_one_less() {
        assert_eq!(after(&[0, 0], Some(200_000)), [0, 0]);
        assert_eq!(after(&[5, 5], Some(200_000)), [1, 1]);
        assert_eq!(after(&[20, 20], Some(200_000)), [2, 2]);
        let links = [260_000, 240_000, 300_000, 330_000, 260_000];
        let reports = links.map(|bps| (0, Some(bps)));
        assert_eq!(after_reports(&reports, REPORT_EVERY), [1, 0, 0, 1, 1]);
    }

    #[test]
    fn reports_that_come_more_often_do_not_count_more() {
        let reports = [[(0, None)].as_slice(), &[(20, None); 9]].concat();
        let told = after_reports(&reports, REPORT_EVERY / 5);
        assert_eq!(told, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    }
}
