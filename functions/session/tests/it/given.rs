//! Facts, people and pages of the tables, and the one way in which they send commands.

use sightline_session::{
    Actor, Event, Fact, Invitation, PageCommand, Rules, State, SystemCommand, apply, begin,
    decide_page, decide_system,
};
use sightline_wire::{
    AgentId, ChatText, DisplayName, EndReason, Language, LobbyStep, PageId, PhoneNumber,
    PublicFact, Reference, Refusal, Seat, Seats,
};

/// When the session of every table begins, epoch milliseconds.
pub const BEGUN: u64 = 1_800_000_000_000;
pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;

pub const A1: PageId = PageId::from_bytes([0xA1; 16]);
pub const A2: PageId = PageId::from_bytes([0xA2; 16]);
pub const C1: PageId = PageId::from_bytes([0xC1; 16]);
pub const C2: PageId = PageId::from_bytes([0xC2; 16]);

pub const AGENT: (Seat, PageId) = (Seat::Agent, A1);
pub const AGENT_ELSEWHERE: (Seat, PageId) = (Seat::Agent, A2);
pub const CUSTOMER: (Seat, PageId) = (Seat::Customer, C1);
pub const CUSTOMER_ELSEWHERE: (Seat, PageId) = (Seat::Customer, C2);

/// A command and its sender.
#[derive(Clone, Debug)]
pub enum Asked {
    Page(Seat, PageId, PageCommand),
    System(Actor, SystemCommand),
}

impl From<((Seat, PageId), PageCommand)> for Asked {
    fn from(((seat, page), command): ((Seat, PageId), PageCommand)) -> Self {
        Self::Page(seat, page, command)
    }
}

impl From<(Actor, SystemCommand)> for Asked {
    fn from((actor, command): (Actor, SystemCommand)) -> Self {
        Self::System(actor, command)
    }
}

/// Decides a command of either kind.
pub fn decide<B, C: Clone>(
    state: &State,
    by: B,
    command: &C,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<Fact>, Refusal>
where
    Asked: From<(B, C)>,
{
    decide_asked(state, &Asked::from((by, command.clone())), now_ms, rules)
}

pub fn decide_asked(
    state: &State,
    asked: &Asked,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<Fact>, Refusal> {
    match asked {
        Asked::Page(seat, page, command) => {
            decide_page(state, *seat, *page, command, now_ms, rules)
        }
        Asked::System(actor, command) => decide_system(state, *actor, command, now_ms, rules),
    }
}

/// A session a moment after its beginning, with its first event.
pub fn begun() -> (State, Event) {
    begun_ahead(0)
}

/// The same, where the time of day is ahead of the clock of the deadlines.
pub fn begun_ahead(ahead_ms: i64) -> (State, Event) {
    let invitation = Invitation {
        agent: AgentId::from_bytes([7; 16]),
        agent_name: name("Ada"),
        number: Some(PhoneNumber::new("+4915112345678").expect("a number")),
        reference: Reference::new("CASE-0001").expect("a reference"),
        language: Language::new("en").expect("a language"),
    };
    begin(invitation, BEGUN, ahead_ms, &Rules::default())
}

/// The state after facts, each at its time after the begin.
pub fn after(facts: impl IntoIterator<Item = (u64, Fact)>) -> State {
    let (mut state, _) = begun();
    for (at_ms, fact) in facts {
        apply(&mut state, fact, BEGUN + at_ms);
    }
    state
}

/// Given facts, when a command comes a second after the beginning, then these facts follow.
#[track_caller]
pub fn check<B, C>(given: &[Fact], by: B, command: C, then: Result<&[Fact], Refusal>)
where
    Asked: From<(B, C)>,
{
    let facts = given.iter().map(|fact| (0, fact.clone()));
    check_at(&after(facts), SECOND, by, command, then);
}

/// The same, from a state and at a time after the begin.
#[track_caller]
pub fn check_at<B, C>(state: &State, at_ms: u64, by: B, command: C, then: Result<&[Fact], Refusal>)
where
    Asked: From<(B, C)>,
{
    let asked = Asked::from((by, command));
    let follows = decide_asked(state, &asked, BEGUN + at_ms, &Rules::default());
    assert_eq!(follows, then.map(<[Fact]>::to_vec), "{asked:?}");
}

pub fn name(text: &str) -> DisplayName {
    DisplayName::new(text).expect("a name")
}

pub fn text(text: &str) -> ChatText {
    ChatText::new(text).expect("a text")
}

/// The bytes of a seat's share that a public fact uses up.
pub fn json_bytes(fact: &Fact) -> u32 {
    match fact {
        Fact::Public(fact) => fact.json_bytes(),
        _ => panic!("not public: {fact:?}"),
    }
}

/// Asks to join with everything off.
pub fn join(called: &str, take: bool) -> PageCommand {
    PageCommand::Join {
        name: name(called),
        video_only: false,
        arrival: None,
        microphone: false,
        camera: false,
        take,
    }
}

pub fn say(line: &str) -> PageCommand {
    PageCommand::Say { text: text(line) }
}

pub fn media(microphone: bool, camera: bool) -> PageCommand {
    PageCommand::Media { microphone, camera }
}

pub fn joined(seat: Seat, page: PageId) -> Fact {
    let called = match seat {
        Seat::Agent => "Ada",
        Seat::Customer => "Guest",
    };
    Fact::Joined {
        seat,
        page,
        name: name(called),
        video_only: false,
        arrival: None,
    }
}

/// Both are in the call, on their first pages.
pub fn both_joined() -> Vec<Fact> {
    vec![joined(Seat::Customer, C1), joined(Seat::Agent, A1)]
}

/// Both are in the call, and then this.
pub fn both_joined_then(more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    both_joined().into_iter().chain(more).collect()
}

pub fn reached(step: LobbyStep) -> Fact {
    Fact::Public(PublicFact::LobbyReached { step })
}

pub fn lost(seat: Seat) -> Fact {
    Fact::Public(PublicFact::Lost { seat })
}

pub fn left(seat: Seat) -> Fact {
    Fact::Public(PublicFact::Left { seat })
}

pub fn resumed(seat: Seat) -> Fact {
    Fact::Public(PublicFact::Resumed { seat })
}

pub fn moved(seat: Seat, page: PageId) -> Fact {
    Fact::Moved {
        seat,
        page,
        video_only: false,
        arrival: None,
    }
}

pub fn media_changed(seat: Seat, microphone: bool, camera: bool) -> Fact {
    Fact::Public(PublicFact::MediaChanged {
        seat,
        microphone,
        camera,
    })
}

pub fn renamed(to: &str) -> Fact {
    Fact::Public(PublicFact::Renamed { name: name(to) })
}

pub fn said(seat: Seat, line: &str) -> Fact {
    Fact::Public(PublicFact::Said {
        seat,
        text: text(line),
    })
}

pub fn ended(why: EndReason) -> Fact {
    Fact::Public(PublicFact::Ended { why })
}

/// The state without what replicas do not share: commits are the store's, answers the pages'.
pub fn log_only(state: &State) -> State {
    let mut state = state.clone();
    state.revision = 1;
    for seat in Seat::ALL {
        state.seats.get_mut(seat).pages.clear();
    }
    state
}

pub fn nobody<T>() -> Seats<Option<T>> {
    Seats::from_fn(|_| None)
}
