//! What a session allows, as tables (given facts, when a command at a time, then facts or a
//! refusal) and as properties.

#![allow(
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]

mod begin;
mod boards;
mod budget;
mod deliveries;
mod digests;
mod due;
mod given;
mod guest;
mod ink;
mod interleavings;
mod invite;
mod journeys;
mod limits;
mod lobby;
mod pictures;
mod random;
mod react;
mod seats;
mod shown;
mod strategies;
mod take;
