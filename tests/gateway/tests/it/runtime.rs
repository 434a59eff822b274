use http::Method;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_function_over_its_time_is_ended_and_replaced() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "short", "sleep_ms": 15_000 }))
        .await;
    assert_eq!(client.hear_json().await["message"], "Internal server error");
    client.say(json!({ "topic": "short", "push": "new" })).await;
    assert_eq!(client.hear().await, "new");
    let log = world
        .control(Method::GET, "/log", &json!(null))
        .await
        .json();
    assert!(log.to_string().contains("timed out"), "{log}");
}

#[tokio::test]
async fn processes_are_kept_and_their_number_is_bounded() {
    let world = World::limited(|limits| limits.workers = 2).await;
    let mut client = world.connect("").await;
    for _ in 0..3 {
        client
            .say(json!({ "topic": "chat", "push": "one by one" }))
            .await;
        client.hear().await;
    }
    for _ in 0..6 {
        client
            .say(json!({ "topic": "chat", "sleep_ms": 100, "push": "at once" }))
            .await;
    }
    for _ in 0..6 {
        assert_eq!(client.hear().await, "at once");
    }
    // The last push arrives before its function has answered.
    let chat = crate::world::until(async || {
        let stats = world.control(Method::GET, "/stats", &json!(null)).await;
        let chat = stats.json()["functions"]["Chat"].take();
        (chat["invocations"] == 9).then_some(chat)
    })
    .await;
    assert_eq!(chat["processes"], 2, "{chat}");
    assert!(chat["init_ms_p50"].as_f64() > Some(0.0), "{chat}");
    assert!(chat["handler_ms_max"].as_f64() >= Some(100.0), "{chat}");
}

#[tokio::test]
async fn a_function_that_does_not_start_is_an_error() {
    let world = World::with(|settings| {
        settings.env.insert("FAIL_INIT".to_owned(), "1".to_owned());
    })
    .await;
    assert_eq!(world.api("/api/x").await.status, 500);
}

#[tokio::test]
async fn a_function_sees_lambdas_variables_and_the_templates_and_no_others() {
    let world = World::with(|settings| {
        settings
            .deployment
            .parameters
            .insert("Word".to_owned(), "loud".to_owned());
    })
    .await;
    let ready = world.gateway.ready();
    let (page, endpoint) = (ready.page.clone(), format!("{}/ws", ready.connections));
    let environment: Value = world.api("/api/environment").await.json();
    for (name, value) in [
        ("TABLE", "table-1"),
        ("WORD", "loud-b"),
        ("ORIGIN", &page),
        ("WS_ENDPOINT", &endpoint),
        ("PICTURES_ORIGIN", &world.endpoint),
        ("AWS_ENDPOINT_URL", &world.endpoint),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "Invite"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(environment.get("ABSENT").is_none());
    assert!(environment.get("CARGO_MANIFEST_DIR").is_none());
    assert!(environment.get("HOME").is_none());
}

#[tokio::test]
async fn a_scheduled_event_can_be_invoked() {
    let world = World::new().await;
    let invoke =
        json!({ "function": "Chat", "event": { "version": "2.0", "rawPath": "/api/bare" } });
    let answer = world.control(Method::POST, "/invoke", &invoke).await;
    assert_eq!(answer.json(), json!({ "hello": "you" }));
}

#[tokio::test]
async fn stopping_ends_the_processes() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "chat", "push": "running" }))
        .await;
    client.hear().await;
    let folder = world.folder.display().to_string();
    assert!(!running(&folder).is_empty());
    world.stop().await;
    // A busy process is killed, which may take the system a moment.
    crate::world::until(async || running(&folder).is_empty().then_some(())).await;
}

/// Processes with this folder in their environment.
fn running(folder: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap();
    all.filter_map(|entry| {
        let path = entry.ok()?.path();
        let environment = std::fs::read(path.join("environ")).ok()?;
        let is_ours = String::from_utf8_lossy(&environment).contains(folder);
        is_ours.then(|| path.display().to_string())
    })
    .collect()
}
