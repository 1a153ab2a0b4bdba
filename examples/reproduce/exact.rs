//! What a run is measured against: a closed form, or the spectral reference.

use crate::case::Case;
use crate::problem::{Flow, Start};
use crate::reference::{
    Cosines, Equation, Schedule, Space, discs, exponential, inside_discs, movements, random,
};
use movimento::initial::closed_form::{self, CosineSum};
use movimento::movement::Movement;
use movimento::{Initial, Result, Solver};

/// The exact solution of a case.
pub trait Exact {
    /// Hands u_0 to the solver.
    fn start(&self, solver: &mut Solver) -> Result<()>;

    /// u at positions `x` at a time, nothing where it is not known; times do not decrease from call to call.
    fn solution(&mut self, _x: &[f64], _time: f64) -> Vec<f64> {
        Vec::new()
    }

    /// What a movement scheme with exact minimisation gives; `None` if that is not known.
    fn movement(
        &self,
        _x: &[f64],
        _movement: &Movement,
        _tau: f64,
        _steps: u64,
    ) -> Option<Vec<f64>> {
        None
    }

    /// Whether a point of the box is in the domain, where a mesh of the host says what that is.
    fn covers(&self, _x: &[f64]) -> bool {
        true
    }

    /// The mean of a density at a time, `[d]`, where it is known.
    fn mean(&self, _time: f64) -> Option<Vec<f64>> {
        None
    }

    /// By how much moments of the density are off, where these are what is known.
    fn moment_error(&self, _solver: &Solver) -> Result<Option<f64>> {
        Ok(None)
    }

    /// `KL(rho | exact) + KL(exact | rho)`, where it is what others report.
    fn divergence(&self, _solver: &Solver) -> Result<Option<f64>> {
        Ok(None)
    }
}

/// The exact solution of this case.
pub fn exact(case: &Case, seed: u64) -> Result<Box<dyn Exact>> {
    let (lower, width) = (-case.half_width, 2.0 * case.half_width);
    Ok(match case.start {
        Start::Made(make) => make()?,
        Start::Named(name) => Box::new(ClosedForm {
            form: closed_form::named(name, case.dimension as usize)?,
            flow: case.flow,
        }),
        Start::Discs {
            constant,
            discs: parts,
        } => {
            // Even in both axes: a quarter holds it all.
            let space = Cosines::new(0.0, case.half_width, 128);
            let start = discs(&space, constant, parts);
            let field = move |x: &[f64], u: &mut [f64]| {
                for (x, u) in x.chunks_exact(2).zip(u) {
                    *u = inside_discs([x[0].abs(), x[1].abs()], constant, parts);
                }
            };
            Box::new(Spectral::new(case.flow.equation(), space, start, field))
        }
        Start::Random { active, amplitude } => {
            let space = Cosines::new(lower, width, 64);
            let start = random(&space, active, amplitude, seed);
            // A field of few modes needs no transform of many.
            let small = Cosines::new(lower, width, active);
            let coefficients = random(&small, active, amplitude, seed);
            let field = move |x: &[f64], u: &mut [f64]| {
                u.copy_from_slice(&small.evaluate(&coefficients, x));
            };
            Box::new(Spectral::new(case.flow.equation(), space, start, field))
        }
    })
}

/// What a movement scheme makes in a step of a mode that decays by the rate over tau: a stage makes
/// `c S/(S + rate)` of its centre c.
pub fn growth(movement: &Movement, rate: f64) -> f64 {
    let mut stages = vec![1.0];
    for row in movement.stages {
        let strength: f64 = row.iter().sum();
        let pull: f64 = row.iter().zip(&stages).map(|(g, u)| g * u).sum();
        stages.push(pull / (strength + rate));
    }
    stages.pop().unwrap_or(1.0)
}

/// Hands over a function of `x` (`[n][d]`) whose gradient is not known.
pub fn start_from(solver: &mut Solver, initial: impl Fn(&[f64], &mut [f64])) -> Result<()> {
    solver.set_initial(Initial::Function {
        field: &mut |x, u, _| {
            initial(x, u);
            Ok(())
        },
        has_gradient: false,
    })
}

struct ClosedForm {
    form: &'static CosineSum,
    flow: Flow,
}

impl ClosedForm {
    fn with(&self, x: &[f64], decay: impl Fn(f64) -> f64) -> Vec<f64> {
        let points = x.chunks_exact(self.form.dimension);
        points
            .map(|x| self.form.evaluate(x, &decay, None))
            .collect()
    }
}

impl Exact for ClosedForm {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_initial(Initial::Named(self.form.name))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        self.with(x, |q2| (-self.flow.rate(q2) * time).exp())
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        Some(self.with(x, |q2| {
            growth(movement, tau * self.flow.rate(q2)).powf(steps as f64)
        }))
    }
}

/// A spectral solution of Allen-Cahn's equation.
pub struct Spectral<S, F> {
    space: S,
    equation: Equation,
    initial: F,
    start: Vec<f64>,
    field: Vec<f64>,
    time: f64,
    /// The longest time step of the reference.
    longest: f64,
    /// Whether its first steps are graded.
    graded: bool,
    has_floor: bool,
}

impl<S: Space, F: Fn(&[f64], &mut [f64])> Spectral<S, F> {
    /// That of data with jumps, by their coefficients and their values.
    pub fn new(equation: Equation, space: S, start: Vec<f64>, initial: F) -> Self {
        Self {
            equation,
            initial,
            field: start.clone(),
            start,
            time: 0.0,
            space,
            longest: 0.2 / 64.0,
            graded: true,
            has_floor: true,
        }
    }

    /// The same for data without jumps, in steps of this length.
    pub fn smooth(self, longest: f64) -> Self {
        Self {
            longest,
            graded: false,
            ..self
        }
    }

    /// The same where exact stages take too long.
    pub fn without_floor(self) -> Self {
        Self {
            has_floor: false,
            ..self
        }
    }
}

impl<S: Space, F: Fn(&[f64], &mut [f64])> Exact for Spectral<S, F> {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        start_from(solver, &self.initial)
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let span = time - self.time;
        if span > 0.0 {
            let graded = self.graded && self.time == 0.0;
            let intervals = if graded { 14 } else { 1 };
            let least = if self.graded { 32 / intervals } else { 1 };
            let steps = ((span / self.longest).ceil() as u32).max(least);
            let schedule = Schedule { intervals, steps };
            let (space, equation) = (&self.space, &self.equation);
            self.field = exponential(space, equation, &self.field, span, &schedule);
            self.time = time;
        }
        if time == 0.0 {
            // Its values rather than the waves that the space has of it.
            let mut u = vec![0.0; x.len() / self.space.dimension()];
            (self.initial)(x, &mut u);
            return u;
        }
        self.space.evaluate(&self.field, x)
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        if !self.has_floor {
            return None;
        }
        let (space, equation) = (&self.space, &self.equation);
        let field = movements(space, equation, movement, &self.start, tau, steps)?;
        Some(self.space.evaluate(&field, x))
    }
}
