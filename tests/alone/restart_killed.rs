//! A series whose writer is killed again and again: nothing that was acknowledged is lost, its index is whole
//! or not there, and the run ends with the bits of one that was never killed.

use crate::alone;
use crate::support::problems::{allen_cahn, small};
use movimento::snapshot::{Writer, restore};
use movimento::{ErrorKind, Initial, Solver};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::PI;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// By which a child is told its folder and the last step to take.
const FOLDER: &str = "MOVIMENTO_KILLED_FOLDER";
const LAST: &str = "MOVIMENTO_KILLED_LAST";

/// So often, or as often as the environment says.
fn kills() -> usize {
    let said = std::env::var("MOVIMENTO_TORTURE_KILLS");
    said.map_or(100, |said| said.parse().unwrap())
}

fn solver() -> Solver {
    let mut options = small(2, -1.0, 1.0, &[8, 8]);
    options.set("tau", 1e-4).unwrap();
    options.set("tolerance", 2e-2).unwrap();
    options.set("check_nodes", 100_i64).unwrap();
    options.set("fit_tolerance", 1e-3).unwrap();
    options.set("snapshot_resolution", 17_i64).unwrap();
    options.set("threads", 1_i64).unwrap();
    options.set("snapshot_existing", "continue").unwrap();
    options.set("snapshot_block", 8_i64).unwrap();
    // As often as the library lets it.
    options.set("snapshot_index_seconds", 0.0).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&allen_cahn(0.2, 0.5)).unwrap();
    solver
}

fn start(solver: &mut Solver) {
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = u.iter_mut().zip(x.chunks(2));
        let wave = |k: f64, x: f64| (0.5 * k * PI * (x + 1.0)).cos();
        points.for_each(|(u, x)| {
            *u = 0.7 * wave(1.0, x[0]) + 0.4 * wave(2.0, x[1]) * wave(1.0, x[0]);
        });
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
}

fn bits(solver: &Solver) -> Vec<u64> {
    let numbers = solver.parameters().iter().copied();
    numbers.chain([solver.time()]).map(f64::to_bits).collect()
}

/// What the child of the test below does: it goes on from where the series is, and says which snapshots
/// are written.
#[test]
#[ignore = "the child of the test below"]
fn child() {
    let (Some(folder), Ok(last)) = (std::env::var_os(FOLDER), std::env::var(LAST)) else {
        return;
    };
    let (folder, last): (_, u64) = (Path::new(&folder), last.parse().unwrap());
    let mut solver = solver();
    match restore(&mut solver, folder) {
        Err(error) if error.kind() == ErrorKind::TryAgain => start(&mut solver),
        other => println!("\nrestored {}", other.unwrap().unwrap()),
    }
    let mut writer = Writer::new(&solver, folder, None).unwrap();
    while solver.steps() < last {
        solver.step().unwrap();
        let number = writer.write(&solver).unwrap();
        println!("\nwritten {number} {}", solver.steps());
    }
    writer.close().unwrap();
}

fn snapshot(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("snap_{number:06}.h5"))
}

fn reals(path: &Path, name: &str) -> Vec<f64> {
    let file = hdf5::File::open(path).unwrap();
    file.dataset(name).unwrap().read_raw().unwrap()
}

/// How many snapshots the index lists, if there is one: each is there, and the first, the last few and, if the
/// look is to be a thorough one, all of them are what the index says.
fn listed(folder: &Path, thorough: bool) -> Option<usize> {
    let xdmf = folder.join("run.xmf");
    if xdmf.exists() {
        let text = fs::read_to_string(xdmf).unwrap();
        assert!(text.trim_end().ends_with("</Xdmf>"), "{text}");
        let names = text.split("snap_").skip(1).filter_map(|rest| rest.get(..6));
        let numbers: Vec<usize> = names.map(|name| name.parse().unwrap()).collect();
        assert!(!numbers.is_empty());
        for number in numbers {
            assert!(snapshot(folder, number).exists(), "{number}");
        }
    }
    let index = folder.join("run.vtkhdf");
    if !index.exists() {
        return None;
    }
    let (times, steps) = (reals(&index, "t"), reals(&index, "series/step"));
    assert_eq!(steps.len(), times.len());
    assert!(times.is_sorted_by(|a, b| a < b));
    for (number, (time, step)) in times.iter().zip(&steps).enumerate() {
        let there = snapshot(folder, number);
        assert!(there.exists(), "{number}");
        if thorough || number == 0 || number + 3 > times.len() {
            assert_eq!(reals(&there, "t"), [*time]);
            assert_eq!(*step, number as f64 + 1.0);
        }
    }
    if thorough {
        let u = reals(&index, "u");
        assert_eq!(u.len(), times.len() * 17 * 17);
        for (number, u) in u.chunks(17 * 17).enumerate() {
            assert!(reals(&snapshot(folder, number), "u") == u, "{number}");
        }
    }
    Some(times.len())
}

/// One child until it ends or is killed, so long after it began or, if it is to be at work, after it
/// first said something: the snapshots that it was restored from and has acknowledged, and
/// the steps of the last.
fn run(
    folder: &Path,
    last: u64,
    kill_after: Option<(Duration, bool)>,
) -> (Option<u64>, Vec<u64>, u64) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "restart_killed::child",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(LAST, last.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (says, said) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let (mut restored, mut written, mut steps) = (None, Vec::new(), 0);
        for line in output.lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split(' ').collect();
            if words.len() > 1 && matches!(words[0], "restored" | "written") {
                let _ = says.send(());
            }
            match words[..] {
                ["restored", number] => restored = number.parse().ok(),
                ["written", number, step] => {
                    written.push(number.parse().unwrap());
                    steps = step.parse().unwrap();
                }
                _ => {}
            }
        }
        (restored, written, steps)
    });
    if let Some((after, at_work)) = kill_after {
        if at_work {
            said.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    } else {
        assert!(child.wait().unwrap().success());
    }
    reader.join().unwrap()
}

#[test]
fn kills_lose_nothing() {
    let _alone = alone();
    let kills = kills();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut acknowledged, mut reached, mut restarts) = (Vec::new(), 0, 0);
    let (mut indices, mut behind, mut torn) = (0, 0, 0);
    for cycle in 0..kills {
        let after = Duration::from_micros(rng.random_range(0..150_000));
        // Some while it starts.
        let at_work = cycle % 5 > 0;
        let (restored, written, steps) = run(folder, u64::MAX, Some((after, at_work)));
        // It goes on from what was acknowledged last, or from one that was written after that.
        if let Some(restored) = restored {
            restarts += 1;
            assert!(Some(&restored) >= acknowledged.last());
        }
        acknowledged.extend(written);
        reached = reached.max(steps);
        let remains = [".run.vtkhdf.tmp", ".run.xmf.tmp"];
        torn += usize::from(remains.iter().any(|name| folder.join(name).exists()));
        if let Some(listed) = listed(folder, cycle % 20 == 19) {
            indices += 1;
            behind += usize::from(snapshot(folder, listed).exists());
        }
    }
    let mut other = solver();
    for number in &acknowledged {
        restore(&mut other, &snapshot(folder, *number as usize)).unwrap();
    }
    // A snapshot may have been written and not acknowledged.
    let last = reached + 5;
    run(folder, last, None);
    restore(&mut other, folder).unwrap();
    println!(
        "{kills} kills, {restarts} restarts, {} snapshots acknowledged, {last} steps; an index after {indices} \
         kills, {behind} times without the last snapshots, {torn} times half of a new one beside it",
        acknowledged.len()
    );
    // The writer that was not killed leaves an index of all.
    assert_eq!(listed(folder, true), Some(last as usize));
    assert!(indices > kills / 2 && behind > 0);
    assert!(restarts > kills / 2 && acknowledged.len() > kills / 4);
    let mut undisturbed = solver();
    start(&mut undisturbed);
    while undisturbed.steps() < last {
        undisturbed.step().unwrap();
    }
    assert!(bits(&other) == bits(&undisturbed));
}
