//! Programs of others that read what we write: Python with h5py, VTK and xarray, and Octave.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn tool(variable: &str, place: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os(variable).map_or_else(|| root.join(place), PathBuf::from);
    assert!(
        python.is_file(),
        "there is no {}: run `scripts/tools test`, or set {variable}",
        python.display()
    );
    python
}

/// The Python of `scripts/tools`, which has h5py, xarray and the newest VTK.
pub fn python() -> PathBuf {
    tool("MOVIMENTO_PYTHON", "target/tools/bin/python")
}

/// One with the first VTK that reads temporal VTKHDF.
pub fn python_of_vtk93() -> PathBuf {
    tool("MOVIMENTO_PYTHON_VTK93", "target/tools-vtk93/bin/python")
}

pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "{} does not start ({error}): run `scripts/tools test`",
            command.get_program().display()
        )
    });
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a script of `tests`, which checks what it reads.
pub fn check<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, script: &str, arguments: &[A]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(script);
    run(Command::new(program).arg(script).args(arguments));
}
