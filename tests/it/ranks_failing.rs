//! What happens when one of several ranks, here threads with a communicator, fails, or is not like the others.

use crate::support::common::energy;
use crate::support::problems::{allen_cahn, dirichlet, small};
use crate::support::rank_runs::*;
use crate::support::thread_communicator::{on_failing_ranks, on_ranks};
use movimento::communicator::Communicator;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Error, ErrorKind, Initial, Options, Result, Solver};
use std::ops::ControlFlow;
use std::sync::Arc;

/// `u^2/2`, until it fails on its rank after so many calls.
struct Failing {
    calls: std::sync::atomic::AtomicU64,
    last: u64,
    kind: ErrorKind,
}

impl EnergyDensity for Failing {
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
                .for_each(|(f, u)| *f = 0.5 * u * u);
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

impl EnergyDensity for Refusing {
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
                .add_energy(&energy("internal", "power", &[("m", &m)]))
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
    refused(
        "option `tolerance` is Real(0.02), and Real(0.01) on rank 0",
        &|rank, solver| {
            solver.add_energy(&dirichlet(0.1))?;
            start(solver)?;
            let mut options = plane(&[]);
            options.set("tolerance", 0.01 * (rank + 1) as f64)?;
            solver.set_options(&options)
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
