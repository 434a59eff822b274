//! The payload format of RFC 2198, section 3: headers of the earlier frames, the oldest first, each
//! with its distance in time and its length; the header of the newest frame; then all frames.

use std::collections::VecDeque;
use std::sync::Arc;

use str0m::media::Pt;
use str0m::rtp::RedDecoder;

use super::levels::LEVELS_MAX;

/// Most bytes of a payload with earlier frames: it must fit into a datagram of 1,200 bytes with all
/// headers. Three earlier frames of speech at 32 kbit/s are 330 bytes.
const BYTES_MAX: usize = 1_000;
/// Longest distance in time that a header can tell, in steps of the clock: 341 ms (14 bits).
const DISTANCE_MAX: u32 = (1 << 14) - 1;
/// Longest earlier frame that a header can tell, bytes (10 bits).
const FRAME_BYTES_MAX: usize = (1 << 10) - 1;
/// The bit of a header after which another one follows.
const MORE: u8 = 0x80;

/// A payload that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read<'a> {
    /// Earlier frames: how long before the newest, in steps of the clock, and their bytes.
    pub(super) earlier: Vec<(u32, &'a [u8])>,
    /// The newest frame.
    pub(super) newest: &'a [u8],
}

/// Reads a payload. `None` if it is malformed or its newest frame is not of this payload type;
/// earlier frames of other types are left out.
pub(super) fn read(payload: &[u8], pt: Pt) -> Option<Read<'_>> {
    let blocks = RedDecoder::decode(payload).ok()?;
    let (newest, earlier) = blocks.split_last()?;
    if newest.pt != *pt || newest.payload.is_empty() {
        return None;
    }
    let wanted = earlier
        .iter()
        .filter(|block| block.pt == *pt && block.timestamp_offset > 0 && !block.payload.is_empty());
    Some(Read {
        earlier: wanted
            .map(|block| (block.timestamp_offset, block.payload))
            .collect(),
        newest: newest.payload,
    })
}

/// The frames that a receiver was sent of late.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Time and bytes, the oldest first.
    frames: VecDeque<(u32, Arc<[u8]>)>,
}

impl Sent {
    /// Returns a payload with this frame and up to `levels` of those before it, and keeps the frame
    /// for the next ones. `None` without a level, or where the frame leaves no room.
    pub(crate) fn wrap(
        &mut self,
        time: u32,
        frame: &Arc<[u8]>,
        pt: Pt,
        levels: usize,
    ) -> Option<Arc<[u8]>> {
        let fits = levels > 0 && frame.len() < BYTES_MAX;
        let wrapped = fits.then(|| Arc::from(write(frame, pt, self.earlier(time, levels))));
        let newest = self.frames.back().map(|(newest, _)| *newest);
        if newest.is_none_or(|newest| is_before(newest, time)) {
            self.frames.push_back((time, frame.clone()));
            if self.frames.len() > LEVELS_MAX {
                self.frames.pop_front();
            }
        }
        wrapped
    }

    /// The frames before this time that can be told, the newest first.
    fn earlier(&self, time: u32, levels: usize) -> impl Iterator<Item = (u32, &[u8])> {
        let known = self.frames.iter().rev().take(levels);
        let before = known.filter(move |(at, _)| is_before(*at, time));
        let distances = before.map(move |(at, frame)| (time.wrapping_sub(*at), &**frame));
        distances
            .filter(|(distance, frame)| *distance <= DISTANCE_MAX && frame.len() <= FRAME_BYTES_MAX)
    }
}

/// Whether a time of the clock, which wraps around, is before another.
fn is_before(time: u32, other: u32) -> bool {
    other.wrapping_sub(time).cast_signed() > 0
}

/// Writes a payload, with as many earlier frames as there is room for. They come the newest first.
fn write<'a>(frame: &[u8], pt: Pt, earlier: impl Iterator<Item = (u32, &'a [u8])>) -> Vec<u8> {
    let mut bytes = frame.len() + 1;
    let mut kept = [(0, [].as_slice()); LEVELS_MAX];
    let mut count = 0;
    for (place, (distance, frame)) in kept.iter_mut().zip(earlier) {
        bytes += 4 + frame.len();
        if bytes > BYTES_MAX {
            break;
        }
        *place = (distance, frame);
        count += 1;
    }
    let kept = kept.iter().take(count);
    let mut payload = Vec::with_capacity(bytes);
    for (distance, frame) in kept.clone().rev() {
        payload.push(MORE | *pt);
        // Both fit: 14 bits of the distance, 10 of the length.
        let told = distance << 10 | frame.len() as u32;
        payload.extend_from_slice(&told.to_be_bytes()[1..]);
    }
    payload.push(*pt);
    for (_, frame) in kept.clone().rev() {
        payload.extend_from_slice(frame);
    }
    payload.extend_from_slice(frame);
    payload
}

#[cfg(test)]
mod tests;
