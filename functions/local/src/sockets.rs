//! The WebSocket connections of this process: how a word reaches one of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::{Message, Utf8Bytes};
use sightline_host::ports::{ConnectionKey, Push, Said, StoreError};
use tokio::sync::mpsc;

/// Messages that may wait for one slow reader. One that falls behind further is closed: its page
/// comes back and asks for what it missed.
pub const WAITING_MAX: usize = 256;

/// What a connection's writing task is told.
#[derive(Debug)]
pub enum Out {
    /// Say this.
    Say(Message),
    /// Say no more and close with this code.
    Close(u16),
}

/// All open connections.
#[derive(Default)]
pub struct Sockets(Mutex<HashMap<ConnectionKey, mpsc::Sender<Out>>>);

impl Sockets {
    /// A connection that opened; its messages come out of the returned end until it is removed.
    pub fn open(&self, connection: ConnectionKey) -> mpsc::Receiver<Out> {
        let (line, out) = mpsc::channel(WAITING_MAX);
        self.inner().insert(connection, line);
        out
    }

    /// The connection is gone. Its writing task says what still waits, and ends.
    pub fn remove(&self, connection: &ConnectionKey) {
        self.inner().remove(connection);
    }

    /// Says something to a connection.
    pub fn send(&self, connection: &ConnectionKey, message: &str) -> Said {
        let mut inner = self.inner();
        let Some(line) = inner.get(connection) else {
            return Said::Gone;
        };
        let message = Message::Text(Utf8Bytes::from(message));
        if line.try_send(Out::Say(message)).is_err() {
            // Full or closed: without its sender the writing task ends, and with it the connection.
            inner.remove(connection);
            tracing::warn!(connection.id = %connection.0, "connection fell behind and is closed");
            return Said::Gone;
        }
        Said::Handed
    }

    /// Closes a connection with a WebSocket close code.
    pub fn hang_up(&self, connection: &ConnectionKey, code: u16) {
        if let Some(line) = self.inner().remove(connection) {
            close(&line, code);
        }
    }

    /// Closes everything.
    pub fn close_all(&self, code: u16) {
        for (_, line) in self.inner().drain() {
            close(&line, code);
        }
    }

    /// Connections that are open.
    pub fn count(&self) -> usize {
        self.inner().len()
    }

    fn inner(&self) -> MutexGuard<'_, HashMap<ConnectionKey, mpsc::Sender<Out>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Push for Sockets {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, StoreError> {
        Ok(self.send(connection, message))
    }

    async fn close(&self, connection: &ConnectionKey, code: u16) -> Result<(), StoreError> {
        self.hang_up(connection, code);
        Ok(())
    }
}

fn close(line: &mpsc::Sender<Out>, code: u16) {
    // A full line is a reader that fell behind: it is closed without a word.
    let _ = line.try_send(Out::Close(code));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_falls_behind_is_closed_and_holds_up_nobody() {
        let sockets = Sockets::default();
        let slow = ConnectionKey("slow".to_owned());
        let mut out = sockets.open(slow.clone());
        for _ in 0..WAITING_MAX {
            assert_eq!(sockets.send(&slow, "x"), Said::Handed);
        }
        assert_eq!(sockets.send(&slow, "x"), Said::Gone);
        assert_eq!(sockets.count(), 0);
        for _ in 0..WAITING_MAX {
            assert!(matches!(out.try_recv(), Ok(Out::Say(_))));
        }
        assert!(matches!(
            out.try_recv(),
            Err(mpsc::error::TryRecvError::Disconnected)
        ));
    }

    #[test]
    fn nobody_is_there_after_removal() {
        let sockets = Sockets::default();
        let key = ConnectionKey("a".to_owned());
        let _out = sockets.open(key.clone());
        sockets.remove(&key);
        assert_eq!(sockets.send(&key, "x"), Said::Gone);
    }
}
