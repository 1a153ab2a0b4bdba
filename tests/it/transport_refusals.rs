//! What flows in Wasserstein space refuse, and what they say.

use crate::support::wasserstein::{options, standard};
use movimento::initial::profile::{OnBox, Particles};
use movimento::{Initial, Options, Result, Settings, Solver};
use std::sync::Arc;

/// The message of what must fail.
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => String::from("it was taken"),
        Err(e) => e.to_string(),
    }
}

/// `rho_0` on the interval from -1 to 1 as a solver is given it.
fn given(rho_0: fn(f64) -> f64) -> String {
    let mut options = options(1, "euler", 0.01, &[4]);
    options.set("domain", "box").unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    let domain = Settings::parse(&options).unwrap().problem.domain().unwrap();
    let density = move |x: &[f64], rho: &mut [f64]| {
        rho.iter_mut().zip(x).for_each(|(rho, x)| *rho = rho_0(*x));
        Ok(())
    };
    let mut solver = Solver::new(&options).unwrap();
    let taken = OnBox::new(domain, Arc::new(density))
        .and_then(|start| solver.set_initial(Initial::Density(Arc::new(start))));
    assert!(solver.time() == 0.0 && (taken.is_ok() || solver.moments().is_err()));
    message(taken)
}

/// Each names the argument, what was given and what is accepted.
#[test]
fn initial_densities_that_are_none_are_refused() {
    for (rho_0, words) in [
        ((|_| 0.5) as fn(f64) -> f64, &["it was taken"][..]),
        (|x| 0.5 + 0.6 * x, &["`rho_0` is -0.", "not negative"]),
        (|_| f64::NAN, &["`rho_0` is NaN", "finite"]),
        (|_| f64::INFINITY, &["`rho_0` is inf", "finite"]),
        (|_| 0.0, &["`rho_0` has mass 0.0", "accepted is 1 within"]),
        (|_| 0.52, &["`rho_0` has mass 1.04", "accepted is 1 within"]),
        // int 1/|x| has no bound: it grows with the nodes, of which these give it the mass 1.
        (
            |x| 0.071 / x.abs().max(1e-300),
            &["`rho_0` has mass", "integrable"],
        ),
    ] {
        let found = given(rho_0);
        assert!(words.iter().all(|word| found.contains(word)), "{found}");
    }
}

#[test]
fn particles_that_are_no_measure_are_refused() {
    let particles = |x: &[f64], w: &[f64], rho: &[f64]| Particles::new(1, x, Some(w), rho, None);
    let (x, even, one) = ([0.1, 0.2], [0.5, 0.5], [1.0, 1.0]);
    for (made, words) in [
        (
            particles(&x, &[0.5, 0.6], &one),
            &["`w` has mass 1.1", "1 within"],
        ),
        (
            particles(&x, &[1.5, -0.5], &one),
            &["`w` holds -0.5", "positive"],
        ),
        (
            particles(&x, &[0.0, 0.0], &one),
            &["`w` holds 0", "positive"],
        ),
        (
            particles(&x, &even, &[1.0, -1.0]),
            &["`rho` holds -1", "positive"],
        ),
        (
            particles(&[0.1, f64::NAN], &even, &one),
            &["`x` holds NaN", "finite"],
        ),
        (particles(&x, &even, &[1.0]), &["`rho` has 1", "2"]),
    ] {
        let found = message(made);
        assert!(words.iter().all(|word| found.contains(word)), "{found}");
    }
    // Beyond the box there is no place for one.
    let mut options = options(1, "euler", 0.01, &[2]);
    options.set("domain", "box").unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let x: Vec<f64> = (0..40).map(|i| 0.05 * f64::from(i) - 0.9).collect();
    let beyond = Particles::new(1, &x, None, &[0.5; 40], None).unwrap();
    let found = message(solver.set_initial(Initial::Density(Arc::new(beyond))));
    assert!(found.contains("accepted is -1 to 1"), "{found}");
    assert!(solver.moments().is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |result: Result<()>, text: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(text), "{message}");
    };
    let mut map = Solver::new(&options(2, "euler", 0.01, &[4])).unwrap();
    refused(
        map.set_initial(Initial::Named("heat-2d")),
        "density of mass 1",
    );
    refused(
        map.set_initial(Initial::Density(standard(3))),
        "dimension 3",
    );
    refused(
        map.push_forward(&[0.0, 0.0], &mut [0.0, 0.0]),
        "no initial condition",
    );
    refused(map.set_nodes(&[0.0, 0.0], &[1.0], None), "no use for nodes");
    let mut field = Options::new();
    field.set("hidden", vec![4_i64]).unwrap();
    let mut field = Solver::new(&field).unwrap();
    refused(
        field.set_initial(Initial::Density(standard(2))),
        "`flow` is l2",
    );
    refused(
        field.push_forward(&[0.0; 2], &mut [0.0; 2]),
        "initial condition",
    );
    let with = |key: &str, value: movimento::options::Value| {
        let mut options = options(2, "euler", 0.01, &[4]);
        options.set(key, value).unwrap();
        Solver::new(&options).map(|_| ())
    };
    refused(with("initial_smoothing", 0.1.into()), "`initial_smoothing`");
    let mut options = options(2, "euler", 0.01, &[4]);
    options.set("domain", "box").unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    let mut confined = Solver::new(&options).unwrap();
    refused(
        confined.set_initial(Initial::Density(standard(2))),
        "accepted is -1 to 1",
    );
    options.set("domain", "ball").unwrap();
    refused(Solver::new(&options).map(|_| ()), "`domain` is ball");
    options.set("domain", "box").unwrap();
    options.set("flow", "l2").unwrap();
    options.set("domain", "space").unwrap();
    refused(Solver::new(&options).map(|_| ()), "`domain` is space");
}
