//! Facts of pictures and strokes in the tables. The first picture is the same event in all of them.

use sightline_session::{Base, Board, Fact, Mark, PageCommand, Sent};
use sightline_wire::{
    CaptureTrouble, Digest, Ink, Line, PictureSource, PublicFact, Seat, Stroke, Strokes,
};

use crate::given::{both_joined_then, media_changed};

/// The number of the first picture.
pub const PICTURE: u32 = 5;

/// The digests of a sharp base, a quick one and a sent picture.
pub const SHARP: Digest = Digest::from_bytes([1; 32]);
pub const QUICK: Digest = Digest::from_bytes([2; 32]);
pub const COMPOSED: Digest = Digest::from_bytes([3; 32]);

/// Both are in the call and the customer's camera is on: four events.
pub fn ready() -> Vec<Fact> {
    both_joined_then([media_changed(Seat::Customer, true, true)])
}

pub fn ready_then(more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    ready().into_iter().chain(more).collect()
}

/// The first picture was asked for: its board is open.
pub fn asked_then(more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    ready_then([asked(Seat::Customer)].into_iter().chain(more))
}

/// And its base is there: six events.
pub fn kept_then(more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    asked_then([kept(PICTURE)].into_iter().chain(more))
}

pub fn asked(seat: Seat) -> Fact {
    Fact::Public(PublicFact::CaptureAsked {
        seat,
        source: PictureSource::Camera,
    })
}

pub fn repeated(seat: Seat, picture: u32, attempt: u8) -> Fact {
    Fact::Public(PublicFact::CaptureRepeated {
        seat,
        picture,
        attempt,
    })
}

pub fn failed(picture: u32) -> Fact {
    Fact::Public(PublicFact::CaptureFailed {
        picture,
        why: CaptureTrouble::InBackground,
    })
}

/// Sharp, from the customer's camera.
pub fn kept(picture: u32) -> Fact {
    Fact::Public(PublicFact::PictureKept {
        picture,
        width: 1920,
        height: 1080,
        low_resolution: false,
        digest: Some(SHARP),
    })
}

/// The frame that the agent saw.
pub fn kept_quick(picture: u32) -> Fact {
    Fact::Public(PublicFact::PictureKept {
        picture,
        width: 640,
        height: 360,
        low_resolution: true,
        digest: Some(QUICK),
    })
}

pub fn deleted(seat: Seat, picture: u32) -> Fact {
    Fact::Public(PublicFact::PictureDeleted { seat, picture })
}

pub fn sent(seat: Seat, picture: u32, through: u32) -> Fact {
    Fact::Public(PublicFact::PictureSent {
        seat,
        picture,
        through,
        width: 1920,
        height: 1080,
        digest: Some(COMPOSED),
        base: Some(SHARP),
    })
}

pub fn opened(seat: Seat, picture: u32) -> Fact {
    Fact::Public(PublicFact::BoardOpened { seat, picture })
}

pub fn closed(seat: Seat, picture: u32) -> Fact {
    Fact::Public(PublicFact::BoardClosed { seat, picture })
}

pub fn drawn(seat: Seat, picture: u32) -> Fact {
    Fact::Public(PublicFact::Drawn {
        seat,
        picture,
        stroke: stroke(),
    })
}

pub fn undone(seat: Seat, picture: u32, strokes: &[u32]) -> Fact {
    Fact::Public(PublicFact::Undone {
        seat,
        picture,
        strokes: strokes.to_vec(),
    })
}

pub fn redone(seat: Seat, picture: u32, strokes: &[u32]) -> Fact {
    Fact::Public(PublicFact::Redone {
        seat,
        picture,
        strokes: strokes.to_vec(),
    })
}

pub fn cleared(picture: u32) -> Fact {
    Fact::Public(PublicFact::Cleared { picture })
}

/// Asks to keep what [`kept`] or [`kept_quick`] tell of.
pub fn keep(picture: u32, low_resolution: bool) -> PageCommand {
    let (width, height, digest) = if low_resolution {
        (640, 360, QUICK)
    } else {
        (1920, 1080, SHARP)
    };
    let base = Base {
        width,
        height,
        low_resolution,
        digest: Some(digest),
    };
    PageCommand::Keep { picture, base }
}

pub fn fails(picture: u32) -> PageCommand {
    fails_at(picture, 1)
}

pub fn fails_at(picture: u32, attempt: u8) -> PageCommand {
    PageCommand::CaptureFailed {
        picture,
        attempt,
        why: CaptureTrouble::InBackground,
    }
}

pub fn send(picture: u32, through: u32) -> PageCommand {
    PageCommand::Send {
        sent: Sent {
            picture,
            through,
            digest: Some(COMPOSED),
        },
        size: (1920, 1080),
        base: Some(SHARP),
    }
}

/// Opens a board without strokes.
pub fn open(picture: u32, as_of: u32) -> PageCommand {
    let board = Board::empty(picture);
    PageCommand::OpenBoard { board, as_of }
}

pub fn draw(picture: u32, count: usize) -> PageCommand {
    let strokes = Strokes::new(vec![stroke(); count]).expect("strokes");
    PageCommand::Draw { picture, strokes }
}

pub fn mark(id: u32, author: Seat, undone: Option<u32>) -> Mark {
    Mark { id, author, undone }
}

/// No rule depends on the shape drawn.
fn stroke() -> Stroke {
    let line = Line::new(vec![1, 2, 3, 4]).expect("a line");
    Stroke {
        mark: 7,
        ink: Ink::Pen {
            line,
            pressure: None,
        },
    }
}
