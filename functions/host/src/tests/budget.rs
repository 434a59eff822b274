//! What text messages may cost, and how often secrets may be guessed, across all calls and all
//! processes.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use sightline_session::budget::DAY_MS;
use sightline_session::{Fact, Rules};
use sightline_wire::api::Role;
use sightline_wire::{DisplayName, PageId, PublicFact, Seat, SessionId, SmsFailure};

use super::world::{Browser, NUMBER, ORIGIN, World, events, kinds};
use crate::memory::{Faults, Memory};
use crate::ports::{Ports as _, Sessions as _};
use crate::{Host, Keys, SourceAddress, agent_id, router};

fn ruled(rules: Rules) -> World {
    World::with(|config| config.rules = rules)
}

/// A call to any number; every one is another request.
async fn call(browser: &Browser<'_>, request: u32, number: &str) -> SessionId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&request.to_be_bytes());
    let mut body = Browser::start_body(0);
    body["request"] = json!(PageId::from_bytes(bytes));
    body["number"] = json!(number);
    let started = browser.clone().post("/api/sessions", body).await;
    assert_eq!(started.status.as_u16(), 200, "{started:?}");
    started.body["session"].as_str().unwrap().parse().unwrap()
}

/// What became of the newest message.
async fn outcome(world: &World, session: SessionId) -> Result<(), SmsFailure> {
    let log = world.memory().events(session, 0, 100).await.unwrap();
    match log.last().map(|event| &event.fact) {
        Some(Fact::Public(PublicFact::SmsAccepted { .. })) => Ok(()),
        Some(Fact::Public(PublicFact::SmsFailed { why, .. })) => Err(*why),
        other => panic!("no outcome: {other:?}"),
    }
}

/// An agent who signed in just now.
fn agent_today<'w>(world: &'w World, name: &str) -> Browser<'w> {
    let mut browser = world.browser();
    let named = DisplayName::new(name).unwrap();
    let (id, now_ms) = (agent_id("elsewhere", name), world.memory().now_ms());
    let value = world.host.keys().agent(
        (id, sightline_wire::SignInId::from_bytes([9; 16])),
        &named,
        Role::Agent,
        now_ms,
    );
    browser.jar.insert("__Host-agent".to_owned(), value);
    browser
}

/// Moves the clock to a time before midnight of UTC.
fn until_tomorrow(world: &World, before_ms: u64) {
    let left_ms = DAY_MS - world.memory().now_ms() % DAY_MS;
    world.memory().advance(left_ms - before_ms);
}

#[tokio::test]
async fn a_compromised_agent_reaches_no_more_premium_numbers_than_the_days_limit() {
    let world = World::new();
    let agent = world.agent().await;
    let mut refused = 0;
    for i in 0..1_000_u32 {
        let session = call(&agent, i, &format!("+49151{:04}5678", 1_000 + i)).await;
        match outcome(&world, session).await {
            Ok(()) => {}
            Err(why) => {
                assert_eq!(why, SmsFailure::AgentLimit);
                refused += 1;
            }
        }
    }
    assert_eq!((world.memory().sent().len(), refused), (100, 900));
    // Others go on.
    let other = world.agent_called("Grace");
    let session = call(&other, 1, NUMBER).await;
    assert_eq!(outcome(&world, session).await, Ok(()));
}

#[tokio::test]
async fn a_message_of_two_segments_counts_twice() {
    let world = ruled(Rules {
        sms_agent_day_max: 5,
        ..Rules::default()
    });
    let agent = world.agent().await;
    for (request, language, allowed) in [
        (1, "ar", true),
        (2, "he", true),
        (3, "ar", false),
        (4, "en", true),
        (5, "en", false),
    ] {
        let mut body = Browser::start_body(request);
        body["number"] = json!(format!("+49151{request}4005678"));
        body["language"] = json!(language);
        let started = agent.clone().post("/api/sessions", body).await;
        let session = started.body["session"].as_str().unwrap().parse().unwrap();
        let expected = allowed.then_some(()).ok_or(SmsFailure::AgentLimit);
        assert_eq!(
            outcome(&world, session).await,
            expected,
            "{request}: {language}"
        );
    }
}

#[tokio::test]
async fn finding_17_of_a_block_of_numbers_few_are_texted_whoever_sends() {
    let world = World::new();
    let agents = ["Ada", "Grace", "Mary"].map(|name| world.agent_called(name));
    let mut refused = 0;
    for i in 0..60 {
        let number = format!("+4915112{:06}", 340_000 + i * 7);
        let session = call(&agents[i as usize % 3], i, &number).await;
        if let Err(why) = outcome(&world, session).await {
            assert_eq!(why, SmsFailure::NumberLimit);
            refused += 1;
        }
    }
    assert_eq!((world.memory().sent().len(), refused), (20, 40));
    let session = call(&agents[0], 60, "+4915112350000").await;
    assert_eq!(outcome(&world, session).await, Ok(()), "the next block");
}

#[tokio::test]
async fn finding_17_an_agent_begins_so_many_calls_a_day_with_or_without_a_message() {
    for sms_off in [false, true] {
        let world = ruled(Rules {
            sms_off,
            sms_number_day_max: 2,
            calls_agent_day_max: 5,
            ..Rules::default()
        });
        let agent = world.agent_called("Ada");
        for i in 0..5 {
            call(&agent, i, NUMBER).await;
        }
        let mut body = Browser::start_body(9);
        let over = agent.clone().post("/api/sessions", body.clone()).await;
        assert_eq!((over.status.as_u16(), over.error()), (429, "too_often"));
        let sessions = agent.clone().get("/api/sessions").await;
        assert_eq!(sessions.body["calls"].as_array().unwrap().len(), 5);
        // A repeated request is no further call, and others go on.
        call(&agent, 4, NUMBER).await;
        let grace = world.agent_called("Grace");
        assert_eq!(
            grace
                .clone()
                .post("/api/sessions", body.clone())
                .await
                .status
                .as_u16(),
            200
        );
        until_tomorrow(&world, 0);
        let today = agent_today(&world, "Ada");
        body["request"] = json!(PageId::from_bytes([8; 16]));
        assert_eq!(
            today
                .clone()
                .post("/api/sessions", body)
                .await
                .status
                .as_u16(),
            200
        );
    }
}

#[tokio::test]
async fn a_blocked_country_and_a_switch_that_is_off_hand_nothing_over() {
    for (rules, why) in [
        (
            Rules {
                sms_prefixes: vec!["+43".to_owned(), "+41".to_owned()],
                ..Rules::default()
            },
            SmsFailure::CountryBlocked,
        ),
        (
            Rules {
                sms_off: true,
                ..Rules::default()
            },
            SmsFailure::SwitchedOff,
        ),
    ] {
        let world = ruled(rules);
        let agent = world.agent().await;
        for i in 0..150 {
            let session = call(&agent, i, NUMBER).await;
            assert_eq!(outcome(&world, session).await, Err(why));
        }
        assert_eq!(world.memory().sent().len(), 0);
        let counters = world.memory().counters();
        assert_eq!(counters.len(), 1, "no message is counted: {counters:?}");
        assert!(counters[0].0.starts_with("calls agent ") && counters[0].1 == 150);
    }
}

#[tokio::test]
async fn over_days_and_agents_no_limit_is_passed_and_each_day_begins_anew() {
    let rules = Rules {
        sms_prefixes: vec!["+49".to_owned()],
        sms_agent_day_max: 4,
        sms_number_day_max: 3,
        sms_day_max: 15,
        ..Rules::default()
    };
    let world = ruled(rules);
    let mut request = 0;
    let mut reasons = BTreeSet::new();
    for day in 1..=4 {
        let agents = ["Ada", "Grace", "Mary", "Joan"].map(|name| agent_today(&world, name));
        for round in 0..8 {
            for agent in &agents {
                request += 1;
                let mobile = if round == 4 { "+43664" } else { "+49151" };
                let number = format!("{mobile}1234567{}", request % 6);
                let session = call(agent, request, &number).await;
                reasons.extend(outcome(&world, session).await.err());
            }
            world.advance_s(60);
        }
        assert_eq!(world.memory().sent().len(), 15 * day, "day {day}");
        // To the last moment of the day nothing further, and from the next on all of it again.
        until_tomorrow(&world, 1);
        request += 1;
        let late = call(&agent_today(&world, "Ruth"), request, "+4915112345679").await;
        assert_eq!(outcome(&world, late).await, Err(SmsFailure::DayLimit));
        world.memory().advance(1);
    }
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        [
            SmsFailure::CountryBlocked,
            SmsFailure::AgentLimit,
            SmsFailure::NumberLimit,
            SmsFailure::DayLimit
        ]
    );
}

#[tokio::test]
async fn a_large_limit_of_the_day_is_kept_in_several_counters_to_the_message() {
    let rules = Rules {
        sms_agent_day_max: 10_000,
        sms_number_day_max: 10_000,
        sms_day_max: 503,
        ..Rules::default()
    };
    let world = ruled(rules);
    let agent = world.agent().await;
    let mut refused = 0;
    for request in 0..510 {
        // Of one block of 10,000 numbers only some are texted.
        let number = format!("+491511{request:04}678");
        let session = call(&agent, request, &number).await;
        match outcome(&world, session).await {
            Ok(()) => {}
            Err(SmsFailure::DayLimit) => refused += 1,
            Err(why) => panic!("{why:?}"),
        }
    }
    assert_eq!((world.memory().sent().len(), refused), (503, 7));
    let counters = world.memory().counters();
    let tally = counters
        .iter()
        .filter(|(name, _)| name.starts_with("sms everybody "));
    let mut counted: Vec<u32> = tally.map(|(_, count)| *count).collect();
    counted.sort_unstable();
    assert_eq!(counted, [251, 252], "both are full");
}

#[tokio::test]
async fn an_agent_whose_message_is_refused_sees_why_at_once_and_still_has_a_link() {
    let rules = Rules {
        sms_number_day_max: 1,
        ..Rules::default()
    };
    let world = ruled(rules);
    let mut agent = world.agent().await;
    call(&agent, 1, NUMBER).await;
    let session = call(&agent, 2, NUMBER).await;
    let agents = agent.attached(session, Seat::Agent).await;
    assert_eq!(
        agents.kinds().await,
        ["invite_issued", "sms_attempted", "sms_failed"]
    );
    let fresh = agent
        .post(&format!("/api/sessions/{session}/link"), json!({}))
        .await;
    let secret = fresh.body["link"]
        .as_str()
        .unwrap()
        .split_once("/j#")
        .unwrap()
        .1;
    let look = world
        .browser()
        .post("/api/look", json!({ "secret": secret }))
        .await;
    assert_eq!(look.body["session"], json!(session));

    // Sending again keeps the session's cool-down, and a push contains the reason.
    let send = format!("/api/sessions/{session}/send");
    let soon = agent.post(&send, json!({ "attempt": 2 })).await;
    assert_eq!(soon.body["why"], "too_soon");
    world.advance_s(30);
    agents.heard();
    for _ in 0..3 {
        let again = agent.post(&send, json!({ "attempt": 2 })).await;
        assert_eq!(again.status.as_u16(), 204);
    }
    let pushed = events(&agents.heard());
    assert_eq!(kinds(&pushed), ["sms_attempted", "sms_failed"]);
    assert_eq!(outcome(&world, session).await, Err(SmsFailure::NumberLimit));
    assert_eq!(world.memory().sent().len(), 1);
}

#[tokio::test]
async fn sending_again_is_counted_like_the_first_message() {
    let rules = Rules {
        sms_number_day_max: 2,
        cool_down_ms: 0,
        ..Rules::default()
    };
    let world = ruled(rules);
    let mut agent = world.agent().await;
    let session = call(&agent, 1, NUMBER).await;
    let send = format!("/api/sessions/{session}/send");
    for attempt in 2..=5 {
        let again = agent.post(&send, json!({ "attempt": attempt })).await;
        assert_eq!(again.status.as_u16(), 204);
    }
    assert_eq!(world.memory().sent().len(), 2);
    let over = agent.post(&send, json!({ "attempt": 6 })).await;
    assert_eq!(
        over.body["why"], "limit_reached",
        "refused attempts are attempts of the session"
    );
}

/// Everybody's count: all that was spent.
fn spent(world: &World) -> u32 {
    let counters = world.memory().counters();
    let everybody = counters
        .iter()
        .filter(|(name, _)| name.starts_with("sms everybody "));
    everybody.map(|(_, count)| count).sum()
}

#[tokio::test]
async fn the_same_request_spends_once_however_often_it_comes() {
    let world = World::new();
    let mut agent = world.agent().await;
    let started = tokio::join!(
        agent.start_call(1),
        agent.start_call(1),
        agent.start_call(1)
    );
    assert_eq!((started.0, started.1), (started.1, started.2));
    let session = started.0;
    assert_eq!((world.memory().sent().len(), spent(&world)), (1, 1));
    world.advance_s(30);
    let send = format!("/api/sessions/{session}/send");
    let mut second = agent.clone();
    tokio::join!(
        agent.post(&send, json!({ "attempt": 2 })),
        second.post(&send, json!({ "attempt": 2 }))
    );
    assert_eq!((world.memory().sent().len(), spent(&world)), (2, 2));
    // What the session itself refuses is not spent either.
    agent.post(&send, json!({ "attempt": 3 })).await;
    agent.post(&send, json!({ "attempt": 9 })).await;
    second = world.agent_called("Mallory");
    let theirs = second.post(&send, json!({ "attempt": 3 })).await;
    assert_eq!(theirs.error(), "not_found");
    assert_eq!((world.memory().sent().len(), spent(&world)), (2, 2));
}

#[tokio::test]
async fn an_answer_that_is_lost_while_counting_or_storing_spends_nothing_twice() {
    for faults in [
        Faults {
            lost_counts: 3,
            ..Faults::default()
        },
        Faults {
            failed_counts: 3,
            ..Faults::default()
        },
        Faults {
            clashes: 1,
            ..Faults::default()
        },
        Faults {
            failed_commits: 2,
            ..Faults::default()
        },
    ] {
        let world = ruled(Rules {
            sms_number_day_max: 1,
            ..Rules::default()
        });
        let agent = world.agent().await;
        world.memory().order(faults);
        let session = agent.start_call(1).await;
        assert_eq!(outcome(&world, session).await, Ok(()), "{faults:?}");
        assert_eq!((world.memory().sent().len(), spent(&world)), (1, 1));
    }
}

#[tokio::test]
async fn what_cannot_be_counted_is_not_sent() {
    let world = World::new();
    let agent = world.agent().await;
    world.memory().order(Faults {
        failed_counts: u32::MAX,
        ..Faults::default()
    });
    let session = agent.start_call(1).await;
    assert_eq!(outcome(&world, session).await, Err(SmsFailure::Trouble));
    assert_eq!(world.memory().sent().len(), 0);
}

#[tokio::test]
async fn nobody_waits_long_for_a_count_that_is_slow_to_fail() {
    let world = World::new();
    let agent = world.agent().await;
    world.memory().order(Faults {
        failed_counts: u32::MAX,
        slow_ms: 1_000,
        ..Faults::default()
    });
    let began_ms = world.memory().now_ms();
    let session = agent.start_call(1).await;
    assert_eq!(outcome(&world, session).await, Err(SmsFailure::Trouble));
    let took_ms = world.memory().now_ms() - began_ms;
    // Three counts with their pauses; and the session is looked for and stored, a second each.
    assert!((5_000..6_000).contains(&took_ms), "{took_ms} ms");
}

#[tokio::test]
async fn counts_tell_neither_number_nor_agent_nor_address() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    guess(&world.host, Some([192, 0, 2, 1]), 1).await;
    let id = world.state(session).await.agent.to_string();
    let names: Vec<_> = world.memory().counters();
    assert_eq!(names.len(), 8, "{names:?}");
    for (name, count) in names {
        assert_eq!(count, 1);
        for personal in [&NUMBER[1..], "15123456789", &id, "Ada", "192.0.2.1"] {
            assert!(!name.contains(personal), "{name}");
        }
    }
}

/// An unknown secret; the status of the answer.
async fn guess(host: &Arc<Host<Memory>>, source: Option<[u8; 4]>, i: u32) -> u16 {
    let mut bytes = [0xEE; 16];
    bytes[..4].copy_from_slice(&i.to_be_bytes());
    let secret = SessionId::from_bytes(bytes).to_string();
    ask(host, source, "/api/enter", json!({ "secret": secret })).await
}

async fn ask(host: &Arc<Host<Memory>>, source: Option<[u8; 4]>, path: &str, body: Value) -> u16 {
    use tower::ServiceExt as _;
    let mut request = Request::post(path)
        .header("content-type", "application/json")
        .header("origin", ORIGIN)
        .body(Body::from(body.to_string()))
        .unwrap();
    if let Some(source) = source {
        let source = SourceAddress(IpAddr::from(source));
        request.extensions_mut().insert(source);
    }
    let response = router(host.clone()).oneshot(request).await.unwrap();
    response.status().as_u16()
}

/// The same world behind another process: what one kept to itself is gone.
fn another_process(host: Arc<Host<Memory>>) -> Arc<Host<Memory>> {
    let Host { ports, config, .. } = Arc::into_inner(host).expect("nobody else has it");
    Arc::new(Host::new(ports, config, Keys::from_bytes(&[7; 32])))
}

#[tokio::test]
async fn many_processes_share_one_count_of_wrong_guesses() {
    let world = World::new();
    let agent = world.agent().await;
    agent.start_call(1).await;
    let secret = json!({ "secret": world.last_secret() });
    let mut host = world.host;
    let mut told = 0;
    for i in 0..300_u32 {
        // A new process with every third guess: none of them counts far.
        if i % 3 == 0 {
            host = another_process(host);
        }
        match guess(&host, Some([192, 0, 2, 1]), i).await {
            404 => told += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(told, 20);
    host = another_process(host);
    // The desk's link for signing in is counted with the others.
    let token = SessionId::from_bytes([0xDD; 16]).to_string();
    let sign_in = json!({ "token": token });
    let path = "/api/sign-in/once";
    assert_eq!(
        ask(&host, Some([192, 0, 2, 1]), path, sign_in.clone()).await,
        429
    );
    assert_eq!(ask(&host, Some([192, 0, 2, 2]), path, sign_in).await, 403);
    // Others are not harmed, nor is a real secret from there.
    assert_eq!(guess(&host, Some([192, 0, 2, 3]), 1).await, 404);
    for path in ["/api/look", "/api/enter"] {
        let status = ask(&host, Some([192, 0, 2, 1]), path, secret.clone()).await;
        assert_eq!(status, 200);
    }
    host.ports().advance(60_000);
    host = another_process(host);
    assert_eq!(guess(&host, Some([192, 0, 2, 1]), 400).await, 404);
}

#[tokio::test]
async fn under_attack_from_everywhere_each_source_is_told_once() {
    let mut host = World::new().host;
    for i in 0..600_u32 {
        if i % 50 == 0 {
            host = another_process(host);
        }
        let [.., c, d] = i.to_be_bytes();
        assert_eq!(guess(&host, Some([10, 0, c, d]), i).await, 404);
    }
    for (source, then) in [
        (Some([10, 0, 0, 1]), 429),
        (Some([10, 9, 9, 9]), 404),
        (Some([10, 9, 9, 9]), 429),
        // Without a source, all are one.
        (None, 429),
    ] {
        host = another_process(host);
        assert_eq!(guess(&host, source, 7).await, then, "{source:?}");
    }
}

#[tokio::test]
async fn counts_that_cannot_be_had_lock_nobody_out() {
    let world = World::new();
    world.memory().order(Faults {
        failed_counts: u32::MAX,
        ..Faults::default()
    });
    // The process's own count goes on.
    for i in 0..20 {
        assert_eq!(guess(&world.host, Some([192, 0, 2, 1]), i).await, 404);
    }
    assert_eq!(guess(&world.host, Some([192, 0, 2, 1]), 20).await, 429);
    assert_eq!(guess(&world.host, Some([192, 0, 2, 2]), 21).await, 404);
}
