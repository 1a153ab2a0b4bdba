//! The static library, in one program with the HDF5 of the host, of another version, linked either way.

use crate::support::common::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The archive, made once of this build.
fn archive() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, archive) = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("libmovimento.a");
        let mut script = Command::new(root().join("scripts/static-library"));
        script.env("FROM", library().parent().unwrap());
        succeeded(&script.arg(&archive).output().unwrap());
        (folder, archive)
    });
    archive
}

fn printed(program: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(program).args(arguments).output().unwrap();
    succeeded(&output);
    let words = text(&output.stdout);
    words.split_whitespace().map(str::to_owned).collect()
}

/// The names that nm says, in their order.
fn names(options: &[&str], of: &Path) -> Vec<String> {
    let output = Command::new("nm").args(options).arg(of).output().unwrap();
    succeeded(&output);
    let said = text(&output.stdout);
    let name = |line: &str| {
        line.split_whitespace()
            .last()
            .map(|it| it.split('@').next().unwrap().to_owned())
    };
    let mut names: Vec<_> = said.lines().filter_map(name).collect();
    names.retain(|name| !name.ends_with(".o:"));
    names.sort();
    names
}

#[test]
fn it_shows_what_the_shared_library_shows() {
    let shown = names(&["--extern-only", "--defined-only"], archive());
    let shared = names(&["-D", "--defined-only"], &library());
    assert_eq!(shown, shared);
    assert!(shown.iter().all(|name| name.starts_with("mov_")) && shown.len() > 100);
    // HDF5 and zlib are inside, as no name that they have is looked for.
    let sought = names(&["--undefined-only"], archive());
    for name in &sought {
        assert!(!name.starts_with("H5") && name != "inflate", "{name}");
    }
}

/// The same program as with the shared library, in tests/it/hosts.rs.
#[test]
fn another_libhdf5_is_in_the_same_program() {
    for name in ["dirichlet", "internal"] {
        plugin(name);
    }
    let archive_path = archive().to_str().unwrap();
    let shared = printed("pkg-config", &["--libs", "hdf5"]);
    let folders = shared.iter().filter_map(|it| it.strip_prefix("-L"));
    let archived = folders
        .map(|folder| Path::new(folder).join("libhdf5.a"))
        .find(|file| file.is_file());
    let mut ways = vec![shared.clone()];
    if let Some(file) = archived {
        // What that of Debian needs.
        let others = ["-lcrypto", "-lcurl", "-lsz", "-lz"].map(str::to_owned);
        ways.push([vec![file.to_str().unwrap().to_owned()], others.to_vec()].concat());
    }
    for hdf5 in ways {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("host_hdf5");
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror"]);
        compiler.args(printed("pkg-config", &["--cflags", "hdf5"]));
        compiler.arg("-I").arg(root().join("include"));
        compiler
            .arg(root().join("tests/c/host_hdf5.c"))
            .arg(archive_path);
        compiler.args(&hdf5).args(LIBRARIES).arg("-o").arg(&program);
        succeeded(&compiler.output().unwrap());
        let needed = printed("readelf", &["-d", program.to_str().unwrap()]).concat();
        assert!(!needed.contains("libmovimento"), "{needed}");
        println!("{hdf5:?}");
        let output = Command::new(&program)
            .arg(folder.path())
            .env("MOVIMENTO_PLUGIN_PATH", plugin_folder())
            .output()
            .unwrap();
        succeeded(&output);
        assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
    }
}

/// What pkg-config and CMake say too.
const LIBRARIES: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

#[test]
fn pkg_config_names_its_libraries() {
    let of = std::fs::read_to_string(root().join("bindings/install/movimento-static.pc.in"));
    let line = LIBRARIES.join(" ");
    assert!(of.unwrap().contains(&format!("libmovimento.a {line}")));
}
