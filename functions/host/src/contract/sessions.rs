//! Sessions: state and log.

use sightline_session::{PageCommand, SystemCommand};
use sightline_wire::{ChatText, DisplayName, Seat, Seats, SessionId};

use super::{Asked, Case, following, together};
use crate::ports::{Commit, Committed, Loaded, Sessions};

/// Writers at one session at a time.
const WRITERS: u8 = 20;

/// State and log of a session.
pub async fn sessions<P: Sessions>(ports: &P, case: &Case) {
    an_unknown_session_is_none(ports, case).await;
    what_was_committed_is_loaded(ports, case).await;
    a_clash_stores_nothing(ports, case).await;
    events_come_in_pages(ports, case).await;
    the_delete_date_hides_a_session(ports, case).await;
    writers_at_once_leave_no_gap(ports, case).await;
}

async fn an_unknown_session_is_none<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(0);
    assert_eq!(
        ports.load(session, case.now_ms).await,
        Ok(None),
        "load of an unknown session"
    );
    assert_eq!(
        ports.events(session, 0, 10).await,
        Ok(Vec::new()),
        "events of an unknown session"
    );
    let mut orphan = case.beginning(session, case.agent(0), case.now_ms);
    orphan.expected = Some(1);
    orphan.state.revision = 2;
    assert_eq!(
        ports.commit(orphan).await,
        Ok(Committed::Clash),
        "commit on a session that does not exist"
    );
    assert_eq!(
        ports.load(session, case.now_ms).await,
        Ok(None),
        "load after a clash on nothing"
    );
}

async fn what_was_committed_is_loaded<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(1);
    let first = case.beginning(session, case.agent(0), case.now_ms);
    assert_eq!(
        ports.commit(first.clone()).await,
        Ok(Committed::Done),
        "first commit"
    );
    let loaded = found(ports, session, case).await;
    assert_eq!(loaded.state, first.state, "state as committed");
    assert_eq!(
        loaded.delete_at_s, first.delete_at_s,
        "delete date as committed"
    );
    assert_eq!(loaded.attachments, Seats::default(), "no page is attached");
    let next = following(
        session,
        &first.state,
        &Asked::System(SystemCommand::MakeLink),
        case.now_ms,
        first.delete_at_s,
    );
    assert_eq!(
        ports.commit(next.clone()).await,
        Ok(Committed::Done),
        "second commit"
    );
    assert_eq!(
        found(ports, session, case).await.state,
        next.state,
        "state as committed second"
    );

    // Only an answer was remembered: a commit without events.
    let mut silent = next.clone();
    silent.expected = Some(next.state.revision);
    silent.state.revision += 1;
    silent.events.clear();
    assert_eq!(
        ports.commit(silent.clone()).await,
        Ok(Committed::Done),
        "commit without events"
    );
    let events = ports.events(session, 0, 10).await.expect("events are read");
    let wanted: Vec<_> = first.events.into_iter().chain(next.events).collect();
    assert_eq!(events, wanted, "events as committed");
}

async fn a_clash_stores_nothing<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(2);
    let first = case.beginning(session, case.agent(0), case.now_ms);
    assert_eq!(
        ports.commit(first.clone()).await,
        Ok(Committed::Done),
        "first commit"
    );
    let mut again = case.beginning(session, case.agent(1), case.now_ms + 1);
    assert_eq!(
        ports.commit(again.clone()).await,
        Ok(Committed::Clash),
        "beginning twice"
    );
    for expected in [0, 2, 7] {
        again.expected = Some(expected);
        again.state.revision = expected + 1;
        assert_eq!(
            ports.commit(again.clone()).await,
            Ok(Committed::Clash),
            "commit on revision {expected}"
        );
    }
    assert_eq!(
        found(ports, session, case).await.state,
        first.state,
        "state after clashes"
    );
    let events = ports.events(session, 0, 10).await.expect("events are read");
    assert_eq!(events, first.events, "events after clashes");
}

async fn events_come_in_pages<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(3);
    let first = case.beginning(session, case.agent(0), case.now_ms);
    let joined = joined(&first, case);
    // The longest lines there are, so that a page of them is large for any store.
    let long = ChatText::new(&"漢".repeat(ChatText::UNITS_MAX)).expect("the longest line");
    let say = PageCommand::Say { text: long };
    let say = Asked::Page(Seat::Agent, case.page(1), say);
    let mut commits = vec![first, joined];
    for _ in 0..40 {
        let before = commits.last().expect("there are two");
        commits.push(following(
            session,
            &before.state,
            &say,
            case.now_ms,
            before.delete_at_s,
        ));
    }
    let mut wanted = Vec::new();
    for commit in commits {
        wanted.extend(commit.events.clone());
        assert_eq!(
            ports.commit(commit).await,
            Ok(Committed::Done),
            "commit of a chat line"
        );
    }
    let head = u32::try_from(wanted.len()).expect("some forty");
    let all = ports
        .events(session, 0, 1_000)
        .await
        .expect("events are read");
    assert_eq!(all, wanted, "all events in order");
    let mut paged = Vec::new();
    while let Some(page) = Some(
        ports
            .events(session, paged.len() as u32, 7)
            .await
            .expect("a page is read"),
    ) {
        assert!(
            page.len() <= 7,
            "{} events where 7 were asked for",
            page.len()
        );
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, wanted, "all events, page by page");
    for after in [head, head + 1, u32::MAX] {
        assert_eq!(
            ports.events(session, after, 10).await,
            Ok(Vec::new()),
            "events after {after}"
        );
    }
}

async fn the_delete_date_hides_a_session<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(4);
    let first = case.beginning(session, case.agent(0), case.now_ms);
    let date_ms = first.delete_at_s * 1_000;
    assert_eq!(
        ports.commit(first).await,
        Ok(Committed::Done),
        "first commit"
    );
    let before = ports.load(session, date_ms - 1).await.expect("load works");
    assert!(before.is_some(), "there until the delete date");
    assert_eq!(
        ports.load(session, date_ms).await,
        Ok(None),
        "gone from the delete date on"
    );
}

async fn writers_at_once_leave_no_gap<P: Sessions>(ports: &P, case: &Case) {
    let session = case.session(5);
    let first = case.beginning(session, case.agent(0), case.now_ms);
    assert_eq!(
        ports.commit(first).await,
        Ok(Committed::Done),
        "first commit"
    );
    let write = || async {
        for _ in 0..1_000 {
            let loaded = found(ports, session, case).await;
            together::turn().await;
            let next = following(
                session,
                &loaded.state,
                &Asked::System(SystemCommand::MakeLink),
                case.now_ms,
                loaded.delete_at_s,
            );
            match ports.commit(next).await {
                Ok(Committed::Done) => return,
                Ok(Committed::Clash) => {}
                Err(error) => {
                    assert!(error.retryable, "a race is no lasting trouble: {error}")
                }
            }
        }
        panic!("a writer found no turn in 1,000 tries");
    };
    let writers = (0..WRITERS).map(|_| Box::pin(write()) as together::Boxed<'_, ()>);
    together::all(writers.collect()).await;
    let loaded = found(ports, session, case).await;
    let head = 1 + u32::from(WRITERS);
    assert_eq!(
        (loaded.state.head, loaded.state.revision),
        (head, head),
        "every writer wrote once"
    );
    let events = ports
        .events(session, 0, 1_000)
        .await
        .expect("events are read");
    let numbers: Vec<u32> = events.iter().map(|event| event.seq).collect();
    assert_eq!(
        numbers,
        (1..=head).collect::<Vec<_>>(),
        "numbers without gap or repetition"
    );
}

fn joined(first: &Commit, case: &Case) -> Commit {
    let join = PageCommand::Join {
        name: DisplayName::new("Ada").expect("a fine name"),
        video_only: false,
        arrival: None,
        microphone: true,
        camera: false,
        take: false,
    };
    following(
        first.session,
        &first.state,
        &Asked::Page(Seat::Agent, case.page(1), join),
        case.now_ms,
        first.delete_at_s,
    )
}

async fn found<P: Sessions>(ports: &P, session: SessionId, case: &Case) -> Loaded {
    let loaded = ports.load(session, case.now_ms).await;
    loaded.expect("load works").expect("the session is there")
}
