//! Webhooks as admins make, switch, rotate and remove them. All are one record, which is changed
//! like that of the keys of the API.

use sightline_wire::api::ApiError;
use sightline_wire::{
    DisplayName, MadeWebhook, MakeWebhook, Refusal, WEBHOOKS_MAX, WebhookId, WebhookLine,
    WebhookList, WebhookSecret,
};

use super::address;
use crate::host::Host;
use crate::ports::{Committed, Ports, Webhooks};
use crate::records::{WebhookRecord, WebhookRing};
use crate::stop::{OrAnswer, Stop};
use crate::tries::{CONTENDED, Tries};

/// How long the secret before signs too, milliseconds.
const ROTATING_MS: u64 = 24 * 60 * 60 * 1_000;

impl<P: Ports> Host<P> {
    /// Makes a webhook.
    ///
    /// # Errors
    /// `malformed` for an address that cannot be one, `limit_reached`, `trouble`.
    pub(crate) async fn make_webhook(
        &self,
        maker: &DisplayName,
        asked: MakeWebhook,
    ) -> Result<MadeWebhook, ApiError> {
        let MakeWebhook { name, url } = asked;
        let url = address::readable(&url, self.config.webhook_private);
        let webhook = WebhookRecord {
            id: WebhookId::from_bytes(self.ports.random()),
            name,
            url: url.ok_or(ApiError::Malformed)?,
            maker: maker.clone(),
            made_at_ms: self.ports.date_ms(),
            on: true,
            gone_at_ms: None,
            secret: self.fresh_webhook_secret(),
            previous: None,
        };
        let made = self.change_webhooks(|ring| add(ring, &webhook));
        made.await??;
        tracing::warn!(webhook.id = %webhook.id, "webhook made");
        Ok(self.made(&webhook))
    }

    /// Lists all webhooks.
    pub(crate) async fn listed_webhooks(&self) -> Result<WebhookList, ApiError> {
        let ring = self.ports.store().webhooks().await.or_fail(None)?;
        let lines = ring.webhooks.iter().map(|webhook| self.line(webhook));
        Ok(WebhookList {
            webhooks: lines.collect(),
        })
    }

    /// Switches a webhook on or off.
    pub(crate) async fn switch_webhook(
        &self,
        id: WebhookId,
        on: bool,
    ) -> Result<WebhookLine, ApiError> {
        let switched = self.change_webhook(id, |webhook| {
            webhook.on = on;
            webhook.gone_at_ms = None;
        });
        let switched = switched.await?;
        tracing::warn!(webhook.id = %id, on, "webhook switched");
        Ok(self.line(&switched))
    }

    /// Switches a webhook off whose receiver says that it is gone for good.
    pub(super) async fn end_gone_webhook(&self, id: WebhookId) -> Result<(), ApiError> {
        let now_ms = self.ports.date_ms();
        let ended = self.change_webhook(id, |webhook| {
            if webhook.on {
                webhook.on = false;
                webhook.gone_at_ms = Some(now_ms);
            }
        });
        ended.await?;
        tracing::warn!(webhook.id = %id, "webhook switched off, its receiver is gone");
        Ok(())
    }

    /// Gives a webhook another secret. The one before signs too for a day.
    pub(crate) async fn rotate_webhook(&self, id: WebhookId) -> Result<MadeWebhook, ApiError> {
        let secret = self.fresh_webhook_secret();
        let until_ms = self.ports.date_ms().saturating_add(ROTATING_MS);
        let rotated = self.change_webhook(id, |webhook| {
            // An earlier try may have done it, and its answer may have been lost.
            if webhook.secret != secret {
                let before = std::mem::replace(&mut webhook.secret, secret.clone());
                webhook.previous = Some((before, until_ms));
            }
        });
        let rotated = rotated.await?;
        tracing::warn!(webhook.id = %id, "secret of a webhook changed");
        Ok(self.made(&rotated))
    }

    /// Removes a webhook with its deliveries. Returns its name.
    pub(crate) async fn remove_webhook(&self, id: WebhookId) -> Result<DisplayName, ApiError> {
        let mut name = None;
        let removed = self.change_webhooks(|ring| {
            let place = ring.webhooks.iter().position(|webhook| webhook.id == id);
            let removed = place.map(|place| ring.webhooks.remove(place).name);
            let changes = removed.is_some();
            // An earlier try may have removed it, and its answer may have been lost.
            name = removed.or(name.take());
            (changes, name.clone())
        });
        let name = removed.await?.ok_or(ApiError::NotFound)?;
        let store = self.ports.store();
        store.remove_deliveries(id).await.or_fail(None)?;
        tracing::warn!(webhook.id = %id, "webhook removed");
        Ok(name)
    }

    /// Returns a webhook.
    ///
    /// # Errors
    /// `not_found`, `trouble`.
    pub(super) async fn found_webhook(&self, id: WebhookId) -> Result<WebhookRecord, ApiError> {
        let ring = self.ports.store().webhooks().await.or_fail(None)?;
        ring.find(id).cloned().ok_or(ApiError::NotFound)
    }

    /// Changes one webhook and returns it.
    async fn change_webhook(
        &self,
        id: WebhookId,
        act: impl Fn(&mut WebhookRecord),
    ) -> Result<WebhookRecord, ApiError> {
        let changed = self.change_webhooks(|ring| {
            let found = ring.webhooks.iter_mut().find(|webhook| webhook.id == id);
            let Some(webhook) = found else {
                return (false, None);
            };
            let before = webhook.clone();
            act(webhook);
            (*webhook != before, Some(webhook.clone()))
        });
        changed.await?.ok_or(ApiError::NotFound)
    }

    /// Changes the webhooks. `act` returns whether it changed them, and an answer; it may run
    /// several times.
    async fn change_webhooks<T>(
        &self,
        mut act: impl FnMut(&mut WebhookRing) -> (bool, T),
    ) -> Result<T, ApiError> {
        let store = self.ports.store();
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            let stop = match change_once(store, &mut act).await {
                Ok(answer) => return Ok(answer),
                Err(stop) => stop,
            };
            if !stop.may_pass() || !tries.again(&self.ports).await {
                return Err(stop).or_fail(None);
            }
        }
    }

    fn made(&self, webhook: &WebhookRecord) -> MadeWebhook {
        MadeWebhook {
            secret: webhook.secret.clone(),
            webhook: self.line(webhook),
        }
    }

    fn line(&self, webhook: &WebhookRecord) -> WebhookLine {
        let now_ms = self.ports.date_ms();
        let rotating = webhook.previous.as_ref().map(|(_, until_ms)| *until_ms);
        WebhookLine {
            id: webhook.id,
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            maker: webhook.maker.clone(),
            made_at_ms: webhook.made_at_ms,
            on: webhook.on,
            gone_at_ms: webhook.gone_at_ms,
            rotating_until_ms: rotating.filter(|until_ms| now_ms < *until_ms),
        }
    }

    fn fresh_webhook_secret(&self) -> WebhookSecret {
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&self.ports.random());
        second.copy_from_slice(&self.ports.random());
        WebhookSecret::from_bytes(bytes)
    }
}

async fn change_once<T>(
    store: &impl Webhooks,
    act: &mut impl FnMut(&mut WebhookRing) -> (bool, T),
) -> Result<T, Stop> {
    let mut ring = store.webhooks().await?;
    let (changed, answer) = act(&mut ring);
    if !changed {
        return Ok(answer);
    }
    ring.revision = ring.revision.saturating_add(1);
    match store.replace_webhooks(ring).await? {
        Committed::Done => Ok(answer),
        Committed::Clash => Err(Stop::Busy),
    }
}

fn add(ring: &mut WebhookRing, webhook: &WebhookRecord) -> (bool, Result<(), ApiError>) {
    // An earlier try may have added it, and its answer may have been lost.
    if ring.find(webhook.id).is_some() {
        return (false, Ok(()));
    }
    if ring.webhooks.len() >= WEBHOOKS_MAX {
        let refusal = Refusal::LimitReached;
        return (false, Err(ApiError::Refused { refusal }));
    }
    ring.webhooks.push(webhook.clone());
    (true, Ok(()))
}
