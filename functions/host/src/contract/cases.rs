//! What a store of case files and of their keys must do.

use sightline_wire::{Digest, ExportFormat, SessionId};

use super::Case;
use super::objects::ObjectsDoor;
use crate::ports::{
    CaseFiles, CaseKeys, CaseWriting as _, Found, KeptFile, PictureKey, PictureStore, StoredObject,
};

/// A piece of a file that is uploaded in parts.
const PIECE_BYTES: usize = 3 * 1024 * 1024;

/// Case files appear whole, are found under their own key, and go with everything of the session.
pub async fn case_files<S>(store: &S, case: &Case, door: impl ObjectsDoor)
where
    S: CaseFiles + PictureStore,
{
    let session = case.session(40);
    let key = KeptFile::Case {
        session,
        revision: 7,
    };
    let other = KeptFile::Case {
        session,
        revision: 8,
    };
    let (now_ms, until_ms) = (case.now_ms, case.now_ms + 300_000);
    assert_eq!(store.has_case(&key).await, Ok(false));
    let early = store
        .sign_case(&key, now_ms, until_ms)
        .await
        .expect("a link");
    assert_eq!(door.get(&early).await.status, 404, "nothing is there yet");

    for pieces in [1, 5] {
        let mut writing = store.begin_case(&key).await.expect("a file begins");
        let mut wanted = Vec::<u8>::new();
        for number in 0..pieces {
            let piece = vec![number; PIECE_BYTES];
            wanted.extend(&piece);
            writing.write(piece).await.expect("a piece is written");
            let there = store.has_case(&key).await;
            assert_eq!(there, Ok(pieces > 1), "the one before, or none");
        }
        writing.finish().await.expect("the file is finished");
        assert_eq!(store.has_case(&key).await, Ok(true));
        let link = store
            .sign_case(&key, now_ms, until_ms)
            .await
            .expect("a link");
        let got = door.get(&link).await;
        assert_eq!(got.status, 200);
        assert!(got.body == wanted, "{} bytes", got.body.len());
    }
    assert_eq!(store.has_case(&other).await, Ok(false), "another revision");

    let dropped = store.begin_case(&other).await;
    drop(dropped.expect("a file begins"));
    assert_eq!(store.has_case(&other).await, Ok(false));
    store.forget_case(&other).await.expect("nothing to forget");

    picture_is_read(store, session).await;
    export_is_kept(store, case, &door).await;
    export_goes_with_any_session(store, case).await;

    store.forget_case(&key).await.expect("it is removed");
    assert_eq!(store.has_case(&key).await, Ok(false));
    let mut again = store.begin_case(&key).await.expect("a file begins");
    again.write(vec![1]).await.expect("a piece is written");
    again.finish().await.expect("the file is finished");
    store.erase_all(session).await.expect("all is erased");
    assert_eq!(store.has_case(&key).await, Ok(false));
}

/// An export is found under its own key, and has the type and name of its format.
async fn export_is_kept<S: CaseFiles>(store: &S, case: &Case, door: &impl ObjectsDoor) {
    let (now_ms, until_ms) = (case.now_ms, case.now_ms + 300_000);
    for format in [ExportFormat::Csv, ExportFormat::Json] {
        let key = KeptFile::Export {
            id: case.page(43),
            format,
        };
        assert_eq!(store.has_case(&key).await, Ok(false));
        let mut writing = store.begin_case(&key).await.expect("a file begins");
        writing.write(vec![7; 9]).await.expect("it is written");
        writing.finish().await.expect("the file is finished");
        let link = store.sign_case(&key, now_ms, until_ms);
        let got = door.get(&link.await.expect("a link")).await;
        assert_eq!((got.status, got.body), (200, vec![7; 9]));
        store.forget_case(&key).await.expect("it is removed");
        assert_eq!(store.has_case(&key).await, Ok(false));
    }
}

/// A session that is erased may be in any export.
async fn export_goes_with_any_session<S: CaseFiles + PictureStore>(store: &S, case: &Case) {
    let key = KeptFile::Export {
        id: case.page(44),
        format: ExportFormat::Csv,
    };
    let writing = store.begin_case(&key).await.expect("a file begins");
    writing.finish().await.expect("the file is finished");
    assert_eq!(store.has_case(&key).await, Ok(true));
    let erased = store.erase_all(case.session(44)).await;
    erased.expect("all is erased");
    assert_eq!(store.has_case(&key).await, Ok(false));
}

/// A picture for a case file is read as it was stored, up to a length.
async fn picture_is_read<S: CaseFiles + PictureStore>(store: &S, session: SessionId) {
    let picture = PictureKey {
        session,
        object: StoredObject::Base {
            picture: 1,
            digest: Digest::from_bytes([7; 32]),
        },
    };
    assert_eq!(store.picture(&picture, 100).await, Ok(Found::Nothing));
    store.keep(&picture, vec![5; 100]).await.expect("a picture");
    assert_eq!(
        store.picture(&picture, 100).await,
        Ok(Found::Bytes(vec![5; 100]))
    );
    assert_eq!(store.picture(&picture, 99).await, Ok(Found::TooLong));
}

/// Keys of case files stay, and a second note changes nothing.
pub async fn case_keys(store: &impl CaseKeys, case: &Case) {
    let named = |which: u8| {
        (
            format!("thumbprint-{}-{which}", case.salt),
            format!("{{\"n\":{which}}}"),
        )
    };
    for which in [1, 2, 1] {
        let (thumbprint, jwk) = named(which);
        let noted = store.note_case_key(&thumbprint, &jwk).await;
        noted.expect("the key is noted");
    }
    let keys = store.case_keys().await.expect("keys are listed");
    for which in [1, 2] {
        let jwk = named(which).1;
        assert!(keys.contains(&jwk), "{keys:?}");
    }
}
