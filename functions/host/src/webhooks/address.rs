//! Which addresses a webhook may lead to. An admin chooses its address, and the server dials it
//! from inside its network: so a name must not lead back inside (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;
use sightline_wire::MakeWebhook;
use url::Url;

/// Networks of IPv4 that are not for everybody, as first address and length of the prefix (IANA
/// IPv4 Special-Purpose Address Registry, multicast included).
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local: among them the metadata services of clouds.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The one network of IPv6 that is for everybody. Loopback, unique local, link-local and multicast
/// addresses, and those with an address of IPv4 inside (mapped, NAT64), are outside of it.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks inside it that are not (IANA IPv6 Special-Purpose Address Registry): protocols,
/// Teredo among them, documentation, and 6to4, which has an address of IPv4 inside.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let holds = |(first, length)| is_in_v4(address, first, length);
            !NOT_PUBLIC_V4.into_iter().any(holds)
        }
        IpAddr::V6(address) => {
            let holds = |(first, length)| is_in_v6(address, first, length);
            holds(PUBLIC_V6) && !NOT_PUBLIC_V6.into_iter().any(holds)
        }
    }
}

const fn is_in_v4(address: Ipv4Addr, first: Ipv4Addr, length: u32) -> bool {
    (address.to_bits() ^ first.to_bits()) >> (32 - length) == 0
}

const fn is_in_v6(address: Ipv6Addr, first: Ipv6Addr, length: u32) -> bool {
    (address.to_bits() ^ first.to_bits()) >> (128 - length) == 0
}

/// Returns the address of a webhook as it is stored and dialled, or `None` if it cannot be one.
/// `private` allows `http`, for tests. Whether its name leads inside is looked at with every
/// message, because names change.
pub(super) fn readable(text: &str, private: bool) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let fits = match url.scheme() {
        "https" => true,
        "http" => private,
        _ => false,
    };
    let is_bare = url.username().is_empty() && url.password().is_none();
    let written = String::from(url.as_str().split('#').next().unwrap_or_default());
    // Browsers read addresses that cannot be requested.
    let is_sound = url.has_host() && written.parse::<Uri>().is_ok();
    let fits = fits && is_bare && is_sound && written.len() <= MakeWebhook::URL_BYTES_MAX;
    fits.then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by `reference.mjs`.
    const REFERENCE: &str = include_str!("reference.tsv");

    #[test]
    fn what_is_public_is_so_for_another_library_too() {
        let mut seen = [0, 0];
        for line in REFERENCE.lines() {
            let (text, range) = line.split_once('\t').unwrap();
            let address: IpAddr = text.parse().unwrap();
            let global = matches!(range, "unicast" | "as112" | "amt" | "as112v6");
            let found = is_public(address);
            assert!(global || !found, "{line}");
            // Most of IPv6 belongs to nobody yet, and the library calls that unicast too.
            let assigned = match address {
                IpAddr::V4(_) => true,
                IpAddr::V6(v6) => (0x2002..0x4000).contains(&v6.segments()[0]),
            };
            assert!(found || !(global && assigned), "{line}");
            seen[usize::from(found)] += 1;
        }
        assert!(seen[0] > 90 && seen[1] > 35, "{seen:?}");
    }

    #[test]
    fn addresses_are_read_and_written_as_browsers_do() {
        for (typed, stored) in [
            ("https://claims.example.com", "https://claims.example.com/"),
            (
                "HTTPS://Claims.Example.COM:443/in?x=1#y",
                "https://claims.example.com/in?x=1",
            ),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://0x7f.1/", "https://127.0.0.1/"),
            ("https://2130706433/", "https://127.0.0.1/"),
            (
                "https://[::ffff:10.0.0.1]:8443/",
                "https://[::ffff:a00:1]:8443/",
            ),
        ] {
            assert_eq!(readable(typed, false).as_deref(), Some(stored), "{typed}");
        }
        let long = format!("https://claims.example.com/{}", "x".repeat(974));
        for wrong in [
            "",
            "claims.example.com",
            "https://",
            "https://user@claims.example.com/",
            "https://user:secret@claims.example.com/",
            "http://claims.example.com/",
            "ftp://claims.example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://exa mple.com/",
            &long,
        ] {
            assert_eq!(readable(wrong, false), None, "{wrong}");
        }
        assert!(
            readable("http://127.0.0.1:8080/", true).is_some(),
            "for tests"
        );
    }
}
