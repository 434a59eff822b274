//! Files on the disk: their permissions, restarts, the sweep, and a full disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use sightline_host::ports::{Commit, Committed, PictureStore, Sessions, StoredObject, Uploads};
use sightline_session::{Fact, Invitation, Rules, apply, begin};
use sightline_wire::{
    AgentId, DisplayName, Language, PhoneNumber, PictureSource, PublicFact, Reference, Seat,
};

use super::*;
use crate::background::sweep_once;
use crate::data::LOST;
use crate::objects::sweep::{INCOMING_MS, KEPT_MS, ORPHAN_MS};

/// The picture of [`begun`] sessions.
const PICTURE: u32 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_owner_may_look_inside() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    assert_eq!(fresh.put(&signed, b"hello").await, 200);
    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    let objects = fresh.scratch.path().join(OBJECTS);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = [quick(1).path(), base(1).path()].map(|key| objects.join(key));
    for file in &files {
        assert_eq!(mode(file), 0o600);
        for folder in file.ancestors().skip(1).take(3) {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }
    assert_eq!(
        fresh.lying("").len(),
        files.len() + 2,
        "and no drafts and case files"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_restart_and_drafts_are_not() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    assert_eq!(fresh.put(&signed, b"hello").await, 200);
    for bytes in [b"first", b"there"] {
        fresh
            .desk()
            .objects
            .keep(&base(1), bytes.to_vec())
            .await
            .unwrap();
    }
    // The remains of a kill in the middle of an upload.
    let draft = fresh.scratch.path().join(OBJECTS).join("drafts/0");
    std::fs::write(&draft, b"hal").unwrap();

    let again = Objects::open(fresh.scratch.path(), &KEY).unwrap();
    assert!(!draft.exists());
    let found = again.read(&quick(1), 5).await.unwrap();
    assert_eq!(found, Found::Bytes(b"hello".to_vec()));
    let (mut file, length) = again.open_picture(&base(1)).await.unwrap().unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!((bytes.as_slice(), length), (&b"there"[..], 5));
    assert!(again.signer.put(&signed.url).is_some(), "slots live on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_lies_about_when_all_was_taken_away() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    assert_eq!(fresh.put(&signed, b"hello").await, 200);
    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    fresh.desk().objects.discard(&quick(1)).await.unwrap();
    fresh.desk().objects.delete(&base(1)).await.unwrap();
    for folder in ["incoming", "pictures", "drafts"] {
        assert_eq!(fresh.lying(folder), Vec::<PathBuf>::new(), "{folder}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creating_and_removing_folders_loses_no_picture() {
    let fresh = Fresh::new().await;
    let host = &fresh.host;
    let others = (1..=4).map(|other| {
        let host = host.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                host.ports()
                    .objects
                    .keep(&base(other), vec![1; 9])
                    .await
                    .unwrap();
                let there = host
                    .ports()
                    .objects
                    .open_picture(&base(other))
                    .await
                    .unwrap();
                assert!(there.is_some());
                host.ports().objects.delete(&base(other)).await.unwrap();
            }
        })
    });
    for other in others.collect::<Vec<_>>() {
        other.await.unwrap();
    }
    assert_eq!(fresh.lying("pictures"), Vec::<PathBuf>::new());
}

/// A slot is valid for two minutes, even if its upload was discarded meanwhile. Using it again
/// stores an abandoned upload, which a later sweep removes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_repeated_after_it_was_discarded_lies_there_until_the_sweep() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    assert_eq!(fresh.put(&signed, b"hello").await, 200);
    fresh.desk().objects.discard(&quick(1)).await.unwrap();
    assert_eq!(fresh.put(&signed, b"again").await, 200);
    assert_eq!(fresh.door().get(&signed.url).await.status, 403);

    // Files have the time of the disk's clock, which may be slightly behind.
    sweep_once(&fresh.host, now_ms() + INCOMING_MS - 60_000).await;
    assert_eq!(fresh.read(&quick(1)).await, Found::Bytes(b"again".to_vec()));
    sweep_once(&fresh.host, now_ms() + INCOMING_MS + 60_000).await;
    assert_eq!(fresh.read(&quick(1)).await, Found::Nothing);
    assert_eq!(fresh.lying("incoming"), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_go_with_their_session_and_orphans_after_an_hour() {
    let fresh = Fresh::new().await;
    let [known, past, nobody] = [1, 2, 3].map(|byte| SessionId::from_bytes([byte; 16]));
    let later_ms = now_ms() + 2 * ORPHAN_MS;
    begun(&fresh, known, later_ms / 1_000 + 60).await;
    begun(&fresh, past, now_ms() / 1_000 + 5).await;
    let picture = |session| PictureKey {
        session,
        ..base(PICTURE)
    };
    for session in [known, past, nobody] {
        let kept = fresh.desk().objects.keep(&picture(session), vec![1]).await;
        assert_eq!(kept, Ok(()));
    }
    // A file of another program stays.
    let foreign = fresh.scratch.path().join(OBJECTS).join("pictures/notes");
    std::fs::write(&foreign, b"?").unwrap();
    let there = async || {
        let mut there = Vec::new();
        for session in [known, past, nobody] {
            let found = fresh.desk().objects.open_picture(&picture(session)).await;
            there.push(found.unwrap().is_some());
        }
        there
    };

    sweep_once(&fresh.host, now_ms()).await;
    assert_eq!(there().await, [true, true, true]);
    sweep_once(&fresh.host, now_ms() + 6_000).await;
    assert_eq!(there().await, [true, false, true], "its date has come");
    sweep_once(&fresh.host, now_ms() + ORPHAN_MS - 60_000).await;
    assert_eq!(there().await, [true, false, true], "perhaps just written");
    sweep_once(&fresh.host, now_ms() + ORPHAN_MS + 60_000).await;
    assert_eq!(there().await, [true, false, false]);
    assert!(foreign.exists());

    // An orphan is kept as long as a session would be.
    let lost = lost(&fresh, nobody, PICTURE);
    assert_eq!(std::fs::read(&lost).unwrap(), [1]);
    let kept_ms = u64::from(fresh.host.config().kept_days()) * 24 * 60 * 60 * 1_000;
    sweep_once(&fresh.host, now_ms() + kept_ms).await;
    assert!(lost.exists());
    sweep_once(&fresh.host, now_ms() + kept_ms + ORPHAN_MS + 120_000).await;
    assert!(!lost.exists());
    assert_eq!(fresh.lying("../lost"), Vec::<PathBuf>::new());
}

/// Where a lost picture lies.
fn lost(fresh: &Fresh, session: SessionId, picture: u32) -> PathBuf {
    let folder = fresh.scratch.path().join(LOST).join(session.to_string());
    folder.join(format!("{picture}-base-{DIGEST}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_unknown_to_a_living_session_go() {
    let fresh = Fresh::new().await;
    begun(&fresh, SESSION, now_ms() / 1_000 + 24 * 60 * 60).await;
    let with_strokes = |through| PictureKey {
        session: SESSION,
        object: StoredObject::Sent {
            picture: PICTURE,
            through,
            digest: DIGEST,
        },
    };
    // A second base, one of a picture that the session has not had yet, and a picture with strokes
    // that was never sent.
    let beaten = PictureKey {
        session: SESSION,
        object: StoredObject::Base {
            picture: PICTURE,
            digest: Digest::from_bytes([8; 32]),
        },
    };
    let unknown = [beaten, base(PICTURE + 9), with_strokes(PICTURE)];
    let stands = [base(PICTURE), with_strokes(PICTURE + 5)];
    for key in unknown.iter().chain(&stands) {
        fresh.desk().objects.keep(key, vec![1]).await.unwrap();
    }
    let there = async |keys: &[PictureKey]| {
        let mut there = 0;
        for key in keys {
            let found = fresh.desk().objects.open_picture(key).await;
            there += usize::from(found.unwrap().is_some());
        }
        there
    };
    sweep_once(&fresh.host, now_ms() + KEPT_MS - 60_000).await;
    assert_eq!(there(&unknown).await, 3, "perhaps about to be committed");
    sweep_once(&fresh.host, now_ms() + KEPT_MS + 60_000).await;
    assert_eq!(there(&unknown).await, 0);
    assert_eq!(there(&stands).await, 2);
    // Only a picture that the session cannot have deleted is kept.
    assert!(lost(&fresh, SESSION, PICTURE + 9).exists());
    let folder = fresh.scratch.path().join(LOST).join(SESSION.to_string());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

/// A full disk, simulated by a limit on the size of files in a second process of this test binary.
#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    const FULL: &str = "SIGHTLINE_TEST_FULL_DISK";
    if std::env::var_os(FULL).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        return runtime.unwrap().block_on(on_a_full_disk());
    }
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "objects::tests::folder::a_full_disk_is_told_and_leaves_nothing_half_written",
        ])
        .env(FULL, "1")
        .status();
    assert!(status.unwrap().success());
}

/// The part that runs with a limit of 4 MiB per file.
async fn on_a_full_disk() {
    const LENGTH: usize = 6 * 1024 * 1024;
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), LENGTH).await;
    assert_eq!(fresh.put(&signed, &vec![7; LENGTH]).await, 507);
    assert_eq!(fresh.read(&quick(1)).await, Found::Nothing);

    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    let error = fresh.desk().objects.keep(&base(1), vec![7; LENGTH]).await;
    let error = error.unwrap_err();
    assert_eq!((error.operation, error.retryable), ("keep a picture", true));
    let (_, length) = fresh
        .desk()
        .objects
        .open_picture(&base(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(length, 5, "what was there is there");

    assert_eq!(fresh.lying("drafts"), Vec::<PathBuf>::new());
    let small = fresh.sign(&quick(1), 5).await;
    assert_eq!(fresh.put(&small, b"hello").await, 200, "room for little");
}

/// Prints the time that a picture of 1 MB takes on this disk: `cargo test -p sightline-local --lib
/// picture_latency -- --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "measures")]
async fn picture_latency() {
    let fresh = Fresh::new().await;
    let bytes = vec![7; 1_000_000];
    let mut took: [Vec<Duration>; 3] = Default::default();
    for picture in 1..=30 {
        let signed = fresh.sign(&quick(picture), bytes.len()).await;
        let began = Instant::now();
        assert_eq!(fresh.put(&signed, &bytes).await, 200);
        took[0].push(began.elapsed());

        let began = Instant::now();
        assert_eq!(
            fresh.read(&quick(picture)).await,
            Found::Bytes(bytes.clone())
        );
        let kept = fresh
            .desk()
            .objects
            .keep(&base(picture), bytes.clone())
            .await;
        assert_eq!(kept, Ok(()));
        fresh.desk().objects.discard(&quick(picture)).await.unwrap();
        took[1].push(began.elapsed());

        let link = fresh.link(picture, now_ms() + 60_000).await;
        let began = Instant::now();
        assert_eq!(fresh.door().get(&link).await.body, bytes);
        took[2].push(began.elapsed());
    }
    for (what, mut took) in ["put", "keep", "get"].into_iter().zip(took) {
        took.sort();
        println!("{what}: p50 {:?}, p95 {:?}", took[15], took[28]);
    }
}

/// Stores a session with one picture, which was sent.
async fn begun(fresh: &Fresh, session: SessionId, delete_at_s: u64) {
    let invitation = Invitation {
        agent: AgentId::from_bytes([7; 16]),
        agent_name: DisplayName::new("Grace").unwrap(),
        number: Some(PhoneNumber::new("+4915112345678").unwrap()),
        reference: Reference::new("REF-12345").unwrap(),
        language: Language::new("en").unwrap(),
    };
    let (mut state, issued) = begin(invitation, now_ms(), 0, &Rules::default());
    let mut events = vec![issued];
    let seat = Seat::Agent;
    let (picture, through) = (PICTURE, PICTURE + 5);
    let (width, height) = (1, 1);
    for what in [
        Fact::Public(PublicFact::CaptureAsked {
            seat,
            source: PictureSource::Camera,
        }),
        Fact::Public(PublicFact::PictureKept {
            picture,
            width,
            height,
            low_resolution: false,
            digest: Some(DIGEST),
        }),
        Fact::Public(PublicFact::PictureSent {
            seat,
            picture,
            through,
            width,
            height,
            digest: Some(DIGEST),
            base: Some(DIGEST),
        }),
    ] {
        events.push(apply(&mut state, what, now_ms()));
    }
    let commit = Commit::first(session, state, events, delete_at_s);
    let stored = fresh.desk().store.commit(commit).await;
    assert_eq!(stored, Ok(Committed::Done));
}
