//! A relay as a process of its own: how it starts, answers offers, and what it takes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Sub;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use sightline_wire::{PageId, RelayHears, RelaySays, Sdp, Seat, SessionId};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::host::Host;
use crate::janus::{self, Janus};

/// The kernel counts the time of a process in hundredths of a second (proc(5), `USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;
/// The processor of the relay.
const CORE: &str = "1";

/// The relays, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Null,
    Bare,
    Estimate,
    Ours,
    /// Ours with two threads that share the processor: each has half of it, and half of the calls.
    Halves,
    /// Only where it is installed.
    Janus,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Null,
        Self::Bare,
        Self::Estimate,
        Self::Ours,
        Self::Halves,
        Self::Janus,
    ];

    /// The word for it on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bare => "bare",
            Self::Estimate => "estimate",
            Self::Ours => "ours",
            Self::Halves => "halves",
            Self::Janus => "janus",
        }
    }

    /// Why it cannot be measured here.
    pub(crate) fn missing(self) -> Option<&'static str> {
        match self {
            Self::Janus if find(janus::PROGRAM).is_none() => Some("the program is not installed"),
            Self::Janus if janus::own_address().is_none() => {
                Some("this machine has no address beside loopback")
            }
            _ => None,
        }
    }

    /// Whether its calls have data channels.
    pub(crate) fn has_channels(self) -> bool {
        matches!(self, Self::Estimate | Self::Ours | Self::Halves)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Null => "null relay",
            Self::Bare => "bare str0m",
            Self::Estimate => "bare str0m with estimate and channels",
            Self::Ours => "**ours**",
            Self::Halves => "ours, two threads of half a processor",
            Self::Janus => "Janus, its EchoTest",
        })
    }
}

/// Processor time.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl Sub for Spent {
    type Output = Self;

    fn sub(self, from: Self) -> Self {
        Self {
            user: self.user - from.user,
            system: self.system - from.system,
        }
    }
}

/// A running relay.
pub(crate) struct Process {
    pub(crate) kind: Kind,
    child: Child,
    speech: Speech,
}

enum Speech {
    /// Lines of standard input and output.
    Lines(ChildStdin, Lines<BufReader<ChildStdout>>),
    Host(Box<Host>),
    Janus(Box<Janus>),
}

impl Process {
    pub(crate) async fn start(kind: Kind) -> Self {
        let this = std::env::current_exe().unwrap();
        let mut program = match kind {
            Kind::Ours | Kind::Halves => return Self::start_ours(kind).await,
            Kind::Janus => return Self::start_janus().await,
            kind => pinned(&this, &["relay", kind.name()]),
        };
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self {
            kind,
            child,
            speech: Speech::Lines(stdin, BufReader::new(stdout).lines()),
        }
    }

    async fn start_ours(kind: Kind) -> Self {
        let mut host = Host::start().await;
        let home = host.url();
        let words = ["--home", &home, "--media", "127.0.0.1:0", "--no-media-tcp"];
        let built = || env!("CARGO_BIN_EXE_sightline-relay").to_owned();
        let program = std::env::var("RELAY_PROGRAM").unwrap_or_else(|_| built());
        let mut program = pinned(program.as_ref(), &words);
        if kind == Kind::Halves {
            program.args(["--threads", "2"]);
        }
        program
            .args(["--token", "of-a-bench", "--patience-s", "0"])
            .args(["--rooms-max", "1000", "--log", "warn"]);
        let child = program.spawn().unwrap();
        host.expect(|says| matches!(says, RelaySays::Lease { .. }))
            .await;
        Self {
            kind,
            child,
            speech: Speech::Host(Box::new(host)),
        }
    }

    async fn start_janus() -> Self {
        let config = janus::Config::write();
        let program = find(janus::PROGRAM).expect("it is installed");
        let mut program = pinned(&program, &["--configs-folder", config.folder()]);
        program.stdin(Stdio::null()).stdout(Stdio::null());
        let child = program.spawn().unwrap();
        let janus = Janus::connect(config).await;
        Self {
            kind: Kind::Janus,
            child,
            speech: Speech::Janus(Box::new(janus)),
        }
    }

    /// Where its pages have to be.
    pub(crate) fn pages_at(&self) -> IpAddr {
        match &self.speech {
            Speech::Janus(janus) => janus.address(),
            _ => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// Where the null relay listens.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        match &mut self.speech {
            Speech::Lines(_, lines) => lines.next_line().await.unwrap().unwrap().parse().unwrap(),
            Speech::Host(_) | Speech::Janus(_) => panic!("its answers say where"),
        }
    }

    /// Brings an offer to the relay. Returns the answer.
    pub(crate) async fn offer(&mut self, call: usize, seat: Seat, sdp: String) -> String {
        match &mut self.speech {
            Speech::Lines(stdin, lines) => {
                let line = serde_json::to_string(&sdp).unwrap() + "\n";
                stdin.write_all(line.as_bytes()).await.unwrap();
                let line = lines.next_line().await.unwrap().unwrap();
                serde_json::from_str(&line).unwrap()
            }
            Speech::Host(host) => {
                let id = u128::try_from(call + 1).unwrap();
                let page = 2 * id + u128::from(seat == Seat::Agent);
                host.say(RelayHears::Offer {
                    session: SessionId::from_bytes(id.to_be_bytes()),
                    epoch: 1,
                    seat,
                    page: PageId::from_bytes(page.to_be_bytes()),
                    attempt: 1,
                    speaks: true,
                    since: 0,
                    sdp: Sdp::new(sdp).unwrap(),
                })
                .await;
                let wanted = |says: &RelaySays| {
                    matches!(says, RelaySays::Answer { .. } | RelaySays::Refused { .. })
                };
                let RelaySays::Answer { sdp, .. } = host.expect(wanted).await else {
                    panic!("the relay refused an offer");
                };
                sdp.as_str().to_owned()
            }
            Speech::Janus(janus) => janus.answer(&sdp).await,
        }
    }

    /// The processor time so far, of all threads.
    pub(crate) fn time(&self) -> Spent {
        let stat = self.read("stat");
        // The name before may hold anything.
        let (_, rest) = stat.rsplit_once(')').unwrap();
        let ticks = |at: usize| rest.split_ascii_whitespace().nth(at).unwrap();
        let time = |at| Duration::from_secs_f64(ticks(at).parse::<f64>().unwrap() / TICKS_A_SECOND);
        Spent {
            user: time(11),
            system: time(12),
        }
    }

    /// Its memory, MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.read("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kib.parse::<f64>().unwrap() / 1024.0
    }

    fn read(&self, name: &str) -> String {
        let id = self.child.id().expect("the relay runs");
        std::fs::read_to_string(format!("/proc/{id}/{name}")).unwrap()
    }

    pub(crate) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// A program on a processor of its own, where that is possible.
fn pinned(program: &Path, words: &[&str]) -> Command {
    let mut command = if has_own_core() {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", CORE]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command
        .args(words)
        .env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1")
        .kill_on_drop(true);
    command
}

/// Whether the relay has a processor of its own.
pub(crate) fn has_own_core() -> bool {
    static OWN: OnceLock<bool> = OnceLock::new();
    *OWN.get_or_init(|| {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        processors > 1 && find("taskset").is_some()
    })
}

/// Where a program is.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|at| at.join(program));
    places.find(|place| place.exists())
}
