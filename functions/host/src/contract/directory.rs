//! Two ways to find a session.

use sightline_session::SystemCommand;
use sightline_wire::AgentId;
use sightline_wire::api::CallPhase;

use super::{Asked, Case, following};
use crate::ports::{Committed, Directory, Sessions};
use crate::records::CallSummary;

/// Finding sessions by invite and by agent.
pub async fn directory<P: Sessions + Directory>(ports: &P, case: &Case) {
    invites_lead_to_their_session(ports, case).await;
    an_agents_calls_are_listed_newest_first(ports, case).await;
}

async fn invites_lead_to_their_session<P: Sessions + Directory>(ports: &P, case: &Case) {
    let (session, now_ms) = (case.session(10), case.now_ms);
    let mut first = case.beginning(session, case.agent(10), now_ms);
    first.invites = vec![case.invite(0)];
    assert_eq!(
        ports.by_invite(case.invite(0), now_ms).await,
        Ok(None),
        "an invite before its commit"
    );
    assert_eq!(
        ports.commit(first.clone()).await,
        Ok(Committed::Done),
        "first commit"
    );
    assert_eq!(
        ports.by_invite(case.invite(0), now_ms).await,
        Ok(Some(session)),
        "an invite leads to its session"
    );

    let mut next = following(
        session,
        &first.state,
        &Asked::System(SystemCommand::MakeLink),
        now_ms,
        first.delete_at_s,
    );
    next.invites = vec![case.invite(1), case.invite(2)];
    assert_eq!(
        ports.commit(next.clone()).await,
        Ok(Committed::Done),
        "second commit"
    );
    next.invites = vec![case.invite(3)];
    assert_eq!(
        ports.commit(next).await,
        Ok(Committed::Clash),
        "the same commit again"
    );
    for which in 0..=2 {
        assert_eq!(
            ports.by_invite(case.invite(which), now_ms).await,
            Ok(Some(session)),
            "all invites lead there"
        );
    }
    assert_eq!(
        ports.by_invite(case.invite(3), now_ms).await,
        Ok(None),
        "the invite of a clash leads nowhere"
    );

    let date_ms = first.delete_at_s * 1_000;
    assert_eq!(
        ports.by_invite(case.invite(0), date_ms - 1).await,
        Ok(Some(session)),
        "until the delete date"
    );
    assert_eq!(
        ports.by_invite(case.invite(0), date_ms).await,
        Ok(None),
        "from the delete date on"
    );
}

async fn an_agents_calls_are_listed_newest_first<P: Sessions + Directory>(ports: &P, case: &Case) {
    let (agent, stranger, now_ms) = (case.agent(11), case.agent(12), case.now_ms);
    let mut firsts = Vec::new();
    for which in 0..5 {
        let at_ms = now_ms + u64::from(which) * 1_000;
        firsts.push(case.beginning(case.session(20 + which), agent, at_ms));
    }
    firsts.push(case.beginning(case.session(30), stranger, now_ms));
    for first in &firsts {
        assert_eq!(
            ports.commit(first.clone()).await,
            Ok(Committed::Done),
            "first commit"
        );
    }
    let cancelled = firsts.first().expect("there are six");
    let cancel = following(
        cancelled.session,
        &cancelled.state,
        &Asked::System(SystemCommand::Cancel),
        now_ms,
        cancelled.delete_at_s,
    );
    assert_eq!(
        ports.commit(cancel).await,
        Ok(Committed::Done),
        "commit of an end"
    );

    let calls = ports
        .by_agent(agent, 10, now_ms)
        .await
        .expect("calls are listed");
    let sessions: Vec<_> = calls.iter().map(|call| call.session).collect();
    let wanted: Vec<_> = (0..5).rev().map(|which| case.session(20 + which)).collect();
    assert_eq!(
        sessions, wanted,
        "newest first, each once, no other agent's"
    );
    let phases: Vec<_> = calls.iter().map(|call| call.phase).collect();
    assert_eq!(
        phases.last(),
        Some(&CallPhase::Ended),
        "the list follows every commit"
    );
    assert_eq!(
        phases.first(),
        Some(&CallPhase::Waiting),
        "the others still wait"
    );
    let newest = firsts.get(4).expect("there are six");
    assert_eq!(
        calls.first(),
        Some(&CallSummary::of(newest.session, &newest.state)),
        "a line as it was stored"
    );
    a_list_is_limited_and_expires(ports, case, agent).await;
    a_line_has_a_delete_date_of_its_own(ports, case).await;
}

async fn a_list_is_limited_and_expires<P: Sessions + Directory>(
    ports: &P,
    case: &Case,
    agent: AgentId,
) {
    let now_ms = case.now_ms;
    let calls = ports
        .by_agent(agent, 2, now_ms)
        .await
        .expect("calls are listed");
    let sessions: Vec<_> = calls.iter().map(|call| call.session).collect();
    assert_eq!(
        sessions,
        [case.session(24), case.session(23)],
        "no more than asked for"
    );
    assert_eq!(
        ports.by_agent(case.agent(13), 10, now_ms).await,
        Ok(Vec::new()),
        "an agent without calls"
    );
    let date_ms = case.delete_at_s() * 1_000;
    assert_eq!(
        ports.by_agent(agent, 10, date_ms).await,
        Ok(Vec::new()),
        "from the delete date on"
    );
}

async fn a_line_has_a_delete_date_of_its_own<P: Sessions + Directory>(ports: &P, case: &Case) {
    let now_ms = case.now_ms;
    let date_ms = case.delete_at_s() * 1_000;
    let mut kept = case.beginning(case.session(31), case.agent(14), now_ms);
    kept.summary_delete_at_s += 60;
    let wanted: Vec<_> = kept.summary.clone().into_iter().collect();
    assert_eq!(
        ports.commit(kept.clone()).await,
        Ok(Committed::Done),
        "first commit"
    );
    let mut silent = kept.clone();
    silent.expected = Some(kept.state.revision);
    silent.state.revision += 1;
    silent.events.clear();
    silent.summary = None;
    assert_eq!(
        ports.commit(silent).await,
        Ok(Committed::Done),
        "commit that leaves the line as it is"
    );
    for (at_ms, wanted) in [(date_ms, wanted), (date_ms + 60_000, Vec::new())] {
        assert_eq!(
            ports.by_agent(case.agent(14), 10, at_ms).await,
            Ok(wanted),
            "a line has a date of its own"
        );
    }
}
