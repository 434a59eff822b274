//! The case file: what is left of a call, as a ZIP that proves itself.
//!
//! `bag` writes it, `contents` and `story` say what is in it, `jws` signs it, `verify` checks it.
//! None of them knows a clock or a store. `make` fetches what a case needs and hands the pieces on,
//! so that never a whole file is in memory.
//!
//! Each byte of the file follows from its contents (see `zip`): a reader finds a change of any.

mod archive;
mod bag;
mod contents;
mod date;
mod finding;
mod guest;
mod jws;
mod layout;
mod make;
mod story;
mod verify;
mod zip;

pub use archive::CaseBytes;
pub use date::utc;
pub use finding::Finding;
pub use jws::{BadKey, CaseJwk, CaseJwks, CaseSigner};
pub(crate) use make::CaseAnswer;
pub use verify::{CaseVerdict, Origin, verify};

#[cfg(test)]
mod tests;
