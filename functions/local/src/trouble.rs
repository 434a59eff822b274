//! Why the house does not run, in words for whoever started it.

use std::net::SocketAddr;

use sightline_relay::BindError;
use sightline_session::budget::BadPrefix;
use sightline_wire::TextError;

use crate::data::DataError;
use crate::store::OpenError;

/// Why the house does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The bundle was not there when the binary was built.
    #[error("{missing} (`make` does both)", missing = sightline_web::MISSING)]
    NoPages,
    /// An address that others can reach.
    #[error(
        "--listen {0} is not a loopback address: sightline has no TLS of its own, listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// Somebody else listens there.
    #[error("port {port} of --listen {0} is taken: stop the other program, or choose another port", port = .0.port())]
    ListenTaken(SocketAddr),
    /// Some other trouble with the address.
    #[error("cannot listen on --listen {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// Somebody else's media.
    #[error("port {port} of --media {0} (UDP) is taken: stop the other program, or choose another port", port = .0.port())]
    MediaTaken(SocketAddr),
    /// Somebody else's connections.
    #[error("port {port} of --media-tcp {0} is taken: stop the other program, or choose another port", port = .0.port())]
    MediaTcpTaken(SocketAddr),
    /// `--media` names no one address.
    #[error(
        "--media {0} stands for every address: say with --announce ADDRESS:PORT which one pages are to use"
    )]
    AnnounceNeeded(SocketAddr),
    /// `--media-tcp` names no one address.
    #[error(
        "--media-tcp {0} stands for every address: say with --announce-tcp ADDRESS:PORT which one pages are to use"
    )]
    AnnounceTcpNeeded(SocketAddr),
    /// Some other trouble with the relay.
    #[error("cannot run the media relay")]
    Media(#[source] BindError),
    /// Not an origin.
    #[error("--public-url {0} is not an origin such as https://help.example.com")]
    PublicUrl(String),
    /// Not a list of country prefixes.
    #[error("--sms-prefixes does not fit")]
    SmsPrefixes(#[source] BadPrefix),
    /// A name that cannot be shown.
    #[error("--agent-name does not fit")]
    AgentName(#[source] TextError),
    /// A name that cannot be shown.
    #[error("--business does not fit")]
    Business(#[source] TextError),
    /// The data folder.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The system gives no runtime or no signals.
    #[error("cannot start")]
    System(#[from] std::io::Error),
}
