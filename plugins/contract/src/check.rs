//! The checks of one energy, for the plugin's own test suite.

use crate::driver::{self, Instance};
use crate::sample::{Numbers, Ranges};
use crate::table::{Batch, Failure, Kind, Table};
use crate::{Entry, Report, descriptor, local, pair, usage};

/// What to check of one energy, and where: builder style, defaults in parentheses.
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
        let index =
            (0..driver::count(entry)).find(|&i| driver::id(entry, i).as_deref() == Some(id));
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
        let Some(_) = descriptor::check(self.entry, self.index, &mut report) else {
            return report.into_result();
        };
        match Instance::create(self.entry, self.index, self.dimension, &self.arguments) {
            Ok(instance) => {
                report.pass("created");
                for table in instance.tables() {
                    self.table(&table, &mut report);
                }
            }
            Err(why) => report.fail("created", why.to_string()),
        }
        report.into_result()
    }

    fn table(&self, table: &Table<'_>, report: &mut Report) {
        let at = self.ranges.batch(table, &mut Numbers::new(20));
        if let Err(why) = derivatives(table, &at, self.tolerance, report) {
            return report.fail("evaluate", why.to_string());
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

/// Every derivative of a table against differences of what it is the derivative of, relative to
/// the largest entry of the batch or 1; and what else must hold of the values.
///
/// # Errors
/// An evaluation failed.
pub fn derivatives(
    table: &Table<'_>,
    at: &Batch,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    match table.kind {
        Kind::Local => local::derivatives(table, at, tolerance, report),
        Kind::Pair => pair::derivatives(table, at, tolerance, report),
    }
}
