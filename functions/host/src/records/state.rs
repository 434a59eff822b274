//! The state of a session as it is stored.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sightline_session::{
    Answer, Arrived, Asking, Away, Base, Board, LinkId, Mark, OpenUpload, PageMemory, Picture,
    SeatState, Sent, SmsState, State,
};
use sightline_wire::{
    AgentId, Digest, DisplayName, EndReason, GuestWish, Language, LobbyStep, LocatedAt, PageId,
    PhoneNumber, PictureSource, Reference, Refusal, Seat, Seats, Stars, Upload, UploadBytes,
    UtcOffset,
};

use super::{Record, arrived, codec};
use crate::store_error::StoreError;

#[derive(Serialize, Deserialize)]
struct State1 {
    revision: u32,
    head: u32,
    head_at_ms: u64,
    #[serde(default, skip_serializing_if = "is_in_step")]
    dates_ahead_ms: i64,
    began_at_ms: u64,
    agent: AgentId,
    agent_name: DisplayName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<PhoneNumber>,
    reference: Reference,
    language: Language,
    expires_at_ms: u64,
    ends_at_ms: u64,
    sms: Sms1,
    links: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    links_renewed: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leading: Vec<String>,
    link_opened: bool,
    lobby: Option<LobbyStep>,
    seats: BTreeMap<Seat, Seat1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    utc_offset: Option<UtcOffset>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Picture1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sent: Vec<Sent1>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    uploads: Vec<Upload1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    board: Option<Board1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asking: Option<Asking1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    located: Option<LocatedAt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joined_at_ms: Option<u64>,
    ended: Option<EndReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Picture1 {
    id: u32,
    attempts: u8,
    #[serde(default, skip_serializing_if = "is_unknown")]
    asked_at_ms: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
    #[serde(default, skip_serializing_if = "PictureSource::is_camera")]
    source: PictureSource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base1>,
    touched: u32,
}

#[derive(Serialize, Deserialize)]
struct Base1 {
    width: u16,
    height: u16,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    low_resolution: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

#[derive(Serialize, Deserialize)]
struct Upload1 {
    #[serde(flatten)]
    upload: Upload,
    bytes: UploadBytes,
    until_ms: u64,
}

/// Picture, last event, and digest, which earlier ones lack.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Sent1 {
    Named(u32, u32, Digest),
    Earlier(u32, u32),
}

#[derive(Serialize, Deserialize)]
struct Board1 {
    picture: u32,
    strokes: Vec<Mark1>,
}

#[derive(Serialize, Deserialize)]
struct Asking1 {
    id: u32,
    wish: GuestWish,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    allowed: bool,
    since_ms: u64,
}

/// Short, because a board has a thousand of them: number, author (`a` or `c`), and the event that
/// undid it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Mark1 {
    Stands(u32, Author1),
    TakenBack(u32, Author1, u32),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Author1 {
    #[serde(rename = "a")]
    Agent,
    #[serde(rename = "c")]
    Customer,
}

#[derive(Serialize, Deserialize)]
struct Sms1 {
    attempts: u32,
    attempted_at_ms: u64,
    settled: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    opted_out: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Seat1 {
    name: Option<DisplayName>,
    holder: Option<PageId>,
    seen: bool,
    away: Option<Away1>,
    microphone: bool,
    camera: bool,
    video_only: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    made: u32,
    /// States of the version before have points of strokes in its place, which are forgotten.
    #[serde(default, skip_serializing_if = "is_zero")]
    bytes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    held_since: u32,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "arrived")]
    arrival: Option<Arrived>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stars: Option<Stars>,
    pages: Vec<Page1>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Away1 {
    Lost,
    Left,
}

#[derive(Serialize, Deserialize)]
struct Page1 {
    page: PageId,
    n: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

impl Record for State {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, &State1::from(self))
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode state";
        match codec::version(WHAT, bytes)? {
            1 => codec::read::<State1>(WHAT, bytes).map(Self::from),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

impl From<&State> for State1 {
    fn from(state: &State) -> Self {
        Self {
            revision: state.revision,
            head: state.head,
            head_at_ms: state.head_at_ms,
            dates_ahead_ms: state.dates_ahead_ms,
            began_at_ms: state.began_at_ms,
            agent: state.agent,
            agent_name: state.agent_name.clone(),
            number: state.number.clone(),
            reference: state.reference.clone(),
            language: state.language.clone(),
            expires_at_ms: state.expires_at_ms,
            ends_at_ms: state.ends_at_ms,
            sms: Sms1 {
                attempts: state.sms.attempts,
                attempted_at_ms: state.sms.attempted_at_ms,
                settled: state.sms.settled,
                opted_out: state.sms.opted_out,
            },
            links: state.links,
            links_renewed: state.links_renewed,
            leading: state.leading.iter().map(link_text).collect(),
            link_opened: state.link_opened,
            lobby: state.lobby,
            seats: (state.seats.iter())
                .map(|(seat, state)| (seat, Seat1::from(state)))
                .collect(),
            utc_offset: state.utc_offset,
            pictures: state.pictures.iter().map(Picture1::from).collect(),
            sent: state.sent.iter().map(Sent1::from).collect(),
            uploads: state.uploads.iter().map(Upload1::from).collect(),
            board: state.board.as_ref().map(Board1::from),
            asking: state.asking.map(Asking1::from),
            located: state.located,
            joined_at_ms: state.joined_at_ms,
            ended: state.ended,
            ended_at_ms: state.ended_at_ms,
            notes: state.notes.clone(),
        }
    }
}

impl From<State1> for State {
    fn from(mut state: State1) -> Self {
        Self {
            revision: state.revision,
            head: state.head,
            head_at_ms: state.head_at_ms,
            dates_ahead_ms: state.dates_ahead_ms,
            began_at_ms: state.began_at_ms,
            agent: state.agent,
            agent_name: state.agent_name,
            number: state.number,
            reference: state.reference,
            language: state.language,
            expires_at_ms: state.expires_at_ms,
            ends_at_ms: state.ends_at_ms,
            sms: SmsState {
                attempts: state.sms.attempts,
                attempted_at_ms: state.sms.attempted_at_ms,
                settled: state.sms.settled,
                opted_out: state.sms.opted_out,
            },
            links: state.links,
            links_renewed: state.links_renewed,
            leading: state
                .leading
                .iter()
                .filter_map(|text| link_id(text))
                .collect(),
            link_opened: state.link_opened,
            lobby: state.lobby,
            seats: Seats::from_fn(|seat| {
                let stored = state.seats.remove(&seat);
                stored.unwrap_or_default().into()
            }),
            utc_offset: state.utc_offset,
            pictures: state.pictures.into_iter().map(Picture::from).collect(),
            sent: state.sent.into_iter().map(Sent::from).collect(),
            uploads: state.uploads.into_iter().map(OpenUpload::from).collect(),
            board: state.board.map(Board::from),
            asking: state.asking.map(Asking::from),
            located: state.located,
            joined_at_ms: state.joined_at_ms,
            ended: state.ended,
            ended_at_ms: state.ended_at_ms,
            notes: state.notes,
        }
    }
}

fn link_text(link: &LinkId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(link.0)
}

/// `None` for a text that no version wrote: such a link leads nowhere.
fn link_id(text: &str) -> Option<LinkId> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    bytes.try_into().ok().map(LinkId)
}

impl From<&Picture> for Picture1 {
    fn from(picture: &Picture) -> Self {
        Self {
            id: picture.id,
            attempts: picture.attempts,
            asked_at_ms: picture.asked_at_ms,
            failed: picture.failed,
            source: picture.source,
            base: picture.base.map(|base| Base1 {
                width: base.width,
                height: base.height,
                low_resolution: base.low_resolution,
                digest: base.digest,
            }),
            touched: picture.touched,
        }
    }
}

impl From<Picture1> for Picture {
    fn from(picture: Picture1) -> Self {
        Self {
            id: picture.id,
            attempts: picture.attempts,
            asked_at_ms: picture.asked_at_ms,
            failed: picture.failed,
            source: picture.source,
            base: picture.base.map(|base| Base {
                width: base.width,
                height: base.height,
                low_resolution: base.low_resolution,
                digest: base.digest,
            }),
            touched: picture.touched,
        }
    }
}

impl From<&OpenUpload> for Upload1 {
    fn from(open: &OpenUpload) -> Self {
        let OpenUpload {
            upload,
            bytes,
            until_ms,
        } = *open;
        Self {
            upload,
            bytes,
            until_ms,
        }
    }
}

impl From<Upload1> for OpenUpload {
    fn from(open: Upload1) -> Self {
        Self {
            upload: open.upload,
            bytes: open.bytes,
            until_ms: open.until_ms,
        }
    }
}

impl From<&Sent> for Sent1 {
    fn from(sent: &Sent) -> Self {
        match sent.digest {
            Some(digest) => Self::Named(sent.picture, sent.through, digest),
            None => Self::Earlier(sent.picture, sent.through),
        }
    }
}

impl From<Sent1> for Sent {
    fn from(sent: Sent1) -> Self {
        let (picture, through, digest) = match sent {
            Sent1::Named(picture, through, digest) => (picture, through, Some(digest)),
            Sent1::Earlier(picture, through) => (picture, through, None),
        };
        Self {
            picture,
            through,
            digest,
        }
    }
}

impl From<&Board> for Board1 {
    fn from(board: &Board) -> Self {
        let mark = |mark: &Mark| {
            let author = match mark.author {
                Seat::Agent => Author1::Agent,
                Seat::Customer => Author1::Customer,
            };
            match mark.undone {
                None => Mark1::Stands(mark.id, author),
                Some(by) => Mark1::TakenBack(mark.id, author, by),
            }
        };
        Self {
            picture: board.picture,
            strokes: board.strokes.iter().map(mark).collect(),
        }
    }
}

impl From<Board1> for Board {
    fn from(board: Board1) -> Self {
        let mark = |mark| {
            let (id, author, undone) = match mark {
                Mark1::Stands(id, author) => (id, author, None),
                Mark1::TakenBack(id, author, by) => (id, author, Some(by)),
            };
            let author = match author {
                Author1::Agent => Seat::Agent,
                Author1::Customer => Seat::Customer,
            };
            Mark { id, author, undone }
        };
        Self {
            picture: board.picture,
            strokes: board.strokes.into_iter().map(mark).collect(),
        }
    }
}

impl From<Asking> for Asking1 {
    fn from(asking: Asking) -> Self {
        let Asking {
            id,
            wish,
            allowed,
            since_ms,
        } = asking;
        Self {
            id,
            wish,
            allowed,
            since_ms,
        }
    }
}

impl From<Asking1> for Asking {
    fn from(asking: Asking1) -> Self {
        Self {
            id: asking.id,
            wish: asking.wish,
            allowed: asking.allowed,
            since_ms: asking.since_ms,
        }
    }
}

impl From<&SeatState> for Seat1 {
    fn from(seat: &SeatState) -> Self {
        let page = |memory: &PageMemory| Page1 {
            page: memory.page,
            n: memory.n,
            refused: match memory.answer {
                Answer::Done => None,
                Answer::Refused(refusal) => Some(refusal),
            },
        };
        Self {
            name: seat.name.clone(),
            holder: seat.holder,
            seen: seat.seen,
            away: seat.away.map(|away| match away {
                Away::Lost => Away1::Lost,
                Away::Left => Away1::Left,
            }),
            microphone: seat.microphone,
            camera: seat.camera,
            video_only: seat.video_only,
            made: seat.made,
            bytes: seat.bytes,
            taken_at_ms: seat.taken_at_ms,
            held_since: seat.held_since,
            arrival: seat.arrival.clone(),
            stars: seat.stars,
            pages: seat.pages.iter().map(page).collect(),
        }
    }
}

impl From<Seat1> for SeatState {
    fn from(seat: Seat1) -> Self {
        let memory = |page: Page1| PageMemory {
            page: page.page,
            n: page.n,
            answer: page.refused.map_or(Answer::Done, Answer::Refused),
        };
        Self {
            name: seat.name,
            holder: seat.holder,
            seen: seat.seen,
            away: seat.away.map(|away| match away {
                Away1::Lost => Away::Lost,
                Away1::Left => Away::Left,
            }),
            microphone: seat.microphone,
            camera: seat.camera,
            video_only: seat.video_only,
            made: seat.made,
            bytes: seat.bytes,
            taken_at_ms: seat.taken_at_ms,
            held_since: seat.held_since,
            arrival: seat.arrival,
            stars: seat.stars,
            pages: seat.pages.into_iter().map(memory).collect(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_in_step(ahead_ms: &i64) -> bool {
    *ahead_ms == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The value for pictures stored before this field existed.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_unknown(at_ms: &u64) -> bool {
    *at_ms == 0
}
