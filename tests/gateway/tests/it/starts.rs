//! The conditions on a template for a gateway to start.

use std::path::{Path, PathBuf};

use sightline_gateway::{Gateway, GatewaySettings};

use crate::world::settings;

#[tokio::test]
async fn an_unresolved_variable_is_named_unless_overridden() {
    let without = |settings: &mut GatewaySettings| {
        settings.deployment.physical.remove("Table");
        plain_header(settings);
    };
    let said = refused(without).await;
    assert!(
        said.contains(".Environment.Variables.TABLE: Ref of Table is not known"),
        "{said}"
    );
    let mut overridden = settings();
    without(&mut overridden);
    overridden
        .env
        .insert("TABLE".to_owned(), "other".to_owned());
    assert!(Gateway::start(overridden).await.is_ok());
}

#[tokio::test]
async fn a_route_without_permission_does_not_start() {
    let said =
        refused(|settings| change(settings, "${Socket}/ws/short", "${Socket}/ws/chat")).await;
    assert_eq!(
        said,
        "ShortRoute: nothing permits Socket to invoke Short for short"
    );
}

#[tokio::test]
async fn a_wrong_endpoint_for_pushes_does_not_start() {
    let said = refused(|settings| {
        change(
            settings,
            "${AWS::URLSuffix}/${SocketStage}",
            "${AWS::URLSuffix}",
        );
    })
    .await;
    assert!(
        said.contains("WS_ENDPOINT is https://socket.execute-api"),
        "{said}"
    );
}

#[tokio::test]
async fn settings_of_a_route_that_is_not_there_do_not_start() {
    let said = refused(|settings| {
        change(
            settings,
            "RouteKey: GET /api/narrow",
            "RouteKey: GET /api/n",
        )
    })
    .await;
    assert_eq!(
        said,
        "the stage of Http has settings of GET /api/narrow, which is not a route"
    );
}

#[tokio::test]
async fn a_missing_binary_is_named() {
    let said = refused(|settings| {
        plain_header(settings);
        settings.bin_dir = PathBuf::from("/nonexistent");
    })
    .await;
    assert!(said.contains("/nonexistent/echo-function"), "{said}");
}

#[tokio::test]
async fn a_secret_that_cannot_be_fetched_does_not_start() {
    let said = refused(|_| {}).await;
    assert_eq!(
        said,
        "header x-sightline-origin: a secret is named, and no endpoint was given"
    );
}

async fn refused(change: impl FnOnce(&mut GatewaySettings)) -> String {
    let mut settings = settings();
    change(&mut settings);
    Gateway::start(settings).await.unwrap_err().to_string()
}

fn plain_header(settings: &mut GatewaySettings) {
    change(settings, "{{resolve:secretsmanager:", "{{no:");
}

/// Uses a copy of the fixture with a changed text.
fn change(settings: &mut GatewaySettings, from: &str, to: &str) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let text = std::fs::read_to_string(&settings.template).unwrap();
    assert!(text.contains(from), "{from}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("changed-{}-{count}.yaml", std::process::id()));
    std::fs::write(&path, text.replace(from, to)).unwrap();
    settings.template = path;
}
