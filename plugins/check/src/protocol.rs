//! Messages of the process of a check to its supervisor: JSON, one a line.

use serde::{Deserialize, Serialize};

/// Verdict of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There was nothing to check.
    Skipped,
    /// It is as it must be.
    Passed,
    /// Allowed, but the author should know.
    Noted,
    /// Not as it must be.
    Failed,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Offer {
    pub index: u32,
    pub id: String,
    pub formula: String,
    pub parameters: Vec<String>,
}

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The thing that is tried next, to be named if the process does not survive it.
    Trying(String),
    Finding(Finding),
    /// The access that the process is about to die of.
    Touched(String),
    /// The version of the ABI that the plugin was built for.
    Abi(String),
    Offer(Offer),
    /// The range that `u` can be taken from.
    Values(f64, f64),
    /// The check is through.
    Done,
}

impl Event {
    /// The event as a line.
    pub fn line(&self) -> String {
        // An event holds texts and finite numbers, of which JSON can be made.
        let json = serde_json::to_string(self).unwrap_or_else(|error| error.to_string());
        json + "\n"
    }

    /// The event of a line; none if a plugin has written into the pipe.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let offer = Offer {
            index: 3,
            id: "power".to_owned(),
            formula: "u^m / (m - 1)".to_owned(),
            parameters: vec!["m".to_owned()],
        };
        for event in [
            Event::Trying("NaN in \"u\"\n".to_owned()),
            Event::Finding(Finding::new(Outcome::Noted, "odd")),
            Event::Touched("wrote past the end of `f`, at byte 0".to_owned()),
            Event::Abi("1.0".to_owned()),
            Event::Offer(offer),
            Event::Values(-2.0, 1e-300),
            Event::Done,
        ] {
            let line = event.line();
            assert_eq!(line.matches('\n').count(), 1);
            let read = Event::read(&line).expect("a line that was written");
            assert_eq!(format!("{read:?}"), format!("{event:?}"));
        }
    }

    /// The handler of forbidden accesses writes its line without an allocation, by hand.
    #[test]
    fn the_line_of_the_signal_handler_is_one() {
        let line = "{\"touched\":\"read through a NULL pointer\"}\n";
        assert_eq!(
            Event::Touched("read through a NULL pointer".to_owned()).line(),
            line
        );
    }

    #[test]
    fn what_a_plugin_writes_into_the_pipe_is_passed_over() {
        for line in ["hello", "{}", "{\"trying\":1}", "\"finished\"", "[1]"] {
            assert!(Event::read(line).is_none(), "{line}");
        }
    }
}
