//! Backups of a desk that works on, and the way back.

use std::path::Path;
use std::process::{Output, Stdio};

use crate::erasure::{ended_call, found, needles};
use crate::pictures::shoot;
use crate::world::{World, sightline};

fn run(args: &[&str]) -> (bool, String) {
    let output = sightline().args(args).stdin(Stdio::null()).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.unwrap();
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8(said).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_brings_calls_back_and_what_was_erased_later_stays_erased() {
    let mut world = World::start();
    let (call, _) = ended_call(&world, world.sign_in().await).await;
    let needles = needles(&world, &call).await;
    let mut neighbour = world.call_of(call.agent).await;
    neighbour.customer_page.say("still here").await.unwrap();
    shoot(&world, &mut neighbour).await;
    let pictures = world.objects();

    let place = World::start();
    let (backup, restored) = (
        place.folder().join("backup"),
        place.folder().join("restored"),
    );
    let make = ["backup", "--data", text(world.folder()), text(&backup)];
    let (made, said) = run(&make);
    assert!(made && said.contains("calls: 2, pictures: "), "{said}");
    assert!(found(&backup, &needles).contains(&"a word of the chat"));
    let (again, said) = run(&make);
    assert!(!again && said.contains("is not empty"), "{said}");

    let answer = world.erase(&neighbour.agent, call.session).await;
    assert_eq!(answer.status, 200);
    neighbour
        .customer_page
        .say("not in the backup")
        .await
        .unwrap();
    world.kill();

    let back = ["restore", "--data", text(&restored), text(&backup)];
    let (done, said) = run(&back);
    assert!(
        done && said.ends_with("erased after the backup: 1\n"),
        "{said}"
    );
    assert_eq!(
        found(&restored, &needles),
        [""; 0],
        "bytes of an erased call"
    );
    let (again, said) = run(&back);
    assert!(!again && said.contains("is not empty"), "{said}");

    let desk = World::start_on(&restored);
    let agent = desk.sign_in().await;
    let listed = desk.listed(&agent).await;
    let listed = listed.to_string();
    assert!(listed.contains(&neighbour.session.to_string()), "{listed}");
    assert!(!listed.contains(&call.session.to_string()), "{listed}");
    let kept: Vec<_> = pictures
        .iter()
        .filter(|name| name.contains(&neighbour.session.to_string()))
        .collect();
    assert!(!kept.is_empty());
    for name in kept {
        assert!(desk.objects().contains(name), "{name}");
    }
    assert_eq!(desk.erase(&agent, call.session).await.status, 200, "known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_whole_and_apart_from_the_folder_and_need_no_running_desk() {
    let mut world = World::start();
    let (call, _) = ended_call(&world, world.sign_in().await).await;
    let data = text(world.folder()).to_owned();
    let inside = world.folder().join("inside");
    let (made, said) = run(&["backup", "--data", &data, text(&inside)]);
    assert!(!made && said.contains("inside the data folder"), "{said}");
    world.kill();

    let place = World::start();
    let at = |name: &str| text(&place.folder().join(name)).to_owned();
    let (made, said) = run(&["backup", "--data", &data, &at("backup")]);
    assert!(made && said.contains("calls: 1"), "{said}");
    world.restart();
    let agent = world.sign_in().await;
    // The backup is elsewhere when the call is erased.
    std::fs::rename(at("backup"), at("moved")).unwrap();
    assert_eq!(world.erase(&agent, call.session).await.status, 200);
    world.terminate();
    let lines = world.said();
    let told = lines.iter().find(|line| line.contains("was not told"));
    assert!(
        told.is_some_and(|line| line.contains("--erased")),
        "{lines:?}"
    );
    let (done, said) = run(&["restore", "--data", &at("without"), &at("moved")]);
    assert!(done && said.ends_with(": 0\n"), "{said}");
    let (done, said) = run(&[
        "restore",
        "--data",
        &at("with"),
        &at("moved"),
        "--erased",
        &data,
    ]);
    assert!(done && said.ends_with(": 1\n"), "{said}");

    std::fs::remove_file(place.folder().join("moved/backup.json")).unwrap();
    let (done, said) = run(&["restore", "--data", &at("never"), &at("moved")]);
    assert!(!done && said.contains("not a whole backup"), "{said}");
    assert!(!place.folder().join("never").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_operator_gets_a_backup() {
    let world = World::start();
    let agent = world.sign_in().await;
    let to = world.folder().with_extension("stolen");
    let answer = world.post("/operator/backup", &agent.cookie, &to).await;
    assert_eq!(answer.status, 401);
    assert!(!to.exists());
}
