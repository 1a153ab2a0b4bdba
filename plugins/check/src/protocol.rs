//! What a process of one check tells its supervisor: one JSON object a line.

use serde_json::{Value, json};

/// How something was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// There was nothing to check.
    Skipped,
    /// As it must be.
    Passed,
    /// Allowed, but the author should know.
    Noted,
    /// Not as it must be.
    Failed,
}

impl Outcome {
    const ALL: [(Self, &str); 4] = [
        (Self::Skipped, "skipped"),
        (Self::Passed, "passed"),
        (Self::Noted, "noted"),
        (Self::Failed, "failed"),
    ];

    /// As it is called in JSON.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(outcome, _)| *outcome == self);
        named.map_or("failed", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        let named = Self::ALL.iter().find(|(_, known)| *known == name);
        named.map(|(outcome, _)| *outcome)
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    pub outcome: Outcome,
    pub found: String,
}

impl Finding {
    pub fn new(outcome: Outcome, found: impl Into<String>) -> Self {
        let found = found.into();
        Self { outcome, found }
    }
}

/// An energy that the plugin offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    pub index: u32,
    pub id: String,
    pub formula: String,
    pub parameters: Vec<String>,
}

/// A line.
#[derive(Clone, Debug)]
pub enum Event {
    /// What is tried next, to be named if the process does not survive it.
    Trying(String),
    Finding(Finding),
    /// The access that the process is about to die of.
    Touched(String),
    /// The version of the ABI that the plugin was built for.
    Abi(String),
    Offer(Offer),
    /// Where `u` can be taken.
    Values(f64, f64),
    /// The check is through.
    Done,
}

impl Event {
    pub fn line(&self) -> String {
        let value = match self {
            Self::Trying(what) => json!({ "trying": what }),
            Self::Finding(Finding { outcome, found }) => {
                json!({ "outcome": outcome.name(), "found": found })
            }
            Self::Touched(what) => json!({ "touched": what }),
            Self::Abi(version) => json!({ "abi": version }),
            Self::Offer(offer) => json!({
                "index": offer.index,
                "id": offer.id,
                "formula": offer.formula,
                "parameters": offer.parameters,
            }),
            Self::Values(low, high) => json!({ "values": [low, high] }),
            Self::Done => json!({ "done": true }),
        };
        format!("{value}\n")
    }

    /// The event of a line; none if a plugin has written into the pipe.
    pub fn read(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
        if let Some(what) = text("trying") {
            return Some(Self::Trying(what));
        }
        if let Some(outcome) = text("outcome") {
            let (outcome, found) = (Outcome::named(&outcome)?, text("found")?);
            return Some(Self::Finding(Finding { outcome, found }));
        }
        if let Some(what) = text("touched") {
            return Some(Self::Touched(what));
        }
        if let Some(version) = text("abi") {
            return Some(Self::Abi(version));
        }
        if let Some(id) = text("id") {
            let parameters = value.get("parameters")?.as_array()?.iter();
            let names = parameters.filter_map(|name| name.as_str().map(str::to_owned));
            return Some(Self::Offer(Offer {
                index: u32::try_from(value.get("index")?.as_u64()?).ok()?,
                id,
                formula: text("formula")?,
                parameters: names.collect(),
            }));
        }
        if let Some(values) = value.get("values") {
            let end = |i: usize| values.get(i)?.as_f64();
            return Some(Self::Values(end(0)?, end(1)?));
        }
        value.get("done").map(|_| Self::Done)
    }
}
