//! What a person joined with as it is stored: the days stand beside what the wire has.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sightline_session::Arrived;
use sightline_wire::Arrival;

#[derive(Serialize, Deserialize)]
struct Arrived1 {
    #[serde(flatten)]
    with: Arrival,
    /// Records of the version before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_days: Option<[u32; 2]>,
}

#[expect(clippy::ref_option, reason = "serde asks by reference")]
pub(super) fn serialize<S: Serializer>(
    arrived: &Option<Arrived>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let record = arrived
        .clone()
        .map(|Arrived { with, kept_days }| Arrived1 { with, kept_days });
    record.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Arrived>, D::Error> {
    let record: Option<Arrived1> = Option::deserialize(deserializer)?;
    Ok(record.map(|Arrived1 { with, kept_days }| Arrived { with, kept_days }))
}
