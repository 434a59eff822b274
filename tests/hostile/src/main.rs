//! Calls without a browser, and a guest who means harm beside them. `run.mjs` starts both.
//!
//! ```text
//! sightline-hostile calls           # keeps calls, and says what they lost
//! sightline-hostile attack NAME     # plays one attack
//! ```
//!
//! Standard input begins with a line of JSON: [`calls::Wanted`] or [`attacks::Target`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test program: a panic is how it fails, it prints, and its time is real"
)]

mod attacks;
mod calls;
mod page;
#[expect(dead_code, reason = "the fuzz targets use the rest")]
#[path = "../../../relay/room/src/tests/smuggler.rs"]
mod smuggler;
mod socket;
mod tally;

use std::io::{BufRead, stdin};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut line = String::new();
    stdin().lock().read_line(&mut line).expect("a line of JSON");
    match words[..] {
        ["calls"] => run(true, calls::keep(serde_json::from_str(&line).unwrap())),
        ["attack", name] => run(
            false,
            attacks::play(name, serde_json::from_str(&line).unwrap()),
        ),
        _ => panic!("sightline-hostile calls|attack NAME"),
    }
}

/// An attack runs in one thread, because its endpoint smuggles in one.
fn run(with_threads: bool, what: impl Future<Output = ()>) {
    let mut runtime = if with_threads {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    runtime.enable_all().build().unwrap().block_on(what);
}
