//! The templates, copied and renamed as their READMEs say, outside the repository: built, checked,
//! and
//! used by a program in C that finds them by their ids.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

mod common;
#[path = "../../../tests/support/external_crates.rs"]
mod outside;
use common::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies a file of a template, with each text replaced, which must be there.
fn copy(from: &Path, to: &Path, replaced: &[(&str, &str)]) {
    let mut text = fs::read_to_string(from).unwrap();
    for (old, new) in replaced {
        assert!(text.contains(old), "`{old}` is not in {}", from.display());
        text = text.replace(old, new);
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, text).unwrap();
}

/// A program in C that was linked with the library, whose names it needs lie beside it.
fn program(folder: &Path) -> PathBuf {
    for name in ["libmovimento.so", "libmovimento.so.1"] {
        std::os::unix::fs::symlink(built("libmovimento.so"), folder.join(name)).unwrap();
    }
    let program = folder.join("energy_by_id");
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    cc.arg("-I").arg(root().join("include"));
    cc.arg(root().join("tests/c/energy_by_id.c"))
        .arg("-o")
        .arg(&program);
    cc.arg("-L")
        .arg(folder)
        .args(["-lmovimento", "-lm", "-Wl,-rpath"])
        .arg(folder);
    let output = cc.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    program
}

/// The plugin passes every check, and its flow is the right one.
fn is_sound(plugin: &Path, id: &str) {
    let report = report(plugin, &[]);
    assert_eq!(failed(&report).1, "");
    assert_eq!(report["energies"][0]["id"], id);
    let folder = tempfile::tempdir().unwrap();
    let mut run = Command::new(program(folder.path()));
    run.arg(id)
        .env("MOVIMENTO_PLUGIN_PATH", plugin.parent().unwrap());
    let output = run.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    let numbers: Vec<f64> = printed
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    let [u, exact] = numbers[..] else {
        panic!("{printed}");
    };
    // The scheme is of second order, with two steps; without the energy, u would stay 1.
    assert!((u - exact).abs() < 1e-5 && exact < 0.97, "{printed}");
}

#[test]
fn the_template_in_c() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("plugin.c");
    let renamed = [
        ("\"sine-gordon-c\"", "\"my-energy\""),
        ("sine_gordon", "my_energy"),
    ];
    copy(
        &root().join("examples/plugin-c/plugin.c"),
        &source,
        &renamed,
    );
    let plugin = folder.path().join("libmovimento_my_energy.so");
    shared_object(&source, &plugin, &[]);
    is_sound(&plugin, "my-energy");
}

#[test]
fn the_template_in_fortran() {
    let (folder, template) = (
        tempfile::tempdir().unwrap(),
        root().join("examples/plugin-fortran"),
    );
    let at = |name: &str| folder.path().join(name);
    let renamed = ("sine_gordon", "my_energy");
    let id = ("\"sine-gordon-fortran\"", "\"my-energy\"");
    copy(&template.join("plugin.f90"), &at("plugin.f90"), &[renamed]);
    copy(&template.join("entry.c"), &at("entry.c"), &[renamed, id]);
    let compile = |program: &str, switches: &[&str]| {
        let mut compile = Command::new(program);
        compile
            .current_dir(folder.path())
            .args(switches)
            .arg("-I")
            .arg(root().join("include"));
        let output = compile.output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    // As the README says; and its Fortran as strictly as possible.
    let strict = [
        "-std=f2018",
        "-Wall",
        "-Wextra",
        "-pedantic",
        "-Werror",
        "-fsyntax-only",
    ];
    let unused = ["-Wno-unused-dummy-argument", "plugin.f90"];
    compile("gfortran", &[&strict[..], &unused].concat());
    let files = ["plugin.f90", "entry.c", "-o", "libmovimento_my_energy.so"];
    compile(
        "gfortran",
        &[&["-O2", "-frecursive", "-shared", "-fPIC"][..], &files].concat(),
    );
    is_sound(&at("libmovimento_my_energy.so"), "my-energy");
}

#[test]
fn the_template_in_rust() {
    let (folder, template) = (
        tempfile::tempdir().unwrap(),
        root().join("examples/plugin-rust"),
    );
    let crate_ = folder.path().join("my-energy");
    let sdk = format!("path = \"{}\"", root().join("plugins/sdk").display());
    let manifest = [
        ("\"sine-gordon\"", "\"my-energy\""),
        ("movimento_sine_gordon", "movimento_my_energy"),
        ("path = \"../../plugins/sdk\"", sdk.as_str()),
    ];
    copy(
        &template.join("Cargo.toml"),
        &crate_.join("Cargo.toml"),
        &manifest,
    );
    let source = [("sine-gordon", "my-energy"), ("SineGordon", "MyEnergy")];
    copy(
        &template.join("src/lib.rs"),
        &crate_.join("src/lib.rs"),
        &source,
    );
    let plugin = folder.path().join("libmovimento_my_energy.so");
    fs::copy(
        outside::cargo_build(&root(), &crate_, "movimento_my_energy"),
        &plugin,
    )
    .unwrap();
    is_sound(&plugin, "my-energy");
}

/// Those of two components pass every check too; `tests/it/systems.rs` follows their flow.
#[test]
fn the_templates_of_two_components() {
    let folder = tempfile::tempdir().unwrap();
    let sound = |plugin: &Path, id: &str| {
        let report = report(plugin, &[]);
        assert_eq!(failed(&report).1, "");
        assert_eq!(report["energies"][0]["id"], id);
    };
    let plugin = folder.path().join("libmovimento_two_fields_c.so");
    shared_object(&root().join("examples/plugin-c/system.c"), &plugin, &[]);
    sound(&plugin, "two-fields-c");
    let template = root().join("examples/plugin-fortran");
    let plugin = folder.path().join("libmovimento_two_fields_fortran.so");
    let mut compile = Command::new("gfortran");
    compile.args([
        "-O2",
        "-frecursive",
        "-shared",
        "-fPIC",
        "-std=f2018",
        "-Wall",
        "-Wextra",
    ]);
    compile.args(["-Werror", "-Wno-unused-dummy-argument", "-J"]);
    compile
        .arg(folder.path())
        .arg("-I")
        .arg(root().join("include"));
    compile
        .arg(template.join("system.f90"))
        .arg("-o")
        .arg(folder.path().join("system.so"));
    let output = compile.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut compile = Command::new("gfortran");
    compile
        .args(["-O2", "-frecursive", "-shared", "-fPIC", "-J"])
        .arg(folder.path());
    compile.arg("-I").arg(root().join("include"));
    compile
        .arg(template.join("system.f90"))
        .arg(template.join("system_entry.c"));
    let output = compile.arg("-o").arg(&plugin).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    sound(&plugin, "two-fields-fortran");
    let crate_ = folder.path().join("two-fields");
    let sdk = format!("path = \"{}\"", root().join("plugins/sdk").display());
    let template = root().join("examples/plugin-rust-system");
    let manifest = [("path = \"../../plugins/sdk\"", sdk.as_str())];
    copy(
        &template.join("Cargo.toml"),
        &crate_.join("Cargo.toml"),
        &manifest,
    );
    copy(
        &template.join("src/lib.rs"),
        &crate_.join("src/lib.rs"),
        &[],
    );
    let plugin = folder.path().join("libmovimento_two_fields.so");
    let built = outside::cargo_build(&root(), &crate_, "movimento_two_fields");
    fs::copy(built, &plugin).unwrap();
    sound(&plugin, "two-fields");
}
