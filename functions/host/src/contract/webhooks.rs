//! Webhooks and their deliveries.

use sightline_session::SystemCommand;
use sightline_wire::{
    DeliveryOutcome, DisplayName, MessageId, MessageKind, SessionId, WebhookId, WebhookSecret,
};

use super::{Asked, Case, following};
use crate::ports::{Commit, Committed, Erasure, Erasures, Sessions, Webhooks};
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord, WebhookRing};

const TAKEN: DeliveryOutcome = DeliveryOutcome::Answered { status: 204 };

/// A store of webhooks. Every suite that uses the same store shares its one record, so that this
/// one looks at its own webhooks alone.
pub async fn webhooks<P: Webhooks>(ports: &P, case: &Case) {
    let own = [1, 2].map(|which| webhook(case, which));
    let mut ring = ports.webhooks().await.expect("it is read");
    ring.webhooks.extend(own.clone());
    ring.revision += 1;
    let stored = ports.replace_webhooks(ring.clone()).await;
    assert_eq!(stored, Ok(Committed::Done));
    for revision in [ring.revision, 0, ring.revision + 1_000] {
        let late = WebhookRing {
            revision,
            webhooks: Vec::new(),
        };
        let replaced = ports.replace_webhooks(late).await;
        assert_eq!(replaced, Ok(Committed::Clash), "{revision}");
    }
    let read = ports.webhooks().await.expect("it is read");
    assert_eq!(read, ring, "as stored");
    ring.webhooks.retain(|webhook| !own.contains(webhook));
    ring.revision += 1;
    let removed = ports.replace_webhooks(ring).await;
    assert_eq!(removed, Ok(Committed::Done));
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

    ports
        .remove_deliveries(one)
        .await
        .expect("they are removed");
    assert_eq!(suite.numbers(one).await, [0; 0]);
    assert_eq!(suite.numbers(two).await, [1], "those of others stay");
    assert_eq!(suite.due(two, 0).await, Some(1));
    ports
        .remove_deliveries(two)
        .await
        .expect("they are removed");
    assert_eq!(suite.due(two, 0).await, None);
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
        }
        assert_eq!(ports.commit(next.clone()).await, Ok(Committed::Done));
        for (id, stored) in webhooks.iter().zip(&next.deliveries) {
            let found = ports.find_delivery(*id, stored.message).await;
            assert_eq!(found, Ok(Some(stored.clone())), "as stored");
            assert_eq!(self.due(*id, 0).await, Some(1));
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

        let failed = |due_ms| DeliveryStage::Waiting(self.case.now_ms + due_ms);
        self.moves(to, Some(first), 1, failed(5_000)).await;
        let others = [self.takes(to, 0).await, self.takes(to, 0).await];
        for other in [(Some(second), 1), (None, 9)] {
            assert!(others.contains(&Some(other)), "{others:?}");
        }
        assert_eq!(self.due(to, 4_999).await, None, "they wait for the first");
        let due = self.ports.due_deliveries(self.case.now_ms + 4_999).await;
        let next_ms = due.expect("it is read").next_ms;
        assert!(next_ms <= Some(self.case.now_ms + 5_000) && next_ms.is_some());
        assert_eq!(self.due(to, 5_000).await, Some(1));
        self.moves(to, Some(first), 1, DeliveryStage::Dead).await;
        assert_eq!(self.takes(to, 5_000).await, Some((Some(first), 2)));
        assert_eq!(self.takes(to, 5_000).await, Some((Some(first), 3)));
        assert_eq!(self.takes(to, 5_000).await, None);
        // What was given up begins again.
        self.moves(to, Some(first), 1, failed(6_000)).await;
        assert_eq!(self.due(to, 5_999).await, None);
        assert_eq!(self.takes(to, 6_000).await, Some((Some(first), 1)));
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
        for _ in 0..2 {
            assert_eq!(self.ports.erase(&erasure).await, Ok(Committed::Done));
        }
        assert_eq!(self.takes(to, 0).await, Some((Some(call), 4)));
        assert_eq!(
            self.due(to, 10_000).await,
            None,
            "once, and none by a clash"
        );
        assert_eq!(self.numbers(to).await.len(), 6);
    }

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
