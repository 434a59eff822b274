//! The keys of the API.

use std::collections::BTreeSet;

use sightline_wire::{ApiKeySecret, DisplayName, KeyScope};

use super::{Case, together};
use crate::ports::{ApiKeys, Committed};
use crate::records::{ApiKeyHash, ApiKeyRecord, ApiKeyRing};

/// Those who change the keys at the same time.
const RACERS: u8 = 6;

/// A store of keys. Every suite that uses the same store shares its one record, so that this one
/// looks at its own keys alone.
pub async fn api_keys<P: ApiKeys>(ports: &P, case: &Case) {
    for which in 0..2 {
        change(ports, |ring| ring.keys.push(key(case, which))).await;
    }
    let read = read(ports).await;
    let own = |ring: &ApiKeyRing| -> Vec<ApiKeyRecord> {
        let own = ring.keys.iter();
        own.filter(|key| key.name == name(case)).cloned().collect()
    };
    assert_eq!(own(&read), [key(case, 0), key(case, 1)], "as stored");

    let late = ApiKeyRing {
        revision: read.revision,
        keys: Vec::new(),
    };
    for revision in [late.revision, 0, late.revision + 1_000] {
        let replaced = ports.replace_api_keys(ApiKeyRing {
            revision,
            ..late.clone()
        });
        assert_eq!(replaced.await, Ok(Committed::Clash), "{revision}");
    }
    assert_eq!(own(&self::read(ports).await).len(), 2, "nothing was lost");

    let adds = |which: u8| {
        let added = async move {
            let added = key(case, 10 + which);
            // An earlier try may have added it, and its answer may have been lost.
            let add = |ring: &mut ApiKeyRing| {
                ring.keys.retain(|known| *known != added);
                ring.keys.push(added.clone());
            };
            change(ports, add).await;
        };
        Box::pin(added) as together::Boxed<'_, _>
    };
    together::all((0..RACERS).map(adds).collect()).await;
    let all = own(&self::read(ports).await).len();
    assert_eq!(all, 2 + usize::from(RACERS), "no change was lost");

    change(ports, |ring| ring.keys.retain(|key| key.name != name(case))).await;
    assert_eq!(own(&self::read(ports).await), [], "removed");
}

async fn read<P: ApiKeys>(ports: &P) -> ApiKeyRing {
    ports.api_keys().await.expect("the keys are read")
}

/// Changes the keys, again and again while others come first.
async fn change<P: ApiKeys>(ports: &P, change: impl Fn(&mut ApiKeyRing)) {
    for _ in 0..1_000 {
        let mut ring = read(ports).await;
        change(&mut ring);
        ring.revision += 1;
        match ports.replace_api_keys(ring).await {
            Ok(Committed::Done) => return,
            Ok(Committed::Clash) => {}
            Err(error) => assert!(error.retryable, "a race is no lasting trouble: {error}"),
        }
        together::turn().await;
    }
    panic!("the keys could not be changed in 1,000 tries");
}

fn name(case: &Case) -> DisplayName {
    DisplayName::new(&format!("contract {}", case.salt)).expect("a fine name")
}

fn key(case: &Case, which: u8) -> ApiKeyRecord {
    let mut bytes = [which; 32];
    bytes[..8].copy_from_slice(&case.salt.to_be_bytes());
    ApiKeyRecord {
        hash: ApiKeyHash::of(&ApiKeySecret::from_bytes(bytes)),
        name: name(case),
        maker: None,
        scopes: BTreeSet::from([KeyScope::Invite, KeyScope::Read]),
        made_at_ms: case.now_ms,
        used_at_ms: None,
        expires_at_ms: Some(case.now_ms + 3_600_000),
    }
}
