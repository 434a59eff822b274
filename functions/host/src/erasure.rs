//! Erases a call for good. Everything that is stored of it goes; its id stays for some days and
//! refuses what comes late.
//!
//! An erasure that was cut off is finished by repeating it: each step succeeds when its work is
//! done already.

use sightline_session::State;
use sightline_wire::api::{ApiError, Erased, Role};
use sightline_wire::{AuditDeed, MessageKind, Seat, Seats, SessionId};

use crate::access::Viewer;
use crate::audit::Deed;
use crate::host::Host;
use crate::limits::sms::counters_of;
use crate::ports::{
    Committed, ConnectionKey, Connections, Erasure, Erasures, PictureStore, Ports, Push, Sessions,
    StoreError, Tombstone,
};
use crate::records::Attachment;
use crate::stop::{OrAnswer, Stop};
use crate::tries::{CONTENDED, Tries};
use crate::webhooks::Happened;

/// Days for which the id of an erased session stays: longer than any page, signed request or
/// delivery of a message lives.
const TOMBSTONE_DAYS: u32 = 7;

/// WebSocket close code of a connection that has nothing more to say (RFC 6455 section 7.4.1).
const CLOSE_NORMAL: u16 = 1000;

const DAY_S: u64 = 24 * 60 * 60;

impl<P: Ports> Host<P> {
    /// Erases a call that has ended, of any agent.
    ///
    /// # Errors
    /// `not_admin`, `call_running`, and `not_found` for a session that neither exists nor was
    /// erased in the last days. After `trouble` the request can be repeated.
    pub(crate) async fn erase_call(
        &self,
        viewer: &Viewer,
        session: SessionId,
    ) -> Result<Erased, ApiError> {
        if viewer.role != Role::Admin {
            return Err(ApiError::NotAdmin);
        }
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        let first = loop {
            match self.erase_records(session).await? {
                Some(first) => break first,
                None if tries.again(&self.ports).await => {}
                None => return Err(ApiError::Trouble),
            }
        };
        let erased = self.retry(|| self.ports.objects().erase_all(session)).await;
        erased.or_fail(session)?;
        if first {
            // Beside the audit log: who, when (the line's own time), and which call. At a level
            // that is always kept.
            tracing::warn!(session.id = %session, agent.id = %viewer.agent, "call erased");
            let erased = Deed::with_call(viewer, AuditDeed::CallErased, session);
            self.audit(erased).await;
        }
        Ok(Erased {
            session,
            tombstone_days: TOMBSTONE_DAYS,
            log_days: self.config.log_days,
            backup_days: self.config.backup_days,
        })
    }

    /// Whether a session was erased in the last days.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn is_erased(&self, session: SessionId) -> Result<bool, StoreError> {
        let (store, now_ms) = (self.ports.store(), self.ports.erase_ms());
        Ok(store.tombstone(session, now_ms).await?.is_some())
    }

    /// Erases a call that was erased before, and that an older copy of the records still had. Where
    /// the call was at that time does not matter. Returns whether it was there.
    ///
    /// # Errors
    /// Fails when the store fails, or another commit comes between. It can be repeated.
    pub async fn erase_again(&self, session: SessionId) -> Result<bool, StoreError> {
        let there = self.stored_of(session).await?;
        if let Some(state) = &there {
            self.count_before_erasing(session, state).await?;
            let erasure = self.erasure(session, state).await?;
            if self.ports.store().erase(&erasure).await? == Committed::Clash {
                return Err(StoreError {
                    operation: "erase a call again",
                    cause: "it changed meanwhile".to_owned(),
                    retryable: true,
                });
            }
        }
        self.ports.objects().erase_all(session).await?;
        Ok(there.is_some())
    }

    /// Returns what is stored of a session, also when its erasure was cut off.
    async fn stored_of(&self, session: SessionId) -> Result<Option<State>, StoreError> {
        let store = self.ports.store();
        if let Some(loaded) = store.load(session, self.ports.now_ms()).await? {
            return Ok(Some(loaded.state));
        }
        Ok(
            match store.tombstone(session, self.ports.erase_ms()).await? {
                Some(Tombstone::Unfinished(state)) => Some(*state),
                Some(Tombstone::Finished) | None => None,
            },
        )
    }

    /// Removes what a page stored of a session while that was erased. Does nothing otherwise.
    pub(crate) async fn erase_late_objects(&self, session: SessionId) {
        let erased = match self.is_erased(session).await {
            Ok(true) => self.ports.objects().erase_all(session).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = erased {
            tracing::error!(session.id = %session, error = %error, "failed to erase what came late");
        }
    }

    /// Erases the records. Returns whether they were erased now, and not before; `None` if the
    /// session changed meanwhile.
    async fn erase_records(&self, session: SessionId) -> Result<Option<bool>, ApiError> {
        let state = match self.change(session, |_| ()).await {
            Ok(changed) => {
                self.carry_out(&changed).await;
                if changed.after.ended.is_none() {
                    return Err(ApiError::CallRunning);
                }
                let left = self.leave_connections(session, &changed.attachments).await;
                left.or_fail(session)?;
                changed.after
            }
            Err(Stop::NoSession) => {
                let (store, now_ms) = (self.ports.store(), self.ports.erase_ms());
                match store.tombstone(session, now_ms).await.or_fail(session)? {
                    None => return Err(ApiError::NotFound),
                    Some(Tombstone::Finished) => return Ok(Some(false)),
                    Some(Tombstone::Unfinished(state)) => *state,
                }
            }
            Err(stop) => return Err(stop).or_fail(session),
        };
        let counted = self.count_before_erasing(session, &state);
        counted.await.or_fail(session)?;
        // First, so that after a crash in between no backup is restored that does not know.
        let noted = self.retry(|| self.ports.objects().note_erased(session));
        noted.await.or_fail(session)?;
        let mut erasure = self.erasure(session, &state).await.or_fail(session)?;
        let happened = [Happened::of(MessageKind::CaseErased, self.ports.date_ms())];
        let revision = state.revision.saturating_add(1);
        let heard = self.deliveries_of(session, revision, &happened);
        erasure.deliveries = heard.await.or_fail(session)?;
        let erased = self.ports.store().erase(&erasure).await.or_fail(session)?;
        Ok((erased == Committed::Done).then_some(true))
    }

    async fn erasure(&self, session: SessionId, state: &State) -> Result<Erasure, StoreError> {
        Ok(Erasure {
            session,
            expected: state.revision,
            agent: state.agent,
            began_at_ms: state.began_at_ms,
            counters: counters_of(&self.keys, session, state),
            terms: self.terms_of(state).await?,
            tombstone_until_s: self.ports.erase_ms() / 1_000 + u64::from(TOMBSTONE_DAYS) * DAY_S,
            deliveries: Vec::new(),
        })
    }

    /// Takes the session out of the records of the connections that spoke for its seats. One that
    /// has no other purpose is closed.
    async fn leave_connections(
        &self,
        session: SessionId,
        attachments: &Seats<Option<Attachment>>,
    ) -> Result<(), StoreError> {
        for seat in Seat::ALL {
            let Some(Attachment { connection, .. }) = attachments.get(seat) else {
                continue;
            };
            let mut tries = Tries::begin(CONTENDED, &self.ports);
            while !self.leave_connection(session, connection).await? {
                if !tries.again(&self.ports).await {
                    return Err(StoreError {
                        operation: "leave a connection",
                        cause: "it changes all the time".to_owned(),
                        retryable: true,
                    });
                }
            }
        }
        Ok(())
    }

    /// Returns whether the record is without the session now.
    async fn leave_connection(
        &self,
        session: SessionId,
        connection: &ConnectionKey,
    ) -> Result<bool, StoreError> {
        let store = self.ports.store();
        let Some(record) = store.find_connection(connection).await? else {
            return Ok(true);
        };
        let mut left = record.clone();
        left.attached.retain(|(attached, _)| *attached != session);
        left.seats.retain(|(seat_of, _)| *seat_of != session);
        if left.agent.is_some() || !left.seats.is_empty() {
            return store.replace_connection(connection, &record, left).await;
        }
        store.remove_connection(connection).await?;
        self.ports.push().close(connection, CLOSE_NORMAL).await?;
        Ok(true)
    }
}
