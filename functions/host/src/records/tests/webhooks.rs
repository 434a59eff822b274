//! Webhooks and their deliveries.

use sightline_wire::{
    DeliveryOutcome, DisplayName, EndReason, MessageId, MessageKind, SessionId, WebhookId,
    WebhookSecret,
};

use super::check;
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord, WebhookRing};

#[test]
fn webhooks_of_every_version_are_read() {
    let secret = |byte| WebhookSecret::from_bytes([byte; 32]);
    let whole = WebhookRecord {
        id: WebhookId::from_bytes([1; 16]),
        name: DisplayName::new("Claims").unwrap(),
        url: "https://claims.example.com/in".to_owned(),
        maker: DisplayName::new("Ada").unwrap(),
        made_at_ms: 1_800_000_000_000,
        on: true,
        gone_at_ms: None,
        secret: secret(7),
        previous: Some((secret(8), 1_800_086_400_000)),
    };
    let bare = WebhookRecord {
        id: WebhookId::from_bytes([2; 16]),
        on: false,
        previous: None,
        ..whole.clone()
    };
    let gone = WebhookRecord {
        gone_at_ms: Some(1_800_000_600_000),
        ..bare.clone()
    };
    let ring = WebhookRing {
        revision: 3,
        webhooks: vec![whole, bare],
    };
    check(&ring, &[include_str!("../../../samples/webhooks.1.json")]);
    let ring = WebhookRing {
        revision: 4,
        webhooks: vec![gone],
    };
    let sample = include_str!("../../../samples/webhooks.1.gone.json");
    check(&ring, &[sample]);
}

#[test]
fn deliveries_of_every_version_are_read() {
    let tried = DeliveryRecord {
        webhook: WebhookId::from_bytes([1; 16]),
        message: MessageId {
            call: Some(SessionId::from_bytes([2; 16])),
            number: 1_281,
        },
        kind: MessageKind::CallEnded,
        at_ms: 1_800_000_000_000,
        reason: Some(EndReason::AgentEnded),
        stage: DeliveryStage::Waiting(1_800_000_025_000),
        since_ms: 1_800_000_000_000,
        attempts: 2,
        tried: Some((1_800_000_005_000, DeliveryOutcome::Answered { status: 503 })),
        delete_at_s: 1_800_604_800,
    };
    let test = DeliveryRecord {
        message: MessageId {
            call: None,
            number: 1_800_000_000_000,
        },
        kind: MessageKind::WebhookTest,
        reason: None,
        stage: DeliveryStage::Delivered,
        attempts: 0,
        tried: None,
        ..tried.clone()
    };
    check(&tried, &[include_str!("../../../samples/delivery.1.json")]);
    check(
        &test,
        &[include_str!("../../../samples/delivery.1.test.json")],
    );
}
