//! Solvers of several ranks, here threads with a communicator, against that of one: every flow, form and
//! linear solver, and what happens when one of the ranks fails.

mod common;
mod meeting;
mod problems;

use meeting::{on_failing_ranks, on_ranks};
use movimento::communicator::Communicator;
use movimento::energy::{Batch, Density, Derivatives, Traits};
use movimento::initial::profile::{Mixture, Particles, Profile};
use movimento::options::Value;
use movimento::{Energy, Error, ErrorKind, Initial, Options, Result, Solver};
use problems::{allen_cahn, dirichlet, on_grid, relative, small};
use std::f64::consts::PI;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// What a run ends with.
#[derive(Debug)]
struct End {
    u: Vec<f64>,
    parameters: Vec<u64>,
    energies: Vec<f64>,
    figures: Vec<f64>,
}

fn end(solver: &Solver) -> End {
    let report = solver.report().unwrap();
    End {
        u: on_grid(
            solver,
            if solver.domain().dimension() > 2 {
                3
            } else {
                9
            },
        )
        .1,
        parameters: solver.parameters().iter().map(|p| p.to_bits()).collect(),
        energies: solver.energies().unwrap(),
        figures: vec![
            report.energy,
            report.movement_distance,
            report.mass,
            report.residual,
            report.boundary_flux,
            report.least_jacobian,
            report.iterations as f64,
            solver.fit_report().unwrap().relative_error,
        ],
    }
}

/// Runs on one, two and four ranks and compares.
///
/// Without a communicator sums have another order, and the fit lets their rounding grow.
#[track_caller]
fn agree(name: &str, run: impl Fn(Option<Box<dyn Communicator>>) -> Solver + Sync) {
    let alone = on_ranks(1, |_, them| end(&run(Some(them)))).swap_remove(0);
    for size in [2, 4] {
        let ends = on_ranks(size, |_, them| end(&run(Some(them))));
        for other in &ends {
            // The ranks themselves do not differ at all.
            assert_eq!(other.parameters, ends[0].parameters, "{name}");
            let error = relative(&other.u, &alone.u);
            println!("{name}, {size} ranks: {error:.1e} in u");
            assert!(error < 1e-10, "{name}, {size} ranks: {error:e}");
            let pairs = other.energies.iter().zip(&alone.energies);
            for (a, b) in pairs.chain(other.figures.iter().zip(&alone.figures)) {
                let same = (a - b).abs() <= 1e-8 * b.abs().max(1e-4) || (a.is_nan() && b.is_nan());
                assert!(same, "{name}: {:?} for {:?}", other.figures, alone.figures);
            }
        }
    }
}

/// `1 + cos(pi x_0) cos(pi x_1) / 2`, or of one variable.
fn waves(d: usize) -> impl FnMut(&[f64], &mut [f64], Option<&mut [f64]>) -> Result<()> {
    move |x, u, grad| {
        let second = |x: &[f64]| x.get(1).map_or(1.0, |y| (PI * y).cos());
        for (u, x) in u.iter_mut().zip(x.chunks(d)) {
            *u = 1.0 + 0.5 * (PI * x[0]).cos() * second(x);
        }
        if let Some(grad) = grad {
            for (g, x) in grad.chunks_mut(d).zip(x.chunks(d)) {
                g.fill(0.0);
                g[0] = -0.5 * PI * (PI * x[0]).sin() * second(x);
                if d > 1 {
                    g[1] = -0.5 * PI * (PI * x[0]).cos() * (PI * x[1]).sin();
                }
            }
        }
        Ok(())
    }
}

fn made(options: &Options, them: Option<Box<dyn Communicator>>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    if let Some(them) = them {
        solver.set_communicator(them).unwrap();
    }
    solver
}

fn start(solver: &mut Solver) -> Result<()> {
    let mut field = waves(solver.domain().dimension());
    solver.set_initial(Initial::Function {
        field: &mut field,
        has_gradient: true,
    })
}

fn with(mut options: Options, pairs: &[(&str, Value)]) -> Options {
    options.set("threads", 1).unwrap();
    for (key, value) in pairs {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn plane(pairs: &[(&str, Value)]) -> Options {
    let options = with(
        small(2, 0.0, 1.0, &[10, 10]),
        &[("tau", 0.01.into()), ("fit_accept", 0.1.into())],
    );
    with(options, pairs)
}

fn l2(options: &Options, steps: usize, them: Option<Box<dyn Communicator>>) -> Solver {
    let mut solver = made(options, them);
    solver.add_energy(&allen_cahn(0.1, 0.7)).unwrap();
    start(&mut solver).unwrap();
    for _ in 0..steps {
        solver.step().unwrap();
    }
    solver
}

#[test]
fn l2_steps_in_every_form() {
    for form in ["weak", "residual", "galerkin"] {
        let options = plane(&[("form", form.into())]);
        agree(form, |them| l2(&options, 2, them));
    }
}

#[test]
fn l2_steps_with_every_linear_solver() {
    for solver in ["krylov", "sample"] {
        let options = plane(&[
            ("linear_solver", solver.into()),
            ("hidden", vec![8].into()),
            ("nodes", 200.into()),
            ("fit_max_iterations", 10.into()),
            ("fit_accept", 1.0.into()),
            ("tolerance", 0.1.into()),
        ]);
        agree(solver, |them| l2(&options, 1, them));
    }
}

#[test]
fn movements_of_higher_order_and_adaptive_steps() {
    let second = plane(&[("movement", "second".into())]);
    agree("second", |them| l2(&second, 1, them));
    let adaptive = plane(&[("step_tolerance", 1e-4.into()), ("tau", 0.5.into())]);
    agree("adaptive", |them| {
        let mut solver = l2(&adaptive, 1, them);
        assert!(solver.report().unwrap().rejected > 0);
        let time = solver.time() + 0.01;
        solver.step_to(time).unwrap();
        assert_eq!(solver.time(), time);
        solver
    });
}

#[test]
fn adam_in_both_precisions() {
    for precision in ["double", "single"] {
        let options = plane(&[
            ("minimizer", "adam".into()),
            ("precision", precision.into()),
            ("adam_iterations", 20.into()),
            ("adam_fit_iterations", 50.into()),
            ("fit_accept", 1.0.into()),
            ("form", "weak".into()),
            ("tau", 1.0.into()),
        ]);
        agree(precision, |them| {
            let mut solver = made(&options, them);
            solver.add_energy(&dirichlet(0.1)).unwrap();
            start(&mut solver).unwrap();
            solver.step().unwrap();
            solver
        });
    }
}

#[test]
fn random_nodes_and_random_directions_of_the_fit_in_four_dimensions() {
    let options = with(
        small(4, 0.0, 1.0, &[8, 8]),
        &[
            ("tau", 0.01.into()),
            ("fit_accept", 0.5.into()),
            ("fit_max_iterations", 20.into()),
        ],
    );
    agree("4-d", |them| l2(&options, 1, them));
}

#[test]
fn fewer_blocks_of_nodes_than_ranks() {
    let options = with(
        small(1, 0.0, 1.0, &[6]),
        &[
            ("nodes", 40.into()),
            ("check_nodes", 20.into()),
            ("fit_accept", 0.1.into()),
        ],
    );
    for form in ["weak", "residual"] {
        let options = with(options.clone(), &[("form", form.into())]);
        agree(form, |them| l2(&options, 1, them));
    }
}

#[test]
fn balls_and_cut_boxes() {
    for domain in ["ball", "box"] {
        let options = plane(&[("domain", domain.into()), ("hidden", vec![8].into())]);
        agree(domain, |them| {
            let mut solver = made(&options, them);
            if domain == "box" {
                let inside = |x: &[f64], inside: &mut [bool]| {
                    let pairs = inside.iter_mut().zip(x.chunks(2));
                    pairs.for_each(|(inside, x)| *inside = x[0] + x[1] < 1.5);
                    Ok(())
                };
                solver.set_inside(Arc::new(inside)).unwrap();
            }
            solver.add_energy(&dirichlet(0.1)).unwrap();
            start(&mut solver).unwrap();
            solver.step().unwrap();
            solver
        });
    }
}

/// Midpoints of the cells of a grid of the unit square: each rank has the columns that are its own.
fn cells(per_axis: usize, rank: usize, size: usize) -> (Vec<f64>, Vec<f64>) {
    let h = 1.0 / per_axis as f64;
    let mut x = Vec::new();
    for i in rank * per_axis / size..(rank + 1) * per_axis / size {
        for j in 0..per_axis {
            x.extend([(i as f64 + 0.5) * h, (j as f64 + 0.5) * h]);
        }
    }
    let w = vec![h * h; x.len() / 2];
    (x, w)
}

#[test]
fn nodes_boundaries_and_values_of_each_ranks_own() {
    let options = plane(&[("hidden", vec![8].into())]);
    agree("host", |them| {
        let mut solver = made(&options, them);
        let (rank, size) = (solver.ranks().rank(), solver.ranks().size());
        let (x, w) = cells(64, rank, size);
        let (x_check, w_check) = cells(40, rank, size);
        solver
            .set_nodes(&x, &w, Some((&x_check, &w_check)))
            .unwrap();
        // The left and the right side; other ranks than the first and the last have no part of them.
        let points = |rank: usize| match rank {
            _ if size == 1 => vec![0.0, 1.0],
            0 => vec![0.0],
            last if last == size - 1 => vec![1.0],
            _ => Vec::new(),
        };
        let sides = points(rank)
            .into_iter()
            .flat_map(|side: f64| (0..10).map(move |j| (side, (f64::from(j) + 0.5) / 10.0)));
        let sides: Vec<(f64, f64)> = sides.collect();
        let x_side: Vec<f64> = sides.iter().flat_map(|(x, y)| [*x, *y]).collect();
        let normals: Vec<f64> = sides
            .iter()
            .flat_map(|(x, _)| [2.0 * x - 1.0, 0.0])
            .collect();
        solver
            .set_boundary(&x_side, &normals, &vec![0.1; sides.len()])
            .unwrap();
        assert!((solver.domain().volume() - 1.0).abs() < 1e-12);
        solver.add_energy(&dirichlet(0.1)).unwrap();
        let mut u = vec![0.0; w.len()];
        let mut grad = vec![0.0; x.len()];
        waves(2)(&x, &mut u, Some(&mut grad)).unwrap();
        let grad = Some(grad.as_slice());
        solver
            .set_initial(Initial::Values { x: &x, u: &u, grad })
            .unwrap();
        solver.step().unwrap();
        assert!(solver.report().unwrap().boundary_flux.is_finite());
        solver
    });
}

fn normal(d: usize) -> Arc<dyn Profile> {
    let identity: Vec<f64> = (0..d * d)
        .map(|k| 0.3 * f64::from(u8::from(k % (d + 1) == 0)))
        .collect();
    Arc::new(Mixture::new(d, &[1.0], &vec![0.5; d], &identity).unwrap())
}

fn plugin(plugin: &str, id: &str, parameters: &[(&str, &[f64])]) -> Energy {
    let mut energy = Energy::from_file(&common::plugin(plugin), Some(id)).unwrap();
    for (name, values) in parameters {
        energy.set(name, values).unwrap();
    }
    energy
}

fn in_space(d: i64, pairs: &[(&str, Value)]) -> Options {
    let options = with(
        small(d, -4.0, 4.0, &[8, 8]),
        &[
            ("flow", "wasserstein".into()),
            ("domain", "space".into()),
            ("tau", 0.05.into()),
        ],
    );
    with(options, pairs)
}

fn diffusion_and_attraction() -> Vec<Energy> {
    vec![
        plugin("internal", "entropy", &[]),
        plugin("interaction", "interaction-quadratic", &[]),
    ]
}

#[test]
fn maps_with_interactions_in_both_forms() {
    for (form, nodes) in [("galerkin", 400), ("weak", 900)] {
        for quadrature in ["gauss", "sobol"] {
            let options = in_space(
                2,
                &[
                    ("form", form.into()),
                    ("nodes", nodes.into()),
                    ("quadrature", quadrature.into()),
                    ("hidden", vec![6].into()),
                    ("tau", 0.01.into()),
                ],
            );
            agree(&format!("{form}, {quadrature}"), |them| {
                let mut solver = made(&options, them);
                for energy in diffusion_and_attraction() {
                    solver.add_energy(&energy).unwrap();
                }
                solver.set_initial(Initial::Density(normal(2))).unwrap();
                solver.step().unwrap();
                solver
            });
        }
    }
}

#[test]
fn maps_that_are_relabelled_and_looked_up() {
    let options = in_space(1, &[("relabel", 1.02.into()), ("tau", 0.1.into())]);
    agree("relabelled", |them| {
        let mut solver = made(&options, them);
        solver
            .add_energy(&plugin("internal", "power", &[]))
            .unwrap();
        solver.set_initial(Initial::Density(normal(1))).unwrap();
        solver.step().unwrap();
        let (mean, _) = solver.moments().unwrap();
        assert!((mean[0] - 0.5).abs() < 1e-3, "{mean:?}");
        solver.step().unwrap();
        solver
    });
}

/// Particles have no score, and their density is known nowhere else: compared is where they go.
#[test]
fn particles() {
    let options = in_space(2, &[("form", "weak".into()), ("hidden", vec![6].into())]);
    let x: Vec<f64> = (0..300)
        .map(|k| (1.7 * f64::from(k)).sin() + 0.1 * f64::from(k % 7))
        .collect();
    let rho = vec![0.3; 150];
    let run = |them: Option<Box<dyn Communicator>>| {
        let mut solver = made(&options, them);
        solver
            .add_energy(&plugin("interaction", "interaction-quadratic", &[]))
            .unwrap();
        let particles = Particles::new(2, &x, None, &rho, None).unwrap();
        solver
            .set_initial(Initial::Density(Arc::new(particles)))
            .unwrap();
        solver.step().unwrap();
        assert!(solver.report().unwrap().residual.is_nan());
        let mut y = vec![0.0; x.len()];
        solver.push_forward(&x, &mut y).unwrap();
        y
    };
    let alone = run(None);
    for y in on_ranks(4, |_, them| run(Some(them))) {
        let error = relative(&y, &alone);
        assert!(error < 1e-10, "{error:e}");
    }
}

/// `u^2/2`, until it fails on its rank after so many calls.
struct Failing {
    calls: std::sync::atomic::AtomicU64,
    last: u64,
    kind: ErrorKind,
}

impl Density for Failing {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        if self
            .calls
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            >= self.last
        {
            return Err(Error::new(self.kind, "the table ends here"));
        }
        let square = |f: &mut [f64]| {
            f.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = 0.5 * u * u)
        };
        if let Some(f) = &mut wanted.f {
            square(f);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.copy_from_slice(batch.u);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.fill(1.0);
        }
        let zeros = [
            &mut wanted.f_p,
            &mut wanted.f_x,
            &mut wanted.f_up,
            &mut wanted.f_pp,
        ];
        zeros.into_iter().flatten().for_each(|zero| zero.fill(0.0));
        Ok(())
    }
}

/// What each rank gets if the energy fails on rank 1 in its call of this number.
fn failing_at(last: u64, kind: ErrorKind, size: usize) -> Vec<(Result<()>, Vec<f64>, Vec<f64>)> {
    let options = plane(&[("hidden", vec![6].into())]);
    on_ranks(size, |rank, them| {
        let mut solver = made(&options, Some(them));
        let failing = Failing {
            calls: 0.into(),
            last: if rank == 1 { last } else { u64::MAX },
            kind,
        };
        let energy = Energy::from_density("fails", Arc::new(failing));
        solver.add_energy(&energy).unwrap();
        start(&mut solver).unwrap();
        let before = solver.parameters().to_vec();
        let outcome = solver.step_to(0.03);
        (outcome, before, solver.parameters().to_vec())
    })
}

#[test]
fn an_energy_that_fails_on_one_rank_fails_on_all() {
    // Wherever in a step it is.
    for last in [0, 1, 2, 3, 5, 8, 13] {
        for size in [2, 3] {
            let ends = failing_at(last, ErrorKind::Callback, size);
            for (outcome, _, parameters) in &ends {
                let error = outcome.as_ref().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Callback);
                let message = error.message();
                assert!(message.starts_with("rank 1: "), "{message}");
                assert!(message.contains("the table ends here"), "{message}");
                assert_eq!(parameters, &ends[0].2);
            }
            if last == 0 {
                assert!(ends.iter().all(|(_, before, after)| before == after));
            }
        }
    }
}

#[test]
fn recoverable_failures_are_recovered_from_together() {
    // A step without another try ends with the status, and the state as it was.
    for (outcome, before, after) in failing_at(0, ErrorKind::TryAgain, 2) {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::TryAgain);
        assert_eq!(before, after);
    }
    // With adaptive steps it is tried again shorter, on both ranks.
    let options = plane(&[("hidden", vec![6].into()), ("step_tolerance", 1e-2.into())]);
    let run = |failing_on: usize| {
        on_ranks(2, |rank, them| {
            let mut solver = made(&options, Some(them));
            let failing = Refusing(std::sync::Mutex::new((rank == failing_on).then_some(0)));
            solver
                .add_energy(&Energy::from_density("refuses", Arc::new(failing)))
                .unwrap();
            start(&mut solver).unwrap();
            solver.step().unwrap();
            let report = solver.report().unwrap();
            (report.rejected, report.tau, solver.parameters().to_vec())
        })
    };
    let ends = run(1);
    assert_eq!(ends[0], ends[1]);
    assert!(ends[0].0 > 0, "{}", ends[0].0);
    assert_eq!(run(2)[0].0, 0);
}

/// `u^2/2` that asks for another try once, in its call of this number.
struct Refusing(std::sync::Mutex<Option<u64>>);

impl Density for Refusing {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let mut left = self.0.lock().unwrap();
        let now = *left == Some(0);
        *left = left.and_then(|n| n.checked_sub(1));
        drop(left);
        if now {
            return Err(Error::new(ErrorKind::TryAgain, "not now"));
        }
        let failing = Failing {
            calls: 0.into(),
            last: u64::MAX,
            kind: ErrorKind::TryAgain,
        };
        failing.evaluate(batch, wanted)
    }
}

#[test]
fn a_rank_that_cancels_ends_the_call_of_all() {
    let options = plane(&[("hidden", vec![6].into())]);
    for fitting in [true, false] {
        let ends = on_ranks(3, |rank, them| {
            let mut solver = made(&options, Some(them));
            solver.add_energy(&dirichlet(0.1)).unwrap();
            if rank == 2 {
                solver.set_observer(Some(Box::new(move |progress| {
                    match progress.fitting == fitting && progress.iteration == 0 {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                })));
            }
            let first = start(&mut solver).and_then(|()| solver.step());
            // The ranks are where they were, and can go on together.
            solver.set_observer(None);
            let second = start(&mut solver).and_then(|()| solver.step());
            (first, second, solver.parameters().to_vec())
        });
        for (first, second, parameters) in &ends {
            let error = first.as_ref().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            assert!(error.message().starts_with("rank 2: "), "{error}");
            second.as_ref().unwrap();
            assert_eq!(parameters, &ends[0].2);
        }
    }
}

#[test]
fn ranks_with_unlike_problems_are_refused_by_name() {
    let refused = |part: &str,
                   set_up: &(dyn Fn(usize, &mut Solver) -> Result<()> + Sync),
                   options: &(dyn Fn(usize) -> Options + Sync)| {
        for end in on_ranks(2, |rank, them| {
            set_up(rank, &mut made(&options(rank), Some(them)))
        }) {
            let error = end.unwrap_err();
            println!("{error}");
            assert!(error.message().starts_with("rank 1: "), "{error}");
            assert!(
                error.message().contains(part),
                "`{part}` is not in: {error}"
            );
        }
    };
    let alike = |_| plane(&[]);
    refused(
        "option `seed` is Integer(3), and Integer(1) on rank 0",
        &|_, solver| start(solver),
        &|rank| plane(&[("seed", (1 + 2 * rank as i64).into())]),
    );
    refused(
        "energy `1` is absent",
        &|rank, solver| {
            solver.add_energy(&dirichlet(0.1))?;
            if rank == 0 {
                solver.add_energy(&allen_cahn(0.1, 0.7))?;
            }
            start(solver)
        },
        &alike,
    );
    refused(
        "internal",
        &|rank, solver| {
            let m = [2.0 + rank as f64];
            solver
                .add_energy(&plugin("internal", "power", &[("m", &m)]))
                .map_err(|e| e.context("internal"))?;
            start(solver).map_err(|e| Error::new(e.kind(), format!("{} (internal)", e.message())))
        },
        &alike,
    );
    refused(
        "`initial condition` is the closed form",
        &|rank, solver| match rank {
            0 => start(solver),
            _ => solver.set_initial(Initial::Named("heat-2d")),
        },
        &alike,
    );
    refused(
        "`time` is 0.2, and 0.1 on rank 0",
        &|rank, solver| {
            solver.add_energy(&dirichlet(0.1))?;
            start(solver)?;
            solver.step_to(0.1 * (rank + 1) as f64)
        },
        &alike,
    );
    refused(
        "`tau` is 0.02",
        &|rank, solver| {
            solver.add_energy(&dirichlet(0.1))?;
            start(solver)?;
            solver.set_tau(0.01 * (rank + 1) as f64)?;
            solver.step()
        },
        &alike,
    );
    // Threads may differ.
    for end in on_ranks(2, |rank, them| {
        let options = plane(&[("threads", (1 + rank as i64).into())]);
        start(&mut made(&options, Some(them)))
    }) {
        end.unwrap();
    }
}

#[test]
fn ranks_in_unlike_calls_are_told_so() {
    let ends = on_ranks(2, |rank, them| {
        let mut solver = made(&plane(&[]), Some(them));
        solver.add_energy(&dirichlet(0.1)).unwrap();
        start(&mut solver).unwrap();
        let outcome = match rank {
            0 => solver.step(),
            _ => solver.energies().map(drop),
        };
        (
            outcome,
            solver.steps(),
            solver.step().map(|()| solver.steps()),
        )
    });
    for (outcome, steps, next) in ends {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::State);
        assert!(error.message().contains("not at the same place"), "{error}");
        assert_eq!((steps, next.unwrap()), (0, 1));
    }
}

#[test]
fn a_bad_argument_on_one_rank_is_that_of_all() {
    for end in on_ranks(2, |rank, them| {
        let mut solver = made(&plane(&[("hidden", vec![8].into())]), Some(them));
        let (mut x, w) = cells(24, rank, 2);
        if rank == 1 {
            x[7] = f64::NAN;
        }
        let nodes = solver.set_nodes(&x, &w, None);
        (nodes, solver.set_boundary(&[], &[], &[]))
    }) {
        let error = end.0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(
            error
                .message()
                .contains("rank 1: `x` has NaN on axis 1 of node 3"),
            "{error}"
        );
        let error = end.1.unwrap_err();
        assert!(error.message().contains("`w` is empty"), "{error}");
    }
}

#[test]
fn a_communicator_that_fails_on_one_rank_ends_the_call_of_all() {
    let options = plane(&[("hidden", vec![6].into())]);
    let run = |fails_at: u64| {
        let on = move |rank| if rank == 1 { fails_at } else { u64::MAX };
        on_failing_ranks(2, on, |_, them| {
            let mut solver = Solver::new(&options)?;
            solver.set_communicator(them)?;
            solver.add_energy(&dirichlet(0.1))?;
            start(&mut solver)?;
            (0..3).try_for_each(|_| solver.step())?;
            // A failure of the last operation is known with the next call.
            solver.energies().map(drop)?;
            solver.energies().map(drop)
        })
    };
    for end in run(u64::MAX) {
        end.unwrap();
    }
    for fails_at in (0..60).chain((60..600).step_by(45)) {
        for end in run(fails_at) {
            let error = end.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Callback, "{fails_at}: {error}");
            let wanted = format!("number {fails_at} is lost");
            assert!(error.message().contains(&wanted), "{fails_at}: {error}");
        }
    }
}

/// Functions that do not do what they should.
struct Broken(&'static str);

impl Communicator for Broken {
    fn rank(&self) -> usize {
        usize::from(self.0 == "rank") * 5
    }

    fn size(&self) -> usize {
        2
    }

    fn sum(&self, values: &mut [f64]) -> Result<()> {
        if self.0 != "sum" {
            values.iter_mut().for_each(|v| *v *= 2.0);
            values[0] = 1.0;
        }
        Ok(())
    }

    fn max(&self, _: &mut [f64]) -> Result<()> {
        Ok(())
    }

    fn broadcast(&self, _: &mut [f64]) -> Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_no_communicator_and_what_comes_late_is_refused() {
    for (how, part) in [
        ("rank", "`rank` is 5"),
        ("sum", "`sum` of the ranks"),
        ("max", "`max` of"),
    ] {
        let mut solver = Solver::new(&plane(&[])).unwrap();
        let error = solver.set_communicator(Box::new(Broken(how))).unwrap_err();
        assert!(error.message().contains(part), "{error}");
    }
    let refused =
        |act: &(dyn Fn(&mut Solver) -> Result<()> + Sync), options: &Options, part: &str| {
            for end in on_ranks(2, |_, them| {
                let mut solver = Solver::new(options).unwrap();
                act(&mut solver).unwrap();
                solver.set_communicator(them)
            }) {
                let error = end.unwrap_err();
                assert!(error.message().contains(part), "{error}");
            }
        };
    refused(&start, &plane(&[]), "after the initial condition");
    refused(
        &|solver| {
            let (x, w) = cells(24, 0, 1);
            solver.set_nodes(&x, &w, None)
        },
        &plane(&[("hidden", vec![8].into())]),
        "after the nodes",
    );
    let paper = with(
        small(1, -4.0, 4.0, &[8]),
        &[
            ("flow", "wasserstein".into()),
            ("transport", "w2gn".into()),
            ("minimizer", "adam".into()),
        ],
    );
    refused(&|_| Ok(()), &paper, "with a communicator accepted is map");
}

#[test]
fn one_rank_writes_the_snapshot_and_all_know_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &Path| {
        on_ranks(2, |_, them| {
            let solver = l2(&plane(&[("hidden", vec![6].into())]), 1, Some(them));
            movimento::snapshot::write(&solver, path)
        })
    };
    for number in 0..2 {
        let numbers = write(folder.path());
        assert_eq!(numbers, [Ok(number), Ok(number)]);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    let blocked = folder.path().join("snap_000000.h5");
    for outcome in write(&blocked) {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::File);
    }
}
