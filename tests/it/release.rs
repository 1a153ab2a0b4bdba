//! What is handed to people: the tarball, which is used without Rust, and interfaces that break no program.

use crate::support::common::*;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs a script on this build, and gives what it said.
fn script(name: &str, variables: &[(&str, &Path)]) -> (bool, String) {
    let mut command = Command::new(root().join("scripts").join(name));
    command.env("FROM", library().parent().unwrap());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    (output.status.success(), said)
}

/// The folder of the only entry of a folder.
fn only(folder: &Path) -> std::path::PathBuf {
    let mut entries = fs::read_dir(folder).unwrap();
    let found = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    found
}

#[test]
fn the_tarball_serves_a_machine_without_rust() {
    for name in ["dirichlet", "double_well", "interaction", "internal", "mmd"] {
        plugin(name);
    }
    let folder = tempfile::tempdir().unwrap();
    let (made, said) = script("release-tarball", &[("TO", folder.path())]);
    assert!(made, "{said}");
    let elsewhere = tempfile::tempdir().unwrap();
    let tar = Command::new("tar")
        .arg("-xf")
        .arg(only(folder.path()))
        .arg("-C")
        .arg(elsewhere.path())
        .output()
        .unwrap();
    succeeded(&tar);
    let unpacked = only(elsewhere.path());
    for file in [
        "README",
        "share/doc/movimento/LICENSE-HDF5",
        "share/doc/movimento/LICENSE-THIRD-PARTY",
    ] {
        assert!(unpacked.join(file).is_file(), "{file}");
    }
    // What its README says, with the tools of the system alone.
    let lines = "command -v cargo rustc && exit 9\n\
                 export PKG_CONFIG_PATH=$PWD/lib/pkgconfig\n\
                 cc share/movimento/examples/first.c $(pkg-config --cflags --libs movimento) -lm -o first && ./first";
    let output = Command::new("sh")
        .args(["-c", lines])
        .current_dir(&unpacked)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    succeeded(&output);
    let printed = text(&output.stdout);
    assert!(
        printed.ends_with("u(0.25, 0.5) = 0.6933 at t = 0.02\n"),
        "{printed}"
    );
}

#[test]
fn interfaces_break_no_program_of_the_baseline() {
    let (kept, said) = script("abi", &[]);
    println!("{said}");
    assert!(kept, "{said}");
    for release in ["0.1", "1.0.0"] {
        let (_, since) = said.split_once(&format!("Since {release}:\n")).unwrap();
        let names = since.lines().find(|line| line.contains(" broken, of "));
        assert!(names.unwrap().contains(" added, 0 broken, of "), "{said}");
    }
}

/// The comparison itself finds what breaks: a baseline with a function, a layout and a symbol that are no more.
#[test]
fn a_break_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tests/abi");
    fs::create_dir_all(&copy).unwrap();
    for part in ["bindings", "include"] {
        std::os::unix::fs::symlink(root().join(part), folder.path().join(part)).unwrap();
    }
    fs::copy(root().join("tests/abi/compare.py"), copy.join("compare.py")).unwrap();
    let baseline = fs::read_to_string(root().join("tests/abi/1.0.0.json")).unwrap();
    let mut baseline: serde_json::Value = serde_json::from_str(&baseline).unwrap();
    baseline["functions"]["mov_solver_set_tau"] = "int32_t (mov_solver *, float)".into();
    baseline["plugin structures"]["movimento_local_batch.n"] = "offset and size 8 4".into();
    baseline["exported symbols"]["mov_of_before"] = "T".into();
    baseline["callbacks"]["mov_value_fn"].take();
    fs::write(copy.join("1.0.0.json"), baseline.to_string()).unwrap();
    let output = Command::new("python3")
        .arg("-B")
        .arg(copy.join("compare.py"))
        .arg(library())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    for broken in [
        "functions: mov_solver_set_tau was",
        "plugin structures: movimento_local_batch.n was",
        "exported symbols: mov_of_before has gone",
        "callbacks: mov_value_fn was",
    ] {
        assert!(said.contains(&format!("BROKEN: {broken}")), "{said}");
    }
}
