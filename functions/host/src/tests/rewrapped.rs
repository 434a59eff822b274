//! Every message that the host takes in one envelope and sends in another, with the worst contents
//! that decoding lets in: it fits into a message again.

use proptest::prelude::*;
use serde_json::{Value, json};
use sightline_session::{Event, Fact, PageCommand};
use sightline_wire::{
    ChatText, DisplayName, FromRelay, LabelText, Line, MESSAGE_BYTES_MAX, OfferFault, OfferRefusal,
    PageHears, PageId, PublicFact, RelayHears, RelayId, RelaySays, Sdp, Seat, SessionHears,
    SessionId, SignalingHears, decode_page, decode_relay,
};

use crate::topic::{Deed, deed};
use crate::words::{batch, to_page, to_relay};

/// What grows most between a message, a Rust string and a message again.
const WORST: [&str; 12] = [
    "\"", "\\", "\u{1}", "\u{1f}", "\u{7f}", "\r\n", "\n", "\u{2028}", "漢", "😀", "e\u{301}", "x",
];

/// A text of the worst characters, `longest` UTF-16 units at most: mostly of one of them.
fn worst(longest: usize) -> impl Strategy<Value = String> {
    let pure = (0..WORST.len(), 0..=longest);
    let mixed = prop::collection::vec((0..WORST.len(), 1..=longest / 4), 0..4);
    (pure, mixed, any::<bool>()).prop_map(move |(pure, mixed, is_pure)| {
        let parts = if is_pure { vec![pure] } else { mixed };
        let mut text = String::new();
        for (which, times) in parts {
            let part = WORST[which];
            let left = longest.saturating_sub(text.encode_utf16().count());
            text += &part.repeat(times.min(left / part.encode_utf16().count()));
        }
        text
    })
}

fn session() -> SessionId {
    SessionId::from_bytes([0xff; 16])
}

fn page_message(topic: &str, kind: &str, mut fields: Value) -> Vec<u8> {
    fields["session"] = json!(session());
    fields["page"] = json!(PageId::from_bytes([0xff; 16]));
    fields["topic"] = json!(topic);
    fields["type"] = json!(kind);
    fields["n"] = json!(u32::MAX);
    fields.to_string().into_bytes()
}

/// Takes a page's message as the host does. Returns whether it was let in.
fn goes_on(message: &[u8]) -> bool {
    let Ok(message) = decode_page(message) else {
        return false;
    };
    match deed(message.says) {
        Ok(Deed::Offer { attempt, sdp, .. }) => {
            let offer = RelayHears::Offer {
                session: session(),
                epoch: u32::MAX,
                seat: Seat::Customer,
                page: message.page,
                attempt,
                speaks: false,
                since: u32::MAX,
                sdp,
            };
            assert!(to_relay(offer).unwrap().len() <= MESSAGE_BYTES_MAX);
        }
        Ok(Deed::PassOn(hears)) => {
            assert!(to_page(Some(session()), hears).unwrap().len() <= MESSAGE_BYTES_MAX);
        }
        Ok(Deed::Command(command)) => fact_fits(command),
        Ok(_) | Err(_) => {}
    }
    true
}

/// What a command becomes is sent as an event, alone in a message if it has to be.
fn fact_fits(command: PageCommand) {
    let seat = Seat::Customer;
    let fact = match command {
        PageCommand::Say { text } => Fact::Public(PublicFact::Said { seat, text }),
        PageCommand::Rename { name } | PageCommand::Join { name, .. } => Fact::Joined {
            seat,
            page: PageId::from_bytes([0xff; 16]),
            name,
            video_only: false,
            arrival: None,
        },
        PageCommand::Draw { picture, strokes } => {
            for stroke in strokes.as_slice().iter().cloned() {
                one_fits(Fact::Public(PublicFact::Drawn {
                    seat,
                    picture,
                    stroke,
                }));
            }
            return;
        }
        _ => return,
    };
    one_fits(fact);
}

fn one_fits(fact: Fact) {
    let event = Event {
        seq: u32::MAX,
        at_ms: 1 << 53,
        fact,
    };
    let batch = batch(&[event], Seat::Agent, u32::MAX);
    assert_eq!(batch.events.len(), 1);
    let hears = PageHears::Session(SessionHears::Events(batch));
    assert!(to_page(Some(session()), hears).unwrap().len() <= MESSAGE_BYTES_MAX);
}

/// Takes a relay's message as the host does. Returns whether it was let in.
fn comes_back(message: &[u8]) -> bool {
    let Ok(FromRelay::Relay(says)) = decode_relay(message) else {
        return false;
    };
    let hears = match says {
        RelaySays::Answer {
            attempt,
            sdp,
            relay,
            ..
        } => SignalingHears::Answer {
            attempt,
            sdp,
            relay,
        },
        RelaySays::Refused { attempt, fault, .. } => SignalingHears::NoRelay {
            attempt,
            unacceptable: true,
            fault,
        },
        RelaySays::Gone { relay, why, .. } => SignalingHears::Gone { relay, why },
        RelaySays::Hello { .. } | RelaySays::Lease { .. } | RelaySays::Leaving { .. } => {
            return true;
        }
    };
    let hears = PageHears::Signaling(hears);
    assert!(to_page(Some(session()), hears).unwrap().len() <= MESSAGE_BYTES_MAX);
    true
}

#[test]
fn finding_1_a_description_of_quotes_never_leaves_for_a_relay() {
    // 24,538 bytes as the page sent it, 24,577 on its way to the relay, whose link it ended.
    let sdp = "a".repeat(8_354) + &"\"".repeat(8_030);
    let fields = json!({ "attempt": 1, "sdp": sdp });
    assert!(!goes_on(&page_message("signaling", "offer", fields)));
}

#[test]
fn a_description_at_its_limits_is_passed_on() {
    for sdp in [
        "x".repeat(Sdp::BYTES_MAX),
        "\n".repeat(Sdp::JSON_BYTES_MAX / 2),
    ] {
        let fields = json!({ "attempt": u32::MAX, "sdp": sdp });
        assert!(goes_on(&page_message("signaling", "offer", fields)));
        let answer = RelaySays::Answer {
            relay: RelayId::from_bytes([0xff; 16]),
            session: session(),
            seat: Seat::Customer,
            page: PageId::from_bytes([0xff; 16]),
            attempt: u32::MAX,
            sdp: Sdp::new(sdp).unwrap(),
        };
        let answer = serde_json::to_vec(&FromRelay::Relay(answer)).unwrap();
        assert!(comes_back(&answer));
    }
}

#[test]
fn refusals_come_back_to_the_page() {
    for fault in [None, Some(OfferFault::PayloadTypes)] {
        let refused = RelaySays::Refused {
            relay: RelayId::from_bytes([0xff; 16]),
            session: session(),
            seat: Seat::Customer,
            page: PageId::from_bytes([0xff; 16]),
            attempt: u32::MAX,
            epoch: 0,
            why: OfferRefusal::Unacceptable,
            fault,
        };
        assert!(comes_back(
            &serde_json::to_vec(&FromRelay::Relay(refused)).unwrap()
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_of_text_is_let_in_fits_again(
        sdp in worst(Sdp::BYTES_MAX),
        chat in worst(2_000),
        name in worst(40),
        label in worst(80),
    ) {
        let fields = json!({ "attempt": u32::MAX, "sdp": sdp });
        let lets_in = Sdp::new(sdp).is_ok();
        prop_assert_eq!(goes_on(&page_message("signaling", "offer", fields)), lets_in);
        let fields = json!({ "text": chat });
        let lets_in = ChatText::new(&chat).is_ok();
        prop_assert_eq!(goes_on(&page_message("chat", "say", fields)), lets_in);
        let fields = json!({ "name": name });
        let lets_in = DisplayName::new(&name).is_ok();
        prop_assert_eq!(goes_on(&page_message("session", "rename", fields)), lets_in);
        let words = json!({ "mark": u32::MAX, "tool": "text", "at": [65_535, 65_535], "text": label });
        let fields = json!({ "picture": u32::MAX, "strokes": [words] });
        // A label in which nothing shows is read as another text.
        let lets_in = serde_json::from_value::<LabelText>(json!(label)).is_ok();
        prop_assert_eq!(goes_on(&page_message("annotation", "draw", fields)), lets_in);
    }

    #[test]
    fn whatever_of_ink_is_let_in_fits_again(points in 1..=600_usize, pressed in any::<bool>()) {
        let mut stroke = json!({ "mark": u32::MAX, "tool": "pen", "line": vec![65_535_u16; 2 * points] });
        if pressed {
            stroke["pressure"] = json!(vec![255_u8; points]);
        }
        let lets_in = points <= Line::POINTS_MAX;
        let fields = json!({ "picture": u32::MAX, "strokes": [stroke] });
        prop_assert_eq!(goes_on(&page_message("annotation", "draw", fields)), lets_in);
        let mut passing = stroke;
        for (name, value) in [("picture", u32::MAX), ("step", u32::MAX), ("start", 0)] {
            passing[name] = json!(value);
        }
        passing["type"] = json!("ink");
        let fields = json!({ "passing": passing });
        prop_assert_eq!(goes_on(&page_message("annotation", "passing", fields)), lets_in);
    }
}
