//! Relays, assignments of rooms, and the entry of a call in its agent's list.

use serde::{Deserialize, Serialize};
use sightline_session::State;
use sightline_wire::api::CallPhase;
use sightline_wire::{PhoneNumber, Reference, RelayId, SessionId};

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

/// One entry of an agent's list of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSummary {
    /// The session.
    pub session: SessionId,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// The invited number. `None` for a call that is reached by a link only.
    pub number: Option<PhoneNumber>,
    /// The agent's reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
}

impl CallSummary {
    /// Returns the entry of a session in this state; a plug stores it with every commit.
    #[must_use]
    pub fn of(session: SessionId, state: &State) -> Self {
        Self {
            session,
            at_ms: state.began_at_ms,
            number: state.number.clone(),
            reference: state.reference.clone(),
            phase: sightline_session::phase(state),
        }
    }
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

#[derive(Serialize, Deserialize)]
struct Summary1 {
    session: SessionId,
    at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<PhoneNumber>,
    reference: Reference,
    phase: CallPhase,
}

impl Record for CallSummary {
    fn encode(&self) -> Vec<u8> {
        let record = Summary1 {
            session: self.session,
            at_ms: self.at_ms,
            number: self.number.clone(),
            reference: self.reference.clone(),
            phase: self.phase,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode call";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Summary1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    session: record.session,
                    at_ms: record.at_ms,
                    number: record.number,
                    reference: record.reference,
                    phase: record.phase,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
