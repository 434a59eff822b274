//! Why `sightline serve` does not start, in words for its operator.

use std::net::SocketAddr;
use std::path::PathBuf;

use sightline_host::BadEntry;
use sightline_host::ports::StoreError;
use sightline_relay::BindError;
use sightline_session::budget::BadPrefix;
use sightline_wire::{LogoFault, TextError};

use crate::backup::BackupError;
use crate::data::DataError;
use crate::lan::certificates::CertificateError;
use crate::store::OpenError;

/// The advice for a port that is in use.
const TAKEN: &str = ": stop the other program, or choose another port";

/// Why `sightline serve` does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A backup cannot be made or restored.
    #[error(transparent)]
    Backup(BackupError),
    /// The bundle was missing when the binary was built.
    #[error("{missing} (`make` does both)", missing = sightline_web::MISSING)]
    NoPages,
    /// `--listen` is an address that other machines can reach.
    #[error(
        "--listen {0} is not a loopback address: the agent works on this machine. \
         For phones in its network use --lan"
    )]
    NotLoopback(SocketAddr),
    /// `--lan` without an address, and no default route.
    #[error("--lan: this machine has no network address, name one with --lan=ADDRESS")]
    NoNetwork,
    /// Another program listens at the address of `--lan`.
    #[error("port {port} of --lan {0} is taken{TAKEN}", port = .0.port())]
    LanTaken(SocketAddr),
    /// Listening at the address of `--lan` failed for another reason.
    #[error("cannot listen on --lan {0}: is that an address of this machine?")]
    Lan(SocketAddr, #[source] std::io::Error),
    /// There is no certificate for `--lan`.
    #[error("cannot serve HTTPS at --lan")]
    Certificate(#[from] CertificateError),
    /// Another program listens at `--listen`.
    #[error("port {port} of --listen {0} is taken{TAKEN}", port = .0.port())]
    ListenTaken(SocketAddr),
    /// Listening at `--listen` failed for another reason.
    #[error("cannot listen on --listen {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// An address for media stands for many machines.
    #[error("{flag} {at} is a multicast or broadcast address: name an address of this machine")]
    Group {
        /// The flag.
        flag: &'static str,
        /// Its value.
        at: SocketAddr,
    },
    /// Another program has the UDP port of `--media`.
    #[error("port {port} of --media {0} (UDP) is taken{TAKEN}", port = .0.port())]
    MediaTaken(SocketAddr),
    /// Another program listens at `--media-tcp`.
    #[error("port {port} of --media-tcp {0} is taken{TAKEN}", port = .0.port())]
    MediaTcpTaken(SocketAddr),
    /// `--media` is unspecified, and `--announce` is missing.
    #[error(
        "--media {0} is unspecified: set --announce ADDRESS:PORT to the address that pages use"
    )]
    AnnounceNeeded(SocketAddr),
    /// `--media-tcp` is unspecified, and `--announce-tcp` is missing.
    #[error(
        "--media-tcp {0} is unspecified: set --announce-tcp ADDRESS:PORT to the address that pages \
         use"
    )]
    AnnounceTcpNeeded(SocketAddr),
    /// The relay does not start for another reason.
    #[error("cannot start the media relay at --media and --media-tcp")]
    Media(#[source] BindError),
    /// The relay's thread does not start, or ended.
    #[error("cannot carry media")]
    MediaEnded(#[source] std::io::Error),
    /// The relay runs and did not reach this server.
    #[error(
        "cannot carry media: the relay did not connect within {within_s} s. The log says why; the \
         limit of open files may be too low"
    )]
    MediaLate {
        /// How long the server waited.
        within_s: u64,
    },
    /// Another server has the data folder open.
    #[error(
        "--data: data folder {folder} is in use by another sightline, which is reached at {page}"
    )]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The other server's page.
        page: String,
    },
    /// Nobody reads the standard output.
    #[error("cannot print the addresses to the standard output")]
    Print(#[source] std::io::Error),
    /// `--public-url` is not an origin.
    #[error("--public-url {0} is not an origin such as https://help.example.com")]
    PublicUrl(String),
    /// `--sms-prefixes` is not a list of country prefixes.
    #[error("invalid --sms-prefixes")]
    SmsPrefixes(#[source] BadPrefix),
    /// `--sms-refused` names neither a kind of number nor a country.
    #[error("invalid --sms-refused")]
    SmsRefused(#[source] BadEntry),
    /// `--maps` is not an address of https with both places.
    #[error("--maps {0} is not an address such as https://maps.example/?q={{lat}},{{lon}}")]
    Maps(String),
    /// `--agent-name` is empty, too long or has control characters.
    #[error("invalid --agent-name")]
    AgentName(#[source] TextError),
    /// `--logo` cannot be read.
    #[error("cannot read --logo {0}")]
    LogoUnread(PathBuf, #[source] std::io::Error),
    /// `--logo` names a file that is no logo.
    #[error("--logo {0} cannot be the logo: {1}")]
    Logo(PathBuf, LogoFault),
    /// `--business` is empty, too long or has control characters.
    #[error("invalid --business")]
    Business(#[source] TextError),
    /// The data folder is not usable.
    #[error("--data")]
    Data(#[from] DataError),
    /// The database does not open.
    #[error("--data")]
    Store(#[from] OpenError),
    /// The database cannot be read.
    #[error("cannot read the database")]
    Reading(#[from] StoreError),
    /// The system provides no runtime or no signal handlers.
    #[error("cannot start")]
    System(#[from] std::io::Error),
}
