use super::*;

#[expect(
    clippy::disallowed_methods,
    reason = "an Instant has no other beginning"
)]
fn begin() -> Instant {
    Instant::now()
}

fn rtp(ssrc: u32, bytes: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 96, 0, 1, 0, 0, 0, 0];
    packet.extend(ssrc.to_be_bytes());
    packet.resize(bytes, 0);
    packet
}

fn declared(ssrcs: &[u32]) -> DeclaredSsrcs {
    DeclaredSsrcs {
        ssrcs: ssrcs.to_vec(),
        complete: true,
    }
}

#[test]
fn finding_2e_packets_bytes_records_and_checks_have_budgets_of_their_own() {
    let now = begin();
    let mut gate = Gate::new(declared(&[1]));
    let mut taken = |bytes: &[u8], now| (0..5_000).filter(|_| gate.admits(bytes, now)).count();
    let small = rtp(1, 50);
    assert_eq!(taken(&small, now), 1_200);
    assert_eq!(taken(&[22; 14], now), 400, "the media's budget is empty");
    assert_eq!(taken(&[0; 20], now), 100);
    assert_eq!(taken(&[64; 20], now), 0, "no protocol of ours");
    assert_eq!(taken(&[], now), 0);
    let later = now + Duration::from_secs(10);
    assert_eq!(taken(&rtp(1, 1_200), later), 812, "975,000 bytes");
    assert_eq!(taken(&small, later), 0);
    // A stall of two seconds at the full rate comes at once, and the call goes on.
    let steady = Gate::new(declared(&[1]));
    let mut gate = steady;
    let stalled = (0..2 * 270).filter(|_| gate.admits(&rtp(1, 1_200), now));
    assert_eq!(stalled.count(), 540);
}

#[test]
fn a_packet_is_no_longer_than_a_frame_of_ethernet() {
    let now = begin();
    let mut gate = Gate::new(declared(&[1]));
    assert!(gate.admits(&rtp(1, 1_500), now));
    let mut rtcp = rtp(1, 1_501);
    assert!(!gate.admits(&rtcp, now));
    rtcp[1] = 201;
    assert!(!gate.admits(&rtcp, now));
}

#[test]
fn records_in_one_datagram_count_each() {
    let record = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9];
    assert_eq!(records(&record), 1);
    assert_eq!(records(&record.repeat(10)), 10);
    assert_eq!(records(&record[..5]), 1);
    let mut gate = Gate::new(DeclaredSsrcs::default());
    let now = begin();
    let datagrams = (0..1_000).filter(|_| gate.admits(&record.repeat(100), now));
    assert_eq!(datagrams.count(), 4);
}

#[test]
fn finding_2a_a_transport_has_sixteen_streams_and_never_one_more() {
    let mut now = begin();
    let mut gate = Gate::new(DeclaredSsrcs::default());
    let mut let_in = 0;
    for ssrc in 1..=200_000 {
        now += Duration::from_millis(1);
        let_in += u32::from(gate.admits(&rtp(ssrc, 50), now));
    }
    assert_eq!(let_in, 16);
    assert!(gate.admits(&rtp(16, 50), now) && gate.admits(&rtp(PROBING_SSRC, 50), now));
    let mut report = rtp(999, 50);
    report[1] = 200;
    assert!(
        gate.admits(&report, now),
        "reports name streams of both sides"
    );
}

#[test]
fn finding_26_who_sends_what_it_declared_gets_no_stream_beside_it() {
    let now = begin();
    let mut gate = Gate::new(declared(&[7, 8]));
    // An endpoint whose description was wrong about all its streams still works.
    assert!(gate.admits(&rtp(99, 50), now));
    assert!(gate.admits(&rtp(7, 50), now));
    assert!(
        !gate.admits(&rtp(100, 50), now),
        "somebody else's, or a forgery"
    );
    assert!(gate.admits(&rtp(8, 50), now));
    let mut some = DeclaredSsrcs {
        complete: false,
        ..declared(&[7])
    };
    some.ssrcs.extend(20..60);
    let mut gate = Gate::new(some);
    assert!(gate.admits(&rtp(7, 50), now));
    assert!(!gate.admits(&rtp(100, 50), now), "sixteen were declared");
}

#[test]
fn finding_2b_four_new_addresses_in_ten_seconds() {
    let now = begin();
    let mut gate = Gate::new(DeclaredSsrcs::default());
    let mut taken = |at: Duration| (0..100).filter(|_| gate.admits_address(now + at)).count();
    assert_eq!(taken(Duration::ZERO), 4);
    assert_eq!(taken(Duration::from_secs(2)), 0);
    assert_eq!(taken(Duration::from_secs(5)), 2);
    let mut ever = 6;
    for hour in 1..10_000 {
        ever += taken(Duration::from_secs(3_600 * hour));
    }
    assert_eq!(ever, 1_024);
}

#[test]
fn messages_have_a_hundred_a_second_and_two_hundred_at_once() {
    let now = begin();
    let mut gate = Gate::new(DeclaredSsrcs::default());
    let mut taken = |at| (0..1_000).filter(|_| gate.admits_message(now + at)).count();
    assert_eq!(taken(Duration::ZERO), 200);
    assert_eq!(taken(SECOND), 100);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "it measures how long the code takes"
)]
fn the_gate_costs_a_packet_next_to_nothing() {
    const PACKETS: u32 = 200_000;
    let mut gate = Gate::new(declared(&[1, 2, 3, 4]));
    let packet = rtp(4, 1_100);
    let begun = begin();
    // A clock as fast as the rate allows, so that each packet goes all the way.
    let let_in =
        (0..PACKETS).filter(|n| gate.admits(&packet, begun + Duration::from_millis(2) * *n));
    assert_eq!(let_in.count(), PACKETS as usize);
    let each = Instant::now().saturating_duration_since(begun) / PACKETS;
    println!("{each:?} a packet");
    // A packet costs the relay 15,000 ns and more in all.
    assert!(each < Duration::from_micros(3), "{each:?}");
}
