//! Collects what a room brings about while it handles one input.

use std::collections::VecDeque;

use sightline_wire::{GoneWhy, PageId, RelayId, RelaySays, Seat, SessionId};

use crate::io::{Output, Remote, SfuCounters};

/// Where a room puts its outputs and counts.
pub(crate) struct Sink<'a> {
    pub(crate) relay: RelayId,
    pub(crate) session: SessionId,
    pub(crate) out: &'a mut VecDeque<Output>,
    pub(crate) counters: &'a mut SfuCounters,
    pub(crate) removed: &'a mut Vec<RemovedTransport>,
}

/// The names by which datagrams found a transport that was removed.
pub(crate) struct RemovedTransport {
    pub(crate) ufrag: String,
    pub(crate) addresses: Vec<Remote>,
}

impl Sink<'_> {
    /// Tells the host that a page lost its last transport, and what the page did to bring it about.
    pub(crate) fn gone(&mut self, seat: Seat, page: PageId, why: Option<GoneWhy>) {
        self.out.push_back(Output::ToHost(RelaySays::Gone {
            relay: self.relay,
            session: self.session,
            seat,
            page,
            why,
        }));
    }
}
