//! Case files that are as they were made, and those that are not.

use sightline_wire::SessionId;

use super::bag::{BagError, BagInfo, BagWriter};
use super::jws::{CaseJwk, CaseSigner, Unsigned};
use super::verify::{CaseVerdict, verify};

mod table;

const SESSION: SessionId = SessionId::from_bytes([7; 16]);

/// The files of a small case.
fn payload() -> Vec<(String, Vec<u8>)> {
    let picture = |number: u8| (super::layout::picture(number.into()), vec![number; 40]);
    let mut files = vec![("data/log.json".to_owned(), b"{\"events\":[]}\n".to_vec())];
    files.extend((1..=3).map(picture));
    files.push(("data/chat.txt".to_owned(), b"hello\n".to_vec()));
    files
}

fn info() -> BagInfo {
    BagInfo {
        business: "Example\r\nBagging-Date: 1999-01-01".to_owned(),
        origin: "https://help.example.com".to_owned(),
        made_ms: 1_795_831_509_000,
        head: 12,
    }
}

fn signer() -> CaseSigner {
    CaseSigner::from_secret("the key of the shared table").unwrap()
}

fn case_of(files: &[(String, Vec<u8>)], signer: &CaseSigner) -> Vec<u8> {
    let (mut bag, mut zip) = (BagWriter::new(SESSION), Vec::new());
    for (name, bytes) in files {
        zip.extend(
            bag.add(super::layout::Digested::of(name, bytes), bytes)
                .unwrap(),
        );
        zip.extend(bytes);
    }
    zip.extend(bag.end(&info(), |payload| signer.sign(payload)).unwrap());
    zip
}

fn verdict(zip: &[u8], pinned: Option<&[CaseJwk]>) -> CaseVerdict {
    let mut bytes = zip;
    verify(&mut bytes, pinned).unwrap()
}

#[test]
fn what_was_made_is_unchanged_and_says_where_and_when() {
    let signer = signer();
    let zip = case_of(&payload(), &signer);
    let CaseVerdict::Unchanged(origin) = verdict(&zip, Some(&[signer.public()])) else {
        panic!("{:?}", verdict(&zip, Some(&[signer.public()])));
    };
    assert_eq!(origin.deployment, "https://help.example.com");
    assert_eq!(origin.made, "2026-11-28T02:05:09Z");
    assert_eq!(
        origin.business, "Example Bagging-Date: 1999-01-01",
        "one line"
    );
    let unknown = verdict(&zip, None);
    let fingerprint = signer.public().thumbprint();
    assert_eq!(
        unknown,
        CaseVerdict::UnknownKey {
            origin,
            fingerprint
        }
    );
}

#[test]
fn without_a_signature_there_is_no_case_file() {
    let ended = BagWriter::new(SESSION).end(&info(), |_| Err(Unsigned));
    assert_eq!(ended, Err(BagError::Unsigned(Unsigned)));
    assert!(Unsigned.to_string().contains("cannot be signed"));
}

#[test]
fn a_change_of_any_byte_is_found() {
    let signer = signer();
    let zip = case_of(&payload(), &signer);
    let pinned = [signer.public()];
    for place in 0..zip.len() {
        for flip in [1, 0x80] {
            let mut changed = zip.clone();
            changed[place] ^= flip;
            let verdict = verdict(&changed, Some(&pinned));
            assert!(
                matches!(verdict, CaseVerdict::Changed(_)),
                "{place}: {verdict:?}"
            );
        }
    }
    for length in 0..zip.len() {
        let verdict = verdict(&zip[..length], Some(&pinned));
        assert!(matches!(verdict, CaseVerdict::Changed(_)), "{length}");
    }
}
