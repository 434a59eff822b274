//! Plain TCP: frames that are no message, handshakes, uploads and connections that wait.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Target;
use crate::socket::Socket;

/// Connections of a flood of frames.
const FLOODS: usize = 4;
/// Frames in one write.
const FRAMES: usize = 5_000;
const HANDSHAKES_AT_ONCE: usize = 64;
/// Connections that are kept open.
const KEPT_MAX: usize = 3_000;
const IDLE: usize = 1_000;
/// Sockets with a link that was passed on, and how often they come.
const GUESTS: usize = 16;
const GUESTS_EVERY: Duration = Duration::from_millis(700);
const PAUSE: Duration = Duration::from_millis(50);

/// Attack A: pings as fast as they go.
pub(super) async fn pings(target: &Target, until: Instant) -> String {
    frames(target, until, &[], &[0x89, 0x80, 0, 0, 0, 0]).await
}

/// Attack A: a message that never ends, in fragments of nothing.
pub(super) async fn fragments(target: &Target, until: Instant) -> String {
    let begin = [0x01, 0x80, 0, 0, 0, 0];
    frames(target, until, &begin, &[0x00, 0x80, 0, 0, 0, 0]).await
}

/// Sends frames (RFC 6455 section 5.2) over some connections.
async fn frames(target: &Target, until: Instant, begin: &[u8], frame: &[u8]) -> String {
    let flood = frame.repeat(FRAMES);
    let mut tasks = JoinSet::new();
    for _ in 0..FLOODS {
        let (base, cookie) = (target.base.clone(), target.cookie.clone());
        let (begin, flood) = (begin.to_vec(), flood.clone());
        tasks.spawn(async move {
            let (mut sent, mut visits) = (0, 0);
            while Instant::now() < until {
                if let Ok(stream) = upgraded(&base, "sightline.1", &cookie).await {
                    visits += 1;
                    sent += flooded(stream, &begin, &flood, until).await;
                }
                tokio::time::sleep(PAUSE).await;
            }
            (sent, visits)
        });
    }
    let done = tasks.join_all().await;
    let frames: usize = done.iter().map(|(sent, _)| sent * FRAMES).sum();
    let visits: usize = done.iter().map(|(_, visits)| visits).sum();
    format!("{frames} frames in {visits} visits")
}

/// Writes until the other side closes. Returns how often.
async fn flooded(stream: TcpStream, begin: &[u8], flood: &[u8], until: Instant) -> usize {
    let (mut read, mut write) = stream.into_split();
    let reads = tokio::spawn(async move {
        let mut buffer = [0; 65_536];
        while read.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
    });
    let mut sent = 0;
    let mut all_well = write.write_all(begin).await.is_ok();
    while all_well && Instant::now() < until && !reads.is_finished() {
        let written = tokio::time::timeout(Duration::from_secs(1), write.write_all(flood)).await;
        all_well = written.is_ok_and(|written| written.is_ok());
        sent += usize::from(all_well);
    }
    reads.abort();
    sent
}

/// Attack B: handshakes of another version, without a cookie, which are kept open.
pub(super) async fn handshakes(target: &Target, until: Instant) -> String {
    let mut tasks = JoinSet::new();
    for _ in 0..HANDSHAKES_AT_ONCE {
        let base = target.base.clone();
        tasks.spawn(async move {
            let (mut tried, mut kept) = (0, Vec::new());
            while Instant::now() < until {
                tried += 1;
                match upgraded(&base, "sightline.2", "").await {
                    Ok(stream) if kept.len() < KEPT_MAX / HANDSHAKES_AT_ONCE => kept.push(stream),
                    Ok(_) => {}
                    Err(()) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
            (tried, kept.len())
        });
    }
    let done = tasks.join_all().await;
    let tried: usize = done.iter().map(|(tried, _)| tried).sum();
    let kept: usize = done.iter().map(|(_, kept)| kept).sum();
    format!("{tried} handshakes, {kept} kept open")
}

/// Attack C: uploads of one byte in two seconds.
pub(super) async fn uploads(target: &Target, until: Instant) -> String {
    let mut tasks = JoinSet::new();
    for slot in target.slots.iter().cycle().take(8 * target.slots.len()) {
        let (host, slot) = (host(&target.base).to_owned(), slot.clone());
        let base = target.base.clone();
        tasks.spawn(async move {
            let (mut visits, mut bytes) = (0, 0);
            while Instant::now() < until {
                visits += 1;
                let headers: String = slot
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"))
                    .collect();
                let head = format!(
                    "PUT {} HTTP/1.1\r\nHost: {host}\r\nOrigin: {base}\r\nContent-Length: {}\r\n\
                     {headers}\r\n",
                    slot.url, slot.bytes
                );
                if let Ok(mut stream) = TcpStream::connect(&host).await
                    && stream.write_all(head.as_bytes()).await.is_ok()
                {
                    while Instant::now() < until && stream.write_all(b"x").await.is_ok() {
                        bytes += 1;
                        tokio::time::sleep(Duration::from_secs(2)).await;
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
            (visits, bytes)
        });
    }
    let done = tasks.join_all().await;
    let visits: usize = done.iter().map(|(visits, _)| visits).sum();
    let bytes: usize = done.iter().map(|(_, bytes)| bytes).sum();
    format!("{visits} uploads, {bytes} bytes of them")
}

/// Attack D: sockets of a link that was passed on, again and again.
pub(super) async fn guests(target: &Target, until: Instant) -> String {
    let mut opened = 0;
    while Instant::now() < until {
        let mut sockets = Vec::new();
        for _ in 0..GUESTS {
            let dialled = Socket::dial(&target.base, &target.shared_cookie, &target.shared_session);
            if let Ok(mut socket) = dialled.await {
                let _ = socket.enter("customer", false).await;
                sockets.push(socket);
            }
        }
        opened += sockets.len();
        tokio::time::sleep(GUESTS_EVERY).await;
    }
    format!("{opened} sockets")
}

/// Attack E: connections that say nothing, or half of a request.
pub(super) async fn idle(target: &Target, until: Instant) -> String {
    let host = host(&target.base);
    let half = format!(
        "POST /api/look HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nContent-Length: 4000\r\n\
         Content-Type: application/json\r\n\r\n{{",
        target.base
    );
    let mut kept = Vec::new();
    let mut opened = 0;
    while Instant::now() < until {
        if kept.len() < IDLE
            && let Ok(mut stream) = TcpStream::connect(host).await
        {
            opened += 1;
            if opened % 2 == 0 {
                let _ = stream.write_all(half.as_bytes()).await;
            }
            kept.push(stream);
        } else {
            // Those that were closed make room for others.
            kept.retain(|stream| {
                let mut byte = [0];
                !matches!(stream.try_read(&mut byte), Ok(0))
            });
            tokio::time::sleep(PAUSE).await;
        }
    }
    format!("{opened} connections, {} of them open", kept.len())
}

/// A connection after the handshake of a WebSocket.
async fn upgraded(base: &str, version: &str, cookie: &str) -> Result<TcpStream, ()> {
    let host = host(base);
    let cookie = if cookie.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookie}\r\n")
    };
    let mut stream = TcpStream::connect(host).await.map_err(drop)?;
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {base}\r\n{cookie}Connection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {version}\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.map_err(drop)?;
    let mut answer = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await;
    let read = read.is_ok_and(|read| read.is_ok());
    if read && answer.ends_with(b"101") {
        Ok(stream)
    } else {
        Err(())
    }
}

fn host(base: &str) -> &str {
    base.rsplit('/').next().unwrap()
}
