//! Who may come in: the places of owners, and what a flood costs across all processes.

use sightline_host::ports::{
    ConnectionKey, Connections as _, Ports, Push as _, Sessions as _, StoreError,
};
use sightline_wire::CLOSE_FLOOD;

use super::SocketHandler;
use crate::connection_limits::{SAMPLE, STRETCH_MAX, STRETCH_MS};
use crate::places::{CookieOwner, PlaceStore, Places};

/// Tries of one change of an owner's places, while other connections of it come and go.
const TRIES_MAX: u32 = 6;

/// Longest pause between two tries, milliseconds.
const PAUSE_MS: u64 = 60;

impl<P: Ports, S: PlaceStore> SocketHandler<P, S> {
    /// Takes a place for a page with each of its owners. Returns false when its address has to
    /// wait, or an owner has no place to give; [`Self::leaves`] gives back what was taken then.
    pub(super) async fn enters(
        &self,
        connection: &ConnectionKey,
        source: &str,
    ) -> Result<bool, StoreError> {
        for owner in self.owners(connection).await? {
            if !self.takes_place(owner, connection, source).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives back the places of a connection. Nothing depends on it: a place becomes void by
    /// itself.
    pub(super) async fn leaves(&self, connection: &ConnectionKey) {
        let give_back = |places: &mut Places, _| places.give_back(connection);
        self.change_places(connection, give_back).await;
    }

    /// Counts one message in so many, for all processes together: API Gateway spreads the messages
    /// of a connection over processes, and each knows its own share only. Returns whether the
    /// connection floods.
    pub(super) async fn floods(&self, connection: &ConnectionKey, now_ms: u64) -> bool {
        let [chance, ..] = self.host.ports().random();
        if !chance.is_multiple_of(SAMPLE) {
            return false;
        }
        let (stretch, now_s) = (now_ms / STRETCH_MS, now_ms / 1_000);
        let counted = self
            .places
            .count_messages(connection, stretch, SAMPLE.into(), now_s)
            .await;
        counted.map_or_else(
            |error| {
                tracing::warn!(connection.id = %connection.0, error = %error, "failed to count a message");
                false
            },
            |count| count > STRETCH_MAX,
        )
    }

    /// Closes a connection that floods. Its address waits, so that coming back gives no fresh
    /// limit.
    pub(super) async fn close_flooding(&self, connection: &ConnectionKey) {
        tracing::warn!(connection.id = %connection.0, "closing connection that floods");
        let bar = |places: &mut Places, now_s| places.bar(connection, now_s);
        self.change_places(connection, bar).await;
        self.close(connection).await;
    }

    async fn close(&self, connection: &ConnectionKey) {
        let closed = self.host.ports().push().close(connection, CLOSE_FLOOD);
        if let Err(error) = closed.await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
        }
    }

    async fn owners(&self, connection: &ConnectionKey) -> Result<Vec<CookieOwner>, StoreError> {
        let record = self.host.ports().store().find_connection(connection);
        let record = record.await?.filter(|record| !record.relay);
        Ok(record.as_ref().map(CookieOwner::of).unwrap_or_default())
    }

    async fn takes_place(
        &self,
        owner: CookieOwner,
        connection: &ConnectionKey,
        source: &str,
    ) -> Result<bool, StoreError> {
        for _ in 0..TRIES_MAX {
            let now_s = self.now_s();
            let (stored, revision) = self.places.places(owner).await?;
            let mut places = stored.at(now_s);
            if places.waits(source) {
                return Ok(false);
            }
            // The answer to an earlier try may have got lost.
            places.give_back(connection);
            let mut given_away = None;
            if places.count() >= owner.most() {
                let Some(first) = self.first_to_go(&places).await? else {
                    return Ok(false);
                };
                places.give_back(&first);
                given_away = Some(first);
            }
            places.take(connection, source, now_s);
            if self
                .places
                .set_places(owner, &places, revision, now_s)
                .await?
            {
                if let Some(first) = given_away {
                    self.close(&first).await;
                }
                return Ok(true);
            }
            self.pause().await;
        }
        Err(busy())
    }

    /// Returns the oldest connection that speaks for no seat: guests of a link must not displace
    /// the one who holds the seat.
    async fn first_to_go(&self, places: &Places) -> Result<Option<ConnectionKey>, StoreError> {
        for connection in places.connections() {
            if !self.speaks_for_a_seat(&connection).await? {
                return Ok(Some(connection));
            }
        }
        Ok(None)
    }

    async fn speaks_for_a_seat(&self, connection: &ConnectionKey) -> Result<bool, StoreError> {
        let ports = self.host.ports();
        let Some(record) = ports.store().find_connection(connection).await? else {
            return Ok(false);
        };
        for (session, seat) in record.attached {
            let loaded = ports.store().load(session, ports.now_ms()).await?;
            let speaks = loaded.is_some_and(|loaded| {
                let attached = loaded.attachments.get(seat).as_ref();
                attached.is_some_and(|attached| {
                    attached.connection == *connection && attached.closed_at_ms.is_none()
                })
            });
            if speaks {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Changes the places of every owner of a connection, where `change` returns true.
    async fn change_places(
        &self,
        connection: &ConnectionKey,
        change: impl Fn(&mut Places, u64) -> bool + Send + Sync,
    ) {
        let changed = async {
            for owner in self.owners(connection).await? {
                self.change_of(owner, &change).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = changed.await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to change places");
        }
    }

    async fn change_of(
        &self,
        owner: CookieOwner,
        change: &(impl Fn(&mut Places, u64) -> bool + Send + Sync),
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let now_s = self.now_s();
            let (stored, revision) = self.places.places(owner).await?;
            let mut places = stored.at(now_s);
            let changes = change(&mut places, now_s);
            if !changes
                || self
                    .places
                    .set_places(owner, &places, revision, now_s)
                    .await?
            {
                return Ok(());
            }
            self.pause().await;
        }
        Err(busy())
    }

    fn now_s(&self) -> u64 {
        self.host.ports().now_ms() / 1_000
    }

    async fn pause(&self) {
        let ports = self.host.ports();
        let [chance, ..] = ports.random();
        ports.pause(u64::from(chance) * PAUSE_MS / 255).await;
    }
}

fn busy() -> StoreError {
    StoreError {
        operation: "change places",
        cause: "other connections of the owner change all the time".to_owned(),
        retryable: true,
    }
}
