//! The programs in the README do what it says.

use crate::support::common;
use crate::support::common::{fortran, link_library, program, root, succeeded, text};
use std::fs;
use std::process::Command;

/// The text of the first fenced block of this language.
fn block(language: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let start = readme.find(&fence).unwrap() + fence.len();
    let length = readme[start..].find("```").unwrap();
    readme[start..start + length].to_owned()
}

#[test]
fn the_c_program_compiles_and_prints_the_exact_value() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.c");
    fs::write(&source, block("c")).unwrap();
    let program = program(source.to_str().unwrap(), folder.path());
    let output = Command::new(program)
        .env("MOVIMENTO_PLUGIN_PATH", common::plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    // cos(pi / 4) exp(-0.1 pi^2 0.02) = 0.69329 and the Euler scheme's error of 2e-5.
    assert_eq!(text(&output.stdout), "u(0.25, 0.5) = 0.6933 at t = 0.02\n");
}

#[test]
fn the_fortran_program_compiles_and_prints_the_exact_value() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.f90");
    fs::write(&source, block("fortran")).unwrap();
    let program = fortran::program(&[source.to_str().unwrap()], folder.path());
    let output = Command::new(program)
        .env("MOVIMENTO_PLUGIN_PATH", common::plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout), "u(0.25, 0.5) = 0.6933 at t = 0.02\n");
}

#[test]
fn the_cpp_program_prints_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.cpp");
    fs::write(&source, block("cpp")).unwrap();
    link_library(folder.path());
    let mut command = Command::new("c++");
    command.args(["-std=c++17", "-Wall", "-Wextra", "-Werror"]);
    for include in ["include", "bindings/cpp"] {
        command.arg("-I").arg(root().join(include));
    }
    let program = folder.path().join("readme");
    command.arg(source).arg("-o").arg(&program);
    command.arg("-L").arg(folder.path()).arg("-lmovimento");
    command.arg(common::RPATH).arg(folder.path());
    succeeded(&command.output().unwrap());
    let output = Command::new(program)
        .env("MOVIMENTO_PLUGIN_PATH", common::plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout), "u(0.25, 0.5) = 0.6933 at t = 0.02\n");
}

#[test]
fn the_plugin_is_the_one_in_the_examples() {
    let example = fs::read_to_string(root().join("examples/plugin-rust/src/lib.rs")).unwrap();
    assert!(example.contains(block("rust,ignore").trim_end()));
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
