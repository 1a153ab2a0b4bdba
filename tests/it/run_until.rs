//! Runs that end by themselves, and all that can be asked of u at once: against closed forms.

use crate::support::problems::{allen_cahn, dirichlet, relative, start_from};
use crate::support::wasserstein::{self, ornstein_uhlenbeck, standard};
use movimento::{Ended, ErrorKind, Event, Options, Solver, Until, Wanted};
use std::f64::consts::PI;

/// A solver of the box `[0, 1]^d`.
fn solver(d: i64, tau: f64, movement: &str) -> Solver {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("tau", tau).unwrap();
    options.set("movement", movement).unwrap();
    Solver::new(&options).unwrap()
}

/// `1 + e^(-kappa pi^2 t) cos pi x`.
fn heat(movement: &str, tau: f64) -> Solver {
    let mut solver = solver(1, tau, movement);
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start_from(&mut solver, |x| 1.0 + (PI * x[0]).cos());
    solver
}

#[test]
fn a_run_ends_at_its_time_or_when_its_seconds_are_spent() {
    let mut flow = heat("euler", 0.01);
    let at = |time| Until {
        time,
        ..Until::default()
    };
    assert_eq!(flow.run(at(0.035)).unwrap(), Ended::Time);
    assert_eq!(flow.time(), 0.035);
    let ended = flow.run(Until {
        seconds: 1e-9,
        ..at(1.0)
    });
    // Not even a first step is begun.
    assert_eq!(ended.unwrap(), Ended::Seconds);
    assert_eq!(flow.time(), 0.035);
    for (until, part) in [
        (at(0.01), "`time` is 0.01"),
        (Until::default(), "nothing is given"),
        (
            Until {
                rest: 2.0,
                ..at(1.0)
            },
            "`rest` is 2",
        ),
        (
            Until {
                seconds: -1.0,
                ..at(1.0)
            },
            "`seconds` is -1",
        ),
    ] {
        let error = flow.run(until).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn a_flow_is_run_until_it_is_at_rest() {
    let mut flow = heat("second", 0.1);
    let until = || Until {
        rest: 1e-6,
        time: 100.0,
        ..Until::default()
    };
    assert_eq!(flow.run(until()).unwrap(), Ended::Rest);
    // The rate is e^(-kappa pi^2 t) of the first: 1e-6 at t = 14.
    let time = flow.time();
    println!("at rest at {time}");
    assert!((13.0..25.0).contains(&time), "{time}");
    let mut u = [0.0; 3];
    flow.evaluate(&[0.1, 0.5, 0.8], &mut u, None).unwrap();
    assert!(u.iter().all(|u| (u - 1.0).abs() < 1e-5), "{u:?}");
    // It stays so.
    assert_eq!(flow.run(until()).unwrap(), Ended::Rest);
    assert!(flow.time() < time + 0.15);
}

#[test]
fn the_root_of_a_function_of_the_host_is_located() {
    for (movement, tau, accepted) in [("second", 0.05, 2e-4), ("third", 0.05, 2e-5)] {
        let mut flow = heat(movement, tau);
        let mut asked = 0;
        let mut function = |_: f64, _: f64, u: &[f64]| {
            asked += 1;
            Ok(u[0] - 1.5)
        };
        let ended = flow.run(Until {
            event: Some(Event {
                x: &[0.0],
                function: &mut function,
            }),
            ..Until::default()
        });
        assert_eq!(ended.unwrap(), Ended::Event);
        let exact = 2.0_f64.ln() / (0.1 * PI * PI);
        println!(
            "{movement}: {:e} off, asked {asked} times",
            flow.time() - exact
        );
        assert!((flow.time() - exact).abs() < accepted * exact, "{movement}");
        let mut u = [0.0];
        flow.evaluate(&[0.0], &mut u, None).unwrap();
        assert!((u[0] - 1.5).abs() < 1e-8, "{u:?}");
        assert_eq!(flow.tau(), tau);
        flow.step().unwrap();
    }
    let mut flow = heat("euler", 0.05);
    let mut function =
        |_: f64, energy: f64, _: &[f64]| Ok(if energy > 0.0 { f64::NAN } else { 0.0 });
    let event = Some(Event {
        x: &[],
        function: &mut function,
    });
    let error = flow.run(Until {
        event,
        ..Until::default()
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFinite);
}

#[test]
fn all_of_u_at_once_is_that_of_the_closed_form() {
    let mut flow = solver(2, 0.01, "second");
    flow.add_energy(&allen_cahn(0.1, 0.5)).unwrap();
    let (a, b) = (PI, 2.0 * PI);
    start_from(&mut flow, |x| 0.5 * (a * x[0]).cos() * (b * x[1]).cos());
    let x: Vec<f64> = (0..60)
        .flat_map(|i| [f64::from(i * 37 % 60) / 60.0, f64::from(i * 23 % 60) / 60.0])
        .collect();
    let n = x.len() / 2;
    let (mut u, mut grad, mut hessian) = (vec![0.0; n], vec![0.0; 2 * n], vec![0.0; 4 * n]);
    let (mut laplacian, mut rate) = (vec![0.0; n], vec![0.0; n]);
    let wanted = Wanted {
        u: Some(&mut u),
        grad: Some(&mut grad),
        hessian: Some(&mut hessian),
        laplacian: Some(&mut laplacian),
        rate: Some(&mut rate),
    };
    flow.evaluate_all(&x, wanted).unwrap();
    let mut exact = [(); 5].map(|()| Vec::new());
    for x in x.chunks_exact(2) {
        let ((s, c), (t, d)) = ((a * x[0]).sin_cos(), (b * x[1]).sin_cos());
        let u = 0.5 * c * d;
        exact[0].push(u);
        exact[1].extend([-0.5 * a * s * d, -0.5 * b * c * t]);
        let mixed = 0.5 * a * b * s * t;
        exact[2].extend([-a * a * u, mixed, mixed, -b * b * u]);
        let sum = -(a * a + b * b) * u;
        exact[3].push(sum);
        exact[4].push(0.1 * sum + 4.0 * u * (1.0 - u * u));
    }
    let found = [&u, &grad, &hessian, &laplacian, &rate];
    let errors: Vec<f64> = found
        .iter()
        .zip(&exact)
        .map(|(a, b)| relative(a, b))
        .collect();
    println!("{errors:?}");
    // Each derivative costs what the features are steep by; the rate is a small difference of two parts.
    let accepted = [2e-5, 1e-3, 2e-2, 2e-2, 6e-2];
    assert!(
        errors.iter().zip(accepted).all(|(e, a)| *e < a),
        "{errors:?}"
    );
    // Of the field as it is they are exact: against differences of its gradient, and the equation.
    let h = 1e-5;
    for axis in 0..2 {
        let mut sides = [vec![0.0; 2 * n], vec![0.0; 2 * n]];
        for (grad, sign) in sides.iter_mut().zip([1.0, -1.0]) {
            let mut x = x.clone();
            x.iter_mut()
                .skip(axis)
                .step_by(2)
                .for_each(|x| *x += sign * h);
            flow.evaluate(&x, &mut vec![0.0; n], Some(grad)).unwrap();
        }
        for (node, second) in hessian.chunks_exact(4).enumerate() {
            for other in 0..2 {
                let by = (sides[0][2 * node + other] - sides[1][2 * node + other]) / (2.0 * h);
                assert!(
                    (second[2 * axis + other] - by).abs() < 1e-5,
                    "{second:?} {by}"
                );
            }
        }
    }
    for ((u, sum), rate) in u.iter().zip(&laplacian).zip(&rate) {
        assert!((rate - (0.1 * sum + 4.0 * u * (1.0 - u * u))).abs() < 1e-10);
    }
    // Alone each is the same.
    let mut alone = vec![0.0; n];
    let wanted = Wanted {
        laplacian: Some(&mut alone),
        ..Wanted::default()
    };
    flow.evaluate_all(&x, wanted).unwrap();
    assert_eq!(alone, laplacian);
    let error = flow.evaluate_all(
        &x,
        Wanted {
            u: Some(&mut alone[1..]),
            ..Wanted::default()
        },
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Argument);
}

#[test]
fn values_between_steps_are_of_third_order() {
    let error = |tau: f64| {
        let mut flow = heat("third", tau);
        flow.step().unwrap();
        flow.step().unwrap();
        let x = [0.05, 0.3, 0.65, 0.9];
        let mut u = [0.0; 4];
        let mut worst = 0.0_f64;
        for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let t = (1.0 + part) * tau;
            flow.evaluate_between(t, &x, &mut u).unwrap();
            for (x, u) in x.iter().zip(&u) {
                let exact = 1.0 + (-0.1 * PI * PI * t).exp() * (PI * x).cos();
                worst = worst.max((u - exact).abs());
            }
        }
        worst
    };
    let errors = [0.4, 0.2].map(error);
    println!("{errors:?}");
    assert!(
        errors[0] < 2e-3 && errors[0] > 5.0 * errors[1],
        "{errors:?}"
    );
    let mut flow = heat("euler", 0.1);
    let mut u = [0.0];
    let early = flow.evaluate_between(0.0, &[0.5], &mut u).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::State);
    flow.step().unwrap();
    let late = flow.evaluate_between(0.2, &[0.5], &mut u).unwrap_err();
    assert!(late.message().contains("from 0 to 0.1"), "{late}");
}

#[test]
fn a_density_tells_its_second_derivatives_and_its_rate() {
    let options = wasserstein::options(1, "euler", 0.05, &[0]);
    let mut flow = wasserstein::solver(&options, &ornstein_uhlenbeck(&[1.0], &[0.0]), standard(1));
    let (x, mut laplacian, mut rate) = ([0.3, 1.1], [0.0; 2], [0.0; 2]);
    flow.evaluate_all(
        &x,
        Wanted {
            laplacian: Some(&mut laplacian),
            ..Wanted::default()
        },
    )
    .unwrap();
    for (x, found) in x.iter().zip(laplacian) {
        let exact = (x * x - 1.0) * (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
        assert!((found - exact).abs() < 1e-4, "{found} {exact}");
    }
    let wanted = Wanted {
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    flow.evaluate_all(&x, wanted).unwrap();
    // It is at rest.
    assert!(rate.iter().all(|rate| rate.abs() < 1e-4), "{rate:?}");
    flow.step().unwrap();
}
