//! The message that is printed when the server is ready.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;

use crate::lan;

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
    /// Where Prometheus reads the relay's metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
    /// Where phones in this machine's network come in.
    #[serde(flatten)]
    pub phones: Option<Phones>,
}

/// What `--lan` opened.
#[derive(Debug, Serialize)]
pub struct Phones {
    /// Base URL of the customer's page.
    pub lan: String,
    /// The link of a test call, unless the store failed.
    pub test_call: Option<String>,
    /// Whether the operator named the address.
    #[serde(skip)]
    pub named: bool,
    /// Whether our authority issued the certificate.
    #[serde(skip)]
    pub own_authority: bool,
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
             Media     {}\n{}{}{}\n  Press Ctrl+C to stop.\n",
            self.agent,
            self.outbox.trim_end_matches(".json"),
            media.join(", "),
            match self.is_loopback_only() {
                true => LOOPBACK_ONLY,
                false => "",
            },
            self.metrics
                .as_ref()
                .map(|at| format!("  Metrics   {at}\n"))
                .unwrap_or_default(),
            self.phones.as_ref().map(Phones::lines).unwrap_or_default(),
        )?;
        out.flush()
    }
}

impl Phones {
    /// At most four lines, and the QR code of the test call.
    fn lines(&self) -> String {
        let Self { lan, test_call, .. } = self;
        let chosen = match self.named {
            true => "this machine's address",
            false => "this machine's address on the default route",
        };
        let trust = match self.own_authority {
            true => format!(
                "            The phone warns of the certificate: accept it. iPhones must trust \
                 {lan}/ca.crt, their page shows how\n            \
                 (and how to remove it). Others: --tls-cert, or a tunnel with --public-url, see \
                 docs/deploy.md\n"
            ),
            false => String::new(),
        };
        let call = test_call.as_ref().map_or_else(String::new, |link| {
            format!("            Test call (the agent finds it under Calls): {link}\n")
        });
        let code = test_call.as_deref().and_then(lan::drawn);
        let code = code.unwrap_or_default();
        format!("  Phone     {lan} ({chosen})\n{call}{trust}\n{code}")
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
            metrics: None,
            phones: None,
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
    fn what_phones_need_is_said_in_four_lines_and_a_code() {
        let mut ready = ready();
        let before = printed(&ready, false).lines().count();
        ready.phones = Some(Phones {
            lan: "https://10.0.0.1:8443".to_owned(),
            test_call: Some("https://10.0.0.1:8443/j#abc".to_owned()),
            named: false,
            own_authority: true,
        });
        let said = printed(&ready, false);
        let code = said.lines().filter(|line| line.contains('\x1b')).count();
        assert!(code > 10, "{said}");
        assert_eq!(said.lines().count() - code - before, 4 + 1, "{said}");
        assert!(
            said.lines().all(|line| line.chars().count() <= 140),
            "{said}"
        );
        let json = printed(&ready, true);
        assert!(
            json.contains("\"lan\":\"https://10.0.0.1:8443\",\"test_call\":"),
            "{json}"
        );
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
