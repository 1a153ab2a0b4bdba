//! The Fortran modules: their interfaces against the header, and programs of outside users.

use crate::support::common;
use crate::support::common::fortran::{modules, program};
use crate::support::common::{plugin, root, succeeded, text};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CHECKS: &str = "tests/fortran/checks.f90";

fn python() -> Command {
    Command::new(std::env::var_os("MOVIMENTO_PYTHON").unwrap_or("python3".into()))
}

fn generator(arguments: &[&str]) -> Output {
    let script = root().join("bindings/fortran/generate.py");
    python().arg(script).args(arguments).output().unwrap()
}

#[test]
fn the_interfaces_are_what_the_header_says() {
    succeeded(&generator(&["--check"]));
}

/// gfortran 12 loses the length of an optional `errmsg` that a procedure hands on to another.
#[test]
fn no_message_is_handed_on() {
    for entry in fs::read_dir(root().join("bindings/fortran")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "f90") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap().replace("&\n", "");
        for line in source.lines().filter(|line| line.contains("errmsg")) {
            let line = line.split('!').next().unwrap();
            let plain = line.replace("present(errmsg)", "");
            let declares = ["subroutine ", "function ", "::"];
            let is_set = plain.contains("errmsg = ");
            assert!(
                declares.iter().any(|word| plain.contains(word))
                    || is_set
                    || !plain.contains("errmsg"),
                "{}: {line}",
                path.display()
            );
        }
    }
}

/// Beyond the text: what the compiler took the interfaces for, those of the procedures that C calls
/// included, against the header.
#[test]
fn the_compiler_sees_the_prototypes_of_the_header() {
    let folder = tempfile::tempdir().unwrap();
    let mut prototypes = String::new();
    for file in ["movimento_c", "movimento_callbacks"] {
        let mut compiler = Command::new("gfortran");
        compiler.args(["-std=f2008", "-fsyntax-only", "-fc-prototypes", "-I"]);
        compiler.arg(modules()).current_dir(folder.path());
        let output = compiler
            .arg(root().join(format!("bindings/fortran/{file}.f90")))
            .output()
            .unwrap();
        succeeded(&output);
        prototypes += &text(&output.stdout);
    }
    let file = folder.path().join("prototypes.h");
    let compare = |prototypes: &str| {
        fs::write(&file, prototypes).unwrap();
        generator(&["--prototypes", file.to_str().unwrap()])
    };
    let output = compare(&prototypes);
    succeeded(&output);
    println!("{}", text(&output.stdout));
    for (right, wrong) in [
        (
            "step_to (void *solver, double",
            "step_to (void *solver, float",
        ),
        (
            "evaluate (void *solver, long",
            "evaluate (void *solver, int",
        ),
        (
            "value_from_c (long n, long d, const double *",
            "value_from_c (long n, long d, double *",
        ),
        ("void mov_solver_free", "int mov_solver_free"),
    ] {
        assert!(prototypes.contains(right), "{right}");
        let output = compare(&prototypes.replace(right, wrong));
        assert!(!output.status.success(), "{wrong} is not seen");
    }
}

/// Runs a program and returns the functions of the library that it called: the dynamic linker, which
/// is lazy, tells of the first call of each.
fn called(command: &mut Command) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    command.env("LD_DEBUG", "bindings");
    command.env("LD_DEBUG_OUTPUT", folder.path().join("log"));
    let output = command.output().unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        let log = fs::read_to_string(file.unwrap().path()).unwrap();
        let bound = log.lines().filter_map(|line| line.split("symbol `").nth(1));
        names.extend(bound.filter_map(|rest| rest.split('\'').next().map(str::to_owned)));
    }
    names
}

fn functions_of_the_header() -> BTreeSet<String> {
    let script = "import header; print(*(it.name for it in header.read().functions))";
    let output = python()
        .args(["-c", script])
        .current_dir(root().join("bindings"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    succeeded(&output);
    let names = text(&output.stdout);
    names.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn programs_call_every_function_of_the_header_and_print_nothing() {
    for name in ["dirichlet", "internal", "double_well"] {
        plugin(name);
    }
    let folder = tempfile::tempdir().unwrap();
    let snapshots = folder.path().join("snapshots");
    let run = folder.path().join("run");
    let mut names = BTreeSet::new();
    for (source, arguments) in [
        ("heat", vec!["2", snapshots.to_str().unwrap()]),
        ("domain", vec![]),
        ("transport", vec![]),
        ("time", vec![]),
        ("lifetimes", vec![]),
        ("ranks", vec![]),
        ("coupling", vec![]),
        ("system", vec![]),
        ("hessian", vec![]),
        ("series", vec![run.to_str().unwrap()]),
    ] {
        let source = format!("tests/fortran/{source}.f90");
        let program = program(&[CHECKS, &source], folder.path());
        names.extend(called(Command::new(program).args(arguments)));
    }
    assert!(snapshots.join("snap_000000.h5").is_file());
    assert!(run.join("run.vtkhdf").is_file() && run.join("packed.h5").is_file());
    let script = root().join("tests/fortran/check_series.py");
    let mut check = python();
    check.arg(script).arg(run.join("snap_000001.h5"));
    succeeded(&check.output().unwrap());
    let expected = functions_of_the_header();
    let missed: Vec<_> = expected.difference(&names).collect();
    println!(
        "{} of {} functions",
        expected.len() - missed.len(),
        expected.len()
    );
    assert!(
        expected.len() > 50 && missed.is_empty(),
        "never called: {missed:?}"
    );
}

#[test]
fn errors_without_stat_and_copies_end_the_program_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(&[CHECKS, "tests/fortran/unhandled.f90"], folder.path());
    for (which, message) in [
        ("error", "movimento: option `tau` was given -1; accepted is"),
        ("shape", "movimento: `x` has the shape (2, 1), not (1, 1)"),
        ("create", "movimento: option `domain` is space"),
        ("copy", "cannot be assigned"),
        ("component", "cannot be assigned"),
        ("array", "cannot be assigned"),
    ] {
        let output = Command::new(&program).arg(which).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{which}");
        assert_eq!(text(&output.stdout), "", "{which}");
        let error = text(&output.stderr);
        assert!(error.contains(message), "{which}: {error}");
    }
}

#[test]
fn valgrind_finds_no_error_and_nothing_lost() {
    plugin("dirichlet");
    let folder = tempfile::tempdir().unwrap();
    let snapshots = folder.path().join("snapshots");
    for (source, arguments) in [
        ("lifetimes", vec![]),
        ("ranks", vec![]),
        ("coupling", vec![]),
        ("system", vec![]),
        ("hessian", vec![]),
        ("heat", vec!["1", snapshots.to_str().unwrap()]),
    ] {
        let source = format!("tests/fortran/{source}.f90");
        let output = Command::new("valgrind")
            .args(["--error-exitcode=99", "--leak-check=full"])
            .arg("--errors-for-leak-kinds=definite,indirect")
            .arg(program(&[CHECKS, &source], folder.path()))
            .args(arguments)
            .output()
            .expect("valgrind is there: apt-get install valgrind");
        succeeded(&output);
        let report = text(&output.stderr);
        assert!(report.contains("ERROR SUMMARY: 0 errors"), "{report}");
    }
}

fn printed(program: &Path) -> String {
    let output = Command::new(program).output().unwrap();
    succeeded(&output);
    text(&output.stdout)
}

#[test]
fn the_porous_medium_has_the_value_that_it_has_in_c() {
    let folder = tempfile::tempdir().unwrap();
    let ours = printed(&program(&["examples/porous_medium.f90"], folder.path()));
    assert_eq!(ours, "rho(0.25) = 0.59051 at t = 0.1\n");
    let in_c = common::program("examples/porous_medium.c", folder.path());
    assert_eq!(ours, printed(&in_c));
}

#[test]
fn an_advection_code_splits_operators_and_its_turn_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let ours = printed(&program(&["examples/splitting.f90"], folder.path()));
    let in_c = printed(&common::program("examples/splitting.c", folder.path()));
    println!("{ours}{in_c}");
    let parts = |line: &str| {
        let (state, rest) = line.split_once(", ").unwrap();
        let apart: f64 = rest.split(' ').next().unwrap().parse().unwrap();
        (state.to_owned(), apart)
    };
    let ((here, one), (there, two)) = (parts(&ours), parts(&in_c));
    assert_eq!(here, there);
    // What the host's own interpolation leaves in a turn.
    assert!(one < 2e-4 && two < 2e-4, "{one} {two}");
}

#[test]
fn the_heat_equation_is_as_exact_as_the_readme_says() {
    plugin("dirichlet");
    let folder = tempfile::tempdir().unwrap();
    let lines = printed(&program(&["examples/heat.f90"], folder.path()));
    println!("{lines}");
    assert!(lines.contains("40 steps to t = 0.200, energy decreasing in each"));
    let error = lines.split("relative L2 error ").nth(1).unwrap();
    let error: f64 = error.split(' ').next().unwrap().parse().unwrap();
    // The floor is 1.125e-3, the error of the Euler scheme; 20,000 random points show it to 1e-2 of it.
    assert!((1.09e-3..1.17e-3).contains(&error), "{error}");
}
