//! One message of each kind that a page may send, for tests that try all.

use serde_json::{Value, json};

/// Every message of a page but `attach`.
pub fn messages() -> Vec<(&'static str, &'static str, Value)> {
    let mut all = vec![
        ("session", "ping", json!({})),
        ("session", "resume", json!({ "after": 0 })),
        ("session", "lobby", json!({ "n": 1, "step": "in_lobby" })),
        ("session", "rename", json!({ "n": 1, "name": "Eve" })),
        (
            "session",
            "join",
            json!({ "n": 1, "name": "Eve", "video_only": false, "microphone": true, "camera": true, "take": true }),
        ),
        (
            "session",
            "media",
            json!({ "n": 1, "microphone": false, "camera": false }),
        ),
        ("session", "leave", json!({})),
        ("session", "cancel", json!({ "n": 1 })),
        ("session", "end", json!({ "n": 1 })),
        ("signaling", "offer", json!({ "attempt": 1, "sdp": "v=0" })),
        ("signaling", "promote", json!({})),
        ("signaling", "presence", json!({ "paused": true })),
        ("chat", "say", json!({ "n": 1, "text": "let me in" })),
        ("chat", "typing", json!({})),
    ];
    all.extend(of_holders(1, 1));
    all
}

/// Every message about pictures, strokes and the clock, as command `n` and about a picture. Each
/// asks for the seat.
pub fn of_holders(n: u32, picture: u32) -> Vec<(&'static str, &'static str, Value)> {
    let of = |mut rest: Value| {
        rest["n"] = n.into();
        rest["picture"] = picture.into();
        rest
    };
    let [sharp, quick, sent] = [
        json!({ "kind": "sharp", "picture": picture, "attempt": 1 }),
        json!({ "kind": "quick", "picture": picture }),
        json!({ "kind": "sent", "picture": picture, "through": picture }),
    ];
    let slot = |upload: &Value| json!({ "upload": upload, "bytes": 1_000 });
    let uploaded = |upload: &Value| json!({ "n": n, "upload": upload });
    let view = |object: Value| json!({ "object": object });
    let strokes = json!([
        { "mark": 1, "tool": "pen", "line": [0, 0, 9, 9] },
        { "mark": 2, "tool": "text", "at": [5, 5], "text": "a label" },
    ]);
    let pointer = json!({ "type": "pointer", "at": [1, 2] });
    vec![
        ("session", "zone", json!({ "n": n, "utc_offset_min": 60 })),
        ("annotation", "draw", of(json!({ "strokes": strokes }))),
        ("annotation", "undo", of(json!({}))),
        ("annotation", "undo_all", of(json!({}))),
        ("annotation", "redo", of(json!({}))),
        ("annotation", "clear", of(json!({}))),
        ("annotation", "passing", json!({ "passing": pointer })),
        ("screenshots", "capture", json!({ "n": n })),
        ("screenshots", "capture_again", of(json!({}))),
        (
            "screenshots",
            "capture_failed",
            of(json!({ "attempt": 1, "why": "camera_off" })),
        ),
        ("screenshots", "slot", slot(&sharp)),
        ("screenshots", "slot", slot(&quick)),
        ("screenshots", "slot", slot(&sent)),
        ("screenshots", "uploaded", uploaded(&sharp)),
        ("screenshots", "uploaded", uploaded(&quick)),
        ("screenshots", "send", of(json!({ "through": picture }))),
        ("screenshots", "delete", of(json!({}))),
        ("screenshots", "open", of(json!({}))),
        ("screenshots", "close", of(json!({}))),
        (
            "screenshots",
            "view",
            view(json!({ "of": "base", "picture": picture })),
        ),
        (
            "screenshots",
            "view",
            view(json!({ "of": "sent", "picture": picture, "through": picture })),
        ),
    ]
}
