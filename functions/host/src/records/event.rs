//! Events as they are stored.

use serde::{Deserialize, Serialize};
use sightline_session::{Arrived, Event, Fact};
use sightline_wire::{
    AgentId, DisplayName, Language, PageId, PhoneNumber, PublicFact, Reference, Seat, UtcOffset,
};

use super::{Record, arrived, codec};
use crate::store_error::StoreError;

#[derive(Serialize, Deserialize)]
struct Event1 {
    seq: u32,
    at_ms: u64,
    #[serde(flatten)]
    fact: Fact1,
}

/// Public facts are stored as the wire encodes them; the golden samples fix this. Only facts that
/// differ from the wire are spelled out here.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Fact1 {
    InviteIssued {
        agent: AgentId,
        agent_name: DisplayName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<PhoneNumber>,
        reference: Reference,
        language: Language,
        expires_at_ms: u64,
        ends_at_ms: u64,
    },
    CallTaken {
        agent: AgentId,
        agent_name: DisplayName,
    },
    Joined {
        seat: Seat,
        page: PageId,
        name: DisplayName,
        video_only: bool,
        #[serde(default, skip_serializing_if = "Option::is_none", with = "arrived")]
        arrival: Option<Arrived>,
    },
    Moved {
        seat: Seat,
        page: PageId,
        #[serde(default)]
        video_only: bool,
        #[serde(default, skip_serializing_if = "Option::is_none", with = "arrived")]
        arrival: Option<Arrived>,
    },
    /// The wire says `utc_offset_min`.
    ZoneTold { utc_offset: UtcOffset },
    #[serde(untagged)]
    Public(PublicFact),
}

impl Record for Event {
    fn encode(&self) -> Vec<u8> {
        let record = Event1 {
            seq: self.seq,
            at_ms: self.at_ms,
            fact: self.fact.clone().into(),
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode event";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Event1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    seq: record.seq,
                    at_ms: record.at_ms,
                    fact: record.fact.into(),
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

/// Both directions between facts and their records: the listed variants field by field, then the
/// one public fact whose record differs, then all other public facts as they are.
macro_rules! mirror {
    ($($variant:ident { $($field:ident),* }),* $(,)?) => {
        impl From<Fact> for Fact1 {
            fn from(fact: Fact) -> Self {
                match fact {
                    $(Fact::$variant { $($field),* } => Self::$variant { $($field),* },)*
                    Fact::Public(PublicFact::ZoneTold { utc_offset_min: utc_offset }) => {
                        Self::ZoneTold { utc_offset }
                    }
                    Fact::Public(fact) => Self::Public(fact),
                }
            }
        }
        impl From<Fact1> for Fact {
            fn from(fact: Fact1) -> Self {
                match fact {
                    $(Fact1::$variant { $($field),* } => Self::$variant { $($field),* },)*
                    Fact1::ZoneTold { utc_offset: utc_offset_min } => {
                        Self::Public(PublicFact::ZoneTold { utc_offset_min })
                    }
                    Fact1::Public(fact) => Self::Public(fact),
                }
            }
        }
    };
}

mirror! {
    InviteIssued { agent, agent_name, number, reference, language, expires_at_ms, ends_at_ms },
    CallTaken { agent, agent_name },
    Joined { seat, page, name, video_only, arrival },
    Moved { seat, page, video_only, arrival },
}
