//! The payload of a case file: what a call left behind, as files.

use serde::Serialize;
use sightline_wire::{Digest, Event, EventKind, PictureSource, PublicFact, Seat, SessionId, Stars};

use super::date::utc;
use super::guest;
use super::story::{Names, role, told};
use crate::records::CaseRecords;

/// A picture of a call, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedPicture {
    /// Its number.
    pub picture: u32,
    /// The event up to which strokes are in it; `None` for the base.
    pub through: Option<u32>,
    /// When it was taken or sent, epoch milliseconds.
    pub at_ms: u64,
    /// Who pressed.
    pub author: Seat,
    /// Where it comes from.
    pub source: PictureSource,
    /// As the log has it.
    pub digest: Option<Digest>,
    /// Pixels.
    pub size: (u16, u16),
    /// It is the frame that the agent saw, not the camera's picture.
    pub low_resolution: bool,
}

/// What became of a picture in the case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is there under this name.
    As(String),
    /// It was left out: why.
    LeftOut(&'static str),
}

/// A text file of the payload.
pub type Text = (&'static str, Vec<u8>);

/// Returns the log as JSON, a line for each event.
#[must_use]
pub fn log(session: SessionId, events: &[Event]) -> Vec<u8> {
    let mut text = format!("{{\"session\":\"{session}\",\"events\":[\n").into_bytes();
    for (place, event) in events.iter().enumerate() {
        if place > 0 {
            text.extend(b",\n");
        }
        serde_json::to_writer(&mut text, event).expect("words of the wire are plain JSON");
    }
    text.extend(b"\n]}\n");
    text
}

/// Returns the pictures that the log knows and that `stands` says to be stored. Sent pictures come
/// first: where not all fit, bases are left out first.
#[must_use]
pub fn logged(events: &[Event], stands: impl Fn(u32, Option<u32>) -> bool) -> Vec<LoggedPicture> {
    let mut asked = Vec::new();
    let (mut bases, mut sent) = (Vec::<LoggedPicture>::new(), Vec::<LoggedPicture>::new());
    for event in events {
        let EventKind::Public(fact) = &event.kind else {
            continue;
        };
        match *fact {
            PublicFact::CaptureAsked { seat, source } => {
                asked.push((event.seq, event.at_ms, seat, source));
            }
            PublicFact::PictureKept {
                picture,
                width,
                height,
                low_resolution,
                digest,
            } => {
                let of = asked.iter().find(|(seq, ..)| *seq == picture);
                let Some(&(_, at_ms, author, source)) = of else {
                    continue;
                };
                // A sharp base replaces the quick one.
                bases.retain(|base| base.picture != picture);
                bases.push(LoggedPicture {
                    picture,
                    through: None,
                    at_ms,
                    author,
                    source,
                    digest,
                    size: (width, height),
                    low_resolution,
                });
            }
            PublicFact::PictureSent {
                seat,
                picture,
                through,
                width,
                height,
                digest,
                ..
            } => {
                let of = asked.iter().find(|(seq, ..)| *seq == picture);
                sent.retain(|other| (other.picture, other.through) != (picture, Some(through)));
                sent.push(LoggedPicture {
                    picture,
                    through: Some(through),
                    at_ms: event.at_ms,
                    author: seat,
                    source: of.map_or(PictureSource::Camera, |(.., source)| *source),
                    digest,
                    size: (width, height),
                    low_resolution: false,
                });
            }
            _ => {}
        }
    }
    let all = sent.into_iter().chain(bases);
    all.filter(|one| stands(one.picture, one.through)).collect()
}

/// Returns the texts that follow the pictures.
#[must_use]
pub fn texts(
    events: &[Event],
    pictures: &[(LoggedPicture, Put)],
    beside: &CaseRecords,
) -> Vec<Text> {
    let (notes, notes_json) = notes(beside);
    let (ratings, ratings_json) = ratings(beside);
    let (timeline, timeline_json) = timeline(events);
    let (chat, chat_json) = chat(events, pictures);
    vec![
        ("data/pictures.json", self::pictures(pictures)),
        ("data/left-out.txt", left_out(pictures)),
        ("data/timeline.txt", timeline),
        ("data/timeline.json", timeline_json),
        ("data/chat.txt", chat),
        ("data/chat.json", chat_json),
        ("data/notes.txt", notes),
        ("data/notes.json", notes_json),
        ("data/ratings.txt", ratings),
        ("data/ratings.json", ratings_json),
        ("data/location.json", json(&guest::places(events))),
    ]
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a str>,
    picture: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<u32>,
    at: String,
    at_ms: u64,
    author: Seat,
    source: PictureSource,
    width: u16,
    height: u16,
    low_resolution: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
}

fn pictures(pictures: &[(LoggedPicture, Put)]) -> Vec<u8> {
    let listed = pictures.iter().map(|(one, put)| {
        let (file, left_out) = match put {
            Put::As(name) => (Some(name.as_str()), None),
            Put::LeftOut(why) => (None, Some(*why)),
        };
        Listed {
            file,
            left_out,
            picture: one.picture,
            through: one.through,
            at: utc(one.at_ms),
            at_ms: one.at_ms,
            author: one.author,
            source: one.source,
            width: one.size.0,
            height: one.size.1,
            low_resolution: one.low_resolution,
            sha256: one.digest,
        }
    });
    json(&listed.collect::<Vec<_>>())
}

fn left_out(pictures: &[(LoggedPicture, Put)]) -> Vec<u8> {
    let mut text = String::new();
    for (one, put) in pictures {
        if let Put::LeftOut(why) = put {
            let name = named(one.picture, one.through);
            text.push_str(&format!("{name} of {}: {why}\n", utc(one.at_ms)));
        }
    }
    if text.is_empty() {
        text.push_str("Nothing was left out.\n");
    }
    text.into_bytes()
}

fn named(picture: u32, through: Option<u32>) -> String {
    match through {
        None => format!("picture {picture}, without strokes"),
        Some(through) => format!("picture {picture}, as sent with the strokes up to {through}"),
    }
}

#[derive(Serialize)]
struct Told {
    seq: u32,
    at: String,
    at_ms: u64,
    what: String,
}

fn timeline(events: &[Event]) -> (Vec<u8>, Vec<u8>) {
    let (mut names, mut all) = (Names::default(), Vec::new());
    for event in events {
        names.follow(event);
        if let Some(what) = told(event, &names) {
            all.push(Told {
                seq: event.seq,
                at: utc(event.at_ms),
                at_ms: event.at_ms,
                what,
            });
        }
    }
    let lines = all.iter();
    let lines = lines.map(|told| format!("{}  {}\n", told.at, told.what));
    (lines.collect::<String>().into_bytes(), json(&all))
}

#[derive(Serialize)]
struct Line<'a> {
    seq: u32,
    at: String,
    at_ms: u64,
    seat: Seat,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

fn chat(events: &[Event], pictures: &[(LoggedPicture, Put)]) -> (Vec<u8>, Vec<u8>) {
    let file = |picture, through| {
        pictures.iter().find_map(|(one, put)| match put {
            Put::As(name) if (one.picture, one.through) == (picture, Some(through)) => {
                Some(name.as_str())
            }
            _ => None,
        })
    };
    let (mut names, mut lines) = (Names::default(), Vec::new());
    for event in events {
        names.follow(event);
        let EventKind::Public(fact) = &event.kind else {
            continue;
        };
        let (seat, text, picture, file) = match fact {
            PublicFact::Said { seat, text } => (*seat, Some(text.as_str()), None, None),
            PublicFact::PictureSent {
                seat,
                picture,
                through,
                ..
            } => (*seat, None, Some(*picture), file(*picture, *through)),
            _ => continue,
        };
        lines.push(Line {
            seq: event.seq,
            at: utc(event.at_ms),
            at_ms: event.at_ms,
            seat,
            name: names.of(seat),
            text,
            picture,
            file,
        });
    }
    let text: String = lines.iter().map(shown).collect();
    (text.into_bytes(), json(&lines))
}

#[derive(Serialize)]
struct NoteText<'a> {
    note: u8,
    version: u8,
    at: String,
    at_ms: u64,
    author: &'a str,
    text: &'a str,
}

/// All texts of all notes: an edit keeps the earlier ones.
fn notes(beside: &CaseRecords) -> (Vec<u8>, Vec<u8>) {
    let texts = beside.notes.iter().map(|note| NoteText {
        note: note.place.n,
        version: note.place.version,
        at: utc(note.at_ms),
        at_ms: note.at_ms,
        author: note.author_name.as_str(),
        text: note.text.as_str(),
    });
    let texts: Vec<NoteText<'_>> = texts.collect();
    let lines = texts.iter().map(|one| {
        let (note, version, text) = (one.note, one.version, indented(one.text));
        format!(
            "{}  note {note}, version {version}, {}: {text}\n",
            one.at, one.author
        )
    });
    let text: String = lines.collect();
    (or_none(text, "No notes.\n"), json(&texts))
}

#[derive(Serialize)]
struct RatingLine<'a> {
    seat: Seat,
    stars: Stars,
    at: String,
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

fn ratings(beside: &CaseRecords) -> (Vec<u8>, Vec<u8>) {
    let given = beside.ratings.iter().filter_map(|(seat, rating)| {
        let rating = rating.as_ref()?;
        Some(RatingLine {
            seat,
            stars: rating.stars,
            at: utc(rating.at_ms),
            at_ms: rating.at_ms,
            comment: rating.comment.as_ref().map(|comment| comment.as_str()),
        })
    });
    let given: Vec<RatingLine<'_>> = given.collect();
    let lines = given.iter().map(|one| {
        let comment = indented(one.comment.unwrap_or("no comment"));
        let stars = one.stars.get();
        format!(
            "{}  {}: {stars} of 5 stars, {comment}\n",
            one.at,
            role(one.seat)
        )
    });
    let text: String = lines.collect();
    (or_none(text, "No ratings.\n"), json(&given))
}

fn or_none(text: String, none: &str) -> Vec<u8> {
    match text.is_empty() {
        true => none.as_bytes().to_vec(),
        false => text.into_bytes(),
    }
}

/// Indents what follows a line break, so that nobody can write another person's line.
fn indented(text: &str) -> String {
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    lines.collect::<Vec<_>>().join("\n    ")
}

/// A line of chat for people.
fn shown(line: &Line<'_>) -> String {
    let said = match (line.text, line.picture) {
        (Some(text), _) => indented(text),
        (None, picture) => format!(
            "[picture {}: {}]",
            picture.unwrap_or_default(),
            line.file.unwrap_or("left out")
        ),
    };
    format!("{}  {}: {said}\n", line.at, line.name)
}

/// JSON that people can read as well.
fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("words of ours are plain JSON");
    text.push(b'\n');
    text
}
