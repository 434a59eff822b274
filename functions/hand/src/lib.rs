//! Dials the receivers of webhooks, for the desk and the cloud. Their addresses were chosen by an
//! admin, so the addresses that a name leads to are looked at, and one of these very addresses is
//! dialled.

mod trust;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use sightline_host::is_public;
use sightline_host::ports::{Dial, OutgoingPost, PostReply};
use sightline_wire::DeliveryOutcome;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};

pub use trust::{NoTrust, trusting};

/// Longest time for all of a message.
const WITHIN: Duration = Duration::from_secs(10);

/// Longest beginning of an answer that is read, bytes. Of its body nothing is.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Longest `Retry-After`, bytes: a date with room.
const RETRY_AFTER_BYTES_MAX: usize = 64;

/// Sends messages.
pub struct Hand {
    private: bool,
    within: Duration,
    trusted: OnceLock<Arc<ClientConfig>>,
}

impl Hand {
    /// A hand; `private` lets it reach this machine and private networks.
    #[must_use]
    pub const fn new(private: bool) -> Self {
        Self {
            private,
            within: WITHIN,
            trusted: OnceLock::new(),
        }
    }

    async fn send(&self, post: &OutgoingPost) -> Result<PostReply, DeliveryOutcome> {
        let target = Target::of(&post.url).ok_or(DeliveryOutcome::NotFound)?;
        let stream = self.connect(&target).await?;
        if !target.secure {
            return ask(stream, &target, post).await;
        }
        let name = ServerName::try_from(target.host.clone());
        let name = name.map_err(|_| DeliveryOutcome::NotFound)?;
        let connector = TlsConnector::from(self.trusted()?);
        let stream = connector.connect(name, stream).await;
        ask(stream.map_err(|error| of_tls(&error))?, &target, post).await
    }

    async fn connect(&self, target: &Target) -> Result<TcpStream, DeliveryOutcome> {
        let found = lookup_host((target.host.as_str(), target.port)).await;
        let found = found.map_err(|_| DeliveryOutcome::NotFound)?;
        let allowed = found.filter(|at| self.private || is_public(at.ip()));
        let allowed: Vec<SocketAddr> = allowed.take(ADDRESSES_MAX).collect();
        if allowed.is_empty() {
            return Err(DeliveryOutcome::Forbidden);
        }
        let stream = TcpStream::connect(allowed.as_slice()).await;
        stream.map_err(|_| DeliveryOutcome::NotReached)
    }

    /// What this system trusts, read once.
    fn trusted(&self) -> Result<Arc<ClientConfig>, DeliveryOutcome> {
        if let Some(trusted) = self.trusted.get() {
            return Ok(trusted.clone());
        }
        let read = trusting().map_err(|error| {
            tracing::error!(%error, "no certificates to know webhooks' receivers by");
            DeliveryOutcome::NotTrusted
        })?;
        Ok(self.trusted.get_or_init(|| read.into()).clone())
    }
}

impl Dial for Hand {
    async fn post(&self, post: &OutgoingPost) -> PostReply {
        match timeout(self.within, self.send(post)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(outcome)) => outcome.into(),
            Err(_) => DeliveryOutcome::Late.into(),
        }
    }
}

/// The parts of an address.
struct Target {
    secure: bool,
    host: String,
    port: u16,
    /// As the header `Host` has it.
    authority: String,
    path: String,
}

impl Target {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let usual = if secure { 443 } else { 80 };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self {
            secure,
            host: bare.unwrap_or(host).to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            authority: authority.as_str().to_owned(),
            path: path.to_owned(),
        })
    }
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    target: &Target,
    post: &OutgoingPost,
) -> Result<PostReply, DeliveryOutcome> {
    let broken = |_| DeliveryOutcome::NotReached;
    let mut request = Request::post(&target.path).header(header::HOST, &target.authority);
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(post.body.clone())));
    let request = request.map_err(|_| DeliveryOutcome::NotReached)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(ANSWER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // The end of the connection may come together with the answer, which counts.
    let talk = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = sender.send_request(request) => answer.map_err(broken)?,
        () = talk => return Err(DeliveryOutcome::NotReached),
    };
    let status = answer.status().as_u16();
    let retry_after = answer.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok());
    let retry_after = retry_after.filter(|text| text.len() <= RETRY_AFTER_BYTES_MAX);
    Ok(PostReply {
        outcome: DeliveryOutcome::Answered { status },
        retry_after: retry_after.map(str::to_owned),
    })
}

/// What a failed handshake means.
fn of_tls(error: &io::Error) -> DeliveryOutcome {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => DeliveryOutcome::NotTrusted,
        _ => DeliveryOutcome::NotReached,
    }
}

#[cfg(test)]
mod tests;
