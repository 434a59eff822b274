//! Stories of a host in a world of memory.

mod api;
mod call;
mod commits;
mod contracts;
mod handshakes;
mod invites;
mod logs;
mod moves;
mod refusals;
mod relays;
mod seats;
mod world;
