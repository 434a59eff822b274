//! The contract of uploads and pictures on S3, and what is particular to S3: signatures, and sweeps
//! through its listing.

use std::collections::BTreeSet;

use crate::support::fake::{Fake, Reply};
use crate::support::{Stack, now_ms, strict};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sightline_aws::{S3Bucket, Swept};
use sightline_host::contract::{self, Case, Got, ObjectsDoor};
use sightline_host::ports::{
    Found, PictureKey, PictureStore, StoreError, StoredObject, UploadKey, Uploads,
};
use sightline_wire::{Digest, SessionId, Upload, UploadBytes};
use tokio::net::TcpStream;

const SESSION: SessionId = SessionId::from_bytes([9; 16]);
const DIGEST: Digest = Digest::from_bytes([7; 32]);
const OTHER: SessionId = SessionId::from_bytes([8; 16]);

/// More than one page of a listing.
const MANY: u32 = 205;

const TEN_MINUTES_MS: u64 = 10 * 60 * 1_000;

#[tokio::test]
async fn uploads_keep_their_contract() {
    let (stack, bucket) = of_template();
    contract::uploads(&bucket, &Case::new(1, now_ms()), Door(stack)).await;
}

#[tokio::test]
async fn case_files_keep_their_contract() {
    let (stack, bucket) = of_template();
    contract::case_files(&bucket, &Case::new(3, now_ms()), Door(stack)).await;
}

#[tokio::test]
async fn pictures_keep_their_contract() {
    let (stack, bucket) = of_template();
    contract::pictures(&bucket, &Case::new(2, now_ms()), Door(stack)).await;
}

#[tokio::test]
async fn an_upload_is_signed_to_the_byte_and_to_the_second() {
    let (_, bucket) = of_template();
    let key = quick(SESSION, 1);
    let bytes = UploadBytes::new(77).unwrap();
    let signed = bucket
        .sign_put(&key, bytes, 1_790_000_000_999)
        .await
        .unwrap();
    let mut headers = signed.headers.clone();
    headers.sort();
    let wanted = [("content-type", "image/jpeg"), ("if-none-match", "*")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers, wanted, "nothing that a page could not say");
    assert!(signed.url.contains(&key.path()), "{}", signed.url);
    for parameter in [
        "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match",
        "X-Amz-Date=20260921T141320Z",
        "X-Amz-Expires=120",
    ] {
        assert!(has(&signed.url, parameter), "{parameter}: {}", signed.url);
    }
}

#[tokio::test]
async fn a_link_needs_no_header_and_offers_a_file() {
    let (stack, bucket) = of_template();
    let now_ms = now_ms();
    let key = base(SESSION, 1);
    bucket.keep(&key, b"picture".to_vec()).await.unwrap();
    let link = bucket.sign_get(&key, now_ms, now_ms + 30_000).await;
    let link = link.unwrap();
    assert!(has(&link, "X-Amz-SignedHeaders=host"), "{link}");
    assert!(!link.contains("x-amz-checksum"), "{link}");
    let got = Door(stack).get(&link).await;
    assert_eq!((got.status, got.body.as_slice()), (200, &b"picture"[..]));
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-disposition", "attachment"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn all_uploads_for_a_picture_are_discarded_however_many() {
    let own = Own::new("discard").await;
    let keys = (0..MANY).map(|through| sent(SESSION, 3, through));
    own.put_all(keys.map(|key| key.path())).await;
    let other = quick(SESSION, 31);
    own.put_all([other.path()]).await;
    own.bucket.discard_all(SESSION, 3).await.unwrap();
    assert_eq!(own.lying().await, BTreeSet::from([other.path()]));
}

#[tokio::test]
async fn all_objects_of_a_session_are_erased_however_many_and_no_others() {
    let own = Own::new("erase").await;
    let keys = (0..MANY).map(|through| with_strokes(SESSION, 3, through));
    own.put_all(keys.map(|key| key.path())).await;
    own.put_all([base(SESSION, 3).path(), quick(SESSION, 4).path()])
        .await;
    let others = [base(OTHER, 3).path(), quick(OTHER, 4).path()];
    own.put_all(others.clone()).await;
    for _ in 0..2 {
        assert_eq!(own.bucket.erase_all(SESSION).await, Ok(()));
        assert_eq!(own.lying().await, BTreeSet::from(others.clone()));
    }
}

#[tokio::test]
async fn erased_calls_are_listed_page_by_page_and_are_no_pictures() {
    let own = Own::new("erased").await;
    own.put_all([base(SESSION, 3).path(), "erased/of-nobody".to_owned()])
        .await;
    let wanted: BTreeSet<SessionId> = (0..MANY)
        .map(|n| SessionId::from_bytes([u8::try_from(n).unwrap(); 16]))
        .collect();
    for session in &wanted {
        assert_eq!(own.bucket.note_erased(*session).await, Ok(()));
        assert_eq!(own.bucket.note_erased(*session).await, Ok(()), "again");
    }
    let first = own.bucket.erased(None).await.unwrap();
    let rest = own.bucket.erased(first.next.clone()).await.unwrap();
    assert_eq!((first.next.is_some(), rest.next), (true, None));
    let listed: BTreeSet<SessionId> = first.sessions.into_iter().chain(rest.sessions).collect();
    assert_eq!(listed, wanted);
    // The sweep of uploads and the erasure of a call leave the notes alone.
    assert_eq!(own.bucket.erase_all(SESSION).await, Ok(()));
    let old_ms = now_ms() + TEN_MINUTES_MS;
    assert_eq!(went(own.bucket.sweep_incoming(old_ms, always).await), 0);
    assert_eq!(own.lying().await.len(), wanted.len() + 1);
}

#[tokio::test]
async fn uploads_go_after_ten_minutes() {
    let own = Own::new("uploads").await;
    let before_ms = now_ms();
    let keys = (0..MANY).map(|picture| quick(SESSION, picture));
    own.put_all(keys.map(|key| key.path())).await;
    own.put_all([quick(OTHER, 1).path(), base(OTHER, 1).path()])
        .await;
    // S3 stores dates in seconds.
    let young_ms = before_ms - 1_000 + TEN_MINUTES_MS - 1;
    assert_eq!(went(own.bucket.sweep_incoming(young_ms, always).await), 0);
    let old_ms = now_ms() + TEN_MINUTES_MS;
    assert_eq!(
        went(own.bucket.sweep_incoming(old_ms, always).await),
        MANY as usize + 1
    );
    assert_eq!(own.lying().await, BTreeSet::from([base(OTHER, 1).path()]));
    assert_eq!(went(own.bucket.sweep_incoming(old_ms, always).await), 0);
}

#[tokio::test]
async fn pictures_unknown_to_their_session_are_removed() {
    let own = Own::new("pictures").await;
    let before_ms = now_ms();
    let stands = [base(SESSION, 1), with_strokes(SESSION, 1, 5)];
    let gone = [
        base(SESSION, 2),
        base(SESSION, 12),
        with_strokes(SESSION, 1, 6),
    ];
    let others = [base(OTHER, 2), with_strokes(OTHER, 2, 5)];
    let all = stands.iter().chain(&gone).chain(&others);
    let mut lying: BTreeSet<String> = all.map(PictureKey::path).collect();
    lying.insert(quick(SESSION, 2).path());
    own.put_all(lying.clone()).await;

    let sweep = async |now_ms| {
        let standing = stands.to_vec();
        let swept = own.bucket.sweep_pictures(SESSION, standing, now_ms, always);
        went(swept.await)
    };
    assert_eq!(sweep(before_ms - 1_000 + TEN_MINUTES_MS - 1).await, 0);
    assert_eq!(own.lying().await, lying, "all of them are young");
    assert_eq!(sweep(now_ms() + TEN_MINUTES_MS).await, 3);
    lying.retain(|path| !gone.iter().any(|key| key.path() == *path));
    assert_eq!(own.lying().await, lying);
}

#[tokio::test]
async fn a_sweep_ends_in_time() {
    let own = Own::new("hurried").await;
    let keys = (0..9).map(|picture| quick(SESSION, picture).path());
    own.put_all(keys).await;
    let old_ms = now_ms() + TEN_MINUTES_MS;
    assert_eq!(went(own.bucket.sweep_incoming(old_ms, || false).await), 0);
    assert_eq!(own.lying().await.len(), 9);
    let left = std::cell::Cell::new(5);
    let in_time = || left.replace(left.get() - 1) > 0;
    // The clock is read once before the listing, and once before each object.
    assert_eq!(went(own.bucket.sweep_incoming(old_ms, in_time).await), 4);
    assert_eq!(own.lying().await.len(), 5);
}

#[tokio::test]
async fn a_sweep_ends_at_a_retryable_error_and_skips_an_object_with_a_lasting_one() {
    for (status, code, asked) in [(503, "SlowDown", 1), (403, "AccessDenied", 3)] {
        let fake = Fake::start(move |one| {
            let (status, body) = match one.method.as_str() {
                "GET" => (200, listing(3)),
                _ => (status, format!("<Error><Code>{code}</Code></Error>")),
            };
            Reply::Says(status, vec![("content-type", "application/xml")], body)
        })
        .await;
        let config = client(strict(), &fake.url).config().to_builder();
        let config = config.retry_config(RetryConfig::disabled()).build();
        let bucket = S3Bucket::new(Client::from_conf(config), "sightline-fake".into());
        let swept = bucket.sweep_incoming(now_ms(), always).await;
        let deletes = fake
            .asked()
            .into_iter()
            .filter(|one| one.method == "DELETE");
        assert_eq!(deletes.count(), asked, "{code}");
        let (error, failed) = match swept {
            Ok(swept) => (swept.error.unwrap(), swept.failed),
            Err(error) => (error, 0),
        };
        let wanted = if status == 503 { (true, 0) } else { (false, 3) };
        assert_eq!((error.retryable, failed), wanted);
        assert_eq!(error.cause, code);
    }
}

/// A page with `count` old uploads.
fn listing(count: u32) -> String {
    let object = |picture| {
        let key = quick(SESSION, picture).path();
        format!(
            "<Contents><Key>{key}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>"
        )
    };
    let objects: String = (0..count).map(object).collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>")
}

const fn always() -> bool {
    true
}

/// Returns how many objects were removed, without any error.
fn went(swept: Result<Swept, StoreError>) -> usize {
    let swept = swept.unwrap();
    assert_eq!((swept.failed, swept.error), (0, None));
    swept.gone
}

#[tokio::test]
async fn an_error_has_its_code_and_says_whether_to_retry() {
    let stack = strict();
    let nowhere = S3Bucket::new(client(stack, &stack.endpoint), "sightline-nowhere".into());
    let key = quick(SESSION, 1);
    let error = nowhere.read(&key, 5).await.unwrap_err();
    assert_eq!(
        (error.cause.as_str(), error.retryable),
        ("NoSuchBucket", false)
    );
    let error = nowhere.keep(&base(SESSION, 1), vec![1]).await.unwrap_err();
    assert_eq!(
        (error.cause.as_str(), error.retryable),
        ("NoSuchBucket", false)
    );

    let deaf = S3Bucket::new(client(stack, "http://127.0.0.1:1"), "sightline-deaf".into());
    let error = deaf.read(&key, 5).await.unwrap_err();
    assert_eq!(
        (error.cause.as_str(), error.retryable),
        ("not reached", true)
    );
    assert_ne!(deaf.read(&key, 5).await, Ok(Found::Nothing));
}

fn of_template() -> (&'static Stack, S3Bucket) {
    let stack = strict();
    let name = stack.resource("Pictures").to_owned();
    (stack, S3Bucket::new(client(stack, &stack.endpoint), name))
}

fn client(stack: &Stack, endpoint: &str) -> Client {
    let config = Builder::from(&stack.config_at(endpoint));
    Client::from_conf(config.force_path_style(true).build())
}

/// An empty bucket for one test.
struct Own {
    bucket: S3Bucket,
    client: Client,
    name: String,
}

impl Own {
    async fn new(name: &str) -> Self {
        let stack = strict();
        let client = client(stack, &stack.endpoint);
        let name = format!("sightline-test-{name}");
        let region = BucketLocationConstraint::from(stack.region.as_str());
        let region = CreateBucketConfiguration::builder().location_constraint(region);
        let made = client.create_bucket().bucket(&name);
        let made = made.create_bucket_configuration(region.build());
        made.send().await.unwrap();
        Self {
            bucket: S3Bucket::new(client.clone(), name.clone()),
            client,
            name,
        }
    }

    async fn put_all(&self, keys: impl IntoIterator<Item = String>) {
        for key in keys {
            let put = self.client.put_object().bucket(&self.name).key(key);
            let body = ByteStream::from_static(b"one");
            put.body(body).send().await.unwrap();
        }
    }

    async fn lying(&self) -> BTreeSet<String> {
        let listed = self.client.list_objects_v2().bucket(&self.name);
        let listed = listed.send().await.unwrap();
        assert_ne!(listed.is_truncated(), Some(true), "all of it");
        let keys = listed.contents().iter();
        keys.map(|object| object.key().unwrap().to_owned())
            .collect()
    }
}

/// A browser in front of S3: one connection per request, and no headers except the given ones.
struct Door(&'static Stack);

impl Door {
    async fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Got {
        let host = self.0.endpoint.strip_prefix("http://").unwrap();
        let path = url.strip_prefix(&self.0.endpoint).unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", host);
        if method != "GET" {
            request = request.header("content-length", body.len());
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let headers = head.headers.iter();
        Got {
            status: head.status.as_u16(),
            headers: headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.as_str().to_owned(), value.into_owned())
                })
                .collect(),
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

impl ObjectsDoor for Door {
    async fn put(&self, url: &str, headers: &[(String, String)], body: Vec<u8>) -> u16 {
        self.ask("PUT", url, headers, body).await.status
    }

    async fn get(&self, url: &str) -> Got {
        self.ask("GET", url, &[], Vec::new()).await
    }

    fn sends_nosniff(&self) -> bool {
        false
    }

    /// MiniStack ignores the algorithm and repeated signatures, and accepts a request with a known
    /// key and no signature. S3 refuses all three (Amazon S3 API Reference, "Authenticating
    /// requests: using query parameters").
    fn notices(&self, altered: &str) -> bool {
        let Some((_, query)) = altered.split_once('?') else {
            return true;
        };
        let count = |name: &str| {
            let mut parameters = query.split('&');
            parameters
                .by_ref()
                .filter(|one| one.starts_with(name))
                .count()
        };
        count("X-Amz-Algorithm=AWS4-HMAC-SHA256") == 1 && count("X-Amz-Signature=") == 1
    }
}

fn has(url: &str, parameter: &str) -> bool {
    let (_, query) = url.split_once('?').unwrap();
    query.split('&').any(|one| one == parameter)
}

fn quick(session: SessionId, picture: u32) -> UploadKey {
    UploadKey {
        session,
        upload: Upload::Quick { picture },
    }
}

fn sent(session: SessionId, picture: u32, through: u32) -> UploadKey {
    UploadKey {
        session,
        upload: Upload::Sent { picture, through },
    }
}

fn base(session: SessionId, picture: u32) -> PictureKey {
    PictureKey {
        session,
        object: StoredObject::Base {
            picture,
            digest: DIGEST,
        },
    }
}

fn with_strokes(session: SessionId, picture: u32, through: u32) -> PictureKey {
    PictureKey {
        session,
        object: StoredObject::Sent {
            picture,
            through,
            digest: DIGEST,
        },
    }
}
