//! du/dt in Wasserstein space at any point, against closed forms and against differences of states in time.

use crate::support::problems::relative;
use crate::support::restart_helpers::set;
use crate::support::wasserstein::{self, density, energy, exact, grid, solver};
use movimento::initial::profile::{Barenblatt, Mixture, OnBox, Particles, Profile};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Initial, Options, Result, Solver, Wanted};
use std::f64::consts::PI;
use std::sync::Arc;

fn rate(solver: &Solver, x: &[f64]) -> Result<Vec<f64>> {
    let mut rate = vec![f64::NAN; x.len() / solver.domain().dimension()];
    let wanted = Wanted {
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    solver.evaluate_all(x, wanted)?;
    Ok(rate)
}

/// The derivative in time of a density that is known at all times.
fn known(of: impl Fn(f64) -> Arc<dyn Profile>, t: f64, x: &[f64]) -> Vec<f64> {
    let h = 1e-5;
    let [before, after] = [-h, h].map(|h| exact(&*of(t + h), x));
    let pairs = after.iter().zip(&before);
    pairs.map(|(a, b)| (a - b) / (2.0 * h)).collect()
}

fn options(d: usize, transport: &str, tau: f64) -> Options {
    let mut options = wasserstein::options(d as i64, "second", tau, &[0]);
    options.set("transport", transport).unwrap();
    options
}

fn gaussian(d: usize, mean: f64, variance: impl Fn(usize) -> f64) -> Arc<dyn Profile> {
    let covariance: Vec<f64> = (0..d * d)
        .map(|k| {
            if k % (d + 1) == 0 {
                variance(k / d)
            } else {
                0.0
            }
        })
        .collect();
    Arc::new(Mixture::new(d, &[1.0], &vec![mean; d], &covariance).unwrap())
}

/// Heat: variances grow by 2 t.
fn heat(d: usize, t: f64) -> Arc<dyn Profile> {
    gaussian(d, 0.2, |axis| 0.4 + 0.2 * axis as f64 + 2.0 * t)
}

/// Diffusion in the bowl `a |x|^2 / 2` about 0.
fn bowl(d: usize, t: f64) -> Arc<dyn Profile> {
    let (a, left) = (1.5, (-1.5 * t).exp());
    gaussian(d, 0.5 * left, |axis| {
        (0.4 + 0.2 * axis as f64) * left * left + (1.0 - left * left) / a
    })
}

fn in_bowl(d: usize) -> [Energy; 2] {
    let a: Vec<f64> = (0..d * d)
        .map(|k| if k % (d + 1) == 0 { 1.5 } else { 0.0 })
        .collect();
    [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", &a), ("center", &vec![0.0; d])],
        ),
    ]
}

/// Errors at the start and after two steps.
fn errors(
    options: &Options,
    energies: &[Energy],
    of: &dyn Fn(f64) -> Arc<dyn Profile>,
    x: &[f64],
) -> [f64; 2] {
    let mut flow = solver(options, energies, of(0.0));
    let error = |flow: &Solver| {
        let t = flow.time();
        relative(&rate(flow, x).unwrap(), &known(of, t, x))
    };
    let first = error(&flow);
    flow.step().unwrap();
    flow.step().unwrap();
    [first, error(&flow)]
}

#[test]
fn rates_of_gaussians_are_those_of_their_closed_forms() {
    for d in [1, 2, 3] {
        let x = grid(d, 1.5, [41, 9, 5][d - 1]);
        let all = [
            ("map", [1e-7, 1e-3]),
            ("dual", [1e-3, 5e-3]),
            ("collocation", [1e-3, 5e-3]),
        ];
        for (transport, accepted) in all {
            let options = options(d, transport, 0.02);
            let entropy = [energy("internal", "entropy", &[])];
            let found = [
                errors(&options, &entropy, &|t| heat(d, t), &x),
                errors(&options, &in_bowl(d), &|t| bowl(d, t), &x),
            ];
            println!("{d} {transport}: {found:?}");
            for errors in found {
                assert!(
                    errors[0] < accepted[0] && errors[1] < accepted[1],
                    "{d} {transport}: {errors:?}"
                );
            }
        }
    }
}

#[test]
fn rates_of_barenblatt_hold_up_to_near_the_edge() {
    for d in [1, 2, 3] {
        let of =
            |t: f64| -> Arc<dyn Profile> { Arc::new(Barenblatt::new(d, 2.0, 0.1 + t).unwrap()) };
        let radius = Barenblatt::new(d, 2.0, 0.1).unwrap().radius();
        let x: Vec<f64> = grid(d, radius, [41, 15, 9][d - 1])
            .chunks_exact(d)
            .filter(|x| x.iter().map(|x| x * x).sum::<f64>().sqrt() < 0.9 * radius)
            .flatten()
            .copied()
            .collect();
        let power = [energy("internal", "power", &[("m", &[2.0])])];
        // Potentials round the edge, and in the plane and in space are off by a tenth: maps are the default here.
        let all = [("auto", [1e-7, 1e-4]), ("dual", [5e-2, 5e-2])];
        for (transport, accepted) in &all[..if d == 1 { 2 } else { 1 }] {
            let errors = errors(&options(d, transport, 0.005), &power, &of, &x);
            println!("{d} {transport}: {errors:?}");
            assert!(
                errors[0] < accepted[0] && errors[1] < accepted[1],
                "{d} {transport}: {errors:?}"
            );
        }
    }
    // Beyond the support nothing changes.
    let power = [energy("internal", "power", &[("m", &[2.0])])];
    let start = Arc::new(Barenblatt::new(1, 2.0, 0.1).unwrap());
    let flow = solver(&options(1, "map", 0.01), &power, start);
    assert_eq!(rate(&flow, &[3.0, -3.5]).unwrap(), [0.0, 0.0]);
}

/// With `kappa |x - y|^2 / 2` mass falls to its mean; with diffusion a Gaussian stays one.
#[test]
fn rates_of_interactions_are_those_of_their_closed_forms() {
    let (kappa, d) = (2.0, 2);
    let of = |t: f64| {
        let left = (-2.0 * kappa * t).exp();
        gaussian(d, 0.2, |axis| {
            (0.5 + 0.3 * axis as f64) * left + (1.0 - left) / kappa
        })
    };
    let energies = [
        energy("internal", "entropy", &[]),
        energy(
            "interaction",
            "interaction-quadratic",
            &[("kappa", &[kappa])],
        ),
    ];
    let x = grid(d, 1.5, 9);
    for (transport, accepted) in [("map", [1e-4, 1e-3]), ("dual", [1e-3, 5e-3])] {
        let errors = errors(&options(d, transport, 0.02), &energies, &of, &x);
        println!("{transport}: {errors:?}");
        assert!(
            errors[0] < accepted[0] && errors[1] < accepted[1],
            "{transport}: {errors:?}"
        );
    }
}

/// Heat between walls, at points on them too: `1 + cos(pi x) cos(2 pi y) / 2`.
#[test]
fn rates_between_walls_hold_at_the_walls() {
    for transport in ["map", "dual"] {
        let mut options = options(2, transport, 0.005);
        set(
            &mut options,
            &[
                ("domain", "box".into()),
                ("lower", vec![0.0].into()),
                ("upper", vec![1.0].into()),
            ],
        );
        let wave = |x: &[f64]| (PI * x[0]).cos() * (2.0 * PI * x[1]).cos();
        let given = move |x: &[f64], rho: &mut [f64]| {
            let points = rho.iter_mut().zip(x.chunks_exact(2));
            points.for_each(|(rho, x)| *rho = 1.0 + 0.5 * wave(x));
            Ok(())
        };
        let domain = Solver::new(&options).unwrap().domain().clone();
        let start = Arc::new(OnBox::new(domain, Arc::new(given)).unwrap());
        let mut flow = solver(&options, &[energy("internal", "entropy", &[])], start);
        flow.step().unwrap();
        let ends = [0.0, 0.0, 1.0, 1.0, 0.0, 0.5, 0.3, 1.0];
        let x = [
            ends.as_slice(),
            &{ grid(2, 0.5, 8) }
                .iter()
                .map(|x| x + 0.5)
                .collect::<Vec<_>>(),
        ]
        .concat();
        let fast = -5.0 * PI * PI;
        let known: Vec<f64> = x
            .chunks_exact(2)
            .map(|x| 0.5 * fast * (fast * flow.time()).exp() * wave(x))
            .collect();
        let error = relative(&rate(&flow, &x).unwrap(), &known);
        println!("{transport}: {error:e}");
        assert!(error < 5e-2, "{transport}: {error:e}");
    }
}

/// The rate in the middle of a step is the change of the density over it.
#[test]
fn rates_are_the_differences_of_states_in_time() {
    let energies = |d: usize| {
        let [entropy, bowl] = in_bowl(d);
        let gauss = [("c", [-1.5].as_slice()), ("l", &[0.7])];
        [
            entropy,
            bowl,
            energy("interaction", "interaction-gaussian", &gauss),
        ]
    };
    let on_line = Mixture::new(1, &[0.4, 0.6], &[-0.6, 0.7], &[0.3, 0.25]);
    let in_plane = Mixture::new(
        2,
        &[0.4, 0.6],
        &[-0.6, 0.1, 0.7, -0.2],
        &[0.3, 0.0, 0.0, 0.3, 0.25, 0.0, 0.0, 0.35],
    );
    for (transport, d, start) in [("map", 1, on_line), ("dual", 2, in_plane)] {
        let mut options = options(d, transport, 0.01);
        options.set("tolerance", 1e-5).unwrap();
        let mut flow = solver(&options, &energies(d), Arc::new(start.unwrap()));
        flow.step().unwrap();
        let x = grid(d, 1.5, 9);
        let states: Vec<(Vec<f64>, Vec<f64>)> = (0..3)
            .map(|_| {
                flow.step().unwrap();
                (density(&flow, &x), rate(&flow, &x).unwrap())
            })
            .collect();
        let pairs = states[2].0.iter().zip(&states[0].0);
        let change: Vec<f64> = pairs
            .map(|(after, before)| (after - before) / 0.02)
            .collect();
        let error = relative(&states[1].1, &change);
        println!("{transport}: {error:e}");
        assert!(error < 2e-2, "{transport}: {error:e}");
    }
}

/// `rho_t = al div(rho grad p) - be rho (p - mean)` with `p = ln rho + 1 + V`.
#[test]
fn rates_of_birth_and_death_are_those_of_the_equation() {
    let (al, be) = (0.7, 1.3);
    let a = [2.0, 1.0];
    let (m, s) = ([0.3, -0.1], [0.4, 0.7]);
    let energies = [
        energy("internal", "entropy", &[]),
        energy(
            "potential",
            "potential-quadratic",
            &[("a", &[a[0], 0.0, 0.0, a[1]]), ("center", &[0.0, 0.0])],
        ),
    ];
    let start = Mixture::new(2, &[1.0], &m, &[s[0], 0.0, 0.0, s[1]]).unwrap();
    let x = grid(2, 1.5, 9);
    let rho = exact(&start, &x);
    // The mean of p, of `ln rho + 1 + a x^2 / 2`.
    let entropy = -(2.0 * PI).ln() - 0.5 * (s[0] * s[1]).ln() - 1.0;
    let outer: f64 = (0..2).map(|i| 0.5 * a[i] * (s[i] + m[i] * m[i])).sum();
    let mean = entropy + 1.0 + outer;
    for (transport_weight, held) in [(al, "held"), (al, "free"), (0.0, "held"), (0.0, "free")] {
        let mut options = Options::new();
        let all: [(&str, Value); 6] = [
            ("dimension", 2_i64.into()),
            ("flow", "wfr".into()),
            ("domain", "space".into()),
            ("transport_weight", transport_weight.into()),
            ("birth_death_weight", be.into()),
            ("total_mass", held.into()),
        ];
        set(&mut options, &all);
        let mut flow = Solver::new(&options).unwrap();
        energies.iter().for_each(|e| flow.add_energy(e).unwrap());
        flow.set_initial(Initial::Density(Arc::new(start.clone())))
            .unwrap();
        let exact: Vec<f64> = x
            .chunks_exact(2)
            .zip(&rho)
            .map(|(x, rho)| {
                let (mut moved, mut p) = (0.0, rho.ln() + 1.0);
                for i in 0..2 {
                    let score = -(x[i] - m[i]) / s[i];
                    moved += score * (score + a[i] * x[i]) - 1.0 / s[i] + a[i];
                    p += 0.5 * a[i] * x[i] * x[i];
                }
                let mean = if held == "held" { mean } else { 0.0 };
                rho * (transport_weight * moved - be * (p - mean))
            })
            .collect();
        let error = relative(&rate(&flow, &x).unwrap(), &exact);
        println!("{transport_weight} {held}: {error:e}");
        assert!(error < 1e-2, "{transport_weight} {held}: {error:e}");
    }
}

#[test]
fn rates_that_are_not_known_are_refused_and_say_why() {
    let start = gaussian(2, 0.0, |_| 1.0);
    let logarithm = [
        energy("internal", "entropy", &[]),
        energy("interaction", "interaction-logarithm", &[("c", &[1.0])]),
    ];
    let mut map = solver(&options(2, "map", 0.01), &logarithm, start.clone());
    let error = rate(&map, &[0.0, 0.1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.message().contains("not smooth at x = y"), "{error}");
    // The state is as it was, and potentials know it.
    map.step().unwrap();
    let dual = solver(&options(2, "dual", 0.01), &logarithm, start);
    assert!(rate(&dual, &[0.0, 0.1]).unwrap()[0].is_finite());
    let film = [energy("thin_film", "thin-film", &[])];
    let film = solver(&options(1, "auto", 1e-3), &film, gaussian(1, 0.0, |_| 1.0));
    let error = rate(&film, &[0.0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(error.message().contains("grad rho"), "{error}");
    // Of particles no density is known.
    let x: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
    let particles = Particles::new(1, &x, None, &[1.0; 200], None).unwrap();
    let quadratic = [energy(
        "potential",
        "potential-quadratic",
        &[("a", &[1.0]), ("center", &[0.0])],
    )];
    let flow = solver(&options(1, "map", 0.01), &quadratic, Arc::new(particles));
    assert_eq!(rate(&flow, &[0.1]).unwrap_err().kind(), ErrorKind::State);
}
