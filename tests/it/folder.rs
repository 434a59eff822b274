//! The data folder goes elsewhere while two people are in a call: nothing is acknowledged that is
//! lost, the answers say so, and all goes on when it is back.

use std::fs;
use std::time::Duration;

use sightline_wire::{Health, Object};

use crate::http::Answer;
use crate::pictures::{PICTURE, shoot};
use crate::world::{World, start_call};

/// The newest answer to a health check. Answers are up to a second old.
pub async fn health(world: &World) -> (u16, Health) {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer: Answer = world.get("/healthz").await;
    (answer.status, answer.json())
}

/// The names of parts that are not well.
pub fn ill(health: &Health) -> Vec<&str> {
    let ill = health.parts.iter().filter(|part| !part.ok);
    ill.map(|part| part.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_folder_is_elsewhere_nothing_is_acknowledged_and_all_heals() {
    let world = World::start();
    let mut call = world.call().await;
    call.customer_page.say("before").await.unwrap();
    let picture = shoot(&world, &mut call).await;
    assert_eq!(health(&world).await.0, 200);

    let (folder, aside) = (world.folder(), world.folder().with_extension("aside"));
    let elsewhere: [(&str, &dyn Fn()); 3] = [
        ("renamed", &|| fs::rename(folder, &aside).unwrap()),
        ("replaced", &|| {
            fs::rename(folder, &aside).unwrap();
            copy_flat(&aside, folder);
        }),
        ("a file", &|| {
            fs::rename(folder, &aside).unwrap();
            fs::write(folder, "").unwrap();
        }),
    ];
    for (how, go) in elsewhere {
        go();
        let (status, told) = health(&world).await;
        assert_eq!(status, 503, "{how}");
        let ill = ill(&told);
        assert!(
            ill.contains(&"store") && ill.contains(&"pictures"),
            "{how}: {told:?}"
        );
        assert!(!ill.contains(&"relay"), "sound and picture go on");
        let invite = start_call("+4915112345678");
        let refused = world
            .post("/api/sessions", &call.agent.cookie, &invite)
            .await;
        assert_eq!(refused.status, 503, "{how}");

        // The page repeats its line until it is acknowledged.
        let heal = async {
            tokio::time::sleep(Duration::from_millis(600)).await;
            let _ = fs::remove_file(folder);
            let _ = fs::remove_dir_all(folder);
            fs::rename(&aside, folder).unwrap();
        };
        let (said, ()) = tokio::join!(call.customer_page.say(how), heal);
        call.agent_page.catch_up(said.unwrap().head).await;
        let (status, told) = health(&world).await;
        assert_eq!(status, 200, "{how}: {told:?}");
    }
    assert_eq!(
        call.agent_page.lines(),
        ["before", "renamed", "replaced", "a file"],
        "each once"
    );
    assert_eq!((call.agent_page.dials, call.customer_page.dials), (1, 1));
    let link = call
        .agent_page
        .link(Object::Base { picture })
        .await
        .unwrap();
    assert_eq!(world.get(world.path_of(&link)).await.body, PICTURE);
    world.invite(&call.agent, "+4915112345678").await;
    let told = world.said();
    let lines = told.iter().filter(|line| line.contains("while in use"));
    assert!(
        lines.count() <= 2,
        "a cause is logged once a minute: {told:#?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_folder_is_told_and_a_missing_part_of_it_is_made_again() {
    let world = World::start();
    let mut call = world.call().await;
    for gone in [
        "objects",
        "objects/drafts",
        "objects/incoming",
        "objects/pictures",
    ] {
        fs::remove_dir_all(world.folder().join(gone)).unwrap();
        shoot(&world, &mut call).await;
        assert_eq!(health(&world).await.0, 200, "{gone}");
        let page = &mut call.agent_page;
        let picture = page.log.iter().rev().find_map(|event| match event.kind {
            sightline_wire::EventKind::Public(sightline_wire::PublicFact::PictureKept {
                picture,
                ..
            }) => Some(picture),
            _ => None,
        });
        page.close_board(picture.unwrap()).await.unwrap();
    }
    fs::remove_dir_all(world.folder()).unwrap();
    let (status, told) = health(&world).await;
    assert_eq!(status, 503);
    let words = &told.parts[0].words;
    assert!(words.contains("moved or removed while in use"), "{words}");
    fs::create_dir(world.folder()).unwrap();
    assert_eq!(health(&world).await.0, 503, "another folder of that name");
    assert_eq!(
        fs::read_dir(world.folder()).unwrap().count(),
        0,
        "nothing is written there"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_put_back_from_a_copy_deletes_no_picture() {
    let mut world = World::start();
    let mut call = world.call().await;
    world.terminate();
    let database = world.folder().join("sightline.redb");
    let (copy, newest) = (fs::read(&database).unwrap(), "newest.redb");
    world.restart();
    shoot(&world, &mut call).await;
    world.terminate();
    fs::rename(&database, world.folder().join(newest)).unwrap();
    fs::write(&database, copy).unwrap();
    let before = world.objects();
    let refused = world.command().output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("is older than the folder"), "{said}");
    assert_eq!(world.objects(), before);

    // The right one is put back.
    fs::rename(world.folder().join(newest), &database).unwrap();
    world.restart();
    assert_eq!(world.objects(), before);
    call.customer_page.say("nothing was lost").await.unwrap();
}

/// Copies the files of a folder, and none of its folders.
fn copy_flat(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}
