//! Topic `signaling`: offers to relays, and presence.

use sightline_wire::{PageHears, SignalingHears, SignalingSays};

use super::Deed;

pub(super) fn deed(says: SignalingSays) -> Deed {
    match says {
        SignalingSays::Offer {
            attempt,
            sdp,
            avoid,
        } => Deed::Offer {
            attempt,
            sdp,
            avoid,
        },
        SignalingSays::Promote => Deed::Promote,
        SignalingSays::Presence(presence) => {
            Deed::PassOn(PageHears::Signaling(SignalingHears::Presence(presence)))
        }
    }
}
