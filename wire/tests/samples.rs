//! One golden sample per message. The same files are decoded by the web's tests.

#![allow(clippy::unwrap_used)] // A test that cannot read its samples has failed.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sightline_wire::{
    AgentLines, ApiKeyList, AuditLines, Beat, BrandSettings, DeliveryList, EmbedOrigins,
    EnterEmbed, Figures, FromPage, FromRelay, Health, MadeKey, MadeWebhook, MakeKey, MakeWebhook,
    ReadyLineList, SetAccess, SwitchWebhook, ToPage, ToRelay, Told, WebhookList, api, beside, v1,
};

#[test]
fn every_sample_says_the_same_after_decoding_and_encoding() {
    check_folder::<FromPage>("from_page");
    check_folder::<ToPage>("to_page");
    check_folder::<FromRelay>("from_relay");
    check_folder::<ToRelay>("to_relay");
    check_folder::<Beat>("beat");
    check_folder::<Told>("told");
    check_folder::<api::Look>("api_look");
    check_folder::<api::StartCall>("api_start_call");
    check_folder::<api::Me>("api_me");
    check_folder::<api::ReadNumber>("api_read_number");
    check_folder::<api::NumberReading>("api_number_reading");
    check_folder::<api::Entrance>("api_entrance");
    check_folder::<api::SignedOut>("api_signed_out");
    check_folder::<api::Calls>("api_calls");
    check_folder::<api::Erased>("api_erased");
    check_folder::<ApiKeyList>("api_keys");
    check_folder::<BrandSettings>("api_brand");
    check_folder::<AgentLines>("api_agents");
    check_folder::<SetAccess>("api_set_access");
    check_folder::<AuditLines>("api_audit");
    check_folder::<Figures>("api_figures");
    check_folder::<EmbedOrigins>("api_embed_origins");
    check_folder::<EnterEmbed>("api_enter_embed");
    check_folder::<MakeKey>("api_make_key");
    check_folder::<MadeKey>("api_made_key");
    check_folder::<ReadyLineList>("api_lines");
    check_folder::<WebhookList>("api_webhooks");
    check_folder::<MakeWebhook>("api_make_webhook");
    check_folder::<MadeWebhook>("api_made_webhook");
    check_folder::<SwitchWebhook>("api_switch_webhook");
    check_folder::<DeliveryList>("api_deliveries");
    check_folder::<v1::V1Message>("webhook");
    check_folder::<api::CallPictures>("api_call_pictures");
    check_folder::<api::ApiRefusal>("api_refusal");
    check_folder::<api::LinkSecret>("api_link_secret");
    check_folder::<api::HeldUp>("api_held_up");
    check_folder::<api::ShownCode>("api_shown_code");
    check_folder::<api::Log>("api_log");
    check_folder::<beside::Rate>("api_rate");
    check_folder::<beside::WriteNote>("api_write_note");
    check_folder::<beside::CallDetail>("api_call_detail");
    check_folder::<Health>("health");
}

#[test]
fn every_message_has_a_sample() {
    let generated = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../web/src/wire/generated.ts"
    ))
    .unwrap();
    for (folder, types) in [
        (
            "from_page",
            [
                "SessionSays",
                "SessionCommand",
                "SignalingSays",
                "ChatSays",
                "ChatCommand",
                "AnnotationSays",
                "AnnotationCommand",
                "ScreenshotsSays",
                "ScreenshotsCommand",
                "GuestCommand",
                "Passing",
                "Piece",
                "Ink",
                "Upload",
                "Object",
            ]
            .as_slice(),
        ),
        (
            "to_page",
            [
                "SessionHears",
                "SignalingHears",
                "ChatHears",
                "AnnotationHears",
                "ScreenshotsHears",
                "EventKind",
                "PublicFact",
                "Ink",
            ]
            .as_slice(),
        ),
    ] {
        let seen = tags_in(folder);
        for name in types {
            let declaration = generated
                .split(&format!("export type {name} = "))
                .nth(1)
                .unwrap()
                .split(";\n")
                .next()
                .unwrap();
            for tag in TAGS {
                let opening = format!("\"{tag}\": \"");
                for rest in declaration.split(&opening).skip(1) {
                    let value = rest.split('"').next().unwrap();
                    assert!(
                        seen.contains(value),
                        "samples/{folder} has no `{value}` of {name}"
                    );
                }
            }
        }
    }
}

fn check_folder<T: Serialize + DeserializeOwned>(folder: &str) {
    for (name, text) in samples(folder) {
        let value: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let decoded: T =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::to_value(decoded).unwrap(), value, "{name}");
    }
}

fn tags_in(folder: &str) -> BTreeSet<String> {
    fn collect(value: &Value, tags: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                let here = TAGS.iter().filter_map(|tag| fields.get(*tag)?.as_str());
                tags.extend(here.map(str::to_owned));
                fields.values().for_each(|value| collect(value, tags));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, tags)),
            _ => {}
        }
    }
    let mut tags = BTreeSet::new();
    for (_, text) in samples(folder) {
        collect(&serde_json::from_str(&text).unwrap(), &mut tags);
    }
    tags
}

/// What tells the variants of a message apart.
const TAGS: [&str; 4] = ["type", "tool", "kind", "of"];

fn samples(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(folder);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}
