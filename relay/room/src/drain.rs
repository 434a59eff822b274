//! Takes what an endpoint wants to send and to say.
//!
//! Each turn of str0m costs as much as the cryptography of a packet: taking an output looks at
//! everything in the endpoint, and so does telling it the time. So an endpoint takes all packets of
//! a batch before it is drained once, and hears the time where that brings out the next packet.

use std::time::{Duration, Instant};

use str0m::rtp::RtpPacket;
use str0m::{Event, Rtc};

use crate::demux;
use crate::io::{Output, TransportKey};
use crate::participant::{Participant, ParticipantEvent};

/// Most immediate timeouts of one endpoint in a row. More is a busy loop inside str0m, which must
/// not stop the other endpoints.
const TIMEOUTS_MAX: u32 = 64;
/// Most packets of one endpoint that go out in a row without a wait.
const PACKETS_MAX: u32 = 1024;

impl Participant {
    /// Handles str0m's timeout. Must be followed by [`Self::drain`].
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.contained(|rtc| rtc.handle_input(str0m::Input::Timeout(now)));
    }

    /// Takes the packet of media that came with the last datagram. The endpoint keeps one only, so
    /// this must come before the next datagram. Must be followed by [`Self::drain`], some time.
    pub(crate) fn take_packet(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) -> Option<RtpPacket> {
        // Whatever goes wrong here goes wrong in `drain` again.
        while !self.dead {
            match self.contained(Rtc::poll_output)? {
                Ok(str0m::Output::Event(Event::RtpPacket(packet))) => return Some(packet),
                Ok(str0m::Output::Event(event)) => {
                    if let Some(event) = self.handle_event(event, now) {
                        report(self.key, event);
                    }
                }
                Ok(str0m::Output::Transmit(transmit)) => {
                    self.written |= demux::is_rtp(&transmit.contents);
                    out(Output::Transmit(transmit));
                }
                Ok(str0m::Output::Timeout(_)) | Err(_) => return None,
            }
        }
        None
    }

    /// Takes all outputs of str0m, and lets it ask for missing packets when it is time. Must follow
    /// every change to `rtc`.
    pub(crate) fn drain(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) {
        let asks = self.missed.take(now);
        if asks {
            self.may_ask_again(true);
            self.take_outputs(now, report, out);
            self.may_ask_again(false);
        }
        if self.missed.take_lost() {
            self.has_news = true;
            self.keyframes.request();
        }
        self.take_outputs(now, report, out);
        let ask_at = self.missed.due();
        self.timeout_at = ask_at.map_or(self.timeout_at, |at| at.min(self.timeout_at));
    }

    fn take_outputs(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) {
        if std::mem::take(&mut self.written) {
            self.handle_timeout(now);
        }
        let (mut timeouts, mut packets) = (0, 0);
        while !self.dead {
            let Some(output) = self.contained(Rtc::poll_output) else {
                self.dead = true;
                report(self.key, ParticipantEvent::Gone);
                break;
            };
            match output {
                Ok(str0m::Output::Transmit(transmit)) => {
                    // After each packet the pacer wants the time a microsecond later, before it
                    // gives out another (0.25, `LeakyBucketPacer`).
                    let is_paced = demux::is_rtp(&transmit.contents);
                    out(Output::Transmit(transmit));
                    packets += 1;
                    if is_paced && packets < PACKETS_MAX {
                        self.handle_timeout(now);
                    }
                }
                Ok(str0m::Output::Event(event)) => {
                    if let Some(event) = self.handle_event(event, now) {
                        report(self.key, event);
                    }
                }
                Ok(str0m::Output::Timeout(_)) if self.closing => self.rtc.disconnect(),
                Ok(str0m::Output::Timeout(at)) if at > now => {
                    self.timeout_at = at;
                    break;
                }
                Ok(str0m::Output::Timeout(_)) => {
                    timeouts += 1;
                    if timeouts > TIMEOUTS_MAX {
                        self.timeout_at = now + Duration::from_millis(1);
                        break;
                    }
                    self.handle_timeout(now);
                }
                Err(_) => {
                    timeouts += 1;
                    if timeouts > TIMEOUTS_MAX {
                        self.rtc.disconnect();
                    }
                }
            }
            if !self.rtc.is_alive() && !self.dead {
                self.dead = true;
                report(self.key, ParticipantEvent::Gone);
            }
        }
    }
}
