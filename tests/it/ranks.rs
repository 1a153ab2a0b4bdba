//! Solvers of several ranks, here threads with a communicator, against that of one: every flow, form and
//! linear solver.

use crate::support::common::energy;
use crate::support::problems::{dirichlet, on_grid, relative, small, start_from};
use crate::support::rank_runs::*;
use crate::support::thread_communicator::on_ranks;
use movimento::communicator::Communicator;
use movimento::domain::BoundaryValue;
use movimento::initial::profile::{Mixture, Particles, Profile};
use movimento::options::Value;
use movimento::{
    Ended, Energy, ErrorKind, Event, HandOver, Initial, NewField, Options, Solver, Until,
};
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
    let (alone, others) = agree_in_u(name, run);
    for other in others {
        let pairs = other.energies.iter().zip(&alone.energies);
        for (a, b) in pairs.chain(other.figures.iter().zip(&alone.figures)) {
            let same = (a - b).abs() <= 1e-8 * b.abs().max(1e-4) || (a.is_nan() && b.is_nan());
            assert!(same, "{name}: {:?} for {:?}", other.figures, alone.figures);
        }
    }
}

/// The same of the solutions alone; what one rank and what the others came to.
#[track_caller]
fn agree_in_u(
    name: &str,
    run: impl Fn(Option<Box<dyn Communicator>>) -> Solver + Sync,
) -> (End, Vec<End>) {
    let alone = on_ranks(1, |_, them| end(&run(Some(them)))).swap_remove(0);
    let mut all = Vec::new();
    for size in [2, 4] {
        let ends = on_ranks(size, |_, them| end(&run(Some(them))));
        for other in &ends {
            // The ranks themselves do not differ at all.
            assert_eq!(other.parameters, ends[0].parameters, "{name}");
            let error = relative(&other.u, &alone.u);
            println!("{name}, {size} ranks: {error:.1e} in u");
            assert!(error < 1e-10, "{name}, {size} ranks: {error:e}");
        }
        all.extend(ends);
    }
    (alone, all)
}

#[test]
fn hand_overs_states_and_runs_that_end_by_themselves() {
    for training in ["outputs", "all"] {
        agree(&format!("hand-over with `training` = {training}"), |them| {
            let options = [("dimension", 1.into()), ("tau", 0.02.into())];
            let mut options = with(Options::new(), &options);
            options.set("hidden", vec![8]).unwrap();
            options.set("training", training).unwrap();
            let mut solver = made(&options, them);
            solver.add_energy(&dirichlet(0.2)).unwrap();
            start(&mut solver).unwrap();
            solver.step().unwrap();
            let mut third = |x: &[f64], u: &[f64], out: &mut [f64]| {
                let nodes = x.iter().zip(u).zip(out);
                nodes.for_each(|((x, u), out)| *out = (x - u) / 3.0);
                Ok(())
            };
            solver
                .hand_over(HandOver {
                    is_increment: true,
                    field: NewField::Function(&mut third),
                })
                .unwrap();
            let saved = solver.save_state().unwrap();
            solver.step_by(0.01).unwrap();
            solver.restore_state(&saved).unwrap();
            let begun = solver.report().unwrap().energy;
            let mut function = |_: f64, energy: f64, _: &[f64]| Ok(energy - 0.05 * begun);
            let event = Some(Event {
                x: &[],
                function: &mut function,
            });
            let ended = solver.run(Until {
                event,
                time: 2.0,
                ..Until::default()
            });
            assert_eq!(ended.unwrap(), Ended::Event);
            solver
        });
    }
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

/// Their nodes are in other lanes on other numbers of ranks: the bits differ, not the solution.
#[test]
fn walls_on_which_multipliers_hold_u() {
    for kind in ["cut", "host"] {
        let options = plane(&[
            ("hidden", vec![60].into()),
            ("training", "outputs".into()),
            ("tau", 0.02.into()),
        ]);
        let run = |them: Box<dyn Communicator>| {
            let mut solver = made(&options, Some(them));
            let (rank, size) = (solver.ranks().rank(), solver.ranks().size());
            if kind == "cut" {
                let inside = |x: &[f64], inside: &mut [bool]| {
                    let pairs = inside.iter_mut().zip(x.chunks(2));
                    pairs.for_each(|(inside, x)| *inside = x[0] + x[1] < 1.5);
                    Ok(())
                };
                solver.set_inside(Arc::new(inside)).unwrap();
            } else {
                let ((x, w), (x_check, w_check)) = (cells(64, rank, size), cells(40, rank, size));
                let check = Some((x_check.as_slice(), w_check.as_slice()));
                solver.set_nodes(&x, &w, check).unwrap();
                // The lower side, of which the last rank has all.
                let n = if rank + 1 == size { 40 } else { 0 };
                let x = (0..n).flat_map(|j| [(f64::from(j) + 0.5) / 40.0, 0.0]);
                let normals = (0..n).flat_map(|_| [0.0, -1.0]);
                let w = vec![0.025; n as usize];
                let (x, normals): (Vec<f64>, Vec<f64>) = (x.collect(), normals.collect());
                solver.set_boundary(&x, &normals, &w).unwrap();
            }
            solver.add_energy(&dirichlet(0.1)).unwrap();
            let value = |t: f64, x: &[f64], g: &mut [f64]| {
                let points = x.chunks_exact(2).zip(g);
                points.for_each(|(x, g)| *g = x[0] + t * x[1]);
                Ok(())
            };
            let value = BoundaryValue::Function(Arc::new(value));
            solver.set_dirichlet(None, &value).unwrap();
            start(&mut solver).unwrap();
            for _ in 0..3 {
                solver.step().unwrap();
            }
            solver
        };
        let alone = on_ranks(1, |_, them| end(&run(them))).swap_remove(0);
        for size in [2, 4] {
            let ends = on_ranks(size, |_, them| end(&run(them)));
            for other in &ends {
                assert_eq!(other.parameters, ends[0].parameters, "{kind}");
                // Of the grid a part is not in the cut box, where rounding grows.
                let error = relative(&other.u, &alone.u);
                let energy = relative(&other.energies, &alone.energies);
                println!("{kind}, {size} ranks: {error:.1e} in u, {energy:.1e} in the energy");
                assert!(error < 1e-3, "{kind}, {size} ranks: {error:e}");
                assert!(energy < 1e-6, "{kind}, {size} ranks: {energy:e}");
            }
        }
    }
}

fn normal(d: usize) -> Arc<dyn Profile> {
    let identity: Vec<f64> = (0..d * d)
        .map(|k| 0.3 * f64::from(u8::from(k % (d + 1) == 0)))
        .collect();
    Arc::new(Mixture::new(d, &[1.0], &vec![0.5; d], &identity).unwrap())
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
        energy("internal", "entropy", &[]),
        energy("interaction", "interaction-quadratic", &[]),
    ]
}

fn attracted(form: &str, nodes: i64, quadrature: &str) -> Options {
    in_space(
        2,
        &[
            ("form", form.into()),
            ("nodes", nodes.into()),
            ("quadrature", quadrature.into()),
            ("hidden", vec![6].into()),
            ("tau", 0.01.into()),
        ],
    )
}

fn attract(options: &Options, them: Option<Box<dyn Communicator>>) -> Solver {
    let mut solver = made(options, them);
    for energy in diffusion_and_attraction() {
        solver.add_energy(&energy).unwrap();
    }
    solver.set_initial(Initial::Density(normal(2))).unwrap();
    solver.step().unwrap();
    solver
}

#[test]
fn maps_with_interactions_in_both_forms() {
    for (form, nodes) in [("galerkin", 400), ("weak", 900)] {
        for quadrature in ["gauss", "sobol"] {
            let options = attracted(form, nodes, quadrature);
            agree(&format!("{form}, {quadrature}"), |them| {
                attract(&options, them)
            });
        }
    }
}

/// Their report's residual, which is 1e-5 of the velocity, has the rounding of terms of that size.
#[test]
fn maps_with_interactions_by_least_squares() {
    for quadrature in ["gauss", "sobol"] {
        let options = attracted("residual", 400, quadrature);
        agree_in_u(&format!("residual, {quadrature}"), |them| {
            attract(&options, them)
        });
    }
}

#[test]
fn maps_that_are_relabelled_and_looked_up() {
    let options = in_space(
        1,
        &[
            ("form", "galerkin".into()),
            ("relabel", 1.02.into()),
            ("tau", 0.1.into()),
        ],
    );
    agree("relabelled", |them| {
        let mut solver = made(&options, them);
        solver
            .add_energy(&energy("internal", "power", &[]))
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
            .add_energy(&energy("interaction", "interaction-quadratic", &[]))
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

#[test]
fn conditions_on_the_boundary() {
    let mut options = small(2, -1.0, 1.0, &[60]);
    options.set("training", "outputs").unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", 0.02).unwrap();
    options.set("fit_accept", 0.1).unwrap();
    let wall = |t: f64, x: &[f64], g: &mut [f64]| {
        let points = x.chunks_exact(2).zip(g);
        points.for_each(|(x, g)| *g = 0.5 * x[1] * (1.0 + t));
        Ok(())
    };
    agree("sides", |them| {
        let mut solver = Solver::new(&options).unwrap();
        if let Some(them) = them {
            solver.set_communicator(them).unwrap();
        }
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let wall = BoundaryValue::Function(Arc::new(wall));
        solver.set_dirichlet(Some(0), &wall).unwrap();
        let robin = energy("internal", "quadratic", &[("kappa", &[1.0])]);
        solver.add_boundary_energy(&robin, Some(1)).unwrap();
        start_from(&mut solver, |x| 0.5 * x[1]);
        solver.step_to(0.04).unwrap();
        solver
    });
}
