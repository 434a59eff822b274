//! Notes and ratings, which stand beside the log.

use serde::{Deserialize, Serialize};
use sightline_session::NotePlace;
use sightline_wire::{AgentId, CommentText, DisplayName, NoteText, Seat, Seats, Stars};

use super::{Record, codec};
use crate::store_error::StoreError;

/// One text of a note. An edit adds another and leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRecord {
    /// The note, and which of its texts this is.
    pub place: NotePlace,
    /// Who wrote it.
    pub author: AgentId,
    /// The author's name at that time.
    pub author_name: DisplayName,
    /// When, by the time of day, epoch milliseconds.
    pub at_ms: u64,
    /// The text.
    pub text: NoteText,
}

/// How a seat rated the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingRecord {
    /// The stars.
    pub stars: Stars,
    /// What the person says about it.
    pub comment: Option<CommentText>,
    /// When it was given last, by the time of day, epoch milliseconds.
    pub at_ms: u64,
}

/// A record that a commit stores beside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BesideRecord {
    /// A text of a note.
    Note(NoteRecord),
    /// The rating of a seat, which replaces the one before.
    Rating(Seat, RatingRecord),
}

/// Everything that stands beside the log of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseRecords {
    /// All texts of all notes, by note and then by version.
    pub notes: Vec<NoteRecord>,
    /// The ratings.
    pub ratings: Seats<Option<RatingRecord>>,
}

#[derive(Serialize, Deserialize)]
struct Note1 {
    n: u8,
    version: u8,
    author: AgentId,
    author_name: DisplayName,
    at_ms: u64,
    text: NoteText,
}

impl Record for NoteRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Note1 {
            n: self.place.n,
            version: self.place.version,
            author: self.author,
            author_name: self.author_name.clone(),
            at_ms: self.at_ms,
            text: self.text.clone(),
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode note";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Note1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    place: NotePlace {
                        n: record.n,
                        version: record.version,
                    },
                    author: record.author,
                    author_name: record.author_name,
                    at_ms: record.at_ms,
                    text: record.text,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Rating1 {
    stars: Stars,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<CommentText>,
    at_ms: u64,
}

impl Record for RatingRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Rating1 {
            stars: self.stars,
            comment: self.comment.clone(),
            at_ms: self.at_ms,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode rating";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Rating1 {
                    stars,
                    comment,
                    at_ms,
                } = codec::read(WHAT, bytes)?;
                Ok(Self {
                    stars,
                    comment,
                    at_ms,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
