//! The fuzz targets under libFuzzer. `SIGHTLINE_FUZZ_TARGET` names the one to run.

#![no_main]

use std::sync::LazyLock;

type Target = fn(&[u8]);

/// The names are those of the functions.
const TARGETS: [(&str, Target); 17] = [
    ("page_message", sightline_host::fuzz::page_message),
    ("relay_message", sightline_host::fuzz::relay_message),
    ("api_body", sightline_host::fuzz::api_body),
    ("picture", sightline_host::fuzz::picture),
    ("phone_number", sightline_host::fuzz::phone_number),
    ("token", sightline_host::fuzz::token),
    ("link", sightline_host::fuzz::link),
    ("code", sightline_host::fuzz::code),
    ("case_file", sightline_host::fuzz::case_file),
    ("offer", sightline_room::fuzz::offer),
    ("stranger", sightline_room::fuzz::stranger),
    ("established", sightline_room::fuzz::established),
    ("sctp", sightline_room::fuzz::sctp),
    ("rtcp", sightline_room::fuzz::rtcp),
    ("red", sightline_room::fuzz::red),
    ("channel_message", sightline_room::fuzz::channel_message),
    ("tcp_framing", sightline_relay::fuzz::tcp_framing),
];

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let wanted = std::env::var("SIGHTLINE_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    let names = TARGETS.map(|(name, _)| name).join(", ");
    found.unwrap_or_else(|| panic!("SIGHTLINE_FUZZ_TARGET is one of {names}")).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
