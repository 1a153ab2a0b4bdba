//! `movimento.hpp`: compiles without a warning, does what it says, and is clean under sanitizers.

use crate::support::common::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WARNINGS: &[&str] = &[
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wold-style-cast",
    "-Wnon-virtual-dtor",
    "-Werror",
];

fn compiler(name: &str, standard: &str) -> Command {
    let mut command = Command::new(name);
    command.arg(format!("-std={standard}")).args(WARNINGS);
    for folder in ["include", "bindings/cpp"] {
        command.arg("-I").arg(root().join(folder));
    }
    command
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// The program tests/cpp/all.cpp.
fn all(folder: &Path, options: &[&str]) -> PathBuf {
    for name in ["dirichlet", "internal"] {
        plugin(name);
    }
    link_library(folder);
    let program = folder.join("all");
    let mut command = compiler("c++", "c++17");
    command.arg("-g").args(options);
    command.arg(root().join("tests/cpp/all.cpp"));
    command.arg("-o").arg(&program).arg("-L").arg(folder);
    command.args(["-lmovimento", "-lpthread"]);
    succeeded(&command.arg(RPATH).arg(folder).output().unwrap());
    program
}

fn silent(output: &Output) {
    succeeded(output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn the_headers_compile_without_a_warning_alone_and_together() {
    let folder = tempfile::tempdir().unwrap();
    let headers = fs::read_dir(root().join("bindings/cpp/movimento")).unwrap();
    let mut names: Vec<_> = headers
        .map(|it| format!("movimento/{}", it.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.push("movimento.hpp".to_owned());
    assert!(names.len() > 6);
    for name in names {
        let source = folder.path().join("header.cpp");
        fs::write(&source, format!("#include <{name}>\n#include <{name}>\n")).unwrap();
        let mut command = compiler("c++", "c++17");
        silent(&command.arg("-fsyntax-only").arg(&source).output().unwrap());
    }
    for (name, standard) in [("c++", "c++20"), ("clang++", "c++17"), ("clang++", "c++20")] {
        if is_there(name) {
            let mut command = compiler(name, standard);
            command
                .arg("-fsyntax-only")
                .arg(root().join("tests/cpp/all.cpp"));
            silent(&command.output().unwrap());
        }
    }
}

#[test]
fn a_program_that_uses_all_of_it_finds_what_it_expects() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(all(folder.path(), &[]));
    silent(
        &program
            .arg(folder.path().join("snapshots"))
            .output()
            .unwrap(),
    );
}

#[test]
fn the_sanitizers_find_no_error_and_no_leak() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let mut program = Command::new(all(folder.path(), &options));
    program.env(
        "ASAN_OPTIONS",
        "detect_leaks=1:detect_stack_use_after_return=1",
    );
    silent(
        &program
            .arg(folder.path().join("snapshots"))
            .output()
            .unwrap(),
    );
}

#[test]
fn valgrind_finds_no_error_and_nothing_lost() {
    let folder = tempfile::tempdir().unwrap();
    let program = all(folder.path(), &[]);
    let output = Command::new("valgrind")
        .args(["--error-exitcode=99", "--leak-check=full", "--quiet"])
        .args([
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
        ])
        .arg(program)
        .arg(folder.path().join("snapshots"))
        .arg("short")
        .output()
        .expect("valgrind is there: apt-get install valgrind");
    silent(&output);
}
