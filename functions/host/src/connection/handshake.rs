//! Handshakes: admits our pages with our cookies, and relays with a token.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};
use sightline_wire::{PageId, SUBPROTOCOL, Seat, SessionId};

use crate::api::only_line;
use crate::cookies::Cookies;
use crate::host::Host;
use crate::ports::{ConnectionKey, Connections, Ports, StoreError};
use crate::records::ConnectionRecord;

/// How long after the handshake a connection's record may be deleted, seconds. API Gateway ends a
/// connection after 2 h; the desk's connections end with its process.
const RECORD_S: u64 = 24 * 60 * 60;

/// The content of a WebSocket handshake. [`crate::only_hosts`] checks the host name.
#[derive(Clone, Default)]
pub struct Handshake {
    /// Header `Origin`.
    pub origin: Option<String>,
    /// Headers `Cookie`, with the door that a subprotocol names.
    pub cookies: Cookies,
    /// Header `Authorization`, after `Bearer `.
    pub bearer: Option<String>,
    /// Header `Sec-WebSocket-Protocol`, split at commas. One may name the page.
    pub subprotocols: Vec<String>,
    /// The address it came from, if the plug can trust it. It is sent to a relay.
    pub source: Option<IpAddr>,
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handshake")
            .field("origin", &self.origin)
            .field("subprotocols", &self.subprotocols)
            .finish_non_exhaustive()
    }
}

impl Handshake {
    /// Reads the headers of the upgrade request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let subprotocols: Vec<String> = headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        Self {
            origin: only_line(headers, "origin").map(str::to_owned),
            cookies: Cookies::of(headers).through(&subprotocols),
            bearer: text(header::AUTHORIZATION)
                .and_then(|value| value.strip_prefix("Bearer "))
                .map(|token| token.trim().to_owned()),
            subprotocols,
            source: None,
        }
    }
}

/// How an admitted handshake is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Accept with this subprotocol. The connection's record is stored.
    Speaks(Option<&'static str>),
    /// A page of another version, with a cookie of ours: accept with the subprotocol it asked for
    /// and close with [`sightline_wire::CLOSE_VERSION`], so that it reloads once. API Gateway
    /// cannot close from `$connect`; there [`Host::message`] closes, as it does for any connection
    /// without a record.
    OtherVersion(String),
}

/// Why a handshake is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// The page has another origin, or sent none.
    #[error("wrong origin")]
    WrongOrigin,
    /// The request names no subprotocol of ours.
    #[error("no subprotocol of ours")]
    NoSubprotocol,
    /// The request has neither a valid cookie nor a valid token.
    #[error("no valid cookie or token")]
    Nobody,
    /// The store failed.
    #[error("store failed")]
    Trouble,
}

impl NotAdmitted {
    /// Returns the HTTP status of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::WrongOrigin => StatusCode::FORBIDDEN,
            Self::NoSubprotocol => StatusCode::BAD_REQUEST,
            Self::Nobody => StatusCode::UNAUTHORIZED,
            Self::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Handshake {
    /// The page that connects, if it says so: another subprotocol, since a browser sets no header.
    /// Only the page itself knows its id.
    #[must_use]
    pub fn page(&self) -> Option<PageId> {
        let mut names = self.subprotocols.iter();
        names.find_map(|name| {
            name.strip_prefix("page.")?
                .parse::<PageId>()
                .ok()?
                .somebody()
        })
    }
}

impl<P: Ports> Host<P> {
    /// Whether this page holds a customer's seat. False when the store fails: then it counts as a
    /// guest.
    pub async fn holds_seat(&self, session: SessionId, page: PageId) -> bool {
        let state = self.peek(session).await.ok().flatten();
        let holder = state.and_then(|state| state.seats.get(Seat::Customer).holder);
        holder == Some(page)
    }

    /// Checks a handshake and stores the record of the connection. Sends nothing to it: API Gateway
    /// answers 410 to a push before the handshake is over.
    ///
    /// # Errors
    /// Fails with the reason for the refusal.
    pub async fn connect(
        &self,
        connection: &ConnectionKey,
        handshake: &Handshake,
    ) -> Result<Admitted, NotAdmitted> {
        let now_ms = self.ports.now_ms();
        let blank = ConnectionRecord {
            delete_at_s: now_ms / 1_000 + RECORD_S,
            ..ConnectionRecord::default()
        };
        let (record, admitted) = match &handshake.bearer {
            Some(token) => self.admit_relay(token, handshake, blank, now_ms)?,
            None => self.admit_page(handshake, blank, now_ms)?,
        };
        if let Some(record) = record {
            self.keep_connection(connection, record, handshake).await?;
        }
        Ok(admitted)
    }

    /// Stores the record of a connection. An agent's is noted with the sign-in first: a sign-out
    /// at this moment either finds the connection, or the connection finds the sign-in over.
    async fn keep_connection(
        &self,
        connection: &ConnectionKey,
        mut record: ConnectionRecord,
        handshake: &Handshake,
    ) -> Result<(), NotAdmitted> {
        let trouble = |error: StoreError| {
            tracing::error!(connection.id = %connection.0, error = %error, "store failed");
            NotAdmitted::Trouble
        };
        let agent = handshake.cookies.agent(&self.keys, self.ports.now_ms());
        if let Some(agent) = agent.filter(|_| record.agent.is_some())
            && !self.opened_by(&agent, connection).await.map_err(trouble)?
        {
            (record.agent, record.sign_in) = (None, None);
            if record.seats.is_empty() {
                return Err(NotAdmitted::Nobody);
            }
        }
        let put = self.ports.store().put_connection(connection, record);
        put.await.map_err(trouble)
    }

    fn admit_page(
        &self,
        handshake: &Handshake,
        blank: ConnectionRecord,
        now_ms: u64,
    ) -> Result<(Option<ConnectionRecord>, Admitted), NotAdmitted> {
        let origin = handshake.origin.as_deref();
        if !origin.is_some_and(|origin| self.config.allows_origin(origin)) {
            return Err(NotAdmitted::WrongOrigin);
        }
        let version = subprotocol(handshake)?;
        let signed_in = handshake.cookies.agent(&self.keys, now_ms);
        let record = ConnectionRecord {
            agent: signed_in.as_ref().map(|agent| (agent.agent, agent.role)),
            sign_in: signed_in.map(|agent| agent.sign_in),
            seats: handshake.cookies.seats(&self.keys, now_ms),
            ..blank
        };
        // Before the version: a stranger gets no connection, not even one that is closed at once.
        if record.agent.is_none() && record.seats.is_empty() {
            return Err(NotAdmitted::Nobody);
        }
        Ok(match version {
            Version::Ours => (Some(record), Admitted::Speaks(Some(SUBPROTOCOL))),
            Version::Other(name) => (None, Admitted::OtherVersion(name)),
        })
    }

    /// A relay is not a browser: it has no origin and may omit the subprotocol.
    fn admit_relay(
        &self,
        token: &str,
        handshake: &Handshake,
        blank: ConnectionRecord,
        now_ms: u64,
    ) -> Result<(Option<ConnectionRecord>, Admitted), NotAdmitted> {
        if !self.keys.check_relay(token, now_ms) {
            return Err(NotAdmitted::Nobody);
        }
        let asked = handshake
            .subprotocols
            .iter()
            .any(|name| name == SUBPROTOCOL);
        let record = ConnectionRecord {
            relay: true,
            source: handshake.source,
            ..blank
        };
        Ok((Some(record), Admitted::Speaks(asked.then_some(SUBPROTOCOL))))
    }
}

enum Version {
    Ours,
    Other(String),
}

fn subprotocol(handshake: &Handshake) -> Result<Version, NotAdmitted> {
    let asked = &handshake.subprotocols;
    if asked.iter().any(|name| name == SUBPROTOCOL) {
        return Ok(Version::Ours);
    }
    let numbered = |name: &&String| {
        name.strip_prefix("sightline.").is_some_and(|number| {
            (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let other = asked
        .iter()
        .find(numbered)
        .ok_or(NotAdmitted::NoSubprotocol)?;
    Ok(Version::Other(other.clone()))
}
