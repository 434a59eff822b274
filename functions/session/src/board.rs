//! The board both look at: which strokes lie on a picture, whose they are, and which are taken
//! back.

use sightline_wire::{PublicFact, Seat};

use crate::{Event, Fact};

/// A picture's board. Points live in the log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Of which picture.
    pub picture: u32,
    /// Oldest first; at most [`crate::Rules::strokes_max`]. Of those taken back only what redo can
    /// bring back is kept.
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

/// The board of `picture` as these events left it, in order and from its beginning on; others among
/// them are passed over.
#[must_use]
pub fn replay<'a>(picture: u32, events: impl IntoIterator<Item = &'a Event>) -> Board {
    let mut board = Board::empty(picture);
    for event in events {
        board.follow(event);
    }
    board
}

impl Board {
    /// A board nobody drew on.
    #[must_use]
    pub const fn empty(picture: u32) -> Self {
        Self {
            picture,
            strokes: Vec::new(),
        }
    }

    /// Takes in the next event of the log, as [`replay`] does; for a log that is read piece by
    /// piece.
    pub fn follow(&mut self, event: &Event) {
        if let Fact::Public(fact) = &event.fact {
            self.change(event.seq, fact);
        }
    }

    /// Takes in the event numbered `seq`. What is not about this board changes nothing.
    pub(crate) fn change(&mut self, seq: u32, fact: &PublicFact) {
        if changes_board_of(fact) != Some(self.picture) {
            return;
        }
        match fact {
            PublicFact::Drawn { seat, .. } => {
                self.strokes.retain(|mark| !mark.is_forgotten_by(*seat));
                self.strokes.push(Mark {
                    id: seq,
                    author: *seat,
                    undone: None,
                });
            }
            PublicFact::Undone { seat, strokes, .. } => self.mark(*seat, strokes, Some(seq)),
            PublicFact::Redone { seat, strokes, .. } => self.mark(*seat, strokes, None),
            // Of a deleted picture nothing remains.
            _ => self.strokes.clear(),
        }
    }

    /// Whether so many new strokes of that seat fit, once drawing them has made it forget those it
    /// took back.
    pub(crate) fn has_room(&self, author: Seat, new: usize, strokes_max: u32) -> bool {
        let kept = |mark: &&Mark| !mark.is_forgotten_by(author);
        let strokes = self.strokes.iter().filter(kept).count();
        strokes.saturating_add(new) <= strokes_max as usize
    }

    /// The strokes of that seat that stand, ascending.
    pub(crate) fn standing(&self, author: Seat) -> Vec<u32> {
        self.of(author, None)
    }

    /// The strokes that the newest undo of that seat took back, ascending. None of its strokes is
    /// newer than that undo: drawing forgets what was taken back.
    pub(crate) fn undone_last(&self, author: Seat) -> Vec<u32> {
        let own = self.strokes.iter().filter(|mark| mark.author == author);
        let newest = own.filter_map(|mark| mark.undone).max();
        newest.map_or_else(Vec::new, |undo| self.of(author, Some(undo)))
    }

    fn of(&self, author: Seat, undone: Option<u32>) -> Vec<u32> {
        self.strokes
            .iter()
            .filter(|mark| mark.author == author && mark.undone == undone)
            .map(|mark| mark.id)
            .collect()
    }

    fn mark(&mut self, author: Seat, ascending: &[u32], undone: Option<u32>) {
        for mark in &mut self.strokes {
            if mark.author == author && ascending.binary_search(&mark.id).is_ok() {
                mark.undone = undone;
            }
        }
    }
}

impl Mark {
    /// It was taken back, and goes for good when its author draws again.
    fn is_forgotten_by(&self, author: Seat) -> bool {
        self.author == author && self.undone.is_some()
    }
}

/// The picture whose board this changes.
pub(crate) const fn changes_board_of(fact: &PublicFact) -> Option<u32> {
    match fact {
        PublicFact::Drawn { picture, .. }
        | PublicFact::Undone { picture, .. }
        | PublicFact::Redone { picture, .. }
        | PublicFact::Cleared { picture }
        | PublicFact::PictureDeleted { picture, .. } => Some(*picture),
        _ => None,
    }
}
