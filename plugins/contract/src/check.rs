//! The checks of one energy, for the plugin's own test suite.

use std::sync::Arc;

use crate::descriptor::{EnergyDescriptor, outline};
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::sample::{Numbers, Ranges};
use crate::{Entry, Functions, Instance, Report, usage};

/// Checks of one energy, and where they are made: builder style, defaults in parentheses.
#[derive(Clone)]
pub struct Check {
    entry: &'static Entry,
    index: u32,
    dimension: u32,
    arguments: Vec<(String, Vec<f64>)>,
    ranges: Ranges,
    tolerance: f64,
}

impl Check {
    /// The energy with that index, its parameters at their defaults, in dimension 1.
    #[must_use]
    pub fn new(entry: &'static Entry, index: u32) -> Self {
        let (ranges, tolerance) = (Ranges::default(), 1e-7);
        Self {
            entry,
            index,
            dimension: 1,
            arguments: Vec::new(),
            ranges,
            tolerance,
        }
    }

    /// The energy with that id; a check of an id that the plugin does not have fails.
    #[must_use]
    pub fn by_id(entry: &'static Entry, id: &str) -> Self {
        let index = Functions::of(entry).ok().and_then(|functions| {
            let is = |&i: &u32| outline(&functions, i).is_ok_and(|(known, _)| known == id);
            (0..functions.energy_count().ok()?).find(is)
        });
        Self::new(entry, index.unwrap_or(u32::MAX))
    }

    /// The dimension of `x` (1).
    #[must_use]
    pub fn dimension(mut self, dimension: u32) -> Self {
        self.dimension = dimension;
        self
    }

    /// The value of a parameter (its default).
    #[must_use]
    pub fn argument(mut self, name: &str, values: &[f64]) -> Self {
        self.arguments.push((name.to_owned(), values.to_vec()));
        self
    }

    /// The values of `u` at which to evaluate, inside the energy's domain (-2 to 2).
    #[must_use]
    pub fn values(mut self, low: f64, high: f64) -> Self {
        self.ranges.u = (low, high);
        self
    }

    /// The range of each coordinate of `x` (-1.5 to 1.5).
    #[must_use]
    pub fn positions(mut self, low: f64, high: f64) -> Self {
        self.ranges.x = (low, high);
        self
    }

    /// The range of each component of `p = grad u` (-1 to 1).
    #[must_use]
    pub fn gradients(mut self, low: f64, high: f64) -> Self {
        self.ranges.p = (low, high);
        self
    }

    /// The accepted difference, relative to the largest entry of the batch or 1 (1e-7).
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Runs every check.
    ///
    /// # Errors
    /// The report, if anything in it failed.
    pub fn run(&self) -> Result<Report, Report> {
        let mut report = Report::new(format!("energy {} in d = {}", self.index, self.dimension));
        if let Some(energy) = self.read(&mut report) {
            match Instance::create(&energy, self.dimension, &self.arguments) {
                Ok(instance) => {
                    report.pass("created");
                    for table in instance.tables() {
                        self.table(&table, &mut report);
                    }
                }
                Err(why) => report.fail("created", why.to_string()),
            }
        }
        report.into_result()
    }

    /// Reads the descriptor as the library does.
    fn read(&self, report: &mut Report) -> Option<Arc<EnergyDescriptor>> {
        let counted = |functions: Functions| Ok((functions, functions.energy_count()?));
        let (functions, count) = match Functions::of(self.entry).and_then(counted) {
            Ok(counted) => counted,
            Err(why) => {
                report.fail("entry", why);
                return None;
            }
        };
        report.pass("entry");
        if self.index >= count {
            let index = self.index;
            let why = format!("there is no energy {index}; there are {count} energies");
            report.fail("descriptor", why);
            return None;
        }
        match EnergyDescriptor::read(functions, self.index) {
            Ok(energy) => {
                report.retitle(format!("energy '{}' in d = {}", energy.id, self.dimension));
                report.pass("descriptor");
                Some(Arc::new(energy))
            }
            Err(why) => {
                report.fail("descriptor", why);
                None
            }
        }
    }

    fn table(&self, table: &InstanceTable<'_>, report: &mut Report) {
        let at = self.ranges.inputs(table, &mut Numbers::new(20));
        for t in table.times() {
            let at = Inputs {
                t: *t,
                ..at.clone()
            };
            if let Err(why) = derivatives(table, &at, self.tolerance, report) {
                return report.fail("evaluate", format!("at t = {t}: {why}"));
            }
        }
        for outcome in [
            usage::subsets(table, &at, report),
            usage::empty(table, report),
            usage::concurrent(table, &at, report),
            usage::nan(table, &at, report),
        ] {
            if let Err(why) = outcome {
                report.fail("evaluate", why.to_string());
            }
        }
    }
}

/// Compares every derivative of a table with differences of what it is the derivative of, relative
/// to the largest entry of the batch or 1, and checks what else must hold of the values.
///
/// # Errors
/// An evaluation failed.
pub fn derivatives(
    table: &InstanceTable<'_>,
    at: &Inputs,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    (table.kind().derivatives)(table, at, tolerance, report)
}
