//! The record of the logo.

use sightline_wire::{Digest, LogoMark};

use super::check;
use crate::records::LogoRecord;

#[test]
fn a_logo_of_every_version_is_read() {
    let mark = LogoMark {
        digest: Digest::from_bytes([0xab; 32]),
        width: 320,
        height: 96,
    };
    check(
        &LogoRecord { mark },
        &[include_str!("../../../samples/logo.1.json")],
    );
}
