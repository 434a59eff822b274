//! Uploads and pictures: what the host may do, and what the holder of a signed request may do at
//! the store itself.

use std::future::Future;

use sightline_wire::{Digest, Object, UPLOAD_S, UPLOAD_TYPE, Upload, UploadBytes};

use super::{Case, together};
use crate::ports::{
    Earlier, Found, PictureKey, PictureStore, SignedPut, StoredObject, UploadKey, Uploads,
};

/// A browser before the store: it knows signed requests and nothing else.
pub trait ObjectsDoor: Sync {
    /// Sends a `PUT` with these headers and the body's length. Returns the status. A relative
    /// address is the plug's own.
    fn put(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> impl Future<Output = u16> + Send;
    /// `GET`.
    fn get(&self, url: &str) -> impl Future<Output = Got> + Send;
    /// Whether pictures come with `x-content-type-options`. S3 cannot send it with a signed `GET`.
    /// A store that cannot must send `content-disposition: attachment`, so that a picture is never
    /// opened as a page.
    fn sends_nosniff(&self) -> bool {
        true
    }
    /// Returns whether this store notices that a signed address was altered in this way. A real
    /// store notices everything; an emulator may not.
    fn notices(&self, _altered: &str) -> bool {
        true
    }
}

/// An answer to a `GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Got {
    /// A status and nothing else.
    #[must_use]
    pub const fn bare(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// Number of concurrent uploads to one key.
const RIVALS: u8 = 6;

/// Uploads on their way in.
pub async fn uploads<P: Uploads + PictureStore>(ports: &P, case: &Case, door: impl ObjectsDoor) {
    let uploads = UploadSuite { ports, case, door };
    uploads.come_in_once().await;
    uploads.are_exactly_as_signed().await;
    uploads.cannot_be_signed_by_hand().await;
    uploads.are_for_us_alone().await;
    uploads.keep_apart().await;
    uploads.go_together().await;
    uploads.have_one_winner().await;
}

struct UploadSuite<'a, P, D> {
    ports: &'a P,
    case: &'a Case,
    door: D,
}

impl<P: Uploads + PictureStore, D: ObjectsDoor> UploadSuite<'_, P, D> {
    async fn come_in_once(&self) {
        let key = self.sharp(1, 1);
        assert_eq!(self.read(&key).await, Found::Nothing, "before anything");
        let signed = self.sign(&key, 5).await;
        for (name, value) in [("content-type", UPLOAD_TYPE), ("if-none-match", "*")] {
            let header = (name.to_owned(), value.to_owned());
            assert!(signed.headers.contains(&header), "{name} is signed");
        }
        assert_eq!(self.put(&signed, b"first").await, 200, "as it was signed");
        let found = Found::Bytes(b"first".to_vec());
        assert_eq!(self.read(&key).await, found, "what was uploaded");
        assert_eq!(
            self.put(&signed, b"again").await,
            412,
            "a key that is taken"
        );
        let another = self.sign(&key, 5).await;
        assert_eq!(self.put(&another, b"other").await, 412, "signed once more");
        assert_eq!(self.read(&key).await, found, "the first stands");

        let short = self.ports.read(&key, 4).await;
        assert_eq!(short, Ok(Found::TooLong), "more than was asked for");
        let exact = self.ports.read(&key, 5).await;
        assert_eq!(exact, Ok(found), "exactly as much");

        for time in ["once", "twice"] {
            assert_eq!(self.ports.discard(&key).await, Ok(()), "discarded {time}");
            assert_eq!(self.read(&key).await, Found::Nothing, "discarded {time}");
        }
        let signed = self.sign(&key, 5).await;
        assert_eq!(
            self.put(&signed, b"later").await,
            200,
            "the key is free again"
        );
    }

    async fn are_exactly_as_signed(&self) {
        let key = self.sharp(1, 2);
        let signed = self.sign(&key, 5).await;
        for (body, what) in [
            (&b"four"[..], "a shorter body"),
            (b"longer", "a longer body"),
            (b"", "no body"),
            (&[7; 70_000], "a much longer body"),
        ] {
            assert_eq!(self.put(&signed, body).await, 403, "{what}");
        }
        for (name, value) in [
            ("content-type", "image/png"),
            ("content-type", "text/html"),
            ("content-type", "image/svg+xml"),
            ("content-type", "image/jpeg; charset=utf-8"),
            ("if-none-match", "\"x\""),
        ] {
            let mut other = signed.clone();
            let headers = other.headers.iter_mut();
            for (_, old) in headers.filter(|(known, _)| known == name) {
                value.clone_into(old);
            }
            assert_eq!(self.put(&other, b"hello").await, 403, "{name}: {value}");
        }
        for name in ["content-type", "if-none-match"] {
            let mut without = signed.clone();
            without.headers.retain(|(known, _)| known != name);
            assert_eq!(self.put(&without, b"hello").await, 403, "without {name}");
        }
        let late_ms = self.case.now_ms - u64::from(UPLOAD_S + 1) * 1_000;
        let late = self.sign_at(&key, 5, late_ms).await;
        assert_eq!(self.put(&late, b"hello").await, 403, "signed too long ago");
        assert_eq!(self.read(&key).await, Found::Nothing, "nothing came of it");
        assert_eq!(self.put(&signed, b"hello").await, 200, "it was good");
    }

    async fn cannot_be_signed_by_hand(&self) {
        let (key, other) = (self.sharp(1, 3), self.sharp(1, 4));
        let signed = self.sign(&key, 5).await;
        let mut tries = altered(&signed.url);
        tries.push(moved(&signed.url, &key.path(), &other.path()));
        let kept = self.picture(1);
        tries.push(moved(&signed.url, &key.path(), &kept.path()));
        let (bare, _) = signed.url.split_once('?').expect("a signed address");
        tries.push(bare.to_owned());
        tries.retain(|url| self.door.notices(url));
        for url in tries {
            let signed = SignedPut {
                url,
                headers: signed.headers.clone(),
            };
            let status = self.put(&signed, b"hello").await;
            assert!(refused(status), "{status} for {}", signed.url);
        }
        for key in [&key, &other] {
            assert_eq!(self.read(key).await, Found::Nothing, "nothing came of it");
        }
        let link = self.link(&kept).await;
        let status = self.door.get(&link).await.status;
        assert!(nothing(status), "{status} for what was never kept");
    }

    async fn are_for_us_alone(&self) {
        let key = self.sharp(1, 5);
        let signed = self.sign(&key, 5).await;
        assert_eq!(self.put(&signed, b"hello").await, 200, "as it was signed");
        let kept = self.picture(2);
        let keeping = self.ports.keep(&kept, b"picture".to_vec()).await;
        assert_eq!(keeping, Ok(()), "a picture");
        let link = self.link(&kept).await;
        let (bare, _) = signed.url.split_once('?').expect("a signed address");
        for url in [
            signed.url.clone(),
            bare.to_owned(),
            moved(&link, &kept.path(), &key.path()),
        ] {
            let status = self.door.get(&url).await.status;
            assert!(refused(status), "{status} for reading {url}");
        }
    }

    async fn keep_apart(&self) {
        let keys = [
            self.key(1, Upload::Quick { picture: 9 }),
            self.key(2, Upload::Quick { picture: 9 }),
            self.key(1, sharp(9, 1)),
            self.key(1, sharp(9, 11)),
            self.key(1, sent(9, 1)),
            self.key(1, sent(9, 11)),
            self.key(1, sent(91, 1)),
        ];
        for (place, key) in (0_u8..).zip(&keys) {
            let signed = self.sign(key, 3).await;
            assert_eq!(self.put(&signed, &[place; 3]).await, 200, "{}", key.path());
        }
        for (place, key) in (0_u8..).zip(&keys) {
            let found = self.read(key).await;
            assert_eq!(found, Found::Bytes(vec![place; 3]), "{}", key.path());
            assert_eq!(self.ports.discard(key).await, Ok(()), "{}", key.path());
        }
    }

    async fn go_together(&self) {
        let gone = [
            Upload::Quick { picture: 9 },
            sharp(9, 1),
            sharp(9, 11),
            sent(9, 1),
            sent(9, 11),
        ];
        let gone = gone.map(|upload| self.key(1, upload));
        let others = [
            self.key(1, Upload::Quick { picture: 91 }),
            self.key(1, sharp(1, 9)),
            self.key(1, sent(1, 9)),
            self.key(2, Upload::Quick { picture: 9 }),
        ];
        for key in gone.iter().chain(&others) {
            let signed = self.sign(key, 3).await;
            assert_eq!(self.put(&signed, b"one").await, 200, "{}", key.path());
        }
        let session = self.case.session(91);
        for time in ["once", "twice"] {
            let discarded = self.ports.discard_all(session, 9).await;
            assert_eq!(discarded, Ok(()), "discarded {time}");
            for key in &gone {
                assert_eq!(self.read(key).await, Found::Nothing, "{}", key.path());
            }
        }
        for key in &others {
            let found = self.read(key).await;
            assert_eq!(found, Found::Bytes(b"one".to_vec()), "{}", key.path());
            assert_eq!(self.ports.discard(key).await, Ok(()), "{}", key.path());
        }
        let nobody = self.case.session(97);
        let discarded = self.ports.discard_all(nobody, 9).await;
        assert_eq!(discarded, Ok(()), "where nothing ever was");
    }

    async fn have_one_winner(&self) {
        let key = self.sharp(1, 6);
        let signed = self.sign(&key, 9_000).await;
        let put = |rival| {
            let signed = &signed;
            Box::pin(async move { self.put(signed, &[rival; 9_000]).await })
                as together::Boxed<'_, _>
        };
        let told = together::all((0..RIVALS).map(put).collect()).await;
        // S3 answers 409 while another upload is being written.
        let lost = |status: &&u16| matches!(**status, 409 | 412);
        let won = told.iter().filter(|status| **status == 200).count();
        let lost = told.iter().filter(lost).count();
        assert_eq!((won, lost), (1, usize::from(RIVALS) - 1), "{told:?}");
        let Found::Bytes(bytes) = self.read(&key).await else {
            panic!("one of them is there");
        };
        let first = bytes.first().copied().expect("9,000 bytes");
        assert_eq!(bytes, vec![first; 9_000], "the whole body of one of them");
    }

    fn key(&self, session: u8, upload: Upload) -> UploadKey {
        let session = self.case.session(90 + session);
        UploadKey { session, upload }
    }

    fn sharp(&self, session: u8, picture: u32) -> UploadKey {
        self.key(session, sharp(picture, 1))
    }

    fn picture(&self, picture: u32) -> PictureKey {
        PictureKey {
            session: self.case.session(91),
            object: StoredObject::Base {
                picture,
                digest: digest(1),
            },
        }
    }

    async fn sign(&self, key: &UploadKey, bytes: u32) -> SignedPut {
        self.sign_at(key, bytes, self.case.now_ms).await
    }

    async fn sign_at(&self, key: &UploadKey, bytes: u32, now_ms: u64) -> SignedPut {
        let bytes = UploadBytes::new(bytes).expect("a fine length");
        let signed = self.ports.sign_put(key, bytes, now_ms).await;
        signed.expect("signing works")
    }

    async fn link(&self, key: &PictureKey) -> String {
        let now_ms = self.case.now_ms;
        let link = self.ports.sign_get(key, now_ms, now_ms + 60_000).await;
        link.expect("signing works")
    }

    async fn put(&self, signed: &SignedPut, body: &[u8]) -> u16 {
        self.door
            .put(&signed.url, &signed.headers, body.to_vec())
            .await
    }

    async fn read(&self, key: &UploadKey) -> Found {
        let found = self.ports.read(key, UploadBytes::MAX).await;
        found.expect("reading works")
    }
}

/// Pictures that were found good.
pub async fn pictures<P: Uploads + PictureStore>(ports: &P, case: &Case, door: impl ObjectsDoor) {
    let keys = picture_keys(case);
    let (now_ms, until_ms) = (case.now_ms, case.now_ms + 60_000);
    let link = async |key: &PictureKey| {
        let link = ports.sign_get(key, now_ms, until_ms).await;
        link.expect("signing works")
    };
    for (place, key) in (1_u8..).zip(&keys) {
        let early = door.get(&link(key).await).await;
        assert!(nothing(early.status), "{} is not kept yet", key.path());
        let bytes = vec![place; 100_000 * usize::from(place)];
        assert_eq!(ports.keep(key, bytes).await, Ok(()), "{}", key.path());
    }
    for (place, key) in (1_u8..).zip(&keys) {
        let got = door.get(&link(key).await).await;
        let bytes = vec![place; 100_000 * usize::from(place)];
        assert_eq!((got.status, &got.body), (200, &bytes), "{}", key.path());
        assert_eq!(got.header("content-type"), Some(UPLOAD_TYPE));
        if door.sends_nosniff() {
            assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        } else {
            assert_eq!(got.header("content-disposition"), Some("attachment"));
        }
    }

    let [first, other, ..] = &keys;
    let good = link(first).await;
    let past = ports.sign_get(first, now_ms - 10_000, now_ms - 5_000).await;
    let past = past.expect("signing works");
    forged_links_show_nothing(&good, past, &first.path(), &other.path(), &door).await;
    cannot_be_written(&good, &door).await;

    assert_eq!(ports.keep(first, vec![8; 3]).await, Ok(()), "replaced");
    assert_eq!(door.get(&good).await.body, [8; 3], "what replaced it");

    for time in ["once", "twice"] {
        assert_eq!(ports.delete(first).await, Ok(()), "deleted {time}");
        for url in [&good, &link(first).await] {
            let status = door.get(url).await.status;
            assert!(nothing(status), "{status} for what was deleted {time}");
        }
    }
    for key in keys.iter().skip(1) {
        let status = door.get(&link(key).await).await.status;
        assert_eq!(status, 200, "{} is still there", key.path());
        assert_eq!(ports.delete(key).await, Ok(()), "{}", key.path());
    }
    the_others_go(ports, case, &door).await;
}

/// Keys that begin alike, in two sessions.
fn picture_keys(case: &Case) -> [PictureKey; 9] {
    let (one, two) = (case.session(95), case.session(96));
    let base = |session, picture| PictureKey {
        session,
        object: StoredObject::Base {
            picture,
            digest: digest(1),
        },
    };
    let with_strokes = |picture, through| PictureKey {
        session: one,
        object: StoredObject::Sent {
            picture,
            through,
            digest: digest(1),
        },
    };
    let earlier = |earlier| PictureKey {
        session: one,
        object: StoredObject::Earlier(earlier),
    };
    [
        base(one, 1),
        base(one, 12),
        base(two, 1),
        with_strokes(1, 2),
        with_strokes(1, 20),
        with_strokes(12, 2),
        earlier(Earlier::Base { picture: 1 }),
        earlier(Earlier::Preview { picture: 1 }),
        earlier(Earlier::Sent {
            picture: 1,
            through: 2,
        }),
    ]
}

/// Several were stored as the same picture, beside others with names that begin alike.
async fn the_others_go<P: Uploads + PictureStore>(ports: &P, case: &Case, door: &impl ObjectsDoor) {
    let (one, two) = (case.session(95), case.session(96));
    let key = |session, object| PictureKey { session, object };
    let base = |picture, which| StoredObject::Base {
        picture,
        digest: digest(which),
    };
    let with_strokes = |through, which| StoredObject::Sent {
        picture: 1,
        through,
        digest: digest(which),
    };
    let bases = [1, 2, 3].map(|which| key(one, base(1, which)));
    let sent = [1, 2].map(|which| key(one, with_strokes(2, which)));
    let beside = [
        key(one, base(12, 1)),
        key(one, with_strokes(20, 1)),
        key(one, StoredObject::Earlier(Earlier::Base { picture: 1 })),
        key(two, base(1, 1)),
    ];
    for key in bases.iter().chain(&sent).chain(&beside) {
        assert_eq!(ports.keep(key, vec![1; 5]).await, Ok(()), "{}", key.path());
    }
    let there = async |keys: &[PictureKey]| {
        let mut there = Vec::new();
        for key in keys {
            let link = ports.sign_get(key, case.now_ms, case.now_ms + 60_000).await;
            let status = door.get(&link.expect("signing works")).await.status;
            assert!(status == 200 || nothing(status), "{status}");
            there.push(status == 200);
        }
        there
    };
    let [_, stands, _] = &bases;
    let picture = Object::Base { picture: 1 };
    for _ in 0..2 {
        let done = ports.delete_others(one, picture, Some(stands)).await;
        assert_eq!(done, Ok(()));
        assert_eq!(there(&bases).await, [false, true, false]);
        assert_eq!(there(&sent).await, [true; 2], "another picture");
    }
    assert_eq!(ports.delete_others(one, picture, None).await, Ok(()));
    assert_eq!(there(&bases).await, [false; 3]);
    let picture = Object::Sent {
        picture: 1,
        through: 2,
    };
    assert_eq!(ports.delete_others(one, picture, None).await, Ok(()));
    assert_eq!(there(&sent).await, [false; 2]);
    assert_eq!(there(&beside).await, [true; 4]);
    for key in &beside {
        assert_eq!(ports.delete(key).await, Ok(()), "{}", key.path());
    }
    let nobody = case.session(97);
    let done = ports.delete_others(nobody, picture, None).await;
    assert_eq!(done, Ok(()), "where nothing ever was");
}

const fn digest(which: u8) -> Digest {
    Digest::from_bytes([which; 32])
}

/// `good` is a link of `path` whose picture begins with a byte of 1, `past` one that has expired.
async fn forged_links_show_nothing(
    good: &str,
    past: String,
    path: &str,
    other_path: &str,
    door: &impl ObjectsDoor,
) {
    let mut tries = altered(good);
    tries.push(moved(good, path, other_path));
    tries.push(past);
    let (bare, _) = good.split_once('?').expect("a signed address");
    tries.push(bare.to_owned());
    tries.retain(|url| door.notices(url));
    for url in tries {
        let got = door.get(&url).await;
        assert!(refused(got.status), "{} for {url}", got.status);
        assert_ne!(got.body.first(), Some(&1), "nothing is shown at {url}");
    }
}

async fn cannot_be_written(link: &str, door: &impl ObjectsDoor) {
    let headers = [("content-type", UPLOAD_TYPE), ("if-none-match", "*")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let status = door.put(link, &headers, vec![9; 5]).await;
    assert!(refused(status), "{status} for writing with a link to read");
    assert_eq!(door.get(link).await.body, vec![1; 100_000], "untouched");
}

const fn sharp(picture: u32, attempt: u8) -> Upload {
    Upload::Sharp { picture, attempt }
}

const fn sent(picture: u32, through: u32) -> Upload {
    Upload::Sent { picture, through }
}

/// 403, or 400 where a store cannot even read what was altered.
const fn refused(status: u16) -> bool {
    matches!(status, 400 | 403)
}

/// 404, or 403 where a store does not tell what it has.
const fn nothing(status: u16) -> bool {
    matches!(status, 403 | 404)
}

/// The same request for another key.
fn moved(url: &str, from: &str, to: &str) -> String {
    assert!(url.contains(from), "the address shows its key");
    url.replace(from, to)
}

/// An address with each of its parameters changed, left out and given twice, and with one too many.
fn altered(url: &str) -> Vec<String> {
    let (path, query) = url.split_once('?').expect("a signed address");
    let parameters: Vec<&str> = query.split('&').collect();
    let mut altered = vec![format!("{url}&more=1")];
    for place in 0..parameters.len() {
        let with = |change: &dyn Fn(&str) -> Vec<String>| {
            let changed = (0..).zip(&parameters).flat_map(|(at, parameter)| {
                if at == place {
                    change(parameter)
                } else {
                    vec![(*parameter).to_owned()]
                }
            });
            format!("{path}?{}", changed.collect::<Vec<_>>().join("&"))
        };
        altered.push(with(&|parameter| vec![other_end(parameter)]));
        altered.push(with(&|_| Vec::new()));
        altered.push(with(&|parameter| vec![parameter.to_owned(); 2]));
    }
    altered
}

/// Another last character, of the same kind.
fn other_end(text: &str) -> String {
    let mut text = text.to_owned();
    let other = match text.pop() {
        Some('0') => '1',
        Some('1'..='9') => '0',
        Some('a') => 'b',
        Some(_) => 'a',
        None => 'x',
    };
    text.push(other);
    text
}
