//! The web bucket: a folder of built pages, under their published keys.

use std::path::{Component, Path, PathBuf};

use ::http::{HeaderValue, StatusCode, header};

use crate::listen::{self, WholeResponse};

/// Pages that are also published under a key without an extension.
const PAGES: [&str; 3] = ["j", "agent", "verify"];

/// CloudFront compresses files of at least this many bytes.
const COMPRESSED_BYTES_MIN: usize = 1_000;

/// Returns the file under a key, compressed if `accepted` allows it and the build made it.
pub async fn find(folder: &Path, key: &str, accepted: &str) -> Option<WholeResponse> {
    let name = match PAGES.contains(&key) {
        true => format!("{key}.html"),
        false => key.to_owned(),
    };
    // The compressed files are for servers that do not compress, and are not published.
    if name.ends_with(".br") || name.ends_with(".gz") {
        return None;
    }
    let path = inside(folder, &name)?;
    let plain = tokio::fs::read(&path).await.ok()?;
    let kind = content_type(&name);
    let mut encoding = None;
    let mut bytes = plain;
    if bytes.len() >= COMPRESSED_BYTES_MIN {
        for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
            if accepted
                .split(',')
                .any(|word| word.trim().split(';').next() == Some(coding))
                && let Ok(packed) = tokio::fs::read(path.with_file_name(twin(&path, ending)?)).await
            {
                bytes = packed;
                encoding = Some(coding);
                break;
            }
        }
    }
    let mut answer = listen::answer(StatusCode::OK, kind, bytes);
    let keep = match name.starts_with("assets/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(answer)
}

/// Makes the answer of S3 for a missing key.
pub fn missing(status: StatusCode, code: &str) -> WholeResponse {
    let body =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    listen::answer(status, "application/xml", body)
}

fn twin(path: &Path, ending: &str) -> Option<String> {
    Some(format!("{}.{ending}", path.file_name()?.to_str()?))
}

/// Returns the path of a key if it lies below the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (plain && !name.is_empty()).then(|| folder.join(relative))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
