//! Ink: strokes on a picture, finished and in progress, and the pointer.
//!
//! Places are in the coordinates of the picture, 0 to 65,535 on each side whatever its size: never
//! of a screen.

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::LabelText;

/// A place on a picture: `[x, y]`, from the left and from the top, 0 to 65,535 on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(type = "[number, number]")]
pub struct Point(pub u16, pub u16);

/// The line of a pen: places one after the other, flat as `[x, y, x, y, …]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(type = "number[]")]
pub struct Line(Vec<u16>);

impl Line {
    /// Fewest points.
    pub const POINTS_MIN: usize = 1;
    /// Most points of a stroke. A page simplifies a longer line before it sends it.
    pub const POINTS_MAX: usize = 512;

    /// Checks the number of coordinates.
    ///
    /// # Errors
    /// An odd number of coordinates, or too many or too few.
    pub fn new(coordinates: Vec<u16>) -> Result<Self, InkError> {
        if !coordinates.len().is_multiple_of(2) {
            return Err(InkError::NoPairs);
        }
        in_range(coordinates.len() / 2, Self::POINTS_MIN..=Self::POINTS_MAX)?;
        Ok(Self(coordinates))
    }

    /// How many points.
    #[must_use]
    pub fn points(&self) -> usize {
        self.0.len() / 2
    }

    /// The coordinates, flat.
    #[must_use]
    pub fn coordinates(&self) -> &[u16] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// How hard a pen pressed, one value a point, 0 to 255 for none to full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(type = "number[]")]
pub struct Pressure(Vec<u8>);

impl Pressure {
    /// Checks the number of values.
    ///
    /// # Errors
    /// No values, or more than a line has points.
    pub fn new(values: Vec<u8>) -> Result<Self, InkError> {
        in_range(values.len(), Line::POINTS_MIN..=Line::POINTS_MAX)?;
        Ok(Self(values))
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Pressure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Ink {
    /// A line by hand.
    Pen {
        /// Where it went.
        line: Line,
        /// How hard it pressed, if the device measures it. Ignored unless it has one value per
        /// point.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pressure: Option<Pressure>,
    },
    /// An arrow.
    Arrow {
        /// Its tail.
        from: Point,
        /// Its head.
        to: Point,
    },
    /// An ellipse in the upright box between two corners.
    Circle {
        /// One corner of the box.
        from: Point,
        /// The other.
        to: Point,
    },
    /// The upright box between two corners.
    Box {
        /// One corner.
        from: Point,
        /// The other.
        to: Point,
    },
    /// A few words, in one line.
    Text {
        /// The start of the line, at half its height.
        at: Point,
        /// The words.
        text: LabelText,
    },
    /// A numbered step.
    Step {
        /// Its middle.
        at: Point,
        /// Its number, from 1.
        number: StepNumber,
    },
}

/// Number of a step, 1 to 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "number")]
pub struct StepNumber(u8);

impl StepNumber {
    /// Highest number.
    pub const MAX: u8 = 99;

    /// Checks the number.
    ///
    /// # Errors
    /// When it is 0 or too high.
    pub fn new(number: u8) -> Result<Self, InkError> {
        in_range(usize::from(number), 1..=usize::from(Self::MAX))?;
        Ok(Self(number))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for StepNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u8::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A finished stroke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Stroke {
    /// A random number from the page that draws. It ties the finished stroke to its pieces. It is
    /// not the stroke's id, which is the number of its event.
    pub mark: u32,
    /// What was drawn.
    #[serde(flatten)]
    pub ink: Ink,
}

/// Finished strokes of one command, in the order in which they were drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(type = "Stroke[]")]
pub struct Strokes(Vec<Stroke>);

impl Strokes {
    /// Most strokes in one command.
    pub const COUNT_MAX: usize = 16;

    /// Checks the number of strokes.
    ///
    /// # Errors
    /// No strokes, or too many.
    pub fn new(strokes: Vec<Stroke>) -> Result<Self, InkError> {
        in_range(strokes.len(), 1..=Self::COUNT_MAX)?;
        Ok(Self(strokes))
    }

    /// The strokes.
    #[must_use]
    pub fn as_slice(&self) -> &[Stroke] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Strokes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A message between two pages while a person draws or points. Never stored; losing one costs a
/// moment. It travels as a string on the channel `live`, or inside
/// [`crate::AnnotationSays::Passing`] while that is not open. The receiving page checks it, because
/// the relay does not read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Passing {
    /// A stroke in progress, or a piece of it.
    Ink {
        /// On which picture.
        picture: u32,
        /// The mark of the stroke; the finished one carries the same.
        mark: u32,
        /// Counts up per stroke: the piece with the highest step is the newest.
        step: u32,
        /// The stroke is finished, and follows in the log. It stays until the log tells otherwise.
        #[serde(default, skip_serializing_if = "crate::relay::is_false")]
        #[ts(as = "Option<bool>", optional)]
        done: bool,
        /// The piece.
        #[serde(flatten)]
        piece: Piece,
    },
    /// A stroke in progress was abandoned: a second finger came, or the system took the pointer.
    Dropped {
        /// On which picture.
        picture: u32,
        /// Which stroke.
        mark: u32,
    },
    /// Where the person points; absent places mean nowhere any more.
    Pointer {
        /// On which picture; absent for the live picture of the customer's camera.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        picture: Option<u32>,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        at: Option<Point>,
    },
    /// Asks the other page to compose and send this picture: the browser of the page that asks
    /// gives pages no pictures. Repeated until the picture is in the chat.
    Compose {
        /// Which picture.
        picture: u32,
    },
}

/// A piece of a stroke in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Piece {
    /// Points of a pen's line. A piece repeats the last points of the previous one, so that the
    /// next piece repairs one loss.
    Pen {
        /// The place of the first of these points in the line, from 0.
        start: LinePlace,
        /// The points.
        line: Line,
        /// How hard it pressed at these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pressure: Option<Pressure>,
    },
    /// An arrow so far.
    Arrow {
        /// Its tail.
        from: Point,
        /// Its head.
        to: Point,
    },
    /// An ellipse so far.
    Circle {
        /// One corner of its box.
        from: Point,
        /// The other.
        to: Point,
    },
    /// A box so far.
    Box {
        /// One corner.
        from: Point,
        /// The other.
        to: Point,
    },
}

/// Place of a point in a line in progress, from 0. A page goes on drawing beyond the last and shows
/// the rest when the stroke is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "number")]
pub struct LinePlace(u16);

impl LinePlace {
    /// Last place.
    pub const MAX: u16 = 4_095;

    /// Checks the place.
    ///
    /// # Errors
    /// When it is too far.
    pub fn new(place: u16) -> Result<Self, InkError> {
        in_range(usize::from(place), 0..=usize::from(Self::MAX))?;
        Ok(Self(place))
    }

    /// The place.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl<'de> Deserialize<'de> for LinePlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Why ink was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InkError {
    /// An odd number of coordinates.
    #[error("odd number of coordinates")]
    NoPairs,
    /// Too many or too few of something.
    #[error("count is {count}, expected {min} to {max}")]
    Count {
        /// Count found.
        count: usize,
        /// Fewest allowed.
        min: usize,
        /// Most allowed.
        max: usize,
    },
}

fn in_range(count: usize, allowed: RangeInclusive<usize>) -> Result<(), InkError> {
    if allowed.contains(&count) {
        return Ok(());
    }
    Err(InkError::Count {
        count,
        min: *allowed.start(),
        max: *allowed.end(),
    })
}

#[cfg(test)]
mod tests;
