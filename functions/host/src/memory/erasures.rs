//! Erasing in memory, in two steps like a store that can be cut off between them.

use sightline_session::State;
use sightline_wire::SessionId;

use super::{Memory, objects, step};
use crate::ports::{Committed, Erasure, Erasures, StoreError, Tombstone};
use crate::records::Record;

impl Erasures for Memory {
    async fn erase(&self, erasure: &Erasure) -> Result<Committed, StoreError> {
        let session = erasure.session;
        {
            let mut world = self.world();
            let world = &mut *world;
            let stored = world.sessions.get(&session).map(|stored| stored.revision);
            let buried = world.tombstones.contains_key(&session);
            if !buried && stored != Some(erasure.expected) {
                return Ok(Committed::Clash);
            }
            world.tombstones.insert(session, erasure.tombstone_until_s);
            world.store_deliveries(&erasure.deliveries);
            objects::fail(&mut world.faults.failed_erasures, "erase")?;
        }
        step().await;
        let mut world = self.world();
        world.sessions.remove(&session);
        world.summaries.remove(&session);
        world.entries.retain(|(_, place)| place.session != session);
        world.assignments.remove(&session);
        world.invites.retain(|_, of| *of != session);
        world.attachments.retain(|(of, _), _| *of != session);
        world.beside.retain(|(of, _), _| *of != session);
        world.minutes.retain(|(of, _, _), _| *of != session);
        for name in &erasure.counters {
            world.counters.remove(name);
        }
        Ok(Committed::Done)
    }

    async fn tombstone(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> Result<Option<Tombstone>, StoreError> {
        let world = self.world();
        let until_s = world.tombstones.get(&session);
        if until_s.is_none_or(|until_s| *until_s <= now_ms / 1_000) {
            return Ok(None);
        }
        Ok(Some(match world.sessions.get(&session) {
            Some(stored) => Tombstone::Unfinished(Box::new(State::decode(&stored.state)?)),
            None => Tombstone::Finished,
        }))
    }
}
