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

impl DeliveryRecord {
    /// Returns the delivery after an attempt. `now_ms` is by the clock of the deadlines, `date_ms`
    /// the time of day.
    #[must_use]
    pub fn tried(mut self, outcome: DeliveryOutcome, now_ms: u64, date_ms: u64) -> Self {
        if outcome != DeliveryOutcome::SwitchedOff {
            self.attempts = self.attempts.saturating_add(1);
        }
        self.stage = self.next_stage(outcome, now_ms);
        self.tried = Some((date_ms, outcome));
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

    fn next_stage(&self, outcome: DeliveryOutcome, now_ms: u64) -> DeliveryStage {
        let over_ms = self.since_ms.saturating_add(ALL_MS);
        // An admin who tries a webhook waits for the outcome.
        let once = self.kind == MessageKind::WebhookTest;
        if outcome.is_taken() {
            DeliveryStage::Delivered
        } else if once || outcome == DeliveryOutcome::SwitchedOff || now_ms >= over_ms {
            DeliveryStage::Dead
        } else {
            let due_ms = now_ms.saturating_add(wait_ms(self.attempts));
            DeliveryStage::Waiting(due_ms.min(over_ms))
        }
    }
}

/// How long to wait after so many attempts.
fn wait_ms(attempts: u32) -> u64 {
    let times = 4_u64.saturating_pow(attempts.saturating_sub(1));
    FIRST_WAIT_MS.saturating_mul(times).min(LONGEST_WAIT_MS)
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

    /// Fails at every due time. Returns the waits and the delivery that was given up.
    fn failing(mut delivery: DeliveryRecord) -> (Vec<u64>, DeliveryRecord) {
        let mut waits = Vec::new();
        let mut now_ms = delivery.due_ms().unwrap();
        loop {
            delivery = delivery.tried(FAILED, now_ms, now_ms);
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
        let delivered = late.clone().tried(taken, waited_ms, waited_ms);
        assert_eq!(delivered.stage, DeliveryStage::Delivered);
        let dead = late.tried(FAILED, waited_ms, waited_ms);
        assert_eq!((dead.stage, dead.attempts), (DeliveryStage::Dead, 1));
    }

    #[test]
    fn a_test_is_sent_once_and_one_that_was_switched_off_not_at_all() {
        let (waits, dead) = failing(delivery(MessageKind::WebhookTest));
        assert_eq!((waits.len(), dead.attempts), (0, 1));
        let off =
            delivery(MessageKind::CallEnded).tried(DeliveryOutcome::SwitchedOff, NOW_MS, NOW_MS);
        assert_eq!((off.stage, off.attempts), (DeliveryStage::Dead, 0));
    }
}
