//! Keys of the API, made on the command line.

use std::path::Path;
use std::process::Stdio;

use hyper::Method;
use sightline_wire::{ApiKeyList, ApiKeySecret, KeyScope};

use crate::http::{Answer, ask};
use crate::world::{World, sightline};

/// Runs `sightline api-key`. Returns the last word of its output, or what went wrong.
fn print_key(data: &Path, more: &[&str]) -> Result<String, String> {
    let output = sightline()
        .args(["api-key", "--data", data.to_str().unwrap()])
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let last = said.split_whitespace().next_back().map(str::to_owned);
    match output.status.success() {
        true => Ok(last.unwrap()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

async fn list(world: &World) -> ApiKeyList {
    let agent = world.sign_in().await;
    let headers = [("cookie", agent.cookie.as_str())];
    let answer: Answer = ask(world.base(), Method::GET, "/api/keys", &headers, "")
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_printed_once_whether_or_not_the_desk_runs() {
    let mut world = World::start();
    let beside = print_key(world.folder(), &["Beside"]).unwrap();
    world.terminate();
    let alone = ["--scopes", "case,erase", "--days", "7", "Alone"];
    let alone = print_key(world.folder(), &alone).unwrap();
    world.restart();

    for key in [&beside, &alone] {
        assert!(key.parse::<ApiKeySecret>().is_ok(), "{key}");
    }
    assert_ne!(beside, alone);
    let keys = list(&world).await.keys;
    let shown: Vec<_> = keys
        .iter()
        .map(|key| (key.name.as_str(), key.scopes.iter().copied().collect()))
        .collect();
    let expected = [
        ("Beside", vec![KeyScope::Invite, KeyScope::Read]),
        ("Alone", vec![KeyScope::Case, KeyScope::Erase]),
    ];
    assert_eq!(shown, expected, "in order, the running desk has both");
    assert!(keys.iter().all(|key| key.maker.is_none()));
    let lasts = |at: usize| keys[at].expires_at_ms.map(|end| end - keys[at].made_at_ms);
    assert_eq!((lasts(0), lasts(1)), (None, Some(7 * 86_400_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_cannot_be_is_refused_in_words() {
    let world = World::start();
    for wrong in [
        ["--scopes", "read,admin", "Name"].as_slice(),
        &["--scopes", "", "Name"],
        &["--days", "0", "Name"],
        &[" "],
        &[],
    ] {
        let said = print_key(world.folder(), wrong).unwrap_err();
        assert!(said.starts_with("error: "), "{wrong:?}: {said}");
    }
    assert!(list(&world).await.keys.is_empty());

    let stranger = world.post("/operator/api-key", "", &()).await;
    assert_eq!(stranger.status, 401);
}
