//! Verified by webpki, as a browser would.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError as TlsError, Error, RootCertStore};

use super::*;
use crate::scratch::Scratch;

const NOW_S: u64 = 1_800_000_000;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What a browser that trusts this authority says of a certificate for a name.
fn verdict(authority: &str, leaf: &CertificateDer<'_>, name: &str, at_s: u64) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(at_s));
    let verified = verifier.verify_server_cert(leaf, &[], &name, &[], now);
    verified.map(|_| ())
}

fn refusal(verdict: Result<(), Error>) -> String {
    match verdict {
        Ok(()) => "accepted".to_owned(),
        Err(Error::InvalidCertificate(TlsError::Other(error))) => error.to_string(),
        Err(error) => error.to_string(),
    }
}

/// What our authority would issue for these names, if it were asked to.
fn forged(names: Vec<SanType>) -> (String, CertificateDer<'static>) {
    let authority = Authority::make(&[ip("192.168.1.20")], NOW_S, 7).unwrap();
    let issuer = params_of_authority(&authority.name, &[], NOW_S, authority.until_s);
    let issuer = Issuer::from_params(&issuer, &authority.key);
    let mut params = params_of_page(&[], NOW_S, NOW_S + DAY_S);
    params.subject_alt_names = names;
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &issuer).unwrap();
    (authority.pem, leaf.der().clone())
}

#[test]
fn a_browser_accepts_it_for_its_addresses_and_for_a_year_at_most() {
    let scratch = Scratch::new();
    let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
    let addresses = [ip("192.168.1.20"), ip("203.0.113.9"), ip("fd00::20")];
    let made = Certificates::of_folder(&folder, &addresses, NOW_S, 7).unwrap();
    let (authority, leaf) = (made.authority.unwrap(), &made.chain[0]);
    let verdict = |name, at_s| verdict(&authority, leaf, name, at_s);
    for name in ["192.168.1.20", "203.0.113.9", "fd00::20"] {
        assert_eq!(verdict(name, NOW_S), Ok(()), "{name}");
        assert_eq!(verdict(name, NOW_S - EARLY_S), Ok(()), "{name}");
    }
    assert!(verdict("192.168.1.21", NOW_S).is_err());
    let begin_s = NOW_S - EARLY_S;
    assert_eq!(verdict("192.168.1.20", begin_s + 395 * DAY_S), Ok(()));
    assert!(verdict("192.168.1.20", begin_s + 397 * DAY_S).is_err());
}

#[test]
fn the_authority_vouches_for_no_dns_name_and_for_no_address_elsewhere() {
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    let address = |text: &str| SanType::IpAddress(ip(text));
    let (authority, leaf) = forged(vec![address("10.1.2.3")]);
    assert_eq!(
        verdict(&authority, &leaf, "10.1.2.3", NOW_S),
        Ok(()),
        "the forger works"
    );
    for (names, asked) in [
        (vec![dns("example.com")], "example.com"),
        (vec![dns("desk.local")], "desk.local"),
        (vec![dns("localhost")], "localhost"),
        (vec![address("10.1.2.3"), dns("example.com")], "10.1.2.3"),
        (vec![address("203.0.113.10")], "203.0.113.10"),
        (vec![address("2001:db8::1")], "2001:db8::1"),
        (vec![address("127.0.0.1")], "127.0.0.1"),
    ] {
        let (authority, leaf) = forged(names);
        let refusal = refusal(verdict(&authority, &leaf, asked, NOW_S));
        assert!(
            refusal.contains("NameConstraintViolation"),
            "{asked}: {refusal}"
        );
    }
}

#[test]
fn it_is_kept_until_it_does_not_fit_and_its_authority_longer() {
    let scratch = Scratch::new();
    let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
    let at = |addresses: &[&str], now_s| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| ip(text)).collect();
        let made = Certificates::of_folder(&folder, &addresses, now_s, 7).unwrap();
        (made.authority.unwrap(), made.chain[0].clone())
    };
    let first = at(&["192.168.1.20"], NOW_S);
    assert_eq!(at(&["192.168.1.20"], NOW_S + 300 * DAY_S), first);

    let moved = at(&["10.0.0.9"], NOW_S + DAY_S);
    assert_eq!(moved.0, first.0, "phones trust it already");
    assert_ne!(moved.1, first.1);
    assert_eq!(
        verdict(&moved.0, &moved.1, "10.0.0.9", NOW_S + DAY_S),
        Ok(())
    );

    let renewed = at(&["10.0.0.9"], NOW_S + 370 * DAY_S);
    assert_eq!(renewed.0, first.0);
    assert_ne!(renewed.1, moved.1);

    let public = at(&["203.0.113.9"], NOW_S + DAY_S);
    assert_ne!(public.0, first.0, "the first one does not permit it");

    let late_s = NOW_S + AUTHORITY_S - 300 * DAY_S;
    assert_ne!(at(&["203.0.113.9"], late_s).0, public.0);

    fs::write(folder.path().join("lan/page.key"), "damaged").unwrap();
    assert_ne!(at(&["203.0.113.9"], late_s).0, public.0, "made again");
}

#[test]
fn only_its_owner_reads_what_is_kept() {
    let scratch = Scratch::new();
    let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
    Certificates::of_folder(&folder, &[ip("10.0.0.9")], NOW_S, 7).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("lan")), 0o700);
    let files: Vec<_> = fs::read_dir(folder.path().join("lan"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 5, "no draft stays behind: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}
