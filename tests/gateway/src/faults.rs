//! Faults on demand: a seeded generator decides which invocation or push fails and how.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::random::SeededRandom;

/// All rules and the seed. A single rule may stand alone: `{"seed": 7, "delay_ms": 50}`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct FaultRules {
    /// The same seed gives the same faults.
    pub seed: u64,
    /// The first rule that matches applies.
    pub rules: Vec<Rule>,
    /// The rule that is tried last.
    #[serde(flatten)]
    pub rest: Rule,
}

/// Faults of the invocations of one function, of one route, or of all.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Rule {
    /// Logical id or binary. `None`: all functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Route key. `None`: all routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Delay before the function is invoked.
    pub delay_ms: u64,
    /// Largest further delay, drawn for each invocation: invocations overtake each other.
    pub reorder_ms: u64,
    /// Share of messages that are lost before the function; over HTTP, 503.
    pub drop_percent: u32,
    /// Share of invocations that fail with an internal error before the function runs.
    pub error_percent: u32,
    /// Share of invocations that fail with an internal error after the function ran.
    pub lose_answer_percent: u32,
    /// Share of invocations that API Gateway throttles.
    pub throttle_429_percent: u32,
    /// `$disconnect` is not delivered.
    pub lose_disconnect: bool,
    /// Share of pushes that answer 410 although the connection is open. A rule for pushes names no
    /// function and no route.
    pub push_410_percent: u32,
    /// Share of pushes that are throttled.
    pub push_429_percent: u32,
    /// Share of pushes that are accepted and lost.
    pub push_lost_percent: u32,
    /// Delay before a push is answered.
    pub push_delay_ms: u64,
}

/// Applies the rules in force.
#[derive(Debug)]
pub struct FaultInjector(Mutex<(FaultRules, SeededRandom)>);

/// What happens to one invocation, and after which delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Delay before it.
    pub delay: Duration,
    /// What happens then.
    pub outcome: InvocationFate,
}

/// The fault of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvocationFate {
    /// No fault.
    Runs,
    /// The message is lost.
    Vanishes,
    /// An internal error before the function runs.
    Fails,
    /// The function runs and its answer is lost.
    LosesAnswer,
    /// Too many requests.
    Throttled,
}

/// What happens to one push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushFate {
    /// No fault.
    Arrives,
    /// 410.
    Gone,
    /// 429.
    Throttled,
    /// Accepted and lost.
    Lost,
}

impl Default for FaultInjector {
    fn default() -> Self {
        Self(Mutex::new((FaultRules::default(), SeededRandom::new(0))))
    }
}

impl FaultInjector {
    /// Replaces all rules and restarts the sequence at the seed.
    pub fn set(&self, faults: FaultRules) {
        let random = SeededRandom::new(faults.seed);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (faults, random);
    }

    /// The rules in force.
    pub fn rules(&self) -> FaultRules {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.clone()
    }

    /// Draws the fate of an invocation. A function has two names.
    pub fn fate(&self, function: [&str; 2], route: &str) -> Fate {
        self.draw(Some((function, route)), |rule, random| {
            let ms = rule
                .delay_ms
                .saturating_add(random.below(rule.reorder_ms.saturating_add(1)));
            let shares = [
                (rule.throttle_429_percent, InvocationFate::Throttled),
                (rule.drop_percent, InvocationFate::Vanishes),
                (rule.error_percent, InvocationFate::Fails),
                (rule.lose_answer_percent, InvocationFate::LosesAnswer),
            ];
            let drawn = shares
                .into_iter()
                .find(|(percent, _)| random.percent(*percent));
            Fate {
                delay: Duration::from_millis(ms),
                outcome: drawn.map_or(InvocationFate::Runs, |(_, drawn)| drawn),
            }
        })
    }

    /// Whether `$disconnect` of a function is delivered.
    pub fn delivers_disconnect(&self, function: [&str; 2]) -> bool {
        self.draw(Some((function, "$disconnect")), |rule, _| {
            !rule.lose_disconnect
        })
    }

    /// Draws the fate of a push, and its delay.
    pub fn push(&self) -> (PushFate, Duration) {
        self.draw(None, |rule, random| {
            let shares = [
                (rule.push_429_percent, PushFate::Throttled),
                (rule.push_410_percent, PushFate::Gone),
                (rule.push_lost_percent, PushFate::Lost),
            ];
            let drawn = shares
                .into_iter()
                .find(|(percent, _)| random.percent(*percent));
            let delay = Duration::from_millis(rule.push_delay_ms);
            (drawn.map_or(PushFate::Arrives, |(_, drawn)| drawn), delay)
        })
    }

    fn draw<T>(
        &self,
        of: Option<([&str; 2], &str)>,
        decide: impl Fn(&Rule, &mut SeededRandom) -> T,
    ) -> T {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (faults, random) = &mut *inner;
        let mut rules = faults.rules.iter().chain([&faults.rest]);
        let rule = rules.find(|rule| rule.matches(of));
        decide(rule.unwrap_or(&Rule::default()), random)
    }
}

impl Rule {
    fn matches(&self, of: Option<([&str; 2], &str)>) -> bool {
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
    fn the_first_rule_that_matches_applies() {
        let injector = FaultInjector::default();
        let faults = r#"{"rules": [
            {"function": "chat", "error_percent": 100},
            {"route": "$disconnect", "lose_disconnect": true},
            {"push_410_percent": 100}
        ]}"#;
        injector.set(serde_json::from_str(faults).unwrap());
        let outcome = |function, route| injector.fate(["Some", function], route).outcome;
        assert_eq!(outcome("chat", "chat"), InvocationFate::Fails);
        assert_eq!(outcome("session", "session"), InvocationFate::Runs);
        assert!(!injector.delivers_disconnect(["Connection", "connection"]));
        assert_eq!(injector.push().0, PushFate::Gone);
        injector.set(FaultRules::default());
        assert_eq!(outcome("chat", "chat"), InvocationFate::Runs);
        assert_eq!(injector.push(), (PushFate::Arrives, Duration::ZERO));
    }

    #[test]
    fn one_rule_may_stand_alone() {
        let faults: FaultRules = serde_json::from_str(r#"{"seed": 3, "delay_ms": 5}"#).unwrap();
        assert_eq!((faults.seed, faults.rest.delay_ms), (3, 5));
        let injector = FaultInjector::default();
        injector.set(faults);
        let fate = injector.fate(["A", "a"], "x");
        assert_eq!(fate.delay, Duration::from_millis(5));
    }
}
