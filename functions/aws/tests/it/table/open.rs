//! Sessions that are not over.

use std::collections::BTreeSet;

use sightline_aws::SweepMark;
use sightline_host::ports::{Committed, Sessions};
use sightline_session::SystemCommand;

use super::{begun, table};

#[tokio::test]
async fn the_sweep_finds_old_sessions_that_are_not_over() {
    // Long ago, so that no other test's session is among them.
    const THEN_MS: u64 = 1_000_000_000_000;
    const COUNT: u64 = 30;
    let table = table();
    let mut open = BTreeSet::new();
    for which in 0..COUNT {
        let first = begun::first(THEN_MS + which);
        assert_eq!(table.commit(first.clone()).await, Ok(Committed::Done));
        if which % 3 == 0 {
            let cancel = begun::next(&first, &first.state, &SystemCommand::Cancel);
            assert_eq!(table.commit(cancel).await, Ok(Committed::Done));
        } else if which < COUNT / 2 {
            open.insert(first.session);
        }
    }
    let before_ms = THEN_MS + COUNT / 2;
    let list = async |before_ms, mark, limit| {
        let found = table.open_sessions(before_ms, mark, limit).await.unwrap();
        let ids: Vec<_> = found.sessions.iter().map(|open| open.session).collect();
        (found, ids)
    };
    let start = SweepMark::default();
    let (found, ids) = list(before_ms, start, 1_000).await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), open);
    assert_eq!(ids.len(), open.len(), "each once");
    assert!(found.all);
    assert_eq!(table.count_open_sessions(before_ms).await, Ok(open.len()));
    assert_eq!(list(before_ms, start, 0).await.1, []);
    let (found, _) = list(THEN_MS, start, 1_000).await;
    assert_eq!((found.sessions.len(), found.all), (0, true));
    assert_eq!(table.count_open_sessions(THEN_MS).await, Ok(0));

    // Sweeps that come three sessions far each reach all of them, and then begin again.
    let (mut mark, mut seen) = (start, BTreeSet::new());
    for _ in 0..open.len() {
        let (found, ids) = list(before_ms, mark, 3).await;
        assert!(ids.len() == 3 && !found.all);
        seen.extend(ids);
        let next = found.next_mark(mark, 3);
        assert_ne!(next, mark);
        assert_eq!(table.set_sweep_mark(next).await, Ok(()));
        mark = table.sweep_mark().await.unwrap();
        assert_eq!(mark, next);
    }
    assert_eq!(seen, open);
    let (found, ids) = list(before_ms, mark, 1_000).await;
    assert_eq!(ids.len(), open.len(), "each once, from any mark");
    assert_eq!(found.next_mark(mark, ids.len()), start);
}
