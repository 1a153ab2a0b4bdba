//! Options that may be changed in a run.

use super::{Options, TABLE};

/// Options of steps: those of how long and how well, and how many nodes and units they take.
const LIVE: [&str; 16] = [
    "tau",
    "step_tolerance",
    "tau_min",
    "tau_max",
    "hidden",
    "nodes",
    "relabel",
    "tolerance",
    "max_iterations",
    "effort",
    "step_accept",
    "fit_tolerance",
    "fit_max_iterations",
    "fit_accept",
    "adam_iterations",
    "adam_fit_iterations",
];

/// Whether an option may be changed in a run.
#[must_use]
pub fn is_live(option: &str) -> bool {
    LIVE.contains(&option)
}

/// The options that differ in two sets, in the order of [`TABLE`].
pub(crate) fn changed(before: &Options, after: &Options) -> Vec<&'static str> {
    let pairs = before.iter().zip(after.iter()).zip(TABLE);
    let differing = pairs.filter(|((before, after), _)| before != after);
    differing.map(|(_, spec)| spec.name).collect()
}

/// The names of all options that may be changed in a run.
pub(crate) fn live() -> String {
    LIVE.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_live_option_is_in_the_table() {
        let known = |name: &&str| TABLE.iter().any(|spec| spec.name == *name);
        assert!(LIVE.iter().all(known));
        let (before, mut after) = (Options::new(), Options::new());
        after.set("seed", 2).unwrap();
        after.set("tau", 0.5).unwrap();
        assert_eq!(changed(&before, &after), ["tau", "seed"]);
    }
}
