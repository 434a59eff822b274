//! Stories of a host in a world of memory.

mod api;
mod budget;
mod call;
mod camera;
mod codes;
mod commits;
mod contracts;
mod handshakes;
mod health;
mod held_up;
mod ink;
mod invites;
mod logs;
mod messages;
mod moves;
mod numbers;
mod pictures;
mod refusals;
mod relays;
mod rewrapped;
mod seats;
mod sign_in;
mod storms;
mod test_call;
mod uploads;
mod world;
