//! Stories about the whole house, told with the World: the real binary, no browser.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "stories: a panic is how they fail, and they measure"
)]

mod binary;
mod disk;
mod doors;
mod http;
mod kill;
mod page;
mod preview;
mod refusals;
mod whispers;
mod world;
