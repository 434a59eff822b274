//! The relay's numbers in Prometheus' text format 0.0.4 (prometheus.io, "Exposition formats"). They
//! are sums of all rooms: nothing names a room, a page or an address.

use std::fmt::Write as _;
use std::time::Duration;

use crate::counters::Snapshot;
use crate::histogram::Histogram;

/// The media type of the text.
pub(crate) const TEXT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the whole process uses, under the names that Prometheus' own clients give it. In the desk's
/// program that is more than the relay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessNumbers {
    pub(crate) processor_time: Duration,
    /// Not known on every system.
    pub(crate) resident_bytes: Option<u64>,
}

/// Writes all numbers.
pub(crate) fn text(now: &Snapshot, process: &ProcessNumbers) -> String {
    let mut page = Page::default();
    page.relay(now);
    page.traffic(now);
    page.work(now);
    page.histogram(
        "sightline_relay_datagram_seconds",
        "Processor time of one datagram in 32 that arrived.",
        &now.datagram_time,
    );
    let seconds = process.processor_time.as_secs_f64();
    page.counter(
        "process_cpu_seconds_total",
        "Processor time of the process.",
        seconds,
    );
    if let Some(bytes) = process.resident_bytes {
        page.gauge(
            "process_resident_memory_bytes",
            "Resident memory of the process.",
            bytes,
        );
    }
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn relay(&mut self, now: &Snapshot) {
        let gauges: [(&str, &str, u64); 6] = [
            ("rooms", "Open rooms.", now.rooms.into()),
            (
                "participants",
                "Open transports, connected or not.",
                now.participants.into(),
            ),
            (
                "tcp_connections",
                "TCP connections for media.",
                now.streams.into(),
            ),
            (
                "listens_tcp",
                "1 if the relay listens for media over TCP.",
                now.listens_tcp.into(),
            ),
            (
                "draining",
                "1 if the relay stops and takes no new rooms.",
                now.draining.into(),
            ),
            (
                "at_home",
                "1 if the link to the host is up.",
                now.at_home.into(),
            ),
        ];
        for (name, help, value) in gauges {
            self.gauge(&format!("sightline_relay_{name}"), help, value);
        }
    }

    fn traffic(&mut self, now: &Snapshot) {
        let counters = [
            (
                "datagrams_received",
                "Datagrams that arrived, over UDP and TCP.",
                now.datagrams_in,
            ),
            (
                "datagrams_sent",
                "Datagrams that were sent.",
                now.datagrams_out,
            ),
            (
                "sent_bytes",
                "Bytes of the datagrams that were sent, without headers of UDP, TCP and IP.",
                now.bytes_out,
            ),
            (
                "datagrams_unsent",
                "Datagrams dropped because the kernel or a TCP connection was full.",
                now.datagrams_unsent,
            ),
            (
                "datagrams_foreign",
                "Datagrams that belong to no transport.",
                now.datagrams_foreign,
            ),
            (
                "datagrams_refused",
                "Datagrams beyond what a transport may send, or with another's address.",
                now.datagrams_refused,
            ),
        ];
        self.counters(&counters);
    }

    fn work(&mut self, now: &Snapshot) {
        let counters = [
            (
                "packets_forwarded",
                "RTP packets forwarded.",
                now.packets_forwarded,
            ),
            (
                "packets_dropped",
                "RTP packets dropped.",
                now.packets_dropped,
            ),
            (
                "messages_forwarded",
                "Data channel messages forwarded.",
                now.messages_forwarded,
            ),
            (
                "messages_dropped",
                "Data channel messages dropped.",
                now.messages_dropped,
            ),
            (
                "keyframe_requests",
                "Key frames requested.",
                now.keyframe_requests,
            ),
            ("offers_answered", "Offers answered.", now.offers_answered),
            ("offers_refused", "Offers refused.", now.offers_refused),
            (
                "rooms_panicked",
                "Rooms that ended by a panic.",
                now.rooms_panicked,
            ),
            (
                "threads_panicked",
                "Media threads that began again after a panic.",
                now.threads_panicked,
            ),
            (
                "links_home",
                "How often the link to the host came up.",
                now.welcomes,
            ),
        ];
        self.counters(&counters);
    }

    fn counters(&mut self, counters: &[(&str, &str, u64)]) {
        for (name, help, value) in counters {
            self.counter(&format!("sightline_relay_{name}_total"), help, value);
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.begin(name, help, "gauge");
        self.line(format_args!("{name} {value}"));
    }

    fn counter(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.begin(name, help, "counter");
        self.line(format_args!("{name} {value}"));
    }

    fn histogram(&mut self, name: &str, help: &str, times: &Histogram) {
        self.begin(name, help, "histogram");
        for (up_to, count) in times.cumulative() {
            let up_to = up_to.as_secs_f64();
            self.line(format_args!("{name}_bucket{{le=\"{up_to}\"}} {count}"));
        }
        let count = times.count();
        self.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        self.line(format_args!("{name}_sum {}", times.sum().as_secs_f64()));
        self.line(format_args!("{name}_count {count}"));
    }

    fn begin(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_help_a_type_and_one_value() {
        let mut now = Snapshot {
            rooms: 2,
            bytes_out: 75_000_000,
            at_home: true,
            ..Snapshot::default()
        };
        now.datagram_time.note(Duration::from_micros(30));
        now.datagram_time.note(Duration::from_millis(50));
        let process = ProcessNumbers {
            processor_time: Duration::from_millis(1_250),
            resident_bytes: Some(4_096),
        };
        let text = text(&now, &process);
        for line in [
            "sightline_relay_rooms 2",
            "sightline_relay_at_home 1",
            "sightline_relay_sent_bytes_total 75000000",
            "sightline_relay_datagram_seconds_bucket{le=\"0.00002\"} 0",
            "sightline_relay_datagram_seconds_bucket{le=\"0.00005\"} 1",
            "sightline_relay_datagram_seconds_bucket{le=\"+Inf\"} 2",
            "sightline_relay_datagram_seconds_sum 0.05003",
            "process_cpu_seconds_total 1.25",
            "process_resident_memory_bytes 4096",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in {text}");
        }
        let named = |of: &str| text.lines().filter(|line| line.starts_with(of)).count();
        assert_eq!(named("# HELP "), named("# TYPE "));
        let plain = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.contains("datagram_seconds"));
        assert_eq!(plain.count() + 1, named("# TYPE "), "one value each");
    }
}
