//! The shared board: the strokes on a picture, their authors, and which are undone.

use sightline_wire::{PublicFact, Seat};

use crate::{Event, Fact};

/// A picture's board. Points live in the log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The picture under it.
    pub picture: u32,
    /// Oldest first; at most [`crate::Rules::strokes_max`]. Undone strokes are kept only while redo
    /// can bring them back.
    pub strokes: Vec<Mark>,
}

/// The part of a stroke that deciding needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of its event.
    pub id: u32,
    /// The seat that drew it.
    pub author: Seat,
    /// The event that undid it. Strokes undone together are redone together.
    pub undone: Option<u32>,
}

/// Returns the board of `picture` after these events, which must be in order and begin no later
/// than the picture. Events about other things are ignored.
#[must_use]
pub fn replay<'a>(picture: u32, events: impl IntoIterator<Item = &'a Event>) -> Board {
    let mut board = Board::empty(picture);
    for event in events {
        board.follow(event);
    }
    board
}

impl Board {
    /// A board without strokes.
    #[must_use]
    pub const fn empty(picture: u32) -> Self {
        Self {
            picture,
            strokes: Vec::new(),
        }
    }

    /// Follows the next event of the log, as [`replay`] does, for a log that is read in pieces.
    pub fn follow(&mut self, event: &Event) {
        if let Fact::Public(fact) = &event.fact {
            self.change(event.seq, fact);
        }
    }

    /// Follows the fact numbered `seq`. Facts about other things change nothing.
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
            // Cleared, or the picture was deleted.
            _ => self.strokes.clear(),
        }
    }

    /// Whether `new` strokes of this author fit. Drawing forgets the author's undone strokes, so
    /// these do not count.
    pub(crate) fn has_room(&self, author: Seat, new: usize, strokes_max: u32) -> bool {
        let kept = |mark: &&Mark| !mark.is_forgotten_by(author);
        let strokes = self.strokes.iter().filter(kept).count();
        strokes.saturating_add(new) <= strokes_max as usize
    }

    /// The author's strokes that are not undone, ascending.
    pub(crate) fn standing(&self, author: Seat) -> Vec<u32> {
        self.of(author, None)
    }

    /// The strokes of the author's newest undo, ascending. No stroke of the author is newer than
    /// that undo, because drawing forgets undone strokes.
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
    /// Whether it is removed when this author draws again: it is theirs and undone.
    fn is_forgotten_by(&self, author: Seat) -> bool {
        self.author == author && self.undone.is_some()
    }
}

/// The picture whose board a fact changes.
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
