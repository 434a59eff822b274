//! The value of `--log`: a list of levels, some for one target only.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Our crates, which are the targets of our own lines.
const OWN: &[&str] = &[
    "sightline",
    "sightline_host",
    "sightline_local",
    "sightline_relay",
    "sightline_room",
    "sightline_session",
    "sightline_web",
    "sightline_wire",
];

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a filter: write a level (off, error, warn, info, debug or trace), or \
     sightline_host=LEVEL for one part, separated by commas"
)]
pub struct BadFilter(String);

/// Checks a filter and returns it. The library that reads it takes every unknown word for a target,
/// so a mistyped level would silence the log.
///
/// # Errors
/// When a part is neither a level nor `TARGET=LEVEL`, or names an unknown part of this system.
pub fn parse(text: &str) -> Result<String, BadFilter> {
    let parts = || {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    };
    match parts().find(|part| !is_directive(part)) {
        Some(wrong) => Err(BadFilter(wrong.to_owned())),
        None if parts().next().is_none() => Err(BadFilter(text.to_owned())),
        None => Ok(parts().collect::<Vec<_>>().join(",")),
    }
}

fn is_directive(part: &str) -> bool {
    if EnvFilter::try_new(part).is_err() {
        return false;
    }
    if part.parse::<LevelFilter>().is_ok() {
        return true;
    }
    // A target, a span in brackets and a level. Target and span may be missing.
    let target = part.split(['=', '[']).next().unwrap_or_default();
    let first = target.split("::").next().unwrap_or_default();
    let is_own = OWN.contains(&first);
    let has_level = part.contains('=') || part.contains('[');
    is_own || (has_level && !first.starts_with("sightline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_targets_and_spans_are_a_filter() {
        for text in [
            "info",
            "WARN",
            "off",
            "sightline_host=debug",
            "sightline_relay::media=trace,warn",
            "sightline_host",
            "info, str0m=error,",
            "[request]=debug",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            parse(" info , str0m=error,").as_deref(),
            Ok("info,str0m=error")
        );
    }

    #[test]
    fn a_mistyped_level_or_part_is_named() {
        for (text, wrong) in [
            ("loud", "loud"),
            ("=====//", "=====//"),
            ("inf", "inf"),
            ("info,debgu", "debgu"),
            ("sightline_host=loud", "sightline_host=loud"),
            ("sightline_hots=debug", "sightline_hots=debug"),
            ("info warn", "info warn"),
            ("", ""),
            (",", ","),
        ] {
            assert_eq!(parse(text), Err(BadFilter(wrong.to_owned())), "{text}");
        }
    }
}
