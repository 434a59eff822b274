//! What is rationed.

use super::{Case, together};
use crate::ports::{Counted, RateCounter, RateCounters};

/// Those who count at a time.
const COUNTERS: u8 = 20;

/// Counters.
pub async fn rate_counters<P: RateCounters>(ports: &P, case: &Case) {
    assert_eq!(
        ports.count(&[]).await,
        Ok(Counted::Done),
        "nothing to count"
    );
    a_counter_stops_at_its_most(ports, case).await;
    all_count_or_none(ports, case).await;
    several_count_only_with_room_for_all(ports, case).await;
    foreseeing_counts_nothing(ports, case).await;
    those_who_count_at_once_get_no_more(ports, case).await;
}

async fn a_counter_stops_at_its_most<P: RateCounters>(ports: &P, case: &Case) {
    let one = counter(case, 1, 2);
    for _ in 0..2 {
        let counted = ports.count(std::slice::from_ref(&one)).await;
        assert_eq!(counted, Ok(Counted::Done), "below the most");
    }
    for _ in 0..2 {
        let counted = ports.count(std::slice::from_ref(&one)).await;
        assert_eq!(counted, Ok(Counted::Full(0)), "at the most");
    }
    let more = RateCounter { most: 3, ..one };
    let counted = ports.count(std::slice::from_ref(&more)).await;
    assert_eq!(counted, Ok(Counted::Done), "a limit that was raised");
    let none = counter(case, 2, 0);
    assert_eq!(
        ports.count(&[none]).await,
        Ok(Counted::Full(0)),
        "a limit of nothing"
    );
}

async fn all_count_or_none<P: RateCounters>(ports: &P, case: &Case) {
    let (wide, narrow, other) = (
        counter(case, 3, 3),
        counter(case, 4, 1),
        counter(case, 5, 3),
    );
    let all = [wide.clone(), narrow.clone(), other.clone()];
    assert_eq!(ports.count(&all).await, Ok(Counted::Done), "room in all");
    for _ in 0..4 {
        assert_eq!(
            ports.count(&all).await,
            Ok(Counted::Full(1)),
            "the narrow one is full"
        );
    }
    let both = [wide, other];
    for _ in 0..2 {
        assert_eq!(
            ports.count(&both).await,
            Ok(Counted::Done),
            "the refusals counted nothing"
        );
    }
    assert_eq!(
        ports.count(&both).await,
        Ok(Counted::Full(0)),
        "the first of the full ones"
    );
}

async fn several_count_only_with_room_for_all<P: RateCounters>(ports: &P, case: &Case) {
    let one = counter(case, 11, 5);
    let two = RateCounter {
        by: 2,
        ..one.clone()
    };
    for _ in 0..2 {
        let counted = ports.count(std::slice::from_ref(&two)).await;
        assert_eq!(counted, Ok(Counted::Done), "room for two");
    }
    for _ in 0..2 {
        let foreseen = ports.foresee(std::slice::from_ref(&two)).await;
        assert_eq!(foreseen, Ok(Counted::Full(0)), "room for one, not for two");
        let counted = ports.count(std::slice::from_ref(&two)).await;
        assert_eq!(counted, Ok(Counted::Full(0)), "room for one, not for two");
    }
    let counted = ports.count(std::slice::from_ref(&one)).await;
    assert_eq!(counted, Ok(Counted::Done), "room for one is left");
    let wide = RateCounter {
        by: 2,
        ..counter(case, 12, 1)
    };
    let counted = ports.count(&[wide]).await;
    assert_eq!(counted, Ok(Counted::Full(0)), "more than the most");
}

async fn foreseeing_counts_nothing<P: RateCounters>(ports: &P, case: &Case) {
    assert_eq!(ports.foresee(&[]).await, Ok(Counted::Done), "nothing");
    let (one, two) = (counter(case, 8, 1), counter(case, 9, 2));
    let both = [two.clone(), one.clone()];
    for _ in 0..3 {
        assert_eq!(ports.foresee(&both).await, Ok(Counted::Done), "room");
    }
    assert_eq!(
        ports.count(&both).await,
        Ok(Counted::Done),
        "nothing was counted"
    );
    for _ in 0..3 {
        assert_eq!(
            ports.foresee(&both).await,
            Ok(Counted::Full(1)),
            "the one that is full"
        );
    }
    let left = ports.foresee(std::slice::from_ref(&two)).await;
    assert_eq!(left, Ok(Counted::Done), "the other has room");
    let counted = ports.count(std::slice::from_ref(&two)).await;
    assert_eq!(counted, Ok(Counted::Done), "and is raised");
    assert_eq!(
        ports.foresee(&both).await,
        Ok(Counted::Full(0)),
        "the first of the full ones"
    );
    let none = counter(case, 10, 0);
    assert_eq!(
        ports.foresee(&[none]).await,
        Ok(Counted::Full(0)),
        "a limit of nothing"
    );
}

async fn those_who_count_at_once_get_no_more<P: RateCounters>(ports: &P, case: &Case) {
    let most = 7;
    let contested = [counter(case, 6, most), counter(case, 7, 100)];
    let count = async || {
        for _ in 0..1_000 {
            match ports.count(&contested).await {
                Ok(counted) => return counted,
                Err(error) => {
                    assert!(error.retryable, "a race is no lasting trouble: {error}")
                }
            }
            together::turn().await;
        }
        panic!("nobody could count in 1,000 tries");
    };
    let counting = (0..COUNTERS).map(|_| Box::pin(count()) as together::Boxed<'_, Counted>);
    let told = together::all(counting.collect()).await;
    let done = told.into_iter().filter(|told| *told == Counted::Done);
    assert_eq!(done.count(), most as usize, "no more than the most");
}

fn counter(case: &Case, which: u8, most: u32) -> RateCounter {
    RateCounter {
        name: format!("contract {} {which}", case.salt),
        most,
        by: 1,
        until_ms: case.now_ms + 3_600_000,
    }
}
