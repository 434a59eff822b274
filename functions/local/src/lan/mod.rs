//! Phones in this machine's network (`--lan`): HTTPS at its network address, with a certificate of
//! our own or a given one.

pub mod address;
pub mod certificates;
mod qr;
pub mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use sightline_relay::Machine;
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

use self::address::LanAddress;
use self::certificates::{CertificateError, Certificates};
use crate::cli::Serve;
use crate::clock::wall_ms;
use crate::data::DataFolder;
use crate::desk::random;
use crate::serve_error::ServeError;

pub use self::qr::drawn;

/// Time between two looks whether this machine still has its address.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// HTTPS on the network addresses of this machine, not started.
pub struct Lan {
    /// Bound sockets, one for each address.
    pub listeners: Vec<TcpListener>,
    /// Their addresses.
    pub addresses: Vec<SocketAddr>,
    /// What the servers show.
    pub tls: Arc<ServerConfig>,
    /// Our certificate authority (PEM), unless somebody else issued the certificate.
    pub authority: Option<Arc<str>>,
    /// Whether the operator named the address.
    pub named: bool,
}

impl Lan {
    /// Binds to the addresses and gets the certificate.
    ///
    /// # Errors
    /// When there is no address, or it cannot be used, or the certificate cannot.
    pub async fn open(
        at: LanAddress,
        options: &Serve,
        folder: &DataFolder,
    ) -> Result<Self, ServeError> {
        let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
        for address in ips(at, &Machine::this())? {
            let listener = listen(SocketAddr::new(address, at.port)).await?;
            addresses.push(listener.local_addr()?);
            listeners.push(listener);
        }
        let certificates = match (&options.tls_cert, &options.tls_key) {
            (Some(chain), Some(key)) => Certificates::read(chain, key)?,
            _ => {
                let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
                let [a, b, c, d, ..] = random();
                let tag = u32::from_be_bytes([a, b, c, d]);
                Certificates::of_folder(folder, &ips, wall_ms() / 1_000, tag)?
            }
        };
        let authority = certificates.authority.clone().map(Arc::from);
        let tls = tls::config(certificates).map_err(CertificateError::from)?;
        Ok(Self {
            listeners,
            addresses,
            tls,
            authority,
            named: at.ip.is_some(),
        })
    }

    /// The origin of the customer's page at the first address.
    #[must_use]
    pub fn origin(&self) -> String {
        let at = self.addresses.first().map(name);
        format!("https://{}", at.unwrap_or_default())
    }

    /// The names by which browsers address these servers.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.addresses.iter().map(name).collect()
    }
}

/// Reports once when this machine loses one of its addresses: phones no longer reach it, and links
/// in messages lead nowhere.
pub async fn watch(addresses: Vec<SocketAddr>) {
    let machine = Machine::this();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(lost) = addresses.iter().find(|at| !machine.has(at.ip())) {
            tracing::warn!(address = %lost.ip(), "this machine lost its --lan address, start again");
            return;
        }
    }
}

fn ips(at: LanAddress, machine: &Machine) -> Result<Vec<IpAddr>, ServeError> {
    if let Some(ip) = at.ip {
        return Ok(vec![ip]);
    }
    let routed = (machine.routed)();
    match routed.is_empty() {
        true => Err(ServeError::NoNetwork),
        false => Ok(routed),
    }
}

async fn listen(at: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(at)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::LanTaken(at),
            _ => ServeError::Lan(at, error),
        })
}

/// Browsers omit the scheme's own port.
fn name(at: &SocketAddr) -> String {
    match (at.port(), at.ip()) {
        (443, IpAddr::V4(ip)) => ip.to_string(),
        (443, IpAddr::V6(ip)) => format!("[{ip}]"),
        _ => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(routed: &'static str) -> Machine {
        let routed = move || routed.split_whitespace().flat_map(str::parse).collect();
        Machine {
            routed: Box::new(routed),
            addresses: Box::new(Vec::new),
        }
    }

    #[test]
    fn phones_find_this_machine_at_its_default_routes_or_where_the_operator_says() {
        let ips = |text: &str, routed| ips(text.parse().unwrap(), &machine(routed));
        let told = |text: &str| vec![text.parse::<IpAddr>().unwrap()];
        assert_eq!(ips("", "10.0.0.7 fd00::7").unwrap().len(), 2);
        assert_eq!(ips("10.0.0.9", "10.0.0.7").unwrap(), told("10.0.0.9"));
        assert!(matches!(ips("", ""), Err(ServeError::NoNetwork)));
    }

    #[test]
    fn browsers_do_not_name_the_port_of_https() {
        let name = |text: &str| name(&text.parse().unwrap());
        assert_eq!(name("10.0.0.7:8443"), "10.0.0.7:8443");
        assert_eq!(name("10.0.0.7:443"), "10.0.0.7");
        assert_eq!(name("[fd00::7]:443"), "[fd00::7]");
        assert_eq!(name("[fd00::7]:8443"), "[fd00::7]:8443");
    }
}
