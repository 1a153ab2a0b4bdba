//! A program and snapshots that were made with the first C interface; their plugin is an old one, too.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use crate::support::common::*;
use movimento::capi::MOV_ERROR_FILE;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The vector units that a snapshot was made with, by tests/abi-0/build, once.
const UNITS: [&str; 2] = ["avx512", "avx2"];

/// Steps are minimised to 5e-3 of their movement, 1e-2 here, by a minimiser that is no longer the one
/// that the numbers were kept from: they agree to what its tolerance leaves, and better.
const STEP_TOLERANCE: f64 = 5e-6;

fn kept(name: &str) -> PathBuf {
    root().join("tests/abi-0").join(name)
}

/// Runs the old program with the library of today.
fn run(arguments: &[&Path]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    link_library(folder.path());
    Command::new(kept("program"))
        .arg(root().join("tests/plugins/abi-1.0/landau.so"))
        .args(arguments)
        .env("LD_LIBRARY_PATH", folder.path())
        .output()
        .unwrap()
}

/// The lines that the program prints: steps, time and u at some points.
fn numbers(printed: &str) -> Vec<Vec<f64>> {
    let line = |line: &str| line.split(' ').map(|word| word.parse().unwrap()).collect();
    printed.lines().map(line).collect()
}

#[track_caller]
fn near(printed: &str, expected: &str, tolerances: [f64; 2]) {
    let (lines, theirs) = (numbers(printed), numbers(expected));
    assert_eq!((lines.len(), theirs.len()), (2, 2));
    for ((line, theirs), tolerance) in lines.iter().zip(&theirs).zip(tolerances) {
        assert_eq!(line.len(), theirs.len());
        for (a, b) in line.iter().zip(theirs) {
            assert!((a - b).abs() <= tolerance, "{printed}\n{expected}");
        }
    }
}

fn expected(units: &str) -> String {
    std::fs::read_to_string(kept(&format!("snapshot-{units}.txt"))).unwrap()
}

#[test]
fn an_old_program_runs_and_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[folder.path()]);
    succeeded(&output);
    let printed = text(&output.stdout);
    near(&printed, &expected("avx512"), [STEP_TOLERANCE; 2]);
    let output = run(&[&folder.path().join("snap_000000.h5"), Path::new("restart")]);
    succeeded(&output);
    assert_eq!(text(&output.stdout), printed);
}

/// Where the processor is not the one of the snapshot, it is refused for that reason alone.
#[test]
fn old_snapshots_are_gone_on_from() {
    for units in UNITS {
        let output = run(&[&kept(&format!("snapshot-{units}.h5")), Path::new("restart")]);
        if output.status.success() {
            near(
                &text(&output.stdout),
                &expected(units),
                [1e-14, STEP_TOLERANCE],
            );
            continue;
        }
        let message = text(&output.stderr);
        println!("{units}: {message}");
        assert_eq!(output.status.code(), Some(-MOV_ERROR_FILE), "{message}");
        let (_, processors) = message.split_once("the processor `").unwrap();
        let (theirs, processors) = processors.split_once("`, and this is `").unwrap();
        let (ours, _) = processors.split_once('`').unwrap();
        assert_eq!(
            theirs,
            ["x86_64 V4", "x86_64 V3"][usize::from(units == "avx2")]
        );
        assert_ne!(theirs, ours);
    }
}
