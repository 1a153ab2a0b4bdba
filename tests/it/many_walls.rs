//! Values that vary along the walls of boxes of four and five dimensions, against manufactured solutions.

use crate::support::problems::{dirichlet, relative, small, start_from};
use movimento::domain::BoundaryValue;
use movimento::{ErrorKind, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

const KAPPA: f64 = 0.1;

/// A solution of the heat equation: waves of which the first two axes have a part each, and what is at rest.
fn warm(t: f64, x: &[f64]) -> f64 {
    let wave = (0.5 * PI * x[0]).sin() * (0.5 * PI * x[1]).cos();
    let last = x[x.len() - 1];
    1.0 + (-0.5 * KAPPA * PI * PI * t).exp() * wave
        + x[2] * last
        + 0.5 * (x[1] * x[1] - x[2] * x[2])
}

fn value(d: usize) -> BoundaryValue {
    BoundaryValue::Function(Arc::new(move |t, x: &[f64], out: &mut [f64]| {
        let points = x.chunks_exact(d).zip(out);
        points.for_each(|(x, out)| *out = warm(t, x));
        Ok(())
    }))
}

/// A flow with these values on some sides, or on all.
fn flow(d: usize, sides: Option<&[i32]>) -> Result<Solver> {
    let hidden = if d == 4 { 16 } else { 8 };
    let mut options = small(d as i64, 0.0, 1.0, &[hidden, hidden]);
    options.set("movement", "second").unwrap();
    options.set("tau", 0.1).unwrap();
    let mut flow = Solver::new(&options).unwrap();
    flow.add_energy(&dirichlet(KAPPA)).unwrap();
    match sides {
        None => flow.set_dirichlet(None, &value(d))?,
        Some(sides) => {
            for side in sides {
                flow.set_dirichlet(Some(*side), &value(d))?;
            }
        }
    }
    Ok(flow)
}

fn points(d: usize, n: usize) -> Vec<f64> {
    (0..n * d)
        .map(|i| (0.618_034 * (i + 1) as f64 + 0.1 * (i / d) as f64).fract())
        .collect()
}

#[test]
fn heat_follows_values_that_vary_along_the_walls_of_four_and_five_dimensions() {
    for (d, end, between) in [(4, 2.0, 0.5), (5, 0.2, 0.0)] {
        let mut flow = flow(d, None).unwrap();
        // The values on the walls, and something else between them.
        start_from(&mut flow, |x| {
            let bubble: f64 = x.iter().map(|x| 4.0 * x * (1.0 - x)).product();
            warm(0.0, x) + between * bubble
        });
        flow.step_to(end).unwrap();
        let x = points(d, 200);
        let mut u = vec![0.0; 200];
        flow.evaluate(&x, &mut u, None).unwrap();
        let exact: Vec<f64> = x.chunks_exact(d).map(|x| warm(end, x)).collect();
        // Beside what is left of the bubble, of which the slowest wave decays as e^(-kappa d pi^2 t).
        let error = relative(&u, &exact);
        // On the walls it is exact.
        let mut on_walls = x.clone();
        for (i, x) in on_walls.chunks_exact_mut(d).enumerate() {
            x[i % d] = f64::from(u8::from(i % 2 == 0));
        }
        flow.evaluate(&on_walls, &mut u, None).unwrap();
        let exact: Vec<f64> = on_walls.chunks_exact(d).map(|x| warm(end, x)).collect();
        let walls = relative(&u, &exact);
        println!("{d}: {error:e}, on walls {walls:e}");
        assert!(error < 2e-3 && walls < 1e-7, "{d}: {error:e} {walls:e}");
    }
}

#[test]
fn values_stand_on_some_sides_and_contradictions_are_named() {
    // The others have no flux: of x_0 and x_1 the sides where the wave has a slope of 0.
    let mut flow = flow(4, Some(&[0, 3, 4, 5, 6, 7])).unwrap();
    start_from(&mut flow, |x| warm(0.0, x));
    flow.step().unwrap();
    let x = [0.0, 0.3, 0.6, 0.2, 0.4, 0.7, 0.1, 1.0];
    let mut u = [0.0; 2];
    flow.evaluate(&x, &mut u, None).unwrap();
    for (x, u) in x.chunks_exact(4).zip(u) {
        assert!((u - warm(0.1, x)).abs() < 1e-9, "{x:?}");
    }
    let refused = flow_with(4, |flow| {
        flow.set_dirichlet(Some(0), &value(4))?;
        flow.set_dirichlet(Some(2), &BoundaryValue::Constant(3.0))
    });
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(
        refused.message().contains("sides 0 and 2 contradict"),
        "{refused}"
    );
    let jump = BoundaryValue::Function(Arc::new(|_, x: &[f64], out: &mut [f64]| {
        let points = x.chunks_exact(5).zip(out);
        points.for_each(|(x, out)| *out = if x[1] > 0.3 { 1.0 } else { 0.0 });
        Ok(())
    }));
    let refused = flow_with(5, |flow| flow.set_dirichlet(Some(0), &jump));
    assert!(refused.message().contains("varies faster"), "{refused}");
}

fn flow_with(d: usize, pose: impl Fn(&mut Solver) -> Result<()>) -> movimento::Error {
    let mut flow = flow(d, Some(&[])).unwrap();
    let refused = pose(&mut flow).unwrap_err();
    // Nothing is left of what was refused.
    start_from(&mut flow, |x| warm(0.0, x));
    refused
}
