//! What a media thread counts.

use sightline_room::Sfu;

use crate::counters::Snapshot;
use crate::histogram::Histogram;
use crate::streams::Streams;

/// What happened to datagrams.
#[derive(Default)]
pub(crate) struct DatagramCounters {
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) unsent: u64,
    /// Dropped because they came from another machine.
    pub(crate) foreign: u64,
    /// Processor time of one in some.
    pub(crate) time: Histogram,
}

/// The numbers of a media thread that began again after so many panics.
pub(crate) fn of_thread(
    sfu: &Sfu,
    streams: &Streams,
    datagrams: &DatagramCounters,
    panics: u64,
) -> Snapshot {
    let draining = sfu.is_draining();
    let sfu = sfu.counters();
    Snapshot {
        rooms: u32::try_from(sfu.rooms).unwrap_or(u32::MAX),
        participants: u32::try_from(sfu.participants).unwrap_or(u32::MAX),
        listens_tcp: streams.names().next().is_some(),
        streams: u32::try_from(streams.len()).unwrap_or(u32::MAX),
        draining,
        datagrams_in: datagrams.received,
        datagrams_out: datagrams.sent,
        bytes_out: datagrams.bytes_sent,
        datagrams_unsent: datagrams.unsent,
        datagrams_foreign: sfu.datagrams_foreign + datagrams.foreign,
        datagrams_refused: sfu.datagrams_refused,
        packets_forwarded: sfu.packets_forwarded,
        packets_dropped: sfu.packets_dropped,
        messages_forwarded: sfu.messages_forwarded,
        messages_dropped: sfu.messages_dropped,
        keyframe_requests: sfu.keyframe_requests,
        offers_answered: sfu.offers_answered,
        offers_refused: sfu.offers_refused,
        rooms_panicked: sfu.rooms_panicked,
        threads_panicked: panics,
        datagram_time: datagrams.time,
        ..Snapshot::default()
    }
}
