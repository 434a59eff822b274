//! What the log says about the bytes of pictures.

use sightline_session::{Fact, PageCommand, Sent};
use sightline_wire::{PublicFact, Refusal, Seat};

use crate::given::{AGENT, check};
use crate::shown::{COMPOSED, PICTURE, QUICK, SHARP, asked_then, kept_then, sent};

/// T29: the event binds what was sent to the base under it.
#[test]
fn what_is_sent_was_drawn_on_the_base_that_stands() {
    let on = |base| PageCommand::Send {
        sent: Sent {
            picture: PICTURE,
            through: PICTURE,
            digest: Some(COMPOSED),
        },
        size: (1920, 1080),
        base,
    };
    let given = kept_then([]);
    let then = [sent(Seat::Agent, PICTURE, PICTURE)];
    check(&given, AGENT, on(Some(SHARP)), Ok(&then));
    // A page from before there were digests does not say it; the event does.
    check(&given, AGENT, on(None), Ok(&then));
    check(&given, AGENT, on(Some(QUICK)), Err(Refusal::Malformed));
    // A base from before there were digests has none that a page could name.
    let given = asked_then([Fact::Public(earlier_kept())]);
    check(&given, AGENT, on(Some(SHARP)), Err(Refusal::Malformed));
    let facts = Fact::Public(PublicFact::PictureSent {
        seat: Seat::Agent,
        picture: PICTURE,
        through: PICTURE,
        width: 1920,
        height: 1080,
        digest: Some(COMPOSED),
        base: None,
    });
    check(&given, AGENT, on(None), Ok(&[facts]));
}

const fn earlier_kept() -> PublicFact {
    PublicFact::PictureKept {
        picture: PICTURE,
        width: 1920,
        height: 1080,
        low_resolution: false,
        digest: None,
    }
}
