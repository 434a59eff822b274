//! Strangers over TCP: how many there may be, and whose place a further one takes.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Most connections of strangers. A further one replaces the oldest of the network with most.
const STRANGERS_MAX: usize = 256;
/// Most connections of strangers from one network. Many phones may share an address, but they do
/// not all connect in the same moment.
pub(crate) const STRANGERS_PER_NETWORK_MAX: usize = 32;
/// How long a stranger keeps its place whatever comes, so that a flood from its own network does
/// not close it before its first check. Until then further ones are refused.
pub(crate) const STRANGER_KEPT: Duration = Duration::from_secs(1);

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// The number of the listener that accepted it.
    pub(crate) listener: usize,
    pub(crate) address: SocketAddr,
}

/// A place for a stranger.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is one.
    Free,
    /// That of this connection.
    Of(Origin),
    /// All are taken at the moment.
    None,
}

/// One of those who are there.
#[derive(Clone, Copy)]
pub(crate) struct Stranger {
    pub(crate) origin: Origin,
    /// Counts up: the lower one is older.
    pub(crate) id: u64,
    pub(crate) since: Instant,
}

/// The place for a further stranger from this address.
pub(crate) fn room_for(
    strangers: impl Iterator<Item = Stranger> + Clone,
    from: IpAddr,
    now: Instant,
) -> Room {
    let from = network(from);
    let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for stranger in strangers.clone() {
        let network = network(stranger.origin.address.ip());
        *counts.entry(network).or_default() += 1;
    }
    let near = counts.get(&from).copied().unwrap_or_default();
    let fullest = counts.iter().max_by_key(|(_, count)| **count);
    let (giving, is_fair) = match fullest {
        _ if near >= STRANGERS_PER_NETWORK_MAX => (from, false),
        // A network with fewer gets its place at once: nobody there floods.
        Some((giving, count)) if counts.values().sum::<usize>() >= STRANGERS_MAX => {
            (*giving, *count > near + 1)
        }
        _ => return Room::Free,
    };
    let oldest = strangers
        .filter(|stranger| network(stranger.origin.address.ip()) == giving)
        .min_by_key(|stranger| stranger.id);
    match oldest {
        Some(Stranger { origin, since, .. }) if is_fair || now >= since + STRANGER_KEPT => {
            Room::Of(origin)
        }
        _ => Room::None,
    }
}

/// The network of an address, as far as one party controls it: over IPv6 that is a /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_ipv6_network_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
