//! Finds the transport that a datagram belongs to.

use std::collections::HashMap;

use crate::demux;
use crate::io::{Datagram, Remote, RoomKey, TransportKey};
use crate::sink::RemovedTransport;

/// A transport and its room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) room: RoomKey,
    pub(crate) transport: TransportKey,
}

/// All transports by address and by ufrag. Both maps are only looked up, never iterated.
#[derive(Default)]
pub(crate) struct Registry {
    /// Addresses that authenticated themselves by ICE.
    addresses: HashMap<Remote, Owner>,
    /// Local ufrags, by which a sender at an unknown address names a transport.
    ufrags: HashMap<String, Owner>,
}

impl Registry {
    /// The number of transports.
    pub(crate) fn len(&self) -> usize {
        self.ufrags.len()
    }

    /// The transport of a datagram: by the ufrag if it is STUN, by its sender's address otherwise.
    pub(crate) fn owner_of(&self, datagram: &Datagram<'_>) -> Option<Owner> {
        if demux::is_stun(datagram.bytes) {
            let ufrag = demux::local_ufrag(datagram.bytes)?;
            self.ufrags.get(ufrag).copied()
        } else {
            self.addresses.get(&datagram.remote()).copied()
        }
    }

    /// Whether a transport has this authenticated address.
    pub(crate) fn has_address(&self, remote: Remote) -> bool {
        self.addresses.contains_key(&remote)
    }

    pub(crate) fn add(&mut self, ufrag: String, owner: Owner) {
        self.ufrags.insert(ufrag, owner);
    }

    pub(crate) fn add_address(&mut self, remote: Remote, owner: Owner) {
        self.addresses.insert(remote, owner);
    }

    /// Removes the address if it still belongs to this transport: the next transport of the same
    /// page may have taken it over.
    pub(crate) fn remove_address(&mut self, remote: Remote, of: TransportKey) {
        if self.addresses.get(&remote).map(|owner| owner.transport) == Some(of) {
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
