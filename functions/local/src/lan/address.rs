//! The value of `--lan`: where phones reach this machine.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The port of HTTPS on the network address.
pub const PORT: u16 = 8443;

/// An address of `--lan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanAddress {
    /// `None` stands for the source addresses of the default routes.
    pub ip: Option<IpAddr>,
    /// Port 0 takes a free one.
    pub port: u16,
}

/// Why a text is no value of `--lan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an address of this machine, such as 192.168.1.20, [fd00::20] or 192.168.1.20:8443"
)]
pub struct BadLanAddress;

impl FromStr for LanAddress {
    type Err = BadLanAddress;

    /// Reads an address with or without a port. Nothing, `1` and `true` leave the choice to us, so
    /// that `LAN=1` means what it says.
    fn from_str(text: &str) -> Result<Self, BadLanAddress> {
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let (ip, port) = if matches!(text, "" | "1" | "true") {
            (None, PORT)
        } else if let Ok(ip) = bare.unwrap_or(text).parse::<IpAddr>() {
            (Some(ip), PORT)
        } else {
            let at: SocketAddr = text.parse().map_err(|_| BadLanAddress)?;
            (Some(at.ip()), at.port())
        };
        if ip.is_some_and(|ip| ip.is_unspecified() || ip.is_multicast()) {
            return Err(BadLanAddress);
        }
        Ok(Self { ip, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_with_and_without_a_port() {
        let read = |text: &str| text.parse().map(|at: LanAddress| (at.ip, at.port));
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for text in ["", "1", "true"] {
            assert_eq!(read(text), Ok((None, PORT)), "{text:?}");
        }
        assert_eq!(read("192.168.1.20"), Ok((ip("192.168.1.20"), PORT)));
        assert_eq!(read("192.168.1.20:0"), Ok((ip("192.168.1.20"), 0)));
        assert_eq!(read("fd00::20"), Ok((ip("fd00::20"), PORT)));
        assert_eq!(read("[fd00::20]"), Ok((ip("fd00::20"), PORT)));
        assert_eq!(read("[fd00::20]:443"), Ok((ip("fd00::20"), 443)));
        for text in ["0.0.0.0", "::", "[::]:1", "224.0.0.1", "desk.local", "2"] {
            assert_eq!(read(text), Err(BadLanAddress), "{text}");
        }
    }
}
