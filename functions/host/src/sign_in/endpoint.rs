//! Addresses of a provider: which of them are used, and how values are added to them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

/// An address that we may send a request to, or a browser to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint(Url);

impl Endpoint {
    /// Parses the address of a discovery document: over https, or on this machine.
    pub(super) fn of_discovery(address: &str) -> Option<Self> {
        let endpoint = Self::parse(address)?;
        (endpoint.is_secure() || endpoint.is_loopback()).then_some(endpoint)
    }

    /// Parses an address that the discovery document at `self` names.
    ///
    /// Over https any host name is accepted. An IP address, however it is written, must be the
    /// document's own: no real provider uses one, and it could address an internal host. Without
    /// https nothing leaves this machine, so both must be on it.
    pub(super) fn named(&self, address: &str) -> Option<Self> {
        let named = Self::parse(address)?;
        let (to, at) = (named.0.host(), self.0.host());
        let accepted = if named.is_secure() {
            matches!(to, Some(Host::Domain(_))) || to == at
        } else {
            named.is_loopback() && self.is_loopback() && !self.is_secure()
        };
        accepted.then_some(named)
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the address with these values added to its query.
    pub(super) fn with_query(&self, values: &[(&str, &str)]) -> String {
        let own = self.0.query().filter(|query| !query.is_empty());
        let mut pairs: Vec<_> = own.map(str::to_owned).into_iter().collect();
        let added = values.iter();
        pairs.extend(added.map(|(name, value)| format!("{name}={}", encoded(value))));
        let mut url = self.0.clone();
        url.set_query(Some(&pairs.join("&")));
        url.into()
    }

    fn parse(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let is_web = matches!(url.scheme(), "https" | "http");
        // A user name is there to be taken for the host.
        let has_user = !url.username().is_empty() || url.password().is_some();
        (is_web && !has_user).then_some(Self(url))
    }

    fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns the text percent-encoded, so that it may stand in a form and in any part of a URL. A
/// form's `+` for a space would be a plus sign elsewhere.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::Uri;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_https_is_gone_to_or_this_machine_from_this_machine() {
        let found_at = |address| Endpoint::of_discovery(address).unwrap();
        let far = found_at("https://id.example.com/.well-known/openid-configuration");
        let here = found_at("http://127.0.0.1:4566/pool/.well-known/openid-configuration");
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
            // Other ways to write 127.0.0.1 and 169.254.169.254, which resolvers accept as well.
            ("https://2130706433/token", false, true),
            ("https://0x7f.1/token", false, true),
            ("https://0x7f000001/token", false, true),
            ("https://017700000001/token", false, true),
            ("https://127.1/token", false, true),
            ("https://2852039166/latest/meta-data", false, false),
            ("https://1\u{ff12}7.0.0.1/token", false, true),
            ("https://[::ffff:127.0.0.1]/token", false, false),
            ("http://2852039166/latest/meta-data", false, false),
            ("http://2130706433:9/token", false, true),
            ("https://256.1.1.1/token", false, false),
            ("http://127.0.0.1.example.com/token", false, false),
            ("https://id.example.com@evil.example/token", false, false),
            ("http://localhost@evil.example/token", false, false),
            ("/token", false, false),
            ("//id.example.com/token", false, false),
            ("file:///etc/passwd", false, false),
            ("https://", false, false),
            ("", false, false),
        ] {
            assert_eq!(far.named(address).is_some(), from_far, "{address} from far");
            assert_eq!(
                here.named(address).is_some(),
                from_here,
                "{address} from here"
            );
        }
        let numbered = found_at("https://192.0.2.7/.well-known/openid-configuration");
        assert!(numbered.named("https://192.0.2.7/token").is_some());
        assert!(numbered.named("https://192.0.2.8/token").is_none());
        assert!(Endpoint::of_discovery("http://192.0.2.7/").is_none());
    }

    #[test]
    fn values_cannot_become_parts_of_an_address() {
        let with_query =
            |address: &str, values: &[_]| Endpoint::parse(address).unwrap().with_query(values);
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

    // The plug's client parses the address again, with another parser.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn an_accepted_address_is_a_host_name_over_https_for_the_client_too(
            address in "(https?|HTTPS|ftp):[/\\\\]{0,3}[a-z0-9.:@%#?\\[\\]\\\\-]{0,24}(/[ -~]{0,12})?"
        ) {
            let far = Endpoint::of_discovery("https://id.example.com/").unwrap();
            let accepted = far.named(&address);
            if let Some(Ok(uri)) = accepted.map(|endpoint| endpoint.as_str().parse::<Uri>()) {
                prop_assert_eq!(uri.scheme_str(), Some("https"));
                let host = uri.host().unwrap();
                prop_assert!(host.parse::<IpAddr>().is_err() && !host.starts_with('['));
                prop_assert!(!uri.authority().unwrap().as_str().contains('@'));
            }
        }
    }
}
