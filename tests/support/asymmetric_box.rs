//! A problem that takes milliseconds, in a box without symmetry, and what is in the files of its series.

use super::common::energy;
use movimento::options::Value;
use movimento::{Initial, Options, Solver};
use std::fs;
use std::path::Path;

pub const LOWER: [f64; 4] = [-1.0, 2.0, 0.5, 1.0];
pub const UPPER: [f64; 4] = [3.0, 3.0, 1.5, 2.0];
pub const KAPPA: f64 = 0.1;

pub fn set<const N: usize>(options: &mut Options, values: [(&str, Value); N]) {
    for (name, value) in values {
        options.set(name, value).unwrap();
    }
}

/// A problem that takes milliseconds, in a box without symmetry.
pub fn options(d: usize) -> Options {
    let mut options = Options::new();
    set(
        &mut options,
        [
            ("dimension", (d as i64).into()),
            ("lower", LOWER[..d].into()),
            ("upper", UPPER[..d].into()),
            ("hidden", vec![8_i64].into()),
            ("nodes", 400.into()),
            ("check_nodes", 50.into()),
            ("fit_max_iterations", 30.into()),
            ("fit_accept", 0.5.into()),
            ("step_accept", 1.0.into()),
            ("tau", 0.01.into()),
            ("threads", 1.into()),
            ("snapshot_resolution", 5.into()),
        ],
    );
    options
}

fn start(solver: &mut Solver) {
    let d = solver.domain().dimension();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (x, u) in x.chunks(d).zip(u) {
            let part = |axis: usize| (x[axis] - LOWER[axis]) / (UPPER[axis] - LOWER[axis]);
            *u = 2.0
                + (0..d)
                    .map(|a| (std::f64::consts::PI * part(a)).cos())
                    .sum::<f64>();
        }
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
}

pub fn l2(options: &Options) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in [
        energy("dirichlet", "dirichlet", &[("kappa", &[KAPPA])]),
        energy("internal", "quadratic", &[("kappa", &[1.0])]),
    ] {
        solver.add_energy(&energy).unwrap();
    }
    start(&mut solver);
    solver
}

pub fn reals(path: &Path, name: &str) -> Vec<f64> {
    let file = hdf5::File::open(path).unwrap();
    file.dataset(name).unwrap().read_raw().unwrap()
}

pub fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
