//! Signed requests: `PUT` or `GET` of `/objects/<key>?expires=…&bytes=…&signature=…`.
//!
//! The signature covers method, headers and the exact text of the address, so no part of an address
//! is parsed before its signature is checked.

use aws_lc_rs::hmac;
use sightline_host::ports::{KeptFile, PictureKey, SignedPut, UploadKey};
use sightline_wire::{UPLOAD_S, UPLOAD_TYPE, UploadBytes};

use super::keys;
use crate::data::KEY_BYTES;

/// Path prefix of all objects.
pub const PREFIX: &str = "/objects/";

/// `If-None-Match` of an upload: its key must be free.
pub const FREE: &str = "*";

/// Separates the signed part of an address from the signature.
const SIGNATURE: &str = "&signature=";

/// Signs addresses and checks signatures.
pub struct Signer(hmac::Key);

/// The permission of a signed `PUT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutTerms {
    /// Key of the upload.
    pub key: UploadKey,
    /// Its exact length.
    pub bytes: UploadBytes,
    /// It must begin before this time, epoch milliseconds.
    pub expires_ms: u64,
}

/// What a signed `GET` is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedObject {
    /// A picture.
    Picture(PictureKey),
    /// A case file or an export.
    Kept(KeptFile),
}

/// The permission of a signed `GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTerms {
    /// What may be read.
    pub wanted: SignedObject,
    /// It must begin before this time, epoch milliseconds.
    pub expires_ms: u64,
}

impl Signer {
    /// Derives a key for this purpose from the data folder's key, so that a signature of a cookie
    /// is never valid for an object, nor the reverse.
    #[must_use]
    pub fn of(key: &[u8; KEY_BYTES]) -> Self {
        let parent = hmac::Key::new(hmac::HMAC_SHA256, key);
        let own = hmac::sign(&parent, b"sightline 1 objects\0");
        Self(hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()))
    }

    /// Signs a `PUT` of exactly `bytes` that begins within [`UPLOAD_S`].
    #[must_use]
    pub fn sign_put(&self, key: &UploadKey, bytes: UploadBytes, now_ms: u64) -> SignedPut {
        let expires_ms = now_ms.saturating_add(u64::from(UPLOAD_S) * 1_000);
        let path = key.path();
        let address = format!("{PREFIX}{path}?expires={expires_ms}&bytes={}", bytes.get());
        let headers = [("content-type", UPLOAD_TYPE), ("if-none-match", FREE)];
        SignedPut {
            url: self.signed(&put_head(), address),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    /// Signs a `GET` that begins before `expires_ms`.
    #[must_use]
    pub fn sign_get(&self, key: &PictureKey, expires_ms: u64) -> String {
        self.sign_path(&key.path(), expires_ms)
    }

    /// Signs a `GET` of a case file or an export, likewise.
    #[must_use]
    pub fn sign_case(&self, key: &KeptFile, expires_ms: u64) -> String {
        self.sign_path(&key.path(), expires_ms)
    }

    fn sign_path(&self, path: &str, expires_ms: u64) -> String {
        let address = format!("{PREFIX}{path}?expires={expires_ms}");
        self.signed(GET_HEAD, address)
    }

    /// Returns the permission of an address (path and query) for `PUT`, or `None` if its signature
    /// is invalid. The caller checks the date.
    #[must_use]
    pub fn put(&self, address: &str) -> Option<PutTerms> {
        let (path, query) = self.ours(&put_head(), address)?;
        let (expires, bytes) = query.split_once("&bytes=")?;
        Some(PutTerms {
            key: keys::incoming(path)?,
            bytes: UploadBytes::new(bytes.parse().ok()?)?,
            expires_ms: expires.strip_prefix("expires=")?.parse().ok()?,
        })
    }

    /// Returns the permission of an address for `GET`, or `None` if its signature is invalid. The
    /// caller checks the date.
    #[must_use]
    pub fn get(&self, address: &str) -> Option<GetTerms> {
        let (path, query) = self.ours(GET_HEAD, address)?;
        let picture = keys::picture(path).map(SignedObject::Picture);
        Some(GetTerms {
            wanted: picture.or_else(|| keys::kept_file(path).map(SignedObject::Kept))?,
            expires_ms: query.strip_prefix("expires=")?.parse().ok()?,
        })
    }

    fn signed(&self, head: &str, mut address: String) -> String {
        let mac = hmac::sign(&self.0, material(head, &address).as_bytes());
        address.push_str(SIGNATURE);
        address.push_str(&hex::encode(mac));
        address
    }

    /// Returns key and query of an address if its signature is ours, compared in constant time.
    fn ours<'a>(&self, head: &str, address: &'a str) -> Option<(&'a str, &'a str)> {
        let (signed, signature) = address.split_once(SIGNATURE)?;
        let mac = from_hex(signature)?;
        hmac::verify(&self.0, material(head, signed).as_bytes(), &mac).ok()?;
        signed.strip_prefix(PREFIX)?.split_once('?')
    }
}

const GET_HEAD: &str = "GET";

fn put_head() -> String {
    format!("PUT {UPLOAD_TYPE} {FREE}")
}

/// Joins both parts unambiguously: neither contains a NUL.
fn material(head: &str, address: &str) -> String {
    format!("{head}\0{address}")
}

/// Decodes 32 bytes in the one spelling that [`Signer::signed`] writes, which has no capitals.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use sightline_host::ports::StoredObject;
    use sightline_wire::{Digest, SessionId, Upload};

    use super::*;

    const SESSION: SessionId = SessionId::from_bytes([3; 16]);

    fn upload() -> UploadKey {
        UploadKey {
            session: SESSION,
            upload: Upload::Quick { picture: 5 },
        }
    }

    fn picture() -> PictureKey {
        PictureKey {
            session: SESSION,
            object: StoredObject::Base {
                picture: 5,
                digest: Digest::from_bytes([7; 32]),
            },
        }
    }

    #[test]
    fn what_was_signed_is_understood_and_nothing_else() {
        let signer = Signer::of(&[1; 32]);
        let bytes = UploadBytes::new(77).unwrap();
        let put = signer.sign_put(&upload(), bytes, 1_000).url;
        let terms = PutTerms {
            key: upload(),
            bytes,
            expires_ms: 121_000,
        };
        assert_eq!(signer.put(&put), Some(terms));
        assert_eq!(signer.get(&put), None, "writing is not reading");
        let get = signer.sign_get(&picture(), 5_000);
        let terms = GetTerms {
            wanted: SignedObject::Picture(picture()),
            expires_ms: 5_000,
        };
        assert_eq!(signer.get(&get), Some(terms));
        assert_eq!(signer.put(&get), None, "reading is not writing");

        for (place, byte) in put.bytes().enumerate() {
            for other in [byte ^ 1, byte ^ 0x20, b'0', b'&', b'/', b'%'] {
                let mut altered = put.clone().into_bytes();
                altered[place] = other;
                if let Ok(altered) = String::from_utf8(altered)
                    && altered != put
                {
                    assert_eq!(signer.put(&altered), None, "{altered}");
                }
            }
            assert_eq!(signer.put(&put[..place]), None);
        }
        for altered in [
            format!("{put}0"),
            format!("{put}&signature="),
            put.replace('?', "?x=1&"),
            put.to_uppercase(),
            put.replace("/objects/", "/objects//"),
            put.replace("/objects/", "/objects/./"),
        ] {
            assert_eq!(signer.put(&altered), None, "{altered}");
        }
    }

    #[test]
    fn even_with_a_signature_only_a_key_is_one() {
        let signer = Signer::of(&[1; 32]);
        for path in [
            "incoming/../../key",
            "incoming/x/1-quick",
            "pictures/..",
            "",
        ] {
            for query in ["expires=5&bytes=5", "expires=5"] {
                let address = format!("{PREFIX}{path}?{query}");
                let put = signer.signed(&put_head(), address.clone());
                assert_eq!(signer.put(&put), None, "{put}");
                let get = signer.signed(GET_HEAD, address);
                assert_eq!(signer.get(&get), None, "{get}");
            }
        }
        let path = upload().path();
        for query in [
            "bytes=5&expires=5",
            "expires=5&bytes=0",
            "expires=5&bytes=8388609",
        ] {
            let put = signer.signed(&put_head(), format!("{PREFIX}{path}?{query}"));
            assert_eq!(signer.put(&put), None, "{put}");
        }
    }

    #[test]
    fn another_folder_s_signature_is_nothing_here() {
        let bytes = UploadBytes::new(77).unwrap();
        let put = Signer::of(&[1; 32]).sign_put(&upload(), bytes, 1_000);
        assert_eq!(Signer::of(&[2; 32]).put(&put.url), None);
        let parent = Signer(hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]));
        assert_eq!(parent.put(&put.url), None, "a key for this purpose alone");
    }
}
