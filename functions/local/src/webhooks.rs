//! Sends webhooks' messages while the desk runs. The queue is in the store, so that a restart goes
//! on where it was.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::Host;
use sightline_host::ports::{DeliveryQueue as _, Dial, Ports as _, StoreError};
use sightline_wire::WebhookId;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep;

use crate::desk::Desk;

/// Longest time between two looks into the queue.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The pause after the store failed.
const TROUBLE: Duration = Duration::from_secs(5);

/// Sends what is due, one message to each webhook at a time: a slow receiver delays its own.
pub async fn send<D: Dial + 'static>(host: Arc<Host<Desk>>, dial: Arc<D>) {
    let mut sending = Sending {
        host,
        dial,
        tasks: JoinSet::new(),
        busy: HashMap::new(),
    };
    loop {
        let wait = sending.begin().await.unwrap_or_else(|error| {
            tracing::error!(error = %error, "failed to look for webhooks' messages");
            TROUBLE
        });
        let changed = &sending.host.ports().store.deliveries_changed;
        tokio::select! {
            Some(done) = sending.tasks.join_next_with_id() => {
                let id = done.map_or_else(|error| error.id(), |(id, ())| id);
                sending.busy.remove(&id);
            }
            () = changed.notified() => {}
            () = sleep(wait) => {}
        }
    }
}

struct Sending<D> {
    host: Arc<Host<Desk>>,
    dial: Arc<D>,
    tasks: JoinSet<()>,
    busy: HashMap<Id, WebhookId>,
}

impl<D: Dial + 'static> Sending<D> {
    /// Begins what is due. Returns how long nothing else is.
    async fn begin(&mut self) -> Result<Duration, StoreError> {
        let desk = self.host.ports();
        let now_ms = desk.now_ms();
        let found = desk.store.due_deliveries(now_ms).await?;
        for due in found.due {
            let webhook = due.webhook;
            if self.busy.values().any(|busy| *busy == webhook) {
                continue;
            }
            let (host, dial) = (self.host.clone(), self.dial.clone());
            let task = self.tasks.spawn(async move {
                if let Err(error) = host.deliver(&*dial, due).await {
                    tracing::error!(error = %error, "failed to deliver a webhook's message");
                    sleep(TROUBLE).await;
                }
            });
            self.busy.insert(task.id(), webhook);
        }
        let next = found.next_ms.map(|at_ms| at_ms.saturating_sub(now_ms));
        Ok(next.map_or(LOOK_EVERY, |ms| Duration::from_millis(ms).min(LOOK_EVERY)))
    }
}

#[cfg(test)]
mod tests;
