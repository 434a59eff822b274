//! `Retry-After` of a receiver's answer (RFC 9110, section 10.2.3): seconds, or a date.

use std::time::UNIX_EPOCH;

/// Returns how long a receiver asks to wait, or `None` for what is neither. `date_ms` is the time
/// of day, epoch milliseconds.
pub(super) fn wait_ms(text: &str, date_ms: u64) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that no number holds are a long wait.
        return Some(text.parse().unwrap_or(u64::MAX).saturating_mul(1_000));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let at_ms = at.duration_since(UNIX_EPOCH).ok()?.as_millis();
    let at_ms = u64::try_from(at_ms).unwrap_or(u64::MAX);
    Some(at_ms.saturating_sub(date_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15T08:00:00Z.
    const DATE_MS: u64 = 1_800_000_000_000;

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else_is() {
        for (text, wait) in [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 5 ", Some(5_000)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Fri, 15 Jan 2027 08:01:30 GMT", Some(90_000)),
            ("Friday, 15-Jan-27 08:01:30 GMT", Some(90_000)),
            ("Fri Jan 15 08:01:30 2027", Some(90_000)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("Fri, 32 Jan 2027 08:00:00 GMT", None),
            ("2027-01-15T08:01:30Z", None),
        ] {
            assert_eq!(wait_ms(text, DATE_MS), wait, "{text}");
        }
    }
}
