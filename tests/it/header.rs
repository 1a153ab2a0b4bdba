//! `include/movimento.h` is what cbindgen makes of the sources, and compiles without a warning.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of the C interface in the order of the header.
const SOURCES: &[&str] = &[
    "abi_version",
    "status",
    "options",
    "energy",
    "pair",
    "system",
    "hessian",
    "plugin",
    "solver",
    "source",
    "memory",
    "run",
    "communicator",
    "domain",
    "boundary",
    "mobility",
    "constraints",
    "initial",
    "density",
    "hand_over",
    "evaluate",
    "transport",
    "fields",
    "report",
    "snapshot",
    "restart",
    "writer",
    "snapshots",
    "progress",
    "log",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn header() -> PathBuf {
    root().join("include/movimento.h")
}

#[test]
fn the_header_is_what_the_sources_say() {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(root().join(format!("src/capi/{source}.rs")));
    }
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    if std::env::var_os("MOVIMENTO_BLESS").is_some() {
        fs::write(header(), &made).unwrap();
    }
    let checked_in = fs::read_to_string(header()).unwrap_or_default();
    assert!(
        made == checked_in,
        "include/movimento.h differs from src/capi; MOVIMENTO_BLESS=1 cargo test --release --test it header writes it anew"
    );
}

#[test]
fn every_function_of_the_sources_is_in_the_header() {
    let text = fs::read_to_string(header()).unwrap();
    let mut functions = 0;
    for entry in fs::read_dir(root().join("src/capi")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        for name in source.split("extern \"C\" fn mov_").skip(1) {
            let name = format!("mov_{}(", name.split('(').next().unwrap());
            assert!(text.contains(&name), "{name} is missing");
            functions += 1;
        }
    }
    assert!(functions > 40, "only {functions} functions were found");
}

#[test]
fn both_headers_compile_without_a_warning_as_c_and_as_cpp() {
    let folder = tempfile::tempdir().unwrap();
    for include in ["movimento.h", "movimento_plugin.h"] {
        for (compiler, standard, file) in
            [("cc", "c11", "header.c"), ("c++", "c++17", "header.cpp")]
        {
            let source = folder.path().join(file);
            fs::write(
                &source,
                format!("#include <{include}>\n#include <{include}>\n"),
            )
            .unwrap();
            compile(compiler, standard, &source);
        }
    }
}

#[test]
fn the_example_of_the_header_compiles() {
    let text = fs::read_to_string(header()).unwrap();
    let start = text.find("#include <math.h>").unwrap();
    let end = start + text[start..].find("\n */").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("example.c");
    fs::write(&source, &text[start..end]).unwrap();
    compile("cc", "c11", &source);
}

fn compile(compiler: &str, standard: &str, source: &Path) {
    let output = Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
        .arg(format!("-std={standard}"))
        .arg("-I")
        .arg(root().join("include"))
        .arg(source)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
