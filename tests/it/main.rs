//! Stories about the whole of Sightline: the real binary, without a browser.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "stories: a panic is how they fail, and they measure"
)]

mod backup;
mod before;
mod binary;
mod case;
mod clock;
mod disk;
mod doors;
mod erasure;
mod falls;
mod folder;
mod full;
mod guests;
mod hostile;
mod http;
mod keys;
mod kill;
mod page;
mod pictures;
mod preview;
mod refusals;
mod starting;
mod strokes;
mod uploads;
mod whispers;
mod world;
