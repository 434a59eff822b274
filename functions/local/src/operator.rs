//! What the operator does with a data folder: asks the desk that has it open, or opens it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sightline_host::{Host, HostConfig, Keys};
use sightline_wire::{MadeKey, MakeKey};
use tokio::net::TcpStream;

use crate::backup::{BackupError, BackupMark, make};
use crate::clock::{self, DeskClock};
use crate::data::{DataFolder, KEY_BYTES};
use crate::desk::Desk;
use crate::objects::Objects;
use crate::serve_error::ServeError;
use crate::server::{API_KEY_PATH, BACKUP_PATH};
use crate::store::{OpenError, Store};

/// Longest answer of a desk, bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1_024;

type AnyError = Box<dyn std::error::Error>;

/// A data folder that a desk has used, and its key.
pub struct Operated<'a> {
    /// The folder.
    pub data: &'a DataFolder,
    /// Its key.
    pub key: &'a [u8; KEY_BYTES],
}

impl Operated<'_> {
    /// Makes a backup.
    ///
    /// # Errors
    /// When the backup is not possible, in words.
    pub async fn backup(&self, to: &Path) -> Result<BackupMark, AnyError> {
        match self.ask_running(BACKUP_PATH, &to).await? {
            Some(held) => Ok(held),
            None => Ok(make(&self.open()?, self.data, to).await?),
        }
    }

    /// Makes a key of the API.
    ///
    /// # Errors
    /// When no key can be made, in words.
    pub async fn api_key(&self, asked: MakeKey) -> Result<MadeKey, AnyError> {
        if let Some(made) = self.ask_running(API_KEY_PATH, &asked).await? {
            return Ok(made);
        }
        // Neither name nor address is used.
        let config = HostConfig::new("", "");
        let host = Host::new(self.open()?, config, Keys::from_bytes(self.key));
        Ok(host.make_api_key(None, asked).await?)
    }

    /// Asks the desk that has the folder open. Returns `None` if no desk has.
    async fn ask_running<A: DeserializeOwned>(
        &self,
        path: &'static str,
        asked: &impl Serialize,
    ) -> Result<Option<A>, AnyError> {
        let Some(at) = self.data.note().and_then(|note| note.listen) else {
            return Ok(None);
        };
        let Ok(stream) = TcpStream::connect(at).await else {
            return Ok(None);
        };
        let body = serde_json::to_vec(asked)?;
        let answer = self.ask(stream, at, path, body).await?;
        Ok(answer
            .map(|body| serde_json::from_slice(&body))
            .transpose()?)
    }

    /// Asks the desk at an address. Returns `None` if what answers there is not the desk of this
    /// folder.
    async fn ask(
        &self,
        stream: TcpStream,
        at: SocketAddr,
        path: &'static str,
        body: Vec<u8>,
    ) -> Result<Option<Bytes>, AnyError> {
        let token = Keys::from_bytes(self.key).operator(clock::now_of(self.data.path()));
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, at.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let talk = tokio::spawn(connection);
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
        let body = body.collect().await.map_err(|error| error.to_string())?;
        let body = body.to_bytes();
        talk.abort();
        match status {
            StatusCode::OK => Ok(Some(body)),
            // Another desk has the address now.
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Ok(None),
            _ => Err(String::from_utf8_lossy(&body).into()),
        }
    }

    /// Opens the folder, which no desk has open.
    fn open(&self) -> Result<Desk, AnyError> {
        let clock = Arc::new(DeskClock::open(self.data.path()));
        let store = match Store::open(self.data.path(), clock.now_ms()) {
            Err(OpenError::InUse(folder)) => {
                let folder = folder.display();
                return Err(format!(
                    "the desk of {folder} does not answer: is it of this version?"
                )
                .into());
            }
            store => store?,
        };
        let objects = Objects::open(self.data.path(), self.key)?;
        Ok(Desk::new(store, objects, clock))
    }
}

impl From<BackupError> for ServeError {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}
