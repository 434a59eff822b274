//! The secret by which CloudFront proves itself. Both APIs can also be reached at addresses of
//! their own, past CloudFront and its firewall.

use http::{HeaderMap, HeaderName};

/// The header that CloudFront adds to requests.
const ORIGIN_HEADER: HeaderName = HeaderName::from_static("x-sightline-origin");

/// The secret in CloudFront's header. `Debug` does not show it.
#[derive(Clone)]
pub struct OriginSecret {
    current: String,
    previous: Option<String>,
}

impl OriginSecret {
    /// Uses this text.
    #[must_use]
    pub const fn new(current: String) -> Self {
        Self {
            current,
            previous: None,
        }
    }

    /// Accepts the text before it too: CloudFront takes minutes to send a new one.
    #[must_use]
    pub fn with_previous(self, previous: Option<String>) -> Self {
        Self { previous, ..self }
    }

    /// Whether a request has the secret, compared in constant time.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let said = headers.get(ORIGIN_HEADER);
        let ours = [Some(&self.current), self.previous.as_ref()];
        said.is_some_and(|said| {
            let fits = |ours: &String| {
                let (said, ours) = (said.as_bytes(), ours.as_bytes());
                !ours.is_empty()
                    && aws_lc_rs::constant_time::verify_slices_are_equal(said, ours).is_ok()
            };
            ours.into_iter().flatten().any(fits)
        })
    }
}

impl std::fmt::Debug for OriginSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OriginSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_present_and_the_previous_text_count_and_no_other() {
        let secret = OriginSecret::new("new".to_owned());
        let both = secret.clone().with_previous(Some("old".to_owned()));
        let emptied = OriginSecret::new(String::new()).with_previous(Some(String::new()));
        let said = |text| {
            let headers = HeaderMap::from_iter([(ORIGIN_HEADER, HeaderValue::from_static(text))]);
            [&secret, &both, &emptied].map(|secret| secret.is_in(&headers))
        };
        assert_eq!(said("new"), [true, true, false]);
        assert_eq!(said("old"), [false, true, false]);
        for other in ["", "ne", "neww", "NEW", "newold"] {
            assert_eq!(said(other), [false; 3], "{other}");
        }
        assert!(!both.is_in(&HeaderMap::new()));
        assert_eq!(format!("{both:?}"), "OriginSecret(…)");
    }
}
