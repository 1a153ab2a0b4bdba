//! Tests of a plugin through its C tables, for the plugin's own test suite.
//!
//! [`Check`] creates an energy as the host does and compares every derivative it offers with
//! central differences; it also tries what is easily forgotten: NaN, empty batches, outputs that
//! are not wanted, concurrent calls, a descriptor that does not hold together.
//! [`closed_forms`] and [`closed_kernel`] compare closed forms with Candle's autograd.
//!
//! ```no_run
//! # fn main() -> Result<(), movimento_plugin::check::Report> {
//! # let entry: &'static movimento_plugin::Entry = todo!();
//! use movimento_plugin::check::Check;
//!
//! for d in 1..=3 {
//!     Check::new(entry, 0).dimension(d).argument("m", &[3.0]).values(0.1, 2.0).run()?;
//! }
//! # Ok(())
//! # }
//! ```

mod closed;
mod descriptor;
mod differences;
mod driver;
mod local;
mod pair;
mod report;

use movimento_abi as abi;

pub use closed::{closed_forms, closed_kernel};
pub use report::Report;

use crate::Entry;
use driver::Driver;

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

/// Where the points are taken.
#[derive(Clone, Copy)]
struct Ranges {
    points: usize,
    x: (f64, f64),
    u: (f64, f64),
    p: (f64, f64),
}

impl Ranges {
    const DEFAULT: Self = Self {
        points: 13,
        x: (-1.5, 1.5),
        u: (-2.0, 2.0),
        p: (-1.0, 1.0),
    };
}

impl Check {
    /// The energy with that index, its parameters at their defaults, in dimension 1.
    #[must_use]
    pub fn new(entry: &'static Entry, index: u32) -> Self {
        let (ranges, tolerance) = (Ranges::DEFAULT, 1e-7);
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
        let Some(descriptor) = descriptor::check(self.entry, self.index, &mut report) else {
            return report.into_result();
        };
        match Driver::create(self.entry, self.index, self.dimension, &self.arguments) {
            Ok(driver) => {
                report.pass("created");
                self.tables(&driver, descriptor, &mut report);
            }
            Err(why) => report.fail("created", why),
        }
        report.into_result()
    }

    fn tables(&self, driver: &Driver, descriptor: &abi::Descriptor, report: &mut Report) {
        let (ranges, tolerance) = (self.ranges, self.tolerance);
        if let Some(table) = driver.local_table() {
            local::check(driver, table, descriptor.flags, ranges, tolerance, report);
        }
        if let Some(table) = driver.pair_table() {
            pair::check(driver, table, ranges, tolerance, report);
        }
    }
}
