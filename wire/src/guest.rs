//! The guest's controls: what the agent does to the customer's devices, and asks for.
//!
//! Switching off and zooming happen at once. What turns something on, turns the camera around or
//! tells a place is a request that the customer accepts.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// What the agent can switch off at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestDevice {
    /// The microphone.
    Microphone,
    /// The camera.
    Camera,
    /// The light beside the camera.
    Torch,
}

/// What the agent asks the customer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestWish {
    /// To turn the microphone on.
    Microphone,
    /// To turn the camera on.
    Camera,
    /// To show what another camera sees.
    Flip,
    /// To turn on the light beside the camera.
    Torch,
    /// To tell once where the phone is.
    Location,
}

/// How a request went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestAnswer {
    /// The customer pressed "Allow". The outcome follows.
    Allowed,
    /// It is done.
    Done,
    /// The customer pressed "Not now".
    NotNow,
    /// The customer, or afterwards the phone, did not answer in time.
    NoAnswer,
    /// The browser or the system refused it.
    Denied,
    /// The phone does not have it.
    Absent,
    /// Another program uses it, or it did not start.
    Busy,
    /// This browser cannot do it.
    Unsupported,
    /// The phone does not know where it is.
    NoPosition,
    /// The page was loaded again in between.
    Interrupted,
}

/// How far the camera zooms: a share of what its track offers, in per mille. 0 shows the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct ZoomLevel(u16);

impl ZoomLevel {
    /// The largest.
    pub const MAX: u16 = 1_000;

    /// Checks the share; `None` if it is beyond the whole.
    #[must_use]
    pub const fn new(per_mille: u16) -> Option<Self> {
        if per_mille <= Self::MAX {
            Some(Self(per_mille))
        } else {
            None
        }
    }
}

impl<'de> Deserialize<'de> for ZoomLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let per_mille = u16::deserialize(deserializer)?;
        Self::new(per_mille).ok_or_else(|| serde::de::Error::custom("zoom is beyond its range"))
    }
}

/// Where a phone said that it is (WGS 84). Whole numbers, so that nobody rounds it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GeoPlace {
    /// Degrees north, times 100,000.
    #[ts(type = "number")]
    pub latitude_e5: Degrees<90>,
    /// Degrees east, times 100,000.
    #[ts(type = "number")]
    pub longitude_e5: Degrees<180>,
    /// The phone is within so many metres of it, by its own judgement.
    pub accuracy_m: u32,
}

/// An angle of up to `MOST` degrees in either direction, times 100,000: some metre on the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Degrees<const MOST: i32>(i32);

impl<const MOST: i32> Degrees<MOST> {
    const UNITS: i32 = 100_000;

    /// Checks the angle; `None` if it is beyond the globe.
    #[must_use]
    pub const fn new(e5: i32) -> Option<Self> {
        let most = MOST * Self::UNITS;
        if e5 >= -most && e5 <= most {
            Some(Self(e5))
        } else {
            None
        }
    }

    /// The angle in degrees.
    #[must_use]
    pub fn degrees(self) -> f64 {
        f64::from(self.0) / f64::from(Self::UNITS)
    }
}

impl<'de, const MOST: i32> Deserialize<'de> for Degrees<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let e5 = i32::deserialize(deserializer)?;
        Self::new(e5).ok_or_else(|| serde::de::Error::custom("no place on the globe"))
    }
}

/// Where the customer was when the server heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LocatedAt {
    /// The place.
    #[serde(flatten)]
    pub place: GeoPlace,
    /// When the server heard of it, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: i64, longitude: i64) -> Option<GeoPlace> {
        let text =
            format!(r#"{{"latitude_e5":{latitude},"longitude_e5":{longitude},"accuracy_m":12}}"#);
        serde_json::from_str(&text).ok()
    }

    #[test]
    fn a_place_is_on_the_globe() {
        assert!(place(9_000_000, -18_000_000).is_some());
        assert!(place(-9_000_000, 18_000_000).is_some());
        for (latitude, longitude) in [
            (9_000_001, 0),
            (-9_000_001, 0),
            (0, 18_000_001),
            (0, -18_000_001),
            (i64::MAX, 0),
            (0, i64::MIN),
        ] {
            assert_eq!(place(latitude, longitude), None, "{latitude} {longitude}");
        }
        let degrees = place(5_252_000, 1_340_501).map(|place| {
            let GeoPlace {
                latitude_e5,
                longitude_e5,
                ..
            } = place;
            (latitude_e5.degrees(), longitude_e5.degrees())
        });
        assert_eq!(degrees, Some((52.52, 13.40501)));
    }

    #[test]
    fn zoom_is_a_share() {
        for (text, taken) in [
            ("0", true),
            ("1000", true),
            ("1001", false),
            ("-1", false),
            ("0.5", false),
        ] {
            assert_eq!(
                serde_json::from_str::<ZoomLevel>(text).is_ok(),
                taken,
                "{text}"
            );
        }
    }
}
