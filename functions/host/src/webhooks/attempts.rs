//! When a delivery is tried again, and when it is given up. Pure: the times are arguments.

use sightline_wire::{DeliveryOutcome, MessageKind};

use crate::records::{DeliveryRecord, DeliveryStage};

/// After this a delivery is given up, milliseconds. One that waited all this time for those before
/// it is still tried once.
pub(super) const ALL_MS: u64 = 24 * 60 * 60 * 1_000;

/// The first wait, milliseconds. Each one is four times as long as the one before.
const FIRST_WAIT_MS: u64 = 5_000;

/// The longest wait, milliseconds.
const LONGEST_WAIT_MS: u64 = 6 * 60 * 60 * 1_000;

/// An attempt that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) outcome: DeliveryOutcome,
    /// When it ended, by the clock of the deadlines, epoch milliseconds.
    pub(crate) now_ms: u64,
    /// The same by the time of day.
    pub(crate) date_ms: u64,
    /// How long the receiver asks to wait, milliseconds.
    pub(crate) asked_ms: Option<u64>,
    /// Shortens the wait by up to a fifth, so that what failed together does not come back
    /// together.
    pub(crate) chance: u8,
}

impl DeliveryRecord {
    /// Returns the delivery after an attempt.
    pub(crate) fn tried(mut self, attempt: &Attempt) -> Self {
        if attempt.outcome != DeliveryOutcome::SwitchedOff {
            self.attempts = self.attempts.saturating_add(1);
        }
        self.stage = self.next_stage(attempt);
        self.tried = Some((attempt.date_ms, attempt.outcome));
        self
    }

    /// Returns a delivery that was given up, as it begins again.
    #[must_use]
    pub const fn again(mut self, now_ms: u64) -> Self {
        self.stage = DeliveryStage::Waiting(now_ms);
        self.since_ms = now_ms;
        self.attempts = 0;
        self
    }

    fn next_stage(&self, attempt: &Attempt) -> DeliveryStage {
        let Attempt {
            outcome, now_ms, ..
        } = *attempt;
        let over_ms = self.since_ms.saturating_add(ALL_MS);
        // An admin who tries a webhook waits for the outcome.
        let once = self.kind == MessageKind::WebhookTest;
        let off = outcome == DeliveryOutcome::SwitchedOff || outcome.is_gone();
        if outcome.is_taken() {
            DeliveryStage::Delivered
        } else if once || off || now_ms >= over_ms {
            DeliveryStage::Dead
        } else {
            let asked_ms = attempt.asked_ms.unwrap_or_default().min(LONGEST_WAIT_MS);
            let wait_ms = wait_ms(self.attempts, attempt.chance).max(asked_ms);
            DeliveryStage::Waiting(now_ms.saturating_add(wait_ms).min(over_ms))
        }
    }
}

/// How long to wait after so many attempts.
fn wait_ms(attempts: u32, chance: u8) -> u64 {
    let times = 4_u64.saturating_pow(attempts.saturating_sub(1));
    let whole_ms = FIRST_WAIT_MS.saturating_mul(times).min(LONGEST_WAIT_MS);
    whole_ms - whole_ms / 5 * u64::from(chance) / u64::from(u8::MAX)
}

#[cfg(test)]
mod tests {
    use sightline_wire::{MessageId, WebhookId};

    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;
    const FAILED: DeliveryOutcome = DeliveryOutcome::Answered { status: 500 };

    fn delivery(kind: MessageKind) -> DeliveryRecord {
        DeliveryRecord {
            webhook: WebhookId::from_bytes([1; 16]),
            message: MessageId {
                call: None,
                number: 1,
            },
            kind,
            at_ms: NOW_MS,
            reason: None,
            stage: DeliveryStage::Waiting(NOW_MS),
            since_ms: NOW_MS,
            attempts: 0,
            tried: None,
            delete_at_s: 0,
        }
    }

    const fn attempt(outcome: DeliveryOutcome, now_ms: u64) -> Attempt {
        Attempt {
            outcome,
            now_ms,
            date_ms: now_ms,
            asked_ms: None,
            chance: 0,
        }
    }

    /// Fails at every due time. Returns the waits and the delivery that was given up.
    fn failing(mut delivery: DeliveryRecord) -> (Vec<u64>, DeliveryRecord) {
        let mut waits = Vec::new();
        let mut now_ms = delivery.due_ms().unwrap();
        loop {
            delivery = delivery.tried(&attempt(FAILED, now_ms));
            match delivery.due_ms() {
                Some(due_ms) => waits.push((due_ms - now_ms) / 1_000),
                None => return (waits, delivery),
            }
            now_ms = delivery.due_ms().unwrap();
        }
    }

    #[test]
    fn a_receiver_that_is_gone_for_a_day_is_tried_from_5_s_to_6_h_and_given_up_after_24() {
        let (waits, dead) = failing(delivery(MessageKind::CallEnded));
        let expected = [5, 20, 80, 320, 1_280, 5_120, 20_480, 21_600, 21_600, 15_895];
        assert_eq!(waits, expected);
        assert_eq!(waits.iter().sum::<u64>(), 24 * 60 * 60);
        assert_eq!((dead.stage, dead.attempts), (DeliveryStage::Dead, 11));
        assert_eq!(dead.tried, Some((NOW_MS + ALL_MS, FAILED)));

        let later_ms = NOW_MS + 2 * ALL_MS;
        let again = dead.again(later_ms);
        assert_eq!((again.due_ms(), again.attempts), (Some(later_ms), 0));
        assert_eq!(failing(again).0, expected, "for another day");
    }

    #[test]
    fn what_waited_a_day_for_those_before_it_is_tried_once() {
        let waited_ms = NOW_MS + ALL_MS + 1;
        let taken = DeliveryOutcome::Answered { status: 200 };
        let late = delivery(MessageKind::CallEnded);
        let delivered = late.clone().tried(&attempt(taken, waited_ms));
        assert_eq!(delivered.stage, DeliveryStage::Delivered);
        let dead = late.tried(&attempt(FAILED, waited_ms));
        assert_eq!((dead.stage, dead.attempts), (DeliveryStage::Dead, 1));
    }

    #[test]
    fn a_test_is_sent_once_and_one_that_was_switched_off_not_at_all() {
        let (waits, dead) = failing(delivery(MessageKind::WebhookTest));
        assert_eq!((waits.len(), dead.attempts), (0, 1));
        let switched_off = attempt(DeliveryOutcome::SwitchedOff, NOW_MS);
        let off = delivery(MessageKind::CallEnded).tried(&switched_off);
        assert_eq!((off.stage, off.attempts), (DeliveryStage::Dead, 0));
    }

    #[test]
    fn a_receiver_that_is_gone_for_good_is_not_tried_again() {
        let gone = DeliveryOutcome::Answered { status: 410 };
        let dead = delivery(MessageKind::CallEnded).tried(&attempt(gone, NOW_MS));
        assert_eq!((dead.stage, dead.attempts), (DeliveryStage::Dead, 1));
    }

    #[test]
    fn chance_shortens_a_wait_by_a_fifth_at_most() {
        for (attempts, chance, wait) in [
            (1, 0, 5_000),
            (1, 255, 4_000),
            (1, 51, 4_800),
            (2, 255, 16_000),
            (1_000, 0, LONGEST_WAIT_MS),
            (1_000, 255, LONGEST_WAIT_MS / 5 * 4),
        ] {
            assert_eq!(wait_ms(attempts, chance), wait, "{attempts} {chance}");
        }
    }

    #[test]
    fn a_receiver_is_given_the_time_that_it_asks_for_within_the_day() {
        let after = |asked_ms, since_ms| {
            let asks = Attempt {
                asked_ms: Some(asked_ms),
                ..attempt(FAILED, NOW_MS)
            };
            let waits = DeliveryRecord {
                since_ms,
                ..delivery(MessageKind::CallEnded)
            };
            waits.tried(&asks).due_ms().unwrap() - NOW_MS
        };
        assert_eq!(after(90_000, NOW_MS), 90_000);
        assert_eq!(after(1, NOW_MS), 5_000, "never sooner than by itself");
        assert_eq!(after(u64::MAX, NOW_MS), LONGEST_WAIT_MS);
        let almost_over_ms = NOW_MS - ALL_MS + 60_000;
        assert_eq!(after(u64::MAX, almost_over_ms), 60_000, "the last try");
    }
}
