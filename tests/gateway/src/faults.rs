//! Faults on demand: which invocation or push suffers what, by seeded throws.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// All rules, and where the throws begin. A single rule may stand for the whole: `{"seed": 7,
/// "delay_ms": 50}`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Faults {
    /// The same seed gives the same throws.
    pub seed: u64,
    /// The first that fits is taken.
    pub rules: Vec<Rule>,
    /// A rule behind all others.
    #[serde(flatten)]
    pub rest: Rule,
}

/// What happens to invocations of a function, or on a route, or to all.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Rule {
    /// Logical id or binary. Absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Route key. Absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// So much later the function is invoked.
    pub delay_ms: u64,
    /// Up to so much later, each by its own throw: invocations overtake each other.
    pub reorder_ms: u64,
    /// So often a message vanishes before the function; over HTTP, 503.
    pub drop_percent: u32,
    /// So often the function is not invoked and its caller told of an internal error.
    pub error_percent: u32,
    /// So often the function runs to its end, and its caller is told of an internal error.
    pub lose_answer_percent: u32,
    /// So often API Gateway refuses for too many requests.
    pub throttle_429_percent: u32,
    /// `$disconnect` is not delivered.
    pub lose_disconnect: bool,
    /// So often a push finds nobody, though somebody is there. A rule for pushes names no function
    /// and no route.
    pub push_410_percent: u32,
    /// So often a push is refused for too many requests.
    pub push_429_percent: u32,
    /// So often a push is accepted and lost.
    pub push_lost_percent: u32,
    /// So much later a push is answered.
    pub push_delay_ms: u64,
}

/// The rules in force.
#[derive(Debug)]
pub struct Mischief(Mutex<(Faults, Dice)>);

/// What happens to one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// It waits so long.
    pub delay: Duration,
    /// And then.
    pub lot: Lot,
}

/// How an invocation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lot {
    /// As it should.
    Runs,
    /// It vanishes.
    Vanishes,
    /// It is an internal error.
    Fails,
    /// It runs, and its answer is lost.
    LosesAnswer,
    /// It is refused.
    Throttled,
}

/// What happens to one push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// It arrives.
    Arrives,
    /// 410.
    Gone,
    /// 429.
    Throttled,
    /// Accepted and lost.
    Lost,
}

impl Default for Mischief {
    fn default() -> Self {
        Self(Mutex::new((Faults::default(), Dice::new(0))))
    }
}

impl Mischief {
    /// Replaces all rules, and throws anew from the seed.
    pub fn set(&self, faults: Faults) {
        let dice = Dice::new(faults.seed);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (faults, dice);
    }

    /// The rules in force.
    pub fn rules(&self) -> Faults {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.clone()
    }

    /// What happens to an invocation. A function has two names.
    pub fn fate(&self, function: [&str; 2], route: &str) -> Fate {
        self.throw(Some((function, route)), |rule, dice| {
            let ms = rule
                .delay_ms
                .saturating_add(dice.below(rule.reorder_ms.saturating_add(1)));
            let lots = [
                (rule.throttle_429_percent, Lot::Throttled),
                (rule.drop_percent, Lot::Vanishes),
                (rule.error_percent, Lot::Fails),
                (rule.lose_answer_percent, Lot::LosesAnswer),
            ];
            let lot = lots.into_iter().find(|(percent, _)| dice.percent(*percent));
            Fate {
                delay: Duration::from_millis(ms),
                lot: lot.map_or(Lot::Runs, |(_, lot)| lot),
            }
        })
    }

    /// Whether `$disconnect` of a function is delivered.
    pub fn tells_disconnect(&self, function: [&str; 2]) -> bool {
        self.throw(Some((function, "$disconnect")), |rule, _| {
            !rule.lose_disconnect
        })
    }

    /// What happens to a push, and how long it takes.
    pub fn push(&self) -> (Push, Duration) {
        self.throw(None, |rule, dice| {
            let lots = [
                (rule.push_429_percent, Push::Throttled),
                (rule.push_410_percent, Push::Gone),
                (rule.push_lost_percent, Push::Lost),
            ];
            let lot = lots.into_iter().find(|(percent, _)| dice.percent(*percent));
            let delay = Duration::from_millis(rule.push_delay_ms);
            (lot.map_or(Push::Arrives, |(_, lot)| lot), delay)
        })
    }

    fn throw<T>(&self, of: Option<([&str; 2], &str)>, decide: impl Fn(&Rule, &mut Dice) -> T) -> T {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (faults, dice) = &mut *inner;
        let mut rules = faults.rules.iter().chain([&faults.rest]);
        let rule = rules.find(|rule| rule.fits(of));
        decide(rule.unwrap_or(&Rule::default()), dice)
    }
}

impl Rule {
    fn fits(&self, of: Option<([&str; 2], &str)>) -> bool {
        let Some((functions, route)) = of else {
            return self.function.is_none() && self.route.is_none();
        };
        let function = self.function.as_deref();
        function.is_none_or(|named| functions.contains(&named))
            && self.route.as_deref().is_none_or(|named| named == route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_is_taken() {
        let mischief = Mischief::default();
        let faults = r#"{"rules": [
            {"function": "chat", "error_percent": 100},
            {"route": "$disconnect", "lose_disconnect": true},
            {"push_410_percent": 100}
        ]}"#;
        mischief.set(serde_json::from_str(faults).unwrap());
        let lot = |function, route| mischief.fate(["Some", function], route).lot;
        assert_eq!(lot("chat", "chat"), Lot::Fails);
        assert_eq!(lot("session", "session"), Lot::Runs);
        assert!(!mischief.tells_disconnect(["Connection", "connection"]));
        assert_eq!(mischief.push().0, Push::Gone);
        mischief.set(Faults::default());
        assert_eq!(lot("chat", "chat"), Lot::Runs);
        assert_eq!(mischief.push(), (Push::Arrives, Duration::ZERO));
    }

    #[test]
    fn one_rule_may_stand_for_the_whole() {
        let faults: Faults = serde_json::from_str(r#"{"seed": 3, "delay_ms": 5}"#).unwrap();
        assert_eq!((faults.seed, faults.rest.delay_ms), (3, 5));
        let mischief = Mischief::default();
        mischief.set(faults);
        let fate = mischief.fate(["A", "a"], "x");
        assert_eq!(fate.delay, Duration::from_millis(5));
    }
}
