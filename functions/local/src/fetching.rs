//! Fetches the public keys of a deployment, over HTTPS with the certificates that this system
//! trusts. Plain HTTP is for this machine only.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use sightline_hand::trusting;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Where the keys of a deployment are listed.
const KEYS_PATH: &str = "/.well-known/jwks.json";

/// Longest answer, bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Longest time for all of it.
const WITHIN: Duration = Duration::from_secs(20);

type AnyError = Box<dyn Error>;

/// Returns the key set of a deployment as text.
///
/// # Errors
/// When the address is no origin, or does not answer with its keys.
pub fn keys_of(origin: &str) -> Result<String, AnyError> {
    let address = Address::of(origin)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let fetched = runtime.block_on(async { timeout(WITHIN, fetch(&address)).await });
    match fetched {
        Ok(fetched) => fetched.map_err(|error| format!("{origin}: {error}").into()),
        Err(_) => Err(format!("{origin} does not answer").into()),
    }
}

/// The parts of an origin.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    secure: bool,
    host: String,
    port: u16,
    /// As the header `Host` has it.
    authority: String,
}

impl Address {
    fn of(origin: &str) -> Result<Self, AnyError> {
        let wrong = || format!("{origin} is no origin such as https://help.example.com");
        let uri: Uri = origin.trim_end_matches('/').parse().map_err(|_| wrong())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(wrong)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || origin.contains('@') {
            return Err(wrong().into());
        }
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(wrong().into()),
        };
        let host = authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let here = bare == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if !secure && !here {
            return Err("plain http is for this machine only: use https".into());
        }
        Ok(Self {
            secure,
            host: bare.to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if secure { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
        })
    }
}

async fn fetch(address: &Address) -> Result<String, AnyError> {
    let stream = connect(address).await?;
    if !address.secure {
        return ask(stream, address).await;
    }
    let name = ServerName::try_from(address.host.clone())?;
    let connector = TlsConnector::from(Arc::new(trusting()?));
    ask(connector.connect(name, stream).await?, address).await
}

async fn connect(address: &Address) -> Result<TcpStream, AnyError> {
    let found = lookup_host((address.host.as_str(), address.port)).await?;
    // A name such as localhost is believed only where it leads to this machine.
    let found = found.filter(|at| address.secure || at.ip().is_loopback());
    let found: Vec<SocketAddr> = found.collect();
    Ok(TcpStream::connect(found.as_slice()).await?)
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: &Address,
) -> Result<String, AnyError> {
    let request = Request::get(KEYS_PATH)
        .header(header::HOST, &address.authority)
        .header(header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let talk = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("{KEYS_PATH} was answered {}", answer.status()).into());
    }
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect();
    let body = body.await.map_err(|error| error.to_string())?.to_bytes();
    talk.abort();
    Ok(String::from_utf8(body.to_vec())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leads_to_this_machine_only() {
        for origin in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:80/",
        ] {
            assert!(Address::of(origin).is_ok(), "{origin}");
        }
        for origin in [
            "http://help.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@help.example.com",
            "http://10.0.0.1:8080",
            "ftp://127.0.0.1",
            "help.example.com",
            "https://help.example.com/path",
            "https://help.example.com?x",
            "",
        ] {
            assert!(Address::of(origin).is_err(), "{origin}");
        }
        let secure = Address::of("https://help.example.com/").unwrap();
        assert_eq!((secure.secure, secure.port), (true, 443));
    }
}
