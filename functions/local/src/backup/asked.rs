//! `sightline backup`: asks the desk that has the folder open, or opens it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use sightline_host::Keys;
use tokio::net::TcpStream;

use super::{BackupError, BackupMark, make};
use crate::clock::{self, DeskClock};
use crate::data::{DataFolder, KEY_BYTES};
use crate::desk::Desk;
use crate::objects::Objects;
use crate::server::BACKUP_PATH;
use crate::store::{OpenError, Store};

/// Longest answer of a desk, bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1_024;

type AnyError = Box<dyn std::error::Error>;

/// Makes a backup of a data folder, whether or not a desk runs on it.
///
/// # Errors
/// When the backup is not possible, in words.
pub async fn ask_for_backup(
    data: &DataFolder,
    key: &[u8; KEY_BYTES],
    to: &Path,
) -> Result<BackupMark, AnyError> {
    let running = data.note().and_then(|note| note.listen);
    if let Some(at) = running
        && let Ok(stream) = TcpStream::connect(at).await
        && let Some(held) = ask(stream, at, data, key, to).await?
    {
        return Ok(held);
    }
    let clock = Arc::new(DeskClock::open(data.path()));
    let store = match Store::open(data.path(), clock.now_ms()) {
        Err(OpenError::InUse(folder)) => {
            let folder = folder.display();
            return Err(
                format!("the desk of {folder} does not answer: is it of this version?").into(),
            );
        }
        store => store?,
    };
    let desk = Desk::new(store, Objects::open(data.path(), key)?, clock);
    Ok(make(&desk, data, to).await?)
}

/// Asks the desk at an address. Returns `None` if what answers there is not the desk of this
/// folder.
async fn ask(
    stream: TcpStream,
    at: SocketAddr,
    data: &DataFolder,
    key: &[u8; KEY_BYTES],
    to: &Path,
) -> Result<Option<BackupMark>, AnyError> {
    let token = Keys::from_bytes(key).operator(clock::now_of(data.path()));
    let request = Request::builder()
        .method(Method::POST)
        .uri(BACKUP_PATH)
        .header(header::HOST, at.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(serde_json::to_vec(&to)?)))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let talk = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
    let body = body.collect().await.map_err(|error| error.to_string())?;
    let body = body.to_bytes();
    talk.abort();
    match status {
        StatusCode::OK => Ok(Some(serde_json::from_slice(&body)?)),
        // Another desk has the address now.
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Ok(None),
        _ => Err(String::from_utf8_lossy(&body).into()),
    }
}

impl From<BackupError> for crate::serve_error::ServeError {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}
