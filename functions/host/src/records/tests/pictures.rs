//! Events of pictures and strokes.

use super::*;

fn kept(
    picture: u32,
    (width, height): (u16, u16),
    low_resolution: bool,
    digest: Option<u8>,
) -> Fact {
    Fact::Public(PublicFact::PictureKept {
        picture,
        width,
        height,
        low_resolution,
        digest: digest.map(|byte| Digest::from_bytes([byte; 32])),
    })
}

fn sent(
    (picture, through): (u32, u32),
    (width, height): (u16, u16),
    digest: Option<u8>,
    base: Option<u8>,
) -> Fact {
    Fact::Public(PublicFact::PictureSent {
        seat: Seat::Agent,
        picture,
        through,
        width,
        height,
        digest: digest.map(|byte| Digest::from_bytes([byte; 32])),
        base: base.map(|byte| Digest::from_bytes([byte; 32])),
    })
}

/// Every tool, and a pen with and without pressure.
fn inks() -> [Ink; 7] {
    let (from, to) = (Point(0, 65_535), Point(1, 2));
    [
        Ink::Pen {
            line: Line::new(vec![0, 1, 65_535, 3]).unwrap(),
            pressure: None,
        },
        Ink::Pen {
            line: Line::new(vec![0, 1, 65_535, 3]).unwrap(),
            pressure: Some(Pressure::new(vec![0, 255]).unwrap()),
        },
        Ink::Arrow { from, to },
        Ink::Circle { from, to },
        Ink::Box { from, to },
        Ink::Text {
            at: from,
            text: LabelText::new("Grüße \"👋\"").unwrap(),
        },
        Ink::Step {
            at: to,
            number: StepNumber::new(99).unwrap(),
        },
    ]
}

pub fn facts_of_pictures() -> Vec<Fact> {
    let seat = Seat::Agent;
    let picture = 20;
    let drawn = |ink| {
        Fact::Public(PublicFact::Drawn {
            seat: Seat::Customer,
            picture,
            stroke: Stroke {
                mark: u32::MAX,
                ink,
            },
        })
    };
    let mut facts = vec![
        Fact::Public(PublicFact::ZoneTold {
            utc_offset_min: UtcOffset::new(-570).unwrap(),
        }),
        Fact::Public(PublicFact::CaptureAsked {
            seat,
            source: PictureSource::Camera,
        }),
        Fact::Public(PublicFact::CaptureRepeated {
            seat,
            picture,
            attempt: 2,
        }),
        Fact::Public(PublicFact::CaptureFailed {
            picture,
            why: CaptureTrouble::InBackground,
        }),
        kept(picture, (1920, 1080), true, None),
    ];
    facts.extend(inks().map(drawn));
    facts.extend([
        Fact::Public(PublicFact::Undone {
            seat,
            picture,
            strokes: vec![22, 23],
        }),
        Fact::Public(PublicFact::Redone {
            seat,
            picture,
            strokes: vec![22, 23],
        }),
        Fact::Public(PublicFact::Cleared { picture }),
        sent((picture, 33), (65_535, 1), None, None),
        Fact::Public(PublicFact::BoardClosed { seat, picture }),
        Fact::Public(PublicFact::BoardOpened { seat, picture }),
        Fact::Public(PublicFact::PictureDeleted { seat, picture }),
        Fact::Public(PublicFact::CaptureAsked {
            seat,
            source: PictureSource::Gallery,
        }),
        kept(36, (4, 3), false, Some(0x36)),
        sent((36, 36), (4, 3), Some(0x38), Some(0x36)),
        Fact::Public(PublicFact::LinksRenewed),
    ]);
    facts
}
