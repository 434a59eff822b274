use super::*;

/// Looks at a link on which the estimate is fixed.
struct Watched {
    link: MeasuredLink,
    at: Instant,
    bytes: u64,
}

impl Watched {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning"
    )]
    fn new() -> Self {
        Self {
            link: MeasuredLink::default(),
            at: Instant::now(),
            bytes: 0,
        }
    }

    /// So many seconds of sending at a rate. Returns what the link is said to carry, kbit/s.
    fn pass(&mut self, s: u32, estimate: u32, sent: u32, loss: f64, rtt_ms: u64) -> u32 {
        for _ in 0..s * LOOKS_PER_S {
            self.look(estimate, sent, loss, rtt_ms);
        }
        self.link.bps().unwrap() / 1000
    }

    fn look(&mut self, estimate: u32, sent: u32, loss: f64, rtt_ms: u64) -> Option<f64> {
        self.at += LOOK_EVERY;
        self.bytes += u64::from(sent) * 1000 / 8 / u64::from(LOOKS_PER_S);
        self.link.take(&Look {
            at: self.at,
            estimate_bps: f64::from(estimate) * 1000.0,
            sent_bytes: self.bytes,
            loss,
            rtt: Some(Duration::from_millis(rtt_ms)),
        })
    }
}

#[test]
fn without_loss_or_a_queue_the_estimate_counts_or_what_passed_before() {
    let mut watched = Watched::new();
    assert_eq!(watched.pass(5, 2500, 1800, 0.0, 40), 2500);
    let passed = watched.pass(5, 300, 280, 0.0, 90);
    assert!((1650..=1800).contains(&passed), "{passed}");
    assert_eq!(watched.pass(5, 1900, 1300, 0.01, 90), 1900);
    // What passed long ago counts less and less.
    let later = watched.pass(120, 300, 280, 0.0, 90);
    assert!((300..700).contains(&later), "{later}");
}

#[test]
fn an_estimate_below_what_passes_begins_again_now_and_then() {
    let mut watched = Watched::new();
    watched.pass(5, 300, 280, 0.0, 40);
    let restarts: Vec<f64> = (0..5 * LOOKS_PER_S)
        .filter_map(|_| watched.look(90, 200, 0.0, 40))
        .collect();
    assert_eq!(restarts.len(), 2, "{restarts:?}");
    assert!(
        (250_000.0..280_001.0).contains(&restarts[0]),
        "{restarts:?}"
    );
}

#[test]
fn loss_alone_does_not_starve_and_a_queue_lowers_the_floor() {
    let mut watched = Watched::new();
    watched.pass(5, 2500, 1800, 0.0, 40);
    let lossy = watched.pass(5, 80, 1800, 0.2, 60);
    assert!((1100..2300).contains(&lossy), "{lossy}");
    assert!(watched.link.is_floored());
    let queued = watched.pass(1, 80, 1800, 0.2, 300);
    assert!(queued < lossy * 2 / 3, "{queued}");
    // What arrived then is all that is proven from there on.
    let after = watched.pass(3, 80, 100, 0.2, 60);
    assert!(after < 1300, "{after}");
}

#[test]
fn a_lossy_link_is_tried_with_more_and_less_of_it_when_that_is_lost() {
    let mut watched = Watched::new();
    let first = watched.pass(3, 60, 400, 0.1, 60);
    let later = watched.pass(5, 60, 520, 0.1, 60);
    assert!(later > first * 5 / 4, "{first} then {later}");
    // A link that drops what is too much, without a queue: more is lost when more is sent.
    let dropped = watched.pass(1, 60, 1000, 0.4, 60);
    assert!(dropped < 500, "{dropped}");
}

#[test]
fn chance_does_not_wear_the_floor_down() {
    let mut watched = Watched::new();
    watched.pass(5, 2500, 900, 0.0, 40);
    let mut told = 900;
    for n in 0..150 {
        let loss = [0.12, 0.2, 0.28, 0.16, 0.24][n / 3 % 5];
        watched.look(60, told * 5 / 4, loss, 60);
        told = watched.link.bps().unwrap() / 1000;
        told = told.clamp(100, 1500);
    }
    assert!(told > 1000, "{told}");
}

#[test]
fn when_loss_ends_the_estimate_begins_where_the_floor_was() {
    let mut watched = Watched::new();
    watched.pass(5, 2500, 1800, 0.0, 40);
    watched.pass(5, 80, 1800, 0.2, 60);
    let restarts: Vec<f64> = (0..10)
        .filter_map(|_| watched.look(80, 1500, 0.0, 60))
        .collect();
    assert_eq!(restarts.len(), 1);
    assert!(restarts[0] > 1_400_000.0);
}

#[test]
fn a_queue_that_stays_is_emptied_and_does_not_fill_at_once() {
    let mut watched = Watched::new();
    watched.pass(2, 380, 300, 0.0, 40);
    for rtt_ms in [60, 110, 160, 210, 250] {
        watched.look(380, 350, 0.0, rtt_ms);
    }
    let cut = watched.pass(1, 380, 350, 0.02, 290);
    assert!((200..300).contains(&cut), "{cut}");
    let soon = watched.pass(2, 380, 280, 0.0, 60);
    assert!(soon < 320, "{soon}");
    let later = watched.pass(20, 380, 330, 0.0, 60);
    assert!(later > 330, "{later}");
    // The link became wide: a probe found more than can come of growing by itself.
    for rtt_ms in [110, 160, 210, 250, 280] {
        watched.look(380, 350, 0.0, rtt_ms);
    }
    watched.pass(1, 380, 280, 0.0, 60);
    assert_eq!(watched.pass(1, 2000, 280, 0.0, 60), 2000);
}

#[test]
fn a_link_that_became_narrow_shows_at_the_first_look() {
    let mut watched = Watched::new();
    watched.pass(5, 2500, 1800, 0.0, 40);
    // The queue fills, then two thirds of a look at 85 % of loss.
    watched.look(2400, 1800, 0.0, 163);
    watched.look(2400, 1800, 0.16, 265);
    let queue = watched.link.take_overrun().unwrap();
    assert!((215..=225).contains(&queue.as_millis()), "{queue:?}");
    assert!(watched.link.take_overrun().is_none());
    let narrow = watched.link.bps().unwrap();
    assert!((100_000..400_000).contains(&narrow), "{narrow}");
    watched.look(1700, 1800, 0.28, 290);
    watched.look(1000, 1000, 0.4, 250);
    assert!(watched.link.take_overrun().is_none());
    // Once the queue is gone, str0m begins again with what the link carried, and probes.
    watched.look(200, 150, 0.2, 60);
    let restart = watched.look(200, 150, 0.0, 50).unwrap();
    assert!((90_000.0..800_000.0).contains(&restart), "{restart}");
    assert!(watched.look(250, 150, 0.0, 50).is_none());
    // Loss alone is no sign of it.
    let mut watched = Watched::new();
    watched.pass(5, 2500, 1800, 0.0, 40);
    watched.look(2400, 1800, 0.11, 60);
    assert!(watched.link.take_overrun().is_none());
}

#[test]
fn a_longer_path_is_no_queue_for_long() {
    let mut watched = Watched::new();
    watched.pass(3, 2500, 1800, 0.0, 40);
    assert_eq!(watched.pass(6, 2500, 1800, 0.0, 400), 2500);
}

#[test]
fn a_narrow_link_is_probed_every_few_seconds_and_a_wide_one_is_not() {
    let mut watched = Watched::new();
    let mut probes = |estimate: u32| {
        let mut desired = watched.link.desired_bps();
        let looks = (0..50).filter(|_| {
            watched.look(estimate, estimate, 0.0, 40);
            let before = std::mem::replace(&mut desired, watched.link.desired_bps());
            desired > before
        });
        looks.count()
    };
    assert_eq!(probes(2600), 0);
    assert_eq!(probes(300), 4);
    let desired = watched.link.desired_bps();
    assert!((desired - 600_000.0).abs() < 1.0, "{desired}");
}
