//! The host's ports on one machine.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::ports::Ports;

use crate::clock::DeskClock;
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
    /// The clocks.
    pub clock: Arc<DeskClock>,
}

impl Desk {
    /// A desk on an open store, the pictures beside it and the clocks of their folder.
    #[must_use]
    pub fn new(store: Store, objects: Objects, clock: Arc<DeskClock>) -> Self {
        Self {
            store,
            objects,
            sockets: Sockets::default(),
            clock,
        }
    }
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
        self.clock.now_ms()
    }

    fn ahead_ms(&self) -> i64 {
        self.clock.ahead_ms()
    }

    fn erase_ms(&self) -> u64 {
        self.clock.erase_ms()
    }

    fn random(&self) -> [u8; 16] {
        random()
    }

    fn run_on(&self, work: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(work);
    }

    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(Duration::from_millis(ms))
    }
}
