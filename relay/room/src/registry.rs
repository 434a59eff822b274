//! Finds the transport that a datagram belongs to.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::demux;
use crate::io::{Datagram, Remote, RoomKey, TransportKey};
use crate::sink::RemovedTransport;

/// A transport and its room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) room: RoomKey,
    pub(crate) transport: TransportKey,
}

/// An address that was heard within this time stays with the transports of its page: longer than
/// one lives without a check (str0m 0.25 ends it after some 15 s). A page that forges its sender's
/// address could otherwise take the packets of another; the relay, being lite, checks no path.
const HELD_FOR: Duration = Duration::from_secs(30);

/// An address, and when its transport was last heard there.
struct Place {
    owner: Owner,
    heard_at: Instant,
}

/// All transports by address and by ufrag. Both maps are only looked up, never iterated.
#[derive(Default)]
pub(crate) struct Registry {
    /// Addresses that authenticated themselves by ICE.
    addresses: HashMap<Remote, Place>,
    /// Local ufrags, by which a sender at an unknown address names a transport.
    ufrags: HashMap<String, Owner>,
}

impl Registry {
    /// The number of transports.
    pub(crate) fn len(&self) -> usize {
        self.ufrags.len()
    }

    /// The transport of a datagram: by the ufrag if it is STUN, by its sender's address otherwise.
    pub(crate) fn owner_of(&mut self, datagram: &Datagram<'_>, now: Instant) -> Option<Owner> {
        if demux::is_stun(datagram.bytes) {
            let ufrag = demux::local_ufrag(datagram.bytes)?;
            self.ufrags.get(ufrag).copied()
        } else {
            let place = self.addresses.get_mut(&datagram.remote())?;
            place.heard_at = now;
            Some(place.owner)
        }
    }

    /// Another transport than this that has an address and still uses it.
    pub(crate) fn holder_of(&self, remote: Remote, from: Owner, now: Instant) -> Option<Owner> {
        let place = self.addresses.get(&remote)?;
        let is_used = now.saturating_duration_since(place.heard_at) < HELD_FOR;
        let other = place.owner.transport != from.transport;
        (other && is_used).then_some(place.owner)
    }

    /// The transport that has this authenticated address.
    pub(crate) fn owner_at(&self, remote: Remote) -> Option<Owner> {
        self.addresses.get(&remote).map(|place| place.owner)
    }

    /// Whether a transport has this authenticated address.
    pub(crate) fn has_address(&self, remote: Remote) -> bool {
        self.addresses.contains_key(&remote)
    }

    pub(crate) fn add(&mut self, ufrag: String, owner: Owner) {
        self.ufrags.insert(ufrag, owner);
    }

    pub(crate) fn add_address(&mut self, remote: Remote, owner: Owner, now: Instant) {
        let place = Place {
            owner,
            heard_at: now,
        };
        self.addresses.insert(remote, place);
    }

    /// Removes the address if it still belongs to this transport: the next transport of the same
    /// page may have taken it over.
    pub(crate) fn remove_address(&mut self, remote: Remote, of: TransportKey) {
        if self
            .addresses
            .get(&remote)
            .map(|place| place.owner.transport)
            == Some(of)
        {
            self.addresses.remove(&remote);
        }
    }

    pub(crate) fn remove(&mut self, removed: RemovedTransport) {
        let Some(owner) = self.ufrags.remove(&removed.ufrag) else {
            return;
        };
        for address in removed.addresses {
            self.remove_address(address, owner.transport);
        }
    }

    #[cfg(test)]
    pub(crate) fn any_ufrag(&self) -> String {
        self.ufrags.keys().next().unwrap().clone()
    }
}
