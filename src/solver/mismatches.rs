//! What differs between the run that wrote a checkpoint and the solver that goes on from it: an error, or with the
//! option `restart` = portable a note.

use crate::error::{Error, Result};
use crate::options::RestartChoice;

/// Options that a portable restart may have other values of: those of steps, nodes, minimiser and fits. All others say
/// which problem it is, or what the parameters mean.
const PORTABLE: [&str; 28] = [
    "movement",
    "tau",
    "step_tolerance",
    "tau_min",
    "tau_max",
    "quadrature",
    "nodes",
    "fit_nodes",
    "relabel",
    "initial_smoothing",
    "check_nodes",
    "form",
    "minimizer",
    "precision",
    "linear_solver",
    "tolerance",
    "max_iterations",
    "effort",
    "step_accept",
    "fit_tolerance",
    "fit_max_iterations",
    "fit_accept",
    "adam_learning_rate",
    "adam_iterations",
    "adam_fit_iterations",
    "potential_iterations",
    "potential_nodes",
    "potential_learning_rate",
];

/// Whether a portable restart may have another value of an option.
pub(super) fn is_portable(option: &str) -> bool {
    PORTABLE.contains(&option)
}

/// Mismatches that were found so far.
pub(super) struct Mismatches {
    is_portable: bool,
    /// Whether the checkpoint is of an earlier release, which had plugins of its own and computed other bits.
    of_earlier_release: bool,
    found: Vec<String>,
    /// What comes of an earlier release, after which the minimiser goes on with what it knew.
    of_builds: Vec<String>,
}

impl Mismatches {
    pub(super) const fn new(choice: RestartChoice) -> Self {
        Self {
            is_portable: matches!(choice, RestartChoice::Portable),
            of_earlier_release: false,
            found: Vec::new(),
            of_builds: Vec::new(),
        }
    }

    /// Notes what comes of an earlier release from here on, instead of refusing it.
    pub(super) const fn expect_earlier_release(&mut self) {
        self.of_earlier_release = true;
    }

    /// Whether the checkpoint is of an earlier release.
    pub(super) const fn is_of_earlier_release(&self) -> bool {
        self.of_earlier_release
    }

    /// Takes up a difference that comes of builds: of the library, its plugins and their bits.
    ///
    /// # Errors
    /// The difference, unless it is of an earlier release or the restart is portable.
    pub(super) fn take_of_build(&mut self, difference: Error) -> Result<()> {
        if !self.of_earlier_release {
            return self.take(difference);
        }
        self.of_builds.push(noted(&difference));
        Ok(())
    }

    /// A restart that asks for the same bits.
    pub(super) const fn is_exact(&self) -> bool {
        !self.is_portable
    }

    /// Whether nothing differs but for builds.
    pub(super) const fn are_none(&self) -> bool {
        self.found.is_empty()
    }

    /// Takes up a difference that is no other problem.
    ///
    /// # Errors
    /// The difference, unless the restart is portable.
    pub(super) fn take(&mut self, difference: Error) -> Result<()> {
        if !self.is_portable {
            return Err(difference.followed_by(
                "; with option `restart` = portable the run goes on from there to other bits",
            ));
        }
        self.found.push(noted(&difference));
        Ok(())
    }

    /// What differs, each with where the run went on.
    pub(super) fn told(self, step: u64, time: f64) -> impl Iterator<Item = String> {
        let told = move |what| format!("from step {step}, t = {time}: {what}");
        self.of_builds.into_iter().chain(self.found).map(told)
    }
}

/// A difference as a note, without what is accepted.
fn noted(difference: &Error) -> String {
    let message = difference.message();
    message
        .split("; accepted")
        .next()
        .unwrap_or(message)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{TABLE, is_live};

    #[test]
    fn what_may_differ_is_in_the_table_and_the_network_is_not_in_it() {
        let known = |name: &&str| TABLE.iter().any(|spec| spec.name == *name);
        assert!(PORTABLE.iter().all(known));
        for name in ["dimension", "flow", "lower", "hidden", "seed", "embedding"] {
            assert!(!is_portable(name), "{name}");
        }
        let live = TABLE.iter().filter(|spec| is_live(spec.name));
        let others: Vec<_> = live.filter(|spec| !is_portable(spec.name)).collect();
        assert_eq!(
            others.iter().map(|spec| spec.name).collect::<Vec<_>>(),
            ["hidden"]
        );
    }
}
