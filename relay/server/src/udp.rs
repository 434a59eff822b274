//! The UDP sockets of a media thread, each in the two forms in which the thread uses it.

use std::io;
use std::net::UdpSocket;

use crate::socket::{Socket, SocketName};

/// A UDP socket.
pub(crate) struct UdpPort {
    pub(crate) receive: tokio::net::UdpSocket,
    /// The same socket, for use without waiting: what the kernel does not accept is lost.
    pub(crate) direct: UdpSocket,
    pub(crate) name: SocketName,
    /// Serves browsers on this machine only.
    pub(crate) own: bool,
}

impl UdpPort {
    pub(crate) fn new(socket: Socket<UdpSocket>) -> io::Result<Self> {
        Ok(Self {
            direct: socket.socket.try_clone()?,
            receive: tokio::net::UdpSocket::from_std(socket.socket)?,
            name: socket.name,
            own: socket.own,
        })
    }
}
