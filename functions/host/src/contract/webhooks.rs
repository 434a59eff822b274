//! Webhooks, their deliveries, and the queue of a store that keeps its own.

use sightline_session::SystemCommand;
use sightline_wire::{
    DeliveryOutcome, DisplayName, MessageId, MessageKind, SessionId, WebhookId, WebhookSecret,
};

use super::{Asked, Case, following, together};
use crate::ports::{Commit, Committed, DeliveryQueue, Erasure, Erasures, Sessions, Webhooks};
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord, WebhookRing};

const TAKEN: DeliveryOutcome = DeliveryOutcome::Answered { status: 204 };

/// A store of webhooks. Every suite that uses the same store shares its one record, so that this
/// one looks at its own webhooks alone.
pub async fn webhooks<P: Webhooks>(ports: &P, case: &Case) {
    let own = [1, 2].map(|which| webhook(case, which));
    let of_this = |ring: &WebhookRing| -> Vec<WebhookRecord> {
        let all = ring.webhooks.iter();
        all.filter(|webhook| own.iter().any(|own| own.id == webhook.id))
            .cloned()
            .collect()
    };
    let without = |ring: &mut WebhookRing| {
        ring.webhooks
            .retain(|webhook| own.iter().all(|own| own.id != webhook.id));
    };
    let stored = change(ports, |ring| {
        without(ring);
        ring.webhooks.extend(own.clone());
    });
    let ring = stored.await;
    // Others may have changed it meanwhile, upwards.
    for revision in [ring.revision, 0, ring.revision + 1_000] {
        let late = WebhookRing {
            revision,
            webhooks: Vec::new(),
        };
        let replaced = ports.replace_webhooks(late).await;
        assert_eq!(replaced, Ok(Committed::Clash), "{revision}");
    }
    let read = ports.webhooks().await.expect("it is read");
    assert_eq!(of_this(&read), own, "as stored");
    change(ports, without).await;
    let read = ports.webhooks().await.expect("it is read");
    assert_eq!(of_this(&read), [], "removed");
}

/// Changes the webhooks, again and again while others come first. Returns what was stored.
async fn change<P: Webhooks>(ports: &P, change: impl Fn(&mut WebhookRing)) -> WebhookRing {
    for _ in 0..1_000 {
        let mut ring = ports.webhooks().await.expect("it is read");
        change(&mut ring);
        ring.revision += 1;
        match ports.replace_webhooks(ring.clone()).await {
            Ok(Committed::Done) => return ring,
            Ok(Committed::Clash) => {}
            Err(error) => assert!(error.retryable, "a race is no lasting trouble: {error}"),
        }
        together::turn().await;
    }
    panic!("the webhooks could not be changed in 1,000 tries");
}

fn webhook(case: &Case, which: u8) -> WebhookRecord {
    let secret = |byte| WebhookSecret::from_bytes([byte; 32]);
    WebhookRecord {
        id: id(case, which),
        name: DisplayName::new("Claims").expect("a fine name"),
        url: "https://claims.example.com/hears?of=calls".to_owned(),
        maker: DisplayName::new("Ada").expect("a fine name"),
        made_at_ms: case.now_ms,
        on: which == 1,
        gone_at_ms: (which == 2).then_some(case.now_ms),
        secret: secret(which),
        previous: (which == 2).then(|| (secret(0), case.now_ms + 1)),
    }
}

fn id(case: &Case, which: u8) -> WebhookId {
    WebhookId::from_bytes(case.id(7, which))
}

/// A store of deliveries, which commits and erasures write.
pub async fn deliveries<P: Sessions + Erasures + Webhooks>(ports: &P, case: &Case) {
    let suite = Suite { ports, case };
    let (one, two) = (id(case, 3), id(case, 4));
    let [first, second] = [250, 251].map(|which| case.session(which));

    let last = suite.written_by_a_commit(first, &[one, two]).await;
    suite.of_one_call_in_order(first, second, one).await;
    suite.listed(one).await;
    suite.written_by_an_erasure(&last, one).await;
    assert_eq!(suite.first(two, Some(first)).await, Some(1));
}

/// The queue of a store, which forgets the deliveries of a webhook that was removed.
pub async fn delivery_queue<P: Webhooks + DeliveryQueue>(ports: &P, case: &Case) {
    let suite = Suite { ports, case };
    let (one, two) = (id(case, 5), id(case, 6));
    let [first, second] = [252, 253].map(|which| case.session(which));
    for (to, call, number) in [
        (one, Some(first), 1),
        (one, Some(first), 2),
        (one, Some(second), 1),
        (one, None, 9),
        (two, Some(first), 1),
    ] {
        suite.put(suite.delivery(to, call, number)).await;
    }
    let failed = DeliveryStage::Waiting(case.now_ms + 5_000);
    suite.moves(one, Some(first), 1, failed).await;
    let others = [suite.takes(one, 0).await, suite.takes(one, 0).await];
    for other in [(Some(second), 1), (None, 9)] {
        assert!(others.contains(&Some(other)), "{others:?}");
    }
    assert_eq!(suite.due(one, 4_999).await, None, "they wait for the first");
    let due = ports.due_deliveries(case.now_ms + 4_999).await;
    let next_ms = due.expect("it is read").next_ms;
    assert!(next_ms <= Some(case.now_ms + 5_000) && next_ms.is_some());
    assert_eq!(suite.takes(one, 5_000).await, Some((Some(first), 1)));
    assert_eq!(suite.due(one, 5_000).await, Some(2));

    for (removed, stays) in [(one, Some(1)), (two, None)] {
        let done = ports.remove_deliveries(removed).await;
        done.expect("they are removed");
        assert_eq!(suite.numbers(removed).await, [0; 0]);
        assert_eq!(suite.due(removed, 5_000).await, None);
        assert_eq!(suite.due(two, 0).await, stays, "those of others stay");
    }
}

struct Suite<'a, P> {
    ports: &'a P,
    case: &'a Case,
}

impl<P: Sessions + Erasures + Webhooks> Suite<'_, P> {
    /// A commit stores deliveries, and one that clashes stores none. Returns the commit.
    async fn written_by_a_commit(&self, call: SessionId, webhooks: &[WebhookId]) -> Commit {
        let Self { ports, case } = self;
        let begun = case.beginning(call, case.agent(250), case.now_ms);
        assert_eq!(ports.commit(begun.clone()).await, Ok(Committed::Done));
        let cancel = Asked::System(SystemCommand::Cancel);
        let mut next = following(call, &begun.state, &cancel, case.now_ms, case.delete_at_s());
        let deliveries = webhooks.iter().map(|id| self.delivery(*id, Some(call), 1));
        next.deliveries = deliveries.collect();
        let late = Commit {
            expected: Some(next.state.revision),
            ..next.clone()
        };
        assert_eq!(ports.commit(late).await, Ok(Committed::Clash));
        for id in webhooks {
            assert_eq!(self.numbers(*id).await, [0; 0], "nothing by a clash");
            assert_eq!(self.first(*id, Some(call)).await, None);
        }
        assert_eq!(ports.commit(next.clone()).await, Ok(Committed::Done));
        for (id, stored) in webhooks.iter().zip(&next.deliveries) {
            let found = ports.find_delivery(*id, stored.message).await;
            assert_eq!(found, Ok(Some(stored.clone())), "as stored");
            let first = ports.first_waiting(*id, Some(call)).await;
            assert_eq!(first, Ok(Some(stored.clone())));
            assert_eq!(self.numbers(*id).await, [1]);
        }
        next
    }

    /// Of one call, a delivery waits for those before it; others do not.
    async fn of_one_call_in_order(&self, first: SessionId, second: SessionId, to: WebhookId) {
        for (call, number) in [
            (Some(first), 2),
            (Some(first), 3),
            (Some(second), 1),
            (None, 9),
        ] {
            self.put(self.delivery(to, call, number)).await;
        }
        // Stored again, it stays as it is.
        let mut again = self.delivery(to, Some(first), 1);
        again.attempts = 7;
        self.put(again).await;

        let failed = DeliveryStage::Waiting(self.case.now_ms + 5_000);
        self.moves(to, Some(first), 1, failed).await;
        for (call, number) in [(Some(first), 1), (Some(second), 1), (None, 9)] {
            assert_eq!(self.first(to, call).await, Some(number));
        }
        self.moves(to, Some(first), 1, DeliveryStage::Dead).await;
        for number in [2, 3] {
            assert_eq!(self.first(to, Some(first)).await, Some(number));
            let taken = DeliveryStage::Delivered;
            self.moves(to, Some(first), number, taken).await;
        }
        assert_eq!(self.first(to, Some(first)).await, None);
        // What was given up begins again.
        self.moves(to, Some(first), 1, failed).await;
        assert_eq!(self.first(to, Some(first)).await, Some(1));
        let taken = DeliveryStage::Delivered;
        self.moves(to, Some(first), 1, taken).await;
    }

    /// The newest first, in pieces of any size.
    async fn listed(&self, to: WebhookId) {
        let whole = self.ports.deliveries(to, None, 100).await;
        let whole = whole.expect("it is read");
        assert_eq!(whole.len(), 5);
        assert!(whole.is_sorted_by_key(|delivery| delivery.place().order()));
        for size in [1, 2, 4] {
            let mut pieces: Vec<DeliveryRecord> = Vec::new();
            loop {
                let after = pieces.last().map(DeliveryRecord::place);
                let piece = self.ports.deliveries(to, after, size).await;
                let piece = piece.expect("it is read");
                if piece.is_empty() {
                    break;
                }
                pieces.extend(piece);
            }
            assert_eq!(pieces, whole, "{size}");
        }
    }

    /// An erasure leaves the deliveries of its call, and stores one of its own.
    async fn written_by_an_erasure(&self, ended: &Commit, to: WebhookId) {
        let call = ended.session;
        let erasure = Erasure {
            session: call,
            expected: ended.state.revision,
            agent: ended.state.agent,
            began_at_ms: ended.state.began_at_ms,
            counters: Vec::new(),
            terms: Vec::new(),
            tombstone_until_s: self.case.delete_at_s(),
            deliveries: vec![self.delivery(to, Some(call), 4)],
        };
        let early = Erasure {
            expected: erasure.expected + 1,
            deliveries: vec![self.delivery(to, Some(call), 5)],
            ..erasure.clone()
        };
        assert_eq!(self.ports.erase(&early).await, Ok(Committed::Clash));
        assert_eq!(self.ports.erase(&erasure).await, Ok(Committed::Done));
        assert_eq!(self.first(to, Some(call)).await, Some(4));
        self.moves(to, Some(call), 4, DeliveryStage::Delivered)
            .await;
        assert_eq!(self.ports.erase(&erasure).await, Ok(Committed::Done));
        let left = self.first(to, Some(call)).await;
        assert_eq!(left, None, "once, and none by a clash");
        assert_eq!(self.numbers(to).await.len(), 6);
    }
}

impl<P: Webhooks> Suite<'_, P> {
    fn delivery(&self, webhook: WebhookId, call: Option<SessionId>, number: u64) -> DeliveryRecord {
        let now_ms = self.case.now_ms;
        DeliveryRecord {
            webhook,
            message: MessageId { call, number },
            kind: MessageKind::CallEnded,
            at_ms: now_ms + number % 3,
            reason: None,
            stage: DeliveryStage::Waiting(now_ms),
            since_ms: now_ms,
            attempts: 0,
            tried: None,
            delete_at_s: self.case.delete_at_s(),
        }
    }

    async fn put(&self, delivery: DeliveryRecord) {
        let put = self.ports.put_delivery(delivery).await;
        put.expect("it is stored");
    }

    async fn numbers(&self, webhook: WebhookId) -> Vec<u64> {
        let all = self.ports.deliveries(webhook, None, 100).await;
        let all = all.expect("they are read").into_iter();
        all.map(|delivery| delivery.message.number).collect()
    }

    /// The number of what waits first of those about one call.
    async fn first(&self, webhook: WebhookId, call: Option<SessionId>) -> Option<u64> {
        let first = self.ports.first_waiting(webhook, call).await;
        let first = first.expect("it is read")?;
        assert_eq!((first.webhook, first.message.call), (webhook, call));
        Some(first.message.number)
    }

    /// Moves a delivery to another stage. A second one who does so comes too late.
    async fn moves(
        &self,
        webhook: WebhookId,
        call: Option<SessionId>,
        number: u64,
        stage: DeliveryStage,
    ) {
        let message = MessageId { call, number };
        let before = self.ports.find_delivery(webhook, message).await;
        let before = before.expect("it is read").expect("it is there");
        let after = DeliveryRecord {
            stage,
            attempts: before.attempts + 1,
            tried: Some((self.case.now_ms, TAKEN)),
            ..before.clone()
        };
        for stands in [true, false] {
            let replaced = self.ports.replace_delivery(&before, after.clone()).await;
            assert_eq!(replaced, Ok(stands));
        }
        let found = self.ports.find_delivery(webhook, message).await;
        assert_eq!(found, Ok(Some(after)));
    }
}

impl<P: Webhooks + DeliveryQueue> Suite<'_, P> {
    /// The number of what is due to a webhook after so many milliseconds.
    async fn due(&self, webhook: WebhookId, after_ms: u64) -> Option<u64> {
        let due = self.ports.due_deliveries(self.case.now_ms + after_ms).await;
        let due = due.expect("it is read").due.into_iter();
        let mut own = due.filter(|delivery| delivery.webhook == webhook);
        let first = own.next();
        assert_eq!(own.next(), None, "one for each webhook");
        first.map(|delivery| delivery.message.number)
    }

    /// Delivers what is due to a webhook. Returns it.
    async fn takes(&self, webhook: WebhookId, after_ms: u64) -> Option<(Option<SessionId>, u64)> {
        let due = self.ports.due_deliveries(self.case.now_ms + after_ms).await;
        let mut due = due.expect("it is read").due.into_iter();
        let MessageId { call, number } = due.find(|due| due.webhook == webhook)?.message;
        self.moves(webhook, call, number, DeliveryStage::Delivered)
            .await;
        Some((call, number))
    }
}
