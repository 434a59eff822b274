//! A connection: handshake, messages, end.

mod attach;
mod command;
mod handshake;
mod heard;
mod message;
mod offer;
mod reading;
mod speaker;

pub use handshake::{Admitted, Handshake, NotAdmitted};
pub(crate) use speaker::Speaker;

use sightline_wire::{PageHears, Seat, SessionHears, SessionId};

use crate::host::Host;
use crate::ports::{Attachments, ConnectionKey, Connections, Ports, Relays, StoreError};
use crate::records::ConnectionRecord;

/// Tries of one change of a connection's record. A page attaches to a few sessions at once at most.
const CHANGES_MAX: u32 = 8;

impl<P: Ports> Host<P> {
    /// Takes the end of a connection. API Gateway reports it on a best-effort basis, so nothing
    /// depends on it: otherwise a silent page is lost some seconds later, and a relay's lease
    /// expires.
    pub async fn disconnected(&self, connection: &ConnectionKey) {
        if let Err(error) = self.close_all(connection).await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
        }
    }

    async fn close_all(&self, connection: &ConnectionKey) -> Result<(), StoreError> {
        let Some(record) = self.ports.store().remove_connection(connection).await? else {
            return Ok(());
        };
        if let Some(relay) = record.relay_id {
            self.ports.store().end_lease(relay, connection).await?;
        }
        for (session, seat) in record.attached {
            self.close_seat(connection, session, seat).await?;
        }
        Ok(())
    }

    /// Changes the record of a connection. Returns false when the connection has closed meanwhile:
    /// its record must not come back.
    pub(crate) async fn change_connection(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        change: impl Fn(&ConnectionRecord) -> ConnectionRecord + Send,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "change connection";
        let mut before = record.clone();
        for _ in 0..CHANGES_MAX {
            let after = change(&before);
            let store = self.ports.store();
            if after == before || store.replace_connection(connection, &before, after).await? {
                return Ok(true);
            }
            match store.find_connection(connection).await? {
                Some(newer) => before = newer,
                None => return Ok(false),
            }
        }
        Err(StoreError {
            operation: WHAT,
            cause: "the record changes all the time".to_owned(),
            retryable: true,
        })
    }

    async fn close_seat(
        &self,
        connection: &ConnectionKey,
        session: SessionId,
        seat: Seat,
    ) -> Result<(), StoreError> {
        let now_ms = self.ports.now_ms();
        if !self
            .ports
            .store()
            .touch(session, seat, connection, now_ms, true)
            .await?
        {
            return Ok(());
        }
        let Some(loaded) = self.load(session).await? else {
            return Ok(());
        };
        let hears = PageHears::Session(SessionHears::Connection { seat, here: false });
        self.say_to_others(session, seat, &loaded.attachments, hears)
            .await;
        Ok(())
    }
}
