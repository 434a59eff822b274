//! What a guest with a link tries, and a stranger. Each by the number or letter of the finding that
//! it repeats.

mod forged;
mod media;
mod raw;
mod signalling;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

/// What to attack, and with what.
#[derive(Deserialize)]
pub(crate) struct Target {
    base: String,
    seconds: f64,
    /// The guest's own session, and the cookie of its link.
    session: String,
    cookie: String,
    /// The session of a neighbour whose link was passed on, and a cookie of that link.
    shared_session: String,
    shared_cookie: String,
    /// The address of a neighbour's media.
    victim: SocketAddr,
    /// Addresses for uploads, each with the headers that it needs.
    slots: Vec<Slot>,
}

#[derive(Clone, Deserialize)]
struct Slot {
    url: String,
    bytes: usize,
    headers: Vec<(String, String)>,
}

/// Plays an attack until its time is over, and prints what it did.
pub(crate) async fn play(name: &str, target: Target) {
    let until = Instant::now() + Duration::from_secs_f64(target.seconds);
    let did = match name {
        "1" => signalling::long_offers(&target, until).await,
        "13" => signalling::many_offers(&target, until).await,
        "2a" => media::streams(&target, until).await,
        "2b" => media::ports(&target, until).await,
        "2c" => media::channels(&target, until).await,
        "2d" => media::beginnings(&target, until).await,
        "2e" => media::messages(&target, until).await,
        "2e-packets" => media::packets(&target, until).await,
        "3" => media::babble(&target, until).await,
        "7" => forged::checks(&target, until).await,
        "A-pings" => raw::pings(&target, until).await,
        "A-fragments" => raw::fragments(&target, until).await,
        "B" => raw::handshakes(&target, until).await,
        "C" => raw::uploads(&target, until).await,
        "D" => raw::guests(&target, until).await,
        "E" => raw::idle(&target, until).await,
        _ => panic!("no attack is named {name}"),
    };
    println!("{}", json!({ "did": did }));
}
