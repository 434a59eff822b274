//! Makes the table of the built bundle: one line for each file of `web/dist`, with its compressed
//! forms.
//!
//! The bundle is made by `npm run build`, not here: a build of the Rust side must not need Node.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let dist = here.join("../dist");
    // While `dist` is missing this makes Cargo look again at each build, so that a bundle made
    // later is taken in.
    println!("cargo:rerun-if-changed={}", dist.display());

    let mut files = BTreeMap::new();
    if dist.is_dir() {
        collect(&dist, "", &mut files)?;
    }
    let mut table = String::from("&[\n");
    for (path, file) in &files {
        if is_compressed_form(path, &files) {
            continue;
        }
        let form = |ending: &str| match files.get(&format!("{path}{ending}")) {
            Some(file) => format!("Some(include_bytes!({file:?}))"),
            None => "None".to_owned(),
        };
        let _ = writeln!(
            table,
            "    Asset {{ path: {path:?}, bytes: include_bytes!({file:?}), gzip: {}, brotli: {}, content_type: {:?}, immutable: {} }},",
            form(".gz"),
            form(".br"),
            content_type(path),
            path.starts_with("assets/"),
        );
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| io::Error::other(format!("{name:?} is not UTF-8")))?;
        let path = format!("{prefix}{name}");
        println!("cargo:rerun-if-changed={}", entry.path().display());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, entry.path().canonicalize()?.display().to_string());
        }
    }
    Ok(())
}

fn is_compressed_form(path: &str, files: &BTreeMap<String, String>) -> bool {
    [".gz", ".br"].iter().any(|ending| {
        path.strip_suffix(ending)
            .is_some_and(|plain| files.contains_key(plain))
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
