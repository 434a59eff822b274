//! What an assistance session allows: commands in, events out.
//!
//! A session is an ordered log. [`decide_page`] and [`decide_system`] turn a state and a command
//! into facts or a refusal. [`apply`] changes the state by one fact, makes it an event and cannot
//! fail. [`due`] returns the facts that the clock brings. [`react`] compares the state before and
//! after and returns effects: who receives events and what must be done. [`take`] puts a page's
//! numbered commands in order. [`budget`] returns the counts that limit a text message across
//! sessions.
//!
//! This crate has no store, no socket and no clock. Time and configuration are arguments,
//! everything iterates in a fixed order, and no input of a peer can make it panic.

mod apply;
mod asking;
mod beside;
mod board;
pub mod budget;
mod command;
mod decide;
mod due;
mod event;
mod outlook;
mod react;
mod rules;
mod state;
mod take;
mod uploads;

pub use apply::{apply, restore};
pub use asking::Asking;
pub use beside::{NotePlace, add_note, edit_note, rate, rate_until_ms};
pub use board::{Board, Mark, replay};
pub use command::{Actor, Invitation, PageCommand, SystemCommand, Turn};
pub use decide::{begin, decide_page, decide_system};
pub use due::{Heard, due};
pub use event::{Arrived, Event, Fact};
pub use outlook::{code_leads_in, link_state, phase};
pub use react::{Effect, react};
pub use rules::Rules;
pub use state::{
    Answer, Away, Base, LinkId, OpenUpload, PageMemory, Picture, SeatState, Sent, SmsState, State,
};
pub use take::{Taken, next_number, refuse, take};
pub use uploads::{close_upload, open_upload};
