//! Made-up calls, and their figures as somebody counts who was told of each, with nothing of what
//! is under test.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sightline_session::{Arrived, Event, Fact, Invitation, Rules, State, apply, begin};
use sightline_wire::{
    Arrival, BrowserKind, DisplayName, EndReason, Language, LobbyStep, PageId, PictureSource,
    PublicFact, Reference, Seat, SessionId, Stars, SystemKind,
};

use super::super::world::{NOW_MS, World};
use crate::figures::mark_of;
use crate::ports::{Commit, Committed, Sessions as _};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How somebody would tell of a call.
pub struct MadeUp {
    /// Days after the world's present.
    pub day: u64,
    opened: bool,
    allowed: bool,
    in_the_way: Option<(LobbyStep, &'static str)>,
    joined: Option<Joined>,
    ended: (EndReason, &'static str),
}

struct Joined {
    after_s: u64,
    length_s: u64,
    pictures: u32,
    stars: [Option<u8>; 2],
    browser: (BrowserKind, &'static str),
    system: (SystemKind, &'static str),
}

const TROUBLES: [(LobbyStep, &str); 4] = [
    (LobbyStep::CameraDenied, "camera_denied"),
    (LobbyStep::InAppBrowser, "in_app_browser"),
    (LobbyStep::Asking, "no_answer"),
    (LobbyStep::ConnectionBlocked, "connection_blocked"),
];

const BROWSERS: [(BrowserKind, &str); 3] = [
    (BrowserKind::Safari, "safari"),
    (BrowserKind::Chrome, "chrome"),
    (BrowserKind::Other, "other"),
];

const SYSTEMS: [(SystemKind, &str); 3] = [
    (SystemKind::Iphone, "iphone"),
    (SystemKind::Android, "android"),
    (SystemKind::Windows, "windows"),
];

const UNUSED: [(EndReason, &str); 2] = [
    (EndReason::InviteCancelled, "invite_cancelled"),
    (EndReason::InviteExpired, "invite_expired"),
];

const USED: [(EndReason, &str); 4] = [
    (EndReason::AgentEnded, "agent_ended"),
    (EndReason::CustomerEnded, "customer_ended"),
    (EndReason::NobodyHeard, "nobody_heard"),
    (EndReason::TooLong, "too_long"),
];

/// Values on both sides of every edge.
const SECONDS: [u64; 12] = [0, 29, 30, 59, 60, 179, 180, 599, 600, 1_799, 1_800, 3_600];

const PICTURES: [u32; 8] = [0, 1, 2, 3, 5, 6, 10, 11];

/// Numbers that repeat with each run (Knuth, MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, faces: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % faces
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

impl MadeUp {
    pub fn of(which: u32) -> Self {
        let mut dice = Dice(u64::from(which));
        dice.below(2);
        let opened = dice.below(5) > 0;
        let joins = opened && dice.below(4) > 0;
        let joined = |dice: &mut Dice| Joined {
            after_s: dice.one(&SECONDS),
            length_s: dice.one(&SECONDS),
            pictures: dice.one(&PICTURES),
            stars: [(); 2].map(|()| u8::try_from(dice.below(6)).ok().filter(|stars| *stars > 0)),
            browser: dice.one(&BROWSERS),
            system: dice.one(&SYSTEMS),
        };
        let joined = joins.then(|| joined(&mut dice));
        let is_stuck = opened && joined.is_none() && dice.below(3) > 0;
        Self {
            day: dice.below(4) as u64,
            opened,
            allowed: joins && dice.below(8) > 0,
            in_the_way: is_stuck.then(|| dice.one(&TROUBLES)),
            ended: if joins {
                dice.one(&USED)
            } else {
                dice.one(&UNUSED)
            },
            joined,
        }
    }

    /// Stores the call as one that ended in another process.
    pub async fn store(&self, world: &World, which: u32) {
        let rules = Rules::default();
        let invitation = Invitation {
            agent: crate::agent_id("elsewhere", "Grace"),
            agent_name: DisplayName::new("Grace").unwrap(),
            number: None,
            reference: Reference::new("CLAIM-2026-1").unwrap(),
            language: Language::new("en").unwrap(),
        };
        // Every call ends at noon of its day.
        let noon_ms = (NOW_MS / DAY_MS + self.day) * DAY_MS + DAY_MS / 2;
        let took_s = self
            .joined
            .as_ref()
            .map_or(0, |of| of.after_s + of.length_s);
        let (mut state, issued) = begin(invitation, noon_ms - took_s * 1_000, 0, &rules);
        let mut events = vec![issued];
        for (at_ms, fact) in self.facts(state.began_at_ms, noon_ms) {
            events.push(apply(&mut state, fact, at_ms));
        }
        for (seat, stars) in Seat::ALL.into_iter().zip(self.stars()) {
            state.seats.get_mut(seat).stars = stars.map(|stars| Stars::new(stars).unwrap());
        }
        let commit = commit(which, state, events, &rules);
        assert_eq!(world.memory().commit(commit).await, Ok(Committed::Done));
    }

    /// Of agent and customer.
    fn stars(&self) -> [Option<u8>; 2] {
        self.joined
            .as_ref()
            .map_or([None; 2], |joined| joined.stars)
    }

    fn facts(&self, began_ms: u64, ended_ms: u64) -> Vec<(u64, Fact)> {
        let mut facts = Vec::new();
        let mut say = |at_ms, fact: PublicFact| facts.push((at_ms, fact.into()));
        let lobby = |step| PublicFact::LobbyReached { step };
        if self.opened {
            say(began_ms, PublicFact::LinkOpened);
            say(began_ms, lobby(LobbyStep::InLobby));
        }
        if let Some((step, _)) = self.in_the_way {
            say(began_ms, lobby(step));
        }
        if let Some(joined) = &self.joined {
            let joined_ms = began_ms + joined.after_s * 1_000;
            facts.push((joined_ms, joined.fact()));
            let mut say = |fact: PublicFact| facts.push((joined_ms, fact.into()));
            if self.allowed {
                say(PublicFact::MediaChanged {
                    seat: Seat::Customer,
                    microphone: false,
                    camera: true,
                });
            }
            (0..joined.pictures).for_each(|_| say(asked()));
        }
        facts.push((ended_ms, PublicFact::Ended { why: self.ended.0 }.into()));
        facts
    }
}

fn asked() -> PublicFact {
    PublicFact::CaptureAsked {
        seat: Seat::Agent,
        source: PictureSource::Camera,
    }
}

fn commit(which: u32, mut state: State, events: Vec<Event>, rules: &Rules) -> Commit {
    // What was asked for was stored.
    for picture in &mut state.pictures {
        picture.base = Some(sightline_session::Base {
            width: 4,
            height: 3,
            low_resolution: false,
            digest: None,
        });
    }
    let mut id = [7; 16];
    id[..4].copy_from_slice(&which.to_be_bytes());
    let session = SessionId::from_bytes(id);
    let delete_at_s = NOW_MS / 1_000 + 300 * 24 * 60 * 60;
    Commit {
        uncounted: mark_of(session, &state, &events, rules),
        summary: None,
        ..Commit::first(session, state, events, delete_at_s)
    }
}

impl Joined {
    fn fact(&self) -> Fact {
        Fact::Joined {
            seat: Seat::Customer,
            page: PageId::from_bytes([5; 16]),
            name: DisplayName::new("Guest").unwrap(),
            video_only: false,
            arrival: Some(Arrived {
                with: Arrival {
                    browser: self.browser.0,
                    system: self.system.0,
                    language: Language::new("en").unwrap(),
                },
                kept_days: None,
            }),
        }
    }
}

/// Tallies as somebody keeps them on paper.
#[derive(Default)]
pub struct Fold {
    days: BTreeMap<u64, [u32; 4]>,
    words: BTreeMap<&'static str, BTreeMap<&'static str, u32>>,
    bins: BTreeMap<&'static str, BTreeMap<usize, u32>>,
    stars: [[u32; 5]; 2],
}

impl Fold {
    pub fn add(&mut self, call: &MadeUp) {
        let day = self.days.entry(call.day).or_default();
        let steps = [true, call.opened, call.allowed, call.joined.is_some()];
        for (count, reached) in day.iter_mut().zip(steps) {
            *count += u32::from(reached);
        }
        let Some(joined) = &call.joined else {
            let why = match (call.in_the_way, call.opened, call.ended.1) {
                (Some((_, word)), _, _) => word,
                (None, true, _) => "went_away",
                (None, false, "invite_cancelled") => "cancelled",
                _ => "not_opened",
            };
            return self.word("not_joined", why);
        };
        self.word("ended", call.ended.1);
        self.word("browsers", joined.browser.1);
        self.word("systems", joined.system.1);
        let joining = match joined.after_s {
            0..30 => 0,
            30..60 => 1,
            60..120 => 2,
            120..300 => 3,
            300..600 => 4,
            600..1_800 => 5,
            1_800..3_600 => 6,
            _ => 7,
        };
        let length = match joined.length_s {
            0..60 => 0,
            60..180 => 1,
            180..300 => 2,
            300..600 => 3,
            600..1_200 => 4,
            1_200..1_800 => 5,
            1_800..3_600 => 6,
            _ => 7,
        };
        let pictures = match joined.pictures {
            0..=2 => joined.pictures as usize,
            3..=5 => 3,
            6..=10 => 4,
            _ => 5,
        };
        for (name, bin) in [
            ("joining_s", joining),
            ("length_s", length),
            ("pictures", pictures),
        ] {
            *self.bins.entry(name).or_default().entry(bin).or_default() += 1;
        }
        for (given, of_seat) in joined.stars.iter().zip(&mut self.stars) {
            if let Some(given) = given {
                of_seat[usize::from(*given) - 1] += 1;
            }
        }
    }

    fn word(&mut self, list: &'static str, word: &'static str) {
        *self.words.entry(list).or_default().entry(word).or_default() += 1;
    }

    /// The answer that these tallies are.
    pub fn answer(&self, from: &str, to: &str) -> Value {
        let funnel = |[invited, opened, allowed, joined]: [u32; 4]| json!({ "invited": invited, "opened": opened, "allowed": allowed, "joined": joined });
        let mut all = [0; 4];
        for day in self.days.values() {
            all = std::array::from_fn(|at| all[at] + day[at]);
        }
        let days = self.days.iter();
        let days = days
            .map(|(day, counts)| json!({ "day": DAYS[*day as usize], "funnel": funnel(*counts) }));
        json!({
            "from": from,
            "to": to,
            "funnel": funnel(all),
            "days": days.collect::<Vec<_>>(),
            "not_joined": self.list("not_joined", "why"),
            "ended": self.list("ended", "why"),
            "browsers": self.list("browsers", "browser"),
            "systems": self.list("systems", "system"),
            "joining_s": self.histogram("joining_s", &[30, 60, 120, 300, 600, 1_800, 3_600]),
            "length_s": self.histogram("length_s", &[60, 180, 300, 600, 1_200, 1_800, 3_600]),
            "pictures": self.histogram("pictures", &[1, 2, 3, 6, 11]),
            "agent_stars": self.stars[0],
            "customer_stars": self.stars[1],
            "counted_after_min": 10,
            "kept": { "calls": 30, "pictures": 30, "lines": 30, "audit": 365 },
        })
    }

    /// The largest first; of equal ones, as the wire declares them.
    fn list(&self, name: &str, field: &str) -> Vec<Value> {
        let mut words: Vec<_> = self.words[name].iter().collect();
        let declared = |word: &str| DECLARED.iter().position(|known| *known == word).unwrap();
        words.sort_by_key(|(word, calls)| (u32::MAX - **calls, declared(word)));
        let rows = words.into_iter();
        rows.map(|(word, calls)| json!({ field: word, "calls": calls }))
            .collect()
    }

    fn histogram(&self, name: &str, edges: &[u32]) -> Vec<Value> {
        let calls = |at| self.bins[name].get(&at).copied().unwrap_or(0);
        let bins = edges.iter().enumerate();
        let bins = bins.map(|(at, below)| json!({ "below": below, "calls": calls(at) }));
        bins.chain([json!({ "calls": calls(edges.len()) })])
            .collect()
    }
}

const DAYS: [&str; 4] = ["2027-01-15", "2027-01-16", "2027-01-17", "2027-01-18"];

const DECLARED: [&str; 17] = [
    "not_opened",
    "cancelled",
    "went_away",
    "camera_denied",
    "no_answer",
    "in_app_browser",
    "connection_blocked",
    "agent_ended",
    "customer_ended",
    "nobody_heard",
    "too_long",
    "safari",
    "chrome",
    "other",
    "iphone",
    "android",
    "windows",
];
