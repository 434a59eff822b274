//! Metrics: lines in CloudWatch's embedded metric format on stdout, which the log group turns into
//! metrics.
//!
//! Only values that the services do not count themselves: Lambda and API Gateway have metrics of
//! invocations, durations and errors.

use std::io::Write as _;

use serde_json::{Map, Value, json};
use sightline_host::ports::{Sms, SmsOut};
use sightline_host::records::RelayRecord;
use sightline_wire::SmsFailure;

/// Namespace of all metrics.
pub const NAMESPACE: &str = "Sightline";

/// The dimension of all metrics, which separates deployments in one account. Its value is the
/// table's name.
pub const DEPLOYMENT: &str = "Deployment";

/// The dimension of [`SMS_FAILED`] for the reason, as on the wire. The metric also exists without
/// it.
pub const REASON: &str = "Reason";

/// Text messages that SNS accepted.
pub const SMS_SENT: &str = "SmsSent";

/// Text messages that failed.
pub const SMS_FAILED: &str = "SmsFailed";

/// Sessions that have not ended, at each sweep.
pub const OPEN_SESSIONS: &str = "OpenSessions";

/// Relays with a valid lease that accept calls, at each sweep: 0 means that no call can begin.
pub const RELAYS_ALIVE: &str = "RelaysAlive";

/// The metrics of one deployment.
#[derive(Clone, Debug)]
pub struct Metrics {
    deployment: String,
}

impl Metrics {
    /// The metrics of the deployment with this table.
    #[must_use]
    pub fn new(table: &str) -> Self {
        Self {
            deployment: table.to_owned(),
        }
    }

    /// Counts a text message by its outcome.
    pub fn sms(&self, outcome: Result<(), SmsFailure>, now_ms: u64) {
        write(&self.sms_line(outcome, now_ms));
    }

    /// Counts what a sweep found.
    pub fn swept(&self, open_sessions: usize, relays: &[RelayRecord], now_ms: u64) {
        write(&self.swept_line(open_sessions, relays, now_ms));
    }

    /// A draining relay renews its lease until its last call ends, but accepts no calls.
    fn swept_line(&self, open_sessions: usize, relays: &[RelayRecord], now_ms: u64) -> Value {
        let taking = relays.iter().filter(|relay| !relay.draining).count();
        let counts = [(OPEN_SESSIONS, open_sessions), (RELAYS_ALIVE, taking)];
        self.line(&counts, None, now_ms)
    }

    fn sms_line(&self, outcome: Result<(), SmsFailure>, now_ms: u64) -> Value {
        match outcome {
            Ok(()) => self.line(&[(SMS_SENT, 1)], None, now_ms),
            Err(why) => self.line(&[(SMS_FAILED, 1)], Some(json!(why)), now_ms),
        }
    }

    /// CloudWatch User Guide, "Specification: Embedded metric format".
    fn line(&self, counts: &[(&str, usize)], reason: Option<Value>, now_ms: u64) -> Value {
        let mut dimensions = vec![vec![DEPLOYMENT]];
        let mut line = Map::new();
        line.insert(DEPLOYMENT.to_owned(), json!(self.deployment));
        if let Some(reason) = reason {
            dimensions.push(vec![DEPLOYMENT, REASON]);
            line.insert(REASON.to_owned(), reason);
        }
        for (name, count) in counts {
            line.insert((*name).to_owned(), json!(count));
        }
        let named = counts
            .iter()
            .map(|(name, _)| json!({ "Name": name, "Unit": "Count" }));
        let directive = json!({
            "Namespace": NAMESPACE,
            "Dimensions": dimensions,
            "Metrics": named.collect::<Vec<_>>(),
        });
        let about = json!({ "Timestamp": now_ms, "CloudWatchMetrics": [directive] });
        line.insert("_aws".to_owned(), about);
        Value::Object(line)
    }
}

/// Writes a line at once, so that no other line gets in between.
fn write(line: &Value) {
    // Without stdout nothing reads metrics.
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// Counts the text messages of another port.
#[derive(Clone, Debug)]
pub struct Metered<S> {
    sms: S,
    metrics: Metrics,
}

impl<S> Metered<S> {
    /// Counts the messages of `sms`.
    #[must_use]
    pub const fn new(sms: S, metrics: Metrics) -> Self {
        Self { sms, metrics }
    }
}

impl<S: SmsOut> SmsOut for Metered<S> {
    async fn send(&self, sms: Sms, now_ms: u64) -> Result<(), SmsFailure> {
        let outcome = self.sms.send(sms, now_ms).await;
        self.metrics.sms(outcome, now_ms);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use sightline_host::ports::ConnectionKey;
    use sightline_wire::RelayId;

    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    /// Checks a line against the specification: each named metric is a number at the top level,
    /// each named dimension a text, and there are at most 30 dimensions.
    fn check(line: &Value) {
        assert_eq!(line["_aws"]["Timestamp"], NOW_MS);
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(directives.len(), 1);
        for directive in directives {
            assert_eq!(directive["Namespace"], NAMESPACE);
            let dimensions = directive["Dimensions"].as_array().unwrap();
            assert!(!dimensions.is_empty());
            for set in dimensions {
                let set = set.as_array().unwrap();
                assert!((1..=30).contains(&set.len()));
                for name in set {
                    let value = line[name.as_str().unwrap()].as_str().unwrap();
                    assert!((1..=1024).contains(&value.len()));
                }
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()));
            for metric in metrics {
                assert_eq!(metric["Unit"], "Count");
                assert!(line[metric["Name"].as_str().unwrap()].is_u64());
            }
        }
        assert!(!line.to_string().contains('\n'));
    }

    #[test]
    fn a_sweep_counts_sessions_and_relays() {
        let relay = |draining| RelayRecord {
            relay: RelayId::from_bytes([1; 16]),
            connection: ConnectionKey("relay".to_owned()),
            rooms_max: 10,
            rooms: 3,
            draining,
            lease_until_ms: NOW_MS + 45_000,
        };
        for (relays, alive) in [
            (vec![], 0),
            (vec![relay(true), relay(true)], 0),
            (vec![relay(true), relay(false), relay(false)], 2),
        ] {
            let line = Metrics::new("calls").swept_line(3, &relays, NOW_MS);
            check(&line);
            assert_eq!(line["OpenSessions"], 3);
            assert_eq!(line["RelaysAlive"], alive, "{relays:?}");
            assert_eq!(line["Deployment"], "calls");
        }
    }

    #[test]
    fn a_text_message_counts_as_sent_or_as_failed_for_a_reason() {
        let metrics = Metrics::new("calls");
        let sent = metrics.sms_line(Ok(()), NOW_MS);
        check(&sent);
        assert_eq!(sent["SmsSent"], 1);
        assert!(sent.get("SmsFailed").is_none());
        let failed = metrics.sms_line(Err(SmsFailure::Throttled), NOW_MS);
        check(&failed);
        assert_eq!(failed["SmsFailed"], 1);
        assert_eq!(failed["Reason"], "throttled");
        let sets = &failed["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
        assert_eq!(*sets, json!([["Deployment"], ["Deployment", "Reason"]]));
    }
}
