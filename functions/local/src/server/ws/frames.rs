//! Watches the bytes of a WebSocket as they arrive, below the protocol: what is no message costs
//! time too. Pure.

/// Bytes that may arrive at once. The longest message has 24 KiB, and of those 60 may arrive at
/// once.
pub const BYTES_BURST: u64 = 2 * 1024 * 1024;
/// Bytes per second that may arrive continuously.
pub const BYTES_PER_S: u64 = 256 * 1024;
/// Frames that may arrive at once: more than the messages after which a connection is closed
/// anyway, so that a page is warned first.
pub const FRAMES_BURST: u64 = 512;
/// Frames per second that may arrive continuously. Browsers send a message in one frame.
pub const FRAMES_PER_S: u64 = 128;
/// Reads that may find something at once. A message may come in many packets.
pub const READS_BURST: u64 = 4_096;
/// Reads per second that may find something continuously: small packets at the highest byte rate.
pub const READS_PER_S: u64 = 512;
/// How long a message may take from its first byte to its last, milliseconds. The longest one takes
/// 10 s at 20 kbit/s.
pub const MESSAGE_WITHIN_MS: u64 = 10_000;

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overrun {
    /// More bytes, frames or reads than allowed.
    Flood,
    /// A message was not finished in time.
    Unfinished,
}

/// The budget of one connection, and where in its frames it is.
#[derive(Debug)]
pub struct Watch {
    frames: Frames,
    bytes: Level,
    frame: Level,
    read: Level,
    unfinished_since_ms: Option<u64>,
}

impl Watch {
    /// With a full budget. Times are milliseconds since any moment.
    pub const fn new(now_ms: u64) -> Self {
        Self {
            frames: Frames::new(),
            bytes: Level::new(BYTES_BURST, BYTES_PER_S, now_ms),
            frame: Level::new(FRAMES_BURST, FRAMES_PER_S, now_ms),
            read: Level::new(READS_BURST, READS_PER_S, now_ms),
            unfinished_since_ms: None,
        }
    }

    /// Accounts for one read that found `bytes`.
    ///
    /// # Errors
    /// When the connection must be closed.
    pub fn read(&mut self, bytes: &[u8], now_ms: u64) -> Result<(), Overrun> {
        let Passed { frames, ended } = self.frames.pass(bytes);
        let within = self.bytes.take(bytes.len() as u64, now_ms)
            & self.frame.take(frames, now_ms)
            & self.read.take(1, now_ms);
        if !within {
            return Err(Overrun::Flood);
        }
        if self.frames.is_between() {
            self.unfinished_since_ms = None;
        } else if ended || self.unfinished_since_ms.is_none() {
            self.unfinished_since_ms = Some(now_ms);
        }
        match self.due_ms() {
            Some(due_ms) if due_ms <= now_ms => Err(Overrun::Unfinished),
            _ => Ok(()),
        }
    }

    /// When the message that has begun must be finished.
    pub fn due_ms(&self) -> Option<u64> {
        self.unfinished_since_ms
            .map(|since_ms| since_ms + MESSAGE_WITHIN_MS)
    }
}

/// A token bucket.
#[derive(Debug)]
struct Level {
    /// In thousandths.
    level: u64,
    full: u64,
    per_s: u64,
    at_ms: u64,
}

impl Level {
    const fn new(burst: u64, per_s: u64, now_ms: u64) -> Self {
        Self {
            level: burst * 1_000,
            full: burst * 1_000,
            per_s,
            at_ms: now_ms,
        }
    }

    fn take(&mut self, amount: u64, now_ms: u64) -> bool {
        let passed_ms = now_ms.saturating_sub(self.at_ms);
        self.at_ms = self.at_ms.max(now_ms);
        let refilled = self
            .level
            .saturating_add(passed_ms.saturating_mul(self.per_s));
        let left = refilled.min(self.full).checked_sub(amount * 1_000);
        self.level = left.unwrap_or_default();
        left.is_some()
    }
}

/// Finds where frames begin and end (RFC 6455 section 5.2).
#[derive(Debug)]
struct Frames {
    stage: Stage,
    /// A message has begun whose last frame is still to come.
    open: bool,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Before a frame.
    Between,
    /// After its first byte, which is carried along to its end.
    Begun(u8),
    /// In the length and the mask, of which `left` bytes are to come. The last 4 are the mask.
    Head {
        first: u8,
        left: u8,
        mask: u8,
        length: u64,
    },
    /// In the payload.
    Payload { first: u8, left: u64 },
}

struct Passed {
    /// Frames that began.
    frames: u64,
    /// A message ended.
    ended: bool,
}

impl Frames {
    const fn new() -> Self {
        Self {
            stage: Stage::Between,
            open: false,
        }
    }

    /// Whether no message is unfinished.
    const fn is_between(&self) -> bool {
        matches!(self.stage, Stage::Between) && !self.open
    }

    fn pass(&mut self, mut bytes: &[u8]) -> Passed {
        let mut passed = Passed {
            frames: 0,
            ended: false,
        };
        while let Some((&byte, rest)) = bytes.split_first() {
            bytes = rest;
            self.stage = match self.stage {
                Stage::Between => {
                    passed.frames += 1;
                    Stage::Begun(byte)
                }
                Stage::Begun(first) => length_of(first, byte),
                Stage::Head {
                    first,
                    left,
                    mask,
                    length,
                } => {
                    let length = match left > mask {
                        true => length << 8 | u64::from(byte),
                        false => length,
                    };
                    let left = left - 1;
                    Stage::Head {
                        first,
                        left,
                        mask,
                        length,
                    }
                }
                Stage::Payload { first, left } => {
                    let more = left.saturating_sub(1).min(bytes.len() as u64);
                    bytes = bytes.get(more as usize..).unwrap_or_default();
                    Stage::Payload {
                        first,
                        left: left.saturating_sub(1 + more),
                    }
                }
            };
            self.settle(&mut passed);
        }
        passed
    }

    /// Leaves a part of a frame of which nothing is to come.
    fn settle(&mut self, passed: &mut Passed) {
        if let Stage::Head {
            first,
            left: 0,
            length,
            ..
        } = self.stage
        {
            self.stage = Stage::Payload {
                first,
                left: length,
            };
        }
        if let Stage::Payload { first, left: 0 } = self.stage {
            self.stage = Stage::Between;
            let is_control = first & 0x08 != 0;
            if !is_control {
                self.open = first & 0x80 == 0;
            }
            passed.ended |= !self.open;
        }
    }
}

/// The rest of the head, by its second byte.
const fn length_of(first: u8, second: u8) -> Stage {
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (bytes, length) = match second & 0x7f {
        126 => (2, 0),
        127 => (8, 0),
        short => (0, short as u64),
    };
    Stage::Head {
        first,
        left: bytes + mask,
        mask,
        length,
    }
}

#[cfg(test)]
mod tests;
