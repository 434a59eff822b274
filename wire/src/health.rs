//! What a process says of its own health, to programs that watch it.

use serde::{Deserialize, Serialize};

/// One thing that a process needs, and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The thing, such as `store`.
    pub name: String,
    /// Whether it works as it should.
    pub ok: bool,
    /// How it is, for people; what to do when it does not work. Holds nothing private.
    pub words: String,
}

impl Part {
    /// A part that works.
    #[must_use]
    pub fn well(name: &str, words: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            ok: true,
            words: words.into(),
        }
    }

    /// A part that does not work.
    #[must_use]
    pub fn ill(name: &str, words: impl Into<String>) -> Self {
        Self {
            ok: false,
            ..Self::well(name, words)
        }
    }
}

/// The answer to a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether a new call would work. The status of an HTTP answer says the same: 200 or 503.
    pub ok: bool,
    /// The parts in a fixed order. Those that no call needs may fail while `ok` is true.
    pub parts: Vec<Part>,
}

impl Health {
    /// Sums up parts. `spared` names those that no call needs.
    #[must_use]
    pub fn of(parts: Vec<Part>, spared: &[&str]) -> Self {
        let needed = |part: &&Part| !spared.contains(&part.name.as_str());
        Self {
            ok: parts.iter().filter(needed).all(|part| part.ok),
            parts,
        }
    }

    /// JSON with a line for each part.
    #[must_use]
    pub fn to_lines(&self) -> String {
        let lines = self.parts.iter().map(|part| {
            // Strings and a truth value always have a JSON form.
            serde_json::to_string(part).unwrap_or_default()
        });
        let lines: Vec<String> = lines.collect();
        format!(
            "{{\"ok\":{},\"parts\":[\n{}\n]}}\n",
            self.ok,
            lines.join(",\n")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_works_unless_a_part_that_it_needs_is_ill() {
        let parts = |clock, store| {
            let part = |name, ok| Part {
                ok,
                ..Part::well(name, "\"quoted\"")
            };
            vec![part("clock", clock), part("store", store)]
        };
        for (clock, store, ok) in [
            (true, true, true),
            (false, true, true),
            (true, false, false),
            (false, false, false),
        ] {
            let health = Health::of(parts(clock, store), &["clock"]);
            assert_eq!(health.ok, ok, "{clock} {store}");
            let lines = health.to_lines();
            assert_eq!(lines.lines().count(), 2 + health.parts.len(), "{lines}");
            assert_eq!(serde_json::from_str::<Health>(&lines).unwrap(), health);
        }
    }
}
