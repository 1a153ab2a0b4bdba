//! What `reproduce --out` writes, and the figures that `examples/postprocess/plot.py` draws from it.

use crate::support::common::{build_folder, plugin_folder, root, succeeded, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn python(script: &Path, arguments: &[PathBuf]) -> Output {
    let python = std::env::var_os("MOVIMENTO_PYTHON")
        .map_or_else(|| root().join("target/tools/bin/python"), PathBuf::from);
    let mut command = Command::new(python);
    command.arg(script).args(arguments).output().unwrap()
}

/// Runs a case for a few steps and gives the line that it prints.
fn reproduce(case: &[&str], folder: &Path) -> Value {
    let program = build_folder().join("examples/reproduce");
    assert!(
        program.exists(),
        "build it first: cargo build --release --example reproduce"
    );
    let output = Command::new(program)
        .args(case)
        .args(["--steps", "3", "--threads", "1", "--out"])
        .arg(folder)
        .env("MOVIMENTO_PLUGIN_PATH", plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

#[test]
fn cases_are_drawn_from_what_they_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for case in [&["toy"][..], &["pme-1d", "--scheme", "second"]] {
        let out = folder.path().join(case[0]);
        let line = reproduce(case, &out);
        let file = hdf5::File::open(out.join("errors.h5")).unwrap();
        let array = |name: &str| file.dataset(name).unwrap().read_raw::<f64>().unwrap();
        let (time, error) = (array("time"), array("rel_l2"));
        assert_eq!((time.len(), error.len()), (4, 4));
        for (last, printed) in [(time.last(), "time"), (error.last(), "rel_l2")] {
            let (last, printed) = (last.unwrap(), line[printed].as_f64().unwrap());
            // Reading JSON rounds.
            assert!((last / printed - 1.0).abs() < 1e-14, "{last:e} {printed:e}");
        }
        // The exact solution on the grid, beside the computed one.
        let (u, exact) = (array("cuts/line/u"), array("cuts/line/exact"));
        let largest = exact.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        assert_eq!(u.len(), array("cuts/line/shown").len() * 401);
        for (u, exact) in u.iter().zip(&exact) {
            assert!((u - exact).abs() < 1e-3 * largest, "{u} {exact}");
        }
        folders.push(out);
    }
    // Mass that began at a point is there at first, and the front carries it outward.
    let file = hdf5::File::open(folders[1].join("errors.h5")).unwrap();
    let particles = file.dataset("particles").unwrap();
    let shape = particles.shape();
    assert!(shape[0] == 4 && shape[1] > 8 && shape[2] == 1, "{shape:?}");
    let ways = particles.read_raw::<f64>().unwrap();
    for k in 0..shape[1] {
        let (began, ended) = (ways[k], ways[3 * shape[1] + k]);
        assert!(ended.abs() > began.abs(), "{began} {ended}");
    }
    drop(file);
    let output = python(&root().join("examples/postprocess/plot.py"), &folders);
    succeeded(&output);
    let pictures: Vec<PathBuf> = text(&output.stdout).lines().map(PathBuf::from).collect();
    let names = pictures.iter().filter_map(|p| p.file_stem());
    let names: Vec<_> = names.map(|n| n.to_string_lossy().into_owned()).collect();
    for name in ["solution", "error", "balance", "mean"] {
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
    let check = root().join("tests/figures/check_pictures.py");
    succeeded(&python(&check, &pictures));
}
