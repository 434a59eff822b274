//! Each kind of damage to a data folder: it is refused in words, and nothing changes.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use clap::Parser;
use sightline_host::{Host, HostConfig, Keys};

use super::*;
use crate::cli::{Cli, CliCommand};
use crate::data::DATABASE;
use crate::desk::Desk;
use crate::objects::Objects;
use crate::scratch::Scratch;

fn options(folder: &Path, more: &[&str]) -> Serve {
    let data = folder.to_str().unwrap();
    let all = ["sightline", "serve", "--data", data];
    let CliCommand::Serve(serve) = Cli::parse_from(all.iter().chain(more)).command else {
        panic!("the command is serve");
    };
    *serve
}

async fn begin_in(folder: &Path) -> Result<Begun, String> {
    let begun = begin(&options(folder, &[])).await;
    begun.map_err(|error| {
        let cause = std::error::Error::source(&error);
        cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
    })
}

/// A folder in which a desk ran, with a session, and a picture of it.
async fn used() -> Scratch {
    let scratch = Scratch::new();
    let begun = begin_in(scratch.path()).await.unwrap();
    let objects = Objects::open(scratch.path(), &begun.key).unwrap();
    let mut config = HostConfig::new("Sightline", "http://127.0.0.1:1");
    config.desk_agent = Some(sightline_wire::DisplayName::new("Grace").unwrap());
    let desk = Desk::new(begun.store, objects, begun.clock);
    let host = Host::new(desk, config, Keys::from_bytes(&begun.key));
    host.test_call().await.unwrap();
    picture_in(scratch.path());
    scratch
}

fn picture_in(folder: &Path) {
    let session = folder.join("objects/pictures/CQkJCQkJCQkJCQkJCQkJCQ");
    fs::create_dir_all(&session).unwrap();
    fs::write(session.join("3"), "a picture").unwrap();
}

/// All files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    files
}

/// A damaged folder is refused with these words, twice, and stays as it is.
async fn refuses(folder: &Path, words: &[&str]) {
    let before = files(folder);
    for _ in 0..2 {
        let said = begin_in(folder).await.map(|_| ()).unwrap_err();
        for word in words {
            assert!(said.contains(word), "{word} is missing: {said}");
        }
        assert!(files(folder) == before, "something changed: {said}");
    }
}

#[tokio::test]
async fn a_folder_in_which_a_desk_ran_is_used_again() {
    let scratch = used().await;
    let key = fs::read(scratch.path().join("key")).unwrap();
    for _ in 0..3 {
        let begun = begin_in(scratch.path()).await.unwrap();
        assert_eq!(begun.key, key[..]);
        assert!(begun.store.look().await.unwrap().has_sessions);
    }
}

#[tokio::test]
async fn a_database_that_is_missing_or_empty_beside_the_rest_is_refused() {
    let scratch = used().await;
    let database = scratch.path().join(DATABASE);
    fs::remove_file(&database).unwrap();
    let parts = ["key, seal.json, pictures of 1 sessions", "--new"];
    refuses(
        scratch.path(),
        &["sightline.redb is missing", parts[0], parts[1]],
    )
    .await;
    fs::write(&database, "").unwrap();
    refuses(
        scratch.path(),
        &["sightline.redb is empty", parts[0], parts[1]],
    )
    .await;
    // Each part alone speaks against a new beginning, too.
    for part in ["key", "seal.json", "serve.json"] {
        let other = Scratch::new();
        fs::write(other.path().join(part), [1; 32]).unwrap();
        refuses(other.path(), &["is missing", part]).await;
    }
    let other = Scratch::new();
    picture_in(other.path());
    refuses(other.path(), &["is missing", "pictures of 1 sessions"]).await;
    let other = Scratch::new();
    fs::write(other.path().join(DATABASE), "").unwrap();
    begin_in(other.path()).await.unwrap();
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let scratch = used().await;
    let database = scratch.path().join(DATABASE);
    let whole = fs::read(&database).unwrap();
    for length in [1, 100, 4_096, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&database, &whole[..length]).unwrap();
        refuses(scratch.path(), &["sightline.redb is damaged"]).await;
    }
    fs::write(&database, &whole).unwrap();
    begin_in(scratch.path()).await.unwrap();
}

#[tokio::test]
async fn an_older_copy_of_the_database_is_refused_until_somebody_says_so() {
    let scratch = used().await;
    let database = scratch.path().join(DATABASE);
    let copy = scratch.path().with_extension("copy");
    fs::copy(&database, &copy).unwrap();
    drop(begin_in(scratch.path()).await.unwrap());
    fs::rename(&copy, &database).unwrap();
    let words = [
        "is older than the folder",
        "move ",
        "seal.json away",
        "--new",
    ];
    refuses(scratch.path(), &words).await;
    fs::remove_file(scratch.path().join("seal.json")).unwrap();
    begin_in(scratch.path()).await.unwrap();
    begin_in(scratch.path()).await.unwrap();
}

#[tokio::test]
async fn a_database_of_another_folder_is_refused() {
    let (scratch, other) = (used().await, used().await);
    fs::copy(other.path().join(DATABASE), scratch.path().join(DATABASE)).unwrap();
    refuses(scratch.path(), &["belongs to another data folder"]).await;
}

#[tokio::test]
async fn pictures_beside_a_database_without_sessions_or_mark_are_refused() {
    let scratch = Scratch::new();
    drop(begin_in(scratch.path()).await.unwrap());
    picture_in(scratch.path());
    begin_in(scratch.path()).await.unwrap();
    fs::remove_file(scratch.path().join("seal.json")).unwrap();
    refuses(scratch.path(), &["has no session", "pictures of 1"]).await;
}

#[tokio::test]
async fn a_missing_key_is_made_only_without_sessions() {
    let scratch = Scratch::new();
    drop(begin_in(scratch.path()).await.unwrap());
    fs::remove_file(scratch.path().join("key")).unwrap();
    begin_in(scratch.path()).await.unwrap();
    let scratch = used().await;
    fs::remove_file(scratch.path().join("key")).unwrap();
    refuses(scratch.path(), &["key is missing", "--new"]).await;
}

#[tokio::test]
async fn a_key_that_others_may_know_is_refused_and_the_rest_is_closed() {
    let scratch = used().await;
    let mode = |name: &str| fs::metadata(scratch.path().join(name)).unwrap().mode() & 0o777;
    let set = |name: &str, mode| {
        fs::set_permissions(scratch.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    for open in [0o620, 0o602, 0o666] {
        set("key", open);
        refuses(scratch.path(), &["key can be written by other users"]).await;
        assert_eq!(mode("key"), open);
    }
    let picture = "objects/pictures/CQkJCQkJCQkJCQkJCQkJCQ/3";
    let all = ["", "key", DATABASE, "seal.json", "objects", picture];
    for name in all {
        set(name, if name == "key" { 0o644 } else { 0o777 });
    }
    begin_in(scratch.path()).await.unwrap();
    for (name, closed) in all
        .into_iter()
        .zip([0o700, 0o600, 0o600, 0o600, 0o700, 0o600])
    {
        assert_eq!(mode(name), closed, "{name}");
    }
}

#[tokio::test]
async fn what_belongs_to_another_user_is_refused() {
    let scratch = used().await;
    let nobody = 65_534;
    for name in ["key", ""] {
        let path = scratch.path().join(name);
        if std::os::unix::fs::chown(&path, Some(nobody), None).is_err() {
            println!("not shown here: only root may give files away");
            return;
        }
        refuses(scratch.path(), &["belongs to user 65534"]).await;
        std::os::unix::fs::chown(&path, Some(rustix::process::geteuid().as_raw()), None).unwrap();
    }
}

#[tokio::test]
async fn links_are_named_and_not_followed() {
    for name in ["key", DATABASE] {
        let scratch = used().await;
        let (path, elsewhere) = (scratch.path().join(name), Scratch::new());
        let target = elsewhere.path().join("target");
        fs::rename(&path, &target).unwrap();
        symlink(&target, &path).unwrap();
        refuses(scratch.path(), &[name, "is a symbolic link"]).await;
        fs::remove_file(&target).unwrap();
        refuses(scratch.path(), &[name]).await;
        assert!(!target.exists(), "nothing is made behind a link");
    }
    // Drafts replace what lies in their way.
    let (scratch, elsewhere) = (used().await, Scratch::new());
    let target = elsewhere.path().join("target");
    fs::write(&target, "untouched").unwrap();
    symlink(&target, scratch.path().join("seal.json.new")).unwrap();
    begin_in(scratch.path()).await.unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"untouched");
    // The folder itself may be one.
    let link = elsewhere.path().join("link");
    symlink(scratch.path(), &link).unwrap();
    begin_in(&link).await.unwrap();
}

#[tokio::test]
async fn a_newer_version_s_folder_is_refused() {
    let scratch = used().await;
    fs::write(scratch.path().join("seal.json"), "{\"format\":2}").unwrap();
    refuses(scratch.path(), &["newer sightline", "seal.json"]).await;
}

#[tokio::test]
async fn the_culprit_is_named() {
    let scratch = Scratch::new();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let said = begin_in(&file).await.map(|_| ()).unwrap_err();
    assert!(said.contains("file is a file: choose another"), "{said}");
    let said = begin_in(&file.join("data")).await.map(|_| ()).unwrap_err();
    assert!(said.contains("file/data"), "{said}");
    for (folder, culprit) in [
        ("objects/drafts/stuck", "objects/drafts/stuck"),
        ("key/stuck", "key"),
        ("sightline.redb/stuck", "sightline.redb"),
    ] {
        let scratch = Scratch::new();
        fs::create_dir_all(scratch.path().join(folder)).unwrap();
        let said = match begin_in(scratch.path()).await {
            Err(said) => said,
            Ok(begun) => match Objects::open(scratch.path(), &begun.key) {
                Err(error) => error.to_string(),
                Ok(_) => panic!("{folder} is no obstacle"),
            },
        };
        assert!(said.contains(culprit), "{said}");
    }
}

#[tokio::test]
async fn a_pipe_in_place_of_a_file_is_no_reason_to_wait() {
    for name in ["key", DATABASE, "seal.json"] {
        let scratch = used().await;
        let path = scratch.path().join(name);
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let said = begin_in(scratch.path()).await.map(|_| ()).unwrap_err();
        assert!(said.contains(&format!("{name} is not a file")), "{said}");
    }
}

#[tokio::test]
async fn half_written_files_are_removed() {
    let scratch = used().await;
    for name in [
        "key.1234",
        "serve.json.new",
        "seal.json.new",
        "objects/drafts/7",
    ] {
        fs::create_dir_all(scratch.path().join("objects/drafts")).unwrap();
        fs::write(scratch.path().join(name), "hal").unwrap();
    }
    let begun = begin_in(scratch.path()).await.unwrap();
    Objects::open(scratch.path(), &begun.key).unwrap();
    let left = files(scratch.path());
    let names = left.keys().map(|path| path.to_str().unwrap());
    let half: Vec<_> = names
        .filter(|name| name.contains("new") || name.contains("drafts") || name.contains("key."))
        .collect();
    assert!(half.is_empty(), "{half:?}");
}

#[tokio::test]
async fn new_begins_afresh_and_deletes_nothing() {
    let scratch = used().await;
    fs::create_dir(scratch.path().join("lan")).unwrap();
    fs::write(scratch.path().join("lan/ca.crt"), "trusted").unwrap();
    fs::write(scratch.path().join(DATABASE), "damaged").unwrap();
    let before = files(scratch.path());
    for round in 1..=2 {
        let begun = begin(&options(scratch.path(), &["--new"])).await.unwrap();
        assert!(!begun.store.look().await.unwrap().has_sessions);
        let after = files(scratch.path());
        let aside = |path: &PathBuf| after.iter().any(|(at, _)| at.ends_with(path));
        assert!(before.keys().all(aside), "round {round}");
        assert_eq!(after[Path::new("lan/ca.crt")], b"trusted");
        let folders = fs::read_dir(scratch.path()).unwrap();
        let old = folders.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("old-")
        });
        assert_eq!(old.count(), round);
        begin(&options(scratch.path(), &["--new"]))
            .await
            .map(|_| ())
            .unwrap_err();
    }
    let empty = Scratch::new();
    begin(&options(empty.path(), &["--new"])).await.unwrap();
    assert!(
        files(empty.path())
            .keys()
            .all(|path| !path.starts_with("old"))
    );
}
