//! Addresses on the command line: an IP address with a port, or `localhost` with one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Why a text is no address with a port. Each says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// The address is missing.
    #[error("that is a port alone: put an address before it, such as 127.0.0.1:{0}")]
    PortAlone(u16),
    /// The port is missing.
    #[error("the port is missing: write {0}:8080, or port 0 for any free one")]
    NoPort(String),
    /// The part after the colon is no port.
    #[error("{0:?} is not a port: a number up to 65535 is wanted")]
    NoNumber(String),
    /// A host name. The desk looks up no names.
    #[error("{0:?} is not an IP address: names other than localhost are not looked up")]
    Name(String),
}

/// Reads an address with a port. `localhost` is 127.0.0.1.
///
/// # Errors
/// When a part is missing or wrong.
pub fn parse(text: &str) -> Result<SocketAddr, BadAddress> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    if let Ok(port) = text.strip_prefix(':').unwrap_or(text).parse() {
        return Err(BadAddress::PortAlone(port));
    }
    if let Some(ip) = ip(text) {
        let ip = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        return Err(BadAddress::NoPort(ip));
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(BadAddress::Name(text.to_owned()));
    };
    let ip = ip(host).ok_or_else(|| BadAddress::Name(host.to_owned()))?;
    match port.parse() {
        Ok(port) => Ok(SocketAddr::new(ip, port)),
        Err(_) => Err(BadAddress::NoNumber(port.to_owned())),
    }
}

/// An IP address, with or without brackets, or the name of this machine.
fn ip(text: &str) -> Option<IpAddr> {
    if is_localhost(text) {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

fn is_localhost(text: &str) -> bool {
    // A name may end in the dot of the root (RFC 1034, section 3.1).
    let name = text.strip_suffix('.').unwrap_or(text);
    name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ip_address_or_localhost_stands_before_a_port() {
        for (text, at) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            (" 10.0.0.1:0 ", "10.0.0.1:0"),
            ("[::1]:65535", "[::1]:65535"),
            ("localhost:8080", "127.0.0.1:8080"),
            ("LocalHost.:1", "127.0.0.1:1"),
        ] {
            assert_eq!(parse(text), Ok(at.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_said_with_an_example() {
        for (text, said) in [
            ("8080", "such as 127.0.0.1:8080"),
            (":8080", "such as 127.0.0.1:8080"),
            ("127.0.0.1", "write 127.0.0.1:8080"),
            ("::1", "write [::1]:8080"),
            ("[::1]", "write [::1]:8080"),
            ("localhost", "write 127.0.0.1:8080"),
            ("127.0.0.1:http", "\"http\" is not a port"),
            ("127.0.0.1:65536", "\"65536\" is not a port"),
            ("localhost:", "\"\" is not a port"),
            ("desk.example:80", "\"desk.example\" is not an IP address"),
            ("http://localhost:80", "is not an IP address"),
            ("desk", "\"desk\" is not an IP address"),
            ("", "is not an IP address"),
            ("256.0.0.1:80", "is not an IP address"),
        ] {
            let refused = parse(text).unwrap_err().to_string();
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }
}
