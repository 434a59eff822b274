//! The media threads as a whole.

use std::io;
use std::sync::Arc;

use sightline_wire::RelayHears;
use tokio::sync::{mpsc, oneshot};

use crate::media::{MediaCommand, MediaThread};
use crate::shares::Shares;

/// Most commands that wait for a media thread. Further ones are dropped, so that overload does not
/// grow.
const COMMANDS_MAX: usize = 1024;

/// Tells how a thread ended.
pub(crate) type Ending = oneshot::Receiver<io::Result<()>>;

/// The media threads, for those who have something to tell them.
pub(crate) struct Threads {
    commands: Vec<mpsc::Sender<MediaCommand>>,
    shares: Arc<Shares>,
}

impl Threads {
    /// Starts the threads, and waits until their sockets are in use: the host gives rooms to a
    /// relay that says hello.
    ///
    /// # Errors
    /// When a thread does not start.
    pub(crate) async fn start(
        threads: Vec<MediaThread>,
        shares: Arc<Shares>,
    ) -> io::Result<(Self, Vec<Ending>)> {
        let mut ends = Vec::new();
        let mut all = Vec::new();
        for thread in threads {
            let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
            let (running, mut has_ended) = oneshot::channel();
            let (listening, listens) = oneshot::channel();
            std::thread::Builder::new()
                .name(format!("sightline-media-{}", thread.number))
                // Nobody may wait for the result any more.
                .spawn(move || running.send(thread.run(inbox, listening)).unwrap_or(()))?;
            if listens.await.is_err() {
                return Err(match (&mut has_ended).await {
                    Ok(Err(error)) => error,
                    Ok(Ok(())) | Err(_) => panicked(),
                });
            }
            all.push(commands);
            ends.push(has_ended);
        }
        let threads = Self {
            commands: all,
            shares,
        };
        Ok((threads, ends))
    }

    /// Passes a message of the host to the thread that it concerns. Returns whether the thread was
    /// there to take it.
    pub(crate) fn pass(&self, message: RelayHears) -> bool {
        let (thread, offered) = match &message {
            RelayHears::Offer { session, .. } => (self.shares.send_offer(*session), Some(*session)),
            RelayHears::Promote { session, .. } | RelayHears::Close { session, .. } => {
                (self.shares.thread_of(*session), None)
            }
            RelayHears::Welcome { .. } => (None, None),
        };
        let Some(commands) = thread.and_then(|thread| self.commands.get(thread)) else {
            // Of a room that ended already.
            return true;
        };
        let taken = commands.try_send(MediaCommand::FromHost(message)).is_ok();
        if let Some(session) = offered.filter(|_| !taken) {
            self.shares.lost(session);
        }
        taken
    }

    /// Tells every thread that has a place in its queue.
    pub(crate) fn tell(&self, command: impl Fn() -> MediaCommand) {
        for commands in &self.commands {
            // A later lease brings an address again.
            let _ = commands.try_send(command());
        }
    }

    /// Tells every thread, and waits for a place in its queue.
    pub(crate) async fn tell_surely(&self, command: impl Fn() -> MediaCommand) {
        for commands in &self.commands {
            // It may have ended.
            let _ = commands.send(command()).await;
        }
    }

    /// The queues, for somebody who does not keep the threads running.
    pub(crate) fn downgrade(&self) -> Vec<mpsc::WeakSender<MediaCommand>> {
        self.commands.iter().map(mpsc::Sender::downgrade).collect()
    }
}

/// What a thread that ended without a word did.
pub(crate) fn panicked() -> io::Error {
    io::Error::other("a media thread panicked")
}
