//! One minute of the call's record.

use serde::{Deserialize, Serialize};
use sightline_wire::Moment;

use super::{Record, codec};
use crate::store_error::StoreError;

/// Minutes that are kept of a seat, the newest. With three moments each they make 120 points.
pub const MINUTES_KEPT: u64 = 40;

/// What a seat's page told of one minute of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallMinute {
    /// Minutes since the epoch.
    pub minute: u64,
    /// How well the call ran.
    pub moments: Vec<Moment>,
}

impl CallMinute {
    /// Its place among those that are kept: a later minute takes the place of an early one.
    #[must_use]
    pub fn place(&self) -> u8 {
        (self.minute % MINUTES_KEPT) as u8
    }
}

#[derive(Serialize, Deserialize)]
struct Minute1 {
    minute: u64,
    moments: Vec<Moment>,
}

impl Record for CallMinute {
    fn encode(&self) -> Vec<u8> {
        let record = Minute1 {
            minute: self.minute,
            moments: self.moments.clone(),
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode minute";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Minute1 { minute, moments } = codec::read(WHAT, bytes)?;
                Ok(Self { minute, moments })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
