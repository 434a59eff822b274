//! The WebSocket connections of this process, and how messages reach them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sightline_host::ports::{ConnectionKey, Push, Said, StoreError};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Most messages that wait for a slow reader. A connection that falls further behind is closed; its
/// page reconnects and asks for the events it missed.
pub const WAITING_MAX: usize = 256;

/// An instruction to the writing task of a connection.
#[derive(Debug)]
pub enum Outgoing {
    /// Send this message.
    Say(Message),
    /// Close with this code.
    Close(u16),
}

/// All open connections.
#[derive(Default)]
pub struct Sockets(Mutex<Lines>);

/// What leads to the writing tasks.
#[derive(Default)]
struct Lines {
    open: HashMap<ConnectionKey, mpsc::Sender<Outgoing>>,
    /// All were closed with this code, and those that come later are, too.
    closed: Option<u16>,
}

impl Sockets {
    /// Adds a connection; the returned receiver gives its messages until it is removed. After
    /// [`Self::close_all`] it is closed at once: a handshake may be answered before the server
    /// stops, and its connection begin after.
    pub fn open(&self, connection: ConnectionKey) -> mpsc::Receiver<Outgoing> {
        let (line, out) = mpsc::channel(WAITING_MAX);
        let mut lines = self.lines();
        match lines.closed {
            Some(code) => close(&line, code),
            None => {
                lines.open.insert(connection, line);
            }
        }
        out
    }

    /// Removes a connection. Its writing task sends the waiting messages and ends.
    pub fn remove(&self, connection: &ConnectionKey) {
        self.lines().open.remove(connection);
    }

    /// Sends a message to a connection.
    pub fn send(&self, connection: &ConnectionKey, message: &str) -> Said {
        let mut lines = self.lines();
        let Some(line) = lines.open.get(connection) else {
            return Said::Gone;
        };
        let message = Message::Text(Utf8Bytes::from(message));
        if line.try_send(Outgoing::Say(message)).is_err() {
            // Full or closed: without a sender the writing task ends, and the connection with it.
            lines.open.remove(connection);
            tracing::warn!(connection.id = %connection.0, "closing connection that fell behind");
            return Said::Gone;
        }
        Said::Handed
    }

    /// Closes a connection with a WebSocket close code.
    pub fn hang_up(&self, connection: &ConnectionKey, code: u16) {
        if let Some(line) = self.lines().open.remove(connection) {
            close(&line, code);
        }
    }

    /// Closes all connections, also those that are opened later.
    pub fn close_all(&self, code: u16) {
        let mut lines = self.lines();
        lines.closed = Some(code);
        for (_, line) in lines.open.drain() {
            close(&line, code);
        }
    }

    /// Counts the open connections.
    pub fn count(&self) -> usize {
        self.lines().open.len()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
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

fn close(line: &mpsc::Sender<Outgoing>, code: u16) {
    // A full queue belongs to a reader that fell behind; it is closed without a close frame.
    let _ = line.try_send(Outgoing::Close(code));
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
            assert!(matches!(out.try_recv(), Ok(Outgoing::Say(_))));
        }
        assert!(matches!(
            out.try_recv(),
            Err(mpsc::error::TryRecvError::Disconnected)
        ));
    }

    #[test]
    fn a_connection_that_begins_while_the_server_stops_is_closed_like_the_others() {
        let sockets = Sockets::default();
        let mut before = sockets.open(ConnectionKey("before".to_owned()));
        sockets.close_all(1001);
        let mut after = sockets.open(ConnectionKey("after".to_owned()));
        for out in [&mut before, &mut after] {
            assert!(matches!(out.try_recv(), Ok(Outgoing::Close(1001))));
        }
        assert_eq!(sockets.count(), 0);
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
