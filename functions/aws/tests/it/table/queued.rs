//! Deliveries of webhooks on their way: from a commit into the queue, by the sweep, and out of it.

use std::sync::Mutex;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use sightline_aws::{ApiGatewayPush, Cloud, QueuedDelivery, SqsQueue, Table, Without, deliver};
use sightline_host::ports::{
    Committed, Dial, OutgoingPost, PostReply, Sessions as _, Webhooks as _,
};
use sightline_host::records::{
    DeliveryRecord, DeliveryStage, InviteHash, SearchTerm, WebhookRecord, WebhookRing,
};
use sightline_host::{Host, HostConfig, Keys};
use sightline_session::SystemCommand;
use sightline_wire::{
    DeliveryOutcome, DisplayName, MessageId, MessageKind, SessionId, WebhookId, WebhookSecret,
};

use super::begun::{first, fresh, next};
use super::table;
use crate::support::{now_ms, stack};

const MINUTE_MS: u64 = 60_000;

/// A queue of its own, like that of the template.
struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    async fn new() -> Self {
        let client = aws_sdk_sqs::Client::new(&stack().config());
        let name = format!("{}.fifo", WebhookId::from_bytes(fresh()));
        let made = client
            .create_queue()
            .queue_name(name)
            .attributes(QueueAttributeName::FifoQueue, "true")
            .send()
            .await;
        let url = made.unwrap().queue_url.unwrap();
        Self { client, url }
    }

    fn table(&self) -> Table {
        table().with_queue(self.sends())
    }

    fn sends(&self) -> SqsQueue {
        SqsQueue::new(&stack().config(), self.url.clone())
    }

    /// Takes what is in it: bodies, and the groups that they are in.
    async fn takes(&self) -> Vec<(QueuedDelivery, String)> {
        let mut all = Vec::new();
        loop {
            let asked = self.client.receive_message().queue_url(&self.url);
            let received = asked
                .max_number_of_messages(10)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
                .await
                .unwrap();
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                let attributes = message.attributes.unwrap();
                let group = &attributes[&MessageSystemAttributeName::MessageGroupId];
                let body = serde_json::from_str(&message.body.unwrap()).unwrap();
                all.push((body, group.clone()));
                let done = self.client.delete_message().queue_url(&self.url);
                let receipt = message.receipt_handle.unwrap();
                done.receipt_handle(receipt).send().await.unwrap();
            }
        }
    }
}

fn delivery(webhook: WebhookId, call: SessionId, number: u64) -> DeliveryRecord {
    let now_ms = now_ms();
    DeliveryRecord {
        webhook,
        message: MessageId {
            call: Some(call),
            number,
        },
        kind: MessageKind::CallEnded,
        at_ms: now_ms,
        reason: None,
        stage: DeliveryStage::Waiting(now_ms),
        since_ms: now_ms,
        attempts: 0,
        tried: None,
        delete_at_s: now_ms / 1_000 + 3_600,
    }
}

fn webhook_id() -> WebhookId {
    WebhookId::from_bytes(fresh())
}

fn names(of: &DeliveryRecord) -> QueuedDelivery {
    QueuedDelivery {
        webhook: of.webhook,
        message: of.message,
    }
}

#[tokio::test]
async fn a_commit_hands_its_deliveries_over_and_one_that_is_sent_again_is_another() {
    let (queue, id) = (Queue::new().await, webhook_id());
    let table = queue.table();
    let begun = first(now_ms());
    assert_eq!(table.commit(begun.clone()).await, Ok(Committed::Done));
    let mut ends = next(&begun, &begun.state, &SystemCommand::Cancel);
    // More than one request of the queue holds.
    ends.deliveries = (1..=12).map(|n| delivery(id, begun.session, n)).collect();
    assert_eq!(table.commit(ends.clone()).await, Ok(Committed::Done));
    let group = format!("{id}.{}", begun.session);
    let all = ends.deliveries.iter();
    let all: Vec<_> = all.map(|of| (names(of), group.clone())).collect();
    assert_eq!(queue.takes().await, all, "in order");

    table
        .put_delivery(ends.deliveries[0].clone())
        .await
        .unwrap();
    assert_eq!(queue.takes().await, [], "once");
    let waits = &ends.deliveries[0];
    let dead = DeliveryRecord {
        stage: DeliveryStage::Dead,
        ..waits.clone()
    };
    assert_eq!(table.replace_delivery(waits, dead.clone()).await, Ok(true));
    assert_eq!(queue.takes().await, []);
    let again = dead.clone().again(now_ms() + 1);
    assert_eq!(table.replace_delivery(&dead, again).await, Ok(true));
    assert_eq!(queue.takes().await, all[..1], "for another day");
}

#[tokio::test]
async fn what_was_not_handed_over_the_sweep_finds_once_it_is_late() {
    let (queue, id) = (Queue::new().await, webhook_id());
    let call = SessionId::from_bytes(fresh());
    let [one, two] = [1, 2].map(|number| delivery(id, call, number));
    let done = DeliveryRecord {
        stage: DeliveryStage::Delivered,
        ..delivery(id, call, 3)
    };
    for stored in [&two, &one, &done] {
        table().put_delivery(stored.clone()).await.unwrap();
    }
    let own = async || {
        let mut taken = queue.takes().await;
        taken.retain(|(named, _)| named.webhook == id);
        taken
    };
    let swept = queue.table();
    swept.hand_over_late(now_ms(), 1_000).await.unwrap();
    assert_eq!(own().await, [], "they are not late");
    let late_ms = now_ms() + 20 * MINUTE_MS;
    let group = format!("{id}.{call}");
    let both = [&one, &two].map(|of| (names(of), group.clone()));
    assert!(swept.hand_over_late(late_ms, 1_000).await.unwrap() >= 2);
    assert_eq!(own().await, both, "in order");
    swept.hand_over_late(late_ms, 1_000).await.unwrap();
    assert_eq!(own().await, [], "not every five minutes");
    let later_ms = late_ms + 7 * 60 * MINUTE_MS;
    swept.hand_over_late(later_ms, 1_000).await.unwrap();
    assert_eq!(own().await, both, "if they still wait");
}

/// A customer takes another name, and ten webhooks hear of it.
#[tokio::test]
async fn the_largest_commit_fits_into_a_transaction() {
    let begun = first(now_ms());
    let table = table();
    assert_eq!(table.commit(begun.clone()).await, Ok(Committed::Done));
    let mut largest = next(&begun, &begun.state, &SystemCommand::Cancel);
    let terms = |from: u8| (from..from + 41).map(|which| SearchTerm([which; 16]));
    largest.entries.gone = terms(0).collect();
    largest.entries.new = terms(100).collect();
    largest.invites = vec![InviteHash([9; 32])];
    largest.summary = begun.summary.clone();
    let ten = (0..10).map(|_| delivery(webhook_id(), begun.session, 1));
    largest.deliveries = ten.collect();
    assert_eq!(table.commit(largest).await, Ok(Committed::Done));
}

/// A receiver that fails a few times, and remembers what it heard.
#[derive(Default)]
struct Receiver {
    fails: Mutex<usize>,
    heard: Mutex<Vec<String>>,
}

impl Dial for Receiver {
    async fn post(&self, post: &OutgoingPost) -> PostReply {
        let id = post.headers.iter().find(|(name, _)| *name == "webhook-id");
        self.heard.lock().unwrap().push(id.unwrap().1.clone());
        let mut fails = self.fails.lock().unwrap();
        let status = if *fails > 0 { 500 } else { 204 };
        *fails = fails.saturating_sub(1);
        DeliveryOutcome::Answered { status }.into()
    }
}

fn host() -> Host<Cloud<Without, Without>> {
    let client = aws_sdk_apigatewaymanagement::Client::new(&stack().config());
    let cloud = Cloud {
        table: table(),
        sockets: ApiGatewayPush::new(&client, &client),
        sms: Without,
        objects: Without,
    };
    let config = HostConfig::new("Example", "https://help.example.com");
    Host::new(cloud, config, Keys::from_bytes(&[7; 32]))
}

/// Adds a webhook, while other tests change the one record of all.
async fn webhook() -> WebhookId {
    let made = WebhookRecord {
        id: webhook_id(),
        name: DisplayName::new("Claims").unwrap(),
        url: "https://claims.example.com/".to_owned(),
        maker: DisplayName::new("Ada").unwrap(),
        made_at_ms: now_ms(),
        on: true,
        gone_at_ms: None,
        secret: WebhookSecret::from_bytes([7; 32]),
        previous: None,
    };
    loop {
        let mut ring: WebhookRing = table().webhooks().await.unwrap();
        ring.webhooks.push(made.clone());
        ring.revision += 1;
        if table().replace_webhooks(ring).await == Ok(Committed::Done) {
            return made.id;
        }
    }
}

#[tokio::test]
async fn what_the_queue_names_waits_for_what_was_stored_before_it() {
    let (host, id, call) = (host(), webhook().await, SessionId::from_bytes(fresh()));
    let [one, two] = [1, 2].map(|number| delivery(id, call, number));
    for stored in [&two, &one] {
        table().put_delivery(stored.clone()).await.unwrap();
    }
    let receiver = Receiver {
        fails: Mutex::new(1),
        ..Receiver::default()
    };
    let heard = || std::mem::take(&mut *receiver.heard.lock().unwrap());
    let body = |of: &DeliveryRecord| serde_json::to_string(&names(of)).unwrap();
    let attends = async |body: String, until_ms: u64| {
        let attended = deliver::attend(&host, &receiver, &body, until_ms).await;
        attended.unwrap()
    };
    // The queue has lost the first.
    let due_ms = attends(body(&two), u64::MAX).await.unwrap();
    let waits_ms = due_ms - now_ms();
    assert!((3_000..=5_000).contains(&waits_ms), "{waits_ms}");
    assert_eq!(heard(), [one.message.to_string()]);
    assert_eq!(attends(body(&two), u64::MAX).await, Some(due_ms));
    assert_eq!(heard(), [""; 0], "not before it is due");

    let failed = table().find_delivery(id, one.message).await.unwrap();
    let failed = failed.unwrap();
    let due = DeliveryRecord {
        stage: DeliveryStage::Waiting(now_ms()),
        ..failed.clone()
    };
    assert_eq!(table().replace_delivery(&failed, due).await, Ok(true));
    assert!(attends(body(&two), 0).await.is_some(), "no time is left");
    assert_eq!(heard(), [""; 0]);
    assert_eq!(attends(body(&two), u64::MAX).await, None);
    let both = [&one, &two].map(|of| of.message.to_string());
    assert_eq!(heard(), both, "in order");
    for done in [body(&one), body(&two), "{}".to_owned(), String::new()] {
        assert_eq!(attends(done, u64::MAX).await, None);
    }
    assert_eq!(heard(), [""; 0], "what is done is not sent again");
}

#[tokio::test]
async fn a_message_of_a_webhook_that_was_removed_is_given_up() {
    let (host, id, call) = (host(), webhook_id(), SessionId::from_bytes(fresh()));
    let stored = delivery(id, call, 1);
    table().put_delivery(stored.clone()).await.unwrap();
    let receiver = Receiver::default();
    let body = serde_json::to_string(&names(&stored)).unwrap();
    let attended = deliver::attend(&host, &receiver, &body, u64::MAX).await;
    assert_eq!(attended, Ok(None));
    assert_eq!(*receiver.heard.lock().unwrap(), [""; 0]);
    assert_eq!(table().first_waiting(id, Some(call)).await, Ok(None));
}
