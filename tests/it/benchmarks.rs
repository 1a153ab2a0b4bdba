//! The table of cases of `reproduce`, the field's benchmarks among them: what there is, and what a line says.

use crate::support::common::{build_folder, plugin_folder, succeeded, text};
use serde_json::Value;
use std::process::{Command, Output};

const NAMES: [&str; 43] = [
    "bm1",
    "wfr",
    "hellinger-8",
    "thin-film",
    "thin-film-2d",
    "hellinger",
    "mmd",
    "linear-cahn-hilliard",
    "seven-circles",
    "obstacle",
    "volume-constraint",
    "two-fields",
    "swift-hohenberg",
    "director",
    "heat-dirichlet",
    "poisson-wall",
    "poisson-disk",
    "moving-wall",
    "moving-wall-disk",
    "moving-wall-ball",
    "bm7a",
    "moving-wall-lshape",
    "heat-robin",
    "heat-robin-3d",
    "teng-heat",
    "teng-allen-cahn",
    "allen-cahn-pinn",
    "poisson-4",
    "poisson-8",
    "poisson-16",
    "poisson-32",
    "p-laplacian",
    "fp-2d-long",
    "fp-4d-long",
    "pme-m4",
    "pme-6d",
    "moving-trap",
    "keller-segel",
    "keller-segel-collapse",
    "mixture-2",
    "mixture-8",
    "mixture-32",
    "mixture-128",
];

fn reproduce(arguments: &[&str]) -> Output {
    let program = build_folder().join("examples/reproduce");
    assert!(
        program.exists(),
        "build it first: cargo build --release --example reproduce"
    );
    let mut command = Command::new(program);
    command.args(arguments);
    command.env("MOVIMENTO_PLUGIN_PATH", plugin_folder());
    command.output().unwrap()
}

#[test]
fn every_case_is_listed_once() {
    let output = reproduce(&["--list"]);
    succeeded(&output);
    let list = text(&output.stdout);
    let lines = list.lines().filter(|line| !line.starts_with(' '));
    let listed: Vec<_> = lines.filter_map(|line| line.split(' ').next()).collect();
    for name in &listed {
        let count = listed.iter().filter(|other| other == &name).count();
        assert_eq!(count, 1, "{name}");
    }
    for name in NAMES.iter().chain(&["toy", "heat-2d", "pme-1d", "ou-12"]) {
        assert!(listed.contains(name), "{name}");
    }
}

/// Each is begun and stopped, which says what is asked for and of whom the figure is.
#[test]
fn every_line_says_what_its_error_is_and_what_others_have() {
    for name in NAMES.iter().chain(&["toy", "fp-2d", "ou-12"]) {
        let output = reproduce(&[name, "--steps", "1", "--threads", "1", "--budget", "0"]);
        let line: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(line["case"], *name);
        assert!(line["metric"].is_string(), "{line}");
        assert_eq!(line["published"].is_f64(), line["by"].is_string(), "{line}");
        // Stopped or refused, it has no error.
        assert!(line["error"].is_null() || line["error"].is_f64(), "{line}");
        let refused = line["refused"].is_string();
        assert_eq!(output.status.success(), !refused, "{line}");
        if NAMES.contains(name) {
            // Defaults only.
            assert_eq!(line["tuned"], Value::Array(Vec::new()), "{name}");
        }
    }
}

#[test]
fn what_is_tuned_is_said() {
    let tuned = |arguments: &[&str]| {
        let output = reproduce(&[arguments, &["--budget", "0"]].concat());
        let line: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        line["tuned"].clone()
    };
    let keys = serde_json::json!(["hidden", "fit_tolerance"]);
    assert_eq!(tuned(&["heat-8d"]), keys);
    let keys = serde_json::json!(["hidden"]);
    assert_eq!(tuned(&["heat-2d", "--set", "hidden=8,8"]), keys);
}
