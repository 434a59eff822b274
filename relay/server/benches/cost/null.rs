//! The null relay: what forwarding costs when there is nothing to decide. It knows the keys of all
//! pages, and where they are, from the beginning.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// A page says `HELLO` and the number of its call. Two pages with one number are a call.
pub(crate) const HELLO: u8 = b'H';
/// Header and extensions, which are not encrypted.
pub(crate) const HEADER: usize = 20;
const TAG: usize = 16;

/// One direction of a page, as SRTP with AEAD_AES_256_GCM does it (RFC 7714).
pub(crate) struct Guard(LessSafeKey);

impl Guard {
    /// All pages use one key: other bytes cost the same.
    pub(crate) fn new() -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap();
        Self(LessSafeKey::new(key))
    }

    /// Appends the tag.
    pub(crate) fn protect(&self, packet: &mut Vec<u8>) {
        let (header, payload) = packet.split_at_mut(HEADER);
        let aad = Aad::from(&*header);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce(header), aad, payload)
            .unwrap();
        packet.extend(tag.as_ref());
    }

    /// Removes the tag. Returns whether the packet is genuine.
    pub(crate) fn unprotect(&self, packet: &mut Vec<u8>) -> bool {
        if packet.len() < HEADER + TAG {
            return false;
        }
        let (header, payload) = packet.split_at_mut(HEADER);
        let aad = Aad::from(&*header);
        let genuine = self.0.open_in_place(nonce(header), aad, payload).is_ok();
        packet.truncate(packet.len() - TAG);
        genuine
    }
}

/// Sequence number, time and stream.
fn nonce(header: &[u8]) -> Nonce {
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&header[..12]);
    Nonce::assume_unique_for_key(nonce)
}

pub(crate) fn run() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    println!("{}", socket.local_addr().unwrap());
    let (unprotects, protects) = (Guard::new(), Guard::new());
    let mut waiting: HashMap<[u8; 8], SocketAddr> = HashMap::new();
    let mut pages: HashMap<SocketAddr, SocketAddr> = HashMap::new();
    let mut packet = vec![0; 2048];
    loop {
        packet.resize(2048, 0);
        let Ok((length, from)) = socket.recv_from(&mut packet) else {
            continue;
        };
        packet.truncate(length);
        if let Some(to) = pages.get(&from) {
            if unprotects.unprotect(&mut packet) {
                protects.protect(&mut packet);
                let _ = socket.send_to(&packet, to);
            }
        } else if let Some((&HELLO, call)) = packet.split_first()
            && let Ok(call) = call.try_into()
        {
            match waiting.remove(&call) {
                Some(other) if other != from => {
                    pages.insert(from, other);
                    pages.insert(other, from);
                }
                _ => drop(waiting.insert(call, from)),
            }
        }
    }
}
