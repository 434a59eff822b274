//! Stories about the room, told with a [`world::World`]: two pages and more, a clock that the test
//! moves, a network with loss and delay. No socket.

mod bandwidth;
mod defence;
mod draining;
mod hostile;
mod link;
mod media;
mod messages;
mod naming;
mod offers;
mod peer;
mod places;
mod repairs;
mod seats;
pub(crate) mod smuggler;
mod sound;
mod storm;
mod streams;
mod watching;
pub(crate) mod world;
