//! The host's contract suites on the desk's ports.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::clock::{DeskClock, wall_ms as now_ms};
use crate::desk::Desk;
use crate::objects::Objects;
use crate::sockets::Outgoing;
use crate::store::Store;
use sightline_host::contract::{self, Case};
use sightline_host::ports::ConnectionKey;
use tokio_tungstenite::tungstenite::Message;

/// A desk with its own folder.
struct Fresh {
    desk: Desk,
    folder: PathBuf,
    case: Case,
}

impl Fresh {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("sightline-contract-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            desk: open(&folder),
            folder,
            case: Case::new(1, now_ms()),
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn open(folder: &Path) -> Desk {
    let store = Store::open(folder, now_ms()).unwrap();
    let objects = Objects::open(folder, &[1; 32]).unwrap();
    Desk::new(store, objects, DeskClock::open(folder).into())
}

macro_rules! suites {
    ($($name:ident),*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let fresh = Fresh::new();
            contract::$name(&fresh.desk.store, &fresh.case).await;
        })*
    };
}

suites!(
    sessions,
    directory,
    lists,
    erasures,
    attachments,
    case_keys,
    api_keys,
    logos,
    agents,
    audit,
    figures,
    claims,
    ready_lines,
    webhooks,
    deliveries,
    delivery_queue,
    connections,
    minutes,
    beside_log,
    relays,
    spent_tokens,
    sign_ins,
    rate_counters
);

#[tokio::test]
async fn push() {
    let fresh = Fresh::new();
    let connection = ConnectionKey("open".to_owned());
    let out = tokio::sync::Mutex::new(fresh.desk.sockets.open(connection.clone()));
    let heard = async |count: usize| {
        let mut out = out.lock().await;
        let mut heard = Vec::new();
        while heard.len() < count {
            match out.recv().await {
                Some(Outgoing::Say(Message::Text(text))) => heard.push(text.to_string()),
                other => panic!("{other:?}"),
            }
        }
        heard
    };
    contract::push(&fresh.desk.sockets, &fresh.case, &connection, heard).await;
}

#[tokio::test]
async fn sms_out() {
    let fresh = Fresh::new();
    let outbox = async || {
        let sent = fresh.desk.store.outbox().await.unwrap();
        sent.into_iter()
            .map(|message| (message.to, message.text))
            .collect()
    };
    contract::sms_out(&fresh.desk.store, &fresh.case, outbox).await;
}

#[test]
fn secrets_are_unguessable() {
    contract::chance(crate::desk::random);
}
