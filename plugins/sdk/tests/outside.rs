//! Plugins that are built outside the workspace, as users build theirs, then loaded and checked.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

#[path = "../../../tests/support/external_crates.rs"]
mod outside;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use libloading::Library;
use movimento_plugin::check::{Check, Report};
use movimento_plugin::{Entry, abi};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cargo_build(source: &str, library: &str) -> PathBuf {
    outside::cargo_build(&root(), &root().join(source), library)
}

/// Compiles one file of C as strictly as possible.
fn cc(source: &str, name: &str, switches: &[&str]) -> PathBuf {
    fs::create_dir_all(outside::folder()).unwrap();
    let object = outside::folder().join(format!("{name}{}", env::consts::DLL_SUFFIX));
    let mut compile = Command::new(env::var("CC").unwrap_or_else(|_| "cc".to_owned()));
    compile.args([
        "-std=c11",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
    ]);
    compile.args(["-shared", "-fPIC"]).args(switches);
    compile
        .arg("-I")
        .arg(root().join("include"))
        .arg(root().join(source));
    assert!(
        compile
            .arg("-o")
            .arg(&object)
            .arg("-lm")
            .status()
            .unwrap()
            .success(),
        "cc {name}"
    );
    object
}

fn load(object: &Path) -> &'static Entry {
    // SAFETY: a plugin of this project; loading it runs no code but the runtime's. It is leaked,
    // so that the entry stays valid.
    unsafe {
        let library = Box::leak(Box::new(Library::new(object).unwrap()));
        let symbol = library
            .get::<*const abi::PluginEntry>("movimento_plugin")
            .unwrap();
        Entry::from_raw(&**symbol)
    }
}

#[test]
fn the_sample_in_rust() {
    let entry = load(&cargo_build(
        "examples/plugin-rust",
        "movimento_sine_gordon",
    ));
    for d in 1..=3 {
        let check = Check::by_id(entry, "sine-gordon")
            .dimension(d)
            .argument("kappa", &[0.3]);
        check.run().unwrap();
    }
    let report = Check::new(entry, 0)
        .argument("kappa", &[-1.0])
        .run()
        .unwrap_err()
        .to_string();
    assert!(
        report.contains("parameter 'kappa' = -1.0 is not a finite number in"),
        "{report}"
    );
}

#[test]
fn the_sample_in_c() {
    let entry = load(&cc("examples/plugin-c/plugin.c", "sine_gordon_c", &[]));
    for d in 1..=3 {
        let check = Check::by_id(entry, "sine-gordon-c")
            .dimension(d)
            .argument("kappa", &[0.3]);
        check.run().unwrap();
    }
}

fn broken(how: &str) -> Result<Report, Report> {
    let object = cc(
        "tests/plugins/broken.c",
        &how.to_lowercase(),
        &[&format!("-DBREAK={how}")],
    );
    Check::new(load(&object), 0).dimension(2).run()
}

#[test]
fn broken_plugins_are_found() {
    broken("SOUND").unwrap();
    broken("NULL_INSTANCE").unwrap();
    for (how, why) in [
        (
            "WRONG_MAJOR",
            "version 2.1 of the plugin ABI; this library takes 1.x",
        ),
        (
            "SMALL_ENTRY",
            "its entry has 8 bytes; this library needs at least 56",
        ),
        ("SMALL_DESCRIPTOR", "the descriptor has 8 bytes"),
        ("SMALL_TABLE", "the table `movimento.local/1` has 8 bytes"),
        ("NO_CREATE", "its entry lacks the function `create`"),
        (
            "NO_EVALUATE",
            "the table `movimento.local/1` has no `evaluate`",
        ),
        (
            "NOT_OFFERED",
            "declares the extension `movimento.local/1` but",
        ),
        (
            "NO_EXTENSIONS",
            "no table that this library knows (movimento.local/1, movimento.pair/1, movimento.system/1, \
             movimento.hessian/1)",
        ),
        ("NO_ENERGIES", "it offers 0 energies; accepted is 1 to 4096"),
        ("NULL_DESCRIPTOR", "descriptor 0 is NULL"),
        (
            "BAD_ID",
            "the id `Broken Id` is not made of lower case letters",
        ),
        (
            "BAD_DEFAULT",
            "its default is out of range: parameter `unused` was given 5",
        ),
        ("PAST_THE_END", "descriptor 1 is not NULL"),
        ("UNKNOWN_FLAG", "`flags` is 1048588"),
        ("RESERVED", "`reserved` of `unused` is 1"),
        ("HIDDEN_TABLE", "which it does not declare"),
        (
            "UNKNOWN_TERM",
            "does not know the table `movimento.unheard-of/1`",
        ),
        ("ANY_EXTENSION", "accepted is NULL"),
        ("CREATE_FAILS", "status -7: create refuses"),
        ("FATAL", "status -3: evaluate gave up"),
        ("RECOVERABLE", "status 1: a smaller step, please"),
        ("RECOVERABLE_ONCE", "status 1: a smaller step, please"),
        ("NO_MESSAGE", "status -3: "),
        ("LONG_MESSAGE", "the message has no end"),
        ("BAD_UTF8", "status -3: \u{fffd}"),
        ("RETURNS_NAN", "f is finite"),
        ("RETURNS_INF", "f is finite"),
        ("WRONG_GRADIENT", "FAILED f_u"),
    ] {
        let report = broken(how).unwrap_err().to_string();
        assert!(report.contains(why), "{how}: {report}");
    }
}

#[test]
fn panics_and_tensor_errors_are_messages() {
    let entry = load(&cargo_build("tests/plugins/panicking", "panicking"));
    for (id, why) in [
        ("panics", "status -2: the plugin panicked at src/lib.rs:"),
        ("panics", "this energy panics on purpose"),
        ("panics-in-create", "create panics on purpose"),
        ("tensor-error", "status -1: Candle: shape mismatch"),
        (
            "wrong-shape",
            "the density has shape [13, 1] of F64, expected [13] of F64",
        ),
    ] {
        let report = Check::by_id(entry, id).run().unwrap_err().to_string();
        assert!(report.contains(why), "{id}: {report}");
    }
    Check::by_id(entry, "panics")
        .argument("after", &[1e6])
        .run()
        .unwrap();
}

/// The test runs itself as a child, whose standard error must stay empty.
#[test]
fn panics_print_nothing() {
    const OBJECT: &str = "MOVIMENTO_TEST_PANICKING";
    if let Some(object) = env::var_os(OBJECT) {
        let entry = load(Path::new(&object));
        for index in 0..4 {
            assert!(Check::new(entry, index).run().is_err());
        }
        return;
    }
    let object = cargo_build("tests/plugins/panicking", "panicking");
    let mut child = Command::new(env::current_exe().unwrap());
    child
        .args(["--exact", "panics_print_nothing", "--nocapture"])
        .env(OBJECT, object);
    let output = child.output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("on purpose"));
}
