//! The line that is printed of a case.

use crate::Arguments;
use crate::case::{Case, Metric, PAPER};
use crate::exact::Exact;
use crate::points::{Points, relative};
use crate::problem::Flow;
use crate::run::Trace;
use movimento::{Result, Solver, movement};
use serde_json::{Value, json};

/// What is known before the run.
pub fn of(case: &Case, arguments: &Arguments) -> Value {
    let published = case.published;
    let of_the_paper = published.filter(|published| published.by == PAPER);
    let set = arguments.set.iter().filter_map(|set| set.split('=').next());
    let tuned: Vec<_> = case.tuned().into_iter().chain(set).collect();
    json!({
        "case": case.name, "paper": case.paper, "scheme": arguments.scheme(case),
        "minimizer": arguments.minimizer, "transport": arguments.transport,
        "tau": arguments.tau.unwrap_or(case.tau), "tuned": tuned,
        "error": null, "metric": case.metric.name(), "refused": null,
        "published": published.map(|published| published.error),
        "by": published.map(|published| published.by),
        "paper_error": of_the_paper.map(|published| published.error),
    })
}

/// Adds what the solver and its reports tell.
pub fn run(line: &mut Value, solver: &Solver, trace: &Trace) {
    let fit = solver.fit_report().cloned().unwrap_or_default();
    let report = solver.report();
    let taken = solver.steps();
    add(
        line,
        json!({
            "steps": taken, "time": solver.time(),
            "iterations": trace.iterations, "fit_iterations": fit.iterations,
            "fit_error": fit.relative_error, "fit_seconds": fit.seconds,
            "step_seconds": trace.seconds / taken.max(1) as f64,
            "stopped_by_budget": trace.stopped,
            "energy_monotone": !trace.energy_rose,
            "energy": report.map(|r| r.energy), "residual": report.map(|r| r.residual),
            "largest": trace.largest,
            "parameters": solver.network().parameters(), "threads": solver.threads(),
        }),
    );
}

/// Adds the error in each metric that the case has, and what exact minimisation would leave.
pub fn errors(
    line: &mut Value,
    case: &Case,
    solver: &Solver,
    exact: &mut dyn Exact,
    points: &Points,
    trace: &Trace,
) -> Result<()> {
    let (taken, time) = (solver.steps(), solver.time());
    let scheme = movement::named(line["scheme"].as_str().unwrap_or_default())?;
    let tau = line["tau"].as_f64().unwrap_or_default();
    let truth = exact.solution(&points.x, time);
    let known = !truth.is_empty();
    let u = known.then(|| points.evaluate(solver).ok()).flatten();
    let rel_l2 = u.as_ref().map(|u| relative(u, &truth));
    let floor = |scheme| {
        let u = exact.movement(&points.x, scheme, tau, taken)?;
        Some(relative(&u, &truth))
    };
    add(
        line,
        json!({
            "rel_l2": rel_l2, "mean_rel_l2": mean(&trace.errors, taken),
            "first_order_floor": floor(movement::named("euler")?), "scheme_floor": floor(scheme),
            "goal": case.goals[scheme.order as usize - 1],
        }),
    );
    let reached = line["paper_error"].as_f64().zip(rel_l2);
    let reached = reached.is_some_and(|(paper, error)| error <= paper && !trace.stopped);
    line["seconds_to_paper_error"] = reached.then(|| line["seconds_total"].clone()).into();
    if !case.marks.is_empty() {
        line["marks"] = json!(trace.marks);
    }
    if let Flow::Decay { .. } = case.flow {
        line["euler_lagrange_mismatch"] = json!(trace.mismatch);
    }
    // Without a step there is nothing to compare.
    let divergence = if taken > 0 {
        exact.divergence(solver)?
    } else {
        None
    };
    if divergence.is_some() {
        line["symmetric_kl"] = json!(divergence);
    }
    if trace.stopped {
        // What was reached on the way is no answer.
        return Ok(());
    }
    let [off, all] = trace.squares;
    line["error"] = match case.metric {
        Metric::L2 => json!(rel_l2),
        Metric::AbsoluteL2 => json!(u.map(|u| points.distance(&u, &truth))),
        Metric::SpaceTime => json!((off / all).sqrt()),
        Metric::SymmetricKl => json!(divergence),
        Metric::Moments
        | Metric::MomentSlope
        | Metric::Energies
        | Metric::Events
        | Metric::Quantiles => json!(trace.moments),
        Metric::Mismatch => json!(trace.mismatch),
    };
    Ok(())
}

fn add(line: &mut Value, more: Value) {
    if let (Value::Object(line), Value::Object(more)) = (line, more) {
        line.extend(more);
    }
}

/// The mean over all steps, where each was looked at.
fn mean(errors: &[f64], steps: u64) -> Option<f64> {
    let all = steps > 0 && errors.len() as u64 == steps;
    all.then(|| errors.iter().sum::<f64>() / steps as f64)
}
