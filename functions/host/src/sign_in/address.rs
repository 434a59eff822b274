//! Addresses: which ones of a provider are gone to, and how values stand in them.

use std::fmt::Write as _;
use std::net::IpAddr;

use axum::http::Uri;

/// Whether an address found in a discovery document may be gone to. `found_at` is where the
/// document was.
///
/// Over https it may be any name. An address in numbers is none that a provider in the world has,
/// and could be a machine beside us; it must be the document's own. Without https nothing leaves
/// this machine: both must be on it.
pub(super) fn is_fit(address: &str, found_at: &str) -> bool {
    let (Some(to), Some(at)) = (Place::of(address), Place::of(found_at)) else {
        return false;
    };
    if to.secure {
        to.number.is_none() || to.host == at.host
    } else {
        is_fit_to_begin(address) && !at.secure && at.is_here()
    }
}

/// Whether a discovery document may be read there: over https, or from this very machine.
pub(super) fn is_fit_to_begin(address: &str) -> bool {
    Place::of(address).is_some_and(|place| place.secure || place.is_here())
}

struct Place {
    secure: bool,
    host: String,
    number: Option<IpAddr>,
}

impl Place {
    fn of(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        // A name before an `@` is there to be taken for the host.
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let host = uri.host()?.to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let number = bare.parse().ok();
        (!bare.is_empty()).then_some(Self {
            secure,
            host,
            number,
        })
    }

    fn is_here(&self) -> bool {
        self.host == "localhost" || self.number.is_some_and(|number| number.is_loopback())
    }
}

/// `address` with these values in its query.
pub(super) fn with_query(address: &str, values: &[(&str, &str)]) -> String {
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}{}", form(values))
}

/// Values as a form has them (WHATWG URL, `application/x-www-form-urlencoded`).
pub(super) fn form(values: &[(&str, &str)]) -> String {
    let pairs = values
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Everything but RFC 3986's unreserved characters as percent and two digits: right in a form and
/// in any part of a URL.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_gone_to_or_this_machine_from_this_machine() {
        let far = "https://id.example.com/.well-known/openid-configuration";
        let here = "http://127.0.0.1:4566/pool/.well-known/openid-configuration";
        for (address, from_far, from_here) in [
            ("https://id.example.com/token", true, true),
            ("https://sign-in.example.net:8443/token?x=1", true, true),
            ("HTTPS://id.example.com/token", true, true),
            ("http://id.example.com/token", false, false),
            ("http://127.0.0.1:9/token", false, true),
            ("http://localhost:9/token", false, true),
            ("http://[::1]:9/token", false, true),
            ("http://169.254.169.254/latest/meta-data", false, false),
            ("https://169.254.170.2/token", false, false),
            ("https://10.0.0.1/token", false, false),
            ("https://[fd00::1]/token", false, false),
            ("http://127.0.0.1.example.com/token", false, false),
            ("https://id.example.com@evil.example/token", false, false),
            ("http://localhost@evil.example/token", false, false),
            ("/token", false, false),
            ("//id.example.com/token", false, false),
            ("file:///etc/passwd", false, false),
            ("https://", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_fit(address, far), from_far, "{address} from far");
            assert_eq!(is_fit(address, here), from_here, "{address} from here");
        }
        let numbered = "https://192.0.2.7/.well-known/openid-configuration";
        assert!(is_fit("https://192.0.2.7/token", numbered));
        assert!(!is_fit("https://192.0.2.8/token", numbered));
        assert!(!is_fit_to_begin("http://192.0.2.7/"));
    }

    #[test]
    fn values_cannot_become_parts_of_an_address() {
        assert_eq!(
            with_query(
                "https://a.example/x?y=1",
                &[("a", "b&c=d#e %é"), ("f", "~")]
            ),
            "https://a.example/x?y=1&a=b%26c%3Dd%23e%20%25%C3%A9&f=~"
        );
        assert_eq!(
            with_query("https://a.example/x", &[("a", "")]),
            "https://a.example/x?a="
        );
    }
}
