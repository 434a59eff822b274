//! Which media each seat sends and receives. Offers and routes follow from this table, so a further
//! seat is declared here and nowhere else in the crate.

use sightline_wire::Seat;
use str0m::media::Direction;

/// The direction of the media sections that pages of this seat offer.
pub(crate) fn direction(seat: Seat) -> Direction {
    match seat {
        Seat::Agent | Seat::Customer => Direction::SendRecv,
    }
}

/// The seats whose media this seat receives. Its pages offer one audio and one video section for
/// each of them, in this order.
pub(crate) fn sources(seat: Seat) -> impl Iterator<Item = Seat> {
    seat.others().filter(|other| direction(*other).is_sending())
}

/// The seats that receive the media of this seat.
pub(crate) fn receivers(seat: Seat) -> impl Iterator<Item = Seat> {
    let sends = direction(seat).is_sending();
    seat.others().filter(move |_| sends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_receives_from_exactly_those_that_send_to_it_and_never_from_itself() {
        for seat in Seat::ALL {
            for other in Seat::ALL {
                let receives = sources(seat).any(|source| source == other);
                let sends = receivers(other).any(|receiver| receiver == seat);
                assert_eq!(receives, sends, "{seat:?} and {other:?}");
            }
            assert!(sources(seat).all(|source| source != seat));
        }
    }
}
