//! How well a call runs, as its pages measure it. It is for display only.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// Most moments in one message.
pub const MOMENTS_MAX: usize = 3;

/// Some 20 seconds of a call: how sound and picture of the other person came, and what this page
/// sent. What a browser does not count is 0 or absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Moment {
    /// How long the picture stood still, milliseconds.
    pub frozen_ms: u16,
    /// Sound that was made up because it did not come, per mille.
    pub made_up: u16,
    /// Received, kbit/s.
    pub kbit: u16,
    /// Packets that were lost on the way here, per mille.
    pub lost: u16,
    /// The round trip to the relay, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trip_ms: Option<u16>,
    /// The rung on which the own camera was sent, 0 the highest. Absent without a camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rung: Option<u8>,
}

/// Moments in order, from 1 to [`MOMENTS_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(type = "Moment[]")]
pub struct Moments(Vec<Moment>);

impl Moments {
    /// The moments.
    #[must_use]
    pub fn as_slice(&self) -> &[Moment] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Moments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let moments = Vec::deserialize(deserializer)?;
        if (1..=MOMENTS_MAX).contains(&moments.len()) {
            Ok(Self(moments))
        } else {
            Err(D::Error::custom("too few moments, or too many"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_page;

    #[test]
    fn a_ping_has_no_more_moments_than_it_may_and_no_number_beyond_its_type() {
        let moment = r#"{"frozen_ms":1,"made_up":2,"kbit":3,"lost":4}"#;
        let ping = |moments: &str| {
            let text = format!(
                r#"{{"session":"AAAAAAAAAAAAAAAAAAAAAA","page":"AAAAAAAAAAAAAAAAAAAAAQ","topic":"session","type":"ping","moments":{moments}}}"#
            );
            decode_page(text.as_bytes()).is_ok()
        };
        let some = |count| format!("[{}]", vec![moment; count].join(","));
        assert!((1..=MOMENTS_MAX).all(|count| ping(&some(count))));
        for wrong in [
            some(0),
            some(MOMENTS_MAX + 1),
            format!("[{}]", moment.replace('1', "-1")),
            format!("[{}]", moment.replace('1', "65536")),
            format!("[{}]", moment.replace('1', "0.5")),
            format!("[{}]", moment.replace('1', r#""x""#)),
            "7".to_owned(),
        ] {
            assert!(!ping(&wrong), "{wrong}");
        }
    }
}
