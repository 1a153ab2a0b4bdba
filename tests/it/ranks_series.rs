//! Series and restarts of several ranks, here threads with a communicator: the same bits as a run that did not stop,
//! on the number of ranks that it had or another, and what goes wrong on one goes wrong on all.

use crate::support::common::energy;
use crate::support::problems::{dirichlet, on_grid, relative, small};
use crate::support::rank_runs::*;
use crate::support::restart_helpers::{Bits, bits};
use crate::support::thread_communicator::{on_failing_ranks, on_ranks};
use movimento::communicator::Communicator;
use movimento::initial::profile::Mixture;
use movimento::snapshot::{Writer, restore, write};
use movimento::{ErrorKind, Initial, Options, Result, Solver};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

type Them = Option<Box<dyn Communicator>>;

/// How far the runs go, and where they are stopped.
const STEPS: u64 = 4;
const STOP: u64 = 2;

/// The same bits, all of them on the same number of ranks; on another what is measured on independent nodes is the same
/// but for rounding.
#[track_caller]
fn same(one: &Bits, other: &Bits, is_all: bool, name: &str) {
    if is_all {
        assert_eq!(one, other, "{name}");
    }
    if name.starts_with("map") {
        // Those of maps are sums in another order.
        let [one, other] = [one, other].map(|it| it.of_the_state().0);
        let numbers = |of: &[u64]| of.iter().map(|v| f64::from_bits(*v)).collect::<Vec<_>>();
        let error = relative(&numbers(one), &numbers(other));
        println!("{name}: {error:.1e}");
        assert!(error < 1e-8, "{name}: {error:e}");
        return;
    }
    let [one, other] = [one, other].map(Bits::of_the_state);
    assert_eq!(one, other, "{name}");
}

/// Steps up to a number with a snapshot of each, gone on from what is in the folder.
fn series(solver: &mut Solver, folder: &Path, last: u64) -> Result<()> {
    let mut writer = Writer::new(solver, folder, None)?;
    assert_eq!(writer.write(solver)?, solver.steps());
    while solver.steps() < last {
        solver.step()?;
        assert_eq!(writer.write(solver)?, solver.steps());
        assert_eq!(writer.len() as u64, solver.steps() + 1);
    }
    writer.close()
}

/// A run on some ranks goes on, on the same and on other numbers of them, to the bits of a run that did not stop.
#[track_caller]
fn goes_on(
    name: &str,
    first: &[usize],
    then: &[usize],
    fresh: impl Fn(Them, bool) -> Solver + Sync,
) {
    let mut reached = Vec::new();
    for size in first {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let ends = on_ranks(*size, |_, them| {
            let mut solver = fresh(Some(them), true);
            series(&mut solver, path, STOP).unwrap();
            (STOP..STEPS).for_each(|_| solver.step().unwrap());
            bits(&solver)
        });
        for next in then {
            let copy = tempfile::tempdir().unwrap();
            for entry in fs::read_dir(path).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
            let others = on_ranks(*next, |_, them| {
                let mut solver = fresh(Some(them), false);
                let number = restore(&mut solver, copy.path()).unwrap();
                assert_eq!((number, solver.steps()), (Some(STOP), STOP));
                series(&mut solver, copy.path(), STEPS).unwrap();
                bits(&solver)
            });
            for other in others {
                same(
                    &other,
                    &ends[0],
                    size == next,
                    &format!("{name}: {size} ranks, then {next}"),
                );
            }
            let file = hdf5::File::open(copy.path().join("run.vtkhdf")).unwrap();
            assert_eq!(file.dataset("t").unwrap().shape(), [STEPS as usize + 1]);
        }
        reached.push(ends.into_iter().next().unwrap());
    }
    // Whatever number of ranks divides eight.
    if first.iter().all(|size| 8 % size == 0) {
        for bits in &reached {
            same(bits, &reached[0], false, name);
        }
    }
}

fn heat(options: &Options, them: Them, is_first: bool) -> Solver {
    let mut solver = made(options, them);
    solver.add_energy(&dirichlet(0.1)).unwrap();
    if is_first {
        start(&mut solver).unwrap();
    }
    solver
}

fn quick() -> Options {
    let options = [
        ("snapshot_resolution", 5.into()),
        ("hidden", vec![8].into()),
    ];
    let mut options = plane(&options);
    options.set("snapshot_existing", "continue").unwrap();
    options
}

#[test]
fn runs_of_one_two_four_and_eight_ranks_go_on_from_each_other() {
    for training in ["outputs", "all"] {
        let mut options = quick();
        options.set("training", training).unwrap();
        if training == "outputs" {
            options.set("hidden", vec![150]).unwrap();
        }
        goes_on(training, &[1, 2, 4, 8], &[1, 2, 4, 8], |them, first| {
            heat(&options, them, first)
        });
    }
}

#[test]
fn runs_of_three_ranks_go_on_on_three() {
    let options = quick();
    goes_on("three", &[3], &[3], |them, first| {
        heat(&options, them, first)
    });
    let folder = tempfile::tempdir().unwrap();
    on_ranks(3, |_, them| {
        let solver = heat(&options, Some(them), true);
        write(&solver, folder.path()).unwrap();
    });
    for size in [1, 2] {
        for error in on_ranks(size, |_, them| {
            let mut solver = heat(&options, Some(them), false);
            restore(&mut solver, folder.path()).unwrap_err()
        }) {
            assert_eq!(error.kind(), ErrorKind::State);
            assert!(
                error.message().contains("is of 3 ranks, and the solver of"),
                "{error}"
            );
        }
    }
    let mut alone = heat(&options, None, false);
    let error = restore(&mut alone, folder.path()).unwrap_err();
    assert!(
        error
            .message()
            .contains("one process without a communicator"),
        "{error}"
    );
}

#[test]
fn second_order_and_random_nodes() {
    let mut second = quick();
    second.set("movement", "second").unwrap();
    goes_on("second", &[2], &[2, 4], |them, first| {
        heat(&second, them, first)
    });
    let options = small(4, 0.0, 1.0, &[8, 8]);
    let pairs = [
        ("tau", 0.01.into()),
        ("fit_accept", 0.5.into()),
        ("snapshot_resolution", 3.into()),
        ("snapshot_existing", "continue".into()),
    ];
    let options = with(options, &pairs);
    goes_on("4-d", &[2], &[2, 4], |them, first| {
        heat(&options, them, first)
    });
}

/// A mesh of which each rank has some columns, and a side of it.
fn on_mesh(
    options: &Options,
    (per_axis, split): (usize, bool),
    them: Them,
    first: bool,
) -> Result<Solver> {
    let mut solver = made(options, them);
    let (rank, size) = (solver.ranks().rank(), solver.ranks().size());
    let (x, w) = cells(per_axis, rank, size);
    let (x_check, w_check) = cells(40, rank, size);
    // Without nodes to check on some of these are held out, rank by rank.
    let check = (!split).then_some((&x_check[..], &w_check[..]));
    solver.set_nodes(&x, &w, check)?;
    let mut side: Vec<f64> = Vec::new();
    for j in rank * 12 / size..(rank + 1) * 12 / size {
        side.extend([0.0, (j as f64 + 0.5) / 12.0]);
    }
    let n = side.len() / 2;
    solver.set_boundary(&side, &[-1.0, 0.0].repeat(n), &vec![1.0 / 12.0; n])?;
    solver.add_energy(&dirichlet(0.1))?;
    if first {
        start(&mut solver)?;
    }
    Ok(solver)
}

#[test]
fn nodes_of_the_hosts_mesh_on_each_rank() {
    let options = quick();
    goes_on("mesh", &[2], &[2], |them, first| {
        on_mesh(&options, (64, false), them, first).unwrap()
    });
    goes_on("held out", &[2], &[2], |them, first| {
        on_mesh(&options, (64, true), them, first).unwrap()
    });
    let folder = tempfile::tempdir().unwrap();
    on_ranks(2, |_, them| {
        let solver = on_mesh(&options, (64, false), Some(them), true).unwrap();
        write(&solver, folder.path()).unwrap();
    });
    // Split in another way it is the same mesh; another one is not.
    on_ranks(4, |_, them| {
        let mut solver = on_mesh(&options, (64, false), Some(them), false).unwrap();
        restore(&mut solver, folder.path()).unwrap();
        solver.step().unwrap();
    });
    for error in on_ranks(2, |_, them| {
        let mut solver = on_mesh(&options, (65, false), Some(them), false).unwrap();
        let error = restore(&mut solver, folder.path()).unwrap_err();
        assert!(solver.report().is_none() && solver.parameters().is_empty());
        error
    }) {
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.message().contains("the nodes differ"), "{error}");
    }
}

#[test]
fn transport_maps_with_masses() {
    let options = with(
        small(1, -4.0, 4.0, &[8]),
        &[
            ("flow", "wasserstein".into()),
            ("domain", "space".into()),
            ("tau", 0.05.into()),
            ("snapshot_resolution", 9.into()),
            ("snapshot_particles", 20.into()),
            ("snapshot_existing", "continue".into()),
        ],
    );
    goes_on("map", &[2], &[2, 4, 1], |them, _| {
        let mut solver = made(&options, them);
        solver
            .add_energy(&energy("internal", "entropy", &[]))
            .unwrap();
        let blob = Mixture::new(1, &[1.0], &[0.3], &[0.5]).unwrap();
        solver
            .set_initial(Initial::Density(Arc::new(blob)))
            .unwrap();
        solver
    });
}

#[test]
fn what_fails_on_one_rank_fails_on_all_and_the_series_goes_on() {
    let options = quick();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let allow = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    // Nothing there yet.
    for error in on_ranks(2, |_, them| {
        restore(&mut heat(&options, Some(them), false), path).unwrap_err()
    }) {
        assert_eq!(error.kind(), ErrorKind::TryAgain);
    }
    on_ranks(2, |rank, them| {
        let mut solver = heat(&options, Some(them), true);
        let mut writer = Writer::new(&solver, path, None).unwrap();
        writer.write(&solver).unwrap();
        // A second writer is refused on all.
        let error = Writer::new(&solver, path, None).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::File);
        // A file takes the name: nobody has written, and all can go on.
        let error = writer.write(&solver).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::State, "{error}");
        let moved = path.with_extension("moved");
        let settled = solver.ranks().settle(Ok(()));
        settled.unwrap();
        if rank == 0 {
            fs::rename(path, &moved).unwrap();
        }
        solver.step().unwrap();
        let error = writer.write(&solver).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File, "{error}");
        assert!(error.message().contains("rank 0"), "{error}");
        if rank == 0 {
            fs::rename(&moved, path).unwrap();
        }
        assert_eq!(writer.write(&solver).unwrap(), 1);
        assert_eq!(writer.len(), 2);
        // Closed on one rank is closed.
        if rank == 1 {
            writer.close().unwrap();
        }
        solver.step().unwrap();
        let error = writer.write(&solver).unwrap_err();
        assert!(
            error.message().contains("rank 1: the writer was closed"),
            "{error}"
        );
        writer.close().unwrap();
    });
    allow(0o755);
    // The last file is cut off: the one before it is taken, by all.
    let last = path.join("snap_000001.h5");
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..bytes.len() / 2]).unwrap();
    on_ranks(4, |_, them| {
        let mut solver = heat(&options, Some(them), false);
        assert_eq!(restore(&mut solver, path).unwrap(), Some(0));
        let before = bits(&solver);
        // Of another option on one of the ranks the state is not touched on any.
        let error = restore(&mut solver, &last).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(bits(&solver) == before);
    });
    for error in on_ranks(2, |rank, them| {
        let mut options = options.clone();
        options
            .set("tau", if rank == 1 { 0.02 } else { 0.01 })
            .unwrap();
        restore(&mut heat(&options, Some(them), false), path).unwrap_err()
    }) {
        assert_eq!(error.kind(), ErrorKind::Option);
        assert!(error.message().contains("rank 1: option `tau`"), "{error}");
    }
    // A writer of one process is none of two ranks.
    let alone = heat(&options, None, true);
    let other = tempfile::tempdir().unwrap();
    let writer = std::sync::Mutex::new(Writer::new(&alone, other.path(), None).unwrap());
    for error in on_ranks(2, |rank, them| {
        let solver = heat(&options, Some(them), true);
        match rank {
            0 => writer.lock().unwrap().write(&solver).unwrap_err(),
            _ => write(&solver, other.path()).unwrap_err(),
        }
    }) {
        assert_eq!(error.kind(), ErrorKind::State, "{error}");
    }
}

#[test]
fn operations_that_are_lost_leave_a_whole_series() {
    let options = quick();
    for fails_at in (400..700).step_by(7) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let ends = on_failing_ranks(
            2,
            |rank| if rank == 1 { fails_at } else { u64::MAX },
            |_, them| {
                let mut solver = Solver::new(&options)?;
                solver.set_communicator(them)?;
                solver.add_energy(&dirichlet(0.1))?;
                start(&mut solver)?;
                let mut writer = Writer::new(&solver, path, None)?;
                for _ in 0..2 {
                    writer.write(&solver)?;
                    solver.step()?;
                }
                writer.close()?;
                solver.energies().map(drop)?;
                solver.energies().map(drop)
            },
        );
        let failed = ends.iter().filter(|end| end.is_err()).count();
        assert!(failed == 0 || failed == 2, "{fails_at}: {ends:?}");
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "h5") {
                on_ranks(1, |_, them| {
                    let mut solver = heat(&options, Some(them), false);
                    restore(&mut solver, &path).unwrap();
                    assert!(on_grid(&solver, 3).1.iter().all(|u| u.is_finite()));
                });
            }
        }
    }
}
