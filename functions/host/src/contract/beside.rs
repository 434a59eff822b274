//! Notes and ratings.

use sightline_session::NotePlace;
use sightline_wire::{AgentId, CommentText, DisplayName, NoteText, Seat, SessionId, Stars};

use super::Case;
use crate::ports::{BesideLog, Commit, Committed, Sessions};
use crate::records::{BesideRecord, CaseRecords, NoteRecord, RatingRecord};

/// A text of a note that tells it from others.
pub(crate) fn note(n: u8, version: u8) -> NoteRecord {
    NoteRecord {
        place: NotePlace { n, version },
        author: AgentId::from_bytes([7; 16]),
        author_name: DisplayName::new("Ada").expect("a fine name"),
        at_ms: 1_800_000_000_000 + u64::from(version),
        text: NoteText::new(&format!("note {n}, text {version}")).expect("a fine text"),
    }
}

/// A rating.
pub(crate) fn rating(stars: u8) -> RatingRecord {
    RatingRecord {
        stars: Stars::new(stars).expect("a fine number"),
        comment: (stars > 3).then(|| CommentText::new("quick").expect("a fine text")),
        at_ms: 1_800_000_000_000 + u64::from(stars),
    }
}

/// Notes and ratings of calls.
pub async fn beside_log<P: Sessions + BesideLog>(ports: &P, case: &Case) {
    let (session, neighbour) = (case.session(220), case.session(221));
    for id in [session, neighbour] {
        let first = case.beginning(id, case.agent(90), case.now_ms);
        assert_eq!(ports.commit(first).await, Ok(Committed::Done), "begin");
    }
    let kept = async |session: SessionId| {
        let kept = ports.case_records(session).await;
        kept.expect("they are read")
    };
    assert_eq!(kept(session).await, CaseRecords::default(), "none yet");

    let add = async |session, revision, beside| {
        let commit = next(case, session, revision, beside);
        ports.commit(commit).await.expect("it is stored")
    };
    let both = vec![
        BesideRecord::Note(note(2, 1)),
        BesideRecord::Rating(Seat::Customer, rating(2)),
    ];
    assert_eq!(add(session, 1, both).await, Committed::Done);
    let edit = vec![
        BesideRecord::Note(note(1, 1)),
        BesideRecord::Note(note(2, 10)),
        BesideRecord::Rating(Seat::Customer, rating(5)),
        BesideRecord::Rating(Seat::Agent, rating(1)),
    ];
    assert_eq!(add(session, 2, edit).await, Committed::Done);
    let late = vec![
        BesideRecord::Note(note(3, 1)),
        BesideRecord::Rating(Seat::Customer, rating(1)),
    ];
    assert_eq!(add(session, 2, late).await, Committed::Clash, "too late");

    let records = kept(session).await;
    assert_eq!(
        records.notes,
        [note(1, 1), note(2, 1), note(2, 10)],
        "by note and version; nothing of a clash"
    );
    assert_eq!(records.ratings.get(Seat::Customer), &Some(rating(5)));
    assert_eq!(records.ratings.get(Seat::Agent), &Some(rating(1)));
    assert_eq!(kept(neighbour).await, CaseRecords::default(), "neighbour");
    assert_eq!(
        kept(case.session(222)).await,
        CaseRecords::default(),
        "unknown"
    );
}

/// A commit that stores these and changes nothing else.
fn next(case: &Case, session: SessionId, revision: u32, beside: Vec<BesideRecord>) -> Commit {
    let mut commit = case.beginning(session, case.agent(90), case.now_ms);
    commit.expected = Some(revision);
    commit.state.revision = revision + 1;
    commit.events.clear();
    commit.beside = beside;
    commit
}
