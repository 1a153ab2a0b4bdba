//! Reports of checks.

use std::fmt;

/// Findings of checks, one line each; shown as text.
#[derive(Clone)]
pub struct Report {
    title: String,
    findings: Vec<Finding>,
}

/// One line of a report.
#[derive(Clone)]
pub struct Finding {
    /// Subject of the check.
    pub what: String,
    /// Text of the finding.
    pub detail: String,
    /// The relative error, where one was measured.
    pub error: Option<f64>,
    /// Whether it is as it must be.
    pub passed: bool,
}

impl Report {
    /// An empty report.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            findings: Vec::new(),
        }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.iter().all(|finding| finding.passed)
    }

    /// The findings, in order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The report as an error if anything failed.
    ///
    /// # Errors
    /// The report.
    pub fn into_result(self) -> Result<Self, Self> {
        if self.passed() { Ok(self) } else { Err(self) }
    }

    /// Another title.
    pub fn retitle(&mut self, title: String) {
        self.title = title;
    }

    /// Adds that something is as it must be.
    pub fn pass(&mut self, what: impl Into<String>) {
        self.findings.push(Finding {
            what: what.into(),
            detail: String::new(),
            error: None,
            passed: true,
        });
    }

    /// Adds that something is not.
    pub fn fail(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.findings.push(Finding {
            what: what.into(),
            detail: why.into(),
            error: None,
            passed: false,
        });
    }

    /// Adds either.
    pub fn require(&mut self, what: &str, condition: bool, otherwise: &str) {
        if condition {
            self.pass(what);
        } else {
            self.fail(what, otherwise);
        }
    }

    /// Compares an array with what is expected, relative to its largest entry or 1.
    pub fn compare(&mut self, what: &str, got: &[f64], expected: &Expected, tolerance: f64) {
        let lengths = expected.all.iter().map(|(values, _)| values.len());
        if let Some(length) = lengths.into_iter().find(|&length| length != got.len()) {
            return self.fail(what, format!("{} entries, not {length}", got.len()));
        }
        let Some(worst) = expected.worst(got) else {
            return self.pass(what);
        };
        let (error, at) = (worst.error, worst.entry);
        let passed = worst.excess <= tolerance;
        let (a, b) = (got.get(at), expected.at(at));
        let (a, b) = (a.copied().unwrap_or(f64::NAN), b.unwrap_or(f64::NAN));
        self.findings.push(Finding {
            what: what.to_owned(),
            detail: if passed {
                format!("{error:.1e}")
            } else {
                format!("relative error {error:.1e} at entry {at}: {a:?} where {b:?} is expected")
            },
            error: Some(error),
            passed,
        });
    }
}

/// The entry of an array that is most wrong.
struct Worst {
    entry: usize,
    /// Relative.
    error: f64,
    /// The part that uncertainty does not explain.
    excess: f64,
}

/// Values that an array should have, computed in one or several ways, each with its own uncertainty: an
/// entry is right if one of them says so.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    all: Vec<(Vec<f64>, f64)>,
}

impl Expected {
    /// These values.
    #[must_use]
    pub fn exactly(values: Vec<f64>) -> Self {
        Self {
            all: vec![(values, 0.0)],
        }
    }

    /// These values too, give or take `uncertainty`.
    pub fn add(&mut self, values: Vec<f64>, uncertainty: f64) {
        self.all.push((values, uncertainty));
    }

    fn at(&self, entry: usize) -> Option<f64> {
        self.all.first()?.0.get(entry).copied()
    }

    /// The largest error. A NaN counts as the worst, which `f64::max` would hide.
    fn worst(&self, got: &[f64]) -> Option<Worst> {
        let values = self.all.iter().take(1).flat_map(|(values, _)| values);
        let scale = values.fold(1.0, |scale: f64, value| scale.max(value.abs()));
        let order = |a: &Worst, b: &Worst| {
            let excess = a.excess.total_cmp(&b.excess);
            excess.then(a.error.total_cmp(&b.error))
        };
        let best = |(entry, &got): (usize, &f64)| {
            let ways = self.all.iter().map(|(values, uncertainty)| {
                let error = values.get(entry).map_or(f64::NAN, |v| (got - v).abs());
                let error = if error.is_nan() { f64::INFINITY } else { error };
                let excess = (error - uncertainty).max(0.0) / scale;
                Worst {
                    entry,
                    error: error / scale,
                    excess,
                }
            });
            ways.min_by(order)
        };
        got.iter().enumerate().filter_map(best).max_by(order)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.title)?;
        for Finding {
            what,
            detail,
            passed,
            ..
        } in &self.findings
        {
            let mark = if *passed { "ok    " } else { "FAILED" };
            writeln!(formatter, "  {mark} {what:<34} {detail}")?;
        }
        Ok(())
    }
}

/// Shows what is displayed, so that `unwrap` shows something readable.
impl fmt::Debug for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Report {}
