//! Relays and assignments of rooms.

use serde::{Deserialize, Serialize};
use sightline_wire::RelayId;

use super::{ConnectionKey, Record, codec};
use crate::store_error::StoreError;

/// A relay's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRecord {
    /// The relay.
    pub relay: RelayId,
    /// Its control connection.
    pub connection: ConnectionKey,
    /// Rooms it can carry.
    pub rooms_max: u32,
    /// Rooms it carries.
    pub rooms: u32,
    /// It takes no new rooms.
    pub draining: bool,
    /// When the lease ends, epoch milliseconds.
    pub lease_until_ms: u64,
}

/// The relay that carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The relay.
    pub relay: RelayId,
    /// Counts assignments from 1, so that an old relay cannot take the room back.
    pub epoch: u32,
}

#[derive(Serialize, Deserialize)]
struct Relay1 {
    relay: RelayId,
    connection: String,
    rooms_max: u32,
    rooms: u32,
    draining: bool,
    lease_until_ms: u64,
}

impl Record for RelayRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Relay1 {
            relay: self.relay,
            connection: self.connection.0.clone(),
            rooms_max: self.rooms_max,
            rooms: self.rooms,
            draining: self.draining,
            lease_until_ms: self.lease_until_ms,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode relay";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Relay1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    relay: record.relay,
                    connection: ConnectionKey(record.connection),
                    rooms_max: record.rooms_max,
                    rooms: record.rooms,
                    draining: record.draining,
                    lease_until_ms: record.lease_until_ms,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Assignment1 {
    relay: RelayId,
    epoch: u32,
}

impl Record for Assignment {
    fn encode(&self) -> Vec<u8> {
        let record = Assignment1 {
            relay: self.relay,
            epoch: self.epoch,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode assignment";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Assignment1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    relay: record.relay,
                    epoch: record.epoch,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
