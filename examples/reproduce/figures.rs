//! What the figures of a run are drawn from (`examples/postprocess/plot.py`): `errors.h5` beside the
//! snapshots of `--out`.
//!
//! Plain arrays of float64, k the steps with the start, m those that are shown, p particles:
//!
//! | name | shape | what |
//! |---|---|---|
//! | `time`, `rel_l2`, `energy` | `[k]` | relative L2 error on the points of the case |
//! | `mean`, `mean_exact` | `[k][d]` | in Wasserstein space; the second where it is known |
//! | `particles` | `[k][p][d]` | where mass that began at p points is (transport maps) |
//! | `cuts/NAME/shown` | `[m]` | times that are shown |
//! | `cuts/NAME/x` | `[n]` | the coordinate along the cut, of a plane along its first axis |
//! | `cuts/NAME/y` | `[n]` | of a plane, the coordinate along its second axis |
//! | `cuts/NAME/u`, `exact` | `[m][n]` or `[m][n][n]` | along the line, or over the plane, second coordinate first |
//! | `euler_lagrange/rate`, `force` | `[k - 1][n]` | `(u_{k+1} - u_k)/tau` and `-grad F(u_{k+1})` (toy) |
//!
//! Cuts are `line` (d = 1), `plane-I-J` of the coordinates I and J through the origin, and `diagonal`.

use crate::Arguments;
use crate::arrays::{Contents, write};
use crate::case::Case;
use crate::exact::Exact;
use movimento::{Result, Solver};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The file.
pub const NAME: &str = "errors.h5";

/// Points of a line, of an axis of a plane, and of one where a value is a search in many dimensions.
const LINE: usize = 401;
const PLANE: usize = 81;
const FEW: usize = 41;

/// Planes at most, as in the paper's eight dimensions.
const PLANES: usize = 4;

/// Particles at most, places that are tried for them, and the least density at one, relative to the largest.
const PARTICLES: usize = 40;
const TRIED: usize = 2000;
const LEAST: f64 = 0.05;

/// A line or a plane through the origin along which the solution is shown.
struct Cut {
    name: String,
    along: Vec<f64>,
    /// Of planes, the coordinate along their second axis.
    across: Vec<f64>,
    /// Points, `[n][d]` or `[n][n][d]`.
    x: Vec<f64>,
    u: Vec<f64>,
    exact: Vec<f64>,
}

/// What is gathered on the way.
pub struct Figures {
    steps: u64,
    d: usize,
    cuts: Vec<Cut>,
    shown: Vec<f64>,
    time: Vec<f64>,
    error: Vec<f64>,
    energy: Vec<f64>,
    mean: Vec<f64>,
    mean_exact: Vec<f64>,
    labels: Vec<f64>,
    particles: Vec<f64>,
    /// `(u_{k+1} - u_k)/tau` and `-grad F(u_{k+1})`.
    pub rate: Vec<f64>,
    pub force: Vec<f64>,
}

impl Figures {
    /// Those of a run of so many steps.
    pub fn new(case: &Case, steps: u64) -> Self {
        let d = case.dimension as usize;
        let bounds = case.bounds();
        let even = |n: usize, axis: usize| -> Vec<f64> {
            let [lower, upper] = bounds[axis];
            let at = |i: usize| lower + (upper - lower) * i as f64 / (n - 1) as f64;
            (0..n).map(at).collect()
        };
        let mut cuts = Vec::new();
        let mut cut = |name: String, [along, across]: [Vec<f64>; 2], x: Vec<f64>| {
            cuts.push(Cut {
                name,
                along,
                across,
                x,
                u: Vec::new(),
                exact: Vec::new(),
            });
        };
        let line = even(LINE, 0);
        if d == 1 {
            cut("line".to_owned(), [line.clone(), Vec::new()], line);
        } else {
            let per_axis = if d <= 8 { PLANE } else { FEW };
            for first in (0..d - 1).step_by(2).take(PLANES) {
                let (along, across) = (even(per_axis, first), even(per_axis, first + 1));
                let mut x = vec![0.0; per_axis * per_axis * d];
                for (k, x) in x.chunks_exact_mut(d).enumerate() {
                    x[first] = along[k % per_axis];
                    x[first + 1] = across[k / per_axis];
                }
                let name = format!("plane-{}-{}", first + 1, first + 2);
                cut(name, [along, across], x);
            }
            let axes: Vec<_> = (0..d).map(|axis| even(LINE, axis)).collect();
            let diagonal = (0..LINE).flat_map(|i| axes.iter().map(move |axis| axis[i]));
            let diagonal = diagonal.collect();
            cut("diagonal".to_owned(), [line, Vec::new()], diagonal);
        }
        Self {
            steps,
            d,
            cuts,
            shown: Vec::new(),
            time: Vec::new(),
            error: Vec::new(),
            energy: Vec::new(),
            mean: Vec::new(),
            mean_exact: Vec::new(),
            labels: Vec::new(),
            particles: Vec::new(),
            rate: Vec::new(),
            force: Vec::new(),
        }
    }

    /// Takes up the state of the solver, whose relative error is known.
    pub fn take(
        &mut self,
        case: &Case,
        solver: &Solver,
        exact: &mut dyn Exact,
        error: f64,
    ) -> Result<()> {
        let (step, time) = (solver.steps(), solver.time());
        if step == 0 && case.is_transported() {
            self.labels = labels(case, exact);
        }
        self.time.push(time);
        self.error.push(error);
        let report = solver.report();
        self.energy.push(report.map_or(f64::NAN, |r| r.energy));
        if let (1, Some(report), Some(first)) = (step, report, self.energy.first_mut()) {
            *first = report.energy_before;
        }
        if case.is_transported() {
            self.mean.extend(solver.moments()?.0);
            self.mean_exact.extend(exact.mean(time).unwrap_or_default());
            let mut moved = vec![0.0; self.labels.len()];
            if solver.push_forward(&self.labels, &mut moved).is_ok() {
                self.particles.extend(moved);
            }
        }
        if is_shown(step, self.steps) {
            self.shown.push(time);
            for cut in &mut self.cuts {
                // Of several components the first.
                let c = solver.components();
                let mut u = vec![0.0; cut.x.len() / self.d * c];
                solver.evaluate(&cut.x, &mut u, None)?;
                let solution = exact.solution(&cut.x, time);
                cut.u.extend(u.iter().step_by(c));
                cut.exact.extend(solution.iter().step_by(c));
            }
        }
        Ok(())
    }

    /// Writes the file into the folder of `--out`, if there is one.
    pub fn write(&self, case: &Case, arguments: &Arguments) -> Result<()> {
        let Some(folder) = &arguments.out else {
            return Ok(());
        };
        let (k, d, m) = (self.time.len(), self.d, self.shown.len());
        let mut contents = Contents::default();
        for (name, text) in [
            ("case", case.name),
            ("what", case.what),
            ("scheme", arguments.scheme(case)),
            ("minimizer", &arguments.minimizer),
            ("transport", &arguments.transport),
        ] {
            contents.text(name, text);
        }
        contents.array("time", &[k], &self.time);
        contents.array("rel_l2", &[k], &self.error);
        contents.array("energy", &[k], &self.energy);
        contents.array("mean", &[k, d], &self.mean);
        contents.array("mean_exact", &[k, d], &self.mean_exact);
        contents.array("particles", &[k, self.labels.len() / d, d], &self.particles);
        for cut in &self.cuts {
            let path = |name| format!("cuts/{}/{name}", cut.name);
            let n = cut.along.len();
            let shape = match cut.x.len() / d {
                points if points == n => vec![m, n],
                _ => vec![m, n, n],
            };
            contents.array(&path("shown"), &[m], &self.shown);
            contents.array(&path("x"), &[n], &cut.along);
            contents.array(&path("y"), &[cut.across.len()], &cut.across);
            contents.array(&path("u"), &shape, &cut.u);
            contents.array(&path("exact"), &shape, &cut.exact);
        }
        let steps = k.saturating_sub(1);
        let shape = [steps, self.rate.len() / steps.max(1)];
        contents.array("euler_lagrange/rate", &shape, &self.rate);
        contents.array("euler_lagrange/force", &shape, &self.force);
        write(&folder.join(NAME), &contents)
    }
}

/// Whether the cuts are taken after this step of so many: at the start, a twentieth, an eighth, and quarters.
fn is_shown(step: u64, steps: u64) -> bool {
    let at = [steps / 20, steps / 8, steps / 4, steps / 2, 3 * steps / 4];
    step == 0 || step == steps || at.iter().any(|at| step == (*at).max(1))
}

/// Points where there is mass at first.
fn labels(case: &Case, exact: &mut dyn Exact) -> Vec<f64> {
    let d = case.dimension as usize;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    // About the middle, where in many dimensions the mass is.
    let part = if d > 3 { 0.5 } else { 1.0 };
    let mut at = || part * case.half_width * (2.0 * rng.random::<f64>() - 1.0);
    let x: Vec<f64> = (0..TRIED * d).map(|_| at()).collect();
    let rho = exact.solution(&x, 0.0);
    let most = rho.iter().fold(0.0_f64, |m, r| m.max(*r));
    let there = x.chunks_exact(d).zip(&rho);
    let there = there.filter(|(_, rho)| **rho > LEAST * most);
    let there = there.take(PARTICLES);
    there.flat_map(|(x, _)| x.to_vec()).collect()
}
