//! Stories about the whole house, told with the World: the real binary, no browser.

mod binary;
mod doors;
mod http;
mod kill;
mod page;
mod preview;
mod refusals;
mod world;
