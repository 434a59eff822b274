//! The media sockets.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket as RawSocket, Type};

/// Room for what arrives while the thread is busy, bytes. The kernel may grant less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Why a relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("media port {0} is taken")]
    PortTaken(SocketAddr),
    /// Some other trouble with the socket.
    #[error("cannot listen for media on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Pages cannot be told an address that means "any".
    #[error("media on {0} needs an address to announce")]
    AnnounceNeeded(SocketAddr),
    /// As many addresses to announce as to listen on.
    #[error("{announced} media addresses announced, {listened} listened on")]
    AnnounceCount {
        /// How many are announced.
        announced: usize,
        /// How many are listened on.
        listened: usize,
    },
    /// No address to listen on.
    #[error("no media address to listen on")]
    NoMedia,
    /// The host's address is not one of a WebSocket this relay can dial.
    #[error("cannot dial {url}: {why}")]
    Home {
        /// The address.
        url: String,
        /// What is the matter.
        why: &'static str,
    },
}

/// A bound socket and the name pages know it by.
pub(crate) struct Socket {
    pub(crate) udp: UdpSocket,
    pub(crate) announced: SocketAddr,
}

pub(crate) fn bind_all(
    listen: &[SocketAddr],
    announce: Option<&[SocketAddr]>,
) -> Result<Vec<Socket>, BindError> {
    if listen.is_empty() {
        return Err(BindError::NoMedia);
    }
    if let Some(announce) = announce
        && announce.len() != listen.len()
    {
        return Err(BindError::AnnounceCount {
            announced: announce.len(),
            listened: listen.len(),
        });
    }
    let mut announce = announce.unwrap_or_default().iter();
    listen
        .iter()
        .map(|at| bind(*at, announce.next().copied()))
        .collect()
}

fn bind(at: SocketAddr, announce: Option<SocketAddr>) -> Result<Socket, BindError> {
    let udp = open(at).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::PortTaken(at),
        _ => BindError::Listen(at, error),
    })?;
    let bound = udp
        .local_addr()
        .map_err(|error| BindError::Listen(at, error))?;
    let mut announced = announce.unwrap_or(bound);
    if announced.port() == 0 {
        announced.set_port(bound.port());
    }
    if announced.ip().is_unspecified() {
        return Err(BindError::AnnounceNeeded(at));
    }
    Ok(Socket { udp, announced })
}

fn open(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = RawSocket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    // Less than asked for is no reason not to start.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&at.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_taken_port_is_named() {
        let first = bind_all(&[at("127.0.0.1:0")], None).unwrap();
        let taken = first[0].announced;
        let error = bind_all(&[taken], None).err().unwrap();
        assert_eq!(error.to_string(), format!("media port {taken} is taken"));
    }

    #[test]
    fn an_unspecified_address_needs_one_to_announce() {
        let any = at("0.0.0.0:0");
        assert!(matches!(
            bind_all(&[any], None),
            Err(BindError::AnnounceNeeded(_))
        ));
        let socket = bind_all(&[any], Some(&[at("192.0.2.7:0")])).unwrap();
        let port = socket[0].udp.local_addr().unwrap().port();
        assert_eq!(socket[0].announced, at(&format!("192.0.2.7:{port}")));
    }

    #[test]
    fn each_address_listened_on_has_one_to_announce() {
        let error = bind_all(&[at("127.0.0.1:0")], Some(&[])).err().unwrap();
        assert_eq!(
            error.to_string(),
            "0 media addresses announced, 1 listened on"
        );
    }
}
