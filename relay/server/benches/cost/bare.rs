//! str0m with nothing around it: an endpoint is drained after each datagram and each packet, and
//! woken when it wants to be.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::change::SdpOffer;
use str0m::media::{MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::sync::mpsc;

struct Peer {
    rtc: Rtc,
    wake_at: Instant,
    audio: Option<Mid>,
    video: Option<Mid>,
}

struct Relay {
    socket: UdpSocket,
    local: SocketAddr,
    /// Two after each other are a call.
    peers: Vec<Peer>,
    by_address: HashMap<SocketAddr, usize>,
    estimates: bool,
}

pub(crate) async fn run(estimates: bool) {
    let (tell, mut offers) = mpsc::channel::<String>(1);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        lines.for_each(|line| drop(tell.blocking_send(line)));
    });
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let receive = tokio::net::UdpSocket::from_std(socket.try_clone().unwrap()).unwrap();
    let mut relay = Relay {
        local: socket.local_addr().unwrap(),
        socket,
        peers: Vec::new(),
        by_address: HashMap::new(),
        estimates,
    };
    let mut buffer = [0; 2048];
    loop {
        while let Ok((length, from)) = receive.try_recv_from(&mut buffer) {
            relay.receive(&buffer[..length], from);
        }
        let wake_at = relay.wake();
        tokio::select! {
            biased;
            readable = receive.readable() => readable.unwrap(),
            offer = offers.recv() => match offer {
                Some(offer) => relay.answer(&offer),
                None => return,
            },
            () = tokio::time::sleep_until(wake_at.into()) => {}
        }
    }
}

impl Relay {
    fn answer(&mut self, line: &str) {
        let offer: String = serde_json::from_str(line).unwrap();
        let mut rtc = Rtc::builder()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .enable_bwe(self.estimates.then_some(Bitrate::kbps(600)))
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(self.local, "udp").unwrap());
        let offer = SdpOffer::from_sdp_string(&offer).unwrap();
        let answer = rtc.sdp_api().accept_offer(offer).unwrap();
        rtc.bwe()
            .set_bitrate(Bitrate::ZERO, Bitrate::bps(2_600_000));
        self.peers.push(Peer {
            rtc,
            wake_at: Instant::now(),
            audio: None,
            video: None,
        });
        self.drain(self.peers.len() - 1);
        println!(
            "{}",
            serde_json::to_string(&answer.to_sdp_string()).unwrap()
        );
    }

    fn receive(&mut self, bytes: &[u8], from: SocketAddr) {
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, bytes) else {
            return;
        };
        let input = Input::Receive(Instant::now(), receive);
        let known = self.by_address.get(&from).copied();
        let peer = known.or_else(|| self.peers.iter().position(|peer| peer.rtc.accepts(&input)));
        let Some(peer) = peer else {
            return;
        };
        self.by_address.insert(from, peer);
        self.peers[peer].rtc.handle_input(input).unwrap();
        self.drain(peer);
    }

    /// Wakes those that are due. Returns when the next one is.
    fn wake(&mut self) -> Instant {
        let now = Instant::now();
        for peer in 0..self.peers.len() {
            if self.peers[peer].wake_at <= now {
                let input = Input::Timeout(now);
                self.peers[peer].rtc.handle_input(input).unwrap();
                self.drain(peer);
            }
        }
        let next = self.peers.iter().map(|peer| peer.wake_at).min();
        next.unwrap_or_else(|| now + Duration::from_secs(60))
    }

    fn drain(&mut self, peer: usize) {
        loop {
            match self.peers[peer].rtc.poll_output().unwrap() {
                Output::Transmit(datagram) => {
                    let _ = self
                        .socket
                        .send_to(&datagram.contents, datagram.destination);
                }
                Output::Event(Event::MediaAdded(added)) => match added.kind {
                    MediaKind::Audio => self.peers[peer].audio = Some(added.mid),
                    MediaKind::Video => self.peers[peer].video = Some(added.mid),
                },
                Output::Event(Event::RtpPacket(packet)) => self.forward(peer, packet),
                Output::Event(_) => {}
                Output::Timeout(at) => {
                    let now = Instant::now();
                    if at > now {
                        self.peers[peer].wake_at = at;
                        return;
                    }
                    let input = Input::Timeout(now);
                    self.peers[peer].rtc.handle_input(input).unwrap();
                }
            }
        }
    }

    fn forward(&mut self, from: usize, packet: RtpPacket) {
        let to = from ^ 1;
        let Some(peer) = self.peers.get_mut(to) else {
            return;
        };
        let pt = packet.header.payload_type;
        let of = peer.rtc.codec_config().find(|params| params.pt() == pt);
        let is_audio = of.is_some_and(|params| params.spec().codec.is_audio());
        let section = if is_audio { peer.audio } else { peer.video };
        let mut direct = peer.rtc.direct_api();
        let Some(stream) = section.and_then(|mid| direct.stream_tx_by_mid(mid, None)) else {
            return;
        };
        let mut ext_vals = packet.header.ext_vals;
        ext_vals.mid = None;
        let write = RtpWrite::new(
            pt,
            packet.seq_no,
            packet.header.timestamp,
            packet.timestamp,
            packet.payload,
        );
        stream.write_rtp(
            write
                .marker(packet.header.marker)
                .ext_vals(ext_vals)
                .nackable(!is_audio),
        );
        self.drain(to);
    }
}
