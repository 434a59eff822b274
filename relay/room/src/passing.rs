//! What the relay notes of an endpoint, so that it has a turn only where that brings out something.

/// What goes through an endpoint.
#[derive(Debug, Default)]
pub(crate) struct Passing {
    /// A packet was written into one of its streams, or more may follow one that went out.
    pub(crate) written: bool,
    /// Packets that were written and have not left.
    pub(crate) unsent: u32,
    /// Packets may pass without draining it each time (`Participant::may_rest`).
    pub(crate) calm: bool,
    /// More than packets that pass happened to it.
    pub(crate) stirred: bool,
    /// It is on the list of those to be drained.
    pub(crate) marked: bool,
    /// How often it was given something or asked.
    #[cfg(test)]
    pub(crate) turns: u64,
}
