//! Every function of `include/movimento.h` is called in every language.

use crate::support::common::*;
use std::process::Command;

/// Those that must leave none out.
const LANGUAGES: &[&str] = &["c", "cpp", "fortran", "python"];

fn python() -> String {
    std::env::var("MOVIMENTO_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

#[test]
fn no_function_is_left_out() {
    let script = root().join("scripts/coverage");
    let output = Command::new(python())
        .arg(&script)
        .args(LANGUAGES)
        .output()
        .unwrap();
    succeeded(&output);
    print!("{}", text(&output.stdout));
    // It can fail.
    let output = Command::new(python())
        .arg(script)
        .arg("cobol")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// What `movimento.hpp` offers is used by its test: templates that are not leave no symbol.
#[test]
fn the_cpp_test_reaches_every_function() {
    let folder = tempfile::tempdir().unwrap();
    let object = folder.path().join("all.o");
    let mut command = Command::new("c++");
    command
        .args(["-std=c++17", "-c"])
        .arg(root().join("tests/cpp/all.cpp"));
    for include in ["include", "bindings/cpp"] {
        command.arg("-I").arg(root().join(include));
    }
    succeeded(&command.arg("-o").arg(&object).output().unwrap());
    let output = Command::new("nm").arg("-u").arg(object).output().unwrap();
    succeeded(&output);
    let symbols = text(&output.stdout);
    let used: Vec<_> = symbols
        .split_whitespace()
        .filter(|it| it.starts_with("mov_"))
        .collect();
    let list = "import header; print(*(f.name for f in header.read().functions))";
    let output = Command::new(python())
        .args(["-c", list])
        .env("PYTHONPATH", root().join("bindings"))
        .output()
        .unwrap();
    succeeded(&output);
    let functions = text(&output.stdout);
    assert!(functions.split_whitespace().count() > 50);
    let missing: Vec<_> = functions
        .split_whitespace()
        .filter(|it| !used.contains(it))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
