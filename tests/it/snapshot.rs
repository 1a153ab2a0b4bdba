//! Snapshots as others read them: h5py, VTK's own reader and Octave; and what happens when they
//! cannot be written.

use crate::support::readers::{self, python};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::section::Section;
use movimento::snapshot::layout::OBJECTS;
use movimento::snapshot::{Field, Grid, Snapshot, write};
use movimento::{Energy, ErrorKind, FitReport, Initial, Options, Settings, Solver, StepReport};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

/// A box without symmetry, with another number of points would there be one for each axis.
const LOWER: [f64; 5] = [-1.0, 2.0, 0.5, 1.0, -3.0];
const UPPER: [f64; 5] = [3.0, 3.0, 1.5, 2.0, 5.0];

/// The field of these tests: no axis can be taken for another. The readers know it, too.
fn field(x: &[f64]) -> f64 {
    (0..)
        .zip(x)
        .map(|(axis, x)| 10_f64.powi(axis) * x * x)
        .sum::<f64>()
        + x[0].sin()
}

fn options(d: usize, resolution: i64) -> Options {
    let mut options = Options::new();
    options.set("dimension", d as i64).unwrap();
    options.set("lower", &LOWER[..d]).unwrap();
    options.set("upper", &UPPER[..d]).unwrap();
    options.set("snapshot_resolution", resolution).unwrap();
    options.set("embedding", "periodic").unwrap();
    options.set("hidden", vec![24_i64, 24, 24]).unwrap();
    options
}

const REPORT: StepReport = StepReport {
    step: 7,
    time: 0.35,
    tau: 0.05,
    energy: 3.5,
    energy_before: 3.75,
    work: 0.0625,
    movement_distance: 0.25,
    energy_slack: 0.125,
    residual: 1e-3,
    error_bound: f64::INFINITY,
    gap: 1e-9,
    boundary_flux: 1e-4,
    wall_error: 1e-7,
    bound_error: 2e-7,
    integral_error: 3e-9,
    least_jacobian: 0.75,
    mass: 2.5,
    iterations: 3,
    accepted_iterations: 2,
    retries: 1,
    substeps: 4,
    parameters: 1297,
    nodes: 2500,
    stage_error: 1e-6,
    space_error: 2e-6,
    rejected: 2,
    error_estimate: 1e-5,
    seconds: 0.5,
};

const FIT: FitReport = FitReport {
    relative_error: 1e-6,
    wall_error: 1e-3,
    iterations: 40,
    seconds: 1.25,
};

const PARAMETERS: [f64; 4] = [0.1, -0.2, 0.3, f64::MIN_POSITIVE];

/// The state of a solver, as far as these tests look at it.
fn state(options: &Options, parameters: &[f64]) -> Section {
    let mut root = Section::default();
    root.set_text("movimento_version", env!("CARGO_PKG_VERSION"));
    let energy = root.child_mut("energy");
    energy.set_f64("total", 3.5);
    energy.set_list("terms", [1.5, 2.0]);
    let names = ["dirichlet", "gr\u{f6}\u{df}e"].map(str::to_owned);
    energy.set_texts("names", names.to_vec());
    REPORT.save(root.child_mut("report"));
    FIT.save(root.child_mut("fit"));
    let state = root.child_mut("state");
    state.set_u64("step", 7);
    state.set_f64("time", 0.35);
    state.set_f64("tau", 0.05);
    if !parameters.is_empty() {
        state.set_list("parameters", parameters);
    }
    options.save(root.child_mut("options"));
    root
}

fn snapshot(options: &Options, name: &str) -> Snapshot {
    let domain = Settings::parse(options).unwrap().problem.domain().unwrap();
    let d = domain.dimension();
    let resolution = options.integer("snapshot_resolution").unwrap();
    let grid = Grid::of_box(&domain, resolution as usize);
    let values = grid.sample(|x, u| {
        for (x, u) in x.chunks(d).zip(u) {
            *u = field(x);
        }
        Ok(())
    });
    Snapshot {
        time: 0.35,
        grid: Some(grid),
        fields: vec![Field {
            name: name.to_owned(),
            long_name: "a field without symmetry".to_owned(),
            components: 1,
            values: values.unwrap(),
            ..Field::default()
        }],
        outside: Vec::new(),
        points: None,
        figures: Vec::new(),
        single: false,
        compression: 0,
        described: BTreeMap::new(),
        state: state(options, &PARAMETERS),
    }
}

/// Writes the field in `d` dimensions; the folder goes with the first of the pair.
fn written(d: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let options = options(d, 6);
    let number = snapshot(&options, "u").write(folder.path()).unwrap();
    let path = folder.path().join(format!("snap_{number:06}.h5"));
    assert!(path.is_file());
    (folder, path)
}

/// Runs a script of `tests/snapshot`, which checks what it reads.
fn check(program: impl AsRef<OsStr>, script: &str, path: &Path, d: usize) {
    let d = d.to_string();
    let arguments = [path.as_os_str(), d.as_ref()];
    readers::check(program, &format!("snapshot/{script}"), &arguments);
}

#[test]
fn h5py_reads_values_axes_scales_and_state() {
    for d in 1..=5 {
        let (_folder, path) = written(d);
        check(python(), "check_h5py.py", &path, d);
    }
}

#[test]
fn vtk_reads_the_image() {
    for d in 1..=5 {
        let (_folder, path) = written(d);
        check(python(), "check_vtk.py", &path, d);
    }
}

#[test]
fn octave_loads_the_file() {
    for d in 1..=5 {
        let (_folder, path) = written(d);
        check("octave-cli", "check_octave.m", &path, d);
    }
}

#[test]
fn several_fields_share_the_grid() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(2, 5);
    let mut snapshot = snapshot(&options, "u");
    let mut second = snapshot.fields[0].clone();
    second.name = "density".to_owned();
    snapshot.fields.push(second);
    snapshot.write(folder.path()).unwrap();
    let file = hdf5::File::open(folder.path().join("snap_000000.h5")).unwrap();
    for name in [
        "u",
        "density",
        "VTKHDF/PointData/u",
        "VTKHDF/PointData/density",
    ] {
        assert_eq!(file.dataset(name).unwrap().shape(), [5, 5], "{name}");
    }
}

#[test]
fn a_field_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(2, 5);
    for name in ["", "x", "a/b", "a.b", "\u{fc}"] {
        let error = snapshot(&options, name).write(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name}");
    }
    for object in OBJECTS {
        let name = object.name();
        let error = snapshot(&options, name).write(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name}");
        assert!(error.message().contains(name), "{error}");
    }
    let mut short = snapshot(&options, "u");
    short.fields[0].values.pop();
    let error = short.write(folder.path()).unwrap_err();
    assert!(
        error
            .message()
            .contains("24 values; the grid has 25 points"),
        "{error}"
    );
    assert_eq!(entries(folder.path()), [""; 0]);
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The message of a write that must fail.
fn refusal(folder: &Path) -> String {
    let options = options(2, 257);
    let error = snapshot(&options, "u").write(folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File, "{error}");
    error.message().to_owned()
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // Not even root can write here.
    for folder in ["/proc/self", "/proc/self/snapshots"] {
        let message = refusal(Path::new(folder));
        assert!(message.contains(folder), "{message}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("results");
    fs::write(&file, "a file").unwrap();
    for folder in [file.clone(), file.join("snapshots")] {
        let message = refusal(&folder);
        assert!(message.contains(folder.to_str().unwrap()), "{message}");
    }
    assert_eq!(fs::read(file).unwrap(), b"a file");
}

/// Where a child process writes its snapshots.
const CHILD_FOLDER: &str = "MOVIMENTO_TEST_SNAPSHOT_FOLDER";

/// The part of the tests below that runs in a child process, on a disk that will be full.
#[test]
#[ignore = "run by the tests of a full disk"]
fn child_on_a_full_disk() {
    let folder = PathBuf::from(std::env::var_os(CHILD_FOLDER).unwrap());
    let message = refusal(&folder);
    let path = folder.join("snap_000000.h5");
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    assert_eq!(entries(&folder), [""; 0]);
    // What fits is still written, under the number that the failure did not use up.
    let options = options(1, 3);
    let mut small = snapshot(&options, "u");
    small.state = state(&options, &[]);
    assert_eq!(small.write(&folder), Ok(0), "after {message}");
    assert_eq!(entries(&folder), ["snap_000000.h5"]);
    println!("told: {message}");
}

/// Runs the child after the shell has set a limit, and returns what it printed.
fn in_a_child(shell: &mut Command, setup: &str, folder: &Path) -> Output {
    let program = std::env::current_exe().unwrap();
    shell
        .arg("-c")
        .arg(format!(
            "{setup} && exec \"$0\" --ignored --exact snapshot::child_on_a_full_disk --nocapture"
        ))
        .arg(program)
        .env(CHILD_FOLDER, folder)
        .output()
        .unwrap()
}

#[test]
fn a_file_beyond_the_size_limit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    // Without the trap the kernel's signal would end the process before the write can fail.
    let setup = "trap '' XFSZ && ulimit -f 128";
    let output = in_a_child(&mut Command::new("sh"), setup, folder.path());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("File too large"), "{said}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_full_disk_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    // A small file system of our own, in a name space of our own.
    let setup = format!(
        "mount -t tmpfs -o size=128k tmpfs '{}'",
        folder.path().display()
    );
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "sh"]);
    let output = in_a_child(&mut shell, &setup, folder.path());
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && (complaint.contains("unshare:") || complaint.contains("mount:"))
    {
        // Containers forbid it; the size limit above exercises the same path.
        eprintln!("no file system of our own here: {complaint}");
        return;
    }
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("No space left on device"), "{said}");
    assert!(complaint.is_empty(), "{output:?}");
}

/// The density u^2/2, whose flow is u_t = -u.
struct Decay;

impl EnergyDensity for Decay {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> movimento::Result<()> {
        if let Some(f) = wanted.f.as_deref_mut() {
            f.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = 0.5 * u * u);
        }
        if let Some(f_u) = wanted.f_u.as_deref_mut() {
            f_u.copy_from_slice(batch.u);
        }
        if let Some(f_uu) = wanted.f_uu.as_deref_mut() {
            f_uu.fill(1.0);
        }
        for zero in [
            &mut wanted.f_p,
            &mut wanted.f_x,
            &mut wanted.f_up,
            &mut wanted.f_pp,
        ] {
            if let Some(zero) = zero.as_deref_mut() {
                zero.fill(0.0);
            }
        }
        Ok(())
    }
}

#[test]
fn a_solver_writes_what_it_is_at_and_steps_on_after_a_failure() {
    let mut options = Options::new();
    for (name, value) in [("dimension", 2), ("snapshot_resolution", 9), ("threads", 1)] {
        options.set(name, value).unwrap();
    }
    options.set("hidden", vec![6_i64]).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let decay = Energy::from_density("decay", Arc::new(Decay));
    solver.add_energy(&decay).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let early = write(&solver, folder.path()).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::State, "{early}");
    assert_eq!(entries(folder.path()), [""; 0]);

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
    solver.step().unwrap();
    let before = solver.parameters().to_vec();
    let error = write(&solver, Path::new("/proc/self/snapshots")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File, "{error}");
    assert_eq!(solver.parameters(), before);
    solver.step().unwrap();
    assert_eq!(write(&solver, folder.path()), Ok(0));

    let file = hdf5::File::open(folder.path().join("snap_000000.h5")).unwrap();
    let numbers = |name: &str| file.dataset(name).unwrap().read_raw::<f64>().unwrap();
    let (x, y, u) = (numbers("x"), numbers("y"), numbers("u"));
    for (at, u) in u.iter().enumerate() {
        let mut here = [0.0];
        solver
            .evaluate(&[x[at % 9], y[at / 9]], &mut here, None)
            .unwrap();
        assert!((u - here[0]).abs() < 1e-13, "{at}: {u} and {}", here[0]);
    }
    assert_eq!(numbers("t"), [solver.time()]);
    assert_eq!(numbers("state/parameters"), solver.parameters());
    assert_eq!(numbers("energy/terms"), solver.energies().unwrap());
    assert_eq!(numbers("report/energy"), [solver.report().unwrap().energy]);
}
