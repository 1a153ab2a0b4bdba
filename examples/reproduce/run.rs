//! Runs one experiment and measures it at points that no step trained on.

use crate::Arguments;
use crate::case::{CASES, Case};
use indicatif::{ProgressBar, ProgressStyle};
use movimento::initial::closed_form::{self, CosineSum};
use movimento::options::Value;
use movimento::{Energy, Error, Initial, Options, Result, Solver, snapshot};
use serde_json::json;
use std::ops::ControlFlow;
use std::time::Instant;

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let name = arguments.case.as_deref().unwrap_or_default();
    let case = CASES.iter().find(|c| c.name == name).ok_or_else(|| {
        let known: Vec<_> = CASES.iter().map(|c| c.name).collect();
        format!("there is no case `{name}`; there are {}", known.join(", "))
    })?;
    measure(case, arguments).map_err(|e| e.to_string())
}

fn measure(case: &Case, arguments: &Arguments) -> Result<String> {
    let options = options(case, arguments)?;
    let tau = options.real("tau")?;
    let steps = arguments.steps.unwrap_or(case.steps);
    let form = closed_form::named(case.initial, case.dimension as usize)?;
    let mut energy = Energy::plugin(case.energy)?;
    energy.set("kappa", &[case.kappa])?;
    let mut solver = Solver::new(&options)?;
    solver.add_energy(&energy)?;
    let bar = progress(&mut solver, steps);
    solver.set_initial(Initial::Named(case.initial))?;
    write(&solver, arguments)?;
    let points = Points::new(case);
    let mut u = points.evaluate(&solver)?;
    let (mut iterations, mut monotone, mut mismatch) = (0, true, 0.0_f64);
    let mut seconds = 0.0;
    for _ in 0..steps {
        let start = Instant::now();
        solver.step()?;
        seconds += start.elapsed().as_secs_f64();
        bar.inc(1);
        if let Some(report) = solver.report() {
            iterations += report.iterations;
            monotone &= report.energy_slack >= 0.0;
        }
        write(&solver, arguments)?;
        let next = points.evaluate(&solver)?;
        if case.energy == "quadratic" {
            mismatch = mismatch.max(euler_lagrange_mismatch(&u, &next, tau, case.kappa));
        }
        u = next;
    }
    bar.finish_and_clear();
    let time = solver.time();
    let exact = points.closed_form(form, |q2| (-case.rate(q2) * time).exp());
    let euler = points.closed_form(form, |q2| {
        (1.0 + tau * case.rate(q2)).powf(-(steps as f64))
    });
    let fit = solver.fit_report().cloned().unwrap_or_default();
    let mut line = json!({
        "case": case.name, "scheme": arguments.scheme, "minimizer": arguments.minimizer,
        "tau": tau, "steps": steps, "time": time,
        "rel_l2": relative(&u, &exact), "first_order_floor": relative(&euler, &exact),
        "iterations": iterations, "fit_iterations": fit.iterations,
        "fit_error": fit.relative_error, "fit_seconds": fit.seconds,
        "step_seconds": seconds / steps.max(1) as f64, "energy_monotone": monotone,
        "parameters": solver.parameters().len(), "threads": solver.threads(),
        "paper": case.paper,
    });
    if case.energy == "quadratic" {
        line["euler_lagrange_mismatch"] = json!(mismatch);
    }
    Ok(line.to_string())
}

fn options(case: &Case, arguments: &Arguments) -> Result<Options> {
    let mut options = Options::new();
    options.set("dimension", case.dimension)?;
    options.set("lower", vec![-case.half_width])?;
    options.set("upper", vec![case.half_width])?;
    options.set("movement", arguments.scheme.as_str())?;
    options.set("minimizer", arguments.minimizer.as_str())?;
    options.set("tau", arguments.tau.unwrap_or(case.tau))?;
    options.set("seed", arguments.seed)?;
    options.set("threads", arguments.threads)?;
    let extra = if arguments.minimizer == "adam" {
        [(case.options)(), (case.adam)()].concat()
    } else {
        (case.options)()
    };
    for (key, value) in extra {
        options.set(key, value)?;
    }
    for assignment in &arguments.set {
        let (key, value) = assignment.split_once('=').ok_or_else(|| {
            Error::new(
                movimento::ErrorKind::Option,
                format!("--set was given `{assignment}`; accepted is KEY=VALUE"),
            )
        })?;
        let value = parse(&options.get(key)?, value).ok_or_else(|| {
            Error::new(
                movimento::ErrorKind::Option,
                format!("--set {key} was given `{value}`, which is not of the option's type"),
            )
        })?;
        options.set(key, value)?;
    }
    Ok(options)
}

/// `text` as a value of the same type as `like`.
fn parse(like: &Value, text: &str) -> Option<Value> {
    fn list<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
        text.split(',').map(|part| part.parse().ok()).collect()
    }
    Some(match like {
        Value::Real(_) => Value::Real(text.parse().ok()?),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Text(_) => Value::Text(text.to_owned()),
        Value::Reals(_) => Value::Reals(list(text)?),
        Value::Integers(_) => Value::Integers(list(text)?),
    })
}

/// A bar on standard error when that is a terminal.
fn progress(solver: &mut Solver, steps: u64) -> ProgressBar {
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
        ControlFlow::Continue(())
    })));
    bar
}

fn write(solver: &Solver, arguments: &Arguments) -> Result<()> {
    match &arguments.out {
        Some(folder) => snapshot::write(solver, folder).map(|_| ()),
        None => Ok(()),
    }
}

/// A grid of cell centres, which no Gauss rule shares.
struct Points {
    d: usize,
    x: Vec<f64>,
}

impl Points {
    fn new(case: &Case) -> Self {
        let d = case.dimension as usize;
        let per_axis: usize = if d == 1 { 1001 } else { 101 };
        let centre = |i: usize| case.half_width * (2.0 * (i as f64 + 0.5) / per_axis as f64 - 1.0);
        let count = per_axis.pow(d as u32);
        let index = |point: usize, axis: usize| point / per_axis.pow(axis as u32) % per_axis;
        let x = (0..count).flat_map(|p| (0..d).map(move |a| centre(index(p, a))));
        Self { d, x: x.collect() }
    }

    fn evaluate(&self, solver: &Solver) -> Result<Vec<f64>> {
        let mut u = vec![0.0; self.x.len() / self.d];
        solver.evaluate(&self.x, &mut u, None)?;
        Ok(u)
    }

    fn closed_form(&self, form: &CosineSum, decay: impl Fn(f64) -> f64) -> Vec<f64> {
        let points = self.x.chunks_exact(self.d);
        points.map(|x| form.evaluate(x, &decay, None)).collect()
    }
}

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

/// The relative difference of `(u_{k+1} - u_k)/tau` and `-grad F(u_{k+1}) = -kappa u_{k+1}`.
fn euler_lagrange_mismatch(before: &[f64], after: &[f64], tau: f64, kappa: f64) -> f64 {
    let rate: Vec<f64> = before.iter().zip(after).map(|(b, a)| (a - b) / tau).collect();
    let force: Vec<f64> = after.iter().map(|a| -kappa * a).collect();
    relative(&rate, &force)
}
