//! Where everything that a room brings about goes.

use std::collections::VecDeque;

use sightline_wire::{PageId, RelaySays, Seat, SessionId};

use crate::io::{Counters, Output, Remote};

/// What a room hands to its house while it handles one input.
pub(crate) struct Sink<'a> {
    pub(crate) out: &'a mut VecDeque<Output>,
    pub(crate) counters: &'a mut Counters,
    /// Transports that are no more: their ufrag and addresses lead nowhere.
    pub(crate) forgotten: &'a mut Vec<(String, Vec<Remote>)>,
}

impl Sink<'_> {
    pub(crate) fn say(&mut self, says: RelaySays) {
        self.out.push_back(Output::Say(says));
    }

    pub(crate) fn gone(&mut self, session: SessionId, seat: Seat, page: PageId) {
        let relay = self.counters.relay;
        self.say(RelaySays::Gone {
            relay,
            session,
            seat,
            page,
        });
    }
}
