//! What it costs the desk to make a case file: time, and memory at its peak. `make bench-case` runs
//! it.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Instant;

use sightline_host::case::{CaseBytes, CaseSigner, CaseVerdict, verify};
use sightline_host::contract::{case_link, pictured_call};
use sightline_host::ports::{Committed, Ports as _, Sessions as _};
use sightline_host::{Host, HostConfig, Keys};
use sightline_wire::Digest;

use crate::clock::{DeskClock, wall_ms};
use crate::data::OBJECTS;
use crate::desk::Desk;
use crate::objects::Objects;
use crate::scratch::Scratch;
use crate::store::Store;

/// What the file may add to the process, however large it is: some copies of its longest picture.
const MEMORY_MAX_KB: u64 = 48 * 1024;

/// Pictures, how often each was sent, bytes of each, and how many are left out.
const SIZES: [(usize, usize, usize, usize); 3] = [
    (20, 0, 400_000, 0),
    (50, 2, 400_000, 0),
    // 600 MB: of the bases, which go first, every other one fits.
    (50, 2, 4_000_000, 25),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes 1.2 GB: `make bench-case`"]
async fn bench_case() {
    eprintln!(
        "| pictures | bytes of each | left out | file, MB | time, s | memory, MB | checked, s |"
    );
    eprintln!("|---|---|---|---|---|---|---|");
    for size in SIZES {
        measure(size).await;
    }
}

async fn measure((pictures, sends, bytes, left_out): (usize, usize, usize, usize)) {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path(), wall_ms()).unwrap();
    let objects = Objects::open(scratch.path(), &[1; 32]).unwrap();
    let desk = Desk::new(store, objects, DeskClock::open(scratch.path()).into());
    let config = HostConfig::new("Example", "https://help.example.com");
    let signer = || Ok(CaseSigner::from_secret("a secret").unwrap());
    let host = Host::new(desk, config, Keys::from_bytes(&[7; 32])).with_case_signer(signer);
    let host = Arc::new(host);
    let picture = vec![0xA5; bytes];
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &picture);
    let digest = Digest::from_bytes(digest.as_ref().try_into().unwrap());
    let (commit, paths) = pictured_call(&host, pictures, sends, digest).await;
    let session = commit.session;
    for path in &paths {
        let path = scratch.path().join(OBJECTS).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &picture).unwrap();
    }
    drop(picture);
    let committed = host.ports().store().commit(commit).await;
    assert_eq!(committed, Ok(Committed::Done));

    fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before_kb, began) = (status_kb("VmRSS:"), Instant::now());
    case_link(&host, session).await;
    let (took, peak_kb) = (began.elapsed(), status_kb("VmHWM:") - before_kb);

    let cases = scratch.path().join(format!("{OBJECTS}/cases/{session}"));
    let case = fs::read_dir(cases).unwrap().next().unwrap().unwrap();
    let mut made = Made(File::open(case.path()).unwrap());
    let began = Instant::now();
    let verdict = verify(&mut made, None).unwrap();
    assert!(
        matches!(verdict, CaseVerdict::UnknownKey { .. }),
        "{verdict:?}"
    );
    eprintln!(
        "| {} | {bytes} | {left_out} | {:.0} | {:.2} | {:.1} | {:.2} |",
        paths.len(),
        made.length() as f64 / 1e6,
        took.as_secs_f64(),
        peak_kb as f64 / 1024.0,
        began.elapsed().as_secs_f64(),
    );
    let named = made.end().matches(", without strokes of ").count();
    assert_eq!(named, left_out, "bases that `data/left-out.txt` names");
    assert!(!made.end().contains(", as sent "), "sent pictures stay");
    assert!(peak_kb < MEMORY_MAX_KB, "it is written in pieces");
}

/// A number of `/proc/self/status`.
fn status_kb(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// The case file.
struct Made(File);

impl Made {
    /// Its last bytes as text: everything but the pictures.
    fn end(&self) -> String {
        let at = self.length().saturating_sub(300_000);
        let mut bytes = vec![0; 300_000];
        let read = self.0.read_at(&mut bytes, at).unwrap();
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }
}

impl CaseBytes for Made {
    fn length(&self) -> u64 {
        self.0.metadata().unwrap().len()
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(into, at)
    }
}
