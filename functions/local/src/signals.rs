//! Signals that stop the server in order.

use std::fs;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The number of SIGHUP (POSIX.1-2024, `kill`).
const HANGUP: u32 = 1;

/// Waits for a signal to stop.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// A closed terminal. `None` under `nohup`, which asks to outlive it.
    hangup: Option<Signal>,
}

impl Signals {
    /// Starts to listen for signals.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: match ignores(&status, HANGUP) {
                true => None,
                false => Some(signal(SignalKind::hangup())?),
            },
        })
    }

    /// Resolves when the server must stop. May be dropped and called again.
    pub async fn stop(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether a process ignores a signal, by its status in `/proc` (proc_pid_status(5), `SigIgn`).
/// Other systems than Linux have no such file; there nothing counts as ignored.
fn ignores(status: &str, signal: u32) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_the_parent_ignored_is_seen() {
        let status = "Name:\tsightline\nSigBlk:\t0000000000000001\nSigIgn:\t0000000001001001\n";
        assert!(ignores(status, HANGUP));
        assert!(!ignores(status, 15));
        assert!(!ignores("SigIgn:\t0000000000001000\n", HANGUP));
        assert!(!ignores("", HANGUP));
    }
}
