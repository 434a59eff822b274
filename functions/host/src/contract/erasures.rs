//! Erasing a session: everything that leads to it goes, nothing of its neighbour, and nothing comes
//! back.

use sightline_session::SystemCommand;
use sightline_wire::{Seat, SessionId};

use super::beside::{note, rating};
use super::minutes::minute;
use super::{Asked, Case, following};
use crate::ports::{
    Attachments, BesideLog, CallList, CallMinutes, Commit, Committed, Counted, Directory, Erasure,
    Erasures, RateCounter, RateCounters, Relays, Sessions, Span, Tombstone,
};
use crate::records::{Assignment, Attachment, BesideRecord, CaseRecords, SearchTerm};

/// Erasing sessions.
pub async fn erasures<P>(ports: &P, case: &Case)
where
    P: Sessions
        + Directory
        + Attachments
        + CallMinutes
        + BesideLog
        + Relays
        + RateCounters
        + Erasures,
{
    let (session, neighbour) = (case.session(200), case.session(201));
    let ended = whole_session(ports, case, session, 60).await;
    whole_session(ports, case, neighbour, 63).await;
    let erasure = erasure(case, &ended);
    nothing_is_erased_of_a_session_that_changed(ports, case, &erasure).await;
    assert_eq!(
        ports.tombstone(session, case.now_ms).await,
        Ok(None),
        "before it is erased"
    );
    for what in ["erased", "erased again"] {
        assert_eq!(ports.erase(&erasure).await, Ok(Committed::Done), "{what}");
        everything_is_gone(ports, case, &ended).await;
    }
    nothing_comes_back(ports, case, &ended).await;
    the_neighbour_stands(ports, case, neighbour).await;
    let until_ms = erasure.tombstone_until_s * 1_000;
    for (at_ms, there) in [(until_ms - 1, Some(Tombstone::Finished)), (until_ms, None)] {
        assert_eq!(
            ports.tombstone(session, at_ms).await,
            Ok(there),
            "a tombstone stays until its date"
        );
    }
    assert_eq!(
        ports.tombstone(case.session(202), case.now_ms).await,
        Ok(None),
        "a session that never was"
    );
}

/// A session that has ended, with a record of every kind. Returns its last commit.
async fn whole_session<P>(ports: &P, case: &Case, session: SessionId, which: u8) -> Commit
where
    P: Sessions + Attachments + CallMinutes + BesideLog + Relays + RateCounters,
{
    let mut first = case.beginning(session, case.agent(which), case.now_ms);
    first.invites = vec![case.invite(which)];
    first.entries.new = terms(case, session);
    let mut last = following(
        session,
        &first.state,
        &Asked::System(SystemCommand::Cancel),
        case.now_ms,
        first.delete_at_s,
    );
    last.invites = vec![case.invite(which + 1)];
    last.beside = vec![
        BesideRecord::Note(note(1, 1)),
        BesideRecord::Rating(Seat::Agent, rating(4)),
    ];
    for commit in [&first, &last] {
        let done = ports.commit(commit.clone()).await;
        assert_eq!(done, Ok(Committed::Done), "commit");
    }
    for seat in Seat::ALL {
        let attached = ports.attach(session, seat, attachment(case)).await;
        assert_eq!(attached, Ok(None), "attach");
        let noted = ports.note_minute(session, seat, minute(1), first.delete_at_s);
        assert_eq!(noted.await, Ok(true), "note");
    }
    let assignment = Assignment {
        relay: case.relay(60),
        epoch: 1,
    };
    let assigned = ports.assign(session, assignment).await;
    assert_eq!(assigned, Ok(assignment), "assign");
    let counted = ports.count(&[counter(case, session)]).await;
    assert_eq!(counted, Ok(Counted::Done), "count");
    last
}

fn attachment(case: &Case) -> Attachment {
    Attachment {
        connection: case.connection(60),
        page: case.page(60),
        heard_at_ms: case.now_ms,
        closed_at_ms: None,
    }
}

/// A counter with room for one.
fn counter(case: &Case, session: SessionId) -> RateCounter {
    RateCounter {
        name: format!("erasure {session}"),
        most: 1,
        by: 1,
        until_ms: case.now_ms + 3_600_000,
    }
}

/// One of its own, and one that its neighbour has too.
fn terms(case: &Case, session: SessionId) -> Vec<SearchTerm> {
    vec![SearchTerm(*session.as_bytes()), case.term(60)]
}

async fn found<P: Directory>(ports: &P, case: &Case, term: SearchTerm) -> Vec<SessionId> {
    let list = CallList::Found(term);
    let listed = ports.listed(list, Span::WHOLE, 10, case.now_ms).await;
    let listed = listed.expect("calls are listed").into_iter();
    listed.map(|(place, _)| place.session).collect()
}

fn erasure(case: &Case, ended: &Commit) -> Erasure {
    Erasure {
        session: ended.session,
        expected: ended.state.revision,
        agent: ended.state.agent,
        began_at_ms: ended.state.began_at_ms,
        counters: vec![
            counter(case, ended.session).name,
            "of nobody, which is no error".to_owned(),
        ],
        terms: terms(case, ended.session),
        tombstone_until_s: case.delete_at_s(),
        deliveries: Vec::new(),
    }
}

async fn nothing_is_erased_of_a_session_that_changed<P>(ports: &P, case: &Case, erasure: &Erasure)
where
    P: Sessions + Directory + Erasures,
{
    let early = Erasure {
        expected: erasure.expected - 1,
        ..erasure.clone()
    };
    assert_eq!(
        ports.erase(&early).await,
        Ok(Committed::Clash),
        "another commit came first"
    );
    let session = erasure.session;
    let loaded = ports.load(session, case.now_ms).await.expect("it loads");
    assert!(loaded.is_some(), "it is as it was");
    let unknown = Erasure {
        session: case.session(202),
        ..erasure.clone()
    };
    assert_eq!(
        ports.erase(&unknown).await,
        Ok(Committed::Clash),
        "a session that never was"
    );
}

async fn everything_is_gone<P>(ports: &P, case: &Case, ended: &Commit)
where
    P: Sessions
        + Directory
        + Attachments
        + CallMinutes
        + BesideLog
        + Relays
        + RateCounters
        + Erasures,
{
    let (session, now_ms) = (ended.session, case.now_ms);
    assert_eq!(ports.load(session, now_ms).await, Ok(None), "state");
    assert_eq!(ports.events(session, 0, 10).await, Ok(Vec::new()), "log");
    for which in 60..=61 {
        let found = ports.by_invite(case.invite(which), now_ms).await;
        assert_eq!(found, Ok(None), "invite {which}");
    }
    let listed = ports.by_agent(ended.state.agent, 10, now_ms).await;
    assert_eq!(listed, Ok(Vec::new()), "line in the list");
    for term in terms(case, session) {
        let found = found(ports, case, term).await;
        assert!(!found.contains(&session), "entry");
    }
    for seat in Seat::ALL {
        let connection = case.connection(60);
        let touched = ports.touch(session, seat, &connection, now_ms, false);
        assert_eq!(touched.await, Ok(false), "attachment");
        assert_eq!(ports.minutes(session, seat).await, Ok(vec![]), "minutes");
    }
    let beside = ports.case_records(session).await;
    assert_eq!(beside, Ok(CaseRecords::default()), "notes and ratings");
    assert_eq!(ports.assigned(session).await, Ok(None), "assignment");
    let counted = ports.foresee(&[counter(case, session)]).await;
    assert_eq!(counted, Ok(Counted::Done), "counter");
    assert_eq!(
        ports.tombstone(session, now_ms).await,
        Ok(Some(Tombstone::Finished)),
        "the tombstone stays"
    );
}

async fn nothing_comes_back<P>(ports: &P, case: &Case, ended: &Commit)
where
    P: Sessions
        + Directory
        + Attachments
        + CallMinutes
        + BesideLog
        + Relays
        + RateCounters
        + Erasures,
{
    let mut late = ended.clone();
    late.expected = Some(ended.state.revision);
    late.state.revision += 1;
    late.events.clear();
    let mut again = case.beginning(ended.session, ended.state.agent, case.now_ms);
    again.invites = vec![case.invite(60)];
    for commit in [late, ended.clone(), again] {
        let expected = commit.expected;
        let done = ports.commit(commit).await;
        assert_eq!(done, Ok(Committed::Clash), "a commit on {expected:?}");
    }
    everything_is_gone(ports, case, ended).await;
}

async fn the_neighbour_stands<P>(ports: &P, case: &Case, neighbour: SessionId)
where
    P: Sessions + Directory + Attachments + CallMinutes + BesideLog + Relays + RateCounters,
{
    let now_ms = case.now_ms;
    let loaded = ports.load(neighbour, now_ms).await.expect("it loads");
    let loaded = loaded.expect("it is there");
    for seat in Seat::ALL {
        assert_eq!(loaded.attachments.get(seat), &Some(attachment(case)));
        let minutes = ports.minutes(neighbour, seat).await;
        assert_eq!(minutes, Ok(vec![minute(1)]), "its minutes");
    }
    let beside = ports.case_records(neighbour).await.expect("it is read");
    assert_eq!(beside.notes, [note(1, 1)], "its note");
    assert_eq!(beside.ratings.get(Seat::Agent), &Some(rating(4)));
    let events = ports.events(neighbour, 0, 10).await.expect("they load");
    assert_eq!(events.len() as u32, loaded.state.head, "its log");
    for which in 63..=64 {
        let found = ports.by_invite(case.invite(which), now_ms).await;
        assert_eq!(found, Ok(Some(neighbour)), "invite {which}");
    }
    let listed = ports.by_agent(loaded.state.agent, 10, now_ms).await;
    assert_eq!(listed.expect("calls are listed").len(), 1, "its line");
    for term in terms(case, neighbour) {
        assert_eq!(found(ports, case, term).await, [neighbour], "its entry");
    }
    let assigned = ports.assigned(neighbour).await.expect("it is read");
    assert!(assigned.is_some(), "its assignment");
    let counted = ports.foresee(&[counter(case, neighbour)]).await;
    assert_eq!(counted, Ok(Counted::Full(0)), "its counter");
}
