//! Programs in Fortran against the modules in bindings/fortran and the shared library.

use super::{RPATH, link_library, root, succeeded};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Everything that gfortran can check, but for a note at run time on each array that it copies.
pub const STRICT: &str =
    "-std=f2008 -Wall -Wextra -Wpedantic -Werror -fcheck=all,no-array-temps -g";

/// A folder with the compiled modules, made once for a test program.
pub fn modules() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let mut script = Command::new(root().join("scripts/fortran"));
            script.arg(folder.path()).env("FCFLAGS", STRICT);
            succeeded(&script.output().unwrap());
            folder
        })
        .path()
}

/// Compiles sources below the root to a program in `folder`, as an outside user does.
pub fn program(sources: &[&str], folder: &Path) -> PathBuf {
    link_library(folder);
    let last = sources.last().unwrap();
    let program = folder.join(Path::new(last).file_stem().unwrap());
    let mut compiler = Command::new("gfortran");
    compiler.args(STRICT.split(' '));
    // A procedure with a given interface has arguments that it does not need.
    compiler
        .arg("-Wno-unused-dummy-argument")
        .current_dir(folder);
    compiler.arg("-I").arg(modules());
    compiler.args(sources.iter().map(|source| root().join(source)));
    compiler.arg("-L").arg(modules()).arg("-L").arg(folder);
    compiler.args(["-lmovimento_fortran", "-lmovimento", "-Wl,-z,lazy"]);
    compiler.arg(RPATH).arg(folder).arg("-o").arg(&program);
    succeeded(&compiler.output().unwrap());
    program
}
