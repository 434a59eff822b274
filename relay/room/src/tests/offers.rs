//! Offers: which are answered, and which refused.

use sightline_wire::{OfferFault, OfferRefusal, RelayHears, RelaySays, Sdp, Seat};

use super::world::{Chance, Peer, World, config, offer, page, session};

/// What Chromium 156 offers for a call as this protocol asks for it, candidates and all.
const CHROMIUM: &str = include_str!("chromium.sdp");
/// The same with `--enable-blink-features=WebRtcSctpSnap`.
const CHROMIUM_SNAP: &str = include_str!("../../samples/offers/chromium-156-snap.sdp");
/// An offer in Firefox's shape, written after its sources: sections that wait for the bundle have
/// port 0, attributes come in another order, payload types differ.
const FIREFOX: &str = include_str!("firefox.sdp");

/// Offers of other endpoints, as recorded; `README.md` beside them says how.
const RECORDED: [(&str, &str); 6] = [
    ("chromium-156", CHROMIUM),
    ("chromium-156-snap", CHROMIUM_SNAP),
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
    (
        "safari-18.6",
        include_str!("../../samples/offers/safari-18.6.sdp"),
    ),
];

fn give(world: &mut World, sdp: &str) -> RelaySays {
    // A seat may offer once a second.
    world.now += std::time::Duration::from_secs(1);
    world.hear(RelayHears::Offer {
        session: session(7),
        epoch: 1,
        seat: Seat::Agent,
        page: page(7),
        attempt: 1,
        speaks: true,
        since: 0,
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
        assert_eq!(
            answer.contains("UDP/TLS/RTP/SAVPF 63 111\r\n"),
            browser == "chromium"
        );
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
fn red_is_answered_first_where_it_carries_opus() {
    let given = "a=fmtp:63 111/111\r\n";
    let with = |lines: &str| {
        assert!(CHROMIUM.contains(given));
        let sdp = CHROMIUM.replace(given, lines);
        let answer = answer_of(&give(&mut World::new(), &sdp)).to_owned();
        let audio = answer.lines().find(|line| line.starts_with("m=audio"));
        assert!(answer.contains("useinbandfec=1"), "{answer}");
        audio.unwrap().replace("m=audio 9 UDP/TLS/RTP/SAVPF ", "")
    };
    assert_eq!(with(given), "63 111");
    assert_eq!(with("a=fmtp:63 111/111/111\r\n"), "63 111");
    // It is not told what it carries, or something else.
    for lines in [
        "",
        "a=fmtp:63 9/9\r\n",
        "a=fmtp:63 111/9\r\n",
        "a=fmtp:63 63/63\r\n",
    ] {
        assert_eq!(with(lines), "111", "{lines}");
    }
    // A second one for the same codec.
    let second = "a=rtpmap:9 red/48000/2\r\na=fmtp:9 111/111\r\n";
    let sdp = CHROMIUM.replace("a=rtpmap:9 G722/8000\r\n", second);
    let answer = give(&mut World::new(), &sdp);
    assert!(answer_of(&answer).contains("SAVPF 63 111\r\n"));
    // Pages of versions that do not ask for it.
    let sdp = CHROMIUM.replace("SAVPF 111 63", "SAVPF 111");
    let answer = give(&mut World::new(), &sdp);
    assert!(answer_of(&answer).contains("SAVPF 111\r\n"));
}

/// An offer in parts: head, audio, video, application.
fn parts(sdp: &str) -> [&str; 4] {
    let part = |begin: &str| {
        let from = sdp.find(begin).unwrap();
        let to = sdp[from + 2..].find("\r\nm=").map(|at| from + 2 + at + 2);
        &sdp[from..to.unwrap_or(sdp.len())]
    };
    ["v=", "m=audio", "m=video", "m=application"].map(part)
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
fn what_cannot_work_is_refused_with_its_reason() {
    use OfferFault::{
        Codecs, Fingerprint, IceLite, PayloadTypes, Sections, Setup, Simulcast, TooLong,
    };
    let [head, audio, video, application] = parts(CHROMIUM);
    let after = |line: &str| CHROMIUM.replace("a=mid:1", &format!("{line}\r\na=mid:1"));
    let instead = |old, new| CHROMIUM.replace(old, new);
    let other_digest = format!("a=fingerprint:sha-256 {}", ["00"; 32].join(":"));
    let long = format!("m=audio 9 UDP/TLS/RTP/SAVPF{}", " 111".repeat(300));
    let cases = [
        ("nothing", head.to_owned(), Sections),
        ("no video", [head, audio, application].concat(), Sections),
        ("no application", [head, audio, video].concat(), Sections),
        ("two videos", format!("{CHROMIUM}{video}"), Sections),
        ("recvonly", instead("a=sendrecv", "a=recvonly"), Sections),
        ("sendonly", instead("a=sendrecv", "a=sendonly"), Sections),
        (
            "no bundle",
            instead("a=group:BUNDLE", "a=group:LS"),
            Sections,
        ),
        ("one tag twice", instead("a=mid:1", "a=mid:0"), Sections),
        ("simulcast", after("a=simulcast:send l;h"), Simulcast),
        ("layers", after("a=rid:l send\r\na=rid:h send"), Simulcast),
        ("old simulcast", after("a=ssrc-group:SIM 1 2"), Simulcast),
        ("sha-1", instead("sha-256", "sha-1"), Fingerprint),
        (
            "none",
            instead("a=fingerprint", "a=fingerfood"),
            Fingerprint,
        ),
        ("two", after(&other_digest), Fingerprint),
        ("half", after("a=fingerprint:sha-256 00:11"), Fingerprint),
        ("passive", instead("actpass", "passive"), Setup),
        (
            "no codec",
            instead("VP8", "VP7").replace("H264", "H26"),
            Codecs,
        ),
        (
            "ice-lite",
            instead("a=extmap-allow-mixed", "a=ice-lite"),
            IceLite,
        ),
        ("type twice", after("a=rtpmap:96 VP9/90000"), PayloadTypes),
        ("type 200", after("a=rtpmap:200 VP9/90000"), PayloadTypes),
        ("two repaired", after("a=fmtp:97 apt=98"), PayloadTypes),
        (
            "a long line",
            [head, &long, &audio[7..], video, application].concat(),
            TooLong,
        ),
        ("not SDP", "hello".to_owned(), Sections),
        (
            "no secret",
            instead("a=ice-pwd", "a=ice-pod"),
            OfferFault::Malformed,
        ),
    ];
    for (what, sdp, fault) in cases {
        let mut world = World::new();
        let says = give(&mut world, &sdp);
        assert_eq!(why(&says), Some(OfferRefusal::Unacceptable), "{what}");
        let RelaySays::Refused { fault: told, .. } = says else {
            panic!("{what}");
        };
        assert_eq!(told, Some(fault), "{what}");
        assert_eq!(world.sfu.counters().rooms, 0, "{what} opens no room");
    }
}

#[test]
fn an_offer_with_a_first_word_of_sctp_gets_one_back() {
    let with = |init: &str| {
        let line = format!("a=sctp-init:{init}\r\na=sctp-port");
        let says = give(
            &mut World::new(),
            &CHROMIUM_SNAP.replace("a=sctp-port", &line),
        );
        answer_of(&says).contains("a=sctp-init:")
    };
    let says = give(&mut World::new(), CHROMIUM_SNAP);
    assert!(answer_of(&says).contains("a=sctp-init:"));
    assert!(!answer_of(&give(&mut World::new(), CHROMIUM)).contains("sctp-init"));
    // What is no first word is ignored.
    assert!(!with("%%%") && !with(&"A".repeat(3000)));
}

fn answer_of(says: &RelaySays) -> &str {
    match says {
        RelaySays::Answer { sdp, .. } => sdp.as_str(),
        other => panic!("{other:?}"),
    }
}

/// Unknown lines that any section may have.
fn unknown(chance: &mut Chance) -> String {
    let n = chance.below(1_000_000);
    let digest = |bytes| vec!["A5"; bytes].join(":");
    match chance.below(14) {
        0 => format!("a=x-later-{n}:{n} {n}"),
        1 => format!("a=later{n}"),
        2 => format!("a=extmap:{} urn:example:later-{n}", 1 + n % 14),
        3 => format!(
            "a=extmap:{}/recvonly http://example.org/later {n}",
            15 + n % 240
        ),
        4 => format!("a=fingerprint:sha-384 {}", digest(48)),
        5 => format!("a=fingerprint:sha-512 {}", digest(64)),
        6 => format!("a=fingerprint:sha3-256 {}", digest(32)),
        7 => {
            (0..80).fold(String::new(), |lines, host| {
                format!("{lines}a=candidate:{n} 1 udp 2113937151 10.{host}.0.1 5000 typ host\r\n")
            }) + "a=end-of-candidates"
        }
        8 => format!("a=candidate:{n} 1 quic 1 later.local x typ later"),
        9 => "b=TIAS:2000000\r\nb=AS:2000".to_owned(),
        10 => format!("i=a title {n}"),
        11 => format!("a=rtcp-fb:* later {n}\r\na=rtcp-fb:{} later", n % 128),
        12 => format!("a=fmtp:{} later={n};x\r\na=ptime:20", n % 128),
        _ => format!(
            "a=ice-options:trickle later{n}\r\na=identity:{}",
            "b".repeat(1500)
        ),
    }
}

#[test]
fn unknown_lines_in_any_order_change_nothing() {
    let mut chance = Chance::from_env();
    for (browser, sdp) in RECORDED {
        // Some endpoints end their lines with a line feed only.
        let sdp: String = sdp.lines().map(|line| format!("{line}\r\n")).collect();
        for turn in 0..60 {
            let [head, mut audio, mut video, mut application] = parts(&sdp).map(|part| {
                let (first, rest) = part.split_once("\r\n").unwrap();
                let mut lines: Vec<String> = rest.lines().map(str::to_owned).collect();
                if !first.starts_with("v=") {
                    lines.sort_by_cached_key(|_| chance.below(1 << 30));
                }
                for _ in 0..chance.below(4) {
                    let at = chance.below(lines.len() as u64 + 1) as usize;
                    lines.insert(at, unknown(&mut chance));
                }
                format!("{first}\r\n{}\r\n", lines.join("\r\n"))
            });
            match turn % 3 {
                0 => {}
                1 => std::mem::swap(&mut audio, &mut video),
                _ => std::mem::swap(&mut audio, &mut application),
            }
            let sdp = [head, audio, video, application].concat();
            if Sdp::new(sdp.clone()).is_err() {
                continue;
            }
            let says = give(&mut World::new(), &sdp);
            let RelaySays::Answer { sdp: answer, .. } = &says else {
                panic!("{browser}: {says:?}\n{sdp}");
            };
            let mids = |sdp: &str| -> Vec<String> {
                let mids = sdp.lines().filter_map(|line| line.strip_prefix("a=mid:"));
                mids.map(str::to_owned).collect()
            };
            assert_eq!(mids(answer.as_str()), mids(&sdp), "{browser}");
            assert_eq!(
                answer.as_str().matches("a=sendrecv").count(),
                2,
                "{browser}"
            );
        }
    }
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
        if Sdp::new(sdp.clone()).is_err() {
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
