//! The audit log.

use sightline_wire::{AuditDeed, DisplayName};

use super::Case;
use crate::ports::Audit;
use crate::records::{AuditPlace, AuditRecord};

/// A store of the audit log, in which lines of others stand, too.
pub async fn audit<P: Audit>(ports: &P, case: &Case) {
    // A time of its own, far ahead, which no other case has.
    let at_ms = case.now_ms + 1_000_000_000 * (1 + case.salt % 1_000);
    let ends_s = at_ms / 1_000 + 1_800;
    let line = |after_ms, tag, about: &str| AuditRecord {
        place: AuditPlace {
            at_ms: at_ms + after_ms,
            tag,
        },
        by: (tag > 0).then(|| {
            let name = DisplayName::new("Ada").expect("a fine name");
            (case.agent(240), name)
        }),
        deed: AuditDeed::CallErased,
        call: (tag > 0).then(|| case.session(240)),
        about: Some(DisplayName::new(about).expect("a fine name")),
    };
    let lines = [
        line(0, u64::MAX, "first"),
        line(1, 0, "second"),
        line(1, 7, "third"),
        line(99, 3, "fourth"),
    ];
    for (at, line) in lines.iter().enumerate() {
        // The third stays shorter.
        let delete_at_s = if at == 2 { ends_s } else { ends_s + 1_800 };
        for _again in 0..2 {
            assert_eq!(ports.add_line(line, delete_at_s).await, Ok(()));
        }
    }
    let [first, second, third, fourth] = lines;
    let newest = ports.lines(None, 1, at_ms).await.expect("read");
    let [newest] = newest.as_slice() else {
        panic!("one was asked for: {newest:?}");
    };
    assert!(newest.place >= fourth.place);
    let behind_all = AuditPlace {
        tag: u64::MAX,
        ..fourth.place
    };
    let read = async |before: Option<AuditPlace>, limit, now_ms| {
        let read = ports.lines(before.or(Some(behind_all)), limit, now_ms);
        let mut own = read.await.expect("read");
        own.retain(|line| line.place.at_ms >= at_ms);
        own
    };
    let all = [&fourth, &third, &second, &first].map(Clone::clone);
    assert_eq!(read(None, 4, at_ms).await, all, "newest first, each once");
    assert_eq!(
        read(None, 2, at_ms).await,
        all[..2],
        "no more than asked for"
    );
    let behind = read(Some(third.place), 4, at_ms).await;
    assert_eq!(behind, all[2..], "behind a place");
    let later = read(None, 4, ends_s * 1_000).await;
    assert_eq!(later, [fourth, second, first], "until its date");
}
