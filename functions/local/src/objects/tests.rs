//! The contract through the real router, and what is particular to the desk: misbehaving clients
//! and files on the disk.

mod attacks;
mod folder;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::contract::{self, Case, Got, ObjectsDoor};
use sightline_host::ports::{
    Found, PictureKey, PictureStore, SignedPut, StoreError, StoredObject, UploadKey, Uploads,
};
use sightline_host::{Host, HostConfig, Keys};
use sightline_wire::{Digest, SessionId, Upload, UploadBytes};
use tokio::sync::{Semaphore, watch};

use super::{Objects, Patience, SignedObject, UploadPermit};
use crate::clock::{DeskClock, wall_ms as now_ms};
use crate::data::OBJECTS;
use crate::desk::Desk;
use crate::scratch::Scratch;
use crate::server::connection_counts::ConnectionCounts;
use crate::server::hosts::HostNames;
use crate::server::places::ConnectionPlaces;
use crate::server::source::BehindProxy;
use crate::server::{self, ServerState};
use crate::store::Store;

const KEY: [u8; 32] = [1; 32];
const DIGEST: Digest = Digest::from_bytes([7; 32]);
const SESSION: SessionId = SessionId::from_bytes([9; 16]);

impl Objects {
    async fn open_picture(&self, key: &PictureKey) -> Result<Option<(File, u64)>, StoreError> {
        self.open_wanted(&SignedObject::Picture(key.clone())).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_files_keep_their_contract() {
    let fresh = Fresh::new().await;
    let case = Case::new(1, now_ms());
    contract::case_files(&fresh.desk().objects, &case, fresh.door()).await;
    assert_eq!(fresh.lying("drafts"), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_keep_their_contract() {
    let fresh = Fresh::new().await;
    let case = Case::new(1, now_ms());
    contract::uploads(&fresh.desk().objects, &case, fresh.door()).await;
    assert_eq!(fresh.lying("drafts"), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_keep_their_contract() {
    let fresh = Fresh::new().await;
    let case = Case::new(1, now_ms());
    contract::pictures(&fresh.desk().objects, &case, fresh.door()).await;
    for folder in ["drafts", "pictures"] {
        assert_eq!(fresh.lying(folder), Vec::<PathBuf>::new(), "{folder}");
    }
}

/// A server with the routes of objects only, on its own port.
struct Fresh {
    scratch: Scratch,
    host: Arc<Host<Desk>>,
    listen: SocketAddr,
    /// The server stops when this is dropped.
    _stop: watch::Sender<bool>,
}

impl Fresh {
    async fn new() -> Self {
        Self::with(Patience::default()).await
    }

    async fn with(patience: Patience) -> Self {
        let scratch = Scratch::new();
        let store = Store::open(scratch.path(), now_ms()).unwrap();
        let mut objects = Objects::open(scratch.path(), &KEY).unwrap();
        objects.patience = patience;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = tokio::net::TcpListener::bind(any).await.unwrap();
        let listen = listener.local_addr().unwrap();
        let config = HostConfig::new("Sightline", &format!("http://{listen}"));
        let desk = Desk::new(store, objects, DeskClock::open(scratch.path()).into());
        let host = Arc::new(Host::new(desk, config, Keys::from_bytes(&KEY)));
        let server = ServerState {
            host: host.clone(),
            places: Arc::new(ConnectionPlaces::new(100)),
            conversations: Arc::new(Semaphore::new(1)),
            turned_away: Arc::new(Semaphore::new(1)),
            counts: Arc::new(ConnectionCounts::default()),
            health: Arc::default(),
            behind: BehindProxy(false),
            without_pages: true,
            any_upload: true,
            authority: None,
        };
        let names = HostNames::of(listen, &"help.example".parse().unwrap());
        let (stop, stopped) = watch::channel(false);
        let serving = server::serve(listener, server, names, Arc::new([]), stopped);
        tokio::spawn(serving);
        Self {
            _stop: stop,
            scratch,
            host,
            listen,
        }
    }

    fn desk(&self) -> &Desk {
        self.host.ports()
    }

    fn door(&self) -> Door {
        Door(self.listen)
    }

    /// Signs an upload of `bytes`.
    async fn sign(&self, key: &UploadKey, bytes: usize) -> SignedPut {
        let bytes = UploadBytes::new(bytes as u32).unwrap();
        self.desk()
            .objects
            .sign_put(key, bytes, now_ms())
            .await
            .unwrap()
    }

    async fn put(&self, signed: &SignedPut, body: &[u8]) -> u16 {
        let door = self.door();
        door.put(&signed.url, &signed.headers, body.to_vec()).await
    }

    /// Takes all permits of the session that are to be had.
    fn all_permits(&self) -> Vec<UploadPermit> {
        let (permits, one) = (&self.desk().objects.permits, UploadBytes::new(1).unwrap());
        let pictures = 100..;
        let taken = pictures.map_while(|picture| permits.take(&quick(picture), one).ok());
        taken.collect()
    }

    /// A link to a picture.
    async fn link(&self, picture: u32, until_ms: u64) -> String {
        let key = base(picture);
        let link = self.desk().objects.sign_get(&key, now_ms(), until_ms).await;
        link.unwrap()
    }

    async fn read(&self, key: &UploadKey) -> Found {
        self.desk()
            .objects
            .read(key, UploadBytes::MAX)
            .await
            .unwrap()
    }

    /// Lists the files and empty folders below a folder of objects.
    fn lying(&self, folder: &str) -> Vec<PathBuf> {
        let root = self.scratch.path().join(OBJECTS).join(folder);
        let mut lying = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let before = lying.len() + folders.len();
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    lying.push(path);
                }
            }
            if lying.len() + folders.len() == before && folder != root {
                lying.push(folder);
            }
        }
        lying
    }

    /// Waits until there are `count` drafts.
    async fn drafts(&self, count: usize) {
        for _ in 0..3_000 {
            if self.lying("drafts").len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} drafts expected, {:?}", self.lying("drafts"));
    }
}

fn quick(picture: u32) -> UploadKey {
    UploadKey {
        session: SESSION,
        upload: Upload::Quick { picture },
    }
}

fn base(picture: u32) -> PictureKey {
    PictureKey {
        session: SESSION,
        object: StoredObject::Base {
            picture,
            digest: DIGEST,
        },
    }
}

/// A browser, with one connection per request.
#[derive(Clone, Copy)]
struct Door(SocketAddr);

impl Door {
    async fn ask(
        self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Got {
        let host = self.0.to_string();
        let head = head(method, url, &host, headers, body.len());
        tokio::task::spawn_blocking(move || {
            let mut line = Line::open(self.0);
            line.say(head.as_bytes());
            line.say(&body);
            line.answer()
        })
        .await
        .unwrap()
    }
}

impl ObjectsDoor for Door {
    async fn put(&self, url: &str, headers: &[(String, String)], body: Vec<u8>) -> u16 {
        self.ask("PUT", url, headers, body).await.status
    }

    async fn get(&self, url: &str) -> Got {
        self.ask("GET", url, &[], Vec::new()).await
    }
}

fn head(
    method: &str,
    url: &str,
    host: &str,
    headers: &[(String, String)],
    length: usize,
) -> String {
    let mut head = format!("{method} {url} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    if method != "GET" {
        head.push_str(&format!("content-length: {length}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

/// A raw connection.
struct Line(TcpStream);

impl Line {
    fn open(to: SocketAddr) -> Self {
        let line = TcpStream::connect(to).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self(line)
    }

    /// Sends bytes; ignores a closed connection.
    fn say(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    fn answer(&mut self) -> Got {
        let mut bytes = Vec::new();
        let end = self.0.read_to_end(&mut bytes);
        let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            panic!("no answer: {end:?}, {}", String::from_utf8_lossy(&bytes));
        };
        let head = String::from_utf8(bytes[..place].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        Got {
            status: status.parse().unwrap(),
            headers: lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: bytes[place + 4..].to_vec(),
        }
    }
}
