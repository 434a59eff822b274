//! Requests without a signature, with one for something else, and with a valid one that they do not
//! keep to.

use tokio::time::Instant;

use super::*;
use crate::objects::permits::SESSION_MAX;
use crate::objects::{SESSION_BYTES_MAX, SESSION_FILES_MAX};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_leads_anywhere_but_to_a_key() {
    let fresh = Fresh::new().await;
    let key = quick(1);
    let signed = fresh.sign(&key, 5).await;
    std::fs::write(fresh.scratch.path().join("secret"), b"!").unwrap();
    let (_, query) = signed.url.split_once('?').unwrap();
    for path in [
        "/objects/../secret",
        "/objects/incoming/../../secret",
        "/objects/%2e%2e/secret",
        "/objects/%2e%2e%2fsecret",
        "/objects/..%5csecret",
        "/objects//secret",
        "/objects/./secret",
        "/objects/incoming",
        "/objects/incoming/",
        "/objects/drafts/0",
        "/objects/pictures/%00",
        "/objects/incoming/CQkJCQkJCQkJCQkJCQkJCQ/1%2dquick",
        "/objects/incoming/CQkJCQkJCQkJCQkJCQkJCQ/1-quick/",
        "/objects/incoming//CQkJCQkJCQkJCQkJCQkJCQ/1-quick",
        "/objects/Uploads/CQkJCQkJCQkJCQkJCQkJCQ/1-quick",
    ] {
        for url in [path.to_owned(), format!("{path}?{query}")] {
            let door = fresh.door();
            let put = door.put(&url, &signed.headers, b"hello".to_vec()).await;
            assert_eq!(put, 403, "PUT {url}");
            assert_eq!(door.get(&url).await.status, 403, "GET {url}");
        }
    }
    for folder in ["incoming", "pictures", "drafts"] {
        assert_eq!(fresh.lying(folder), Vec::<PathBuf>::new(), "{folder}");
    }
    assert_eq!(fresh.put(&signed, b"hello").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_read_only_when_it_has_the_length_that_was_signed() {
    const NINE_MIB: usize = 9 * 1024 * 1024;
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    let host = fresh.listen.to_string();
    let told = |headers: &str| {
        let mut line = Line::open(fresh.listen);
        let head = format!("PUT {} HTTP/1.1\r\nhost: {host}\r\n", signed.url);
        line.say(head.as_bytes());
        for (name, value) in &signed.headers {
            line.say(format!("{name}: {value}\r\n").as_bytes());
        }
        // The body never comes: a server that waits for it would not answer.
        line.say(format!("{headers}connection: close\r\n\r\n").as_bytes());
        line.answer().status
    };
    assert_eq!(told(&format!("content-length: {NINE_MIB}\r\n")), 403);
    assert_eq!(told("content-length: 4\r\n"), 403);
    assert_eq!(told("transfer-encoding: chunked\r\n"), 403);
    assert_eq!(told(""), 403);
    let twice = told("content-length: 5\r\ntransfer-encoding: chunked\r\n");
    assert!(matches!(twice, 400 | 403), "{twice}");
    let twice = told("content-length: 5\r\ncontent-length: 6\r\n");
    assert!(matches!(twice, 400 | 403), "{twice}");
    let doubled = told("content-length: 5\r\nif-none-match: *\r\n");
    assert_eq!(doubled, 403, "a header that comes twice");

    // Bytes after the signed length belong to no upload.
    let mut line = Line::open(fresh.listen);
    line.say(head("PUT", &signed.url, &host, &signed.headers, 5).as_bytes());
    line.say(&[b'x'; 100_000]);
    assert_eq!(line.answer().status, 200);
    assert_eq!(fresh.read(&quick(1)).await, Found::Bytes(b"xxxxx".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_refused_while_sending_receives_the_reason() {
    const LENGTH: usize = UploadBytes::MAX as usize;
    let fresh = Fresh::new().await;
    let body = vec![7; LENGTH];
    let signed = fresh.sign(&quick(1), LENGTH).await;
    assert_eq!(fresh.put(&signed, &body).await, 200);
    assert_eq!(fresh.put(&signed, &body).await, 412, "the whole body again");
    let length = UploadBytes::new(UploadBytes::MAX).unwrap();
    let late = fresh
        .desk()
        .objects
        .sign_put(&quick(2), length, now_ms() - 120_000)
        .await
        .unwrap();
    assert_eq!(fresh.put(&late, &body).await, 403, "too late");
    assert_eq!(fresh.read(&quick(2)).await, Found::Nothing);
    assert_eq!(fresh.read(&quick(1)).await, Found::Bytes(body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_cut_leaves_nothing_behind() {
    let fresh = Fresh::new().await;
    let key = quick(1);
    let signed = fresh.sign(&key, 1_000_000).await;
    let mut line = Line::open(fresh.listen);
    let host = fresh.listen.to_string();
    line.say(head("PUT", &signed.url, &host, &signed.headers, 1_000_000).as_bytes());
    line.say(&[7; 600_000]);
    fresh.drafts(1).await;
    assert_eq!(fresh.read(&key).await, Found::Nothing, "nothing shows yet");
    drop(line);
    fresh.drafts(0).await;
    assert_eq!(fresh.lying("incoming"), Vec::<PathBuf>::new());
    assert_eq!(fresh.put(&signed, &vec![7; 1_000_000]).await, 200, "again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_or_dripping_client_times_out() {
    let long = Duration::from_secs(60);
    let short = Duration::from_millis(150);
    for (patience, drips) in [
        (
            Patience {
                byte: short,
                whole: long,
                slow: long,
            },
            0,
        ),
        (
            Patience {
                byte: long,
                whole: short * 2,
                slow: long,
            },
            20,
        ),
        (
            Patience {
                byte: long,
                whole: long,
                slow: short,
            },
            20,
        ),
    ] {
        let fresh = Fresh::with(patience).await;
        let signed = fresh.sign(&quick(1), 1_000).await;
        let mut line = Line::open(fresh.listen);
        let host = fresh.listen.to_string();
        line.say(head("PUT", &signed.url, &host, &signed.headers, 1_000).as_bytes());
        line.say(&[7; 10]);
        for _ in 0..drips {
            tokio::time::sleep(short / 5).await;
            line.say(&[7]);
        }
        assert_eq!(line.answer().status, 408, "{drips} drips");
        fresh.drafts(0).await;
        assert_eq!(fresh.lying("incoming"), Vec::<PathBuf>::new());
        assert_eq!(fresh.all_permits().len(), SESSION_MAX, "its place is free");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_free_permit_the_page_is_asked_to_retry() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    let taken = fresh.all_permits();
    let put = || {
        fresh
            .door()
            .ask("PUT", &signed.url, &signed.headers, b"hello".to_vec())
    };
    let full = put().await;
    assert_eq!(full.status, 503);
    let later = ("retry-after".to_owned(), "1".to_owned());
    assert!(full.headers.contains(&later));
    drop(taken);
    assert_eq!(put().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_host_names_and_methods_are_refused() {
    let fresh = Fresh::new().await;
    let signed = fresh.sign(&quick(1), 5).await;
    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    let link = fresh.link(1, now_ms() + 60_000).await;
    let told = |method: &str, url: &str, host: &str| {
        let mut line = Line::open(fresh.listen);
        line.say(head(method, url, host, &signed.headers, 5).as_bytes());
        if method != "GET" {
            line.say(b"hello");
        }
        line.answer()
    };
    for host in ["evil.example", "127.0.0.1", "localhost:1", ""] {
        assert_eq!(told("PUT", &signed.url, host).status, 421, "{host}");
        assert_eq!(told("GET", &link, host).status, 421, "{host}");
    }
    let host = fresh.listen.to_string();
    for method in [
        "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND",
    ] {
        for url in [&signed.url, &link] {
            let got = told(method, url, &host);
            assert_eq!(got.status, 405, "{method}");
            let allow = ("allow".to_owned(), "GET, PUT".to_owned());
            assert!(got.headers.contains(&allow), "{method}: {:?}", got.headers);
        }
    }
    assert_eq!(fresh.read(&quick(1)).await, Found::Nothing);
    for host in [
        &host,
        "help.example",
        &format!("localhost:{}", fresh.listen.port()),
    ] {
        assert_eq!(told("GET", &link, host).body, b"there", "{host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_runs_or_stays_in_a_cache() {
    let fresh = Fresh::new().await;
    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    let good = fresh.link(1, now_ms() + 60_000).await;
    let gone = fresh.link(2, now_ms() + 60_000).await;
    for (url, status, length) in [
        (good.as_str(), 200, 5),
        (gone.as_str(), 404, 0),
        ("/objects/pictures/x", 403, 0),
    ] {
        let got = fresh.door().get(url).await;
        assert_eq!((got.status, got.body.len()), (status, length), "{url}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("content-disposition", "attachment"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cache-control", "private, no-store"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
        ] {
            let header = (name.to_owned(), value.to_owned());
            assert!(got.headers.contains(&header), "{url}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_ends_in_time() {
    let fresh = Fresh::new().await;
    fresh
        .desk()
        .objects
        .keep(&base(1), b"there".to_vec())
        .await
        .unwrap();
    let until = async |until_ms| {
        let link = fresh.link(1, until_ms).await;
        fresh.door().get(&link).await.status
    };
    assert_eq!(until(now_ms() + 60_000).await, 200);
    assert_eq!(until(now_ms() - 1_000).await, 403);
    assert_eq!(until(0).await, 403);
}

/// A page with unlimited slots cannot store unlimited bytes: its session is full, others are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_has_room_for_so_many_uploads_and_so_many_bytes() {
    let fresh = Fresh::new().await;
    let sent = |through| UploadKey {
        session: SESSION,
        upload: Upload::Sent {
            picture: 1,
            through,
        },
    };
    let others = UploadKey {
        session: SessionId::from_bytes([8; 16]),
        ..sent(1)
    };
    let put = async |key: &UploadKey, bytes: usize| {
        let signed = fresh.sign(key, bytes).await;
        fresh.put(&signed, &vec![7; bytes]).await
    };
    // By number.
    let files_max = u32::try_from(SESSION_FILES_MAX).unwrap();
    for through in 1..=files_max {
        assert_eq!(put(&sent(through), 5).await, 200, "{through}");
    }
    assert_eq!(put(&sent(files_max + 1), 5).await, 507);
    assert_eq!(put(&others, 5).await, 200);
    fresh.desk().objects.discard(&sent(3)).await.unwrap();
    assert_eq!(put(&sent(files_max + 1), 5).await, 200);
    // By bytes.
    fresh.desk().objects.discard_all(SESSION, 1).await.unwrap();
    let most = UploadBytes::MAX as usize;
    let most_max = u32::try_from(SESSION_BYTES_MAX).unwrap() / UploadBytes::MAX;
    for through in 1..=most_max {
        assert_eq!(put(&sent(through), most).await, 200, "{through}");
    }
    assert_eq!(put(&sent(most_max + 1), 1).await, 507);
    fresh.desk().objects.discard(&sent(1)).await.unwrap();
    // An upload in progress counts already.
    let size = UploadBytes::new(UploadBytes::MAX).unwrap();
    let coming = fresh.desk().objects.permits.take(&quick(1), size);
    assert_eq!(put(&sent(most_max + 1), 1).await, 507);
    drop(coming);
    assert_eq!(put(&sent(most_max + 1), most).await, 200);
    assert_eq!(fresh.lying("drafts"), Vec::<PathBuf>::new());
}

/// C: four links hold all places. Another session's picture arrives all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c_hanging_uploads_give_way() {
    let fresh = Fresh::new().await;
    let host = fresh.listen.to_string();
    let mut hanging = Vec::new();
    for session in 1..=4 {
        for through in 1..=8 {
            let key = UploadKey {
                session: SessionId::from_bytes([session; 16]),
                upload: Upload::Sent {
                    picture: 1,
                    through,
                },
            };
            let signed = fresh.sign(&key, 1_000_000).await;
            let mut line = Line::open(fresh.listen);
            line.say(head("PUT", &signed.url, &host, &signed.headers, 1_000_000).as_bytes());
            line.say(b"x");
            hanging.push((line, signed));
        }
    }
    fresh.drafts(32).await;
    let (line, signed) = hanging.first_mut().unwrap();
    line.say(b"x");
    let second = fresh.door();
    let second = second.ask("PUT", &signed.url, &signed.headers, vec![0; 1_000_000]);
    assert_eq!(second.await.status, 409, "one upload of a key");
    let (signed, began) = (fresh.sign(&quick(1), 5).await, Instant::now());
    let mut tries = 0;
    while fresh.put(&signed, b"hello").await != 200 {
        tries += 1;
        assert!(tries < 150, "it never arrives");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}
