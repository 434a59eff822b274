//! A page without a browser, on a real socket.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sightline_wire::{PageId, RelayHears, RelaySays, Sdp, Seat, SessionId};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::ChannelConfig;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;

/// How a page reaches the relay.
enum Way {
    Udp(UdpSocket),
    Tcp(Stream),
    /// Over TCP, once the answer says where.
    NotYet,
}

struct Stream {
    write: OwnedWriteHalf,
    /// Datagrams, read by a task: half of one must not be lost with a wait that was given up.
    read: mpsc::Receiver<Vec<u8>>,
    local: SocketAddr,
    relay: SocketAddr,
}

impl Way {
    fn protocol(&self) -> Protocol {
        match self {
            Self::Udp(_) => Protocol::Udp,
            Self::Tcp(_) | Self::NotYet => Protocol::Tcp,
        }
    }

    fn local(&self) -> SocketAddr {
        match self {
            Self::Udp(socket) => socket.local_addr().unwrap(),
            Self::Tcp(stream) => stream.local,
            Self::NotYet => panic!("no answer came"),
        }
    }

    async fn send(&mut self, bytes: &[u8], to: SocketAddr) {
        let _ = match self {
            Self::Udp(socket) => socket.send_to(bytes, to).await.map(drop),
            Self::Tcp(stream) => {
                let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
                stream.write.write_all(&[&length, bytes].concat()).await
            }
            Self::NotYet => Ok(()),
        };
    }

    async fn receive(&mut self) -> (Vec<u8>, SocketAddr) {
        match self {
            Self::Udp(socket) => {
                let mut buffer = vec![0; 2048];
                let (length, source) = socket.recv_from(&mut buffer).await.unwrap();
                buffer.truncate(length);
                (buffer, source)
            }
            Self::Tcp(stream) => match stream.read.recv().await {
                Some(bytes) => (bytes, stream.relay),
                None => std::future::pending().await,
            },
            Self::NotYet => std::future::pending().await,
        }
    }
}

async fn read_on(mut read: OwnedReadHalf, tell: mpsc::Sender<Vec<u8>>) -> io::Result<()> {
    loop {
        let mut bytes = vec![0; usize::from(read.read_u16().await?)];
        read.read_exact(&mut bytes).await?;
        let _ = tell.send(bytes).await;
    }
}

/// Where the answer says the relay is.
pub(crate) fn place(answer: &Sdp, protocol: &str) -> SocketAddr {
    let mut parts = answer.as_str().lines().filter_map(|line| {
        let parts: Vec<&str> = line
            .strip_prefix("a=candidate:")?
            .split_ascii_whitespace()
            .collect();
        (parts[2] == protocol).then(|| format!("{}:{}", parts[4], parts[5]))
    });
    parts.next_back().unwrap().parse().unwrap()
}

pub(crate) struct Page {
    rtc: Rtc,
    way: Way,
    seat: Seat,
    pub(crate) name: u8,
    offer: Sdp,
    pending: Option<SdpPendingOffer>,
    audio: Mid,
    connected: bool,
    sent: u64,
    send_at: Instant,
    pub(crate) closed: bool,
    /// Who sent each media packet that arrived.
    pub(crate) media: Vec<u8>,
    /// Where everything that it sends is kept.
    pub(crate) kept: Option<Vec<Vec<u8>>>,
}

impl Page {
    pub(crate) async fn new(name: u8, seat: Seat) -> Self {
        Self::with_twin(name, seat).0
    }

    /// With a second handle of its socket, for what somebody sends who forges its address.
    pub(crate) fn with_twin(name: u8, seat: Seat) -> (Self, std::net::UdpSocket) {
        Self::at("127.0.0.1:0", name, seat)
    }

    /// In a network of IPv6 alone.
    pub(crate) fn on_ipv6(name: u8, seat: Seat) -> Self {
        Self::at("[::1]:0", name, seat).0
    }

    fn at(bind: &str, name: u8, seat: Seat) -> (Self, std::net::UdpSocket) {
        let socket = std::net::UdpSocket::bind(bind).unwrap();
        socket.set_nonblocking(true).unwrap();
        let twin = socket.try_clone().unwrap();
        let at = socket.local_addr().unwrap();
        let socket = UdpSocket::from_std(socket).unwrap();
        let mut page = Self::over(Way::Udp(socket), name, seat);
        page.rtc
            .add_local_candidate(Candidate::host(at, "udp").unwrap());
        (page, twin)
    }

    /// Behind a network that lets no UDP through.
    pub(crate) fn without_udp(name: u8, seat: Seat) -> Self {
        Self::over(Way::NotYet, name, seat)
    }

    fn over(way: Way, name: u8, seat: Seat) -> Self {
        let now = Instant::now();
        let mut rtc = Rtc::builder().set_rtp_mode(true).build(now);
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
        api.add_channel("sure".into());
        let (offer, pending) = api.apply().unwrap();
        Self {
            rtc,
            way,
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
            kept: None,
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
            since: 0,
            sdp: self.offer.clone(),
        }
    }

    pub(crate) async fn take(&mut self, answer: RelaySays) {
        let RelaySays::Answer { sdp, seat, .. } = answer else {
            panic!("expected an answer, got {answer:?}");
        };
        assert_eq!(seat, self.seat);
        if self.way.protocol() == Protocol::Tcp {
            self.connect(place(&sdp, "tcp")).await;
        }
        let answer = SdpAnswer::from_sdp_string(sdp.as_str()).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    async fn connect(&mut self, relay: SocketAddr) {
        let stream = TcpStream::connect(relay).await.unwrap();
        let local = stream.local_addr().unwrap();
        let candidate = Candidate::builder().tcp().host(local);
        let candidate = candidate.tcptype(TcpType::Active).build();
        self.rtc.add_local_candidate(candidate.unwrap());
        let (read, write) = stream.into_split();
        let (tell, told) = mpsc::channel(64);
        tokio::spawn(read_on(read, tell));
        self.way = Way::Tcp(Stream {
            write,
            read: told,
            local,
            relay,
        });
    }

    /// Says goodbye.
    pub(crate) async fn leave(&mut self) {
        self.rtc.close().unwrap();
        self.drain().await;
    }

    /// Writes so many messages on a channel that the relay was not told of.
    pub(crate) async fn babble(&mut self, messages: usize) {
        let config = ChannelConfig {
            negotiated: Some(100),
            ..Default::default()
        };
        self.run_until(|page| page.connected).await;
        let channel = self.rtc.direct_api().create_data_channel(config);
        for _ in 0..messages {
            if let Some(mut channel) = self.rtc.channel(channel) {
                channel.write(true, b"x").unwrap();
            }
            self.drain().await;
        }
        self.run_until(|_| true).await;
    }

    /// Sends a packet of sound on each of so many streams that its offer did not name.
    pub(crate) async fn pose_as(&mut self, streams: u32) {
        let config = self.rtc.codec_config();
        let opus = config.find(|p| p.spec().codec.is_audio()).unwrap().pt();
        for ssrc in 1..=streams {
            let mut direct = self.rtc.direct_api();
            let stream = direct.reset_stream_tx(self.audio, None, ssrc.into(), None);
            let sound = vec![self.name; 7];
            let now = Instant::now();
            stream
                .unwrap()
                .write_rtp(RtpWrite::new(opus, 1.into(), 0, now, sound));
            self.drain().await;
        }
    }

    pub(crate) fn seen(&self, packets: usize) -> bool {
        self.media.len() >= packets
    }

    /// Lives, sending sound, until something is so; and a little longer, so that the other side
    /// sees it too.
    pub(crate) async fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        let mut linger = None;
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
                (bytes, source) = self.way.receive() => {
                    let to = self.way.local();
                    let receive = Receive::new(self.way.protocol(), source, to, &bytes);
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
                    if let Some(kept) = &mut self.kept {
                        kept.push(t.contents.to_vec());
                    }
                    self.way.send(&t.contents, t.destination).await;
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
