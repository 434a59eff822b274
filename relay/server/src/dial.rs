//! One dial to the host: name, address, TLS, and the handshake of the WebSocket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode, Uri, header};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sightline_wire::SUBPROTOCOL;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

use crate::config::TokenSource;
use crate::socket::BindError;

/// How long a dial may take in all. A function that starts cold may need a second or two of it.
const DIAL_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection to one of the host's addresses may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The longest message of the host that is taken off the link, bytes: eight times what API Gateway
/// lets through. Of these, the ones above [`MESSAGE_BYTES_MAX`] are skipped and counted; ending the
/// link for them would end it for all sessions.
///
/// [`MESSAGE_BYTES_MAX`]: sightline_wire::MESSAGE_BYTES_MAX
const TAKEN_BYTES_MAX: usize = 1024 * 1024;

/// A WebSocket to the host.
pub(crate) type HostSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a link ended, or never began.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkEnd {
    #[error("the relay is leaving")]
    Leaving,
    #[error("no answer in time")]
    Silence,
    #[error("the host closed the link")]
    Closed,
    #[error("the name of the host has no address")]
    NoAddress,
    #[error("the token is not a valid header value")]
    Token,
    #[error("the host refused the token")]
    TokenRefused,
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for LinkEnd {
    fn from(error: Error) -> Self {
        match error {
            // API Gateway answers 403 if an authorizer refuses `$connect`.
            Error::Http(response)
                if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN]
                    .contains(&response.status()) =>
            {
                Self::TokenRefused
            }
            error => Self::Failed(error),
        }
    }
}

impl From<std::io::Error> for LinkEnd {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Dials the host.
pub(crate) struct Dialler {
    url: String,
    host: String,
    port: u16,
    tls: Connector,
    token: TokenSource,
}

impl Dialler {
    /// # Errors
    /// When the URL is not one of a WebSocket, or the extra root certificates cannot be read.
    pub(crate) fn new(
        url: &str,
        extra_root: Option<&Path>,
        token: TokenSource,
    ) -> Result<Self, BindError> {
        let refuse = |why| BindError::Home {
            url: url.to_owned(),
            why,
        };
        let uri: Uri = url.parse().map_err(|_| refuse("not a URL"))?;
        let (port, tls) = match uri.scheme_str() {
            Some("ws") => (80, Connector::Plain),
            Some("wss") => (443, Connector::Rustls(Arc::new(tls(extra_root)?))),
            _ => return Err(refuse("not a URL of a WebSocket")),
        };
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| refuse("not a URL of a WebSocket"))?;
        Ok(Self {
            url: url.to_owned(),
            // A URL has an IPv6 address in brackets.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(port),
            tls,
            token,
        })
    }

    /// Dials once.
    pub(crate) async fn dial(&self) -> Result<Box<HostSocket>, LinkEnd> {
        tokio::time::timeout(DIAL_WITHIN, self.dial_without_limit())
            .await
            .map_err(|_| LinkEnd::Silence)?
    }

    async fn dial_without_limit(&self) -> Result<Box<HostSocket>, LinkEnd> {
        let mut request = self.url.as_str().into_client_request()?;
        let headers = request.headers_mut();
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", (self.token)()))
            .map_err(|_| LinkEnd::Token)?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
        let limits = WebSocketConfig::default()
            .max_message_size(Some(TAKEN_BYTES_MAX))
            .max_frame_size(Some(TAKEN_BYTES_MAX));
        let stream = self.connect().await?;
        let (link, _) = tokio_tungstenite::client_async_tls_with_config(
            request,
            stream,
            Some(limits),
            Some(self.tls.clone()),
        )
        .await?;
        Ok(Box::new(link))
    }

    /// Connects to the first address that accepts. IPv4 comes first: answers name the address at
    /// which the host sees this relay, and pages have IPv4 in every network.
    async fn connect(&self) -> Result<TcpStream, LinkEnd> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await?;
        let mut addresses: Vec<SocketAddr> = found.collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        let mut end = LinkEnd::NoAddress;
        for address in addresses {
            match tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => end = error.into(),
                Err(_) => end = LinkEnd::Silence,
            }
        }
        Err(end)
    }
}

/// Trusts the web's root certificates, which are compiled in: the relay's image contains no other
/// file.
fn tls(extra_root: Option<&Path>) -> Result<ClientConfig, BindError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = extra_root {
        let refuse = |why: String| BindError::HomeRoot {
            path: path.to_owned(),
            why,
        };
        let found = CertificateDer::pem_file_iter(path)
            .map_err(|error| refuse(error.to_string()))?
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| refuse(error.to_string()))?;
        if found.is_empty() {
            return Err(refuse("no certificate in it".to_owned()));
        }
        for root in found {
            roots.add(root).map_err(|error| refuse(error.to_string()))?;
        }
    }
    // Named here because a process with two providers has no default one.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialler(url: &str) -> Result<Dialler, BindError> {
        Dialler::new(url, None, Box::new(|| "old".to_owned()))
    }

    #[test]
    fn only_urls_that_can_be_dialled_are_accepted() {
        for (url, host, port) in [
            ("ws://127.0.0.1:8080/ws", "127.0.0.1", 8080),
            ("wss://api.example.com/ws", "api.example.com", 443),
            ("wss://[2001:db8::1]/ws", "2001:db8::1", 443),
            ("ws://api.example.com/ws", "api.example.com", 80),
        ] {
            let dialler = dialler(url).unwrap();
            assert_eq!((dialler.host.as_str(), dialler.port), (host, port), "{url}");
        }
        for url in ["https://example.com/", "no address", "ws://", "/ws"] {
            assert!(dialler(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_reported_as_such() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dialler = dialler(&format!("ws://{}/ws", listener.local_addr().unwrap())).unwrap();
        for (status, said) in [
            ("401 Unauthorized", "the host refused the token"),
            ("403 Forbidden", "the host refused the token"),
            ("503 Busy", "HTTP error: 503 Service Unavailable"),
        ] {
            let answer = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 2048]).await.unwrap();
                let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(response.as_bytes()).await.unwrap();
            };
            let (dialled, ()) = tokio::join!(dialler.dial(), answer);
            assert_eq!(dialled.err().unwrap().to_string(), said);
        }
    }

    #[test]
    fn a_file_without_a_root_certificate_is_refused_by_its_name() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let token: TokenSource = Box::new(String::new);
        let refused = Dialler::new("wss://example.com/ws", Some(path), token);
        let said = refused.err().unwrap().to_string();
        assert!(said.contains("Cargo.toml: no certificate in it"), "{said}");
    }
}
