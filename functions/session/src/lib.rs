//! What an assistance session allows: commands in, events out.
//!
//! A session is an ordered log. [`decide_page`] and [`decide_system`] look at the state and a command
//! and say which events follow, or why not; [`apply`] changes the state by one event and cannot fail; [`due`] says what
//! is overdue by the clock; [`react`] says who must hear of what happened and what must be done.
//! [`take`] puts a page's numbered commands in their order. [`budget`] says what a text message
//! must be counted in across sessions.
//!
//! This crate is not a store, not a socket and not a clock: time and configuration are arguments,
//! everything iterates in a fixed order, and nothing here can panic on what a peer sent.

mod apply;
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

pub use apply::{apply, restore};
pub use board::{Board, Mark, replay};
pub use command::{Actor, Invitation, PageCommand, SystemCommand, Turn};
pub use decide::{begin, decide_page, decide_system};
pub use due::{Heard, due};
pub use event::{Event, Fact};
pub use outlook::{link_state, phase};
pub use react::{Effect, react};
pub use rules::Rules;
pub use state::{Answer, Away, Base, PageMemory, Picture, SeatState, Sent, SmsState, State};
pub use take::{Taken, next_number, refuse, take};
