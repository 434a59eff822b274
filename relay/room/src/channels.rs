//! The two data channels of a participant, and the messages that wait for `sure`.

use std::collections::VecDeque;

use sightline_wire::CHANNEL_MESSAGE_BYTES_MAX;
use str0m::Rtc;
use str0m::channel::ChannelId;

/// Most bytes in flight on `live`. Newer messages are dropped beyond it: a late one is worthless.
const LIVE_BUFFER_BYTES_MAX: usize = 32 * 1024;
/// Most bytes that wait for `sure` beside str0m's own buffer (128 KiB). Messages are dropped beyond
/// it: a page notices the gap and asks the host, whose log is complete.
const SURE_WAITING_BYTES_MAX: usize = 256 * 1024;
/// Bytes in flight on `sure` below which waiting messages are sent.
const SURE_LOW_BYTES: usize = 32 * 1024;
/// Most data channels that a page may ever open. Two are used.
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

/// The page opened more than [`OPENED_MAX`] channels.
#[derive(Debug)]
pub(crate) struct TooManyChannels;

impl Channels {
    /// Notes a channel that the page opened. Ignores labels other than the two.
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

    /// Notes that a channel closed.
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

    /// Whether a channel is `sure`.
    pub(crate) fn is_sure(&self, id: ChannelId) -> bool {
        self.sure == Some(id)
    }

    /// The label of a message to forward. `None` if the message must be dropped: it is binary (only
    /// the relay sends those), too long, not UTF-8, or on neither of the two channels.
    pub(crate) fn label_of(&self, id: ChannelId, binary: bool, message: &[u8]) -> Option<Label> {
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

    /// Sends a text of another page. Returns whether it was sent or queued.
    pub(crate) fn send_text(&mut self, rtc: &mut Rtc, label: Label, message: &[u8]) -> bool {
        match label {
            Label::Live => self.send_live(rtc, false, message),
            Label::Sure => self.send_sure(rtc, message),
        }
    }

    /// Sends on `live` at once, or not at all. Returns whether it was sent.
    pub(crate) fn send_live(&self, rtc: &mut Rtc, binary: bool, message: &[u8]) -> bool {
        let Some(mut channel) = self.live.and_then(|id| rtc.channel(id)) else {
            return false;
        };
        channel.buffered_amount() <= LIVE_BUFFER_BYTES_MAX
            && channel.write(binary, message).unwrap_or(false)
    }

    fn send_sure(&mut self, rtc: &mut Rtc, message: &[u8]) -> bool {
        let Some(id) = self.sure else {
            return false;
        };
        if self.waiting.is_empty()
            && let Some(mut channel) = rtc.channel(id)
            && channel.write(false, message).unwrap_or(false)
        {
            return true;
        }
        if self.waiting_bytes + message.len() > SURE_WAITING_BYTES_MAX {
            return false;
        }
        self.waiting_bytes += message.len();
        self.waiting.push_back(message.to_vec());
        true
    }

    /// Sends one waiting message if there is room for it. Returns whether it did, so that the
    /// caller tries the next one.
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
