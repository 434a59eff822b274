//! What a session allows, as tables (given facts, when a command at a time, then facts or a refusal) and as properties.

#![allow(
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]

mod begin;
mod deliveries;
mod due;
mod given;
mod invite;
mod journeys;
mod limits;
mod lobby;
mod random;
mod react;
mod seats;
mod strategies;
mod take;
