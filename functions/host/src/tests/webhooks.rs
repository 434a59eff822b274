//! Webhooks: what a receiver hears of a call, through every trouble it may have.

use std::sync::Mutex;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::{DeliveryOutcome, MessageId, MessageKind, SessionId, WebhookId};

use super::world::{Answer, Browser, NOW_MS, ORIGIN, World};
use crate::memory::Faults;
use crate::ports::{DeliveryQueue as _, Dial, OutgoingPost, Ports as _, PostReply, Webhooks as _};
use crate::records::{DeliveryRecord, DeliveryStage};
use crate::webhooks::Attempt;

const TAKES: DeliveryOutcome = DeliveryOutcome::Answered { status: 204 };
const FAILS: DeliveryOutcome = DeliveryOutcome::Answered { status: 500 };
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// A receiver that fails for some messages, and remembers all.
#[derive(Default)]
struct Receiver {
    fails: Mutex<Vec<DeliveryOutcome>>,
    /// Its `Retry-After`.
    asks: Option<String>,
    heard: Mutex<Vec<OutgoingPost>>,
}

impl Receiver {
    /// Fails like this, and takes everything after that.
    fn failing(fails: &[DeliveryOutcome]) -> Self {
        Self {
            fails: Mutex::new(fails.iter().copied().rev().collect()),
            ..Self::default()
        }
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// What was heard since the last look: types, and ids.
    fn heard(&self) -> Vec<(String, String)> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let said = heard.iter().map(|post| {
            let body: Value = serde_json::from_str(&post.body).unwrap();
            (
                body["type"].as_str().unwrap().to_owned(),
                of(post, "webhook-id"),
            )
        });
        said.collect()
    }

    fn types(&self) -> Vec<String> {
        self.heard().into_iter().map(|(kind, _)| kind).collect()
    }
}

fn of(post: &OutgoingPost, name: &str) -> String {
    let found = post.headers.iter().find(|(known, _)| *known == name);
    found.unwrap().1.clone()
}

impl Dial for Receiver {
    async fn post(&self, post: &OutgoingPost) -> PostReply {
        self.heard.lock().unwrap().push(post.clone());
        let outcome = self.fails.lock().unwrap().pop().unwrap_or(TAKES);
        PostReply {
            outcome,
            retry_after: self.asks.clone(),
        }
    }
}

impl World {
    /// Sends what is due until nothing is.
    async fn sends(&self, receiver: &Receiver) {
        loop {
            let now_ms = self.memory().now_ms();
            let due = self.memory().due_deliveries(now_ms).await.unwrap().due;
            if due.is_empty() {
                return;
            }
            for delivery in due {
                self.host.deliver(receiver, delivery).await.unwrap();
            }
        }
    }

    /// Makes a webhook whose test failed. Returns the names of both.
    pub async fn dead_delivery(&self) -> (String, String) {
        let mut admin = self.admin_called("Root");
        let (id, _) = admin.webhook().await;
        let sent = admin.does(&format!("/api/webhooks/{id}/test")).await;
        self.sends(&Receiver::failing(&[FAILS])).await;
        (id, sent.body["id"].as_str().unwrap().to_owned())
    }

    /// Lets time pass to the next due message, and sends. Returns whether there was one.
    async fn waits(&self, receiver: &Receiver) -> bool {
        let now_ms = self.memory().now_ms();
        let next = self.memory().due_deliveries(now_ms).await.unwrap().next_ms;
        self.memory().advance(next.unwrap_or(now_ms) - now_ms);
        self.sends(receiver).await;
        next.is_some()
    }
}

impl Browser<'_> {
    async fn webhook(&mut self) -> (String, String) {
        let asked = json!({ "name": "Claims", "url": "https://claims.example.com/in" });
        let made = self.post("/api/webhooks", asked).await;
        assert_eq!(made.status, StatusCode::OK, "{made:?}");
        let secret = made.body["secret"].as_str().unwrap();
        let id = made.body["webhook"]["id"].as_str().unwrap();
        (id.to_owned(), secret.to_owned())
    }

    async fn deliveries(&mut self, id: &str) -> Vec<Value> {
        let listed = self.get(&format!("/api/webhooks/{id}/deliveries")).await;
        assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
        listed.body["deliveries"].as_array().unwrap().clone()
    }

    async fn does(&mut self, path: &str) -> Answer {
        self.post(path, Value::Null).await
    }

    async fn removes(&mut self, id: &str) -> Answer {
        let request = Request::delete(format!("/api/webhooks/{id}")).header(header::ORIGIN, ORIGIN);
        self.ask(request.body(Body::empty()).unwrap()).await
    }
}

/// A call from its invite to its erasure.
async fn whole_call(world: &World) -> String {
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    agents.command("session", "end", json!({})).await;
    let session = agents.session;
    let rating = format!("/api/sessions/{session}/rating");
    let body = json!({ "seat": "customer", "stars": 5, "comment": "personal" });
    assert_eq!(customers.browser.put(&rating, body).await.status, 204);
    let mut admin = world.admin_called("Grace");
    assert_eq!(admin.erase(session).await.status, StatusCode::OK);
    session.to_string()
}

const WHOLE: [&str; 6] = [
    "invite.opened",
    "call.joined",
    "picture.kept",
    "call.ended",
    "call.rated",
    "case.erased",
];

#[tokio::test]
async fn a_receiver_hears_how_a_call_went_and_nothing_personal() {
    let world = World::new();
    let (id, _) = world.agent().await.webhook().await;
    let receiver = Receiver::default();
    let call = whole_call(&world).await;
    world.sends(&receiver).await;
    for post in receiver.heard.lock().unwrap().iter() {
        assert_eq!(post.url, "https://claims.example.com/in");
        assert!(of(post, "webhook-id").starts_with(&format!("msg_{call}_")));
        let mut body: Value = serde_json::from_str(&post.body).unwrap();
        assert_eq!(body["timestamp"], "2027-01-15T08:00:00Z");
        let reason = body["data"].as_object_mut().unwrap().remove("reason");
        let ended = body["type"] == "call.ended";
        assert_eq!(reason, ended.then(|| json!("agent_ended")));
        let url = format!("{ORIGIN}/api/v1/calls/{call}");
        assert_eq!(
            body["data"],
            json!({ "call": call, "at_ms": NOW_MS, "url": url })
        );
    }
    assert_eq!(receiver.types(), WHOLE);

    let listed = world.agent().await.deliveries(&id).await;
    assert_eq!(listed.len(), 6);
    assert!(listed.iter().all(|line| line["phase"] == "delivered"));
}

#[tokio::test]
async fn a_receiver_that_fails_five_times_hears_all_in_order_under_the_same_names() {
    let world = World::new();
    world.agent().await.webhook().await;
    let late = DeliveryOutcome::Late;
    let moved = DeliveryOutcome::Answered { status: 302 };
    let receiver = Receiver::failing(&[FAILS, late, moved, FAILS, DeliveryOutcome::NotReached]);
    whole_call(&world).await;
    world.sends(&receiver).await;
    assert_eq!(receiver.count(), 1, "the others wait for the first");
    while world.waits(&receiver).await {}
    let heard = receiver.heard();
    let (first, rest) = heard.split_at(5);
    assert!(first.iter().all(|again| *again == heard[5]), "{heard:?}");
    let types: Vec<&str> = rest.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(types, WHOLE);
}

#[tokio::test]
async fn what_a_receiver_missed_for_a_day_is_dead_and_sent_again_when_an_admin_says_so() {
    let world = World::new();
    let (id, _) = world.agent().await.webhook().await;
    let gone = Receiver::failing(&[FAILS; 1_000]);
    whole_call(&world).await;
    world.sends(&gone).await;
    while world.waits(&gone).await {}
    assert!(world.memory().now_ms() >= NOW_MS + DAY_MS);

    let mut admin = world.admin_called("Grace");
    let listed = admin.deliveries(&id).await;
    assert_eq!(listed.len(), 6);
    for line in &listed {
        assert_eq!(line["phase"], "dead");
        assert_eq!(
            line["outcome"],
            json!({ "outcome": "answered", "status": 500 })
        );
    }
    let back = Receiver::default();
    world.sends(&back).await;
    assert_eq!(back.count(), 0, "nobody sends it by itself");
    let message = listed[0]["id"].as_str().unwrap();
    let again = format!("/api/webhooks/{id}/deliveries/{message}/again");
    let answer = admin.does(&again).await;
    assert_eq!(
        (answer.status, &answer.body["phase"]),
        (StatusCode::OK, &json!("waiting"))
    );
    assert_eq!(admin.does(&again).await.body["why"], "busy", "once");
    world.sends(&back).await;
    let names: Vec<String> = back.heard().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, [message], "under the same name");
    assert_eq!(admin.deliveries(&id).await[0]["phase"], "delivered");
}

/// A store that fails, and a process that dies between the commit and the sending.
#[tokio::test]
async fn a_delivery_is_stored_with_its_event_or_not_at_all() {
    let world = World::new();
    world.agent().await.webhook().await;
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let mut agents = agent.attached(session, sightline_wire::Seat::Agent).await;
    world.memory().order(Faults {
        failed_commits: u32::MAX,
        ..Faults::default()
    });
    let refused = agents.command("session", "cancel", json!({})).await.refused;
    assert!(refused.is_some());
    let receiver = Receiver::default();
    world.sends(&receiver).await;
    assert_eq!(receiver.count(), 0);
    world.memory().order(Faults {
        lost_answers: 1,
        clashes: 1,
        ..Faults::default()
    });
    agents.n -= 1;
    agents.command("session", "cancel", json!({})).await;
    world.sends(&receiver).await;
    assert_eq!(receiver.types(), ["call.ended"], "once");
}

#[tokio::test]
async fn a_webhook_hears_while_it_is_on_and_is_forgotten_when_it_is_removed() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, _) = admin.webhook().await;
    let (other, _) = admin.webhook().await;
    let switched = admin
        .put(&format!("/api/webhooks/{id}"), json!({ "on": false }))
        .await;
    assert_eq!(switched.body["on"], false);
    admin.start_call(1).await;
    // The customer opens the link.
    world.customer().await;
    assert_eq!(admin.deliveries(&id).await, [] as [Value; 0]);
    assert_eq!(admin.deliveries(&other).await.len(), 1);

    assert_eq!(admin.removes(&other).await.status, StatusCode::NO_CONTENT);
    let receiver = Receiver::default();
    world.sends(&receiver).await;
    assert_eq!(receiver.count(), 0);
    let listed = admin
        .get(&format!("/api/webhooks/{other}/deliveries"))
        .await;
    assert_eq!(listed.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.removes(&other).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_receiver_that_is_gone_for_good_switches_its_webhook_off_until_an_admin_says_otherwise() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, _) = admin.webhook().await;
    let (other, _) = admin.webhook().await;
    whole_call(&world).await;
    let gone = Receiver::failing(&[DeliveryOutcome::Answered { status: 410 }]);
    world.sends(&gone).await;
    let listed = admin.get("/api/webhooks").await.body;
    let webhook = listed["webhooks"].as_array().unwrap().iter();
    let off: Vec<&Value> = webhook.filter(|one| one["on"] == false).collect();
    assert_eq!(off.len(), 1, "the one that was tried first");
    assert_eq!(off[0]["gone_at_ms"], NOW_MS);
    let (ended, stays) = match off[0]["id"] == *id {
        true => (id, other),
        false => (other, id),
    };
    assert_eq!(gone.count(), 1 + WHOLE.len(), "it hears nothing more");
    let lines = admin.deliveries(&ended).await;
    assert!(
        lines.iter().all(|line| line["phase"] == "dead"),
        "{lines:?}"
    );
    let lines = admin.deliveries(&stays).await;
    assert!(lines.iter().all(|line| line["phase"] == "delivered"));

    let on = json!({ "on": true });
    let switched = admin.put(&format!("/api/webhooks/{ended}"), on).await;
    assert_eq!(switched.body["on"], true);
    assert_eq!(switched.body["gone_at_ms"], Value::Null);
}

#[tokio::test]
async fn a_receiver_is_not_asked_before_the_time_that_it_named() {
    let world = World::new();
    world.agent().await.webhook().await;
    whole_call(&world).await;
    let busy = Receiver {
        asks: Some("600".to_owned()),
        ..Receiver::failing(&[DeliveryOutcome::Answered { status: 503 }])
    };
    world.sends(&busy).await;
    let due = world.memory().due_deliveries(NOW_MS + 599_999).await;
    assert_eq!(due.unwrap().due, []);
    world.memory().advance(600_000);
    world.sends(&busy).await;
    assert_eq!(busy.count(), 1 + WHOLE.len());
}

#[tokio::test]
async fn a_waiting_message_of_a_webhook_that_was_switched_off_is_dead() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, _) = admin.webhook().await;
    assert_eq!(
        admin.does(&format!("/api/webhooks/{id}/test")).await.status,
        StatusCode::OK
    );
    admin
        .put(&format!("/api/webhooks/{id}"), json!({ "on": false }))
        .await;
    let receiver = Receiver::default();
    world.sends(&receiver).await;
    assert_eq!(receiver.count(), 0);
    let listed = admin.deliveries(&id).await;
    assert_eq!(listed[0]["phase"], "dead");
    assert_eq!(listed[0]["outcome"], json!({ "outcome": "switched_off" }));
}

#[tokio::test]
async fn a_secret_is_shown_when_it_is_made_and_the_one_before_signs_for_a_day() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, first) = admin.webhook().await;
    let rotated = admin.does(&format!("/api/webhooks/{id}/rotate")).await;
    let second = rotated.body["secret"].as_str().unwrap();
    assert_ne!(first, second);
    let until_ms = NOW_MS + DAY_MS;
    assert_eq!(rotated.body["webhook"]["rotating_until_ms"], until_ms);
    let listed = admin.get("/api/webhooks").await.body.to_string();
    assert!(!listed.contains(&first[6..]) && !listed.contains(&second[6..]));

    let receiver = Receiver::default();
    for signatures in [2, 1] {
        let mut admin = world.agent().await;
        admin.does(&format!("/api/webhooks/{id}/test")).await;
        world.sends(&receiver).await;
        let post = receiver.heard.lock().unwrap().pop().unwrap();
        let signed = of(&post, "webhook-signature");
        assert_eq!(signed.split(' ').count(), signatures, "{signed}");
        assert_eq!(post.body.matches("call").count(), 0, "a test is of no call");
        world.memory().advance(DAY_MS);
    }
}

#[tokio::test]
async fn only_admins_come_near_webhooks() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, _) = admin.webhook().await;
    let asked = json!({ "name": "Claims", "url": "https://claims.example.com/" });
    for (mut person, status) in [
        (world.browser(), StatusCode::UNAUTHORIZED),
        (world.agent_called("Grace"), StatusCode::FORBIDDEN),
    ] {
        let one = format!("/api/webhooks/{id}");
        let answers = [
            person.get("/api/webhooks").await,
            person.post("/api/webhooks", asked.clone()).await,
            person.put(&one, json!({ "on": false })).await,
            person.removes(&id).await,
            person.does(&format!("{one}/rotate")).await,
            person.does(&format!("{one}/test")).await,
            person.get(&format!("{one}/deliveries")).await,
            person
                .does(&format!("{one}/deliveries/msg_test_1/again"))
                .await,
        ];
        for answer in answers {
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
    assert_eq!(
        admin.get("/api/webhooks").await.body["webhooks"][0]["on"],
        true
    );
}

#[tokio::test]
async fn what_is_no_webhook_is_refused_and_there_are_ten() {
    let world = World::new();
    let mut admin = world.agent().await;
    for url in [
        "",
        "http://claims.example.com/",
        "https://a@b.example/",
        "file:///etc",
    ] {
        let asked = json!({ "name": "Claims", "url": url });
        let refused = admin.post("/api/webhooks", asked).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{url}");
    }
    let (id, _) = admin.webhook().await;
    for _ in 1..10 {
        admin.webhook().await;
    }
    let asked = json!({ "name": "Claims", "url": "https://claims.example.com/" });
    let full = admin.post("/api/webhooks", asked).await;
    assert_eq!(full.body["why"], "limit_reached");

    for missing in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%ff"] {
        for path in ["rotate", "test", "deliveries/msg_test_1/again"] {
            let answer = admin.does(&format!("/api/webhooks/{missing}/{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing} {path}");
            assert_eq!(answer.error(), "not_found");
        }
    }
    for message in ["x", "msg_test_1", "%ff"] {
        let path = format!("/api/webhooks/{id}/deliveries/{message}/again");
        assert_eq!(admin.does(&path).await.error(), "not_found", "{message}");
    }
    let listed = format!("/api/webhooks/{id}/deliveries?after=x");
    assert_eq!(admin.get(&listed).await.error(), "malformed");
}

#[tokio::test]
async fn deliveries_are_listed_in_pieces_for_seven_days() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (id, _) = admin.webhook().await;
    for _ in 0..60 {
        world.memory().advance(1);
        admin.does(&format!("/api/webhooks/{id}/test")).await;
    }
    let listed = format!("/api/webhooks/{id}/deliveries");
    let first = admin.get(&listed).await.body;
    let after = first["after"].as_str().unwrap();
    let rest = admin.get(&format!("{listed}?after={after}")).await.body;
    let count = |list: &Value| list["deliveries"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&rest)), (50, 10));
    assert_eq!(rest.get("after"), None);
    world.memory().advance(7 * DAY_MS);
    let mut admin = world.agent().await;
    assert_eq!(admin.deliveries(&id).await, [] as [Value; 0]);
}

/// What a hostile receiver answers, the time that it asks for, and chance.
type AnyAnswer = (DeliveryOutcome, Option<u64>, u8);

fn any_answer() -> impl proptest::strategy::Strategy<Value = AnyAnswer> {
    use proptest::prelude::*;
    let outcome = prop_oneof![
        (100_u16..600).prop_map(|status| DeliveryOutcome::Answered { status }),
        Just(DeliveryOutcome::Late),
        Just(DeliveryOutcome::NotReached),
    ];
    (outcome, any::<Option<u64>>(), any::<u8>())
}

proptest::proptest! {
    /// Whatever a receiver does: of one call everything comes in order, each message until it is
    /// taken or a day is over, and never afterwards.
    #[test]
    fn order_holds_and_nothing_is_lost(
        answers in proptest::collection::vec(any_answer(), 0..60),
        calls in 1_u8..4,
        numbers in 1_u64..5,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(plays(&answers, calls, numbers));
    }
}

async fn plays(answers: &[AnyAnswer], calls: u8, numbers: u64) {
    let world = World::new();
    let memory = world.memory();
    let mut answers = answers.iter().copied();
    for number in 0..numbers {
        for call in 0..calls {
            memory.put_delivery(waiting(call, number)).await.unwrap();
        }
    }
    let mut done = Vec::new();
    loop {
        let found = memory.due_deliveries(memory.now_ms()).await.unwrap();
        let Some(due) = found.due.into_iter().next() else {
            let Some(next_ms) = found.next_ms else { break };
            memory.advance(next_ms - memory.now_ms());
            continue;
        };
        assert!(!done.contains(&due.message), "never after it is done");
        let mut earlier = (0..due.message.number).map(|number| MessageId {
            number,
            ..due.message
        });
        assert!(earlier.all(|earlier| done.contains(&earlier)), "in order");
        let (outcome, asked_ms, chance) = answers.next().unwrap_or((FAILS, None, 0));
        let tried = due.clone().tried(&Attempt {
            outcome,
            now_ms: memory.now_ms(),
            date_ms: memory.now_ms(),
            asked_ms,
            chance,
        });
        if tried.due_ms().is_none() {
            let is_over = outcome.is_taken() || outcome.is_gone();
            assert!(is_over || memory.now_ms() >= NOW_MS + DAY_MS);
            done.push(due.message);
        }
        assert!(memory.replace_delivery(&due, tried).await.unwrap());
    }
    assert_eq!(
        done.len() as u64,
        u64::from(calls) * numbers,
        "all are done"
    );
}

fn waiting(call: u8, number: u64) -> DeliveryRecord {
    DeliveryRecord {
        webhook: WebhookId::from_bytes([1; 16]),
        message: MessageId {
            call: Some(SessionId::from_bytes([call; 16])),
            number,
        },
        kind: MessageKind::CallEnded,
        at_ms: NOW_MS,
        reason: None,
        stage: DeliveryStage::Waiting(NOW_MS),
        since_ms: NOW_MS,
        attempts: 0,
        tried: None,
        delete_at_s: u64::MAX,
    }
}
