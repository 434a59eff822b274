//! What pages do with pictures, for stories.

use serde_json::{Value, json};
use sightline_wire::{Digest, Done, PageHears, Refusal, ScreenshotsHears, Seat};

use super::world::Page;

/// 64 x 48, in colour.
pub const SHARP: &[u8] = include_bytes!("../../samples/jpeg/baseline.jpg");
/// 64 x 48, in grey.
pub const QUICK: &[u8] = include_bytes!("../../samples/jpeg/grey.jpg");
/// 64 x 48, progressive.
pub const COMPOSED: &[u8] = include_bytes!("../../samples/jpeg/progressive.jpg");
/// With a place, a thumbnail and a comment in its metadata.
pub const PHOTO: &[u8] = include_bytes!("../../samples/jpeg/photo.jpg");
pub const NO_PICTURE: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

pub fn sharp(picture: u32, attempt: u8) -> Value {
    json!({ "kind": "sharp", "picture": picture, "attempt": attempt })
}

pub fn quick(picture: u32) -> Value {
    json!({ "kind": "quick", "picture": picture })
}

pub fn sent(picture: u32, through: u32) -> Value {
    json!({ "kind": "sent", "picture": picture, "through": through })
}

pub fn base(picture: u32) -> Value {
    json!({ "of": "base", "picture": picture })
}

pub fn in_chat(picture: u32, through: u32) -> Value {
    json!({ "of": "sent", "picture": picture, "through": through })
}

/// The digest of what is stored of a picture.
pub fn digest_of(picture: &[u8]) -> Digest {
    let stored = crate::jpeg::accept(picture).unwrap().bytes;
    stored_digest(&stored)
}

/// The digest of stored bytes.
pub fn stored_digest(stored: &[u8]) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, stored);
    Digest::from_bytes(hash.as_ref().try_into().unwrap())
}

/// A slot as it was given out.
pub struct Slot {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

impl Page<'_> {
    /// Presses the shutter: the new picture.
    pub async fn capture(&mut self) -> u32 {
        let done = self.command("screenshots", "capture", json!({})).await;
        assert_eq!(done.refused, None);
        let state = self.world.state(self.session).await;
        state.board.expect("a board is open").picture
    }

    /// A command about a picture.
    pub async fn about(&mut self, topic: &str, kind: &str, picture: u32) -> Done {
        self.command(topic, kind, json!({ "picture": picture }))
            .await
    }

    pub async fn delete(&mut self, picture: u32) -> Done {
        self.about("screenshots", "delete", picture).await
    }

    pub async fn slot(&self, upload: Value, bytes: usize) -> Result<Slot, Refusal> {
        self.heard();
        let rest = json!({ "upload": upload, "bytes": bytes });
        self.say("screenshots", "slot", rest).await;
        let answer = self.heard().into_iter().find_map(|hears| match hears {
            PageHears::Screenshots(ScreenshotsHears::Slot { url, headers, .. }) => {
                Some(Ok(Slot { url, headers }))
            }
            PageHears::Screenshots(ScreenshotsHears::NoSlot { refusal, .. }) => Some(Err(refusal)),
            _ => None,
        });
        answer.expect("a slot is answered")
    }

    /// A slot and the `PUT`: the status.
    pub async fn put(&self, upload: Value, body: &[u8]) -> u16 {
        let slot = self.slot(upload, body.len()).await.unwrap();
        let memory = self.world.memory();
        memory.put_object(&slot.url, &slot.headers, body.to_vec())
    }

    pub async fn uploaded(&mut self, upload: Value) -> Done {
        self.command("screenshots", "uploaded", json!({ "upload": upload }))
            .await
    }

    pub async fn send(&mut self, picture: u32, through: u32) -> Done {
        let rest = json!({ "picture": picture, "through": through });
        self.command("screenshots", "send", rest).await
    }

    /// The same command once more, under the same number.
    pub async fn again(&mut self, topic: &str, kind: &str, rest: Value) -> Done {
        self.n -= 1;
        self.command(topic, kind, rest).await
    }

    /// The customer's page gives the picture it was asked for.
    pub async fn gives(&mut self, picture: u32) {
        assert_eq!(self.seat, Seat::Customer);
        assert_eq!(self.put(sharp(picture, 1), SHARP).await, 200);
        assert_eq!(self.uploaded(sharp(picture, 1)).await.refused, None);
    }

    /// Composes and sends what stands.
    pub async fn sends(&mut self, picture: u32, through: u32) {
        assert_eq!(self.put(sent(picture, through), COMPOSED).await, 200);
        assert_eq!(self.send(picture, through).await.refused, None);
    }

    /// A link to look at a picture.
    pub async fn link(&self, object: Value) -> Result<String, Refusal> {
        self.heard();
        self.say("screenshots", "view", json!({ "object": object }))
            .await;
        let answer = self.heard().into_iter().find_map(|hears| match hears {
            PageHears::Screenshots(ScreenshotsHears::Link { url, .. }) => Some(Ok(url)),
            PageHears::Screenshots(ScreenshotsHears::NoLink { refusal, .. }) => Some(Err(refusal)),
            _ => None,
        });
        answer.expect("a view is answered")
    }

    /// What is seen behind a link.
    pub async fn view(&self, object: Value) -> Result<Vec<u8>, Refusal> {
        let got = self.world.memory().get_object(&self.link(object).await?);
        assert_eq!(got.status, 200);
        Ok(got.body)
    }

    /// Draws one stroke: its number.
    pub async fn draw(&mut self, picture: u32) -> u32 {
        let done = self.draws(picture, 1).await;
        assert_eq!(done.refused, None);
        self.world.state(self.session).await.head
    }

    pub async fn draws(&mut self, picture: u32, strokes: u32) -> Done {
        let stroke = |mark| json!({ "mark": mark, "tool": "pen", "line": [mark, 0, 9, 9] });
        let strokes: Vec<_> = (1..=strokes).map(stroke).collect();
        let rest = json!({ "picture": picture, "strokes": strokes });
        self.command("annotation", "draw", rest).await
    }
}
