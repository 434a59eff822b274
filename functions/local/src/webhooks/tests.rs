//! The desk's queue with receivers that hang, restarts and the sweep.

use std::path::Path;

use sightline_host::ports::{OutgoingPost, PostReply, Webhooks as _};
use sightline_host::records::{DeliveryRecord, DeliveryStage, WebhookRecord, WebhookRing};
use sightline_host::{HostConfig, Keys};
use sightline_wire::{
    DeliveryOutcome, DisplayName, MessageId, MessageKind, SessionId, WebhookSecret,
};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::clock::{DeskClock, wall_ms};
use crate::objects::Objects;
use crate::scratch::Scratch;
use crate::store::Store;

/// A test that is broken does not hang.
const SOON: Duration = Duration::from_secs(30);

const HANGS: &str = "https://hangs.example.com/";
const TAKES: &str = "https://takes.example.com/";

/// Receivers: one takes everything, the other answers when it is let.
struct Receivers {
    heard: mpsc::UnboundedSender<(String, String)>,
    lets: Semaphore,
}

impl Dial for Receivers {
    async fn post(&self, post: &OutgoingPost) -> PostReply {
        let id = post.headers.iter().find(|(name, _)| *name == "webhook-id");
        let heard = (post.url.clone(), id.unwrap().1.clone());
        self.heard.send(heard).unwrap();
        if post.url == HANGS {
            self.lets.acquire().await.unwrap().forget();
        }
        DeliveryOutcome::Answered { status: 204 }.into()
    }
}

struct Running {
    host: Arc<Host<Desk>>,
    receivers: Arc<Receivers>,
    heard: mpsc::UnboundedReceiver<(String, String)>,
    sends: JoinHandle<()>,
}

impl Running {
    /// A desk in this folder that sends.
    async fn open(folder: &Path) -> Self {
        let store = Store::open(folder, wall_ms()).unwrap();
        let objects = Objects::open(folder, &[1; 32]).unwrap();
        let desk = Desk::new(store, objects, DeskClock::open(folder).into());
        let config = HostConfig::new("Example", "https://help.example.com");
        let host = Arc::new(Host::new(desk, config, Keys::from_bytes(&[7; 32])));
        let webhooks = [(1, HANGS), (2, TAKES)].map(|(which, url)| webhook(which, url));
        let ring = WebhookRing {
            revision: 1,
            webhooks: webhooks.into(),
        };
        // A restart finds it stored.
        host.ports().store.replace_webhooks(ring).await.unwrap();
        let (heard, hears) = mpsc::unbounded_channel();
        let receivers = Arc::new(Receivers {
            heard,
            lets: Semaphore::new(0),
        });
        let sends = tokio::spawn(send(host.clone(), receivers.clone()));
        Self {
            host,
            receivers,
            heard: hears,
            sends,
        }
    }

    async fn put(&self, webhook: u8, call: u8, number: u64) {
        let now_ms = self.host.ports().now_ms();
        let delivery = delivery(webhook, call, number, now_ms);
        let put = self.host.ports().store.put_delivery(delivery);
        put.await.unwrap();
    }

    async fn hears(&mut self) -> (String, String) {
        let heard = timeout(SOON, self.heard.recv()).await;
        heard.expect("a message comes").unwrap()
    }

    async fn stop(self) {
        self.sends.abort();
        let _ = self.sends.await;
        self.host.ports().store.close();
    }
}

fn id(which: u8) -> WebhookId {
    WebhookId::from_bytes([which; 16])
}

fn webhook(which: u8, url: &str) -> WebhookRecord {
    WebhookRecord {
        id: id(which),
        name: DisplayName::new("Claims").unwrap(),
        url: url.to_owned(),
        maker: DisplayName::new("Ada").unwrap(),
        made_at_ms: 0,
        on: true,
        gone_at_ms: None,
        secret: WebhookSecret::from_bytes([7; 32]),
        previous: None,
    }
}

fn delivery(webhook: u8, call: u8, number: u64, now_ms: u64) -> DeliveryRecord {
    DeliveryRecord {
        webhook: id(webhook),
        message: message(call, number),
        kind: MessageKind::CallEnded,
        at_ms: now_ms,
        reason: None,
        stage: DeliveryStage::Waiting(now_ms),
        since_ms: now_ms,
        attempts: 0,
        tried: None,
        delete_at_s: now_ms / 1_000 + 1_000,
    }
}

fn message(call: u8, number: u64) -> MessageId {
    MessageId {
        call: Some(SessionId::from_bytes([call; 16])),
        number,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_delays_its_own_messages_alone() {
    let scratch = Scratch::new();
    let mut desk = Running::open(scratch.path()).await;
    for call in 1..=3 {
        desk.put(1, call, 1).await;
    }
    assert_eq!(desk.hears().await.0, HANGS);
    for call in 1..=3 {
        desk.put(2, call, 1).await;
    }
    for _ in 1..=3 {
        assert_eq!(desk.hears().await.0, TAKES, "one at a time to the other");
    }
    desk.receivers.lets.add_permits(3);
    for _ in 2..=3 {
        assert_eq!(desk.hears().await.0, HANGS);
    }
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_taken_before_a_restart_is_sent_after_it() {
    let scratch = Scratch::new();
    let mut desk = Running::open(scratch.path()).await;
    desk.put(1, 1, 1).await;
    desk.put(1, 1, 2).await;
    let first = desk.hears().await;
    desk.stop().await;

    let mut again = Running::open(scratch.path()).await;
    again.receivers.lets.add_permits(2);
    assert_eq!(again.hears().await, first, "under the same name");
    assert_eq!(again.hears().await.1, message(1, 2).to_string());
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweep_deletes_old_deliveries_and_those_behind_them_go_on() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path(), 0).unwrap();
    let now_ms = 1_800_000_000_000;
    let old = DeliveryRecord {
        delete_at_s: now_ms / 1_000,
        ..delivery(1, 1, 1, now_ms)
    };
    for delivery in [old, delivery(1, 1, 2, now_ms), delivery(2, 1, 1, now_ms)] {
        store.put_delivery(delivery).await.unwrap();
    }
    let due = async || {
        let found = store.due_deliveries(now_ms).await.unwrap().due;
        let numbers = found.into_iter().map(|due| (due.webhook, due.message));
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(
        due().await,
        [(id(1), message(1, 1)), (id(2), message(1, 1))]
    );
    store.sweep(now_ms, now_ms).await.unwrap();
    assert_eq!(
        due().await,
        [(id(1), message(1, 2)), (id(2), message(1, 1))]
    );
    let listed = store.deliveries(id(1), None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
}
