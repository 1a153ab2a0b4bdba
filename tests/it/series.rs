//! Series of snapshots, as others read them.

use crate::support::asymmetric_box::{KAPPA, LOWER, UPPER, l2, options, reals, set};
use crate::support::common::energy;
use crate::support::readers::{check, python, python_of_vtk93};
use movimento::initial::profile::{Mixture, Particles};
use movimento::options::Value;
use movimento::snapshot::{FieldQuery, Writer, pack};
use movimento::{Energy, Initial, Options, Result, Solver};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The time that the closed forms are at.
type Clock = Arc<AtomicU64>;

fn probe(x: &[f64], t: f64) -> f64 {
    let powers = (0..).zip(x).map(|(axis, x)| 10_f64.powi(axis) * x * x);
    100.0 * t + powers.sum::<f64>() + x[0].sin()
}

/// The fields that tests/series/spec.py knows, too.
fn add_fields(writer: &mut Writer, solver: &Solver, clock: &Clock) {
    let d = solver.domain().dimension();
    for name in ["u", "grad_u", "energy_density", "energy_densities"] {
        writer
            .add(FieldQuery::named(name, solver).unwrap())
            .unwrap();
    }
    let time = |clock: &Clock| f64::from_bits(clock.load(Ordering::Relaxed));
    let now = Arc::clone(clock);
    let probes = move |x: &[f64], _: &[f64], out: &mut [f64]| -> Result<()> {
        let points = out.iter_mut().zip(x.chunks(d));
        points.for_each(|(out, x)| *out = probe(x, time(&now)));
        Ok(())
    };
    let now = Arc::clone(clock);
    let flux = move |x: &[f64], _: &[f64], out: &mut [f64]| -> Result<()> {
        for (at, (out, x)) in out.iter_mut().zip(x).enumerate() {
            *out = ((at % d) as f64 + 1.0) * x + time(&now);
        }
        Ok(())
    };
    let now = Arc::clone(clock);
    let five = move |x: &[f64], _: &[f64], out: &mut [f64]| -> Result<()> {
        for (out, x) in out.chunks_mut(5).zip(x.chunks(d)) {
            let of = |k: usize| (k as f64 + 1.0) * probe(x, time(&now));
            out.iter_mut().enumerate().for_each(|(k, out)| *out = of(k));
        }
        Ok(())
    };
    for field in [
        FieldQuery::expression("probe", 1, Arc::new(probes)),
        FieldQuery::expression("flux", d, Arc::new(flux)),
        FieldQuery::expression("five", 5, Arc::new(five)),
    ] {
        writer.add(field.unwrap()).unwrap();
    }
    writer.describe("probe", "a probe", "m").unwrap();
    writer.describe("t", "time", "s").unwrap();
}

/// Writes a series of three snapshots and lets everybody read it.
fn everybody_reads(options: &Options, axes: &[usize], point: &[f64], points: &[f64]) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let clock = Clock::default();
    let mut solver = l2(options);
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    add_fields(&mut writer, &solver, &clock);
    writer.set_points(points).unwrap();
    let mut times = Vec::new();
    for number in 0..3 {
        clock.store(solver.time().to_bits(), Ordering::Relaxed);
        times.push(solver.time());
        assert_eq!(writer.write(&solver).unwrap(), number);
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let packed = folder.path().join("packed.h5");
    pack(&run, &packed).unwrap();
    let spec = folder.path().join("spec.json");
    let d = solver.domain().dimension();
    let json = serde_json::json!({
        "d": d, "axes": axes, "point": point, "times": times, "points": points,
        "lower": &LOWER[..d], "upper": &UPPER[..d], "kappa": KAPPA,
        "resolution": options.integer("snapshot_resolution").unwrap(),
        "single": options.text("snapshot_precision").unwrap() == "single",
    });
    fs::write(&spec, json.to_string()).unwrap();
    let arguments = [&run, &packed, &spec];
    check(python(), "series/check_h5py.py", &arguments);
    check(python(), "series/check_vtk.py", &arguments);
    check(python_of_vtk93(), "series/check_vtk.py", &arguments);
    check("octave-cli", "series/check_octave.m", &arguments);
}

fn centre(d: usize) -> Vec<f64> {
    (0..d).map(|a| 0.5 * (LOWER[a] + UPPER[a])).collect()
}

#[test]
fn everybody_reads_a_line() {
    everybody_reads(&options(1), &[0], &centre(1), &[]);
}

#[test]
fn everybody_reads_a_plane_with_points() {
    let points = [0.1, 2.3, -0.5, 2.9, 2.9, 2.05, 1.0, 2.5];
    everybody_reads(&options(2), &[0, 1], &centre(2), &points);
}

#[test]
fn everybody_reads_a_compressed_box_of_single_precision() {
    let mut options = options(3);
    options.set("snapshot_compression", 4).unwrap();
    options.set("snapshot_precision", "single").unwrap();
    let points = [0.1, 2.3, 0.75, -0.5, 2.9, 1.25];
    everybody_reads(&options, &[0, 1, 2], &centre(3), &points);
}

#[test]
fn everybody_reads_a_slice_of_four_dimensions() {
    let mut options = options(4);
    let point = [0.25, 2.75, 0.75, 1.2];
    options.set("snapshot_axes", vec![2_i64, 0]).unwrap();
    options.set("snapshot_point", &point[..]).unwrap();
    let points = [
        0.1, 2.3, 0.75, 1.1, -0.5, 2.9, 1.25, 1.9, 2.0, 2.1, 0.6, 1.5,
    ];
    everybody_reads(&options, &[2, 0], &point, &points);
}

#[test]
fn fields_are_what_the_solver_evaluates() {
    let folder = tempfile::tempdir().unwrap();
    let solver = l2(&options(3));
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    for name in ["u", "grad_u"] {
        writer
            .add(FieldQuery::named(name, &solver).unwrap())
            .unwrap();
    }
    writer.write(&solver).unwrap();
    let path = folder.path().join("snap_000000.h5");
    let (x, y, z) = (reals(&path, "x"), reals(&path, "y"), reals(&path, "z"));
    let (u, slope) = (reals(&path, "u"), reals(&path, "grad_u"));
    let (mut here, mut there) = ([0.0], [0.0; 3]);
    for at in 0..125 {
        let point = [x[at % 5], y[at / 5 % 5], z[at / 25]];
        solver
            .evaluate(&point, &mut here, Some(&mut there))
            .unwrap();
        assert!((u[at] - here[0]).abs() < 1e-13);
        for axis in 0..3 {
            assert!((slope[3 * at + axis] - there[axis]).abs() < 1e-12);
        }
    }
    // The index of one snapshot has no axis of time.
    let index = hdf5::File::open(folder.path().join("run.vtkhdf")).unwrap();
    assert_eq!(index.dataset("grad_u").unwrap().shape(), [5, 5, 5, 3]);
}

fn wasserstein(d: i64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    set(
        &mut options,
        [
            ("dimension", d.into()),
            ("flow", "wasserstein".into()),
            ("domain", "space".into()),
            ("hidden", vec![6_i64].into()),
            ("tau", 0.05.into()),
            ("nodes", 200.into()),
            ("check_nodes", 100.into()),
            ("threads", 1.into()),
            ("snapshot_resolution", 21.into()),
            ("snapshot_particles", 64.into()),
        ],
    );
    for (name, value) in more {
        options.set(name, value.clone()).unwrap();
    }
    options
}

/// The density |x|^2/2 rho, under which every mass goes to x / (1 + tau) in an Euler step.
fn well() -> Energy {
    energy("potential", "potential-quadratic", &[])
}

#[test]
fn masses_are_followed_where_the_flow_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = Solver::new(&wasserstein(2, &[])).unwrap();
    solver.add_energy(&well()).unwrap();
    let mixture = Mixture::new(
        2,
        &[0.5, 0.5],
        &[1.0, 0.0, -1.0, 0.5],
        &[0.1, 0.0, 0.0, 0.2, 0.2, 0.05, 0.05, 0.1],
    );
    let mixture = mixture.unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(mixture)))
        .unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    for name in ["density", "velocity", "energy_density"] {
        writer
            .add(FieldQuery::named(name, &solver).unwrap())
            .unwrap();
    }
    for _ in 0..4 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let snapshot = |n: usize| folder.path().join(format!("snap_{n:06}.h5"));
    let first = reals(&snapshot(0), "points/position");
    let rate = reals(&snapshot(0), "points/velocity");
    assert!(first.len() >= 2 * 64);
    // The velocity is -x, and so the closed form of each position is known.
    let mass: f64 = reals(&snapshot(2), "points/mass").iter().sum();
    assert!((mass - 1.0).abs() < 1e-12);
    for (x, v) in first.iter().zip(&rate) {
        assert!((x + v).abs() < 1e-9, "{x} {v}");
    }
    for n in 1..4 {
        let now = reals(&snapshot(n), "points/position");
        let part = 1.05_f64.powi(-(n as i32));
        for (a, b) in first.iter().zip(&now) {
            assert!((a * part - b).abs() < 2e-3, "{n}: {a} {b}");
        }
        let before = reals(&snapshot(0), "points/density");
        let density = reals(&snapshot(n), "points/density");
        for (a, b) in before.iter().zip(&density) {
            assert!((a / part.powi(2) / b - 1.0).abs() < 2e-2, "{n}: {a} {b}");
        }
    }
    // The grid is about the mass, and holds nearly all of it.
    let (x, y) = (reals(&snapshot(0), "x"), reals(&snapshot(0), "y"));
    assert!(x[0] < -4.0 && x[20] > 4.0, "{x:?}");
    let cell = (x[1] - x[0]) * (y[1] - y[0]);
    let density = reals(&snapshot(0), "density");
    assert!((density.iter().sum::<f64>() * cell - 1.0).abs() < 0.05);
    let velocity = reals(&snapshot(0), "velocity");
    for at in (0..441).filter(|at| density[*at] > 1e-6) {
        assert!((velocity[2 * at] + x[at % 21]).abs() < 1e-6);
        assert!((velocity[2 * at + 1] + y[at / 21]).abs() < 1e-6);
    }
    let index = folder.path().join("run.vtkhdf");
    let mean = reals(&index, "series/mean");
    assert!(
        (mean[2] / mean[0] * 1.05 - 1.0).abs() < 1e-3 || mean[0].abs() < 1e-9,
        "{mean:?}"
    );
    let entropy = reals(&index, "series/entropy");
    // In the plane the entropy int rho ln rho grows by 2 ln 1.05 a step.
    assert!(
        (entropy[1] - entropy[0] - 2.0 * 1.05_f64.ln()).abs() < 1e-3,
        "{entropy:?}"
    );
    assert_eq!(reals(&index, "series/covariance").len(), 16);
    let arguments = [folder.path()];
    check(python(), "series/check_masses.py", &arguments);
    check(python_of_vtk93(), "series/check_masses.py", &arguments);
}

#[test]
fn particles_of_the_host_are_followed_without_a_density() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = Solver::new(&wasserstein(3, &[])).unwrap();
    solver.add_energy(&well()).unwrap();
    let x: Vec<f64> = (0..300)
        .map(|i| (f64::from(i * 37 % 101) / 50.0) - 1.0)
        .collect();
    let particles = Particles::new(3, &x, None, &[0.1; 100], None).unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(particles)))
        .unwrap();
    movimento::snapshot::write(&solver, &folder.path().join("one")).unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    for _ in 0..3 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let first = reals(&folder.path().join("snap_000000.h5"), "points/position");
    assert!(first.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-14));
    let last = reals(&folder.path().join("snap_000002.h5"), "points/position");
    for (a, b) in x.iter().zip(&last) {
        assert!((a / 1.05_f64.powi(2) - b).abs() < 1e-2, "{a} {b}");
    }
    let one = hdf5::File::open(folder.path().join("one/snap_000000.h5")).unwrap();
    assert!(one.dataset("VTKHDF/Points").is_ok() && one.dataset("x").is_err());
    check(python(), "series/check_masses.py", &[folder.path()]);
    check(
        python_of_vtk93(),
        "series/check_masses.py",
        &[folder.path()],
    );
    let slope = FieldQuery::named("grad_u", &solver).unwrap();
    let other = folder.path().join("other");
    let mut writer = Writer::new(&solver, &other, None).unwrap();
    writer.add(slope).unwrap();
    let refused = writer.write(&solver).unwrap_err();
    assert!(refused.message().contains("score"), "{refused}");
}

/// Relabelling changes what the map is of, and neither trajectories nor the points of the host.
#[test]
fn trajectories_go_through_a_relabelling() {
    let run = |relabel: f64| {
        let mut solver = Solver::new(&wasserstein(1, &[("relabel", relabel.into())])).unwrap();
        let double = energy("potential", "potential-double-well", &[]);
        solver.add_energy(&double).unwrap();
        let start = Mixture::new(1, &[1.0], &[0.3], &[0.09]).unwrap();
        solver
            .set_initial(Initial::Density(Arc::new(start)))
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
        writer.set_points(&[-0.4, 0.0, 0.3, 0.8]).unwrap();
        for _ in 0..8 {
            writer.write(&solver).unwrap();
            solver.step().unwrap();
        }
        writer.write(&solver).unwrap();
        writer.close().unwrap();
        let index = folder.path().join("run.vtkhdf");
        let mut pushed = [0.0; 4];
        solver
            .push_forward(&[-0.4, 0.0, 0.3, 0.8], &mut pushed)
            .unwrap();
        (
            reals(&index, "points/position"),
            reals(&index, "points/density"),
            pushed,
        )
    };
    let (whole, density, _) = run(0.0);
    let (composed, composed_density, pushed) = run(1.3);
    assert_ne!(whole, composed, "nothing was relabelled");
    assert_eq!(composed[32..], pushed);
    let least = whole
        .iter()
        .zip(&composed)
        .fold(0.0_f64, |e, (a, b)| e.max((a - b).abs()));
    assert!(least < 5e-3, "{least}: {whole:?} {composed:?}");
    for (a, b) in density.iter().zip(&composed_density) {
        assert!((a / b - 1.0).abs() < 0.05, "{a} {b}");
    }
}

/// Everything in a group of a file, by name.
fn members(path: &std::path::Path, group: &str) -> Vec<String> {
    let file = hdf5::File::open(path).unwrap();
    match file.group(group) {
        Ok(group) => group.member_names().unwrap(),
        Err(_) => Vec::new(),
    }
}

fn zero(name: &str, components: usize) -> Result<FieldQuery> {
    let values = |_: &[f64], _: &[f64], out: &mut [f64]| {
        out.fill(0.0);
        Ok(())
    };
    FieldQuery::expression(name, components, Arc::new(values))
}

#[test]
fn no_field_has_the_name_of_something_else_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let packed = folder.path().join("packed.h5");
    let mut solver = Solver::new(&wasserstein(2, &[])).unwrap();
    solver.add_energy(&well()).unwrap();
    let start = Mixture::new(2, &[1.0], &[0.0, 0.0], &[1.0, 0.0, 0.0, 1.0]).unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(start)))
        .unwrap();
    let mut writer = Writer::new(&solver, &run, None).unwrap();
    let fields = ["density", "velocity", "zeros"];
    for name in ["density", "velocity"] {
        writer
            .add(FieldQuery::named(name, &solver).unwrap())
            .unwrap();
    }
    writer.add(zero("zeros", 3).unwrap()).unwrap();
    for _ in 0..2 {
        solver.step().unwrap();
        writer.write(&solver).unwrap();
    }
    writer.close().unwrap();
    pack(&run, &packed).unwrap();
    let mut refused = 0;
    for file in [run.join("snap_000001.h5"), run.join("run.vtkhdf"), packed] {
        for name in ["/", "/points", "/series"]
            .map(|group| members(&file, group))
            .concat()
        {
            if fields.contains(&name.as_str()) || name == "zeros_component" {
                continue;
            }
            let error = zero(&name, 1).unwrap_err();
            assert_eq!(error.kind(), movimento::ErrorKind::Argument);
            assert!(error.message().contains(&format!("`{name}`")), "{error}");
            refused += 1;
        }
    }
    assert!(refused > 100, "{refused}");
    for object in movimento::snapshot::layout::OBJECTS {
        assert!(zero(object.name(), 1).is_err(), "{object:?}");
    }
}

#[test]
fn no_field_has_the_name_of_the_components_of_another() {
    let solver = l2(&options(2));
    for (first, second) in [("a", "a_component"), ("a_component", "a")] {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
        let components = |name| if name == "a" { 3 } else { 1 };
        writer.add(zero(first, components(first)).unwrap()).unwrap();
        let second = zero(second, components(second)).unwrap();
        let error = writer.add(second).unwrap_err();
        assert!(error.message().contains("`a_component`"), "{error}");
        // The writer is as it was.
        writer.write(&solver).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    for name in ["a", "a_component"] {
        writer.add(zero(name, 1).unwrap()).unwrap();
    }
    writer.write(&solver).unwrap();
}
