//! What distributions take: Debian packages, sources with every crate, recipes; and one version in all of it.

use crate::support::common::*;
use std::fs;
use std::path::Path;
use std::process::Command;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The lines that begin so, without that.
fn after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let lines = text.lines().map(str::trim);
    lines.filter_map(|line| line.strip_prefix(start)).collect()
}

fn said(program: &str, arguments: &[&str], file: &Path) -> String {
    let mut command = Command::new(program);
    let output = command.args(arguments).arg(file).output().unwrap();
    succeeded(&output);
    text(&output.stdout)
}

#[test]
fn debian_packages_have_each_file_once() {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        println!("there is no dpkg-deb here");
        return;
    }
    for name in ["dirichlet", "double_well", "interaction", "internal", "mmd"] {
        plugin(name);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(root().join("scripts/deb"))
        .env("FROM", library().parent().unwrap())
        .env("TO", folder.path())
        // It looks for a minute; who makes packages has it look.
        .env("LINTIAN", "no")
        .output()
        .unwrap();
    succeeded(&output);
    println!("{}", text(&output.stdout));
    let machine = if cfg!(target_arch = "x86_64") {
        "amd64"
    } else {
        "arm64"
    };
    let abi = movimento::capi::MOV_ABI_VERSION;
    let runtime = format!("libmovimento{abi}");
    let mut all = Vec::new();
    for (package, holds) in [
        (&*runtime, format!("libmovimento.so.{abi}")),
        ("movimento-plugins", "libmovimento_dirichlet.so".to_owned()),
        ("libmovimento-dev", "include/movimento.h".to_owned()),
        (
            "libmovimento-fortran-dev",
            "fortran/movimento.f90".to_owned(),
        ),
    ] {
        let file = folder
            .path()
            .join(format!("{package}_{VERSION}-1_{machine}.deb"));
        let fields = said("dpkg-deb", &["--field"], &file);
        assert!(
            fields.contains(&format!("Version: {VERSION}-1\n")),
            "{fields}"
        );
        let listed = said("dpkg-deb", &["--contents"], &file);
        let files: Vec<_> = listed
            .lines()
            .filter(|line| !line.starts_with('d'))
            .map(|line| line.split_whitespace().nth(5).unwrap().to_owned())
            .collect();
        assert!(files.iter().any(|it| it.ends_with(&holds)), "{listed}");
        let copyright = format!("doc/{package}/copyright");
        assert!(files.iter().any(|it| it.ends_with(&copyright)), "{listed}");
        all.extend(files);
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
}

/// `Cargo.toml` says the version; what cannot read it there is compared with it here.
#[test]
fn the_version_is_the_same_everywhere() {
    let manifest = read("Cargo.toml");
    assert_eq!(after(&manifest, "version = "), [format!("\"{VERSION}\"")]);
    for line in manifest
        .lines()
        .filter(|it| it.contains("path = \"plugins/"))
    {
        assert!(line.contains(&format!("version = \"{VERSION}\"")), "{line}");
    }
    for crate_ in fs::read_dir(root().join("plugins")).unwrap() {
        let manifest = crate_.unwrap().path().join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        assert!(
            manifest.contains("\nversion.workspace = true\n"),
            "{manifest}"
        );
    }
    assert_eq!(after(&read("CITATION.cff"), "version: "), [VERSION]);
    let said = unsafe { std::ffi::CStr::from_ptr(movimento::capi::mov_version()) };
    assert_eq!(said.to_str().unwrap(), VERSION);
    // The first release of the changelog is this one, or what comes after it.
    let changelog = read("CHANGELOG.md");
    let heads = after(&changelog, "## ");
    let released = heads.iter().find(|it| **it != "Unreleased").unwrap();
    assert!(released.starts_with(&format!("{VERSION} - ")), "{released}");
    // Recipes of distributions.
    let spack = read("packaging/spack/packages/movimento/package.py");
    assert!(spack.contains(&format!("version(\"{VERSION}\"")), "{spack}");
    let conda = read("packaging/conda-forge/recipe.yaml");
    assert_eq!(after(&conda, "version: \""), [format!("{VERSION}\"")]);
    // Pages name no version, which they would keep.
    for entry in ["README.md", "docs/pages/guide/install.md", "RELEASING.md"] {
        assert!(
            !read(entry).contains(&format!("movimento-{VERSION}")),
            "{entry}"
        );
    }
}

/// What a build without network takes is written by `cargo vendor`; the lock has all of it from one registry.
#[test]
fn every_crate_can_be_had_before_there_is_no_network() {
    let lock = read("Cargo.lock");
    let sources = after(&lock, "source = ");
    assert!(sources.len() > 100);
    for source in sources {
        assert_eq!(
            source,
            "\"registry+https://github.com/rust-lang/crates.io-index\""
        );
    }
    // Nothing is fetched by a build script either: HDF5 is in a crate.
    assert!(lock.contains("name = \"hdf5-metno-src\""));
}
