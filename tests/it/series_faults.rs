//! Series of snapshots when calls of the system fail, and when somebody reads meanwhile.

use crate::support::{common, readers};
use movimento::snapshot::{Writer, pack};
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use std::ffi::{CString, c_char, c_int, c_long};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the child of the tests below works.
const FOLDER: &str = "MOVIMENTO_TEST_SERIES_FOLDER";

fn options() -> Options {
    let mut options = Options::new();
    for (name, value) in [
        ("dimension", 2),
        ("nodes", 200),
        ("check_nodes", 50),
        ("threads", 1),
        ("snapshot_resolution", 17),
    ] {
        options.set(name, value).unwrap();
    }
    options.set("hidden", vec![6_i64]).unwrap();
    options.set("fit_accept", 0.5).unwrap();
    options.set("fit_max_iterations", 20).unwrap();
    options.set("step_accept", 1.0).unwrap();
    options.set("tau", 1e-3).unwrap();
    options.set("snapshot_index_seconds", 0.0).unwrap();
    options
}

fn solver() -> Solver {
    let mut solver = Solver::new(&options()).unwrap();
    let plugin = common::plugin("dirichlet");
    let energy = Energy::from_file(&plugin, Some("dirichlet")).unwrap();
    solver.add_energy(&energy).unwrap();
    let mut start = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (x, u) in x.chunks(2).zip(u) {
            *u = 2.0 + (std::f64::consts::PI * x[0]).cos();
        }
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut start,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    solver
}

/// tests/series/faults.c, when this process was started with it.
struct Faults {
    arm: Arm,
    disarm: Disarm,
}

type Arm = extern "C" fn(*const c_char, c_long, c_int, c_int);
type Disarm = extern "C" fn() -> c_int;

impl Faults {
    fn of_this_process() -> Self {
        let find = |name: &std::ffi::CStr| {
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            assert!(!found.is_null(), "{name:?} is not preloaded");
            found
        };
        unsafe {
            Self {
                arm: std::mem::transmute::<*mut libc::c_void, Arm>(find(c"fault_arm")),
                disarm: std::mem::transmute::<*mut libc::c_void, Disarm>(find(c"fault_disarm")),
            }
        }
    }
}

/// What is on the disk is what was acknowledged: whole, in order, and nothing else.
fn check_acknowledged(folder: &Path, acknowledged: &[(u64, f64)]) {
    for (number, time) in acknowledged {
        let path = folder.join(format!("snap_{number:06}.h5"));
        let file = hdf5::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let there: Vec<f64> = file.dataset("t").unwrap().read_raw().unwrap();
        assert_eq!(there, [*time], "{}", path.display());
        assert_eq!(
            file.dataset("u").unwrap().read_raw::<f64>().unwrap().len(),
            289
        );
    }
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let snapshots = names.filter(|name| name.contains("snap_")).count();
    assert_eq!(snapshots, acknowledged.len());
}

#[test]
#[ignore = "run by a test with faults.c preloaded"]
fn child_with_faults() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let where_ = CString::new(folder.to_str().unwrap()).unwrap();
    let faults = Faults::of_this_process();
    let mut solver = solver();
    let (mut fired, mut refused) = (0, 0);
    let mut parts = std::collections::BTreeSet::new();
    for round in 0..5 {
        for (errno, said) in [
            (libc::ENOSPC, "No space left on device"),
            (libc::EIO, "Input/output error"),
        ] {
            // A folder for each round, which is looked at as a whole every time.
            let folder = folder.join(format!("{round}-{errno}"));
            let mut acknowledged = Vec::new();
            for k in 1..=14 {
                solver.step().unwrap();
                let mut writer = Writer::new(&solver, &folder, None).unwrap();
                (faults.arm)(where_.as_ptr(), k, errno, round % 2);
                let written = writer.write(&solver);
                let closed = written.is_ok().then(|| writer.close());
                let hit = (faults.disarm)() != 0;
                fired += u32::from(hit);
                let failure = match (&written, &closed) {
                    (Err(error), _) | (Ok(_), Some(Err(error))) => Some(error),
                    _ => None,
                };
                if let Some(error) = failure {
                    refused += 1;
                    assert!(hit, "{error}");
                    assert_eq!(error.kind(), ErrorKind::File, "{error}");
                    let message = error.message();
                    assert!(message.contains(said), "{message}");
                    assert!(message.contains(folder.to_str().unwrap()), "{message}");
                    let named = message
                        .split('`')
                        .nth(1)
                        .unwrap()
                        .rsplit('/')
                        .next()
                        .unwrap();
                    let is_snapshot = named.starts_with("snap_");
                    parts.insert(if is_snapshot { "snapshots" } else { named }.to_owned());
                }
                let number = match written {
                    Ok(number) => number,
                    // The writer goes on: the same snapshot, now that there is room.
                    Err(_) => {
                        check_acknowledged(&folder, &acknowledged);
                        writer.write(&solver).unwrap()
                    }
                };
                acknowledged.push((number, solver.time()));
                writer.close().unwrap();
                check_acknowledged(&folder, &acknowledged);
            }
            let index = hdf5::File::open(folder.join("run.vtkhdf")).unwrap();
            let times: Vec<f64> = index.dataset("t").unwrap().read_raw().unwrap();
            let expected: Vec<f64> = acknowledged.iter().map(|(_, time)| *time).collect();
            assert_eq!(times, expected);
        }
    }
    assert!(fired >= 100, "{fired} calls failed");
    // Trouble with the index alone is told once the writer is closed, and then nowhere if it was over.
    assert!(refused >= 60, "{refused} of {fired} were told");
    println!("{fired} calls failed, {refused} were told, of {parts:?}");
    assert!(
        parts.contains("snapshots") && parts.contains("run.xmf"),
        "{parts:?}"
    );
    // An export opens, writes and flushes a draft, renames it and flushes the folder.
    let network = solver.exported().unwrap();
    let path = folder.join("network.safetensors");
    for k in 1..=6 {
        (faults.arm)(where_.as_ptr(), k, libc::EIO, 0);
        let done = network.write(&path);
        let hit = (faults.disarm)() != 0;
        assert_eq!(hit, k <= 5, "{k} calls");
        assert_eq!(done.is_err(), hit, "{done:?}");
        // By then it had its name.
        assert_eq!(path.exists(), k >= 5, "{k} calls");
        assert!(!folder.join(".network.safetensors.tmp").exists());
    }
    // The packed file is all there or not there.
    let folder = folder.join(format!("0-{}", libc::EIO));
    let packed = folder.join("packed.h5");
    let mut failures = 0;
    for k in (1..60).step_by(7) {
        (faults.arm)(where_.as_ptr(), k, libc::ENOSPC, 0);
        let done = pack(&folder, &packed);
        (faults.disarm)();
        match done {
            Ok(()) => fs::remove_file(&packed).unwrap(),
            Err(error) => {
                failures += 1;
                assert!(error.message().contains("packed.h5"), "{error}");
                assert!(
                    !packed.exists() && !folder.join(".packed.h5.tmp").exists(),
                    "{error}"
                );
            }
        }
    }
    println!("{failures} of 9 packings failed");
    pack(&folder, &packed).unwrap();
    assert_eq!(
        hdf5::File::open(&packed)
            .unwrap()
            .dataset("t")
            .unwrap()
            .size(),
        14
    );
}

#[test]
fn calls_that_fail_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shim = folder.path().join("faults.so");
    let source = common::root().join("tests/series/faults.c");
    let mut cc = Command::new("cc");
    cc.args([
        "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o",
    ]);
    readers::run(cc.arg(&shim).arg(source).arg("-ldl"));
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--ignored",
        "--exact",
        "series_faults::child_with_faults",
        "--nocapture",
    ]);
    let output = readers::run(child.env("LD_PRELOAD", &shim).env(FOLDER, &run));
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(said.contains("calls failed"), "{said}");
}

#[test]
fn a_series_is_read_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    let stop = folder.path().join("stop");
    let script = common::root().join("tests/series/check_live.py");
    let mut reader = Command::new(readers::python());
    reader.arg(script).arg(&run).arg(&stop);
    let reader = reader
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !run.join("reader_is_there").exists() && start.elapsed() < Duration::from_mins(2) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut solver = solver();
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    let mut number = 0;
    for _ in 0..120 {
        number = writer.write(&solver).unwrap();
        solver.step().unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    writer.close().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    fs::write(stop, "").unwrap();
    let output = reader.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{number} written: {said}");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
