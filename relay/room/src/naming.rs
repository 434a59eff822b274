//! Names the path of a page that speaks over one before it named it.
//!
//! An ICE-lite relay waits until the page names a pair of addresses (RFC 8445 section 8.1.1).
//! Chromium begins DTLS as soon as a check was answered, but towards an ICE-lite peer it names the
//! pair only in its next check, and after the first five these are 2.5 s apart. From a round trip
//! of some 100 ms on that is what a person waits for. So the relay takes the beginning of DTLS as
//! the name: the answer to the check came through, and the page chose this path to speak.

use str0m::ice::StunMessage;

use crate::gate;
use crate::io::Remote;

/// Most paths that wait for a name. Further ones are named by the page itself.
const PATHS_MAX: usize = 8;
/// A check has 150 bytes. A longer one is not kept.
const CHECK_BYTES_MAX: usize = 512;

/// The paths of a page that has named none.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    checks: Vec<(Remote, Vec<u8>)>,
}

impl Naming {
    /// Keeps the authenticated check of a path.
    pub(crate) fn note_check(&mut self, path: Remote, check: &[u8]) {
        let known = self.checks.iter().any(|(from, _)| *from == path);
        if !known && self.checks.len() < PATHS_MAX && check.len() <= CHECK_BYTES_MAX {
            self.checks.push((path, check.to_vec()));
        }
    }

    /// The check of this path with USE-CANDIDATE, signed with the relay's own password, if the
    /// page now begins DTLS there.
    pub(crate) fn on_speech(&self, path: Remote, datagram: &[u8], key: &str) -> Option<Vec<u8>> {
        if !is_dtls(datagram) {
            return None;
        }
        let (_, check) = self.checks.iter().find(|(from, _)| *from == path)?;
        naming(check, key)
    }
}

/// Whether a datagram is DTLS (RFC 7983 section 7).
fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}

/// A check like this one that names its path.
fn naming(check: &[u8], key: &str) -> Option<Vec<u8>> {
    let check = StunMessage::parse(check).ok()?;
    let named = StunMessage::binding_request(
        check.username()?,
        check.trans_id(),
        true,
        check.ice_controlling()?,
        check.prio()?,
        true,
    );
    let mut bytes = vec![0; CHECK_BYTES_MAX];
    let sign = gate::provider().sha1_hmac_provider;
    let length = named
        .to_bytes(Some(key.as_bytes()), &mut bytes, |key, parts| {
            sign.sha1_hmac(key, parts)
        })
        .ok()?;
    bytes.truncate(length);
    Some(bytes)
}
