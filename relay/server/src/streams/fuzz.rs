//! The fuzz target of framing.

use super::*;

/// Cuts bytes of a connection into datagrams.
pub(crate) fn datagrams(bytes: &[u8]) -> Vec<Vec<u8>> {
    let origin = Origin {
        listener: 0,
        address: SocketAddr::from(([192, 0, 2, 1], 1)),
    };
    let id = StreamId { origin, id: 1 };
    // Each datagram has two bytes of length before it.
    let (events, mut received) = mpsc::channel(bytes.len() / 2 + 1);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let ended = runtime
        .expect("a runtime without drivers")
        .block_on(read_frames(bytes, id, &events));
    assert!(ended.is_err(), "the connection ends");
    drop(events);
    let mut found = Vec::new();
    while let Ok(event) = received.try_recv() {
        if let StreamEvent::Received(_, bytes) = event {
            found.push(bytes);
        }
    }
    found
}
