//! Lines that agents have ready for the chat.

use super::check;
use crate::records::LinesRecord;

#[test]
fn ready_lines_of_every_version_are_read() {
    let lines = [
        "Please hold the phone still for a moment.",
        "من فضلك وجّه الكاميرا إلى لوحة الطراز.",
        "All done 🎉 – thank you!",
    ];
    let json = serde_json::to_string(&lines).unwrap();
    let record = LinesRecord {
        revision: 3,
        lines: serde_json::from_str(&json).unwrap(),
    };
    check(&record, &[include_str!("../../../samples/lines.1.json")]);
}
