//! Receives an upload in pieces. A separate thread writes, because disk access blocks; few pieces
//! wait for it, so that a fast sender waits for a slow disk.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::files::{Files, Stored};

/// Most pieces that wait for the disk.
const WAITING_MAX: usize = 2;

/// An upload in progress. Dropping it before its end discards it.
pub struct Receiving {
    line: mpsc::Sender<Piece>,
    writing: JoinHandle<io::Result<Stored>>,
}

enum Piece {
    Bytes(Bytes),
    End,
}

impl Receiving {
    pub(super) fn begin(files: Arc<Files>, key: String) -> Self {
        let (line, pieces) = mpsc::channel(WAITING_MAX);
        let writing = tokio::task::spawn_blocking(move || write(&files, &key, pieces));
        Self { line, writing }
    }

    /// Receives the next piece. After a failure pieces are accepted and dropped: [`Self::end`]
    /// returns the error.
    pub async fn take(&self, bytes: Bytes) {
        let _ = self.line.send(Piece::Bytes(bytes)).await;
    }

    /// Ends the upload and stores it durably, unless the key is taken.
    ///
    /// # Errors
    /// When the disk failed.
    pub async fn end(self) -> io::Result<Stored> {
        let _ = self.line.send(Piece::End).await;
        self.writing
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

fn write(files: &Files, key: &str, mut pieces: mpsc::Receiver<Piece>) -> io::Result<Stored> {
    if files.has(key)? {
        return Ok(Stored::Taken);
    }
    let mut draft = files.draft()?;
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => draft.write(&bytes)?,
            Some(Piece::End) => return files.link(draft, key),
            None => return Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}
