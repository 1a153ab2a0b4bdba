//! The scripts of `examples/postprocess`, run by the programs they are for, and the pictures that they make.

use crate::support::asymmetric_box::LOWER;
use crate::support::readers::{check, python, run};
use crate::support::{asymmetric_box, common};
use movimento::snapshot::{FieldQuery, Writer};
use movimento::{Initial, Result, Solver};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const UPPER: [f64; 3] = [2.0, 3.5, 1.5];

/// Where in the box a bump is in each snapshot: it goes along one axis after the other.
/// In one dimension it comes back from its second place to the middle.
const WAY: [[f64; 3]; 4] = [
    [0.25, 0.3, 0.3],
    [0.75, 0.3, 0.3],
    [0.75, 0.75, 0.3],
    [0.75, 0.75, 0.7],
];

/// A flow that takes milliseconds.
fn solver(d: usize) -> Solver {
    let mut options = asymmetric_box::options(d);
    options.set("upper", &UPPER[..d]).unwrap();
    let resolution = [81_i64, 41, 25][d - 1];
    options.set("snapshot_resolution", resolution).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let energy = common::energy("internal", "quadratic", &[("kappa", &[1.0])]);
    solver.add_energy(&energy).unwrap();
    let mut field = |_: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        u.fill(1.0);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    solver
}

/// Writes a series of a bump that moves, as many snapshots as there are axes and one, but three at least.
fn bump(folder: &Path, d: usize) -> usize {
    let snapshots = (d + 1).max(3);
    let mut solver = solver(d);
    let mut writer = Writer::new(&solver, folder, None).unwrap();
    let now = Arc::new(AtomicUsize::new(0));
    let clock = Arc::clone(&now);
    let of = move |x: &[f64], _: &[f64], out: &mut [f64]| -> Result<()> {
        let mut at = WAY[clock.load(Ordering::Relaxed)];
        if d == 1 && clock.load(Ordering::Relaxed) == 2 {
            at[0] = 0.5;
        }
        for (out, x) in out.iter_mut().zip(x.chunks(d)) {
            let off = |a: usize| (x[a] - LOWER[a]) / (UPPER[a] - LOWER[a]) - at[a];
            *out = (-(0..d).map(|a| off(a).powi(2)).sum::<f64>() / 0.02).exp();
        }
        Ok(())
    };
    let shown = FieldQuery::expression("bump", 1, Arc::new(of)).unwrap();
    writer.add(shown).unwrap();
    for number in 0..snapshots {
        now.store(number, Ordering::Relaxed);
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    snapshots
}

fn script(name: &str) -> PathBuf {
    common::root().join("examples/postprocess").join(name)
}

/// Renders a film of a folder or an index, and checks its frames.
fn film(of: &Path, to: &Path, kind: &str, frames: usize) {
    run(Command::new(python())
        .arg(script("movie.py"))
        .args([of, to])
        // As on a machine that has none.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY"));
    assert_eq!(fs::read_dir(to).unwrap().count(), frames);
    let arguments = [kind.as_ref(), to.as_os_str()];
    check(python(), "postprocess/check_pictures.py", &arguments);
}

/// Draws one picture, and checks it.
fn picture(program: &Path, name: &str, folder: &Path, to: &Path, kind: &str) {
    run(Command::new(program)
        .arg(script(name))
        .args([folder, to])
        .env_remove("DISPLAY"));
    let arguments = [kind.as_ref(), to.as_os_str()];
    check(python(), "postprocess/check_pictures.py", &arguments);
}

/// A folder for what is drawn; it is kept if `MOVIMENTO_PICTURES` names one to keep it in.
fn pictures(name: &str) -> (PathBuf, Option<tempfile::TempDir>) {
    match std::env::var_os("MOVIMENTO_PICTURES") {
        Some(kept) => {
            let folder = Path::new(&kept).join(name);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            (folder, None)
        }
        None => {
            let folder = tempfile::tempdir().unwrap();
            (folder.path().to_owned(), Some(folder))
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The series in so many dimensions, by all three programs.
fn everybody_draws(d: usize) {
    let series = tempfile::tempdir().unwrap();
    let series = series.path();
    let (to, _kept) = pictures(&format!("bump-{d}d"));
    let frames = bump(series, d);
    let before = files(series);
    film(series, &to.join("film"), &format!("film-{d}d"), frames);
    assert_eq!(files(series), before, "the film leaves something behind");
    let kind = |of: &str| format!("{of}-{d}d");
    let octave = Path::new("octave-cli");
    picture(
        octave,
        "look.m",
        series,
        &to.join("look.png"),
        &kind("look"),
    );
    let to_series = to.join("series.png");
    picture(&python(), "series.py", series, &to_series, &kind("series"));
    if d != 2 {
        return;
    }
    // Snapshots alone, as they are copied from a run that goes on.
    let bare = tempfile::tempdir().unwrap();
    for file in before {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.starts_with("snap_") {
            fs::copy(&file, bare.path().join(name)).unwrap();
        }
    }
    film(bare.path(), &to.join("bare"), "film-2d", frames);
}

#[test]
fn a_line_is_drawn() {
    everybody_draws(1);
}

#[test]
fn a_plane_is_drawn() {
    everybody_draws(2);
}

/// Of several fields, vectors among them and earlier ones in the alphabet, the first that was asked for is drawn.
#[test]
fn a_plane_of_several_fields_is_drawn_by_its_first() {
    let series = tempfile::tempdir().unwrap();
    let mut options = asymmetric_box::options(2);
    options.set("snapshot_resolution", 41_i64).unwrap();
    let mut solver = asymmetric_box::l2(&options);
    let mut writer = Writer::new(&solver, series.path(), None).unwrap();
    for name in ["u", "grad_u"] {
        writer
            .add(FieldQuery::named(name, &solver).unwrap())
            .unwrap();
    }
    for _ in 0..3 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let (to, _kept) = pictures("several");
    let drawn = |program: &Path, name: &str, picture: &str| {
        let mut command = Command::new(program);
        command
            .arg(script(name))
            .args([series.path(), &to.join(picture)]);
        run(command.env_remove("DISPLAY")).stdout
    };
    drawn(&python(), "movie.py", "film");
    assert_eq!(fs::read_dir(to.join("film")).unwrap().count(), 3);
    let said = drawn(&python(), "series.py", "series.png");
    assert!(common::text(&said).contains("grad_u"));
    drawn(Path::new("octave-cli"), "look.m", "look.png");
    for picture in ["series.png", "look.png", "film/frame_000002.png"] {
        let arguments = [to.join(picture)];
        check(python(), "figures/check_pictures.py", &arguments);
    }
}

#[test]
fn a_box_is_drawn() {
    everybody_draws(3);
}

/// The VTK of ParaView 5.11 ends over the index of a line or a plane: as that one, the film is of the other index.
#[test]
fn older_versions_of_vtk_are_given_the_other_index() {
    let code = "import runpy, sys, vtkmodules.vtkCommonCore as core\n\
        class Old:\n \
        GetVTKMajorVersion = staticmethod(lambda: 9)\n \
        GetVTKMinorVersion = staticmethod(lambda: 2)\n\
        core.vtkVersion = Old\n\
        sys.argv = sys.argv[1:]\n\
        runpy.run_path(sys.argv[0], run_name='__main__')";
    for d in 1..=3 {
        let series = tempfile::tempdir().unwrap();
        let frames = tempfile::tempdir().unwrap();
        let number = bump(series.path(), d);
        // What a process left that VTK has ended; another one is at work.
        let left = series.path().join(".run_4194999.vtkhdf");
        let held = series
            .path()
            .join(format!(".run_{}.vtkhdf", std::process::id()));
        fs::write(&left, "").unwrap();
        fs::write(&held, "").unwrap();
        let film = |of: &Path| {
            let mut command = Command::new(python());
            command.args(["-c", code]).arg(script("movie.py"));
            command.args([of, frames.path()]).env_remove("DISPLAY");
            command
        };
        run(&mut film(series.path()));
        assert_eq!(fs::read_dir(frames.path()).unwrap().count(), number);
        let kind = format!("film-{d}d");
        let arguments = [kind.as_ref(), frames.path().as_os_str()];
        check(python(), "postprocess/check_pictures.py", &arguments);
        assert!(!left.exists() && held.exists());
        let bare = film(frames.path()).output().unwrap();
        assert_eq!(bare.status.code(), Some(1));
        let said = common::text(&bare.stderr);
        assert!(said.contains("run.xmf is not there"), "{said}");
    }
}

/// A film of a series that cannot be drawn says why, and leaves nothing in its folder.
#[test]
fn a_film_that_fails_leaves_nothing() {
    let series = tempfile::tempdir().unwrap();
    let frames = tempfile::tempdir().unwrap();
    bump(series.path(), 1);
    let before = files(series.path());
    let output = Command::new(python())
        .arg(script("movie.py"))
        .args([series.path(), frames.path()])
        .arg("missing")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = common::text(&output.stderr);
    assert!(
        said.contains("there is no field missing") && said.contains("bump"),
        "{said}"
    );
    assert_eq!(files(series.path()), before);
}
