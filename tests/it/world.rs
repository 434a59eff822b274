//! The world of a story: the real binary with its own folder, on ports that it keeps over a
//! restart.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sightline_wire::api::{LinkSecret, Log, Look, Me, OnceToken, StartCall, Started};
use sightline_wire::{InviteSecret, Language, PageId, Reference, Seat, SessionId};

use crate::http::{Answer, ask};
use crate::page::{Page, Slot};

/// The running server.
pub struct World {
    folder: PathBuf,
    listen: SocketAddr,
    base: String,
    media: SocketAddr,
    more: Vec<String>,
    /// Variables of the binary from its next start on.
    pub variables: Vec<(&'static str, String)>,
    process: Option<Child>,
    said: Arc<Mutex<Vec<String>>>,
    /// Reads what the process says.
    reader: Option<JoinHandle<()>>,
    /// The addresses that the binary printed.
    pub ready: Ready,
}

/// The one line of `--json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    pub agent: String,
    pub page: String,
    pub outbox: String,
    pub media: Vec<SocketAddr>,
}

/// One entry of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sms {
    pub to: String,
    pub text: String,
    pub link: String,
    pub at_ms: u64,
}

impl World {
    /// Starts the server with an empty data folder.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts the server on a copy of a data folder.
    pub fn start_on(data: &Path) -> Self {
        let mut world = Self::start();
        world.kill();
        std::fs::remove_dir_all(&world.folder).unwrap();
        copy(data, &world.folder);
        world.restart();
        world
    }

    /// Starts the server with further flags.
    pub fn start_with(more: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("sightline-it-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut world = Self {
            folder,
            listen: any,
            base: String::new(),
            media: any,
            more: more.iter().map(|&flag| flag.to_owned()).collect(),
            variables: Vec::new(),
            process: None,
            said: Arc::default(),
            reader: None,
            ready: Ready {
                agent: String::new(),
                page: String::new(),
                outbox: String::new(),
                media: Vec::new(),
            },
        };
        world.restart();
        world
    }

    /// Starts the binary again on the same ports. Returns how long that took.
    pub fn restart(&mut self) -> Duration {
        self.restart_by(self.command())
    }

    /// Starts it again by a command that runs what [`World::command`] does.
    pub fn restart_by(&mut self, mut command: Command) -> Duration {
        assert!(self.process.is_none(), "it still runs");
        let began = Instant::now();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let took = began.elapsed();
        if line.is_empty() {
            let mut why = String::new();
            process
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut why)
                .unwrap();
            panic!("sightline did not start: {why}");
        }
        self.ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.base = self
            .ready
            .outbox
            .strip_suffix("/outbox.json")
            .unwrap()
            .to_owned();
        self.listen = self.base.strip_prefix("http://").unwrap().parse().unwrap();
        self.media = *self.ready.media.first().unwrap();
        // The pipe must be drained, or a process that logs much would block.
        let stderr = process.stderr.take().unwrap();
        let said = self.said.clone();
        self.reader = Some(std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                said.lock().unwrap().push(line);
            }
        }));
        self.process = Some(process);
        took
    }

    /// The binary with this world's folder and ports.
    pub fn command(&self) -> Command {
        let mut command = sightline();
        command
            .args(["serve", "--json", "--listen"])
            .arg(self.listen.to_string())
            .arg("--media")
            .arg(self.media.to_string())
            .args(["--media-tcp", "127.0.0.1:0"])
            .arg("--data")
            .arg(&self.folder)
            .args(&self.more)
            .envs(self.variables.iter().cloned());
        if !sightline_web::is_built() {
            command.arg("--no-pages");
        }
        command
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Sends SIGTERM; returns how and when the process ended.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        self.signal("TERM");
        let ended = self.process.take().unwrap().wait().unwrap();
        let took = began.elapsed();
        self.hear_all();
        (ended, took)
    }

    /// Waits until what the process said is read. A child of its own may keep the pipe open.
    fn hear_all(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        let reads = || {
            self.reader
                .as_ref()
                .is_some_and(|reader| !reader.is_finished())
        };
        while reads() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The lines of the log that have these words, once there are some.
    pub async fn said_with(&self, words: &str) -> Vec<String> {
        for _ in 0..100 {
            let lines = self.said();
            let found: Vec<String> = lines
                .into_iter()
                .filter(|line| line.contains(words))
                .collect();
            if !found.is_empty() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Vec::new()
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh")
            .args(["-c", "kill -\"$0\" \"$1\"", name, &self.pid().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// How the process ended, if that happens within this time.
    pub fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                return ended;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the log of the binary, over all restarts.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Base URL on this machine, which is also one of its origins.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request without cookies.
    pub async fn get(&self, path: &str) -> Answer {
        ask(self.base(), Method::GET, path, &[], "").await.unwrap()
    }

    /// Posts JSON as the page of this origin would.
    pub async fn post(&self, path: &str, cookie: &str, body: &impl serde::Serialize) -> Answer {
        let headers = [
            ("origin", self.base()),
            ("content-type", "application/json"),
            ("cookie", cookie),
        ];
        let body = serde_json::to_vec(body).unwrap();
        ask(self.base(), Method::POST, path, &headers, body)
            .await
            .unwrap()
    }

    /// Erases a call as the page of this origin would.
    pub async fn erase(&self, agent: &Agent, session: SessionId) -> Answer {
        let headers = [("origin", self.base()), ("cookie", agent.cookie.as_str())];
        let path = format!("/api/sessions/{session}");
        ask(self.base(), Method::DELETE, &path, &headers, "")
            .await
            .unwrap()
    }

    /// Everything that was sent, newest last.
    pub async fn outbox(&self) -> Vec<Sms> {
        let path = self.ready.outbox.strip_prefix(self.base()).unwrap();
        self.get(path).await.json()
    }

    /// The newest text message.
    pub async fn last_sms(&self) -> Sms {
        self.outbox().await.pop().expect("a message was sent")
    }

    /// Signs the desk's agent in, by a link printed beside the running server.
    pub async fn sign_in(&self) -> Agent {
        self.sign_in_by(&self.another_link()).await
    }

    /// What `sightline sign-in-link` prints.
    pub fn another_link(&self) -> String {
        let mut command = sightline();
        let output = command
            .args(["sign-in-link", "--data"])
            .arg(&self.folder)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Signs the desk's agent in by a link.
    pub async fn sign_in_by(&self, link: &str) -> Agent {
        let answer = self
            .post(
                "/api/sign-in/once",
                "",
                &OnceToken {
                    token: secret_of(link),
                },
            )
            .await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        let _: Me = answer.json();
        Agent {
            cookie: answer.cookie("__Host-agent=").expect("a cookie"),
        }
    }

    /// The agent invites a number; the text message lies in the outbox on return.
    pub async fn invite(&self, agent: &Agent, number: &str) -> SessionId {
        let answer = self
            .post("/api/sessions", &agent.cookie, &start_call(number))
            .await;
        assert!(
            answer.status < 300,
            "{} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        let Started { session } = answer.json();
        session
    }

    /// Opens the link and taps: the cookie of the customer's seat, and the session.
    pub async fn enter(&self, link: &str) -> (String, SessionId) {
        let answer = self
            .post(
                "/api/enter",
                "",
                &LinkSecret::Secret {
                    secret: secret_of(link),
                },
            )
            .await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        let look: Look = answer.json();
        (
            answer.cookie("__Host-seat-").expect("a cookie"),
            look.session.expect("a link that is valid"),
        )
    }

    /// What a link leads to; changes nothing.
    pub async fn look(&self, link: &str) -> Answer {
        self.post(
            "/api/look",
            "",
            &LinkSecret::Secret {
                secret: secret_of(link),
            },
        )
        .await
    }

    /// Invites, enters and joins: both people in a call.
    pub async fn call(&self) -> Call {
        self.call_of(self.sign_in().await).await
    }

    /// The same, with an agent who is signed in.
    pub async fn call_of(&self, agent: Agent) -> Call {
        let session = self.invite(&agent, "+4915112345678").await;
        let mut agent_page = self.page(&agent.cookie, session, Seat::Agent);
        agent_page.join("").await.unwrap();
        let (cookie, entered) = self.enter(&self.last_sms().await.link).await;
        assert_eq!(entered, session);
        let mut customer_page = self.page(&cookie, session, Seat::Customer);
        customer_page.join("Ada").await.unwrap();
        Call {
            session,
            agent,
            agent_page,
            customer_page,
        }
    }

    /// A page that is about to connect.
    pub fn page(&self, cookie: &str, session: SessionId, seat: Seat) -> Page {
        Page::new(self.base(), cookie, session, seat)
    }

    /// Returns the whole log from the API, as the agent.
    pub async fn log(&self, agent: &Agent, session: SessionId) -> Vec<sightline_wire::Event> {
        let mut events: Vec<sightline_wire::Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let log: Log = self
                .get_as(&format!("/api/sessions/{session}/log?after={after}"), agent)
                .await;
            events.extend(log.events);
            if !log.more {
                return events;
            }
        }
    }

    /// Uploads like a page.
    pub async fn put(&self, slot: &Slot, body: impl Into<hyper::body::Bytes>) -> u16 {
        let answer = self.try_put(slot, body).await;
        answer.expect("the upload is answered")
    }

    /// Uploads; returns `None` if the connection broke.
    pub async fn try_put(&self, slot: &Slot, body: impl Into<hyper::body::Bytes>) -> Option<u16> {
        let headers = slot.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = [("origin", self.base())]
            .into_iter()
            .chain(headers)
            .collect();
        let path = self.path_of(&slot.url);
        let answer = ask(self.base(), Method::PUT, path, &headers, body).await;
        answer.ok().map(|answer| answer.status)
    }

    /// Returns the path of a link on this server.
    pub fn path_of<'a>(&self, url: &'a str) -> &'a str {
        let path = url.strip_prefix(self.base()).unwrap_or(url);
        assert!(path.starts_with('/'), "a link of this server: {url}");
        path
    }

    /// Lists the keys of all uploads and pictures.
    pub fn objects(&self) -> Vec<String> {
        let root = self.folder.join("objects");
        let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    /// The agent's list of calls, as it is.
    pub async fn listed(&self, agent: &Agent) -> serde_json::Value {
        self.get_as("/api/sessions", agent).await
    }

    async fn get_as<T: DeserializeOwned>(&self, path: &str, agent: &Agent) -> T {
        let headers = [("cookie", agent.cookie.as_str())];
        let answer = ask(self.base(), Method::GET, path, &headers, "")
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{path}");
        answer.json()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("log of the server: {:#?}", self.said());
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A signed-in agent.
#[derive(Clone, Debug)]
pub struct Agent {
    pub cookie: String,
}

/// Two people in a call.
pub struct Call {
    pub session: SessionId,
    pub agent: Agent,
    pub agent_page: Page,
    pub customer_page: Page,
}

/// The binary, without the environment of the test. At a file size limit it gets an error, as from
/// a full disk, and no signal.
pub fn sightline() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_sightline"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SIGHTLINE_") {
            command.env_remove(name);
        }
    }
    command
}

/// Returns the fragment of a link, or its last part after `=`.
pub fn secret_of(link: &str) -> InviteSecret {
    let fragment = link.split_once('#').expect("a fragment").1;
    fragment
        .rsplit('=')
        .next()
        .unwrap()
        .parse()
        .expect("a secret")
}

/// The request to start a call.
pub fn start_call(number: &str) -> StartCall {
    StartCall {
        request: random_page(),
        number: number.to_owned(),
        region: "DE".to_owned(),
        reference: Reference::new("REF-12345").unwrap(),
        language: Language::new("en").unwrap(),
        confirm: false,
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
            // A checkout may leave files open to others, and then a key is not trusted.
            std::fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// A random page id.
pub fn random_page() -> PageId {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    PageId::from_bytes(bytes)
}

/// Free ports that stay reserved for the length of a test.
pub fn taken_ports() -> (TcpListener, UdpSocket) {
    (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        UdpSocket::bind("127.0.0.1:0").unwrap(),
    )
}
