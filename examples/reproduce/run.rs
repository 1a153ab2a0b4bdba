//! Runs one experiment, within a budget of time if there is one.

use crate::Arguments;
use crate::case::{self, Case, Metric};
use crate::exact::{Exact, exact};
use crate::figures::Figures;
use crate::history::{self, History};
use crate::line;
use crate::points::{Points, relative, square_distance};
use crate::problem::Flow;
use crate::settings::options;
use crate::sweep;
use indicatif::{ProgressBar, ProgressStyle};
use movimento::snapshot::Writer;
use movimento::{ErrorKind, Result, Solver};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The line of a case.
pub fn run(arguments: &Arguments) -> Result<Value, String> {
    let name = arguments.case.as_deref().unwrap_or_default();
    if name == sweep::NAME {
        return sweep::run(arguments).map_err(|e| e.to_string());
    }
    let case = case::all().find(|c| c.name == name).ok_or_else(|| {
        let mut known: Vec<_> = case::all().map(|c| c.name).collect();
        known.push(sweep::NAME);
        format!("there is no case `{name}`; there are {}", known.join(", "))
    })?;
    let mut line = line::of(case, arguments);
    if let Err(e) = measure(case, arguments, &mut line) {
        line["refused"] = json!(e.to_string());
        line["error"] = Value::Null;
    }
    Ok(line)
}

/// What is gathered on the way.
#[derive(Default)]
pub struct Trace {
    pub iterations: u64,
    pub energy_rose: bool,
    pub seconds: f64,
    /// The largest relative difference of the two sides of [`euler_lagrange`].
    pub mismatch: f64,
    /// The largest |u| at the points.
    pub largest: f64,
    /// The largest error of moments, where these are known.
    pub moments: Option<f64>,
    /// The errors after steps, where they were looked up.
    pub errors: Vec<f64>,
    /// Squares of the error and of the solution, summed over the times where they were looked up.
    pub squares: [f64; 2],
    pub marks: Vec<Value>,
    pub stopped: bool,
    /// With a folder to write to.
    figures: Option<Figures>,
    snapshots: Option<Writer>,
}

impl Trace {
    fn write(&mut self, solver: &Solver) -> Result<()> {
        match &mut self.snapshots {
            Some(writer) => writer.write(solver).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Takes up the error at a time.
    fn look(&mut self, u: &[f64], truth: &[f64]) -> f64 {
        self.squares[0] += square_distance(u, truth);
        self.squares[1] += truth.iter().map(|b| b * b).sum::<f64>();
        relative(u, truth)
    }
}

/// Follows a case and fills its line with what was reached, also where that is not the end.
fn measure(case: &Case, arguments: &Arguments, line: &mut Value) -> Result<()> {
    let begin = Instant::now();
    let options = options(case, arguments)?;
    line["tau"] = json!(options.real("tau")?);
    line["minimizer"] = json!(options.text("minimizer")?);
    let steps = arguments.steps.unwrap_or(case.steps);
    let mut exact = exact(case, arguments.seed.unsigned_abs())?;
    let points = Points::new(case, &*exact);
    let mut solver = Solver::new(&options)?;
    for energy in case.flow.energies()? {
        solver.add_energy(&energy)?;
    }
    let end = arguments
        .budget
        .map(|seconds| begin + Duration::from_secs_f64(seconds));
    let bar = observe(&mut solver, steps, end);
    let mut history = History::create(arguments.history.as_deref())?;
    let mut trace = Trace {
        figures: arguments.out.as_ref().map(|_| Figures::new(case, steps)),
        ..Trace::default()
    };
    // Before the work: a folder that has another run in it is refused.
    if let Some(folder) = &arguments.out {
        trace.snapshots = Some(Writer::new(&solver, folder, None)?);
    }
    match exact.start(&mut solver) {
        Err(e) if e.kind() == ErrorKind::Cancelled => trace.stopped = true,
        other => other?,
    }
    let memory_before = history::resident_megabytes();
    let mut followed = Ok(());
    if !trace.stopped {
        trace.write(&solver)?;
        let context = Context {
            case,
            points: &points,
            by_labels: case.is_transported() && arguments.transport != "w2gn",
            telling: history.is_some()
                || arguments.out.is_some()
                || arguments.transport == "w2gn"
                || case.metric == Metric::SpaceTime,
        };
        followed = context.follow(
            &mut solver,
            &mut *exact,
            &mut trace,
            &mut history,
            steps,
            &bar,
        );
    }
    if let Some(mut writer) = trace.snapshots.take() {
        writer.close()?;
    }
    bar.finish_and_clear();
    if let Some(figures) = &trace.figures {
        figures.write(case, arguments)?;
    }
    line["seconds_total"] = json!(begin.elapsed().as_secs_f64());
    line["megabytes"] = json!([memory_before, history::resident_megabytes()]);
    line::run(line, &solver, &trace);
    let measured = line::errors(line, case, &solver, &mut *exact, &points, &trace);
    followed.and(measured)
}

struct Context<'a> {
    case: &'a Case,
    points: &'a Points,
    /// Whether a density may cost a search for every point.
    by_labels: bool,
    /// Whether the error of every step is looked at.
    telling: bool,
}

impl Context<'_> {
    /// The steps, until the last or the end of the budget.
    fn follow(
        &self,
        solver: &mut Solver,
        exact: &mut dyn Exact,
        trace: &mut Trace,
        history: &mut Option<History>,
        steps: u64,
        bar: &ProgressBar,
    ) -> Result<()> {
        let points = self.points;
        let mut u = Vec::new();
        if !self.by_labels {
            u = points.evaluate(solver)?;
        }
        if self.telling {
            let error = trace.look(&points.evaluate(solver)?, &exact.solution(&points.x, 0.0));
            if let Some(figures) = &mut trace.figures {
                figures.take(self.case, solver, exact, error)?;
            }
        }
        for _ in 0..steps {
            let start = Instant::now();
            match solver.step() {
                Err(e) if e.kind() == ErrorKind::Cancelled => {
                    trace.stopped = true;
                    break;
                }
                other => other?,
            }
            trace.seconds += start.elapsed().as_secs_f64();
            bar.inc(1);
            trace.write(solver)?;
            let time = solver.time();
            if let Some(error) = exact.moment_error(solver)? {
                trace.moments = Some(trace.moments.map_or(error, |most| most.max(error)));
            }
            let passed = |mark: &&f64| (time - **mark).abs() < 1e-9 * time;
            let mark = self.case.marks.iter().find(passed);
            let told = mark.is_some() || self.telling;
            let next = if told || !self.by_labels {
                points.evaluate(solver)?
            } else {
                Vec::new()
            };
            let error = told.then(|| trace.look(&next, &exact.solution(&points.x, time)));
            trace.errors.extend(error);
            if let (Some(mark), Some(error)) = (mark, error) {
                trace.marks.push(json!({"time": mark, "rel_l2": error}));
            }
            trace.largest = next.iter().fold(trace.largest, |m, u| u.abs().max(m));
            if let Some(report) = solver.report() {
                trace.iterations += report.iterations;
                trace.energy_rose |= report.energy_slack < 0.0;
                if let (Some(history), Some(error)) = (history.as_mut(), error) {
                    history.write(report, error)?;
                }
            }
            if let (Some(figures), Some(error)) = (&mut trace.figures, error) {
                figures.take(self.case, solver, exact, error)?;
            }
            if let Flow::Decay { kappa } = self.case.flow {
                let [rate, force] = euler_lagrange(&u, &next, solver.tau(), kappa);
                trace.mismatch = trace.mismatch.max(relative(&rate, &force));
                if let Some(figures) = &mut trace.figures {
                    figures.rate.extend(rate);
                    figures.force.extend(force);
                }
            }
            u = next;
        }
        Ok(())
    }
}

/// A bar on standard error when that is a terminal; stops the solver when the budget is spent.
fn observe(solver: &mut Solver, steps: u64, end: Option<Instant>) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    if let Ok(style) = ProgressStyle::with_template("{msg:24} [{bar:40}] {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    solver.set_observer(Some(Box::new(move |p| {
        shown.set_message(if p.fitting {
            format!("fit {:3}: {:.1e}", p.iteration, p.objective)
        } else {
            format!("t = {:.4}", p.time)
        });
        if end.is_some_and(|end| Instant::now() >= end) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })));
    bar
}

/// `(u_{k+1} - u_k)/tau` and `-grad F(u_{k+1}) = -kappa u_{k+1}`.
fn euler_lagrange(before: &[f64], after: &[f64], tau: f64, kappa: f64) -> [Vec<f64>; 2] {
    let pairs = before.iter().zip(after);
    let rate = pairs.map(|(b, a)| (a - b) / tau).collect();
    [rate, after.iter().map(|a| -kappa * a).collect()]
}
