//! Snapshots that a solver does not go on from: those of another run, by the name of what differs, and files
//! that are no whole snapshots.

use crate::alone;
use crate::support::common::*;
use movimento::capi::*;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fs;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;

fn options() -> *mut mov_options {
    let options = tiny_options(2);
    let resolution = c"snapshot_resolution".as_ptr();
    ok(unsafe { mov_options_set_integer(options, resolution, 5) });
    options
}

/// The solver of these options, which it frees, with an energy of a plugin and one of the host.
fn solver(options: *mut mov_options, file: &Path, kappa: f64) -> *mut mov_solver {
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    let energy =
        made(unsafe { mov_energy_create_from_file(c_path(file).as_ptr(), c"dirichlet".as_ptr()) });
    ok(unsafe { mov_energy_set_real(energy, c"kappa".as_ptr(), kappa) });
    add(solver, energy);
    add(solver, half_square_energy());
    solver
}

fn usual() -> *mut mov_solver {
    solver(options(), &plugin("dirichlet"), 0.1)
}

fn restore(solver: *mut mov_solver, path: &Path) -> i32 {
    unsafe { mov_solver_restore(solver, c_path(path).as_ptr(), null_mut()) }
}

/// A snapshot after two steps of the usual solver.
fn snapshot(folder: &Path) -> (PathBuf, Vec<u64>) {
    let first = usual();
    ok(set_u0(first));
    for _ in 0..2 {
        ok(mov_solver_step(first));
    }
    let mut number = 7;
    let written = unsafe { mov_solver_write_snapshot(first, c_path(folder).as_ptr(), &mut number) };
    ok(written);
    let at = parameters(first);
    mov_solver_free(first);
    (folder.join(format!("snap_{number:06}.h5")), at)
}

#[test]
fn what_differs_is_named() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (path, at) = snapshot(folder.path());
    let set = |set: &dyn Fn(*mut mov_options) -> i32| {
        let options = options();
        ok(set(options));
        options
    };
    let usual_file = plugin("dirichlet");
    let real = |name: &'static std::ffi::CStr, value: f64| {
        set(&move |options| unsafe { mov_options_set_real(options, name.as_ptr(), value) })
    };
    let integer = |name: &'static std::ffi::CStr, value: i64| {
        set(&move |options| unsafe { mov_options_set_integer(options, name.as_ptr(), value) })
    };
    for (options, name, theirs, ours) in [
        (real(c"tau", 0.02), "`tau`", "0.01", "0.02"),
        (real(c"tolerance", 0.1), "`tolerance`", "0.0", "0.1"),
        (integer(c"seed", 4), "`seed`", "1", "4"),
        (
            integer(c"max_iterations", 51),
            "`max_iterations`",
            "50",
            "51",
        ),
        (integer(c"harmonics", 3), "`harmonics`", "2", "3"),
    ] {
        let solver = solver(options, &usual_file, 0.1);
        let parts = [path.to_str().unwrap(), name, theirs, ours];
        refused(restore(solver, &path), MOV_ERROR_OPTION, &parts);
        mov_solver_free(solver);
    }
    // Those that change no bit may be others.
    for options in [integer(c"threads", 2), integer(c"snapshot_resolution", 9)] {
        let solver = solver(options, &usual_file, 0.1);
        ok(restore(solver, &path));
        assert!(parameters(solver) == at);
        mov_solver_free(solver);
    }
    let other = solver(options(), &usual_file, 0.2);
    let parts = ["`dirichlet`", "`kappa`", "0.1", "0.2"];
    refused(restore(other, &path), MOV_ERROR_PLUGIN, &parts);
    mov_solver_free(other);
    // Another build of the plugin.
    let copy = folder.path().join("libmovimento_dirichlet.so");
    let mut bytes = fs::read(&usual_file).unwrap();
    bytes.push(0);
    fs::write(&copy, bytes).unwrap();
    let other = solver(options(), &copy, 0.1);
    let parts = ["`dirichlet`", "fingerprint of the plugin's file"];
    refused(restore(other, &path), MOV_ERROR_PLUGIN, &parts);
    mov_solver_free(other);
    // A term more.
    let other = usual();
    add(other, half_square_energy());
    let parts = [
        "dirichlet, half-square ",
        "dirichlet, half-square, half-square",
    ];
    refused(restore(other, &path), MOV_ERROR_PLUGIN, &parts);
    mov_solver_free(other);
    // Nodes of the host.
    let other = usual();
    let n = 20 * 20;
    let x: Vec<f64> = (0..2 * n).map(|k| (f64::from(k) * 0.618) % 1.0).collect();
    let w = vec![1.0 / f64::from(n); n as usize];
    let nodes = unsafe {
        mov_solver_set_nodes(
            other,
            n as u64,
            x.as_ptr(),
            w.as_ptr(),
            0,
            std::ptr::null(),
            std::ptr::null(),
        )
    };
    ok(nodes);
    refused(restore(other, &path), MOV_ERROR_OPTION, &["`embedding`"]);
    mov_solver_free(other);
    // Nothing was spoilt by any of this.
    let last = usual();
    ok(restore(last, &path));
    ok(mov_solver_step(last));
    mov_solver_free(last);
}

/// The sine-Gordon plugin of the examples, with this version.
fn sine_gordon(folder: &Path, version: &str) -> PathBuf {
    let source = fs::read_to_string(root().join("examples/plugin-c/plugin.c")).unwrap();
    let source = source.replace("\"1.0.0\"", &format!("\"{version}\""));
    let file = folder.join(format!("sine_gordon_{version}.c"));
    fs::write(&file, source).unwrap();
    let name = format!("sine_gordon_{version}.so");
    shared_object(file.to_str().unwrap(), folder, &name, &[])
}

#[test]
fn another_version_of_a_plugin_is_named() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let make = |version: &str| {
        let solver = tiny_solver();
        let file = sine_gordon(folder.path(), version);
        let energy =
            unsafe { mov_energy_create_from_file(c_path(&file).as_ptr(), std::ptr::null()) };
        add(solver, energy);
        solver
    };
    let first = make("1.0.0");
    ok(set_u0(first));
    ok(mov_solver_step(first));
    let run = folder.path().join("run");
    ok(unsafe { mov_solver_write_snapshot(first, c_path(&run).as_ptr(), null_mut()) });
    ok(restore(first, &run));
    mov_solver_free(first);
    let other = make("1.0.1");
    let parts = ["`sine-gordon-c`", "version", "1.0.0", "1.0.1"];
    refused(restore(other, &run), MOV_ERROR_PLUGIN, &parts);
    mov_solver_free(other);
}

#[test]
fn handles_and_places_are_checked() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = snapshot(folder.path());
    let mut number = 5;
    let place = &raw mut number;
    let solver = usual();
    unsafe {
        let file = c_path(&path);
        let null = mov_solver_restore(solver, std::ptr::null(), place);
        refused(null, MOV_ERROR_ARGUMENT, &["path"]);
        let null = mov_solver_restore(null_mut(), file.as_ptr(), place);
        refused(null, MOV_ERROR_HANDLE, &["solver"]);
        let empty = c_path(&folder.path().join("empty"));
        let none = mov_solver_restore(solver, empty.as_ptr(), place);
        refused(none, MOV_TRY_AGAIN, &["no snapshot", "empty"]);
        assert_eq!(number, 5);
        ok(mov_solver_restore(solver, file.as_ptr(), place));
        assert_eq!(number, 0);
        let named = folder.path().join("named.h5");
        fs::copy(&path, &named).unwrap();
        ok(mov_solver_restore(solver, c_path(&named).as_ptr(), place));
        assert_eq!(number, u64::MAX);
    }
    mov_solver_free(solver);
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Memory that this process holds.
fn resident_bytes() -> f64 {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = text.split_whitespace().nth(1).unwrap().parse().unwrap();
    4096.0 * pages
}

#[test]
fn damaged_files_are_refused() {
    let _alone = alone();
    // Two hundred, or as many as the environment says.
    let said = std::env::var("MOVIMENTO_TORTURE_FILES");
    let count: usize = said.map_or(200, |said| said.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (path, at) = snapshot(folder.path());
    let whole = fs::read(&path).unwrap();
    let solver = usual();
    ok(restore(solver, &path));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let broken = folder.path().join("broken.h5");
    let mut below = |n: usize| rng.random_range(0..n);
    let (files, memory) = (open_files(), resident_bytes());
    for case in 0..count {
        let mut bytes = whole.clone();
        let at = below(bytes.len());
        let span = (1 + below(600)).min(bytes.len() - at);
        match case % 8 {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes.truncate(at),
            2 => bytes[at..at + span].fill(0xff),
            3 => (0..40).for_each(|_| bytes[below(whole.len())] = below(256) as u8),
            4 => drop(bytes.drain(at..at + span)),
            5 => bytes.extend_from_within(at..at + span),
            // Where HDF5 keeps its superblock and the root group.
            6 => bytes[below(800)] ^= 1 + below(255) as u8,
            _ => {
                let block = bytes[at..at + span].to_vec();
                let to = below(bytes.len());
                bytes.splice(to..to, block);
            }
        }
        if bytes == whole {
            bytes.pop();
        }
        fs::write(&broken, &bytes).unwrap();
        let status = restore(solver, &broken);
        assert_eq!(status, MOV_ERROR_FILE, "{case}: {}", last_error());
        assert!(last_error().contains("broken.h5"), "{}", last_error());
    }
    println!("{count} damaged files were refused");
    // Files that are something else.
    let text = fs::read(root().join("README.md")).unwrap();
    let foreign = [Vec::new(), text, whole[..whole.len() - 40].to_vec()];
    for bytes in foreign {
        fs::write(&broken, &bytes).unwrap();
        refused(restore(solver, &broken), MOV_ERROR_FILE, &["broken.h5"]);
    }
    refused(restore(solver, Path::new("/dev/null")), MOV_ERROR_FILE, &[]);
    assert_eq!(open_files(), files);
    let grown = resident_bytes() - memory;
    assert!(grown < 8e6, "{grown} bytes more");
    assert!(parameters(solver) == at, "the solver is what it was");
    ok(mov_solver_step(solver));
    mov_solver_free(solver);
}
