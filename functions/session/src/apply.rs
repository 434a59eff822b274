//! Applying: one fact changes the state and becomes an event.

use sightline_wire::{
    GuestAnswer, LobbyStep, LocatedAt, PictureSource, PublicFact, Seat, SmsFailure,
};

use crate::asking;
use crate::board::changes_board_of;
use crate::{Away, Base, Board, Event, Fact, Picture, SeatState, Sent, State};

/// Appends a fact to the log: gives it the next number and a time that is not before the previous
/// event's, and changes the state by it. `now_ms` is the clock of the deadlines; the event carries
/// the time of day ([`State::dates_ahead_ms`]).
pub fn apply(state: &mut State, fact: impl Into<Fact>, now_ms: u64) -> Event {
    let fact = fact.into();
    state.head = state.head.saturating_add(1);
    state.head_at_ms = state.head_at_ms.max(now_ms);
    let (head, at_ms) = (state.head, state.head_at_ms);
    match &fact {
        Fact::InviteIssued {
            expires_at_ms,
            ends_at_ms,
            ..
        } => begin(state, *expires_at_ms, *ends_at_ms),
        Fact::CallTaken { agent, agent_name } => {
            state.agent = *agent;
            state.agent_name.clone_from(agent_name);
        }
        Fact::Joined {
            seat,
            page,
            name,
            video_only,
            arrival,
        } => {
            if *seat == Seat::Customer {
                let now_ms = state.dated(at_ms);
                state.joined_at_ms.get_or_insert(now_ms);
            }
            let joined = state.seats.get_mut(*seat);
            joined.arrival.clone_from(arrival);
            joined.name = Some(name.clone());
            joined.holder = Some(*page);
            joined.seen = true;
            joined.away = None;
            joined.video_only = *video_only;
            joined.held_since = head;
        }
        Fact::Moved {
            seat,
            page,
            video_only,
            arrival,
        } => {
            let moved = state.seats.get_mut(*seat);
            moved.arrival.clone_from(arrival);
            if moved.away.is_none() {
                moved.taken_at_ms = Some(at_ms);
            }
            moved.holder = Some(*page);
            moved.held_since = head;
            moved.video_only = *video_only;
            if *seat == Seat::Customer {
                state.asking = None;
            }
        }
        Fact::Public(public) => change(state, public),
    }
    if let Some(seat) = made_by(&fact) {
        let seat = state.seats.get_mut(seat);
        seat.made = seat.made.saturating_add(1);
        seat.bytes = seat.bytes.saturating_add(bytes(&fact));
    }
    Event {
        seq: state.head,
        at_ms: state.dated(state.head_at_ms),
        fact,
    }
}

/// Restores the strokes of a board that `BoardOpened` has opened, as replayed from the log
/// ([`crate::replay`]). The event does not carry them, and the state keeps no strokes of closed
/// boards. Has no effect while that board is not open.
pub fn restore(state: &mut State, board: &Board) {
    if let Some(open) = &mut state.board
        && open.picture == board.picture
    {
        open.clone_from(board);
    }
}

/// Changes the state by a public fact.
fn change(state: &mut State, fact: &PublicFact) {
    match fact {
        PublicFact::SmsAttempted { attempt } => begin_sms(state, *attempt),
        PublicFact::SmsAccepted { attempt } => settle_sms(state, *attempt, false),
        PublicFact::SmsFailed { attempt, why } => {
            settle_sms(state, *attempt, *why == SmsFailure::OptedOut);
        }
        PublicFact::LinkMade => state.links = state.links.saturating_add(1),
        PublicFact::LinksRenewed => renew_links(state),
        PublicFact::LinkOpened => state.link_opened = true,
        PublicFact::LobbyReached { step } => {
            state.lobby = Some(*step);
            state.seats.get_mut(Seat::Customer).seen = true;
        }
        PublicFact::Renamed { name } => {
            state.seats.get_mut(Seat::Customer).name = Some(name.clone())
        }
        PublicFact::Lost { seat } => leave(state, *seat, Away::Lost),
        PublicFact::Left { seat } => leave(state, *seat, Away::Left),
        PublicFact::Resumed { seat } => come_back(state, *seat),
        PublicFact::MediaChanged {
            seat,
            microphone,
            camera,
        } => switch_devices(state, *seat, *microphone, *camera),
        PublicFact::ZoneTold { utc_offset_min } => state.utc_offset = Some(*utc_offset_min),
        PublicFact::CaptureAsked { source, .. } => begin_picture(state, *source),
        PublicFact::CaptureRepeated {
            picture, attempt, ..
        } => repeat_picture(state, *picture, *attempt),
        PublicFact::CaptureFailed { picture, .. } => {
            change_picture(state, *picture, |found| found.failed = true);
        }
        PublicFact::PictureKept { picture, .. } => {
            change_picture(state, *picture, |found| found.base = base_by(fact));
        }
        PublicFact::PictureDeleted { picture, .. } => {
            state.pictures.retain(|found| found.id != *picture);
            close(state, *picture);
        }
        PublicFact::BoardOpened { picture, .. } => state.board = Some(Board::empty(*picture)),
        PublicFact::BoardClosed { picture, .. } => close(state, *picture),
        PublicFact::PictureSent { .. } => state.sent.extend(sent_by(fact)),
        PublicFact::Located { place, .. } => {
            let at_ms = state.dated(state.head_at_ms);
            let place = *place;
            state.located = Some(LocatedAt { place, at_ms });
        }
        PublicFact::Ended { why } => {
            state.ended = Some(*why);
            state.ended_at_ms = Some(state.dated(state.head_at_ms));
        }
        PublicFact::Said { .. }
        | PublicFact::Drawn { .. }
        | PublicFact::Undone { .. }
        | PublicFact::Redone { .. }
        | PublicFact::Cleared { .. }
        | PublicFact::GuestSwitchedOff { .. }
        | PublicFact::GuestZoomed { .. }
        | PublicFact::GuestAsked { .. }
        | PublicFact::GuestAnswered { .. } => {}
    }
    change_board(state, fact);
    asking::change(state, fact);
}

/// Returns the base that a fact says was stored.
const fn base_by(fact: &PublicFact) -> Option<Base> {
    match *fact {
        PublicFact::PictureKept {
            width,
            height,
            low_resolution,
            digest,
            ..
        } => Some(Base {
            width,
            height,
            low_resolution,
            digest,
        }),
        _ => None,
    }
}

/// Returns the picture that a fact says was sent.
const fn sent_by(fact: &PublicFact) -> Option<Sent> {
    match *fact {
        PublicFact::PictureSent {
            picture,
            through,
            digest,
            ..
        } => Some(Sent {
            picture,
            through,
            digest,
        }),
        _ => None,
    }
}

fn change_board(state: &mut State, fact: &PublicFact) {
    let seq = state.head;
    if let Some(picture) = changes_board_of(fact) {
        change_picture(state, picture, |found| found.touched = seq);
    }
    if let Some(board) = &mut state.board {
        board.change(seq, fact);
    }
}

/// Sets the dates of a session that begins. The invitation itself is in the state from its creation
/// on.
fn begin(state: &mut State, expires_at_ms: u64, ends_at_ms: u64) {
    let ahead_ms = state.dates_ahead_ms;
    state.began_at_ms = state.dated(state.head_at_ms);
    state.expires_at_ms = expires_at_ms.saturating_sub_signed(ahead_ms);
    state.ends_at_ms = ends_at_ms.saturating_sub_signed(ahead_ms);
}

/// How many of its seat's bytes a fact uses up.
pub(crate) fn bytes(fact: &Fact) -> u32 {
    match fact {
        // No page causes them.
        Fact::InviteIssued { .. } | Fact::CallTaken { .. } => 0,
        // Far less than any limit: the longest name, and the rest of the record.
        Fact::Joined { .. } | Fact::Moved { .. } => 512,
        Fact::Public(fact) => fact.json_bytes(),
    }
}

/// The seat whose pages caused a fact. The fact counts towards this seat's share of the log.
const fn made_by(fact: &Fact) -> Option<Seat> {
    match fact {
        Fact::InviteIssued { .. } | Fact::CallTaken { .. } => None,
        Fact::Joined { seat, .. } | Fact::Moved { seat, .. } => Some(*seat),
        Fact::Public(fact) => public_made_by(fact),
    }
}

const fn public_made_by(fact: &PublicFact) -> Option<Seat> {
    match fact {
        PublicFact::Left { seat }
        | PublicFact::Resumed { seat }
        | PublicFact::MediaChanged { seat, .. }
        | PublicFact::Said { seat, .. }
        | PublicFact::CaptureAsked { seat, .. }
        | PublicFact::CaptureRepeated { seat, .. }
        | PublicFact::PictureDeleted { seat, .. }
        | PublicFact::BoardOpened { seat, .. }
        | PublicFact::BoardClosed { seat, .. }
        | PublicFact::Drawn { seat, .. }
        | PublicFact::Undone { seat, .. }
        | PublicFact::Redone { seat, .. }
        | PublicFact::PictureSent { seat, .. } => Some(*seat),
        PublicFact::PictureKept {
            low_resolution: true,
            ..
        }
        | PublicFact::Cleared { .. }
        | PublicFact::GuestSwitchedOff { .. }
        | PublicFact::GuestZoomed { .. }
        | PublicFact::GuestAsked { .. } => Some(Seat::Agent),
        // The clock may say so as well as a page.
        PublicFact::GuestAnswered {
            answer: GuestAnswer::NoAnswer,
            ..
        } => None,
        PublicFact::PictureKept { .. }
        | PublicFact::LobbyReached { .. }
        | PublicFact::Renamed { .. }
        | PublicFact::ZoneTold { .. }
        | PublicFact::CaptureFailed { .. }
        | PublicFact::GuestAnswered { .. }
        | PublicFact::Located { .. } => Some(Seat::Customer),
        PublicFact::SmsAttempted { .. }
        | PublicFact::SmsAccepted { .. }
        | PublicFact::SmsFailed { .. }
        | PublicFact::LinkMade
        | PublicFact::LinksRenewed
        | PublicFact::LinkOpened
        | PublicFact::Lost { .. }
        | PublicFact::Ended { .. } => None,
    }
}

fn settle_sms(state: &mut State, attempt: u32, opted_out: bool) {
    state.sms.settled |= attempt == state.sms.attempts;
    state.sms.opted_out = opted_out;
}

fn begin_sms(state: &mut State, attempt: u32) {
    state.sms.attempts = attempt;
    state.sms.attempted_at_ms = state.head_at_ms;
    state.sms.settled = false;
}

/// Nobody holds the seat from here on, and the page that takes it next displaces nobody.
fn renew_links(state: &mut State) {
    state.links = state.links.saturating_add(1);
    state.links_renewed = state.links_renewed.saturating_add(1);
    state.leading.clear();
    let head = state.head;
    let customer = state.seats.get_mut(Seat::Customer);
    if customer.joined() {
        customer.holder = Some(SeatState::NOBODY);
        customer.held_since = head;
        customer.away = Some(Away::Left);
        customer.taken_at_ms = None;
    }
}

fn switch_devices(state: &mut State, seat: Seat, microphone: bool, camera: bool) {
    let devices = state.seats.get_mut(seat);
    devices.microphone = microphone;
    devices.camera = camera;
}

fn leave(state: &mut State, seat: Seat, how: Away) {
    state.seats.get_mut(seat).away = Some(how);
}

/// A customer who is back connects: what kept them from it is over.
fn come_back(state: &mut State, seat: Seat) {
    state.seats.get_mut(seat).away = None;
    if seat == Seat::Customer && state.lobby == Some(LobbyStep::ConnectionBlocked) {
        state.lobby = None;
    }
}

fn close(state: &mut State, picture: u32) {
    if state
        .board
        .as_ref()
        .is_some_and(|board| board.picture == picture)
    {
        state.board = None;
    }
}

/// Begins the picture named by this event, and opens its board.
fn begin_picture(state: &mut State, source: PictureSource) {
    let id = state.head;
    state.pictures.push(Picture {
        id,
        attempts: 1,
        asked_at_ms: state.head_at_ms,
        failed: false,
        source,
        base: None,
        touched: id,
    });
    state.board = Some(Board::empty(id));
}

fn repeat_picture(state: &mut State, picture: u32, attempt: u8) {
    let asked_at_ms = state.head_at_ms;
    change_picture(state, picture, |found| {
        found.attempts = attempt;
        found.asked_at_ms = asked_at_ms;
        found.failed = false;
    });
}

fn change_picture(state: &mut State, picture: u32, change: impl FnOnce(&mut Picture)) {
    let mut pictures = state.pictures.iter_mut();
    if let Some(found) = pictures.find(|found| found.id == picture) {
        change(found);
    }
}
