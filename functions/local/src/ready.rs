//! The message that is printed when the server is ready.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;

/// The addresses of a running server.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// The sign-in link.
    pub agent: String,
    /// Base URL.
    pub page: String,
    /// URL of `outbox.json`, at the loopback address; no other address serves it.
    pub outbox: String,
    /// UDP addresses of the relay, as pages use them.
    pub media: Vec<SocketAddr>,
    /// TCP addresses of the relay, as pages use them.
    pub media_tcp: Vec<SocketAddr>,
}

impl Ready {
    fn is_loopback_only(&self) -> bool {
        self.media.iter().all(|at| at.ip().is_loopback())
    }

    /// Prints one line of JSON for programs, or several lines for people.
    ///
    /// # Errors
    /// When the output is closed.
    pub fn print(&self, json: bool, out: &mut impl Write) -> io::Result<()> {
        if json {
            serde_json::to_writer(&mut *out, self)?;
            writeln!(out)?;
            return out.flush();
        }
        let udp = self.media.iter().map(|at| format!("{at} (UDP)"));
        let tcp = self.media_tcp.iter().map(|at| format!("{at} (TCP)"));
        let media: Vec<String> = udp.chain(tcp).collect();
        writeln!(
            out,
            "\n  Sightline is running.\n\n  \
             Sign in   {}\n            \
             (works once, for an hour; `sightline sign-in-link` prints another)\n  \
             Outbox    {}\n            (text messages appear there, for this machine only)\n  \
             Media     {}\n{}\n  Press Ctrl+C to stop.\n",
            self.agent,
            self.outbox.trim_end_matches(".json"),
            media.join(", "),
            match self.is_loopback_only() {
                true => LOOPBACK_ONLY,
                false => "",
            },
        )?;
        out.flush()
    }
}

/// What follows from media on loopback alone: Firefox uses no loopback candidate
/// (`media.peerconnection.ice.loopback`).
const LOOPBACK_ONLY: &str = "            \
    (no network: calls connect in Chromium and its relatives, not in Firefox)\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        Ready {
            agent: "http://127.0.0.1:1/agent#t=x".to_owned(),
            page: "http://127.0.0.1:1".to_owned(),
            outbox: "http://127.0.0.1:1/outbox.json".to_owned(),
            media: vec![SocketAddr::from(([127, 0, 0, 1], 2))],
            media_tcp: vec![SocketAddr::from(([127, 0, 0, 1], 3))],
        }
    }

    fn printed(ready: &Ready, json: bool) -> String {
        let mut out = Vec::new();
        ready.print(json, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn people_learn_which_browsers_connect_without_a_network() {
        let mut ready = ready();
        assert!(printed(&ready, false).contains("not in Firefox"));
        ready.media.push(SocketAddr::from(([10, 0, 0, 1], 2)));
        assert!(!printed(&ready, false).contains("Firefox"));
    }

    #[test]
    fn the_output_for_programs_is_one_line() {
        assert_eq!(
            printed(&ready(), true),
            "{\"agent\":\"http://127.0.0.1:1/agent#t=x\",\"page\":\"http://127.0.0.1:1\",\
             \"outbox\":\"http://127.0.0.1:1/outbox.json\",\"media\":[\"127.0.0.1:2\"],\
             \"media_tcp\":[\"127.0.0.1:3\"]}\n"
        );
    }
}
