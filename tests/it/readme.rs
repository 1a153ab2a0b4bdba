//! What the README and the pages of the documentation name is there, and their programs do what they say.

use crate::python;
use crate::support::common;
use crate::support::common::{fortran, link_library, program, root, succeeded, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How far numbers may be from those on a page: other vector units round otherwise, and small errors show it.
const NEAR: f64 = 0.3;

/// The files below a folder of the repository with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![root().join(folder)];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn page_program(name: &str) -> PathBuf {
    root().join("docs/programs").join(name)
}

/// A number of a text, with what stands about it: brackets, commas.
fn number(word: &str) -> Option<f64> {
    let bare = |c: char| !(c.is_ascii_digit() || "+-.e".contains(c));
    let word = word.trim_matches(bare);
    word.trim_end_matches(['.', '-']).parse().ok()
}

/// What was printed is what the page shows, numbers about.
#[track_caller]
fn prints(printed: &str, name: &str) {
    let shown = fs::read_to_string(page_program(name)).unwrap();
    let (words, expected): (Vec<_>, Vec<_>) = (
        printed.split_whitespace().collect(),
        shown.split_whitespace().collect(),
    );
    assert_eq!(words.len(), expected.len(), "{printed}\n{shown}");
    for (word, expected) in words.iter().zip(&expected) {
        let near = match (number(word), number(expected)) {
            (Some(a), Some(b)) => (a - b).abs() <= NEAR * b.abs(),
            _ => word == expected,
        };
        assert!(near, "{word} is not {expected}:\n{printed}\n{shown}");
    }
}

/// A program with the plugins of this build, whose standard output is wanted.
fn output_of(program: impl AsRef<std::ffi::OsStr>) -> String {
    let output = Command::new(program)
        .env("MOVIMENTO_PLUGIN_PATH", common::plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    text(&output.stdout)
}

/// A Python program of a page, run by an outsider.
fn python_prints(folder: &Path, name: &str, arguments: &[&str]) -> String {
    let mut command = python::outside(python::installed(), folder);
    let output = command.arg(page_program(name)).args(arguments).output();
    let output = output.unwrap();
    succeeded(&output);
    text(&output.stdout)
}

fn first() -> String {
    fs::read_to_string(page_program("first.out")).unwrap()
}

// cos(pi / 4) exp(-0.1 pi^2 0.02) = 0.69329 and the Euler scheme's error of 2e-5.
#[test]
fn the_first_flow_in_c() {
    let folder = tempfile::tempdir().unwrap();
    let program = program("docs/programs/first.c", folder.path());
    assert_eq!(output_of(program), first());
}

#[test]
fn the_first_flow_in_fortran() {
    let folder = tempfile::tempdir().unwrap();
    let program = fortran::program(&["docs/programs/first.f90"], folder.path());
    assert_eq!(output_of(program), first());
}

#[test]
fn the_first_flow_in_cpp() {
    let folder = tempfile::tempdir().unwrap();
    link_library(folder.path());
    let mut command = Command::new("c++");
    command.args(["-std=c++17", "-Wall", "-Wextra", "-Werror"]);
    for include in ["include", "bindings/cpp"] {
        command.arg("-I").arg(root().join(include));
    }
    let program = folder.path().join("first");
    command.arg(page_program("first.cpp"));
    command.arg("-o").arg(&program);
    command.arg("-L").arg(folder.path()).arg("-lmovimento");
    command.arg(common::RPATH).arg(folder.path());
    succeeded(&command.output().unwrap());
    assert_eq!(output_of(program), first());
}

#[test]
fn programs_of_pages_print_what_pages_show() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert_eq!(python_prints(at, "first.py", &[]), first());
    for name in ["mesh", "refused", "choosing", "tolerance"] {
        let printed = python_prints(at, &format!("{name}.py"), &[]);
        prints(&printed, &format!("{name}.out"));
    }
    let begun = python_prints(at, "restart.py", &["run", "0.05"]);
    let gone_on = python_prints(at, "restart.py", &["run", "0.1"]);
    prints(&(begun + &gone_on), "restart.out");
    prints(&python_prints(at, "results.py", &["series"]), "results.out");
    let output = Command::new("octave-cli")
        .arg(page_program("results.m"))
        .arg(at.join("series"))
        .output()
        .unwrap();
    succeeded(&output);
    prints(&text(&output.stdout), "results.m.out");
}

/// The energy of the page as a function, and the template of a plugin that it becomes.
#[test]
fn an_energy_is_the_same_as_a_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = common::shared_object("examples/plugin-c/plugin.c", folder.path(), "own.so", &[]);
    for arguments in [&[][..], &[plugin.to_str().unwrap()]] {
        let printed = python_prints(folder.path(), "own_energy.py", arguments);
        prints(&printed, "own_energy.out");
    }
}

/// What is run above. A script of a batch system is not: it runs restart.py.
const RUN: [&str; 13] = [
    "choosing.py",
    "first.c",
    "first.cpp",
    "first.f90",
    "first.py",
    "job.sh",
    "mesh.py",
    "own_energy.py",
    "refused.py",
    "restart.py",
    "results.m",
    "results.py",
    "tolerance.py",
];

#[test]
fn every_program_of_pages_is_run() {
    for program in files("docs/programs", "") {
        let name = program.file_name().unwrap().to_str().unwrap();
        let shown = program.extension().is_some_and(|it| it == "out");
        assert!(shown || RUN.contains(&name), "no test runs {name}");
    }
    let mut command = Command::new(python::tools());
    command.args([
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--ignore=ARG,D403",
        "--config",
    ]);
    command.arg(root().join("bindings/python/pyproject.toml"));
    command.args(["docs", "tests/abi", "scripts"].map(|folder| root().join(folder)));
    succeeded(&command.output().unwrap());
}

/// The two that take seconds; all of them are drawn when the site is built.
#[test]
fn quick_programs_of_the_gallery_draw() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["porous_medium", "aggregation"] {
        let picture = folder.path().join("picture.png");
        let mut command = python::outside(python::installed(), folder.path());
        command.env("MPLBACKEND", "Agg");
        command.arg(root().join(format!("docs/gallery/{name}.py")));
        succeeded(&command.arg(&picture).output().unwrap());
        assert!(fs::metadata(&picture).unwrap().len() > 10_000, "{name}");
        fs::remove_file(&picture).unwrap();
    }
}

#[test]
fn programs_of_the_gallery_are_short() {
    let programs = files("docs/gallery", ".py");
    assert!(programs.len() > 8);
    for program in programs {
        let source = fs::read_to_string(&program).unwrap();
        assert!(source.lines().count() <= 40, "{}", program.display());
    }
}

/// The references, and with them what they read of the sources; the site itself is built by scripts/docs.
#[test]
fn references_are_made_of_the_sources() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = python::outside(python::installed(), folder.path());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(root().join("docs/generate")).arg(folder.path());
    succeeded(&command.output().unwrap());
    let page = |name: &str| fs::read_to_string(folder.path().join("reference").join(name)).unwrap();
    for (name, holds) in [
        ("c.md", "### `mov_solver_step` {#mov_solver_step}"),
        ("cpp.md", "solver.step()"),
        ("fortran.md", "call self%step_to(time, stat, errmsg)"),
        ("python.md", "### `Solver.step_to`"),
        ("options.md", "### `step_tolerance`"),
        ("energies.md", "## `dirichlet`"),
        ("report.md", "| `energy_slack` |"),
        ("files.md", "| `/series` |"),
        ("plugin-interface.md", "movimento_local_batch"),
    ] {
        let (holds, text) = (holds.replace("solver.step()", "void step()"), page(name));
        assert!(text.contains(&holds), "{name} does not have {holds}");
    }
}

/// Every program on a page is a file, and every link leads somewhere: to a file, to another page, or to one
/// that is made.
#[test]
fn pages_name_nothing_that_is_not_there() {
    let made = fs::read_to_string(root().join("docs/generate/__main__.py")).unwrap();
    let pages = files("docs/pages", ".md");
    let mut links = 0;
    for page in &pages {
        let name = page.display();
        let text = fs::read_to_string(page).unwrap();
        for part in text.split("--8<-- \"").skip(1) {
            let file = part.split('"').next().unwrap();
            assert!(root().join(file).is_file(), "{name}: {file} is missing");
        }
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap();
            let elsewhere = target.is_empty() || target.starts_with("http");
            if elsewhere || target.contains("pictures/") {
                continue;
            }
            let there = page.parent().unwrap().join(target).exists();
            let path = target.trim_start_matches("../");
            assert!(there || made.contains(path), "{name}: {target} is missing");
            links += 1;
        }
    }
    assert!(pages.len() > 12 && links > 20);
}

#[test]
fn every_plugin_and_file_it_names_is_there() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut links = 0;
    let prose: String = readme.split("```").step_by(2).collect();
    for part in prose.split("](").skip(1) {
        let target = part.split(')').next().unwrap();
        if !target.starts_with('#') {
            assert!(root().join(target).exists(), "{target} is missing");
            links += 1;
        }
    }
    assert!(links > 5);
}
