//! A page without a browser, on a real UDP socket.

use std::time::{Duration, Instant};

use sightline_wire::{PageId, RelayHears, RelaySays, Sdp, Seat, SessionId};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

pub(crate) struct Page {
    rtc: Rtc,
    socket: UdpSocket,
    seat: Seat,
    name: u8,
    offer: Sdp,
    pending: Option<SdpPendingOffer>,
    audio: Mid,
    connected: bool,
    sent: u64,
    send_at: Instant,
    pub(crate) closed: bool,
    /// Who sent each media packet that arrived.
    pub(crate) media: Vec<u8>,
}

impl Page {
    pub(crate) async fn new(name: u8, seat: Seat) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let now = Instant::now();
        let mut rtc = Rtc::builder().set_rtp_mode(true).build(now);
        let at = socket.local_addr().unwrap();
        rtc.add_local_candidate(Candidate::host(at, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
        api.add_channel("sure".into());
        let (offer, pending) = api.apply().unwrap();
        Self {
            rtc,
            socket,
            seat,
            name,
            offer: Sdp::new(offer.to_sdp_string()).unwrap(),
            pending: Some(pending),
            audio,
            connected: false,
            sent: 0,
            send_at: now,
            closed: false,
            media: vec![],
        }
    }

    pub(crate) fn offer(&self, session: SessionId) -> RelayHears {
        RelayHears::Offer {
            session,
            epoch: 1,
            seat: self.seat,
            page: PageId::from_bytes([self.name; 16]),
            attempt: 1,
            speaks: true,
            sdp: self.offer.clone(),
        }
    }

    pub(crate) fn take(&mut self, answer: RelaySays) {
        let RelaySays::Answer { sdp, seat, .. } = answer else {
            panic!("expected an answer, got {answer:?}");
        };
        assert_eq!(seat, self.seat);
        let answer = SdpAnswer::from_sdp_string(sdp.as_str()).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// Says goodbye.
    pub(crate) async fn leave(&mut self) {
        self.rtc.close().unwrap();
        self.drain().await;
    }

    pub(crate) fn seen(&self, packets: usize) -> bool {
        self.media.len() >= packets
    }

    /// Lives, sending sound, until something is so; and a little longer, so that the other side sees it too.
    pub(crate) async fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        let mut linger = None;
        let mut buffer = vec![0; 2048];
        loop {
            if linger.is_none() && done(self) {
                linger = Some(Instant::now() + Duration::from_millis(300));
            }
            if linger.is_some_and(|until| Instant::now() >= until) {
                return;
            }
            let wake_at = self.drain().await;
            if self.closed {
                return;
            }
            let wake_at = if self.connected {
                wake_at.min(self.send_at)
            } else {
                wake_at
            };
            let wake_at = wake_at.min(Instant::now() + Duration::from_millis(50));
            tokio::select! {
                () = tokio::time::sleep_until(wake_at.into()) => {
                    let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
                }
                received = self.socket.recv_from(&mut buffer) => {
                    let (length, source) = received.unwrap();
                    let to = self.socket.local_addr().unwrap();
                    let receive = Receive::new(Protocol::Udp, source, to, &buffer[..length]);
                    let input = Input::Receive(Instant::now(), receive.unwrap());
                    let _ = self.rtc.handle_input(input);
                }
            }
            self.drain().await;
            self.speak();
        }
    }

    fn speak(&mut self) {
        let now = Instant::now();
        if !self.connected || self.closed || now < self.send_at {
            return;
        }
        self.send_at = now + Duration::from_millis(10);
        let opus = self
            .rtc
            .codec_config()
            .find(|p| p.spec().codec.is_audio())
            .unwrap()
            .pt();
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(self.audio, None) else {
            return;
        };
        let (seq, time) = (100 + self.sent, self.sent as u32 * 480);
        stream.write_rtp(RtpWrite::new(
            opus,
            seq.into(),
            time,
            now,
            vec![self.name; 60],
        ));
        self.sent += 1;
    }

    async fn drain(&mut self) -> Instant {
        let mut turns = 0;
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(t)) => {
                    let _ = self.socket.send_to(&t.contents, t.destination).await;
                }
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::Closed)) => self.closed = true,
                Ok(Output::Event(Event::RtpPacket(packet))) => {
                    self.media.extend(packet.payload.first());
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(at)) => {
                    let now = Instant::now();
                    turns += 1;
                    if at > now || turns > 20 || !self.rtc.is_alive() {
                        return at;
                    }
                    let _ = self.rtc.handle_input(Input::Timeout(now));
                }
                Err(_) => {
                    self.closed = true;
                    return Instant::now();
                }
            }
        }
    }
}
