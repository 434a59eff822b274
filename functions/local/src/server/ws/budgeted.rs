//! The transport under a WebSocket, with a budget for what arrives.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use super::frames::{Overrun, Watch};

/// Bytes that are read and discarded after the budget, so that the peer may still read why the
/// connection closes. Beyond it nothing is read, and the peer's own system holds it up.
const DISCARDED_MAX: usize = 2 * 1024 * 1024;

/// A transport with a budget. When that is used up, what arrives is discarded.
pub struct Budgeted<S> {
    inner: S,
    /// `None` for a relay, which has a token.
    watch: Option<Watch>,
    began: Instant,
    /// Rings when the message that has begun must be finished.
    bell: Pin<Box<Sleep>>,
    /// Tells the reader, once.
    tell: Option<oneshot::Sender<Overrun>>,
    discarded: usize,
}

impl<S> Budgeted<S> {
    /// Watches a transport, if it is a page's. The receiver learns of an overrun.
    pub fn new(inner: S, is_page: bool) -> (Self, oneshot::Receiver<Overrun>) {
        let (tell, told) = oneshot::channel();
        let budgeted = Self {
            inner,
            watch: is_page.then(|| Watch::new(0)),
            began: Instant::now(),
            bell: Box::pin(tokio::time::sleep(Duration::ZERO)),
            tell: Some(tell),
            discarded: 0,
        };
        (budgeted, told)
    }

    fn overrun(&mut self, why: Overrun) {
        if let Some(tell) = self.tell.take() {
            // The reader may have ended already.
            let _ = tell.send(why);
        }
    }
}

impl<S: AsyncRead + Unpin> Budgeted<S> {
    /// Accounts for what a read found.
    fn account(&mut self, found: &[u8]) -> Result<(), Overrun> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        let now_ms = self.began.elapsed().as_millis();
        watch.read(found, u64::try_from(now_ms).unwrap_or(u64::MAX))?;
        if let Some(due_ms) = watch.due_ms() {
            let due = self.began + Duration::from_millis(due_ms);
            if self.bell.deadline() != due {
                self.bell.as_mut().reset(due);
            }
        }
        Ok(())
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let due = self.watch.as_ref().and_then(Watch::due_ms);
        due.is_some() && self.bell.as_mut().poll(cx).is_ready()
    }

    /// Discards what arrives until the peer closes.
    pub async fn discard_all(&mut self) {
        // An error means that the peer is gone, too.
        let _ = poll_fn(|cx| self.discard(cx)).await;
    }

    fn discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 4 * 1024];
        while self.discarded < DISCARDED_MAX {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.discarded += buffer.filled().len();
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Budgeted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.tell.is_none() {
            return self.discard(cx);
        }
        let before = buffer.filled().len();
        let overrun = match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                let found = buffer.filled().get(before..).unwrap_or_default();
                match self.account(found) {
                    Ok(()) => return Poll::Ready(Ok(())),
                    Err(overrun) => overrun,
                }
            }
            Poll::Pending if self.is_late(cx) => Overrun::Unfinished,
            other => return other,
        };
        buffer.set_filled(before);
        self.overrun(overrun);
        self.discard(cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Budgeted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
