#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use super::kept::{Boot, FILE, Kept};
use super::steady::{COUNTED_MS, Reading, Steady};
use super::trust::{AHEAD_MS, BACK_MS, ClockDoubt, News, STEADY_MS, Trust};
use super::{CONFIRMED, DeskClock, confirm, now_of, wall_ms};
use crate::scratch::Scratch;

const NOW_MS: u64 = 1_800_000_000_000;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Steps of the time of day that people, NTP and sleeping machines make, milliseconds.
const STEPS: [i64; 10] = [
    20 * MINUTE as i64,
    -20 * MINUTE as i64,
    HOUR as i64,
    -(HOUR as i64),
    DAY as i64,
    -(DAY as i64),
    40 * DAY as i64,
    365 * DAY as i64,
    -365 * DAY as i64,
    -50 * 365 * DAY as i64,
];

/// A machine whose clocks move when told.
struct Machine {
    wall_ms: u64,
    running_ms: u64,
}

impl Machine {
    fn new() -> Self {
        Self {
            wall_ms: NOW_MS,
            running_ms: 5,
        }
    }

    fn reading(&self) -> Reading {
        Reading {
            wall_ms: self.wall_ms,
            running_ms: self.running_ms,
        }
    }

    fn run(&mut self, ms: u64) {
        self.wall_ms = self.wall_ms.saturating_add(ms);
        self.running_ms += ms;
    }

    fn step(&mut self, ms: i64) {
        self.wall_ms = self.wall_ms.saturating_add_signed(ms);
    }
}

/// Numbers that look random (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn step(&mut self) -> i64 {
        let size = self.below(3 * 365 * DAY) >> self.below(40);
        let size = i64::try_from(size).unwrap();
        if self.below(2) == 0 { size } else { -size }
    }
}

#[test]
fn deadlines_do_not_notice_that_the_clock_was_set() {
    for step_ms in STEPS {
        let mut machine = Machine::new();
        let mut clock = Steady::new(NOW_MS, machine.reading());
        machine.run(SECOND);
        assert_eq!(clock.look(machine.reading()).step_ms, None);
        machine.step(step_ms);
        machine.run(SECOND);
        assert_eq!(clock.look(machine.reading()).step_ms, Some(step_ms));
        assert_eq!(clock.now_ms(), NOW_MS + 2 * SECOND);
        assert_eq!(clock.ahead_ms(), step_ms);
        machine.run(SECOND);
        assert_eq!(clock.look(machine.reading()).step_ms, None, "told once");
        machine.step(-step_ms);
        assert_eq!(clock.look(machine.reading()).step_ms, Some(-step_ms));
        assert_eq!((clock.now_ms(), clock.ahead_ms()), (NOW_MS + 3 * SECOND, 0));
    }
}

/// Suspended machines let the running time stand still; stopped processes and some virtual machines
/// let it go on.
#[test]
fn a_pause_does_not_count() {
    for pause_ms in [20 * MINUTE, 8 * HOUR, 30 * DAY] {
        let mut machine = Machine::new();
        let mut clock = Steady::new(NOW_MS, machine.reading());
        machine.step(i64::try_from(pause_ms).unwrap());
        clock.look(machine.reading());
        assert_eq!(clock.now_ms(), NOW_MS);
        machine.run(pause_ms);
        let looked = clock.look(machine.reading());
        assert_eq!(clock.now_ms(), NOW_MS + COUNTED_MS);
        assert_eq!(looked.passed_ms, pause_ms);
        assert_eq!(looked.step_ms, i64::try_from(pause_ms - COUNTED_MS).ok());
    }
}

#[test]
fn whatever_happens_to_the_clocks_deadlines_go_on_at_the_pace_of_the_desk() {
    for seed in 1..=200 {
        let mut dice = Dice(seed);
        let mut machine = Machine::new();
        let mut clock = Steady::new(NOW_MS, machine.reading());
        let mut counted_ms = 0;
        for _ in 0..500 {
            let run_ms = dice.below(20 * SECOND);
            machine.run(run_ms);
            counted_ms += run_ms.min(COUNTED_MS);
            if dice.below(4) == 0 {
                machine.step(dice.step());
            }
            clock.look(machine.reading());
            assert_eq!(clock.now_ms(), NOW_MS + counted_ms, "seed {seed}");
            let date_ms = clock.now_ms().saturating_add_signed(clock.ahead_ms());
            assert_eq!(date_ms, machine.wall_ms, "seed {seed}");
        }
    }
}

#[test]
fn a_running_time_that_goes_back_and_the_largest_numbers_do_no_harm() {
    let mut clock = Steady::new(NOW_MS, Machine::new().reading());
    for (wall_ms, running_ms) in [(0, 0), (u64::MAX, u64::MAX), (0, 0), (NOW_MS, 1)] {
        let before_ms = clock.now_ms();
        clock.look(Reading {
            wall_ms,
            running_ms,
        });
        assert!((before_ms..=before_ms + COUNTED_MS).contains(&clock.now_ms()));
    }
}

#[test]
fn a_date_more_than_a_week_ahead_or_before_the_newest_record_is_doubted() {
    let start = |wall_ms| {
        let mut trust = Trust::new(NOW_MS);
        trust.look(wall_ms, 0);
        trust.doubt()
    };
    assert_eq!(start(NOW_MS), None);
    assert_eq!(start(NOW_MS + AHEAD_MS), None);
    let by_ms = AHEAD_MS + 1;
    assert_eq!(start(NOW_MS + by_ms), Some(ClockDoubt::Ahead { by_ms }));
    assert_eq!(start(NOW_MS - BACK_MS), None);
    let by_ms = BACK_MS + 1;
    assert_eq!(start(NOW_MS - by_ms), Some(ClockDoubt::Back { by_ms }));
    assert_eq!(start(0), Some(ClockDoubt::Back { by_ms: NOW_MS }));
}

#[test]
fn a_clock_that_is_set_back_while_the_desk_runs_is_doubted_until_it_is_put_right() {
    let mut trust = Trust::new(NOW_MS);
    assert_eq!(trust.look(NOW_MS, SECOND), None);
    let by_ms = HOUR + SECOND;
    let back = News::Doubted(ClockDoubt::Back { by_ms });
    let wall_ms = NOW_MS - HOUR;
    assert_eq!(trust.look(wall_ms, SECOND), Some(back));
    assert_eq!(trust.look(wall_ms + SECOND, SECOND), None, "told once");
    // Records go by the date that was believed, which goes on.
    assert_eq!(trust.date_ms(), NOW_MS + 2 * SECOND);
    assert_eq!(
        trust.look(NOW_MS + 4 * SECOND, SECOND),
        Some(News::Believed)
    );
    assert_eq!(trust.date_ms(), NOW_MS + 4 * SECOND);
}

#[test]
fn a_clock_that_was_a_year_ahead_for_a_moment_is_believed_when_it_is_back() {
    let mut trust = Trust::new(NOW_MS);
    let ahead_ms = NOW_MS + 365 * DAY;
    assert!(matches!(
        trust.look(ahead_ms, SECOND),
        Some(News::Doubted(ClockDoubt::Ahead { .. }))
    ));
    assert_eq!(trust.date_ms(), NOW_MS + SECOND);
    assert_eq!(
        trust.look(NOW_MS + 2 * SECOND, SECOND),
        Some(News::Believed)
    );
    assert_eq!(trust.doubt(), None);
}

#[test]
fn a_day_of_steady_time_confirms_and_a_step_begins_it_again() {
    let mut wall_ms = NOW_MS + 30 * DAY;
    let mut trust = Trust::new(NOW_MS);
    trust.look(wall_ms, 0);
    let mut run = |trust: &mut Trust, step_ms: u64| {
        wall_ms += MINUTE + step_ms;
        trust.look(wall_ms, MINUTE)
    };
    for _ in 1..STEADY_MS / MINUTE {
        assert_eq!(run(&mut trust, 0), None);
    }
    assert!(trust.doubt().is_some());
    assert!(run(&mut trust, HOUR).is_some(), "set again");
    for _ in 1..STEADY_MS / MINUTE {
        assert_eq!(run(&mut trust, 0), None);
    }
    assert_eq!(run(&mut trust, 0), Some(News::Believed));
    assert_eq!((trust.doubt(), trust.date_ms()), (None, wall_ms));
}

#[test]
fn a_confirmed_date_is_what_the_next_one_is_compared_with() {
    let mut trust = Trust::new(NOW_MS);
    let wall_ms = NOW_MS + 365 * DAY;
    trust.look(wall_ms, 0);
    assert_eq!(trust.confirm(wall_ms), Some(News::Believed));
    assert_eq!(trust.look(wall_ms + SECOND, SECOND), None);
    assert_eq!(trust.date_ms(), wall_ms + SECOND);
    assert!(trust.look(NOW_MS, SECOND).is_some(), "the old date is back");
}

#[test]
fn no_walk_of_the_clock_within_an_hour_brings_the_date_more_than_a_week_ahead() {
    for seed in 1..=200 {
        let mut dice = Dice(seed);
        let mut machine = Machine::new();
        let mut trust = Trust::new(NOW_MS);
        let mut passed_ms = 0;
        while passed_ms < 59 * MINUTE {
            let run_ms = dice.below(20 * SECOND);
            machine.run(run_ms);
            passed_ms += run_ms;
            if dice.below(3) == 0 {
                machine.step(dice.step());
            }
            trust.look(machine.wall_ms, run_ms);
            let erase_ms = trust.date_ms().min(machine.wall_ms);
            let honest_ms = NOW_MS + passed_ms;
            assert!(
                erase_ms <= honest_ms + AHEAD_MS + 20 * SECOND,
                "seed {seed}"
            );
            if trust.doubt().is_none() {
                assert_eq!(trust.date_ms(), machine.wall_ms, "seed {seed}");
            }
        }
    }
}

fn kept(boot: Option<Boot>) -> Kept {
    Kept {
        now_ms: NOW_MS - HOUR,
        wall_ms: NOW_MS,
        date_ms: NOW_MS,
        doubted_for_ms: None,
        boot,
    }
}

fn run_of(id: &str, up_ms: u64) -> Option<Boot> {
    let id = id.to_owned();
    Some(Boot { id, up_ms })
}

#[test]
fn a_restart_goes_on_by_the_machines_run_and_after_a_boot_by_the_date() {
    let before = kept(run_of("a", 10 * SECOND));
    let went_on = |wall_ms, boot: Option<Boot>| {
        let now_ms = before.now_ms(wall_ms, boot.as_ref());
        now_ms - before.now_ms
    };
    // The same run: the date may say what it wants.
    for wall_ms in [0, NOW_MS, NOW_MS + 365 * DAY] {
        assert_eq!(went_on(wall_ms, run_of("a", 13 * SECOND)), 3 * SECOND);
    }
    // Another run, or a system that names none.
    for boot in [run_of("b", 20 * SECOND), run_of("a", SECOND), None] {
        assert_eq!(went_on(NOW_MS + HOUR, boot.clone()), HOUR);
        assert_eq!(went_on(NOW_MS + AHEAD_MS, boot.clone()), AHEAD_MS);
        assert_eq!(went_on(NOW_MS + AHEAD_MS + 1, boot.clone()), 0);
        assert_eq!(went_on(NOW_MS - DAY, boot), 0);
    }
}

fn write(folder: &Path, kept: &Kept) {
    fs::write(folder.join(FILE), serde_json::to_vec(kept).unwrap()).unwrap();
}

#[test]
fn a_desk_goes_on_with_the_clocks_of_its_folder() {
    let scratch = Scratch::new();
    let clock = DeskClock::open(scratch.path());
    assert!(clock.now_ms().abs_diff(wall_ms()) < MINUTE);
    assert_eq!(clock.doubt(), None);
    clock.keep();
    assert!(scratch.path().join(FILE).exists(), "kept at once");

    let behind = Kept {
        now_ms: wall_ms() - DAY,
        wall_ms: wall_ms(),
        date_ms: wall_ms(),
        ..kept(None)
    };
    write(scratch.path(), &behind);
    let clock = DeskClock::open(scratch.path());
    assert!(clock.now_ms().abs_diff(behind.now_ms) < MINUTE);
    assert!(now_of(scratch.path()).abs_diff(behind.now_ms) < MINUTE);
    assert!(clock.ahead_ms().unsigned_abs().abs_diff(DAY) < MINUTE);
    assert_eq!(clock.doubt(), None);
    clock.keep_now();
    assert!(now_of(scratch.path()).abs_diff(behind.now_ms) < MINUTE);
}

#[test]
fn a_doubt_lasts_over_a_restart_until_it_is_confirmed() {
    let scratch = Scratch::new();
    let old = Kept {
        date_ms: wall_ms() - 8 * DAY,
        wall_ms: wall_ms(),
        doubted_for_ms: Some(STEADY_MS / 2),
        ..kept(None)
    };
    write(scratch.path(), &old);
    let clock = DeskClock::open(scratch.path());
    assert!(matches!(clock.doubt(), Some(ClockDoubt::Ahead { .. })));
    assert!(clock.erase_ms() < wall_ms() - 7 * DAY);
    clock.keep_now();
    let text = fs::read(scratch.path().join(FILE)).unwrap();
    let again: Kept = serde_json::from_slice(&text).unwrap();
    assert!(again.doubted_for_ms.is_some_and(|ms| ms >= STEADY_MS / 2));

    // What was confirmed long ago is not this date.
    let marker = scratch.path().join(CONFIRMED);
    for other in ["", "x", "17", &(wall_ms() + DAY).to_string()] {
        fs::write(&marker, other).unwrap();
        clock.keep();
        assert!(clock.doubt().is_some(), "{other}");
        assert!(!marker.exists());
    }
    confirm(scratch.path()).unwrap();
    clock.keep();
    assert_eq!(clock.doubt(), None);
    assert!(clock.erase_ms().abs_diff(wall_ms()) < MINUTE);
    assert_eq!(
        DeskClock::open(scratch.path()).doubt(),
        None,
        "kept at once"
    );
}

#[test]
fn a_folder_of_a_version_before_is_compared_with_its_newest_call() {
    let scratch = Scratch::new();
    for (newest_ms, doubted) in [
        (None, false),
        (Some(wall_ms() - DAY), false),
        (Some(wall_ms() - 8 * DAY), true),
        (Some(wall_ms() + HOUR), true),
    ] {
        let clock = DeskClock::open(scratch.path());
        clock.compare(newest_ms);
        assert_eq!(clock.doubt().is_some(), doubted, "{newest_ms:?}");
    }
    // A folder with clocks of its own needs no such witness.
    DeskClock::open(scratch.path()).keep_now();
    let clock = DeskClock::open(scratch.path());
    clock.compare(Some(wall_ms() - 8 * DAY));
    assert_eq!(clock.doubt(), None);
}

#[test]
fn a_damaged_file_of_clocks_is_none() {
    let scratch = Scratch::new();
    for text in ["", "{", "[]", "{\"now_ms\":-1}", "null"] {
        fs::write(scratch.path().join(FILE), text).unwrap();
        let clock = DeskClock::open(scratch.path());
        assert!(clock.now_ms().abs_diff(wall_ms()) < MINUTE);
    }
}
