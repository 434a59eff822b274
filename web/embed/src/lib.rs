//! The built web pages, inside the binary: a server carries its pages along and reads no folder at
//! run time.
//!
//! Deliberately no server: what to answer with which headers is the caller's question. The bundle
//! is made by `npm run build` in `web`; without it this crate compiles and holds nothing.

/// One file of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Where it is, such as `j.html` or `assets/j-4f0c.js`.
    pub path: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// The same, compressed for `Content-Encoding: gzip`; text only.
    pub gzip: Option<&'static [u8]>,
    /// The same, compressed for `Content-Encoding: br`; text only.
    pub brotli: Option<&'static [u8]>,
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The name holds a hash of the content, so that it may be cached for ever.
    pub immutable: bool,
}

/// The file that a request's path asks for: `/j`, `/agent` and `/verify` are pages, everything else
/// is named by its path.
#[must_use]
pub fn file(path: &str) -> Option<Asset> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = match path {
        "j" => "j.html",
        "agent" => "agent.html",
        "verify" => "verify.html",
        other => other,
    };
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at).copied()
}

/// All files, in the order of their paths.
#[must_use]
pub const fn assets() -> &'static [Asset] {
    ASSETS
}

/// The bundle was there when this crate was compiled.
#[must_use]
pub fn is_built() -> bool {
    file("j").is_some() && file("agent").is_some()
}

/// What to tell somebody who starts a server without its pages.
pub const MISSING: &str =
    "the web pages were not built: run `npm ci && npm run build` in `web`, then build again";

/// Sorted by path, since `build.rs` goes through an ordered map.
static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_found_by_its_path() {
        for asset in assets() {
            assert_eq!(file(asset.path), Some(*asset));
            assert_eq!(file(&format!("/{}", asset.path)), Some(*asset));
        }
    }

    #[test]
    fn what_is_not_in_the_bundle_is_not_found() {
        for path in [
            "",
            "/",
            "/../Cargo.toml",
            "/assets",
            "/assets/",
            "/j.html.gz",
            "/agent/x",
        ] {
            assert_eq!(file(path), None, "{path}");
        }
    }

    #[test]
    fn the_pages_are_found_by_their_addresses_and_are_not_kept_for_ever() {
        if !is_built() {
            eprintln!("{MISSING}");
            return;
        }
        for (address, path) in [
            ("/j", "j.html"),
            ("/agent", "agent.html"),
            ("/verify", "verify.html"),
        ] {
            let page = file(address).unwrap();
            assert_eq!(page.path, path);
            assert_eq!(page.content_type, "text/html; charset=utf-8");
            assert!(
                !page.immutable,
                "{path} names the others, so it must be asked for each time"
            );
        }
    }

    #[test]
    fn everything_a_page_names_is_in_the_bundle_and_compressed() {
        for page in ["/j", "/agent", "/verify"].into_iter().filter_map(file) {
            let markup = std::str::from_utf8(page.bytes).unwrap();
            let named = markup
                .split('"')
                .filter(|part| part.starts_with("/assets/"));
            for path in named {
                let asset =
                    file(path).unwrap_or_else(|| panic!("{path} of {} is missing", page.path));
                assert!(asset.immutable);
                if path.ends_with(".js") || path.ends_with(".css") {
                    assert!(
                        asset
                            .gzip
                            .is_some_and(|gzip| gzip.len() < asset.bytes.len()),
                        "{path}"
                    );
                    assert!(
                        asset
                            .brotli
                            .is_some_and(|brotli| brotli.len() < asset.bytes.len()),
                        "{path}"
                    );
                }
            }
        }
    }

    /// The content policy forbids inline script and style and any other origin.
    #[test]
    fn pages_hold_nothing_that_the_content_policy_forbids() {
        for page in ["/j", "/agent"].into_iter().filter_map(file) {
            let markup = std::str::from_utf8(page.bytes).unwrap();
            for (at, _) in markup.match_indices("<script") {
                let tag = markup.get(at..).unwrap().split('>').next().unwrap();
                assert!(
                    tag.contains("src=\"/assets/"),
                    "inline script in {}: {tag}",
                    page.path
                );
            }
            for forbidden in [
                "<style",
                " style=",
                " onload=",
                " onclick=",
                "http://",
                "https://",
                "javascript:",
            ] {
                assert!(!markup.contains(forbidden), "{forbidden} in {}", page.path);
            }
        }
    }
}
