//! Programs of outside users under `mpirun`: the same answer on any number of processes, and errors that
//! reach them all.

use crate::support::common::*;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// A program of C, compiled by MPI's compiler.
fn mpi_program(source: &str, folder: &Path) -> PathBuf {
    link_library(folder);
    let program = folder.join(Path::new(source).file_stem().unwrap());
    let mut cc = Command::new("mpicc");
    cc.args(["-std=c11", "-g"]).args(STRICT);
    cc.arg("-I").arg(root().join("include"));
    cc.arg(root().join(source)).arg("-o").arg(&program);
    cc.arg("-L").arg(folder).args(["-lmovimento", "-lm"]);
    let output = cc.arg(RPATH).arg(folder).output();
    succeeded(&output.expect("MPI is there: apt-get install libopenmpi-dev openmpi-bin"));
    program
}

/// An example of Fortran.
fn fortran_program(name: &str, folder: &Path) -> PathBuf {
    link_library(folder);
    let program = folder.join(format!("{name}_fortran"));
    let example = format!("examples/mpi/{name}.f90");
    let mut fortran = Command::new("mpif90");
    fortran.args(["-std=f2008", "-g"]).args(STRICT);
    // Callbacks have arguments that they do not need.
    fortran.arg("-Wno-unused-dummy-argument");
    fortran.arg("-I").arg(fortran::modules());
    fortran.current_dir(folder);
    for source in ["bindings/fortran/mpi/movimento_mpi.f90", example.as_str()] {
        fortran.arg(root().join(source));
    }
    fortran
        .arg("-L")
        .arg(fortran::modules())
        .arg("-L")
        .arg(folder);
    fortran
        .args(["-lmovimento_fortran", "-lmovimento", RPATH])
        .arg(folder);
    succeeded(&fortran.arg("-o").arg(&program).output().unwrap());
    program
}

/// Runs a program on so many processes; one that hangs ends in time.
fn on_processes(count: usize, program: &Path, arguments: &[&str]) -> Output {
    let mut run = Command::new("timeout");
    run.args(["--kill-after=5", "150", "mpirun"]);
    run.args(["--allow-run-as-root", "--oversubscribe", "-n"]);
    run.arg(count.to_string()).arg(program).args(arguments);
    // Containers forbid the ways of copying between processes that it would try.
    run.env("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    run.env("OMPI_MCA_mpi_yield_when_idle", "1");
    run.env("MOVIMENTO_PLUGIN_PATH", plugin_folder());
    run.output()
        .expect("MPI is there: apt-get install openmpi-bin")
}

/// The numbers after `u(0.25, 0.5) =` and `energy`.
fn numbers(output: &Output) -> [f64; 2] {
    succeeded(output);
    let out = text(&output.stdout);
    println!("{out}");
    ["u(0.25, 0.5) = ", "energy "].map(|before| {
        let rest = out.split(before).nth(1).unwrap();
        let number = rest.split([',', ' ']).next().unwrap();
        number.parse().unwrap()
    })
}

#[test]
fn the_answer_is_the_same_on_one_two_and_four_processes() {
    let folder = tempfile::tempdir().unwrap();
    let heat = mpi_program("examples/mpi/heat.c", folder.path());
    let alone = numbers(&on_processes(1, &heat, &[]));
    // The exact u, and the error of the Euler scheme.
    let pi = std::f64::consts::PI;
    let exact = (0.25 * pi).cos() * (-0.002 * pi * pi).exp();
    assert!((alone[0] - exact).abs() < 1e-4, "{alone:?} for {exact}");
    let fortran = fortran_program("heat", folder.path());
    for (count, program) in [(2, &heat), (4, &heat), (2, &fortran)] {
        let now = numbers(&on_processes(count, program, &[]));
        let (u, energy) = (now[0] - alone[0], now[1] - alone[1]);
        assert!(
            u.abs() < 1e-10 && energy.abs() < 1e-10,
            "{now:?}, {alone:?}"
        );
    }
}

/// The processes that one has started.
fn children(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let said = std::fs::read_to_string(path).unwrap_or_default();
    said.split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// Runs the example that goes on, with some arguments before it; one of its processes is killed once so many snapshots
/// were written, if it is to be. Returns the snapshots that were acknowledged, and the last line.
fn going_on(
    count: usize,
    program: &[&Path],
    folder: &Path,
    kill_after: Option<usize>,
) -> (Vec<u64>, String) {
    let mut run = Command::new("mpirun");
    run.args(["--allow-run-as-root", "--oversubscribe", "-n"]);
    run.arg(count.to_string())
        .args(program)
        .arg(folder)
        .arg("0.05");
    run.env("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    run.env("OMPI_MCA_mpi_yield_when_idle", "1");
    run.env("MOVIMENTO_PLUGIN_PATH", plugin_folder());
    let mut run = run.stdout(Stdio::piped()).spawn().unwrap();
    let (mut written, mut last) = (Vec::new(), String::new());
    for line in BufReader::new(run.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        println!("{count}: {line}");
        if let Some(number) = line.trim().strip_prefix("written ") {
            written.push(number.parse().unwrap());
            if Some(written.len()) == kill_after {
                // Not always the one that writes.
                let ranks = children(run.id());
                assert_eq!(ranks.len(), count, "{ranks:?}");
                let one = ranks[written.len() % count].to_string();
                succeeded(&Command::new("kill").args(["-KILL", &one]).output().unwrap());
            }
        }
        last = line;
    }
    let status = run.wait().unwrap();
    assert_eq!(status.success(), kill_after.is_none(), "{status}");
    (written, last)
}

#[test]
fn runs_that_are_killed_go_on_in_c_fortran_and_python() {
    let tools = tempfile::tempdir().unwrap();
    let in_c = mpi_program("examples/mpi/restart.c", tools.path());
    let in_fortran = fortran_program("restart", tools.path());
    let python = crate::python::installed();
    let script = root().join("examples/mpi/restart.py");
    let whole = tempfile::tempdir().unwrap();
    let (_, expected) = going_on(1, &[&in_c], whole.path(), None);
    let u = |line: &str| -> f64 { line.split(' ').nth_back(4).unwrap().parse().unwrap() };
    for program in [&[in_c.as_path()][..], &[&in_fortran], &[python, &script]] {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for (count, kill_after) in [(2, Some(3)), (4, Some(2)), (2, Some(1)), (1, None)] {
            let (written, last) = going_on(count, program, folder.path(), kill_after);
            // Nothing that was acknowledged is written twice.
            assert!(all.last() < written.first(), "{all:?}, then {written:?}");
            all.extend(written);
            if kill_after.is_none() {
                println!("{last}; expected {expected}");
                // To the same bits, on whichever numbers of processes.
                assert_eq!(u(last.trim()), u(expected.trim()));
            }
        }
        assert_eq!(all.last(), Some(&10));
    }
}

#[test]
fn what_fails_on_one_process_fails_on_all() {
    let folder = tempfile::tempdir().unwrap();
    let program = mpi_program("tests/c/mpi.c", folder.path());
    for (how, count, status, part) in [
        ("", 3, 0, ""),
        ("energy", 2, -6, "rank 1: energy"),
        ("energy", 4, -6, "rank 1: energy"),
        ("initial", 2, -6, "rank 1: initial condition"),
        ("cancel", 3, 2, "rank 1: cancelled by the progress callback"),
        ("options", 2, -2, "rank 1: option `tau`"),
        ("time", 2, -1, "rank 1: `time` is 0.04"),
        ("nan", 3, -1, "rank 1: argument `time` is"),
        ("call", 2, -4, "not at the same place"),
    ] {
        let start = Instant::now();
        let output = on_processes(count, &program, &[how]);
        let out = text(&output.stdout);
        println!(
            "{how} on {count}, {:.1} s: {out}",
            start.elapsed().as_secs_f64()
        );
        succeeded(&output);
        assert!(
            out.starts_with(&format!("status {status}: ")),
            "{how}: {out}"
        );
        assert!(out.contains(part), "{how}: `{part}` is not in: {out}");
    }
}

#[test]
fn the_header_compiles_without_a_warning_as_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("header.cpp");
    let twice = "#include <movimento_mpi.h>\n#include <movimento_mpi.h>\n";
    let main = "int main() { return mov_mpi_detach(nullptr); }\n";
    std::fs::write(&source, format!("{twice}{main}")).unwrap();
    let mut cpp = Command::new("mpicxx");
    // Open MPI's old C++ bindings have warnings of their own.
    cpp.args(["-std=c++17", "-DOMPI_SKIP_MPICXX", "-fsyntax-only"]);
    cpp.args(STRICT).arg("-I").arg(root().join("include"));
    succeeded(&cpp.arg(&source).output().unwrap());
}
