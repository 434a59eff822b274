//! A page as an independent client: attaches, sends numbered commands, follows the log, reconnects.

mod shared;

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sightline_wire::{
    Attached, Batch, ChatCommand, ChatSays, ChatText, DisplayName, Done, Event, EventKind,
    FromPage, PageHears, PageId, PageSays, PublicFact, Refusal, SUBPROTOCOL, Seat, SessionCommand,
    SessionHears, SessionId, SessionSays, ToPage,
};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::world::random_page;

pub use shared::Slot;

/// An open socket.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a story waits for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest wait for an answer before the page reconnects.
const ANSWER: Duration = Duration::from_secs(8);

/// One page of one seat.
pub struct Page {
    base: String,
    cookie: String,
    session: SessionId,
    seat: Seat,
    page: PageId,
    socket: Option<Socket>,
    n: u32,
    /// The events that this page has: in order, without gaps.
    pub log: Vec<Event>,
    /// The answer to the newest `attach`.
    pub attached: Option<Attached>,
    /// Number of connections it made.
    pub dials: u32,
    /// Other messages it received.
    pub heard: VecDeque<PageHears>,
}

/// The connection broke, or an answer did not come in time.
#[derive(Debug)]
struct Broken;

impl Page {
    /// Makes a page that was just loaded.
    pub fn new(base: &str, cookie: &str, session: SessionId, seat: Seat) -> Self {
        Self {
            base: base.to_owned(),
            cookie: cookie.to_owned(),
            session,
            seat,
            page: random_page(),
            socket: None,
            n: 0,
            log: Vec::new(),
            attached: None,
            dials: 0,
            heard: VecDeque::new(),
        }
    }

    /// Comes back as a page that was there before, after a reload, with its next command number.
    pub async fn reload_of(&mut self, page: PageId) {
        self.page = page;
        self.ensure_attached().await.expect("it is attached");
        let attached = self.attached.as_ref().expect("it was answered");
        assert!(attached.holds_seat, "{:?} holds its seat", self.seat);
        self.n = attached.next_n - 1;
    }

    /// Takes the seat.
    pub async fn join(&mut self, name: &str) -> Result<Done, Refusal> {
        self.join_as(name, false).await
    }

    /// Takes the seat from the page that has it.
    pub async fn take_over(&mut self, name: &str) -> Result<Done, Refusal> {
        self.join_as(name, true).await
    }

    async fn join_as(&mut self, name: &str, take: bool) -> Result<Done, Refusal> {
        let name = DisplayName::new(if name.is_empty() { "-" } else { name }).unwrap();
        let join = SessionCommand::Join {
            name,
            video_only: false,
            arrival: None,
            microphone: true,
            camera: true,
            take,
        };
        self.command(PageSays::Session(SessionSays::Command(join)))
            .await
    }

    /// Sends a line of chat; on return it is acknowledged.
    pub async fn say(&mut self, text: &str) -> Result<Done, Refusal> {
        let text = ChatText::new(text).unwrap();
        self.command(PageSays::Chat(ChatSays::Command(ChatCommand::Say { text })))
            .await
    }

    /// Ends the call.
    pub async fn end(&mut self) -> Result<Done, Refusal> {
        self.command(PageSays::Session(SessionSays::Command(SessionCommand::End)))
            .await
    }

    /// Sends a durable command, over new connections until it is answered.
    pub async fn command(&mut self, says: PageSays) -> Result<Done, Refusal> {
        self.n += 1;
        let n = self.n;
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(
                Instant::now() < deadline,
                "command {n} of {:?} was never answered",
                self.seat
            );
            if self.ensure_attached().await.is_err() {
                sleep(Duration::from_millis(20)).await;
                continue;
            }
            match self.ask(says.clone(), n).await {
                Ok(Done {
                    refused: Some(Refusal::Trouble | Refusal::Busy),
                    ..
                }) => {
                    sleep(Duration::from_millis(50)).await;
                }
                Ok(Done {
                    refused: Some(refusal),
                    ..
                }) => return Err(refusal),
                Ok(done) => return Ok(done),
                Err(Broken) => self.socket = None,
            }
        }
    }

    /// Follows the log up to `head`.
    pub async fn catch_up(&mut self, head: u32) {
        let deadline = Instant::now() + PATIENCE;
        while self.head() < head {
            assert!(
                Instant::now() < deadline,
                "{:?} has {} of {head} events",
                self.seat,
                self.head()
            );
            let followed = async {
                self.ensure_attached().await?;
                let after = self.head();
                self.send(PageSays::Session(SessionSays::Resume { after }))
                    .await?;
                let until = Instant::now() + ANSWER;
                while self.head() == after {
                    self.hear(until).await?;
                }
                Ok::<(), Broken>(())
            };
            if followed.await.is_err() {
                self.socket = None;
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Returns the number of the newest event this page has.
    pub fn head(&self) -> u32 {
        self.log.last().map_or(0, |event| event.seq)
    }

    /// Returns all lines of chat in the log.
    pub fn lines(&self) -> Vec<&str> {
        self.log
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Public(PublicFact::Said { text, .. }) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Sends an invalid command with the next number; returns the refusal. The connection must stay
    /// open.
    pub async fn blunder(&mut self, rest: Value) -> Refusal {
        let n = self.n + 1;
        let mut message = json!({ "session": self.session, "page": self.page, "n": n });
        let fields = message.as_object_mut().unwrap();
        fields.extend(rest.as_object().unwrap().clone());
        self.blunder_as(message.to_string()).await
    }

    /// Sends an invalid text; returns the refusal.
    pub async fn blunder_as(&mut self, text: String) -> Refusal {
        let socket = self.socket.as_mut().unwrap();
        socket.send(Message::text(text)).await.unwrap();
        let until = Instant::now() + ANSWER;
        loop {
            if let Some(done) = self.hear(until).await.unwrap() {
                return done.refused.expect("it is refused");
            }
            let refused = self.heard.iter().position(|hears| {
                matches!(hears, PageHears::Session(SessionHears::Refused { .. }))
            });
            if let Some(place) = refused
                && let Some(PageHears::Session(SessionHears::Refused { refusal })) =
                    self.heard.remove(place)
            {
                return refusal;
            }
        }
    }

    /// Receives all messages that were sent to this page before the call.
    pub async fn settle(&mut self) {
        self.ensure_attached().await.unwrap();
        self.send(PageSays::Session(SessionSays::Ping { moments: None }))
            .await
            .unwrap();
        let until = Instant::now() + ANSWER;
        let pong =
            |hears: &PageHears| matches!(hears, PageHears::Session(SessionHears::Pong { .. }));
        while !self.heard.iter().any(pong) {
            self.hear(until).await.unwrap();
        }
        self.heard.retain(|hears| !pong(hears));
    }

    /// Loses its connection, and makes another one when it needs one.
    pub fn lose_connection(&mut self) {
        self.socket = None;
    }

    async fn ensure_attached(&mut self) -> Result<(), Broken> {
        if self.socket.is_some() {
            return Ok(());
        }
        let names = format!("{SUBPROTOCOL}, page.{}", self.page);
        let headers = [
            ("origin", self.base.as_str()),
            ("cookie", self.cookie.as_str()),
            ("sec-websocket-protocol", names.as_str()),
        ];
        let dialled = dial_with(&self.base, &headers).await;
        let (socket, _) = dialled.map_err(|_| Broken)?;
        self.dials += 1;
        self.socket = Some(socket);
        self.attached = None;
        let followed = async {
            self.send(PageSays::Session(SessionSays::Attach {
                seat: self.seat,
                offer: None,
            }))
            .await?;
            let until = Instant::now() + ANSWER;
            while self.attached.is_none() {
                self.hear(until).await?;
            }
            Ok(())
        };
        let result = followed.await;
        if result.is_err() {
            self.socket = None;
        }
        result
    }

    async fn ask(&mut self, says: PageSays, n: u32) -> Result<Done, Broken> {
        self.send_numbered(says, Some(n)).await?;
        let until = Instant::now() + ANSWER;
        loop {
            if let Some(done) = self.hear(until).await?.filter(|done| done.n == n) {
                return Ok(done);
            }
        }
    }

    async fn send(&mut self, says: PageSays) -> Result<(), Broken> {
        self.send_numbered(says, None).await
    }

    async fn send_numbered(&mut self, says: PageSays, n: Option<u32>) -> Result<(), Broken> {
        let message = FromPage {
            session: self.session,
            page: self.page,
            n,
            says,
        };
        let text = serde_json::to_string(&message).unwrap();
        let socket = self.socket.as_mut().ok_or(Broken)?;
        socket.send(Message::text(text)).await.map_err(|_| Broken)
    }

    /// Receives a message; returns it if it is the answer to a command.
    async fn hear(&mut self, until: Instant) -> Result<Option<Done>, Broken> {
        let socket = self.socket.as_mut().ok_or(Broken)?;
        let message = timeout_at(until, socket.next()).await.map_err(|_| Broken)?;
        let Some(Ok(Message::Text(text))) = message else {
            return match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
                _ => Err(Broken),
            };
        };
        let message: ToPage =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(
            message
                .session
                .is_none_or(|session| session == self.session)
        );
        match message.hears {
            PageHears::Session(SessionHears::Attached(attached)) => self.attached = Some(attached),
            PageHears::Session(SessionHears::Done(done)) => return Ok(Some(done)),
            PageHears::Session(SessionHears::Events(Batch { events, .. })) => self.follow(events),
            other => self.heard.push_back(other),
        }
        Ok(None)
    }

    /// Appends events to the log. Repeats are skipped, and events after a gap, which `resume`
    /// brings again.
    fn follow(&mut self, events: Vec<Event>) {
        for event in events {
            if event.seq == self.head() + 1 {
                self.log.push(event);
            }
        }
    }
}

/// Connects like a page of `base`, with a cookie.
///
/// # Errors
/// When the server is not reachable, or refuses the handshake.
pub async fn dial(base: &str, cookie: &str) -> Result<(Socket, String), Box<tungstenite::Error>> {
    dial_with(
        base,
        &[
            ("origin", base),
            ("cookie", cookie),
            ("sec-websocket-protocol", SUBPROTOCOL),
        ],
    )
    .await
}

/// Connects with these headers only; also returns the selected subprotocol.
///
/// # Errors
/// When the server is not reachable, or refuses the handshake.
pub async fn dial_with(
    base: &str,
    headers: &[(&str, &str)],
) -> Result<(Socket, String), Box<tungstenite::Error>> {
    let url = format!("{}/ws", base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().map_err(Box::new)?;
    for (name, value) in headers {
        let name: hyper::header::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (socket, answer) = tokio_tungstenite::connect_async(request)
        .await
        .map_err(Box::new)?;
    let selected = answer.headers().get("sec-websocket-protocol");
    Ok((
        socket,
        selected.map_or(String::new(), |value| value.to_str().unwrap().to_owned()),
    ))
}
