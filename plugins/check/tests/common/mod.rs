//! What the tests of movimento-check share.
#![allow(dead_code)] // each test file uses a part

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// A file that the tests of the workspace, or `cargo build --workspace`, build.
pub fn built(file: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let release = test.ancestors().nth(2).unwrap();
    let places = [release.join("deps"), release.to_owned()].map(|folder| folder.join(file));
    let found = places.into_iter().find(|place| place.is_file());
    found.unwrap_or_else(|| panic!("{file} is missing: cargo build --release --workspace"))
}

/// Runs the program.
pub fn check(plugin: &Path, switches: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_movimento-check"));
    program.arg(plugin).args(switches).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The report as JSON, whose exit status must agree with it.
pub fn report(plugin: &Path, switches: &[&str]) -> Value {
    let switches = [switches, &["--json"]].concat();
    let output = check(plugin, &switches);
    assert_eq!(text(&output.stderr), "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let status = i32::from(report["passed"] != true);
    assert_eq!(output.status.code(), Some(status));
    report
}

/// The results of the checks, those of the plugin as a whole first.
pub fn results(report: &Value) -> Vec<&Value> {
    let energies = report["energies"].as_array().unwrap().iter();
    let energies = energies.flat_map(|energy| energy["checks"].as_array().unwrap());
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .chain(energies)
        .collect()
}

/// The checks that failed, and everything that they found.
pub fn failed(report: &Value) -> (BTreeSet<&str>, String) {
    let failed = results(report);
    let failed: Vec<_> = failed
        .into_iter()
        .filter(|r| r["outcome"] == "failed")
        .collect();
    let names = failed
        .iter()
        .map(|result| result["check"].as_str().unwrap())
        .collect();
    let found = failed
        .iter()
        .flat_map(|result| result["findings"].as_array().unwrap());
    let found: Vec<_> = found
        .map(|finding| finding["found"].as_str().unwrap())
        .collect();
    (names, found.join("\n"))
}

/// Compiles a C file below the root to a shared object, as strictly as possible.
pub fn shared_object(source: &Path, object: &Path, switches: &[&str]) {
    let mut cc = Command::new(env::var("CC").unwrap_or_else(|_| "cc".to_owned()));
    cc.args(["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]);
    cc.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(switches);
    cc.arg("-I").arg(root().join("include")).arg(source);
    let output = cc.arg("-o").arg(object).arg("-lm").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}
