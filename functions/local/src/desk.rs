//! The host's ports on one machine.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sightline_host::ports::Ports;

use crate::objects::Objects;
use crate::sockets::Sockets;
use crate::store::Store;

/// The desk: a store and pictures on disk, sockets in this process. The store's outbox takes the
/// place of text messages.
pub struct Desk {
    /// What is remembered.
    pub store: Store,
    /// Uploads and pictures.
    pub objects: Objects,
    /// Open connections.
    pub sockets: Sockets,
}

impl Desk {
    /// A desk on an open store, and the pictures beside it.
    #[must_use]
    pub fn new(store: Store, objects: Objects) -> Self {
        Self {
            store,
            objects,
            sockets: Sockets::default(),
        }
    }
}

/// The server's clock, epoch milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the clock is read"
)]
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes of the system's generator.
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .expect("the system's generator works; secrets from anything else must not exist");
    bytes
}

impl Ports for Desk {
    type Store = Store;
    type Objects = Objects;
    type Push = Sockets;
    type Sms = Store;

    fn store(&self) -> &Store {
        &self.store
    }

    fn objects(&self) -> &Objects {
        &self.objects
    }

    fn push(&self) -> &Sockets {
        &self.sockets
    }

    fn sms(&self) -> &Store {
        &self.store
    }

    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(Duration::from_millis(ms))
    }
}
