//! Marks of calls to be counted, and counts.

use super::{Memory, objects, step};
use crate::ports::{CallFigures, CountedCall, StoreError, Uncounted};
use crate::records::{Counts, Record as _};

impl CallFigures for Memory {
    async fn uncounted(
        &self,
        after: Option<Uncounted>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Uncounted>, StoreError> {
        step().await;
        let world = self.world();
        let marks = world.uncounted.iter().copied();
        let marks = marks.filter(|mark| after.is_none_or(|after| *mark > after));
        let marks = marks.take_while(|mark| mark.due_ms <= now_ms);
        Ok(marks.take(limit).collect())
    }

    async fn count_call(&self, call: &CountedCall) -> Result<bool, StoreError> {
        step().await;
        let mut world = self.world();
        objects::fail(&mut world.faults.failed_figures, "count a call")?;
        if !world.uncounted.remove(&call.mark) {
            return Ok(false);
        }
        let place = (call.day, call.shard);
        let stored = world.figures.get(&place);
        let mut counts = stored.map_or(Ok(Counts::default()), |bytes| Counts::decode(bytes))?;
        counts.add_all(&call.counts);
        world.figures.insert(place, counts.encode());
        Ok(true)
    }

    async fn counts(&self, from: u32, to: u32) -> Result<Vec<(u32, Counts)>, StoreError> {
        step().await;
        let world = self.world();
        let mut days: Vec<(u32, Counts)> = Vec::new();
        for ((day, _), bytes) in world.figures.range((from, 0)..=(to, u8::MAX)) {
            let counts = Counts::decode(bytes)?;
            match days.last_mut().filter(|(last, _)| last == day) {
                Some((_, all)) => all.add_all(&counts),
                None => days.push((*day, counts)),
            }
        }
        Ok(days)
    }
}
