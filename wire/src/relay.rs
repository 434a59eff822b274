//! Messages between a relay and the host, and from a relay to a page.

use std::net::{IpAddr, SocketAddr};

use serde::de::value::Error as UnknownWord;
use serde::de::{Deserializer, IntoDeserializer};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{PageId, RelayId, Sdp, Seat, SessionId};

/// A message of a relay to the host. Tagged with topic `relay`, so that one WebSocket API routes
/// pages and relays alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum FromRelay {
    /// The only topic of a relay.
    Relay(RelaySays),
}

/// A message of a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelaySays {
    /// The first message of a relay's connection.
    Hello {
        /// The relay.
        relay: RelayId,
        /// Rooms it can carry.
        rooms_max: u32,
        /// Where pages reach it over UDP, as far as it knows. Empty until [`RelayHears::Welcome`]
        /// names its address; it gets no room before its first lease.
        media: Vec<SocketAddr>,
    },
    /// Renews the lease: every 15 s, for 45 s.
    Lease {
        /// Who it is.
        relay: RelayId,
        /// Rooms it carries.
        rooms: u32,
        /// It takes no new rooms.
        draining: bool,
    },
    /// The answer to an offer.
    Answer {
        /// Who answers.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat that offered.
        seat: Seat,
        /// The page that offered.
        page: PageId,
        /// The attempt of that page.
        attempt: u32,
        /// The answer.
        sdp: Sdp,
    },
    /// An offer was not accepted.
    Refused {
        /// Who refuses.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat that offered.
        seat: Seat,
        /// The page that offered.
        page: PageId,
        /// The attempt of that page.
        attempt: u32,
        /// The assignment with which the offer came. 0 from a relay of the version before.
        #[serde(default, skip_serializing_if = "is_zero")]
        epoch: u32,
        /// Why.
        why: OfferRefusal,
        /// What is wrong with an unacceptable offer. Relays of the version before do not say, and a
        /// word of a later version is not known.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "known_word"
        )]
        fault: Option<OfferFault>,
    },
    /// A participant is gone: its transport died, or its room did.
    Gone {
        /// Who says so.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
        /// Why, if the page itself brought it about. Relays of the version before do not say, and a
        /// word of a later version is not known.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "known_word"
        )]
        why: Option<GoneWhy>,
    },
    /// The relay is draining and still carries this participant: another relay may take the room.
    /// Repeated every 5 s.
    Leaving {
        /// Who says so.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
}

/// Why a relay did not accept an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferRefusal {
    /// The offer does not match this protocol (m-lines, codecs, fingerprint).
    Unacceptable,
    /// The relay is full or draining.
    Full,
    /// Another assignment has replaced this one.
    OldEpoch,
    /// The seat offered more often than once a second, after five at once.
    TooOften,
}

/// What a page did, so that the relay ended its transport. It may offer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GoneWhy {
    /// More messages on `sure` than 100 a second, after 200 at once.
    Messages,
    /// More of the relay's processor than its share, for seconds.
    Work,
}

/// What is wrong with an offer. Everything else that a relay does not know in an offer is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OfferFault {
    /// Its sections, their directions, or their bundle (RFC 9143) are not those of this protocol.
    Sections,
    /// A payload type stands for two things.
    PayloadTypes,
    /// `a=ice-lite` (RFC 8445 section 2.5): the relay is lite itself, so nobody would begin.
    IceLite,
    /// Several layers of one picture (RFC 8853).
    Simulcast,
    /// `a=setup` (RFC 8842) leaves the relay no passive role.
    Setup,
    /// No SHA-256 fingerprint of one certificate (RFC 8122).
    Fingerprint,
    /// More lines, or a longer line, than the relay reads.
    TooLong,
    /// No codec in common.
    Codecs,
    /// Not a session description.
    Malformed,
}

/// A message of the host to a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum ToRelay {
    /// The only topic of a relay.
    Relay(RelayHears),
}

/// A message to a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayHears {
    /// Answer to `hello` and `lease`.
    Welcome {
        /// How long the lease holds from now, seconds.
        lease_s: u32,
        /// The address this connection came from, as the host saw it. A relay with an address of
        /// its own announces it to pages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<IpAddr>,
    },
    /// A participant's offer. Creates the room if it does not exist. A page that offers again
    /// replaces its earlier transport.
    Offer {
        /// The room.
        session: SessionId,
        /// Assignment of the room to a relay; a lower one than seen before is refused.
        epoch: u32,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
        /// The page's attempt.
        attempt: u32,
        /// The page holds its seat, so its media flows at once. A guest's media does not flow, in
        /// either direction.
        speaks: bool,
        /// The newest holder of the seat that the host knew: of two, the later one has the higher
        /// number. 0 from a host of the version before, and before the first join.
        #[serde(default, skip_serializing_if = "is_zero")]
        since: u32,
        /// The offer.
        sdp: Sdp,
    },
    /// This page holds the seat from here on; any other page of the seat becomes a guest.
    Promote {
        /// The room.
        session: SessionId,
        /// Assignment.
        epoch: u32,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
        /// Counts the holders of the seat, as in an offer. A relay that heard of a later one keeps
        /// it: messages may change places on their way.
        #[serde(default, skip_serializing_if = "is_zero")]
        since: u32,
    },
    /// The session is over, or another relay has its room.
    Close {
        /// The room.
        session: SessionId,
        /// The assignment that is over. A room that a later assignment gave back stays.
        epoch: u32,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The relay's own message to a page, twice a second as a *binary* message on the channel `live`.
/// Everything else on the two channels is a string from another page, forwarded unread, so no page
/// can forge a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Beat {
    /// Counts up by one with each beat.
    pub beat: u32,
    /// This page's media flows.
    pub speaks: bool,
    /// The other seat has a connected participant that speaks.
    pub other_here: bool,
    /// The other seat's picture has a codec that this page did not offer, so it is not forwarded.
    #[serde(default, skip_serializing_if = "is_false")]
    #[ts(as = "Option<bool>", optional)]
    pub undecodable: bool,
    /// The other seat's page did not offer the codec of this page's picture, and gets none.
    #[serde(default, skip_serializing_if = "is_false")]
    #[ts(as = "Option<bool>", optional)]
    pub unseen: bool,
    /// What the relay can send to this page at present, in bit/s; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub down_bps: Option<u32>,
    /// What this page's video may use, by the links of those who receive it, in bit/s; absent if
    /// unknown. The relay tells at once that it fell by a quarter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub video_bps: Option<u32>,
}

fn known_word<'de, W, D>(from: D) -> Result<Option<W>, D::Error>
where
    W: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let word = Option::<String>::deserialize(from)?;
    Ok(word.and_then(|word| {
        let word = IntoDeserializer::<UnknownWord>::into_deserializer(word);
        W::deserialize(word).ok()
    }))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_later_version_is_unknown_and_the_refusal_counts() {
        let sample = include_str!("../samples/from_relay/refused_fault.json");
        let later = sample.replace("payload_types", "too_late");
        let fault = |text: &str| match serde_json::from_str(text).unwrap() {
            FromRelay::Relay(RelaySays::Refused { fault, .. }) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(sample), Some(OfferFault::PayloadTypes));
        assert_eq!(fault(&later), None);
    }
}
