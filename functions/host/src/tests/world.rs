//! A deployment, browsers of agents and customers, and relays, for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::api::Role;
use sightline_wire::{
    DOOR_HEADER, DisplayName, Done, Event, FromPage, FromRelay, PAGE_HEADER, PageHears, PageId,
    Refusal, RelayHears, RelayId, RelaySays, SUBPROTOCOL, Sdp, Seat, SessionHears, SessionId,
    ToPage, ToRelay,
};
use tower::ServiceExt as _;

use crate::case::CaseSigner;
use crate::memory::Memory;
use crate::ports::{ConnectionKey, Ports as _};
use crate::{
    Admitted, Cookies, Handshake, Host, HostConfig, Keys, NotAdmitted, case_router, erasing_router,
    router, webhook_router,
};

pub const ORIGIN: &str = "https://help.example.com";
/// The page of a program that may hold the agent's page.
pub const HOLDER: &str = "https://claims.example.com";
pub const NUMBER: &str = "+4915123456789";
pub const NOW_MS: u64 = 1_800_000_000_000;

pub struct World {
    pub host: Arc<Host<Memory>>,
    named: AtomicU8,
    case_key: Arc<Mutex<String>>,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub headers: axum::http::HeaderMap,
}

impl Answer {
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(configure: impl FnOnce(&mut HostConfig)) -> Self {
        let mut config = HostConfig::new("Example", ORIGIN);
        config.desk_agent = Some(DisplayName::new("Ada").unwrap());
        config.embed_origins = vec![HOLDER.parse().unwrap()];
        configure(&mut config);
        let host = Host::new(Memory::at(NOW_MS), config, Keys::from_bytes(&[7; 32]));
        let case_key = Arc::new(Mutex::new("a secret".to_owned()));
        let secret = case_key.clone();
        let host = host.with_case_signer(move || {
            let secret = secret.lock().unwrap().clone();
            Ok(CaseSigner::from_secret(&secret).unwrap())
        });
        Self {
            host: Arc::new(host),
            named: AtomicU8::new(1),
            case_key,
        }
    }

    /// All routes. A function of its own: what builds them is large on the stack of a test.
    fn routes(&self) -> axum::Router {
        let host = &self.host;
        router(host.clone())
            .merge(erasing_router(host.clone()))
            .merge(case_router(host.clone()))
            .merge(webhook_router(host.clone()))
    }

    /// Signs case files with another key from now on.
    pub fn use_case_key(&self, secret: &str) {
        *self.case_key.lock().unwrap() = secret.to_owned();
    }

    pub fn memory(&self) -> &Memory {
        self.host.ports()
    }

    pub fn advance_s(&self, s: u64) {
        self.memory().advance(s * 1_000);
    }

    /// A number no page, relay or connection of this world had.
    pub fn fresh(&self) -> u8 {
        self.named.fetch_add(1, Ordering::Relaxed)
    }

    /// The agent, signed in by a printed link.
    pub async fn agent(&self) -> Browser<'_> {
        let mut browser = self.browser();
        let link = self.host.sign_in_link();
        let (_, token) = link.split_once("#t=").unwrap();
        let answer = browser
            .post("/api/sign-in/once", json!({ "token": token }))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        browser
    }

    /// Somebody else who signed in somewhere.
    pub fn agent_called(&self, name: &str) -> Browser<'_> {
        self.somebody(name, Role::Agent)
    }

    /// The same for an admin.
    pub fn admin_called(&self, name: &str) -> Browser<'_> {
        self.somebody(name, Role::Admin)
    }

    fn somebody(&self, name: &str, role: Role) -> Browser<'_> {
        let mut browser = self.browser();
        let named = DisplayName::new(name).unwrap();
        let id = crate::agent_id("elsewhere", name);
        let value = self.host.keys().agent(
            (id, sightline_wire::SignInId::from_bytes([9; 16])),
            &named,
            role,
            self.memory().now_ms(),
        );
        browser.jar.insert("__Host-agent".to_owned(), value);
        browser
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            jar: BTreeMap::new(),
            door: None,
        }
    }

    /// A customer with the newest link, past the first tap.
    pub async fn customer(&self) -> (Browser<'_>, SessionId) {
        let mut browser = self.browser();
        let entered = browser
            .post("/api/enter", json!({ "secret": self.last_secret() }))
            .await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        let session = entered.body["session"].as_str().unwrap().parse().unwrap();
        (browser, session)
    }

    pub fn last_secret(&self) -> String {
        let sms = self.memory().sent().pop().expect("a message was sent");
        assert!(sms.text.ends_with(&sms.link));
        sms.link.split_once("/j#").unwrap().1.to_owned()
    }

    pub async fn relay(&self, rooms_max: u32) -> Relay<'_> {
        let which = self.fresh();
        let id = RelayId::from_bytes([which; 16]);
        let mut relay = Relay {
            world: self,
            id,
            connection: ConnectionKey(format!("relay-{which}")),
            rooms_max,
        };
        relay.dial().await;
        relay
    }

    /// A call both have joined.
    pub async fn call(&self) -> (Page<'_>, Page<'_>) {
        let agent = self.agent().await;
        let session = agent.start_call(1).await;
        let mut agents = agent.attached(session, Seat::Agent).await;
        let (customer, _) = self.customer().await;
        let mut customers = customer.attached(session, Seat::Customer).await;
        assert_eq!(customers.join(false).await.refused, None);
        assert_eq!(agents.join(false).await.refused, None);
        agents.heard();
        customers.heard();
        (agents, customers)
    }

    /// A page or a file: its type and its text.
    pub async fn text(&self, path: &str) -> (String, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = Box::pin(self.routes().oneshot(request)).await.unwrap();
        let (head, body) = response.into_parts();
        assert_eq!(head.status, StatusCode::OK);
        let kind = head.headers[header::CONTENT_TYPE].to_str().unwrap();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (kind.to_owned(), String::from_utf8(bytes.into()).unwrap())
    }

    pub async fn state(&self, session: SessionId) -> sightline_session::State {
        use crate::ports::Sessions as _;
        let loaded = self.memory().load(session, NOW_MS).await.unwrap();
        loaded.unwrap().state
    }
}

#[derive(Clone)]
pub struct Browser<'w> {
    pub world: &'w World,
    pub jar: BTreeMap<String, String>,
    /// The door that its requests and handshakes name.
    pub door: Option<&'static str>,
}

impl<'w> Browser<'w> {
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.say(Request::post(path), body).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.say(Request::put(path), body).await
    }

    async fn say(&mut self, request: Builder, body: Value) -> Answer {
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub async fn ask(&mut self, mut request: Request<Body>) -> Answer {
        if !self.jar.is_empty() {
            let cookies = self.cookies().parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        if let Some(door) = self.door {
            let door = door.parse().unwrap();
            request.headers_mut().insert(DOOR_HEADER, door);
        }
        let response = Box::pin(self.world.routes().oneshot(request));
        let response = response.await.unwrap();
        let (head, body) = response.into_parts();
        for line in head.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let is_picture = bytes.starts_with(b"\x89PNG");
        let body = match bytes.is_empty() || is_picture {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).expect("the API speaks JSON"),
        };
        Answer {
            status: head.status,
            body,
            headers: head.headers,
        }
    }

    fn keep(&mut self, line: &str) {
        let same_site = match line.starts_with("__Host-embed=") {
            true => "None; Partitioned",
            false => "Strict",
        };
        let end = format!("; Path=/; Secure; HttpOnly; SameSite={same_site}");
        assert!(line.ends_with(&end), "{line}");
        let (name, rest) = line.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        if line.contains("Max-Age=0;") {
            self.jar.remove(name);
        } else {
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }

    pub fn start_body(request: u8) -> Value {
        json!({
            "request": PageId::from_bytes([request; 16]), "number": "0151 23456789", "region": "DE",
            "reference": "CLAIM-2026-1", "language": "de",
        })
    }

    pub async fn start_call(&self, request: u8) -> SessionId {
        let started = self
            .clone()
            .post("/api/sessions", Self::start_body(request))
            .await;
        assert_eq!(started.status, StatusCode::OK, "{started:?}");
        started.body["session"].as_str().unwrap().parse().unwrap()
    }

    pub fn handshake(&self) -> Handshake {
        let door = self.door.map(|door| format!("door.{door}"));
        let subprotocols: Vec<_> = [SUBPROTOCOL.to_owned()].into_iter().chain(door).collect();
        Handshake {
            origin: Some(ORIGIN.to_owned()),
            cookies: Cookies::new(vec![self.cookies()]).through(&subprotocols),
            bearer: None,
            subprotocols,
            source: None,
        }
    }

    /// A page with an open socket that has said nothing.
    pub async fn page(&self, session: SessionId, seat: Seat) -> Page<'w> {
        let which = self.world.fresh();
        let mut page = Page {
            world: self.world,
            browser: self.clone(),
            connection: ConnectionKey(String::new()),
            page: PageId::from_bytes([which; 16]),
            session,
            seat,
            n: 1,
        };
        page.connect().await.unwrap();
        page
    }

    pub async fn attached(&self, session: SessionId, seat: Seat) -> Page<'w> {
        let mut page = self.page(session, seat).await;
        page.attach().await;
        page
    }
}

pub struct Page<'w> {
    pub world: &'w World,
    pub browser: Browser<'w>,
    pub connection: ConnectionKey,
    pub page: PageId,
    pub session: SessionId,
    pub seat: Seat,
    pub n: u32,
}

impl Page<'_> {
    /// A fresh socket, with the cookies the browser has.
    pub async fn connect(&mut self) -> Result<(), NotAdmitted> {
        self.connection = ConnectionKey(format!("page-{}", self.world.fresh()));
        let handshake = self.browser.handshake();
        let admitted = self
            .world
            .host
            .connect(&self.connection, &handshake)
            .await?;
        assert_eq!(admitted, Admitted::Speaks(Some(SUBPROTOCOL)));
        self.world.memory().open(&self.connection);
        Ok(())
    }

    /// Closes the socket and tells the host.
    pub async fn disconnect(&self) {
        self.world.memory().cut(&self.connection);
        self.world.host.disconnected(&self.connection).await;
    }

    pub async fn say(&self, topic: &str, kind: &str, rest: Value) {
        let mut message =
            json!({ "session": self.session, "page": self.page, "topic": topic, "type": kind });
        message
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        // Nothing here says what the wire would not.
        let bytes = message.to_string();
        assert!(serde_json::from_str::<FromPage>(&bytes).is_ok(), "{bytes}");
        self.raw(bytes.as_bytes()).await;
    }

    pub async fn raw(&self, bytes: &[u8]) {
        Box::pin(self.world.host.message(&self.connection, bytes)).await;
    }

    pub fn heard(&self) -> Vec<PageHears> {
        let session = self.session;
        let messages = self.world.memory().heard(&self.connection).into_iter();
        let read = |message: String| {
            let message: ToPage = serde_json::from_str(&message).unwrap();
            assert!(message.session.is_none_or(|about| about == session));
            message.hears
        };
        messages.map(read).collect()
    }

    pub async fn attach(&mut self) -> sightline_wire::Attached {
        self.say("session", "attach", json!({ "seat": self.seat }))
            .await;
        let heard = self.heard();
        let Some(PageHears::Session(SessionHears::Attached(attached))) = heard.first() else {
            panic!("not attached: {heard:?}");
        };
        self.n = attached.next_n;
        attached.clone()
    }

    /// A numbered command and its answer; what else was heard meanwhile is dropped.
    pub async fn command(&mut self, topic: &str, kind: &str, mut rest: Value) -> Done {
        rest["n"] = self.n.into();
        self.say(topic, kind, rest).await;
        let done = done(&self.heard()).expect("a command is answered");
        assert_eq!(done.n, self.n);
        self.n += 1;
        done
    }

    pub async fn join(&mut self, take: bool) -> Done {
        let rest = json!({ "name": "Guest", "video_only": false, "microphone": true, "camera": true, "take": take });
        self.command("session", "join", rest).await
    }

    pub async fn chat(&mut self, text: &str) -> Done {
        self.command("chat", "say", json!({ "text": text })).await
    }

    pub async fn ping(&self) -> Vec<PageHears> {
        self.say("session", "ping", json!({})).await;
        self.heard()
    }

    /// The whole log, by as many `resume` as it takes. What else was heard is dropped.
    pub async fn log(&self) -> Vec<Event> {
        let mut log: Vec<Event> = Vec::new();
        self.heard();
        loop {
            let after = log.last().map_or(0, |event| event.seq);
            self.say("session", "resume", json!({ "after": after }))
                .await;
            let batch = self.heard().into_iter().find_map(|hears| match hears {
                PageHears::Session(SessionHears::Events(batch)) => Some(batch),
                _ => None,
            });
            let batch = batch.expect("a resume is answered");
            log.extend(batch.events);
            if !batch.more {
                assert_eq!(log.last().map_or(0, |event| event.seq), batch.head);
                return log;
            }
        }
    }

    /// The log by HTTP, as this page asks for it.
    pub async fn log_by_http(&self) -> Answer {
        let request = Request::get(format!("/api/sessions/{}/log", self.session))
            .header(PAGE_HEADER, self.page.to_string());
        let mut browser = self.browser.clone();
        browser.ask(request.body(Body::empty()).unwrap()).await
    }

    /// The same as pages of the version before ask for it.
    pub fn log_path(&self) -> String {
        format!("/api/sessions/{}/log?page={}", self.session, self.page)
    }

    /// Kinds of all events in the log, in order.
    pub async fn kinds(&self) -> Vec<String> {
        kinds(&self.log().await)
    }

    pub async fn offer(&self, attempt: u32, avoid: Option<RelayId>) {
        let mut rest = json!({ "attempt": attempt, "sdp": format!("v=0 {attempt}") });
        if let Some(avoid) = avoid {
            rest["avoid"] = json!(avoid);
        }
        self.say("signaling", "offer", rest).await;
    }
}

pub fn kinds(events: &[Event]) -> Vec<String> {
    let kind = |event: &Event| {
        serde_json::to_value(event).unwrap()["type"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    events.iter().map(kind).collect()
}

pub fn done(heard: &[PageHears]) -> Option<Done> {
    heard.iter().find_map(|hears| match hears {
        PageHears::Session(SessionHears::Done(done)) => Some(*done),
        _ => None,
    })
}

pub fn refusal(heard: &[PageHears]) -> Option<Refusal> {
    heard.iter().find_map(|hears| match hears {
        PageHears::Session(SessionHears::Refused { refusal }) => Some(*refusal),
        PageHears::Session(SessionHears::Done(done)) => done.refused,
        _ => None,
    })
}

pub fn events(heard: &[PageHears]) -> Vec<Event> {
    let mut events = Vec::new();
    for hears in heard {
        if let PageHears::Session(SessionHears::Events(batch)) = hears {
            events.extend(batch.events.clone());
        }
    }
    events
}

pub struct Relay<'w> {
    pub world: &'w World,
    pub id: RelayId,
    pub connection: ConnectionKey,
    pub rooms_max: u32,
}

impl Relay<'_> {
    pub async fn dial(&mut self) {
        self.connection = ConnectionKey(format!("relay-{}", self.world.fresh()));
        let handshake = Handshake {
            bearer: Some(
                self.world
                    .host
                    .keys()
                    .relay(crate::ports::Ports::now_ms(self.world.memory())),
            ),
            ..Handshake::default()
        };
        let admitted = self.world.host.connect(&self.connection, &handshake).await;
        assert_eq!(admitted, Ok(Admitted::Speaks(None)));
        self.world.memory().open(&self.connection);
        let hello = RelaySays::Hello {
            relay: self.id,
            rooms_max: self.rooms_max,
            media: vec!["127.0.0.1:4000".parse().unwrap()],
        };
        self.say(hello).await;
        assert_eq!(
            self.heard(),
            [RelayHears::Welcome {
                lease_s: 45,
                seen: None,
            }]
        );
    }

    pub async fn lease(&self, rooms: u32, draining: bool) -> Vec<RelayHears> {
        let relay = self.id;
        self.say(RelaySays::Lease {
            relay,
            rooms,
            draining,
        })
        .await;
        self.heard()
    }

    pub async fn answer(&self, page: &Page<'_>, attempt: u32) {
        let answer = RelaySays::Answer {
            relay: self.id,
            session: page.session,
            seat: page.seat,
            page: page.page,
            attempt,
            sdp: Sdp::new("v=0 answer".to_owned()).unwrap(),
        };
        self.say(answer).await;
    }

    pub async fn say(&self, says: RelaySays) {
        let bytes = serde_json::to_string(&FromRelay::Relay(says)).unwrap();
        self.world
            .host
            .message(&self.connection, bytes.as_bytes())
            .await;
    }

    pub fn heard(&self) -> Vec<RelayHears> {
        let messages = self.world.memory().heard(&self.connection).into_iter();
        let read = |message: String| {
            let ToRelay::Relay(hears) = serde_json::from_str(&message).unwrap();
            hears
        };
        messages.map(read).collect()
    }
}
