//! Notes and ratings in memory.

use sightline_wire::{Seat, SessionId};

use super::{Memory, World};
use crate::ports::{BesideLog, StoreError};
use crate::records::{BesideRecord, CaseRecords, NoteRecord, RatingRecord, Record};

/// A place beside the log: a note and its version, or a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Note(u8, u8),
    Rating(Seat),
}

impl World {
    pub(super) fn store_beside(&mut self, session: SessionId, beside: &[BesideRecord]) {
        for record in beside {
            let (place, bytes) = match record {
                BesideRecord::Note(note) => {
                    let place = note.place;
                    (Place::Note(place.n, place.version), note.encode())
                }
                BesideRecord::Rating(seat, rating) => (Place::Rating(*seat), rating.encode()),
            };
            self.beside.insert((session, place), bytes);
        }
    }
}

impl BesideLog for Memory {
    async fn case_records(&self, session: SessionId) -> Result<CaseRecords, StoreError> {
        let world = self.world();
        let mut records = CaseRecords::default();
        let of_session = (world.beside.iter()).filter(|((of, _), _)| *of == session);
        for ((_, place), bytes) in of_session {
            match place {
                Place::Note(..) => records.notes.push(NoteRecord::decode(bytes)?),
                Place::Rating(seat) => {
                    *records.ratings.get_mut(*seat) = Some(RatingRecord::decode(bytes)?);
                }
            }
        }
        Ok(records)
    }
}
