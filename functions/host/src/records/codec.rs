//! Version number and JSON around every record.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::store_error::StoreError;

#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u32,
    #[serde(flatten)]
    record: &'a T,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

pub(super) fn encode<T: Serialize>(v: u32, record: &T) -> Vec<u8> {
    serde_json::to_vec(&Versioned { v, record })
        .expect("records are structs with text keys and finite numbers, which JSON can hold")
}

pub(super) fn version(what: &'static str, bytes: &[u8]) -> Result<u32, StoreError> {
    read::<Version>(what, bytes).map(|version| version.v)
}

pub(super) fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError {
        operation: what,
        // serde's own text may quote the value, which may be personal.
        cause: format!("stored record is damaged at byte {}", error.column()),
        retryable: false,
    })
}

pub(super) fn newer(what: &'static str, v: u32) -> StoreError {
    StoreError {
        operation: what,
        cause: format!("stored record is of version {v}, which this build does not know"),
        retryable: false,
    }
}

/// Conversions between two structs with the same fields.
macro_rules! mirror {
    ($($from:ident -> $to:ident),*: $fields:tt) => {
        $($crate::records::codec::mirror!(@one $from, $to, $fields);)*
    };
    (@one $from:ident, $to:ident, { $($field:ident),* }) => {
        impl From<$from> for $to {
            fn from(of: $from) -> Self {
                let $from { $($field),* } = of;
                Self { $($field),* }
            }
        }
    };
}

pub(super) use mirror;
