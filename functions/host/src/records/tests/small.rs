//! Records of a connection and of relays.

use sightline_wire::api::Role;
use sightline_wire::{AgentId, RelayId, Seat, SessionId};

use super::{check, page};
use crate::ports::ConnectionKey;
use crate::records::{Assignment, Attachment, ConnectionRecord, Record as _, RelayRecord};

#[test]
fn small_records_of_every_version_are_read() {
    let connection = ConnectionKey("con/nec=tion".to_owned());
    let session = SessionId::from_bytes([9; 16]);
    let relay = RelayId::from_bytes([3; 16]);
    check(
        &Attachment {
            connection: connection.clone(),
            page: page(1),
            heard_at_ms: 1_800_000_000_000,
            closed_at_ms: Some(1_800_000_001_000),
        },
        &[include_str!("../../../samples/attachment.1.json")],
    );
    let first = ConnectionRecord {
        agent: Some((AgentId::from_bytes([1; 16]), Role::Admin)),
        sign_in: None,
        seats: vec![(session, 0)],
        relay: true,
        relay_id: Some(relay),
        source: None,
        attached: vec![(session, Seat::Agent)],
        delete_at_s: 1_800_086_400,
    };
    let second = ConnectionRecord {
        source: Some([203, 0, 113, 7].into()),
        ..first.clone()
    };
    let sample = include_str!("../../../samples/connection.1.json");
    let read = ConnectionRecord::decode(sample.trim_end().as_bytes());
    assert_eq!(read, Ok(first));
    check(
        &second,
        &[include_str!("../../../samples/connection.2.json")],
    );
    check(
        &RelayRecord {
            relay,
            connection,
            rooms_max: 100,
            rooms: 7,
            draining: true,
            lease_until_ms: 1_800_000_045_000,
        },
        &[include_str!("../../../samples/relay.1.json")],
    );
    check(
        &Assignment { relay, epoch: 2 },
        &[include_str!("../../../samples/assignment.1.json")],
    );
}
