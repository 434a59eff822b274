//! The list of calls: search, filters, cursors, and who sees whose.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sightline_wire::api::CallPhase;
use sightline_wire::{AgentId, DisplayName, PhoneNumber, Reference, Seat, SessionId, Stars};

use super::world::{Answer, Browser, NOW_MS, World};
use crate::ports::{Commit, Committed, Directory as _, Entries, Sessions as _};
use crate::records::CallSummary;

const DAY_S: u64 = 24 * 60 * 60;
const ALL: &str = "/api/sessions?all=1";

fn references(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let calls = answer.body["calls"].as_array().unwrap().iter();
    calls
        .map(|call| call["reference"].as_str().unwrap())
        .collect()
}

fn after(answer: &Answer) -> Option<&str> {
    answer.body["after"].as_str()
}

impl Browser<'_> {
    async fn starts(&self, request: u8, reference: &str, number: &str) -> SessionId {
        let mut body = Browser::start_body(request);
        body["reference"] = json!(reference);
        body["number"] = json!(number);
        let started = self.clone().post("/api/sessions", body).await;
        assert_eq!(started.status, StatusCode::OK, "{started:?}");
        started.body["session"].as_str().unwrap().parse().unwrap()
    }

    async fn lists(&self, query: &str) -> Answer {
        self.clone().get(&format!("/api/sessions{query}")).await
    }

    /// Follows cursors to the end. Returns what each answer had.
    async fn follows(&self, path: &str) -> Vec<Vec<String>> {
        let mut answers = Vec::new();
        let mut next = path.to_owned();
        loop {
            let answer = self.clone().get(&next).await;
            answers.push(references(&answer).into_iter().map(str::to_owned).collect());
            let Some(after) = after(&answer) else {
                return answers;
            };
            next = format!(
                "{path}{}after={after}",
                if path.contains('?') { '&' } else { '?' }
            );
            assert!(answers.len() < 99, "it ends");
        }
    }
}

/// An agent's calls as other processes stored them, one a second, the last one newest.
async fn stored(world: &World, agent: AgentId, count: u32, change: impl Fn(u32, &mut Commit)) {
    let template = world.memory();
    for n in 0..count {
        let session = SessionId::from_bytes(crate::records::first_half(
            crate::records::sha_256_of_parts(&[agent.as_bytes(), &n.to_be_bytes()]),
        ));
        let invitation = sightline_session::Invitation {
            agent,
            agent_name: DisplayName::new("Ada").unwrap(),
            number: PhoneNumber::new(&format!("+49151{n:08}")).ok(),
            reference: Reference::new(&format!("CASE-2026-{n:05}")).unwrap(),
            language: sightline_wire::Language::new("en").unwrap(),
        };
        let at_ms = NOW_MS - u64::from(count - n) * 1_000;
        let rules = sightline_session::Rules::default();
        let (state, issued) = sightline_session::begin(invitation, at_ms, 0, &rules);
        let mut commit = Commit {
            entries: Entries {
                new: world.host.terms_of(&state).await.unwrap(),
                ..Entries::default()
            },
            ..Commit::first(session, state, vec![issued], NOW_MS / 1_000 + DAY_S)
        };
        change(n, &mut commit);
        assert_eq!(template.commit(commit).await, Ok(Committed::Done));
    }
}

#[tokio::test]
async fn a_call_is_found_as_long_as_it_is_called_so() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let agent = &agents.browser;
    let reference = Browser::start_body(1)["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let by = async |typed: &str| references(&agent.lists(&format!("?search={typed}")).await).len();
    let beginning = reference[..5].to_lowercase();
    assert_eq!(
        (by(&beginning).await, by("6789").await, by("6788").await),
        (1, 1, 0)
    );
    let name = |name: &str| json!({ "name": name });
    assert_eq!(
        customers
            .command("session", "rename", name("Zo\u{eb} Quick"))
            .await
            .refused,
        None
    );
    for (typed, found) in [("zoe", 1), ("QUI", 1), ("zoe+qu", 1), ("grace", 0)] {
        assert_eq!(by(typed).await, found, "{typed}");
    }
    assert_eq!(
        customers
            .command("session", "rename", name("Quentin"))
            .await
            .refused,
        None
    );
    for (typed, found) in [("zoe", 0), ("quick", 0), ("q", 1), ("quentin", 1)] {
        assert_eq!(by(typed).await, found, "{typed}");
    }
    let call = &agent.lists("?search=quentin").await.body["calls"][0];
    assert_eq!(
        (&call["customer"], &call["phase"]),
        (&json!("Quentin"), &json!("live"))
    );
    assert_eq!(call["joined_at_ms"], json!(NOW_MS), "{call}");
    assert_eq!(call["goes_ms"], json!(NOW_MS + 30 * DAY_S * 1_000));
    let stranger = world.agent_called("Eve");
    assert_eq!(
        references(&stranger.lists("?search=quentin").await),
        Vec::<&str>::new()
    );
}

#[tokio::test]
async fn others_calls_are_for_admins() {
    let world = World::new();
    let agent = world.agent_called("Grace");
    agent.starts(1, "GRACE-00001", "+4915123456789").await;
    let of_grace = agent.lists("").await.body["calls"][0]["agent"]
        .as_str()
        .unwrap()
        .to_owned();
    world.advance_s(3 * DAY_S);
    let agent = world.agent_called("Grace");
    let admin = world.agent().await;
    admin.starts(2, "ADMIN-00001", "+4915123456780").await;
    assert_eq!(references(&admin.lists("").await), ["ADMIN-00001"]);
    assert_eq!(
        references(&admin.lists("?all=1").await),
        ["ADMIN-00001", "GRACE-00001"]
    );
    assert_eq!(
        references(&admin.lists(&format!("?agent={of_grace}")).await),
        ["GRACE-00001"]
    );
    assert_eq!(
        references(&admin.lists("?all=1&search=gr").await),
        ["GRACE-00001"]
    );
    assert_eq!(
        references(&admin.lists("?search=gr").await),
        Vec::<&str>::new()
    );
    // NOW_MS is 2027-01-15T08:00:00Z.
    for (query, wanted) in [
        ("day=2027-01-15", vec!["GRACE-00001"]),
        ("day=2027-01-15&zone=-480", vec!["GRACE-00001"]),
        ("day=2027-01-15&zone=-481", vec![]),
        ("day=2027-01-14&zone=-481", vec!["GRACE-00001"]),
        ("day=2027-01-16", vec![]),
        ("day=2027-01-18", vec!["ADMIN-00001"]),
        ("day=1970-01-01", vec![]),
        ("day=9999-12-31", vec![]),
    ] {
        assert_eq!(
            references(&admin.lists(&format!("?all=1&{query}")).await),
            wanted,
            "{query}"
        );
        let own = references(&agent.lists(&format!("?{query}")).await).len();
        assert_eq!(own, usize::from(wanted == ["GRACE-00001"]), "{query}");
    }
    for query in [
        "?all=1",
        &format!("?agent={}", AgentId::from_bytes([8; 16])),
    ] {
        let refused = agent.lists(query).await;
        assert_eq!(
            (refused.status, refused.error()),
            (StatusCode::FORBIDDEN, "not_admin")
        );
    }
    assert_eq!(
        references(&agent.lists(&format!("?agent={of_grace}")).await),
        ["GRACE-00001"]
    );
    let nobody = world.browser().get("/api/sessions?search=a").await;
    assert_eq!(nobody.error(), "not_signed_in");
    let malformed = agent.lists("?search=a&page=2").await;
    assert_eq!(
        (malformed.status, malformed.error()),
        (StatusCode::BAD_REQUEST, "malformed")
    );
}

#[tokio::test]
async fn answers_follow_one_another_without_gap_or_repeat() {
    let world = World::new();
    let admin = world.agent().await;
    let me = crate::desk_agent_id(&DisplayName::new("Ada").unwrap());
    stored(&world, me, 120, |_, _| {}).await;
    let all: Vec<String> = (0..120)
        .rev()
        .map(|n| format!("CASE-2026-{n:05}"))
        .collect();
    for path in [
        "/api/sessions",
        ALL,
        "/api/sessions?search=case",
        "/api/sessions?day=2027-01-15",
    ] {
        let answers = admin.follows(path).await;
        let sizes: Vec<_> = answers.iter().map(Vec::len).collect();
        assert_eq!(sizes, [50, 50, 20], "{path}");
        assert_eq!(answers.concat(), all, "{path}");
    }
    // A search by number and by reference that meet: 0004 is the end of two numbers.
    let found = admin.follows("/api/sessions?search=0004").await;
    assert_eq!(found, [["CASE-2026-00004"]]);
    let exactly = admin.follows("/api/sessions?search=case-2026-0006").await;
    assert_eq!(exactly.concat().len(), 10);
    let unknown = admin
        .follows("/api/sessions?after=AAABoeU-CABzZXNzaW9uLWlkLTAwMDAx")
        .await;
    assert_eq!(
        unknown.concat(),
        all[..0],
        "a cursor from elsewhere leads on from its time"
    );
}

#[tokio::test]
async fn one_answer_reads_a_thousand_entries_and_says_where_to_go_on() {
    let world = World::new();
    let admin = world.agent().await;
    let me = crate::desk_agent_id(&DisplayName::new("Ada").unwrap());
    stored(&world, me, 2_100, |n, commit| {
        if n % 1_050 == 3 {
            *commit
                .summary
                .as_mut()
                .unwrap()
                .stars
                .get_mut(Seat::Customer) = Stars::new(5);
        }
    })
    .await;
    for path in [
        "/api/sessions?rating=5",
        "/api/sessions?all=1&rating=5&search=case",
    ] {
        let answers = admin.follows(path).await;
        assert_eq!(
            answers.concat(),
            ["CASE-2026-01053", "CASE-2026-00003"],
            "{path}"
        );
        assert_eq!(answers.len(), 3, "{path}");
    }
    assert_eq!(
        admin
            .follows("/api/sessions?search=case-2026-01999")
            .await
            .len(),
        1
    );
    let none = admin.follows("/api/sessions?reason=too_long").await;
    assert_eq!((none.len(), none.concat().len()), (3, 0));
}

#[tokio::test]
async fn days_without_a_call_are_passed_over_and_their_number_is_limited() {
    let world = World::with(|config| config.summary_days = 400);
    let admin = world.agent().await;
    admin.starts(1, "OLDEST-0001", "+4915123456789").await;
    world.advance_s(100 * DAY_S);
    let admin = world.agent().await;
    admin.starts(2, "NEWEST-0001", "+4915123456780").await;
    let answers = admin.follows(ALL).await;
    assert_eq!(answers.concat(), ["NEWEST-0001", "OLDEST-0001"]);
    assert!(answers.len() < 10, "{answers:?}");
}

#[tokio::test]
async fn filters_look_at_what_became_of_a_call() {
    let world = World::new();
    let me = crate::desk_agent_id(&DisplayName::new("Ada").unwrap());
    let agent = world.agent().await;
    stored(&world, me, 6, |n, commit| {
        let summary = commit.summary.take().unwrap();
        let now_s = NOW_MS / 1_000;
        let dated = [3, 8, 20].map(|days| now_s + days * DAY_S);
        let mut summary = match n {
            // Of a version before.
            0 => CallSummary {
                agent: None,
                ..summary
            },
            1 => summary.dated(dated[0], dated[2]),
            2 => summary.dated(dated[1], dated[2]),
            // Its records have gone.
            3 => summary.dated(now_s - 1, dated[0]),
            _ => summary.dated(now_s - 1, dated[2]),
        };
        match n {
            1 => *summary.stars.get_mut(Seat::Agent) = Stars::new(4),
            2 => *summary.stars.get_mut(Seat::Customer) = Stars::new(4),
            4 => summary.pictures = 2,
            5 => summary.reason = Some(sightline_wire::EndReason::AgentEnded),
            _ => {}
        }
        commit.summary = Some(summary);
    })
    .await;
    for (query, wanted) in [
        ("goes=7", vec![3, 1]),
        ("goes=8", vec![3, 2, 1]),
        ("rating=4", vec![2, 1]),
        ("rating=4&goes=7", vec![1]),
        ("rating=5", vec![]),
        ("pictures=1", vec![4]),
        ("reason=agent_ended", vec![5]),
        ("reason=customer_ended", vec![]),
        ("search=case&pictures=1", vec![4]),
    ] {
        let found = agent.lists(&format!("?{query}")).await;
        let wanted: Vec<_> = wanted.iter().map(|n| format!("CASE-2026-{n:05}")).collect();
        assert_eq!(references(&found), wanted, "{query}");
    }
    let old = agent.lists("").await.body["calls"][5].clone();
    let fields: Vec<_> = old.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["at_ms", "number", "phase", "reference", "session"],
        "as before"
    );
    let new: Value = agent.lists("").await.body["calls"][1].clone();
    assert_eq!((&new["pictures"], &new["sent"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn an_ended_call_says_when_and_why_and_erasing_it_takes_its_entries() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    world.advance_s(60);
    assert_eq!(
        agents.command("session", "end", json!({})).await.refused,
        None
    );
    let agent = &agents.browser;
    let call = agent.lists("?reason=agent_ended&all=1").await.body["calls"][0].clone();
    assert_eq!(call["ended_at_ms"], json!(NOW_MS + 60_000), "{call}");
    assert_eq!(call["phase"], json!(CallPhase::Ended));
    assert_eq!(call["agent_name"], json!("Ada"));

    let state = world.state(agents.session).await;
    assert!(state.seats.get(Seat::Customer).name.is_some());
    let terms = world.host.terms_of(&state).await.unwrap();
    let lists = || {
        terms
            .iter()
            .map(|term| crate::ports::CallList::Found(*term))
    };
    for list in lists() {
        let found = world
            .memory()
            .listed(list, crate::ports::Span::WHOLE, 9, NOW_MS)
            .await;
        assert_eq!(found.unwrap().len(), 1, "every term leads to it");
    }
    let request = axum::http::Request::delete(format!("/api/sessions/{}", customers.session))
        .header("origin", super::world::ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .body(axum::body::Body::empty());
    assert_eq!(
        agent.clone().ask(request.unwrap()).await.status,
        StatusCode::OK
    );
    for list in lists() {
        let found = world
            .memory()
            .listed(list, crate::ports::Span::WHOLE, 9, NOW_MS)
            .await;
        assert_eq!(found.unwrap(), [], "no entry is left");
    }
}
