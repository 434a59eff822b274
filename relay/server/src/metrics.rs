//! Metrics for CloudWatch, as log lines in its embedded metric format. CloudWatch extracts the
//! metrics from the log, so that the relay needs neither credentials nor a client.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use sightline_wire::RelayId;

use crate::counters::{RelayCounters, Snapshot};

/// How often a line is written: the resolution of a standard metric.
const EVERY: Duration = Duration::from_secs(60);

/// Whose metrics they are.
#[derive(Clone, Copy, Debug)]
pub struct EmfName<'a> {
    /// The value of the dimension `Deployment`, as the functions have it.
    pub deployment: &'a str,
    /// For searching the log only. As a dimension it would make new metrics with every start.
    pub relay: RelayId,
}

/// Writes a line every minute, for ever. `now_ms` is the wall clock, epoch milliseconds.
///
/// The metrics have the namespace `Sightline` and the dimension `Deployment`. With several relays,
/// use the sum of `Rooms`, `Participants`, `EgressBitsPerSecond` and `PacketsDropped`, and the
/// minimum of `AtHome`.
pub async fn write_emf(
    counters: &RelayCounters,
    named: EmfName<'_>,
    now_ms: impl Fn() -> u64,
    out: impl Write,
) {
    let mut minutes = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let minute = async || {
        minutes.tick().await;
    };
    write_emf_after_each(minute, counters, named, now_ms, out).await;
}

/// Writes a line each time that `minute` has passed.
async fn write_emf_after_each(
    mut minute: impl AsyncFnMut(),
    counters: &RelayCounters,
    named: EmfName<'_>,
    now_ms: impl Fn() -> u64,
    mut out: impl Write,
) {
    let mut before = counters.snapshot();
    loop {
        minute().await;
        let latest = counters.snapshot();
        let line = emf(named, &before, &latest, now_ms());
        before = latest;
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            tracing::debug!(%error, "failed to write metrics");
        }
    }
}

/// What happened between two snapshots a minute apart.
fn emf(named: EmfName<'_>, before: &Snapshot, latest: &Snapshot, now_ms: u64) -> serde_json::Value {
    let bytes = latest.bytes_out.saturating_sub(before.bytes_out);
    let metric = |name, unit| json!({"Name": name, "Unit": unit});
    json!({
        "_aws": {
            "Timestamp": now_ms,
            "CloudWatchMetrics": [{
                "Namespace": "Sightline",
                "Dimensions": [["Deployment"]],
                "Metrics": [
                    metric("Rooms", "Count"),
                    metric("Participants", "Count"),
                    metric("EgressBitsPerSecond", "Bits/Second"),
                    metric("PacketsDropped", "Count"),
                    metric("AtHome", "Count"),
                ],
            }],
        },
        "Deployment": named.deployment,
        "RelayId": named.relay.to_string(),
        "Rooms": latest.rooms,
        "Participants": latest.participants,
        "EgressBitsPerSecond": bytes * 8 / EVERY.as_secs(),
        "PacketsDropped": latest.packets_dropped.saturating_sub(before.packets_dropped),
        "AtHome": u8::from(latest.at_home),
        // For reading the log only, because metrics cost money.
        "ListensTcp": u8::from(latest.listens_tcp),
        "Streams": latest.streams,
        "MessagesSkipped": latest.messages_skipped.saturating_sub(before.messages_skipped),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;
    use std::sync::{Arc, Mutex};

    use tokio::sync::oneshot;

    use super::*;

    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_minute_has_a_line_with_what_happened_in_it() {
        let counters = RelayCounters::default();
        counters.update(|latest| {
            latest.bytes_out = 1_000;
            latest.packets_dropped = 7;
        });
        let log = SharedBuffer::default();
        let named = EmfName {
            deployment: "sightline-prod",
            relay: RelayId::from_bytes([1; 16]),
        };
        let minutes = Cell::new(0);
        let (end, ended) = oneshot::channel();
        let mut end = Some(end);
        let minute = async || match minutes.replace(minutes.get() + 1) {
            0 => counters.update(|latest| {
                (latest.rooms, latest.participants, latest.at_home) = (2, 4, true);
                latest.bytes_out += 75_000_000;
                latest.packets_dropped += 3;
            }),
            1 => {}
            _ => {
                end.take().map(|end| end.send(()));
                pending().await
            }
        };
        let now_ms = || 1_800_000_000_000;
        tokio::select! {
            () = write_emf_after_each(minute, &counters, named, now_ms, log.clone()) => {}
            _ = ended => {}
        }
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2, "{text}");
        let told = &lines[0]["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(told["Namespace"], "Sightline");
        assert_eq!(told["Dimensions"], json!([["Deployment"]]));
        assert_eq!(lines[0]["Deployment"], "sightline-prod");
        let values = |line: &serde_json::Value| -> Vec<u64> {
            let names = told["Metrics"].as_array().unwrap().iter();
            names
                .map(|name| line[name["Name"].as_str().unwrap()].as_u64().unwrap())
                .collect()
        };
        assert_eq!(values(&lines[0]), [2, 4, 10_000_000, 3, 1]);
        assert_eq!(values(&lines[1]), [2, 4, 0, 0, 1], "nothing since");
        assert_eq!(lines[0]["_aws"]["Timestamp"], 1_800_000_000_000_u64);
    }
}
