//! Lists of calls: an agent's, and those that a term finds.

use super::{Asked, Case, following};
use crate::ports::{CallList, Commit, Committed, Directory, ListPlace, Sessions, Span};
use crate::records::CallSummary;
use sightline_session::SystemCommand;

/// More entries than a store reads in one request for their summaries.
const MANY: u8 = 105;

/// Lists of calls.
pub async fn lists<P: Sessions + Directory>(ports: &P, case: &Case) {
    parts_of_a_list_follow_one_another(ports, case).await;
    a_call_changes_to_the_list_of_the_agent_who_takes_it(ports, case).await;
    an_entry_follows_its_call(ports, case).await;
    an_entry_is_as_old_as_its_call(ports, case).await;
    the_first_key_stays(ports, case).await;
}

fn place(commit: &Commit) -> ListPlace {
    ListPlace {
        at_ms: commit.state.began_at_ms,
        session: commit.session,
    }
}

async fn commit<P: Sessions>(ports: &P, commit: &Commit) {
    let done = ports.commit(commit.clone()).await;
    assert_eq!(done, Ok(Committed::Done), "commit");
}

async fn parts_of_a_list_follow_one_another<P: Sessions + Directory>(ports: &P, case: &Case) {
    let (agent, term) = (case.agent(80), case.term(80));
    let mut calls = Vec::new();
    for which in 0..MANY {
        // Some begin in the same millisecond.
        let at_ms = case.now_ms + u64::from(which / 2) * 1_000;
        let mut first = case.beginning(case.session(80 + which), agent, at_ms);
        first.entries.new = vec![term, case.term(81)];
        commit(ports, &first).await;
        calls.push(first);
    }
    let mut stranger = case.beginning(case.session(79), case.agent(79), case.now_ms + 500);
    stranger.entries.new = vec![term];
    commit(ports, &stranger).await;

    let mut wanted: Vec<_> = calls
        .iter()
        .map(|call| (place(call), call.summary.clone()))
        .collect();
    wanted.sort_by_key(|(place, _)| *place);
    let of_agent = read(ports, case, CallList::Of(agent), Span::WHOLE, 40).await;
    let mut sorted = of_agent.clone();
    sorted.sort_by_key(|(place, _)| *place);
    assert_eq!(sorted, wanted, "an agent's list, each call once");
    assert!(
        of_agent.is_sorted_by(|(one, _), (next, _)| one.at_ms >= next.at_ms),
        "newest first"
    );
    let at_once = read(
        ports,
        case,
        CallList::Found(case.term(81)),
        Span::WHOLE,
        200,
    )
    .await;
    assert_eq!(at_once, wanted, "in the order of places");
    wanted.push((place(&stranger), stranger.summary.clone()));
    wanted.sort_by_key(|(place, _)| *place);
    let found = read(ports, case, CallList::Found(term), Span::WHOLE, 7).await;
    assert_eq!(found, wanted, "a term's list has calls of all agents");

    let (from_ms, to_ms) = (case.now_ms + 500, case.now_ms + 3_000);
    let part = Span {
        from_ms,
        to_ms,
        after: None,
    };
    let of_time = |at_ms: u64| (from_ms..to_ms).contains(&at_ms);
    wanted.retain(|(place, _)| of_time(place.at_ms));
    assert_eq!(
        read(ports, case, CallList::Found(term), part, 3).await,
        wanted,
        "of a time"
    );
    let own = read(ports, case, CallList::Of(agent), part, 3).await;
    assert_eq!(own.len(), wanted.len() - 1, "of a time, of one agent");
    edges(ports, case, CallList::Found(term), part).await;
    edges(ports, case, CallList::Of(agent), part).await;
}

/// A cursor comes from a page, and may lie anywhere.
async fn edges<P: Directory>(ports: &P, case: &Case, list: CallList, part: Span) {
    let all = read(ports, case, list, part, 3).await;
    let after = |at_ms, byte| Span {
        after: Some(ListPlace {
            at_ms,
            session: sightline_wire::SessionId::from_bytes([byte; 16]),
        }),
        ..part
    };
    for (what, part, wanted) in [
        ("newer than the part", after(u64::MAX, 0), all.len()),
        ("at its end", after(part.to_ms, 255), all.len()),
        ("older than the part", after(part.from_ms - 1, 0), 0),
        ("the oldest of all", after(0, 255), 0),
        (
            "a part of no time",
            Span {
                to_ms: part.from_ms,
                ..part
            },
            0,
        ),
        (
            "a part before all time",
            Span {
                from_ms: 0,
                to_ms: 0,
                ..part
            },
            0,
        ),
        (
            "a part that ends before it begins",
            Span { to_ms: 1, ..part },
            0,
        ),
        (
            "a part after all time",
            Span {
                from_ms: u64::MAX,
                to_ms: u64::MAX,
                ..part
            },
            0,
        ),
    ] {
        let found = ports.listed(list, part, 50, case.now_ms).await;
        assert_eq!(found.map(|found| found.len()), Ok(wanted), "{what}");
    }
    let none = ports.listed(list, part, 0, case.now_ms).await;
    assert_eq!(none, Ok(Vec::new()), "none asked for");
}

/// Reads a part of a list in pieces.
async fn read<P: Directory>(
    ports: &P,
    case: &Case,
    list: CallList,
    mut part: Span,
    limit: usize,
) -> Vec<(ListPlace, Option<CallSummary>)> {
    let mut all = Vec::new();
    loop {
        let some = ports.listed(list, part, limit, case.now_ms).await;
        let some = some.expect("calls are listed");
        let (count, last) = (some.len(), some.last().map(|(place, _)| *place));
        assert!(count <= limit, "no more than asked for");
        all.extend(some);
        if count < limit {
            return all;
        }
        part.after = last;
    }
}

async fn a_call_changes_to_the_list_of_the_agent_who_takes_it<P: Sessions + Directory>(
    ports: &P,
    case: &Case,
) {
    let (nobody, agent, session) = (case.agent(87), case.agent(88), case.session(78));
    let mut first = case.beginning(session, nobody, case.now_ms);
    first.entries.new = vec![case.term(87)];
    commit(ports, &first).await;
    let cancel = Asked::System(SystemCommand::Cancel);
    let date_s = first.delete_at_s;
    let mut next = following(session, &first.state, &cancel, case.now_ms, date_s);
    next.state.agent = agent;
    next.summary = Some(CallSummary::of(session, &next.state));
    // One that it had already, and one of its new agent's.
    next.entries.new = vec![case.term(87), case.term(88)];
    next.entries.left = Some(nobody);
    commit(ports, &next).await;
    let line = vec![(place(&first), next.summary.clone())];
    for (list, wanted) in [
        (CallList::Of(nobody), Vec::new()),
        (CallList::Of(agent), line.clone()),
        (CallList::Found(case.term(87)), line.clone()),
        (CallList::Found(case.term(88)), line),
    ] {
        let found = read(ports, case, list, Span::WHOLE, 9).await;
        assert_eq!(found, wanted, "{list:?}");
    }
}

async fn an_entry_follows_its_call<P: Sessions + Directory>(ports: &P, case: &Case) {
    let (agent, session) = (case.agent(82), case.session(70));
    let mut first = case.beginning(session, agent, case.now_ms);
    first.entries.new = vec![case.term(82), case.term(83)];
    commit(ports, &first).await;
    let cancel = Asked::System(SystemCommand::Cancel);
    let date_s = first.delete_at_s;
    let mut next = following(session, &first.state, &cancel, case.now_ms, date_s);
    next.entries.gone = vec![case.term(83), case.term(85)];
    next.entries.new = vec![case.term(84)];
    commit(ports, &next).await;
    let mut clash = first.clone();
    clash.entries.new = vec![case.term(85)];
    assert_eq!(
        ports.commit(clash).await,
        Ok(Committed::Clash),
        "the first commit again"
    );
    for (which, there) in [(82, true), (83, false), (84, true), (85, false)] {
        let found = read(
            ports,
            case,
            CallList::Found(case.term(which)),
            Span::WHOLE,
            9,
        )
        .await;
        let wanted = there.then(|| (place(&first), next.summary.clone()));
        assert_eq!(
            found,
            wanted.into_iter().collect::<Vec<_>>(),
            "term {which}"
        );
    }
}

async fn an_entry_is_as_old_as_its_call<P: Sessions + Directory>(ports: &P, case: &Case) {
    let (agent, term) = (case.agent(86), case.term(86));
    let mut first = case.beginning(case.session(71), agent, case.now_ms);
    first.entries.new = vec![term];
    first.summary_delete_at_s += 60;
    commit(ports, &first).await;
    let date_ms = first.summary_delete_at_s * 1_000;
    for list in [CallList::Of(agent), CallList::Found(term)] {
        for (at_ms, there) in [(date_ms - 1, true), (date_ms, false)] {
            let found = ports.listed(list, Span::WHOLE, 9, at_ms).await;
            let found = found.expect("calls are listed");
            let calls = found.iter().filter_map(|(_, call)| call.as_ref());
            assert_eq!(calls.count() == 1, there, "until its date");
        }
    }
}

async fn the_first_key_stays<P: Directory>(ports: &P, case: &Case) {
    let fresh = [u8::try_from(case.salt % 200).unwrap_or_default(); 32];
    let first = ports.search_key(fresh).await.expect("there is a key");
    let again = ports.search_key([255; 32]).await;
    assert_eq!(again, Ok(first), "a deployment has one");
}
