//! Offers: which are answered, and which refused.

use sightline_wire::{OfferRefusal, RelayHears, RelaySays, Sdp, Seat};

use super::world::{Chance, Peer, World, config, offer, page, session};

/// What Chromium 156 offers for a call as this protocol asks for it, candidates and all.
const CHROMIUM: &str = include_str!("chromium.sdp");
/// An offer in Firefox's shape, written after its sources: sections that wait for the bundle have
/// port 0, attributes come in another order, payload types differ.
const FIREFOX: &str = include_str!("firefox.sdp");

/// Offers of other endpoints, as recorded; `README.md` beside them says how.
const RECORDED: [(&str, &str); 3] = [
    (
        "firefox-153",
        include_str!("../../samples/offers/firefox-153.sdp"),
    ),
    (
        "aiortc-1.16",
        include_str!("../../samples/offers/aiortc-1.16.sdp"),
    ),
    (
        "webrtcbin-1.22",
        include_str!("../../samples/offers/webrtcbin-1.22.sdp"),
    ),
];

fn give(world: &mut World, sdp: &str) -> RelaySays {
    world.hear(RelayHears::Offer {
        session: session(7),
        epoch: 1,
        seat: Seat::Agent,
        page: page(7),
        attempt: 1,
        speaks: true,
        sdp: Sdp::new(sdp.to_owned()).unwrap(),
    });
    world.said.pop().expect("an answer or a refusal")
}

fn why(says: &RelaySays) -> Option<OfferRefusal> {
    match says {
        RelaySays::Refused { why, .. } => Some(*why),
        _ => None,
    }
}

#[test]
fn browsers_offers_are_answered_with_vp8_before_h264_and_the_relays_own_address_only() {
    for (browser, sdp) in [("chromium", CHROMIUM), ("firefox", FIREFOX)] {
        let mut world = World::new();
        let RelaySays::Answer { sdp: answer, .. } = give(&mut world, sdp) else {
            panic!("{browser} is refused");
        };
        let answer = answer.as_str();
        assert!(answer.contains("a=ice-lite"), "{answer}");
        assert!(answer.contains("a=setup:passive"));
        assert!(answer.contains("198.51.100.1 3478 typ host"), "{answer}");
        assert_eq!(answer.matches("m=").count(), 3);
        assert!(answer.matches("a=sendrecv").count() >= 2);
        assert!(answer.contains("goog-remb") && answer.contains("transport-cc"));
        assert!(!answer.contains(" red/"));
        let vp8 = answer.find("VP8/90000").unwrap();
        assert!(answer.find("H264/90000").is_none_or(|h264| vp8 < h264));
        assert!(!answer.contains("VP9") && !answer.contains("AV1"));
    }
}

#[test]
fn recorded_offers_are_answered_with_opus_and_vp8_first() {
    for (endpoint, sdp) in RECORDED {
        let RelaySays::Answer { sdp: answer, .. } = give(&mut World::new(), sdp) else {
            panic!("{endpoint} is refused");
        };
        let answer = answer.as_str();
        assert_eq!(answer.matches("a=mid:").count(), 3, "{endpoint}: {answer}");
        assert!(answer.contains("opus/48000/2"), "{endpoint}: {answer}");
        let vp8 = answer.find("VP8/90000").expect(endpoint);
        assert!(answer.find("H264/90000").is_none_or(|h264| vp8 < h264));
        assert_eq!(answer.matches("m=video 0").count(), 0, "{endpoint}");
    }
}

#[test]
fn a_senders_orientation_is_left_to_the_sender() {
    let RelaySays::Answer { sdp, .. } = give(&mut World::new(), CHROMIUM) else {
        panic!("refused");
    };
    assert!(CHROMIUM.contains("video-orientation"));
    assert!(
        !sdp.as_str().contains("video-orientation"),
        "{}",
        sdp.as_str()
    );
}

#[test]
fn an_offer_with_other_sections_is_refused() {
    let audio = CHROMIUM.find("m=audio").unwrap();
    let video = CHROMIUM.find("m=video").unwrap();
    let application = CHROMIUM.find("m=application").unwrap();
    let (head, audio, video, application) = (
        &CHROMIUM[..audio],
        &CHROMIUM[audio..video],
        &CHROMIUM[video..application],
        &CHROMIUM[application..],
    );
    let cases = [
        ("nothing", head.to_owned()),
        ("no video", format!("{head}{audio}{application}")),
        ("no application", format!("{head}{audio}{video}")),
        ("two videos", format!("{CHROMIUM}{video}")),
        ("recvonly", CHROMIUM.replace("a=sendrecv", "a=recvonly")),
        ("sendonly", CHROMIUM.replace("a=sendrecv", "a=sendonly")),
        (
            "simulcast",
            format!("{head}{audio}{video}a=simulcast:send l;h\r\n{application}"),
        ),
        ("sha-1", CHROMIUM.replace("sha-256", "sha-1")),
        (
            "no fingerprint",
            CHROMIUM.replace("a=fingerprint", "a=fingerfood"),
        ),
        ("passive", CHROMIUM.replace("actpass", "passive")),
        (
            "no codec of ours",
            CHROMIUM.replace("VP8", "VP7").replace("H264", "H264X"),
        ),
        (
            "another ice-lite",
            CHROMIUM.replace("a=extmap-allow-mixed", "a=ice-lite"),
        ),
        ("not SDP", "hello".to_owned()),
    ];
    for (what, sdp) in cases {
        let mut world = World::new();
        let says = give(&mut world, &sdp);
        assert_eq!(why(&says), Some(OfferRefusal::Unacceptable), "{what}");
        assert_eq!(world.sfu.counters().rooms, 0, "{what} opens no room");
    }
}

#[test]
fn two_different_fingerprints_are_refused() {
    let other = format!("a=fingerprint:sha-256 {}\r\na=mid:1", ["00"; 32].join(":"));
    let says = give(&mut World::new(), &CHROMIUM.replace("a=mid:1", &other));
    assert_eq!(why(&says), Some(OfferRefusal::Unacceptable));
}

#[test]
fn a_clients_candidates_are_never_dialled() {
    let mut world = World::new();
    let evil = ["169.254.170.2", "127.0.0.1", "10.0.0.1", "::1", "x.local"];
    let lines: String = evil
        .iter()
        .map(|ip| format!("a=candidate:1 1 udp 2113937151 {ip} 80 typ host\r\n"))
        .collect();
    let sdp = CHROMIUM.replace("a=mid:0\r\n", &format!("a=mid:0\r\n{lines}"));
    assert_eq!(why(&give(&mut world, &sdp)), None);
    world.run(20_000);
    assert_eq!(world.astray, 0);
}

#[test]
fn an_older_assignment_is_refused() {
    let mut world = World::new();
    let peer = Peer::new(1, Seat::Agent, world.now);
    for (epoch, refused) in [(5, false), (4, true), (5, false), (6, false), (5, true)] {
        let mut hears = offer(&peer, 1, epoch, true);
        if let RelayHears::Offer { epoch: of, .. } = &mut hears {
            *of = epoch;
        }
        world.hear(hears);
        let says = world.said.pop().unwrap();
        let expected = refused.then_some(OfferRefusal::OldEpoch);
        assert_eq!(why(&says), expected, "epoch {epoch}");
    }
}

#[test]
fn a_close_of_an_older_assignment_leaves_the_room_open() {
    let mut world = World::new();
    let peer = Peer::new(1, Seat::Agent, world.now);
    let mut hears = offer(&peer, 1, 1, true);
    if let RelayHears::Offer { epoch, .. } = &mut hears {
        *epoch = 3;
    }
    world.hear(hears);
    for (epoch, rooms) in [(0, 1), (2, 1), (3, 0), (3, 0)] {
        world.hear(RelayHears::Close {
            session: session(1),
            epoch,
        });
        assert_eq!(world.sfu.counters().rooms, rooms, "epoch {epoch}");
    }
}

#[test]
fn rooms_are_counted_and_a_draining_relay_takes_no_new_one() {
    let mut config = config();
    config.rooms_max = 2;
    let mut world = World::with(config);
    let enter = |world: &mut World, n: u8| {
        let peer = Peer::new(n, Seat::Agent, world.now);
        world.hear(offer(&peer, n, 1, true));
        why(&world.said.pop().unwrap())
    };
    assert_eq!(enter(&mut world, 1), None);
    assert_eq!(enter(&mut world, 2), None);
    assert_eq!(enter(&mut world, 3), Some(OfferRefusal::Full));
    world.hear(RelayHears::Close {
        session: session(1),
        epoch: 1,
    });
    assert_eq!(enter(&mut world, 3), None);
    world.hear(RelayHears::Close {
        session: session(2),
        epoch: 1,
    });
    world.sfu.handle(crate::Input::Drain, world.now);
    assert_eq!(enter(&mut world, 4), Some(OfferRefusal::Full));
    assert_eq!(enter(&mut world, 3), None, "a room that is open goes on");
}

#[test]
fn ten_thousand_mutated_offers_are_answered_or_refused_quickly() {
    let mut chance = Chance::from_env();
    let mut world = World::new();
    let (mut answered, mut slowest) = (0, std::time::Duration::ZERO);
    for n in 0..10_000 {
        let from = if n % 2 == 0 { CHROMIUM } else { FIREFOX };
        let sdp = mutated(from, &mut chance);
        if sdp.is_empty() || sdp.len() > Sdp::BYTES_MAX {
            continue;
        }
        let (mut says, mut took) = timed(&mut world, &sdp);
        // Other work of the machine may have been in the way: what is slow is slow again.
        for _ in 0..20 {
            if took.as_millis() < 10 {
                break;
            }
            world.hear(RelayHears::Close {
                session: session(7),
                epoch: 1,
            });
            let again = timed(&mut world, &sdp);
            (says, took) = (again.0, took.min(again.1));
        }
        slowest = slowest.max(took);
        answered += u32::from(why(&says).is_none());
        if n % 100 == 0 {
            world.hear(RelayHears::Close {
                session: session(7),
                epoch: 1,
            });
        }
    }
    println!("{answered} answered, the slowest took {slowest:?}");
    assert!(answered > 100);
    assert_eq!(world.sfu.counters().rooms_panicked, 0);
    assert!(slowest.as_millis() < 30, "{slowest:?}");
}

fn timed(world: &mut World, sdp: &str) -> (RelaySays, std::time::Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "it measures how long the code takes"
    )]
    let begin = std::time::Instant::now();
    let says = give(world, sdp);
    (says, begin.elapsed())
}

fn mutated(sdp: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<Vec<u8>> = sdp.lines().map(|l| l.as_bytes().to_vec()).collect();
    for _ in 0..=chance.below(4) {
        let at = chance.below(lines.len() as u64) as usize;
        let other = chance.below(lines.len() as u64) as usize;
        match chance.below(7) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[other].clone()),
            2 => lines.swap(at, other),
            3 if !lines[at].is_empty() => {
                let place = chance.below(lines[at].len() as u64) as usize;
                lines[at][place] = 32 + chance.below(95) as u8;
            }
            4 => {
                let keep = chance.below(lines[at].len() as u64 + 1) as usize;
                lines[at].truncate(keep);
            }
            5 => {
                // Numbers are where parsers overflow.
                let text = String::from_utf8_lossy(&lines[at]).into_owned();
                let huge = [
                    "0",
                    "255",
                    "65536",
                    "4294967296",
                    "18446744073709551616",
                    "-1",
                ];
                let pick = huge[chance.below(6) as usize];
                let parts: Vec<&str> = text.split(' ').collect();
                let which = chance.below(parts.len() as u64) as usize;
                let parts: Vec<&str> = parts
                    .iter()
                    .enumerate()
                    .map(|(n, part)| if n == which { pick } else { part })
                    .collect();
                lines[at] = parts.join(" ").into_bytes();
            }
            _ => {
                let tail = lines[other].clone();
                lines[at].extend(tail);
            }
        }
        if lines.is_empty() {
            return String::new();
        }
    }
    let text: Vec<String> = lines
        .iter()
        .map(|l| String::from_utf8_lossy(l).into_owned())
        .collect();
    text.join("\r\n") + "\r\n"
}
