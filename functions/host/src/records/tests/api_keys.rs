//! The keys of the API.

use std::collections::BTreeSet;

use sightline_wire::{ApiKeySecret, DisplayName, KeyScope};

use super::check;
use crate::records::{ApiKeyHash, ApiKeyRecord, ApiKeyRing};

#[test]
fn keys_of_every_version_are_read_and_no_secret_is_stored() {
    let secret = ApiKeySecret::from_bytes([7; 32]);
    let whole = ApiKeyRecord {
        hash: ApiKeyHash::of(&secret),
        name: DisplayName::new("Claims").unwrap(),
        maker: Some(DisplayName::new("Ada").unwrap()),
        scopes: KeyScope::ALL.into(),
        made_at_ms: 1_800_000_000_000,
        used_at_ms: Some(1_800_000_060_000),
        expires_at_ms: Some(1_831_536_000_000),
    };
    let bare = ApiKeyRecord {
        hash: ApiKeyHash::of(&ApiKeySecret::from_bytes([8; 32])),
        maker: None,
        scopes: BTreeSet::from([KeyScope::Read]),
        used_at_ms: None,
        expires_at_ms: None,
        ..whole.clone()
    };
    let ring = ApiKeyRing {
        revision: 3,
        keys: vec![whole, bare],
    };
    check(&ring, &[include_str!("../../../samples/api-keys.1.json")]);
}
