//! The page behind a message, and its rights in the session.

use sightline_session::{Away, PageCommand, State};
use sightline_wire::{PageId, Refusal, Seat, SessionId};

use crate::access::may_read;
use crate::draft::Draft;
use crate::ports::{ConnectionKey, Loaded};
use crate::records::ConnectionRecord;

/// A page that sends messages about a session on a connection.
pub(crate) struct Speaker<'a> {
    pub(crate) connection: &'a ConnectionKey,
    pub(crate) record: &'a ConnectionRecord,
    pub(crate) session: SessionId,
    pub(crate) page: PageId,
}

impl Speaker<'_> {
    /// Returns the seat that this connection attached to in the session.
    pub(crate) fn seat(&self) -> Result<Seat, Refusal> {
        let mut attached = self.record.attached.iter();
        attached
            .find(|(session, _)| *session == self.session)
            .map(|(_, seat)| *seat)
            .ok_or(Refusal::NotAttached)
    }

    /// Checks that the cookies of the connection give a right to this seat. Checked with every
    /// message: naming a session gives no right to it.
    pub(crate) fn may_sit(&self, seat: Seat, state: &State) -> Result<(), Refusal> {
        let may = match seat {
            Seat::Agent => self
                .record
                .agent
                .is_some_and(|(agent, _)| agent == state.agent),
            Seat::Customer => {
                let by_this_link = (self.session, state.links_renewed);
                self.record.seats.contains(&by_this_link)
            }
        };
        if may { Ok(()) } else { Err(Refusal::NoSeat) }
    }

    /// Checks that this page speaks for the seat. Before the first join, every attached page does;
    /// after it, only the holder.
    pub(crate) fn speaks(&self, seat: Seat, state: &State) -> Result<(), Refusal> {
        match state.seats.get(seat).holder {
            Some(holder) if holder != self.page => Err(Refusal::Moved),
            _ => Ok(()),
        }
    }

    /// Checks that this page holds the seat.
    pub(crate) fn holds(&self, seat: Seat, state: &State) -> Result<(), Refusal> {
        match state.seats.get(seat).holder {
            None => Err(Refusal::NotJoined),
            Some(_) => self.speaks(seat, state),
        }
    }

    /// Checks that this page may read the log. A customer's link may have been passed on: a page
    /// that opens it while another holds the seat receives nothing of the call until it takes the
    /// seat.
    pub(crate) fn reads(&self, seat: Seat, state: &State) -> Result<(), Refusal> {
        may_read(seat, self.page, state)
    }

    /// Returns the newest event that this page may ask for, or 0 if it may not read the log, so
    /// that it misses nothing.
    pub(crate) fn head(&self, seat: Seat, state: &State) -> u32 {
        self.reads(seat, state).map_or(0, |()| state.head)
    }

    /// Returns the seat if a message of this page means that the seat is heard. A guest beside
    /// another page does not keep that page's seat from being lost.
    pub(crate) fn heard_in(&self, seat: Seat, loaded: &Loaded) -> Option<Seat> {
        let attached = loaded.attachments.get(seat).as_ref();
        let own = attached.is_some_and(|attached| attached.connection == *self.connection);
        let speaks = match loaded.state.seats.get(seat).holder {
            Some(holder) => holder == self.page,
            None => attached.is_none_or(|attached| attached.page == self.page),
        };
        let may = self.may_sit(seat, &loaded.state).is_ok();
        (may && (own || speaks)).then_some(seat)
    }

    /// Returns the seat if this page is heard in it by attaching: it speaks for the seat from then
    /// on.
    pub(crate) fn heard_by_attaching(&self, seat: Seat, loaded: &Loaded) -> Option<Seat> {
        let state = &loaded.state;
        let may = self.may_sit(seat, state).and(self.speaks(seat, state));
        may.is_ok().then_some(seat)
    }

    /// Returns whether this connection is the attached one of the seat.
    pub(crate) fn is_attached(&self, seat: Seat, draft: &Draft<'_>) -> bool {
        let attachment = draft.attachments.get(seat).as_ref();
        attachment.is_some_and(|attached| attached.connection == *self.connection)
    }

    /// Resumes a page that is away. A lost page is back as soon as it is heard again, also on a
    /// connection that stayed open. A page that said goodbye is back if it still sends on the
    /// attached connection: it did not leave.
    pub(crate) fn resume_if_away(&self, seat: Seat, draft: &mut Draft<'_>) {
        let back = match draft.state.seats.get(seat).away {
            Some(Away::Lost) => true,
            Some(Away::Left) => self.is_attached(seat, draft),
            None => false,
        };
        if back {
            // A refusal means that the session is over or full, so there is nothing to resume.
            let _ = draft.decide_page(seat, self.page, &PageCommand::Return);
        }
    }
}
