//! The state of a session as it is stored.

use serde::{Deserialize, Serialize};
use sightline_session::{Answer, Away, PageMemory, PerSeat, SeatState, SmsState, State};
use sightline_wire::{
    AgentId, DisplayName, EndReason, Language, LobbyStep, PageId, PhoneNumber, Reference, Refusal,
};

use super::{Record, codec};
use crate::ports::Trouble;

#[derive(Serialize, Deserialize)]
struct State1 {
    revision: u32,
    head: u32,
    head_at_ms: u64,
    began_at_ms: u64,
    agent: AgentId,
    agent_name: DisplayName,
    number: PhoneNumber,
    reference: Reference,
    language: Language,
    expires_at_ms: u64,
    ends_at_ms: u64,
    sms: Sms1,
    links: u32,
    link_opened: bool,
    lobby: Option<LobbyStep>,
    seats: Seats1,
    ended: Option<EndReason>,
}

#[derive(Serialize, Deserialize)]
struct Sms1 {
    attempts: u32,
    attempted_at_ms: u64,
    settled: bool,
}

#[derive(Serialize, Deserialize)]
struct Seats1 {
    agent: Seat1,
    customer: Seat1,
}

#[derive(Serialize, Deserialize)]
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

    fn decode(bytes: &[u8]) -> Result<Self, Trouble> {
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
            },
            links: state.links,
            link_opened: state.link_opened,
            lobby: state.lobby,
            seats: Seats1 {
                agent: Seat1::from(&state.seats.agent),
                customer: Seat1::from(&state.seats.customer),
            },
            ended: state.ended,
        }
    }
}

impl From<State1> for State {
    fn from(state: State1) -> Self {
        Self {
            revision: state.revision,
            head: state.head,
            head_at_ms: state.head_at_ms,
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
            },
            links: state.links,
            link_opened: state.link_opened,
            lobby: state.lobby,
            seats: PerSeat {
                agent: state.seats.agent.into(),
                customer: state.seats.customer.into(),
            },
            ended: state.ended,
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
            pages: seat.pages.into_iter().map(memory).collect(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(made: &u32) -> bool {
    *made == 0
}
