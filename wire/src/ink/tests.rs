use super::*;
use crate::{
    AnnotationCommand, AnnotationSays, Batch, CHANNEL_MESSAGE_BYTES_MAX, Event, EventKind,
    FromPage, MESSAGE_BYTES_MAX, PageHears, PageId, PageSays, PublicFact, Refusal, Seat,
    SessionHears, SessionId, ToPage, decode_page,
};

const TOOLS: [&str; 3] = ["arrow", "circle", "box"];

/// A page's message of the topic `annotation`, from its JSON.
fn says(rest: &str) -> Result<FromPage, Refusal> {
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    let text = format!(r#"{{"session":"{id}","page":"{id}","topic":"annotation","type":{rest}}}"#);
    decode_page(text.as_bytes()).map_err(|error| error.refusal)
}

/// Whether a stroke is taken, both finished and where its list of strokes is decoded by itself.
#[track_caller]
fn check(ink: &str, taken: bool) {
    let draw = says(&format!(
        r#""draw","n":1,"picture":5,"strokes":[{{"mark":7,{ink}}}]"#
    ));
    assert_eq!(draw.is_ok(), taken, "{ink:.80}");
    if !taken {
        assert_eq!(draw, Err(Refusal::Malformed));
    }
    let alone = serde_json::from_str::<Stroke>(&format!(r#"{{"mark":7,{ink}}}"#));
    assert_eq!(alone.is_ok(), taken, "{ink:.80}");
}

/// The same for what passes while somebody draws: over the WebSocket, and as text of the channel.
#[track_caller]
fn check_passing(passing: &str, taken: bool) {
    let over = says(&format!(r#""passing","passing":{passing}"#));
    assert_eq!(over.is_ok(), taken, "{passing:.80}");
    let alone = serde_json::from_str::<Passing>(passing);
    assert_eq!(alone.is_ok(), taken, "{passing:.80}");
}

fn pen(line: &str) -> String {
    format!(r#""tool":"pen","line":[{line}]"#)
}

fn list(value: &str, count: usize) -> String {
    vec![value; count].join(",")
}

#[test]
fn a_line_has_1_to_512_points() {
    for (points, taken) in [
        (0, false),
        (1, true),
        (511, true),
        (512, true),
        (513, false),
    ] {
        let line = list("9", 2 * points);
        check(&pen(&line), taken);
        check_passing(
            &format!(
                r#"{{"type":"ink","picture":5,"mark":7,"step":1,"tool":"pen","start":0,"line":[{line}]}}"#
            ),
            taken,
        );
    }
    for odd in [1, 3, 1_023, 1_025] {
        check(&pen(&list("9", odd)), false);
    }
    assert_eq!(Line::new(vec![1]), Err(InkError::NoPairs));
    let line = Line::new(vec![1, 2, 3, 4]).unwrap();
    assert_eq!((line.points(), line.coordinates()), (2, &[1, 2, 3, 4][..]));
}

#[test]
fn places_are_whole_numbers_up_to_65535() {
    for (number, taken) in [
        ("0", true),
        ("65535", true),
        ("65536", false),
        ("4294967296", false),
        ("18446744073709551616", false),
        ("-1", false),
        ("-0", false),
        ("1.5", false),
        ("1e308", false),
        ("1e999", false),
        ("NaN", false),
        ("Infinity", false),
        ("null", false),
        ("\"7\"", false),
        ("[7]", false),
        ("true", false),
    ] {
        check(&pen(&format!("{number},7")), taken);
        check(&pen(&format!("7,{number}")), taken);
        for tool in TOOLS {
            let ink = format!(r#""tool":"{tool}","from":[1,{number}],"to":[3,4]"#);
            check(&ink, taken);
        }
        check(
            &format!(r#""tool":"step","at":[{number},1],"number":1"#),
            taken,
        );
        check_passing(
            &format!(r#"{{"type":"pointer","picture":5,"at":[{number},7]}}"#),
            taken,
        );
    }
}

#[test]
fn a_place_is_a_pair() {
    for (at, taken) in [
        ("[]", false),
        ("[1]", false),
        ("[1,2]", true),
        ("[1,2,3]", false),
        ("{}", false),
        ("null", false),
    ] {
        check(&format!(r#""tool":"step","at":{at},"number":1"#), taken);
        check(&format!(r#""tool":"box","from":[1,2],"to":{at}"#), taken);
    }
}

#[test]
fn pressure_is_1_to_512_values_up_to_255() {
    let with = |values: &str| format!(r#"{},"pressure":[{values}]"#, pen("1,2"));
    for (values, taken) in [(0, false), (1, true), (512, true), (513, false)] {
        check(&with(&list("9", values)), taken);
    }
    for (value, taken) in [
        ("0", true),
        ("255", true),
        ("256", false),
        ("-1", false),
        ("0.5", false),
        ("1e308", false),
    ] {
        check(&with(value), taken);
    }
    check(&format!(r#"{},"pressure":null"#, pen("1,2")), true);
    let values = Pressure::new(vec![1, 2]).unwrap();
    assert_eq!(values.values(), [1, 2]);
}

#[test]
fn a_label_has_1_to_80_units_in_one_line() {
    let label = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        format!(r#""tool":"text","at":[1,2],"text":{text}"#)
    };
    for (units, taken) in [(0, false), (1, true), (80, true), (81, false)] {
        check(&label(&"x".repeat(units)), taken);
    }
    check(&label(&"😀".repeat(40)), true);
    check(&label(&"😀".repeat(41)), false);
    for bad in [
        "a\nb", "a\tb", "a\0b", "a\u{7}b", "a\u{85}b", "   ", "\u{202E}",
    ] {
        check(&label(bad), false);
    }
    assert!(
        serde_json::from_str::<Stroke>(r#"{"mark":7,"tool":"text","at":[1,2],"text":"\ud800"}"#)
            .is_err()
    );
    let seen = LabelText::new(" x\u{202E}y ").unwrap();
    assert_eq!(seen.as_str(), "xy", "nothing turns the words around");
    assert!(!format!("{seen:?}").contains("xy"), "and no log shows them");
}

#[test]
fn a_step_is_1_to_99() {
    for (number, taken) in [
        ("0", false),
        ("1", true),
        ("99", true),
        ("100", false),
        ("256", false),
        ("-1", false),
        ("1.5", false),
    ] {
        check(
            &format!(r#""tool":"step","at":[1,2],"number":{number}"#),
            taken,
        );
    }
    assert_eq!(StepNumber::new(99).unwrap().get(), 99);
}

#[test]
fn a_command_has_1_to_16_strokes() {
    let stroke = format!(r#"{{"mark":7,{}}}"#, pen("1,2"));
    for (count, taken) in [(0, false), (1, true), (16, true), (17, false)] {
        let strokes = list(&stroke, count);
        let draw = says(&format!(
            r#""draw","n":1,"picture":5,"strokes":[{strokes}]"#
        ));
        assert_eq!(draw.is_ok(), taken, "{count}");
    }
}

#[test]
fn an_unknown_tool_is_refused_and_so_is_another_tools_field() {
    for ink in [
        r#""tool":"laser","from":[1,2],"to":[3,4]"#,
        r#""tool":"pen""#,
        r#""tool":"pen","from":[1,2],"to":[3,4]"#,
        r#""tool":"arrow","line":[1,2,3,4]"#,
        r#""tool":7,"line":[1,2]"#,
        r#""line":[1,2]"#,
    ] {
        check(ink, false);
    }
    // A label in progress is nobody's business, nor is a step.
    for tool in ["text", "step", "laser"] {
        let piece = r#""at":[1,2],"text":"a","number":1,"from":[1,2],"to":[3,4]"#;
        check_passing(
            &format!(r#"{{"type":"ink","picture":5,"mark":7,"step":1,"tool":"{tool}",{piece}}}"#),
            false,
        );
    }
    check_passing(r#"{"type":"shout","picture":5}"#, false);
}

#[test]
fn a_mark_fits_into_32_bits() {
    for (mark, taken) in [
        ("0", true),
        ("4294967295", true),
        ("4294967296", false),
        ("-1", false),
        ("1.5", false),
    ] {
        let stroke = format!(r#"{{"mark":{mark},{}}}"#, pen("1,2"));
        assert_eq!(serde_json::from_str::<Stroke>(&stroke).is_ok(), taken);
        check_passing(
            &format!(r#"{{"type":"dropped","picture":5,"mark":{mark}}}"#),
            taken,
        );
    }
}

#[test]
fn a_line_in_progress_goes_on_to_place_4095() {
    for (start, taken) in [
        ("0", true),
        ("4095", true),
        ("4096", false),
        ("65536", false),
        ("-1", false),
        ("1.5", false),
    ] {
        check_passing(
            &format!(
                r#"{{"type":"ink","picture":5,"mark":7,"step":1,"tool":"pen","start":{start},"line":[1,2]}}"#
            ),
            taken,
        );
    }
    assert_eq!(LinePlace::new(4_095).unwrap().get(), LinePlace::MAX);
}

/// The longest there is, in digits too.
fn longest() -> Stroke {
    let line = Line::new(vec![u16::MAX; 2 * Line::POINTS_MAX]).unwrap();
    let pressure = Pressure::new(vec![u8::MAX; Line::POINTS_MAX]).unwrap();
    Stroke {
        mark: u32::MAX,
        ink: Ink::Pen {
            line,
            pressure: Some(pressure),
        },
    }
}

fn draw(strokes: Vec<Stroke>) -> Vec<u8> {
    let message = FromPage {
        session: SessionId::from_bytes([255; 16]),
        page: PageId::from_bytes([255; 16]),
        n: Some(u32::MAX),
        says: PageSays::Annotation(AnnotationSays::Command(AnnotationCommand::Draw {
            picture: u32::MAX,
            strokes: Strokes::new(strokes).unwrap(),
        })),
    };
    serde_json::to_vec(&message).unwrap()
}

fn pushed(kind: EventKind) -> usize {
    let event = Event {
        seq: u32::MAX,
        at_ms: u64::MAX,
        kind,
    };
    let batch = Batch {
        events: vec![event],
        head: u32::MAX,
        more: false,
    };
    let message = ToPage {
        session: Some(SessionId::from_bytes([255; 16])),
        hears: PageHears::Session(SessionHears::Events(batch)),
    };
    serde_json::to_vec(&message).unwrap().len()
}

#[test]
fn the_longest_stroke_fits_into_every_message_that_carries_one() {
    let asked = draw(vec![longest()]);
    assert!(asked.len() < MESSAGE_BYTES_MAX, "{} bytes", asked.len());
    assert!(decode_page(&asked).is_ok());
    let bytes = pushed(EventKind::Public(PublicFact::Drawn {
        seat: Seat::Customer,
        picture: u32::MAX,
        stroke: longest(),
    }));
    assert!(bytes < MESSAGE_BYTES_MAX, "{bytes} bytes");
}

#[test]
fn sixteen_long_strokes_are_too_long_for_one_message() {
    let two = draw(vec![longest(); 2]);
    assert!(decode_page(&two).is_ok(), "{} bytes", two.len());
    for count in [3, Strokes::COUNT_MAX] {
        let bytes = draw(vec![longest(); count]);
        assert!(bytes.len() > MESSAGE_BYTES_MAX);
        let refused = decode_page(&bytes).unwrap_err();
        assert_eq!(refused.refusal, Refusal::TooLong);
    }
}

#[test]
fn the_longest_piece_fits_through_a_channel() {
    let Ink::Pen { line, pressure } = longest().ink else {
        unreachable!("the longest is a pen's");
    };
    let piece = Passing::Ink {
        picture: u32::MAX,
        mark: u32::MAX,
        step: u32::MAX,
        done: true,
        piece: Piece::Pen {
            start: LinePlace::new(LinePlace::MAX).unwrap(),
            line,
            pressure,
        },
    };
    let bytes = serde_json::to_vec(&piece).unwrap().len();
    assert!(bytes < CHANNEL_MESSAGE_BYTES_MAX, "{bytes} bytes");
}

#[test]
fn taking_back_a_full_board_fits_into_one_message() {
    // A board's limit is the session's, 1,000 strokes; a log has fewer than ten million events.
    let strokes: Vec<u32> = (9_999_000..10_000_000).collect();
    assert_eq!(strokes.len(), 1_000);
    for kind in [
        EventKind::Public(PublicFact::Undone {
            seat: Seat::Customer,
            picture: u32::MAX,
            strokes: strokes.clone(),
        }),
        EventKind::Public(PublicFact::Redone {
            seat: Seat::Customer,
            picture: u32::MAX,
            strokes,
        }),
    ] {
        let bytes = pushed(kind);
        assert!(bytes < MESSAGE_BYTES_MAX, "{bytes} bytes");
    }
}
