//! Figures: each call is counted once, however many count it.

use sightline_session::SystemCommand;

use super::{Asked, Case, following, together};
use crate::ports::{CallFigures, Commit, Committed, CountedCall, DAY_SHARDS, Sessions, Uncounted};
use crate::records::Counts;

/// Who counts the same call at once, each into a shard of its own.
const COUNTERS: u8 = DAY_SHARDS;

/// A store of marks and counts, in which those of others stand, too.
pub async fn figures<P: Sessions + CallFigures>(ports: &P, case: &Case) {
    // Dates and days of its own, far ahead, which no other case has.
    let due_ms = case.now_ms + 1_000_000_000 * (1 + case.salt % 1_000);
    let day = 40_000_000 + u32::try_from(case.salt % 1_000).expect("small") * 10;
    let suite = Suite {
        ports,
        case,
        due_ms,
        day,
    };
    suite.an_end_leaves_a_mark().await;
    suite.marks_come_in_order_and_in_pieces().await;
    suite.a_call_is_counted_once().await;
    suite.days_add_up().await;
}

struct Suite<'a, P> {
    ports: &'a P,
    case: &'a Case,
    due_ms: u64,
    day: u32,
}

impl<P: Sessions + CallFigures> Suite<'_, P> {
    fn mark(&self, which: u8) -> Uncounted {
        Uncounted {
            due_ms: self.due_ms + u64::from(which / 2),
            session: self.case.session(203 + which),
        }
    }

    /// Stores a session that has ended, with its mark.
    async fn ended(&self, which: u8) -> Commit {
        let (case, mark) = (self.case, self.mark(which));
        let first = case.beginning(mark.session, case.agent(1), case.now_ms);
        let mut last = following(
            mark.session,
            &first.state,
            &Asked::System(SystemCommand::Cancel),
            case.now_ms,
            first.delete_at_s,
        );
        last.uncounted = Some(mark);
        for commit in [first, last.clone()] {
            assert_eq!(self.ports.commit(commit).await, Ok(Committed::Done));
        }
        last
    }

    /// The marks of this case.
    async fn due(&self, after: Option<Uncounted>, limit: usize, now_ms: u64) -> Vec<Uncounted> {
        let before = Uncounted {
            due_ms: self.due_ms - 1,
            session: self.case.session(0),
        };
        let marks = self.ports.uncounted(after.or(Some(before)), limit, now_ms);
        marks.await.expect("they are listed")
    }

    async fn an_end_leaves_a_mark(&self) {
        let last = self.ended(0).await;
        let mark = self.mark(0);
        assert_eq!(self.due(None, 10, self.due_ms - 1).await, [], "too early");
        assert_eq!(
            self.due(None, 10, self.due_ms).await,
            [mark],
            "from then on"
        );
        let late = Commit {
            uncounted: Some(self.mark(1)),
            ..last
        };
        assert_eq!(self.ports.commit(late).await, Ok(Committed::Clash));
        assert_eq!(
            self.due(None, 10, self.due_ms).await,
            [mark],
            "after a clash"
        );
        assert!(self.counted(0, self.day, 0, &["invited"]).await);
        assert_eq!(self.due(None, 10, self.due_ms).await, [], "it is counted");
    }

    async fn marks_come_in_order_and_in_pieces(&self) {
        for which in [5, 2, 4, 3] {
            self.ended(which).await;
        }
        let mut all = [2, 3, 4, 5].map(|which| self.mark(which));
        all.sort();
        assert_eq!(self.due(None, 10, self.due_ms + 9).await, all);
        let before = self.due(None, 10, self.due_ms + 1).await;
        assert_eq!(before, all[..2], "only those that are due");
        let mut seen = Vec::new();
        for _piece in 0..4 {
            let piece = self.due(seen.last().copied(), 1, self.due_ms + 9).await;
            assert_eq!(piece.len(), 1, "a piece has what was asked for");
            seen.extend(piece);
        }
        assert_eq!(seen, all, "piece by piece");
        assert_eq!(self.due(seen.last().copied(), 1, self.due_ms + 9).await, []);
        assert_eq!(self.due(None, 0, self.due_ms + 9).await, []);
    }

    fn call(&self, which: u8, day: u32, shard: u8, names: &[&str]) -> CountedCall {
        let mut counts = Counts::default();
        for name in names {
            counts.add(name, 1);
        }
        CountedCall {
            mark: self.mark(which),
            day,
            shard,
            counts,
        }
    }

    async fn counted(&self, which: u8, day: u32, shard: u8, names: &[&str]) -> bool {
        let call = self.call(which, day, shard, names);
        self.ports.count_call(&call).await.expect("it is counted")
    }

    async fn counts(&self, from: u32, to: u32) -> Vec<(u32, Counts)> {
        self.ports.counts(from, to).await.expect("they are read")
    }

    async fn a_call_is_counted_once(&self) {
        let day = self.day + 1;
        let count = |shard| async move {
            let call = self.call(2, day, shard, &["invited", "opened"]);
            for _ in 0..1_000 {
                together::turn().await;
                match self.ports.count_call(&call).await {
                    Ok(counted) => return counted,
                    Err(error) => assert!(error.retryable, "no lasting trouble: {error}"),
                }
            }
            panic!("a counter found no turn in 1,000 tries");
        };
        let all = (0..COUNTERS).map(|shard| Box::pin(count(shard)) as together::Boxed<'_, bool>);
        let done = together::all(all.collect()).await;
        // Of a call whose answer was lost nobody says that it counted.
        assert!(done.iter().filter(|counted| **counted).count() <= 1);
        let mut once = Counts::default();
        once.add("invited", 1);
        once.add("opened", 1);
        assert_eq!(self.counts(day, day).await, [(day, once)], "counted once");
        let again = self.counted(2, day, 0, &["invited"]).await;
        assert!(!again, "its mark is gone");
        let never = self.counted(6, day, 0, &["invited"]).await;
        assert!(!never, "it never had a mark");
    }

    async fn days_add_up(&self) {
        let (one, two) = (self.day + 2, self.day + 3);
        for (which, day, shard, names) in [
            (3, one, 0, ["invited", "joined"].as_slice()),
            (4, one, DAY_SHARDS - 1, &["invited", "browser_safari"]),
            (5, two, 0, &["invited"]),
        ] {
            assert!(self.counted(which, day, shard, names).await);
        }
        let sum = |names: &[(&str, u32)]| {
            let mut counts = Counts::default();
            for (name, calls) in names {
                counts.add(name, *calls);
            }
            counts
        };
        let first = sum(&[("invited", 2), ("joined", 1), ("browser_safari", 1)]);
        let second = sum(&[("invited", 1)]);
        let both = [(one, first.clone()), (two, second)];
        assert_eq!(self.counts(one, two).await, both, "by day, in order");
        assert_eq!(self.counts(one, one).await, [(one, first)]);
        assert_eq!(
            self.counts(two + 1, two + 5).await,
            [],
            "a day without calls"
        );
    }
}
