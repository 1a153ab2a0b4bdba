//! What the checks found.

use std::fmt;

/// What the checks found, one line each; shown as text.
#[derive(Clone)]
pub struct Report {
    title: String,
    findings: Vec<Finding>,
}

#[derive(Clone)]
struct Finding {
    what: String,
    detail: String,
    passed: bool,
}

impl Report {
    pub(super) fn new(title: impl Into<String>) -> Self {
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

    pub(super) fn into_result(self) -> Result<Self, Self> {
        if self.passed() { Ok(self) } else { Err(self) }
    }

    pub(super) fn retitle(&mut self, title: String) {
        self.title = title;
    }

    pub(super) fn pass(&mut self, what: impl Into<String>) {
        self.findings.push(Finding {
            what: what.into(),
            detail: String::new(),
            passed: true,
        });
    }

    pub(super) fn fail(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.findings.push(Finding {
            what: what.into(),
            detail: why.into(),
            passed: false,
        });
    }

    pub(super) fn require(&mut self, what: &str, condition: bool, otherwise: &str) {
        if condition {
            self.pass(what);
        } else {
            self.fail(what, otherwise);
        }
    }

    /// Compares two arrays, relative to the largest expected entry or 1.
    pub(super) fn compare(&mut self, what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
        if got.len() != expected.len() {
            return self.fail(
                what,
                format!("{} entries, not {}", got.len(), expected.len()),
            );
        }
        let scale = expected
            .iter()
            .fold(1.0, |scale: f64, value| scale.max(value.abs()));
        let errors = got.iter().zip(expected).map(|(a, b)| (a - b).abs() / scale);
        // A NaN counts as the worst error, which `f64::max` would hide.
        let worst = errors
            .map(|error| if error.is_nan() { f64::INFINITY } else { error })
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((i, error)) = worst else {
            return self.pass(what);
        };
        let (a, b) = (got.get(i), expected.get(i));
        self.findings.push(Finding {
            what: what.to_owned(),
            detail: if error <= tolerance {
                format!("{error:.1e}")
            } else {
                format!("relative error {error:.1e} at entry {i}: {a:?} where {b:?} is expected")
            },
            passed: error <= tolerance,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.title)?;
        for Finding {
            what,
            detail,
            passed,
        } in &self.findings
        {
            let mark = if *passed { "ok    " } else { "FAILED" };
            writeln!(formatter, "  {mark} {what:<34} {detail}")?;
        }
        Ok(())
    }
}

/// As it is displayed, so that `unwrap` shows something readable.
impl fmt::Debug for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Report {}
