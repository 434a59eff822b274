//! What only the tests may see of an SFU.

use sightline_wire::SessionId;

use super::Sfu;
use crate::room::Room;

impl Sfu {
    /// How often all endpoints were given something or asked.
    pub(crate) fn turns(&self) -> u64 {
        let participants = self.rooms.values().flat_map(Room::participants);
        participants.map(|p| p.passing.turns).sum()
    }

    pub(crate) fn any_ufrag(&self) -> String {
        self.registry.any_ufrag()
    }

    pub(crate) fn plant(&mut self, session: SessionId, planted: fn(&[u8]) -> bool) {
        let key = self.sessions[&session];
        self.rooms.get_mut(&key).unwrap().planted = Some(planted);
    }
}
