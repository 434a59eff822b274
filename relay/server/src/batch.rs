//! Datagrams of one socket that are read and handled together.

use std::io;
use std::net::SocketAddr;

use sightline_room::{Datagram, Protocol};

use crate::udp::UdpPort;

/// Most datagrams that are handled together. The first waits for the last: some 10 us each.
pub(crate) const DATAGRAMS_TOGETHER: usize = 16;
/// The largest datagram: more than an Ethernet frame. Longer ones are truncated and fail their
/// authentication.
const DATAGRAM_BYTES_MAX: usize = 2048;

/// Datagrams that are handled together.
pub(crate) struct Batch {
    bytes: Vec<[u8; DATAGRAM_BYTES_MAX]>,
    /// Length and sender of each.
    arrived: Vec<(usize, SocketAddr)>,
}

impl Batch {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![[0; DATAGRAM_BYTES_MAX]; DATAGRAMS_TOGETHER],
            arrived: Vec::with_capacity(DATAGRAMS_TOGETHER),
        }
    }

    /// Takes what has arrived. Returns whether more may be waiting.
    pub(crate) fn fill(&mut self, port: &UdpPort) -> bool {
        self.arrived.clear();
        let more = self.take(|buffer| port.direct.recv_from(buffer));
        if !self.arrived.is_empty() || more {
            return more;
        }
        // Only this way the runtime learns that the socket is empty, and tells when it no longer
        // is. While packets keep coming it need not be asked.
        self.take(|buffer| port.receive.try_recv_from(buffer))
    }

    fn take(
        &mut self,
        mut receive: impl FnMut(&mut [u8]) -> io::Result<(usize, SocketAddr)>,
    ) -> bool {
        while let Some(buffer) = self.bytes.get_mut(self.arrived.len()) {
            match receive(buffer) {
                Ok(arrived) => self.arrived.push(arrived),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // For example a closed port at the other end. The next datagram may still arrive.
                Err(_) => return true,
            }
        }
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.arrived.len()
    }

    /// Keeps those of these senders. Returns how many were dropped.
    pub(crate) fn keep(&mut self, mut of: impl FnMut(&SocketAddr) -> bool) -> u64 {
        let mut dropped = 0;
        for (length, source) in &mut self.arrived {
            if !of(source) {
                dropped += 1;
                *length = 0;
            }
        }
        dropped
    }

    pub(crate) fn datagrams(&self, destination: SocketAddr) -> impl Iterator<Item = Datagram<'_>> {
        let arrived = self.bytes.iter().zip(&self.arrived);
        arrived.filter_map(move |(bytes, (length, source))| {
            Some(Datagram {
                protocol: Protocol::Udp,
                source: *source,
                destination,
                bytes: bytes.get(..*length).filter(|bytes| !bytes.is_empty())?,
            })
        })
    }
}
