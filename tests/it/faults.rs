//! Faults that were seen once, each with the small input that showed it; `tests/FAULTS.md` lists all of them.

use crate::support::asymmetric_box::{l2, options, reals};
use crate::support::common::*;
use movimento::domain::DomainChoice;
use movimento::{Domain, Options, snapshot};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Of four poles on the grid, rounding put two outside.
#[test]
fn all_poles_of_a_ball_are_in_it() {
    for (lower, upper) in [(0.1, 1.1), (0.2, 0.9), (0.3, 1.5), (0.0, 1.0), (-0.3, 0.4)] {
        let ball = Domain::new(DomainChoice::Ball, vec![lower; 2], vec![upper; 2]).unwrap();
        let at = |i: usize| {
            let t = i as f64 / 8.0;
            lower * (1.0 - t) + upper * t
        };
        let poles = [at(4), at(0), at(0), at(4), at(4), at(8), at(8), at(4)];
        let mut inside = [false; 4];
        ball.contains(&poles, &mut inside).unwrap();
        assert_eq!(inside, [true; 4], "{lower} to {upper}");
        let mut outside = [true];
        ball.contains(&[at(0), at(0)], &mut outside).unwrap();
        assert_eq!(outside, [false]);
    }
}

/// Whole numbers and single ones, for options that are real or lists.
#[test]
fn options_take_what_they_can_be_made_of() {
    let mut options = Options::new();
    options.set("tau", 1_i64).unwrap();
    options.set("upper", 2.0).unwrap();
    options.set("upper", vec![1_i64, 2]).unwrap();
    options.set("hidden", 4_i64).unwrap();
    let why = options.set("nodes", 1.5).unwrap_err();
    assert!(why.message().contains("integer"), "{why}");
}

/// Builds where cargo would put them elsewhere: by the name of a target, or by its configuration.
#[test]
fn an_installation_knows_where_cargo_builds() {
    let folder = tempfile::tempdir().unwrap();
    let stub = folder.path().join("cargo");
    let code = "#!/bin/sh\necho \"target $CARGO_BUILD_TARGET. in $CARGO_TARGET_DIR: $*\" >\"$SAID\"\nexit 77\n";
    fs::write(&stub, code).unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let said = folder.path().join("said");
    let mut command = Command::new(root().join("scripts/install"));
    let paths = std::env::var("PATH").unwrap();
    let output = command
        .env("PATH", format!("{}:{paths}", folder.path().display()))
        .env("CARGO", &stub)
        .env("CARGO_BUILD_TARGET", "somewhere-else")
        .env("PREFIX", folder.path().join("prefix"))
        .env("SAID", &said)
        .env_remove("FROM")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    let said = fs::read_to_string(said).unwrap();
    assert!(
        said.starts_with("target . in /") && said.contains(": build --release"),
        "{said}"
    );
}

/// An error of MPI is the same text in every file of the program.
#[test]
fn the_message_of_mpi_is_that_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    link_library(at);
    let a = "#include <movimento_mpi.h>\nint attach(void);\n\
        int attach(void) { return mov_mpi_attach(NULL, MPI_COMM_NULL) != NULL; }\n";
    let b = "#include <movimento_mpi.h>\nint attach(void);\nint main(int n, char **v) {\n\
        MPI_Init(&n, &v);\n if (attach()) return 2;\n puts(mov_mpi_error());\n \
        if (!*mov_mpi_error()) return 3;\n MPI_Finalize();\n return 0;\n}\n";
    fs::write(at.join("a.c"), a).unwrap();
    fs::write(at.join("b.c"), b).unwrap();
    let mut cc = Command::new("mpicc");
    cc.args(["-std=c11", "a.c", "b.c", "-o", "program", "-I"]);
    cc.arg(root().join("include")).current_dir(at);
    let cc = cc.args(["-L.", "-lmovimento", "-lm", RPATH]).arg(at);
    succeeded(&cc.output().unwrap());
    let mut run = Command::new("timeout");
    run.args(["60", "mpirun", "--allow-run-as-root", "-n", "1"]);
    succeeded(&run.arg(at.join("program")).output().unwrap());
}

/// The older viewers know an index in XDMF by the one ending or the other.
#[test]
fn an_index_has_both_endings_of_xdmf() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = l2(&options(1));
    let mut writer = snapshot::Writer::new(&solver, folder.path(), None).unwrap();
    for _ in 0..3 {
        writer.write(&solver).unwrap();
        solver.step().unwrap();
    }
    writer.close().unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("run.xmf"), read("run.xdmf"));
    assert_eq!(read("run.xmf").matches("<Time Value").count(), 3);
    assert_eq!(reals(&folder.path().join("run.vtkhdf"), "t").len(), 3);
}

/// The text of the file in which a test of this name on the page of faults is.
fn source_of(module: &str) -> String {
    let path = match module.split_once('/') {
        Some(("alone", name)) => format!("tests/alone/{name}.rs"),
        Some(("check", name)) => format!("plugins/check/tests/{name}.rs"),
        Some(_) => format!("{module}.rs"),
        None if module.starts_with("test_") => format!("bindings/python/tests/{module}.py"),
        None => format!("tests/it/{module}.rs"),
    };
    fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_row_names_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("tests/FAULTS.md")).unwrap();
    let (_, page) = page.split_once("## Silent").unwrap();
    let mut count = 0;
    let quoted = page.split('`').skip(1).step_by(2);
    for (module, test) in quoted.filter_map(|it| it.split_once("::")) {
        let source = source_of(module);
        let begins = [format!("fn {test}("), format!("def {test}(")];
        let there = test.is_empty() || begins.iter().any(|it| source.contains(it));
        assert!(there, "{module}::{test}");
        count += 1;
    }
    assert!(count > 50, "{count}");
    // Each row has a test, or says that there is none.
    for row in page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"))
    {
        let last = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let is_held = last.contains("::") || last.contains("**none**") || last.starts_with("as ");
        assert!(is_held, "{row}");
    }
}
