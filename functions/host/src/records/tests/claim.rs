//! A request that another program may repeat.

use sightline_wire::SessionId;

use super::check;
use crate::records::ClaimRecord;

#[test]
fn a_claim_of_every_version_is_read() {
    let claim = ClaimRecord {
        session: SessionId::from_bytes([9; 16]),
        body: "a keyed hash".to_owned(),
        at_ms: 1_800_000_000_000,
    };
    check(&claim, &[include_str!("../../../samples/claim.1.json")]);
}
