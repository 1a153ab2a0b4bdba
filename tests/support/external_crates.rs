//! Crates that are built outside the workspace, as users build theirs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// Where all of them are built, so that one builds Candle and the others find it there.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside")
}

/// Builds the crate in the folder `crate_` and returns its shared object of that name, for instance `energy`.
/// `root` is that of the workspace, whose versions are taken: they are known to be on this machine.
pub fn cargo_build(root: &Path, crate_: &Path, library: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    fs::copy(root.join("Cargo.lock"), crate_.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.args(["build", "--release", "--offline", "--quiet"]);
    cargo.current_dir(crate_).env("CARGO_TARGET_DIR", folder());
    // Nobody waits for what they compute, but everybody for Candle.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    let output = cargo.env_remove("RUSTFLAGS").output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = format!(
        "{}{library}{}",
        env::consts::DLL_PREFIX,
        env::consts::DLL_SUFFIX
    );
    folder().join("release").join(name)
}
