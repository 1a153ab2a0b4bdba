//! A series whose writer is killed again and again: nothing that was acknowledged is lost, and the run ends
//! with the bits of one that was never killed.

mod problems;

use movimento::snapshot::{restore, write};
use movimento::{ErrorKind, Initial, Solver};
use problems::{allen_cahn, small};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::PI;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// By which a child is told its folder and the last step to take.
const FOLDER: &str = "MOVIMENTO_KILLED_FOLDER";
const LAST: &str = "MOVIMENTO_KILLED_LAST";

const KILLS: usize = 100;

fn solver() -> Solver {
    let mut options = small(2, -1.0, 1.0, &[8, 8]);
    options.set("tau", 1e-3).unwrap();
    options.set("tolerance", 2e-2).unwrap();
    options.set("check_nodes", 100_i64).unwrap();
    options.set("fit_tolerance", 1e-3).unwrap();
    options.set("snapshot_resolution", 17_i64).unwrap();
    options.set("threads", 1_i64).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&allen_cahn(0.2, 0.5)).unwrap();
    solver
}

fn start(solver: &mut Solver) {
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = u.iter_mut().zip(x.chunks(2));
        let wave = |k: f64, x: f64| (0.5 * k * PI * (x + 1.0)).cos();
        points.for_each(|(u, x)| {
            *u = 0.7 * wave(1.0, x[0]) + 0.4 * wave(2.0, x[1]) * wave(1.0, x[0])
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
    while solver.steps() < last {
        solver.step().unwrap();
        let number = write(&solver, folder).unwrap();
        println!("\nwritten {number} {}", solver.steps());
    }
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
        .args(["child", "--exact", "--ignored", "--nocapture"])
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
fn a_hundred_kills_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut acknowledged, mut reached, mut restarts) = (Vec::new(), 0, 0);
    for cycle in 0..KILLS {
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
    }
    let there = |number: &u64| folder.join(format!("snap_{number:06}.h5"));
    let mut other = solver();
    for number in &acknowledged {
        restore(&mut other, &there(number)).unwrap();
    }
    // A snapshot may have been written and not acknowledged.
    let last = reached + 5;
    run(folder, last, None);
    restore(&mut other, folder).unwrap();
    println!(
        "{KILLS} kills, {restarts} restarts, {} snapshots acknowledged, {last} steps",
        acknowledged.len()
    );
    assert!(restarts > KILLS / 2 && acknowledged.len() > KILLS / 4);
    let mut undisturbed = solver();
    start(&mut undisturbed);
    while undisturbed.steps() < last {
        undisturbed.step().unwrap();
    }
    assert!(bits(&other) == bits(&undisturbed));
}
