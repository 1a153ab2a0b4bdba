//! Runs one experiment, within a budget of time if there is one.

use crate::Arguments;
use crate::case::{self, Case};
use crate::exact::{Exact, exact};
use crate::figures::Figures;
use crate::history::{self, History};
use crate::points::{Points, relative};
use crate::problem::Flow;
use crate::settings::options;
use crate::sweep;
use indicatif::{ProgressBar, ProgressStyle};
use movimento::snapshot::Writer;
use movimento::{ErrorKind, Result, Solver, movement};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let name = arguments.case.as_deref().unwrap_or_default();
    if name == sweep::NAME {
        return sweep::run(arguments).map_err(|e| e.to_string());
    }
    let case = case::all().find(|c| c.name == name).ok_or_else(|| {
        let mut known: Vec<_> = case::all().map(|c| c.name).collect();
        known.push(sweep::NAME);
        format!("there is no case `{name}`; there are {}", known.join(", "))
    })?;
    measure(case, arguments).map_err(|e| e.to_string())
}

/// What is gathered on the way.
#[derive(Default)]
struct Trace {
    iterations: u64,
    energy_rose: bool,
    seconds: f64,
    /// The largest relative difference of the two sides of [`euler_lagrange`].
    mismatch: f64,
    /// The largest |u| at the points.
    largest: f64,
    /// The errors after steps, where they were looked up.
    errors: Vec<f64>,
    marks: Vec<Value>,
    stopped: bool,
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
}

fn measure(case: &Case, arguments: &Arguments) -> Result<String> {
    let begin = Instant::now();
    let options = options(case, arguments)?;
    let tau = options.real("tau")?;
    let steps = arguments.steps.unwrap_or(case.steps);
    let mut exact = exact(case, arguments.seed.unsigned_abs())?;
    let points = Points::new(case);
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
    if !trace.stopped {
        trace.write(&solver)?;
        let context = Context {
            case,
            points: &points,
            by_map: case.is_transported() && arguments.transport == "map",
            telling: history.is_some() || arguments.out.is_some() || arguments.transport == "w2gn",
        };
        context.follow(
            &mut solver,
            &mut *exact,
            &mut trace,
            &mut history,
            steps,
            &bar,
        )?;
    }
    if let Some(mut writer) = trace.snapshots.take() {
        writer.close()?;
    }
    bar.finish_and_clear();
    if let Some(figures) = &trace.figures {
        figures.write(case, arguments)?;
    }
    let seconds_total = begin.elapsed().as_secs_f64();
    let memory_after = history::resident_megabytes();
    let scheme = movement::named(&arguments.scheme)?;
    let (taken, time) = (solver.steps(), solver.time());
    let truth = exact.solution(&points.x, time);
    let floor = |scheme| {
        let u = exact.movement(&points.x, scheme, tau, taken)?;
        Some(relative(&u, &truth))
    };
    let u = points.evaluate(&solver).ok();
    let error = u.as_ref().map(|u| relative(u, &truth));
    let reached = (case.paper_error.zip(error)).is_some_and(|(paper, error)| error <= paper);
    let fit = solver.fit_report().cloned().unwrap_or_default();
    let report = solver.report();
    let mut line = json!({
        "case": case.name, "scheme": arguments.scheme, "minimizer": options.text("minimizer")?,
        "transport": arguments.transport,
        "tau": tau, "steps": taken, "time": time,
        "rel_l2": error, "mean_rel_l2": mean(&trace.errors, taken),
        "first_order_floor": floor(movement::named("euler")?), "scheme_floor": floor(scheme),
        "paper_error": case.paper_error, "goal": case.goals[scheme.order as usize - 1],
        "iterations": trace.iterations, "fit_iterations": fit.iterations,
        "fit_error": fit.relative_error, "fit_seconds": fit.seconds,
        "step_seconds": trace.seconds / taken.max(1) as f64,
        "seconds_total": seconds_total,
        "seconds_to_paper_error": (reached && !trace.stopped).then_some(seconds_total),
        "stopped_by_budget": trace.stopped,
        "energy_monotone": !trace.energy_rose,
        "energy": report.map(|r| r.energy), "residual": report.map(|r| r.residual),
        "largest": trace.largest,
        "megabytes": [memory_before, memory_after],
        "parameters": solver.network().parameters(), "threads": solver.threads(),
        "paper": case.paper,
    });
    if let Some(divergence) = exact.divergence(&solver)? {
        line["symmetric_kl"] = json!(divergence);
    }
    if !case.marks.is_empty() {
        line["marks"] = json!(trace.marks);
    }
    if let Flow::Decay { .. } = case.flow {
        line["euler_lagrange_mismatch"] = json!(trace.mismatch);
    }
    Ok(line.to_string())
}

/// The mean over all steps, where each was looked at.
fn mean(errors: &[f64], steps: u64) -> Option<f64> {
    let all = steps > 0 && errors.len() as u64 == steps;
    all.then(|| errors.iter().sum::<f64>() / steps as f64)
}

struct Context<'a> {
    case: &'a Case,
    points: &'a Points,
    /// Whether a density costs a search for every point.
    by_map: bool,
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
        if !self.by_map {
            u = points.evaluate(solver)?;
        }
        if let Some(figures) = &mut trace.figures {
            let error = relative(&points.evaluate(solver)?, &exact.solution(&points.x, 0.0));
            figures.take(self.case, solver, exact, error)?;
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
            let passed = |mark: &&f64| (time - **mark).abs() < 1e-9 * time;
            let mark = self.case.marks.iter().find(passed);
            let told = mark.is_some() || self.telling;
            let next = if told || !self.by_map {
                points.evaluate(solver)?
            } else {
                Vec::new()
            };
            let error = told.then(|| relative(&next, &exact.solution(&points.x, time)));
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
