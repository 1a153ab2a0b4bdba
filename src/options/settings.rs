//! Options as what they are set to, parsed once: numbers, counts and enums instead of words.

use super::Options;
use super::table::{
    AdamSettings, DiscretizationSettings, FitSettings, MinimizerSettings, NetworkSettings,
    PotentialsSettings, ProblemSettings, ReactionSettings, RunSettings, TimeSettings,
};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::{Embedding, Network};

/// All options of a solver but those of its snapshots, typed.
///
/// An option whose default stands for a choice of the library is an `Option` that is `None` there.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The space, and the domain.
    pub problem: ProblemSettings,
    /// The weights of transport, birth and death.
    pub reaction: ReactionSettings,
    /// The time steps.
    pub time: TimeSettings,
    /// The network.
    pub network: NetworkSettings,
    /// Nodes, labels and forms.
    pub discretization: DiscretizationSettings,
    /// The minimiser of the steps.
    pub minimizer: MinimizerSettings,
    /// The fit of the initial condition.
    pub fit: FitSettings,
    /// Adam, where it is the minimiser.
    pub adam: AdamSettings,
    /// Convex potentials, where a flow has them.
    pub potentials: PotentialsSettings,
    /// The seed and the threads.
    pub run: RunSettings,
}

impl Settings {
    /// The settings of a set of options. Which of them go together is not asked here.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if `hidden` has more than 16 entries.
    pub fn parse(options: &Options) -> Result<Self> {
        Ok(Self {
            problem: ProblemSettings::parse(options)?,
            reaction: ReactionSettings::parse(options)?,
            time: TimeSettings::parse(options)?,
            network: NetworkSettings::parse(options)?,
            discretization: DiscretizationSettings::parse(options)?,
            minimizer: MinimizerSettings::parse(options)?,
            fit: FitSettings::parse(options)?,
            adam: AdamSettings::parse(options)?,
            potentials: PotentialsSettings::parse(options)?,
            run: RunSettings::parse(options)?,
        })
    }
}

impl ProblemSettings {
    /// The domain.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the lengths of `lower` and `upper` do not fit the
    /// dimension, an axis is empty, or the sides of the box of a ball differ.
    pub fn domain(&self) -> Result<Domain> {
        let lower = self.corner("lower", &self.lower)?;
        let upper = self.corner("upper", &self.upper)?;
        Domain::new(self.domain, lower, upper)
    }

    /// A corner of the box, of one number for every axis or d numbers.
    fn corner(&self, name: &str, given: &[f64]) -> Result<Vec<f64>> {
        let d = self.dimension;
        match given {
            [one] => Ok(vec![*one; d]),
            all if all.len() == d => Ok(all.to_vec()),
            all => Err(Error::option(format!(
                "option `{name}` has {} entries; accepted is 1 or `dimension` = {d}",
                all.len()
            ))),
        }
    }
}

/// The widths of the hidden layers of a field where they are left to the library.
const HIDDEN: [usize; 3] = [24, 24, 24];

impl NetworkSettings {
    /// The network of a field on a domain.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if it has too many parameters.
    pub fn of_field(&self, domain: &Domain) -> Result<Network> {
        let hidden = self.hidden.or(&HIDDEN);
        let embedding = self.embedding(domain);
        Network::try_new(embedding, self.activation, domain.dimension(), hidden)
    }

    /// The embedding of positions that scales them alone.
    #[must_use]
    pub fn plain_embedding(&self, domain: &Domain) -> Embedding {
        Embedding::new(crate::field::EmbeddingChoice::None, self.harmonics, domain)
    }

    /// The embedding of positions in a domain.
    #[must_use]
    pub fn embedding(&self, domain: &Domain) -> Embedding {
        let whole = Embedding::new(self.embedding, self.harmonics, domain);
        whole.periodic_along(&self.periodic_axes, self.harmonics, domain)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SnapshotSettings, TABLE, Value};
    use super::*;
    use crate::domain::DomainChoice;
    use crate::field::Precision;

    #[test]
    fn every_choice_of_the_table_is_parsed() {
        for spec in TABLE {
            let super::super::Kind::Text { choices } = spec.kind else {
                continue;
            };
            for choice in choices {
                let mut options = Options::new();
                options.set(spec.name, *choice).unwrap();
                Settings::parse(&options).unwrap();
                SnapshotSettings::parse(&options).unwrap();
            }
        }
    }

    #[test]
    fn zeros_that_stand_for_a_choice_are_none() {
        let defaults = Settings::parse(&Options::new()).unwrap();
        assert_eq!(defaults.discretization.nodes, None);
        assert_eq!(defaults.time.step_tolerance, None);
        assert_eq!(defaults.discretization.relabel, Some(100.0));
        assert_eq!(defaults.network.hidden.or(&[3, 4]), [3, 4]);
        assert_eq!(defaults.problem.flow, "l2");
        let mut options = Options::new();
        for (name, value) in [
            ("nodes", Value::Integer(7)),
            ("step_tolerance", Value::Real(1e-3)),
            ("relabel", Value::Real(0.0)),
            ("hidden", Value::Integers(vec![5, 6])),
            ("domain", Value::Text("ball".into())),
            ("precision", Value::Text("single".into())),
            ("movement", Value::Text("third".into())),
        ] {
            options.set(name, value).unwrap();
        }
        let settings = Settings::parse(&options).unwrap();
        assert_eq!(settings.discretization.nodes.unwrap().get(), 7);
        assert_eq!(settings.time.step_tolerance, Some(1e-3));
        assert_eq!(settings.discretization.relabel, None);
        assert_eq!(settings.network.hidden.or(&[3, 4]), [5, 6]);
        assert_eq!(settings.problem.domain, DomainChoice::Ball);
        assert_eq!(settings.minimizer.precision, Precision::Single);
        assert_eq!(settings.time.movement.order, 3);
        options.set("hidden", vec![4_i64; 17]).unwrap();
        let error = Settings::parse(&options).unwrap_err();
        assert!(error.message().contains("`hidden` has 17"), "{error}");
    }
}
