//! What the tests of the border share: compiling C, finding the library, tiny problems.

pub mod fortran;

use movimento::Energy;
use movimento::capi::*;
use std::ffi::{CStr, CString, c_void};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::ptr::{null, null_mut};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder `release` or `debug` that this test was built into.
pub fn build_folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}

/// The shared library, built along with the tests.
pub fn library() -> PathBuf {
    build_folder().join("deps/libmovimento.so")
}

/// One of the plugins that the tests of the workspace, or `cargo build --workspace`, build.
pub fn plugin(name: &str) -> PathBuf {
    let file = format!("libmovimento_{name}.so");
    let places = [build_folder().join("deps"), build_folder()].map(|folder| folder.join(&file));
    let found = places.into_iter().find(|place| place.is_file());
    found.unwrap_or_else(|| panic!("{file} is missing: cargo build --release --workspace"))
}

/// The folder of those plugins, for `MOVIMENTO_PLUGIN_PATH`.
pub fn plugin_folder() -> PathBuf {
    plugin("dirichlet").parent().unwrap().to_owned()
}

/// An energy of a plugin of this workspace, with its parameters.
pub fn energy(name: &str, id: &str, parameters: &[(&str, &[f64])]) -> Energy {
    let mut energy = Energy::from_file(&plugin(name), Some(id)).unwrap();
    for (name, values) in parameters {
        energy.set(name, values).unwrap();
    }
    energy
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Compiles a C file below the root to a shared object in `folder`.
pub fn shared_object(source: &str, folder: &Path, name: &str, defines: &[&str]) -> PathBuf {
    let object = folder.join(name);
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]);
    cc.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    cc.args(defines.iter().map(|define| format!("-D{define}")));
    cc.arg("-I")
        .arg(root().join("include"))
        .arg(root().join(source));
    run(cc.arg("-o").arg(&object).arg("-lm"));
    object
}

/// The plugin of tests/plugins/broken.c that is broken in this way.
pub fn broken(folder: &Path, how: &str) -> PathBuf {
    let define = format!("BREAK={how}");
    let define = if how == "NO_SYMBOL" { how } else { &define };
    shared_object(
        "tests/plugins/broken.c",
        folder,
        &format!("{how}.so"),
        &[define],
    )
}

/// Before the folder of the library. Cargo sets LD_LIBRARY_PATH, where a library of an earlier build can
/// lie under its soname; this path comes before that one.
pub const RPATH: &str = "-Wl,--disable-new-dtags,-rpath";

/// Puts the library under its installed names into a folder.
pub fn link_library(folder: &Path) {
    let current = format!("libmovimento.so.{MOV_ABI_VERSION}");
    // Programs that were linked with interface 0 run with this one: it has gained calls and lost none.
    for name in ["libmovimento.so", "libmovimento.so.0", &current] {
        let link = folder.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(library(), link).unwrap();
        }
    }
}

/// Compiles a C program of an outside user, in a folder with the library under its installed
/// names.
pub fn program(source: &str, folder: &Path) -> PathBuf {
    program_with(source, folder, &[])
}

/// The same with more options for the compiler.
pub fn program_with(source: &str, folder: &Path, options: &[&str]) -> PathBuf {
    link_library(folder);
    let program = folder.join(Path::new(source).file_stem().unwrap());
    let mut cc = Command::new("cc");
    cc.args([
        "-std=c11",
        "-g",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
    ]);
    cc.arg("-I")
        .arg(root().join("include"))
        .arg(root().join(source));
    cc.arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(folder)
        .args(["-lmovimento", "-lm", "-lpthread"])
        .args(options);
    run(cc.arg(RPATH).arg(folder));
    program
}

pub fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

pub fn succeeded(output: &Output) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
}

pub fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

pub fn c_path(path: &Path) -> CString {
    c(path.to_str().unwrap())
}

pub fn last_error() -> String {
    unsafe { CStr::from_ptr(mov_last_error()) }
        .to_str()
        .unwrap()
        .to_owned()
}

/// Checks a status and its message, and shows the message.
#[track_caller]
pub fn refused(status: i32, expected: i32, parts: &[&str]) {
    let message = last_error();
    println!("{status}: {message}");
    assert_eq!(status, expected, "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

/// The same for a function that creates.
#[track_caller]
pub fn not_created<T>(handle: *mut T, parts: &[&str]) {
    assert!(handle.is_null());
    refused(0, 0, parts);
}

#[track_caller]
pub fn ok(status: i32) {
    assert_eq!(status, MOV_OK, "{}", last_error());
}

#[track_caller]
pub fn made<T>(handle: *mut T) -> *mut T {
    assert!(!handle.is_null(), "{}", last_error());
    handle
}

/// Options for a problem on [0, 1]^d that takes milliseconds.
pub fn tiny_options(d: i64) -> *mut mov_options {
    let o = made(mov_options_create());
    unsafe {
        for (name, value) in [
            ("dimension", d),
            ("nodes", if d == 1 { 40 } else { 400 }),
            ("check_nodes", 50),
            ("fit_max_iterations", 60),
            ("threads", 1),
        ] {
            ok(mov_options_set_integer(o, c(name).as_ptr(), value));
        }
        ok(mov_options_set_real(o, c"fit_accept".as_ptr(), 0.5));
        ok(mov_options_set_real(o, c"fit_tolerance".as_ptr(), 1e-4));
        ok(mov_options_set_integers(
            o,
            c"hidden".as_ptr(),
            1,
            [8].as_ptr(),
        ));
    }
    o
}

pub fn tiny_solver() -> *mut mov_solver {
    let options = tiny_options(1);
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    solver
}

/// u_0 = 1 + cos(pi x) / 2.
pub extern "C" fn u0(n: u64, d: u64, x: *const f64, u: *mut f64, _: *mut c_void) -> i32 {
    for i in 0..n as usize {
        unsafe { *u.add(i) = 1.0 + 0.5 * (std::f64::consts::PI * *x.add(i * d as usize)).cos() };
    }
    0
}

pub fn set_u0(solver: *mut mov_solver) -> i32 {
    unsafe { mov_solver_set_initial_callback(solver, Some(u0), None, null_mut()) }
}

/// Adds an energy and frees it.
#[track_caller]
pub fn add(solver: *mut mov_solver, energy: *mut mov_energy) {
    ok(mov_solver_add_energy(solver, made(energy)));
    mov_energy_free(energy);
}

/// The energy u^2/2 as a callback of the host.
pub extern "C" fn half_square(
    n: u64,
    _d: u64,
    _x: *const f64,
    u: *const f64,
    _p: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    _f_p: *mut f64,
    _: *mut c_void,
) -> i32 {
    for i in 0..n as usize {
        unsafe {
            if !f.is_null() {
                *f.add(i) = 0.5 * *u.add(i) * *u.add(i);
            }
            if !f_u.is_null() {
                *f_u.add(i) = *u.add(i);
            }
        }
    }
    0
}

pub fn half_square_energy() -> *mut mov_energy {
    let name = c"half-square".as_ptr();
    made(unsafe { mov_energy_create_callback(name, Some(half_square), MOV_CONVEX, null_mut()) })
}

/// A tiny solver with an energy and an initial condition.
pub fn ready() -> *mut mov_solver {
    let solver = tiny_solver();
    add(solver, half_square_energy());
    ok(set_u0(solver));
    solver
}

pub fn parameters(solver: *const mov_solver) -> Vec<u64> {
    let mut count = 0;
    ok(unsafe { mov_solver_parameter_count(solver, &mut count) });
    let mut values = vec![0.0; count as usize];
    ok(unsafe { mov_solver_parameters(solver, count, values.as_mut_ptr()) });
    values.into_iter().map(f64::to_bits).collect()
}

pub fn describe(what: Option<&str>) -> Result<serde_json::Value, (i32, String)> {
    let what = what.map(c);
    let what = what.as_ref().map_or(null(), |w| w.as_ptr());
    let mut needed = 0;
    let status = unsafe { mov_plugin_describe(what, null_mut(), 0, &mut needed) };
    if status != 0 {
        return Err((status, last_error()));
    }
    let mut buffer = vec![0_u8; needed as usize];
    ok(unsafe { mov_plugin_describe(what, buffer.as_mut_ptr().cast(), needed, null_mut()) });
    let text = CStr::from_bytes_with_nul(&buffer)
        .unwrap()
        .to_str()
        .unwrap();
    Ok(serde_json::from_str(text).unwrap())
}
