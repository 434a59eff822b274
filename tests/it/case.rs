//! The case file of a call: downloaded from the real desk, checked by `sightline verify` and by
//! programs that are not ours, and found out when it was changed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use hyper::Method;

use crate::http::{Answer, ask};
use crate::pictures::{both_have, shoot};
use crate::world::{Agent, World, sightline};

const PICTURES: usize = 20;

/// Python with the programs that are not ours (infra/setup.sh installs it).
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.venv/case/bin/python");
const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/case/check.py");

async fn get(world: &World, path: &str, agent: &Agent) -> Answer {
    let headers = [("cookie", agent.cookie.as_str())];
    ask(world.base(), Method::GET, path, &headers, "")
        .await
        .unwrap()
}

fn verify(file: &Path, more: &[&str]) -> (i32, String) {
    let output = sightline().arg("verify").arg(file).args(more).output();
    said(&output.unwrap())
}

fn said(output: &Output) -> (i32, String) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

/// The most memory that a process had, megabytes.
fn peak_mb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() / 1_024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_file_of_20_pictures_proves_itself_to_any_program() {
    let world = World::start();
    let mut call = world.call().await;
    call.customer_page.say("the boiler drips").await.unwrap();
    for _ in 0..PICTURES {
        let picture = shoot(&world, &mut call).await;
        // While a board is open, a press of the shutter takes no other picture.
        let closed = call.agent_page.close_board(picture).await.unwrap();
        both_have(&mut call, closed.head).await;
    }
    let path = format!("/api/sessions/{}/case", call.session);
    let early = get(&world, &path, &call.agent).await;
    assert_eq!(early.status, 409, "the call runs");
    call.agent_page.end().await.unwrap();
    assert_eq!(world.get(&path).await.status, 401);

    let (before_mb, began) = (peak_mb(world.pid()), Instant::now());
    let answer = get(&world, &path, &call.agent).await;
    let lasted = began.elapsed();
    assert_eq!(answer.status, 303);
    let link = answer.header("location").to_owned();
    let got = world.get(world.path_of(&link)).await;
    assert_eq!(
        (got.status, got.header("content-type")),
        (200, "application/zip")
    );
    let named = format!("attachment; filename=\"case-{}.zip\"", call.session);
    assert_eq!(got.header("content-disposition"), named);
    println!(
        "case file of {PICTURES} pictures: {} KB in {lasted:?}, most memory {before_mb} MB before and {} MB after",
        got.body.len() / 1_024,
        peak_mb(world.pid())
    );
    assert!(lasted < Duration::from_secs(10), "{lasted:?}");

    let file = world.folder().join("case.zip");
    fs::write(&file, &got.body).unwrap();
    let keys = world.folder().join("jwks.json");
    fs::write(&keys, world.get("/.well-known/jwks.json").await.body).unwrap();
    let key = keys.display().to_string();
    for known in [["--key", key.as_str()], ["--from", world.base()]] {
        let (code, words) = verify(&file, &known);
        assert_eq!(code, 0, "{words}");
        assert!(
            words.starts_with(&format!("unchanged, signed by {}", world.base())),
            "{words}"
        );
    }
    let (code, words) = verify(&file, &[]);
    assert_eq!(code, 2, "{words}");
    assert!(
        words.starts_with("unchanged, signed by a key that is not known here"),
        "{words}"
    );
    assert_eq!(others(&file, &keys), 0);

    let mut changed = got.body.to_vec();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&file, &changed).unwrap();
    let (code, words) = verify(&file, &["--key", &key]);
    assert_eq!(code, 1, "{words}");
    assert!(words.contains("was changed"), "{words}");
    assert_eq!(others(&file, &keys), 1);
}

/// Checks a file by programs that are not ours. Returns their exit status.
fn others(file: &Path, keys: &Path) -> i32 {
    let output = Command::new(PYTHON).arg(CHECK).args([file, keys]).output();
    let output = output.expect("infra/setup.sh installs .venv/case");
    let (code, words) = said(&output);
    println!("{words}");
    code
}
