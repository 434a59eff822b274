//! Sessions that are not over.

use std::collections::BTreeSet;

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
    let found = table.open_sessions(before_ms, 1_000).await.unwrap();
    assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), open);
    assert_eq!(found.len(), open.len(), "each once");
    for limit in [0, 1, 3] {
        let found = table.open_sessions(before_ms, limit).await.unwrap();
        assert!(found.len() <= limit && found.iter().all(|session| open.contains(session)));
    }
    assert_eq!(table.open_sessions(THEN_MS, 1_000).await, Ok(Vec::new()));
}
