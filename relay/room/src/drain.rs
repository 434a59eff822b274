//! Takes what an endpoint wants to send and to say.
//!
//! Each turn of str0m costs as much as the cryptography of a packet: taking an output looks at
//! everything in the endpoint, and so does telling it the time. So an endpoint takes all packets of
//! a batch before it is drained once, and hears the time where that brings out the next packet.
//! While its link carries all that is wanted, packets pass without draining it: what it has to say
//! for itself waits until one of its deadlines, or for [`RESTS_FOR`].

use std::time::{Duration, Instant};

use str0m::rtp::RtpPacket;
use str0m::{Event, PacerReason, Reason, Rtc};

use crate::deadlines::Deadline;
use crate::demux;
use crate::io::{Output, TransportKey};
use crate::participant::{Participant, ParticipantEvent};

/// Most immediate timeouts of one endpoint in a row. More is a busy loop inside str0m, which must
/// not stop the other endpoints.
const TIMEOUTS_MAX: u32 = 64;
/// Most packets of one endpoint that go out in a row without a wait.
const PACKETS_MAX: u32 = 1024;
/// How long packets may pass before an endpoint is drained: a deadline may have come up of which it
/// has not told. The reports to its page, every 50 ms, come so much later at most.
const RESTS_FOR: Duration = Duration::from_millis(40);
/// A deadline waits this long for a packet that passes, which brings the time with it: a picture
/// has one every 3 ms.
pub(crate) const PASSES_WITHIN: Duration = Duration::from_millis(4);

impl Participant {
    /// When to wake the endpoint, if no packet does.
    pub(crate) fn wakes(&self) -> Deadline {
        let mut wakes = Deadline::at(self.timeout_at);
        if self.passing.calm && self.missed.is_calm() {
            wakes.by += PASSES_WITHIN;
        }
        wakes
    }

    /// Handles str0m's timeout. Must be followed by [`Self::drain`].
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.passing.written = false;
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
                    self.passing.stirred = true;
                    if let Some(event) = self.handle_event(event, now) {
                        report(self.key, event);
                    }
                }
                Ok(str0m::Output::Transmit(transmit)) => {
                    self.note_leaving(&transmit.contents);
                    out(Output::Transmit(transmit));
                }
                Ok(str0m::Output::Timeout(_)) | Err(_) => return None,
            }
        }
        None
    }

    /// Notes a packet that was written into one of its streams.
    pub(crate) fn note_written(&mut self) {
        self.passing.written = true;
        self.passing.unsent += 1;
    }

    /// Notes a datagram that leaves. Returns whether it is a packet of media.
    fn note_leaving(&mut self, datagram: &[u8]) -> bool {
        let is_rtp = demux::is_rtp(datagram);
        self.passing.written |= is_rtp;
        if self.passing.unsent > 0 && self.is_first(datagram) {
            self.passing.unsent -= 1;
        }
        is_rtp
    }

    /// Whether the endpoint may be left alone after packets went in or out.
    pub(crate) fn may_rest(&mut self, now: Instant) -> bool {
        let busy = self.passing.stirred
            || self.closing
            || self.passing.unsent > 0
            || !self.missed.is_calm();
        let rests = self.passing.calm && !busy && now < self.timeout_at;
        if rests {
            self.timeout_at = self.timeout_at.min(now + RESTS_FOR);
        }
        rests
    }

    /// Sends the packets that were written. Drains the endpoint, if it cannot wait.
    pub(crate) fn drain_media(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) {
        while self.passing.calm && !self.passing.stirred && self.passing.unsent > 0 {
            if !self.send_one(now, report, out) {
                break;
            }
        }
        if !self.may_rest(now) {
            self.drain(now, report, out);
        }
    }

    /// Sends one packet of media. Returns whether there was one.
    fn send_one(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) -> bool {
        if self.passing.written {
            self.handle_timeout(now);
        }
        // Whatever goes wrong here goes wrong in `drain` again.
        while let Some(Ok(output)) = self.contained(Rtc::poll_output) {
            match output {
                str0m::Output::Transmit(transmit) => {
                    let is_media = self.note_leaving(&transmit.contents);
                    out(Output::Transmit(transmit));
                    if is_media {
                        return true;
                    }
                }
                str0m::Output::Event(event) => {
                    self.passing.stirred = true;
                    if let Some(event) = self.handle_event(event, now) {
                        report(self.key, event);
                    }
                }
                str0m::Output::Timeout(_) => break,
            }
        }
        false
    }

    /// Takes all outputs of str0m, and lets it ask for missing packets when it is time. Must follow
    /// every change to `rtc`.
    pub(crate) fn drain(
        &mut self,
        now: Instant,
        report: &mut impl FnMut(TransportKey, ParticipantEvent),
        out: &mut impl FnMut(Output),
    ) {
        self.passing.stirred = false;
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
        if self.passing.written {
            self.handle_timeout(now);
        }
        let (mut timeouts, mut packets) = (0, 0);
        while !self.dead && self.rtc.is_alive() {
            let Some(output) = self.contained(Rtc::poll_output) else {
                self.dead = true;
                report(self.key, ParticipantEvent::Gone);
                break;
            };
            match output {
                Ok(str0m::Output::Transmit(transmit)) => {
                    // After each packet the pacer wants the time a microsecond later, before it
                    // gives out another (0.25, `LeakyBucketPacer`).
                    let is_paced = self.note_leaving(&transmit.contents);
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
                    self.plan_timeout(at, now);
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
        }
        if !self.rtc.is_alive() && !self.dead {
            self.dead = true;
            report(self.key, ParticipantEvent::Gone);
        }
    }

    /// Notes when the endpoint wants to be woken. What brings out no packet may wait a little.
    fn plan_timeout(&mut self, at: Instant, now: Instant) {
        let why = self.rtc.last_timeout_reason();
        let paces = matches!(
            why,
            Reason::Pacer(PacerReason::Paced | PacerReason::Probe1 | PacerReason::Probe2)
        );
        self.passing.calm = self.link.is_wide() && !paces && self.passing.unsent == 0;
        let can_wait = matches!(
            why,
            Reason::Nack
                | Reason::PauseCheck
                | Reason::BweDelayControl
                | Reason::BweProbeControl
                | Reason::BweProbeEstimator
                | Reason::Pacer(PacerReason::Handle)
        );
        self.timeout_at = if self.passing.calm && can_wait {
            at.max(now + RESTS_FOR)
        } else {
            at
        };
    }
}
