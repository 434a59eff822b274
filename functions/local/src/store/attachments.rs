//! Attachments: the page and connection that speak for a seat.
//!
//! Every message changes an attachment, so attachments are in memory; the file gets a copy soon
//! after, in the next transaction. A crash may lose the last changes, which does no harm: after a
//! restart all connections are gone anyway. Stored attachments count as closed at the start, so
//! that a page that does not reconnect is lost 10 s later.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::ReadableTable;
use sightline_host::ports::{Attachments, ConnectionKey, StoreError};
use sightline_host::records::{Attachment, Record};
use sightline_wire::{Seat, Seats, SessionId};

use super::failure::DatabaseFailure;
use super::tables::{ATTACHMENTS, TOMBSTONES};
use super::writer::Writer;
use super::{DatabaseFile, Store};

/// The attachments of all sessions.
#[derive(Default)]
pub struct AttachmentCache(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    seats: BTreeMap<(SessionId, Seat), Attachment>,
    /// Keys that changed since they were last stored.
    changed: BTreeSet<(SessionId, Seat)>,
}

impl AttachmentCache {
    /// Reads the stored attachments. Those that were open are closed as of `now_ms`.
    pub(super) fn restore(&self, file: &DatabaseFile, now_ms: u64) -> Result<(), DatabaseFailure> {
        file.read(|transaction| {
            let table = transaction.open_table(ATTACHMENTS)?;
            let mut inner = self.inner();
            for row in table.iter()? {
                let (key, value) = row?;
                let (session, seat) = key.value();
                let mut attachment = Attachment::decode(value.value())?;
                attachment.closed_at_ms.get_or_insert(now_ms);
                inner
                    .seats
                    .insert((SessionId::from_bytes(*session), seat_of(seat)), attachment);
            }
            Ok(())
        })
    }

    /// Who is attached to the seats of a session.
    pub fn of(&self, session: SessionId) -> Seats<Option<Attachment>> {
        let inner = self.inner();
        Seats::from_fn(|seat| inner.seats.get(&(session, seat)).cloned())
    }

    /// Whether an open connection speaks for a seat.
    pub fn speaks(&self, connection: &ConnectionKey) -> bool {
        let inner = self.inner();
        inner
            .seats
            .values()
            .any(|attached| attached.connection == *connection && attached.closed_at_ms.is_none())
    }

    /// Drops the attachments of a removed session.
    pub fn forget(&self, session: SessionId) {
        let mut inner = self.inner();
        for seat in Seat::ALL {
            inner.seats.remove(&(session, seat));
            inner.changed.remove(&(session, seat));
        }
    }

    /// Stores changes without waiting for them.
    pub fn flush(&self, writer: &Writer) {
        let rows = self.changed();
        if rows.is_empty() {
            return;
        }
        drop(writer.submit(move |transaction| {
            let mut table = transaction.open_table(ATTACHMENTS)?;
            let tombstones = transaction.open_table(TOMBSTONES)?;
            for ((session, seat), attachment) in &rows {
                // A page may attach while its session is erased.
                if tombstones.get(session.as_bytes())?.is_some() {
                    continue;
                }
                table.insert(
                    (session.as_bytes(), seat_number(*seat)),
                    attachment.as_slice(),
                )?;
            }
            Ok(())
        }));
    }

    fn changed(&self) -> Vec<((SessionId, Seat), Vec<u8>)> {
        let mut inner = self.inner();
        let changed = std::mem::take(&mut inner.changed);
        changed
            .into_iter()
            .filter_map(|key| Some((key, inner.seats.get(&key)?.encode())))
            .collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attachments for Store {
    async fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> Result<Option<Attachment>, StoreError> {
        let before = {
            let mut inner = self.attachments.inner();
            inner.changed.insert((session, seat));
            inner.seats.insert((session, seat), attachment)
        };
        self.flush_attachments();
        Ok(before)
    }

    async fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> Result<bool, StoreError> {
        let mut inner = self.attachments.inner();
        let Some(attachment) = inner
            .seats
            .get_mut(&(session, seat))
            .filter(|attachment| attachment.connection == *connection)
        else {
            return Ok(false);
        };
        if closed {
            attachment.closed_at_ms.get_or_insert(heard_at_ms);
        } else {
            attachment.heard_at_ms = attachment.heard_at_ms.max(heard_at_ms);
            attachment.closed_at_ms = None;
        }
        inner.changed.insert((session, seat));
        Ok(true)
    }
}

impl Store {
    /// Stores changed attachments without waiting for them.
    pub fn flush_attachments(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = writer.as_ref() {
            self.attachments.flush(writer);
        }
    }
}

pub(super) fn seat_number(seat: Seat) -> u8 {
    match seat {
        Seat::Agent => 0,
        Seat::Customer => 1,
    }
}

fn seat_of(number: u8) -> Seat {
    match number {
        0 => Seat::Agent,
        _ => Seat::Customer,
    }
}
