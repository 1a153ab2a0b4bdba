//! Hosts with ways of their own: floating-point traps, OpenMP, another libhdf5, processes that fork, a
//! finite element code with its mesh; and C programs under the address sanitizer.

use crate::support::common::*;
use std::path::Path;
use std::process::Command;

/// Runs a program in a folder that it may write into; it ends with 0 and has nothing to say.
fn silent(program: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program).arg(folder.path()).output().unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

fn host(name: &str, options: &[&str]) {
    for name in ["dirichlet", "internal"] {
        plugin(name);
    }
    let folder = tempfile::tempdir().unwrap();
    silent(&program_with(
        &format!("tests/c/host_{name}.c"),
        folder.path(),
        options,
    ));
}

#[test]
fn traps_rounding_and_flags_of_the_host_neither_disturb_nor_are_disturbed() {
    host("traps", &["-O1", "-frounding-math"]);
}

#[test]
fn threads_of_openmp_have_solvers_and_serve_in_callbacks() {
    host("openmp", &["-fopenmp"]);
}

#[test]
fn parent_and_child_go_on_after_a_fork() {
    host("fork", &[]);
}

#[test]
fn another_libhdf5_is_in_the_same_process() {
    let output = Command::new("pkg-config")
        .args(["--cflags", "--libs", "hdf5"])
        .output()
        .unwrap();
    succeeded(&output);
    let options = text(&output.stdout);
    host("hdf5", &options.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn the_address_sanitizer_finds_nothing_in_c_programs() {
    for name in ["dirichlet", "internal", "potential"] {
        plugin(name);
    }
    for source in ["tests/c/heat.c", "tests/c/transport.c", "tests/c/domain.c"] {
        let folder = tempfile::tempdir().unwrap();
        let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
        let mut command = Command::new(program_with(source, folder.path(), &options));
        if !source.contains("transport") {
            let snapshots = folder.path().join("snapshots");
            command.args(
                source
                    .contains("heat")
                    .then_some(["2", "2"])
                    .into_iter()
                    .flatten(),
            );
            command.arg(snapshots);
        }
        let output = command
            .env("ASAN_OPTIONS", "detect_leaks=1")
            .output()
            .unwrap();
        succeeded(&output);
        assert_eq!(text(&output.stdout) + &text(&output.stderr), "", "{source}");
    }
}

/// The figure after a key that a program of examples/coupling prints.
fn figure(printed: &str, key: &str, which: usize) -> f64 {
    let line = printed.lines().find(|line| line.starts_with(key)).unwrap();
    let number = |word: &str| word.trim_end_matches(',').parse().ok();
    line.split(' ').filter_map(number).nth(which).unwrap()
}

/// Runs a program of examples/coupling, with plugins that it needs.
fn with_finite_elements(name: &str, plugins: &[&str]) -> String {
    for name in plugins {
        plugin(name);
    }
    let folder = tempfile::tempdir().unwrap();
    link_library(folder.path());
    let program = folder.path().join(name);
    let mut command = Command::new("c++");
    command.args(["-std=c++17", "-Wall", "-Wextra", "-Werror"]);
    command.arg(root().join(format!("examples/coupling/{name}.cpp")));
    for include in ["include", "bindings/cpp"] {
        command.arg("-I").arg(root().join(include));
    }
    command.arg("-o").arg(&program).arg("-L").arg(folder.path());
    command.args(["-lmovimento", "-lgetfem", "-lblas"]);
    command.arg(RPATH).arg(folder.path());
    succeeded(&command.output().unwrap());
    let output = Command::new(program).output().unwrap();
    succeeded(&output);
    let printed = text(&output.stdout);
    println!("{printed}");
    printed
}

#[test]
fn a_finite_element_code_and_the_solver_agree_on_its_mesh() {
    let printed = with_finite_elements("getfem", &["dirichlet", "double_well"]);
    // The bound is the sum of what each of the two may be off, which the program derives.
    let (distance, bound) = (
        figure(&printed, "distance", 0),
        figure(&printed, "bound", 0),
    );
    assert!(distance <= bound && bound < 5e-3);
    let energies = [0, 1, 2].map(|which| figure(&printed, "energy", which));
    // One field, integrated by both; then two fields, near the minimum of a step.
    assert!((energies[0] / energies[1] - 1.0).abs() < 1e-5);
    assert!((energies[0] / energies[2] - 1.0).abs() < bound);
    // No flux through the boundary; inside, kappa |grad u| is about 0.1.
    assert!(figure(&printed, "flux", 0) < 1e-3);
}

/// Windows of time that are taken until temperature and flux of the interface agree; what is left is the error of
/// the time steps of both, some 6e-5.
#[test]
fn a_finite_element_code_and_the_solver_exchange_heat_through_an_interface() {
    let printed = with_finite_elements("interface", &["dirichlet"]);
    assert!(figure(&printed, "distance", 0) < 2e-4);
    assert!(figure(&printed, "distance", 1) < 2e-4);
    assert!(figure(&printed, "lost", 0) < 1e-4);
    assert!(figure(&printed, "taken", 0) < 10.0);
}
