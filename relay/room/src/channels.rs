//! The two data channels of a participant, and what waits for `sure`.

use std::collections::VecDeque;

use sightline_wire::CHANNEL_MESSAGE_BYTES_MAX;
use str0m::Rtc;
use str0m::channel::ChannelId;

/// More bytes than this under way on `live`, and newer ones are dropped: what is late on it is
/// worthless.
const LIVE_BUFFER_BYTES_MAX: usize = 32 * 1024;
/// Most bytes that wait for `sure` beside str0m's own buffer (128 KiB). Beyond it messages are
/// dropped with a trace: a page notices the gap and asks the host, whose log is the truth.
const SURE_WAITING_BYTES_MAX: usize = 256 * 1024;
/// `sure` takes waiting messages when less than this is under way, bytes.
const SURE_LOW_BYTES: usize = 32 * 1024;
/// Most data channels a page may ever open: two are used.
const OPENED_MAX: u32 = 16;

/// Which of the two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Unordered, never sent again.
    Live,
    /// Ordered, reliable.
    Sure,
}

/// The channels one participant opened.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    live: Option<ChannelId>,
    sure: Option<ChannelId>,
    opened: u32,
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
}

/// A page that opens channel after channel.
#[derive(Debug)]
pub(crate) struct TooManyChannels;

impl Channels {
    /// The page opened a channel; labels other than the two are ignored.
    pub(crate) fn opened(
        &mut self,
        rtc: &mut Rtc,
        id: ChannelId,
        label: &str,
    ) -> Result<(), TooManyChannels> {
        self.opened += 1;
        if self.opened > OPENED_MAX {
            return Err(TooManyChannels);
        }
        match label {
            "live" => self.live = Some(id),
            "sure" => {
                self.sure = Some(id);
                if let Some(mut channel) = rtc.channel(id) {
                    channel.set_buffered_amount_low_threshold(SURE_LOW_BYTES);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A channel closed.
    pub(crate) fn closed(&mut self, id: ChannelId) {
        if self.live == Some(id) {
            self.live = None;
        }
        if self.sure == Some(id) {
            self.sure = None;
            self.waiting.clear();
            self.waiting_bytes = 0;
        }
    }

    /// The label of a message to pass on; `None` for what ends here: binary (the relay's own kind),
    /// too long, not text, or on a channel that is neither of the two.
    pub(crate) fn passes(&self, id: ChannelId, binary: bool, message: &[u8]) -> Option<Label> {
        if binary
            || message.len() > CHANNEL_MESSAGE_BYTES_MAX
            || std::str::from_utf8(message).is_err()
        {
            return None;
        }
        match Some(id) {
            id if id == self.live => Some(Label::Live),
            id if id == self.sure => Some(Label::Sure),
            _ => None,
        }
    }

    /// Sends a text that the other person wrote. Says whether it was taken.
    pub(crate) fn send_text(&mut self, rtc: &mut Rtc, label: Label, message: Vec<u8>) -> bool {
        match label {
            Label::Live => self.send_live(rtc, false, &message),
            Label::Sure => self.send_sure(rtc, message),
        }
    }

    /// Sends on `live`: now or never.
    pub(crate) fn send_live(&self, rtc: &mut Rtc, binary: bool, message: &[u8]) -> bool {
        let Some(mut channel) = self.live.and_then(|id| rtc.channel(id)) else {
            return false;
        };
        channel.buffered_amount() <= LIVE_BUFFER_BYTES_MAX
            && channel.write(binary, message).unwrap_or(false)
    }

    fn send_sure(&mut self, rtc: &mut Rtc, message: Vec<u8>) -> bool {
        let Some(id) = self.sure else {
            return false;
        };
        if self.waiting.is_empty()
            && let Some(mut channel) = rtc.channel(id)
            && channel.write(false, &message).unwrap_or(false)
        {
            return true;
        }
        if self.waiting_bytes + message.len() > SURE_WAITING_BYTES_MAX {
            return false;
        }
        self.waiting_bytes += message.len();
        self.waiting.push_back(message);
        true
    }

    /// Sends one message that waits, if there is room for it. Says whether it did: then there may
    /// be more.
    pub(crate) fn send_waiting(&mut self, rtc: &mut Rtc) -> bool {
        let Some(mut channel) = self.sure.and_then(|id| rtc.channel(id)) else {
            return false;
        };
        let Some(message) = self.waiting.front() else {
            return false;
        };
        if !channel.write(false, message).unwrap_or(false) {
            return false;
        }
        self.waiting_bytes -= message.len();
        self.waiting.pop_front();
        true
    }
}
