//! The seats of a session, and a map with a value for each seat.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A seat of a session.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    TS,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// The person who invites.
    Agent,
    /// The person who shows.
    Customer,
}

impl Seat {
    /// Every seat, in the order of the variants. Everything iterates in this order.
    pub const ALL: [Self; 2] = [Self::Agent, Self::Customer];

    /// All other seats, in the order of [`Seat::ALL`].
    pub fn others(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |seat| *seat != self)
    }
}

/// A map with a value for every seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats<T>([T; Seat::ALL.len()]);

#[expect(
    clippy::indexing_slicing,
    reason = "there is one value for each variant of `Seat`, in their order"
)]
impl<T> Seats<T> {
    /// Makes the value of each seat.
    pub fn from_fn(value: impl FnMut(Seat) -> T) -> Self {
        Self(Seat::ALL.map(value))
    }

    /// The value of a seat.
    pub const fn get(&self, seat: Seat) -> &T {
        &self.0[seat as usize]
    }

    /// The value of a seat, mutable.
    pub const fn get_mut(&mut self, seat: Seat) -> &mut T {
        &mut self.0[seat as usize]
    }

    /// The seats with their values, in the order of [`Seat::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Seat, &T)> {
        Seat::ALL.into_iter().zip(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seat_has_the_value_that_was_made_for_it() {
        let mut seats = Seats::from_fn(|seat| vec![seat]);
        for seat in Seat::ALL {
            assert_eq!(*seats.get(seat), [seat]);
            seats.get_mut(seat).clear();
        }
        assert!(seats.iter().all(|(_, value)| value.is_empty()));
        assert!(seats.iter().map(|(seat, _)| seat).eq(Seat::ALL));
    }

    #[test]
    fn a_seat_is_not_among_the_others() {
        for seat in Seat::ALL {
            assert_eq!(seat.others().count(), Seat::ALL.len() - 1);
            assert!(seat.others().all(|other| other != seat));
        }
    }
}
