//! The machine that the relay runs on: its addresses, and those that its default routes use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Tells addresses as they are at this moment.
pub type AddressSource = Box<dyn Fn() -> Vec<IpAddr> + Send + Sync>;

/// What a relay asks about its machine.
pub struct Machine {
    /// The source address of each default route: one of IPv4, one of IPv6, or fewer.
    pub routed: AddressSource,
    /// All addresses.
    pub addresses: AddressSource,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn this() -> Self {
        Self {
            routed: Box::new(|| {
                let v4 = default_source(&V4_DESTINATIONS.map(IpAddr::V4));
                let v6 = default_source(&V6_DESTINATIONS.map(IpAddr::V6));
                v4.into_iter().chain(v6).collect()
            }),
            addresses: Box::new(|| {
                let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
                    tracing::warn!(%error, "failed to list addresses of this machine");
                    Vec::new()
                });
                interfaces.iter().map(if_addrs::Interface::ip).collect()
            }),
        }
    }

    /// Whether this machine has an address at this moment.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        (self.addresses)().contains(&address)
    }
}

/// Addresses for documentation (RFC 5737). Any one of them may have a route of its own, where
/// somebody tries something out; two of three follow the default route.
const V4_DESTINATIONS: [Ipv4Addr; 3] = [
    Ipv4Addr::new(192, 0, 2, 254),
    Ipv4Addr::new(198, 51, 100, 254),
    Ipv4Addr::new(203, 0, 113, 254),
];
/// The same of IPv6: documentation (RFC 3849, RFC 9637) and benchmarks (RFC 5180).
const V6_DESTINATIONS: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x2001, 0x2, 0, 0, 0, 0, 0, 1),
];

/// The source address that the system chooses for most of these destinations.
fn default_source(destinations: &[IpAddr]) -> Option<IpAddr> {
    let sources: Vec<_> = destinations.iter().copied().map(source_for).collect();
    most_of(&sources).filter(|at| is_reachable(*at))
}

/// What more than half of the entries are.
fn most_of(sources: &[Option<IpAddr>]) -> Option<IpAddr> {
    let count = |one: &Option<IpAddr>| sources.iter().filter(|other| *other == one).count();
    let most = sources.iter().find(|one| 2 * count(one) > sources.len());
    most.copied().flatten()
}

/// Connecting a UDP socket chooses a route and sends nothing.
fn source_for(destination: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(destination, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Whether pages can use an address as it stands: a link-local one of IPv6 needs a zone.
fn is_reachable(address: IpAddr) -> bool {
    let has_zone = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    !address.is_loopback() && !address.is_unspecified() && !has_zone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_route_beside_the_default_one_changes_nothing() {
        let [a, b, c] = ["192.0.2.1", "10.0.0.1", "10.0.0.2"].map(|text| Some(ip(text)));
        assert_eq!(most_of(&[a, b, b]), b);
        assert_eq!(most_of(&[b, a, b]), b);
        assert_eq!(most_of(&[a, None, None]), None, "no default route");
        assert_eq!(most_of(&[a, b, c]), None, "not known");
    }

    #[test]
    fn pages_get_no_address_that_they_cannot_use() {
        for text in ["127.0.0.1", "::1", "fe80::1", "::", "0.0.0.0"] {
            assert!(!is_reachable(ip(text)), "{text}");
        }
        for text in ["192.168.1.2", "169.254.9.9", "fd00::2", "2001:db8::2"] {
            assert!(is_reachable(ip(text)), "{text}");
        }
    }

    #[test]
    fn this_machine_knows_its_own_addresses() {
        let machine = Machine::this();
        assert!(machine.has(ip("127.0.0.1")));
        assert!(!machine.has(ip("203.0.113.254")));
        for source in (machine.routed)() {
            assert!(machine.has(source), "{source}");
        }
    }
}
