//! The logo.

use sightline_wire::{Digest, LOGO_BYTES_MAX, LogoMark};

use super::{Case, together};
use crate::ports::Logos;
use crate::records::LogoRecord;

/// Admins who choose a logo at the same time.
const RACERS: u8 = 4;

/// A store of the one logo.
pub async fn logos<P: Logos>(ports: &P, case: &Case) {
    ports.remove_logo().await.expect("removing nothing");
    assert_eq!(ports.logo().await, Ok(None));
    assert_eq!(ports.logo_bytes().await, Ok(None));

    for (which, length) in [(1, 1), (2, LOGO_BYTES_MAX), (3, 70_000)] {
        put(ports, case, which, length).await;
        assert_eq!(ports.logo().await, Ok(Some(record(case, which))));
        let bytes = ports.logo_bytes().await;
        assert!(bytes == Ok(Some(vec![which; length])), "{length} bytes");
    }

    let puts = |which: u8| {
        let put = put(ports, case, 10 + which, LOGO_BYTES_MAX);
        Box::pin(put) as together::Boxed<'_, _>
    };
    together::all((0..RACERS).map(puts).collect()).await;
    let stands = ports.logo().await.expect("read").expect("one stands");
    let bytes = ports
        .logo_bytes()
        .await
        .expect("read")
        .expect("and its bytes");
    let which = *bytes.first().expect("it is not empty");
    assert_eq!(stands, record(case, which), "bytes of another logo");
    assert!(bytes == vec![which; LOGO_BYTES_MAX], "two logos in one");

    for _ in 0..2 {
        ports.remove_logo().await.expect("removed");
        assert_eq!(ports.logo().await, Ok(None));
        assert_eq!(ports.logo_bytes().await, Ok(None));
    }
}

/// Tries again while others come first.
async fn put<P: Logos>(ports: &P, case: &Case, which: u8, length: usize) {
    let bytes = vec![which; length];
    for _ in 0..1_000 {
        match ports.put_logo(record(case, which), &bytes).await {
            Ok(()) => return,
            Err(error) => assert!(error.retryable, "a race is no lasting trouble: {error}"),
        }
        together::turn().await;
    }
    panic!("the logo could not be stored in 1,000 tries");
}

fn record(case: &Case, which: u8) -> LogoRecord {
    let mut digest = [which; 32];
    digest[..8].copy_from_slice(&case.salt.to_be_bytes());
    LogoRecord {
        mark: LogoMark {
            digest: Digest::from_bytes(digest),
            width: u16::from(which),
            height: 512,
        },
    }
}
