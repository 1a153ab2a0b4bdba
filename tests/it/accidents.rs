//! What happens to the processes that hosts are: they end, fork, are sent signals, and have been given the environment of
//! somebody else.

use crate::support::common::fortran;
use crate::support::common::*;
use crate::support::readers::{python, run};
use std::path::Path;
use std::process::{Command, Output};

fn accident(what: &str, folder: &Path, prepare: impl FnOnce(&mut Command)) -> Output {
    let program = program_with("tests/c/host_accidents.c", folder, &[]);
    let mut command = Command::new(program);
    command.arg(what).arg(folder);
    prepare(&mut command);
    let output = command.output().unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "", "{what}");
    output
}

fn listed(folder: &Path) -> usize {
    let file = hdf5::File::open(folder.join("run.vtkhdf")).unwrap();
    file.dataset("t").unwrap().size()
}

#[test]
fn writers_that_are_open_at_the_end_are_closed() {
    for what in ["exit", "main"] {
        let folder = tempfile::tempdir().unwrap();
        accident(what, folder.path(), |_| {});
        assert_eq!(listed(&folder.path().join("run")), 4, "{what}");
    }
}

#[test]
fn variables_of_a_main_program_in_fortran_are_closed() {
    plugin("dirichlet");
    let folder = tempfile::tempdir().unwrap();
    let program = fortran::program(&["tests/fortran/main_program.f90"], folder.path());
    let output = Command::new(program)
        .arg(folder.path().join("run"))
        .env("MOVIMENTO_PLUGIN_PATH", plugin_folder())
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(listed(&folder.path().join("run")), 6);
}

#[test]
fn hdf5_does_not_see_what_modules_of_clusters_set() {
    let folder = tempfile::tempdir().unwrap();
    accident("modules", folder.path(), |command| {
        command.env("HDF5_VOL_CONNECTOR", "async under_vol=0;under_info={}");
        command.env("HDF5_DRIVER", "mpio");
    });
    assert_eq!(listed(&folder.path().join("run")), 2);
}

#[test]
fn a_thread_that_is_cancelled_ends_between_calls() {
    let folder = tempfile::tempdir().unwrap();
    accident("cancel", folder.path(), |_| {});
}

#[test]
fn signals_of_the_host_do_not_reach_workers() {
    let folder = tempfile::tempdir().unwrap();
    accident("signal", folder.path(), |_| {});
}

#[test]
fn children_that_are_forked_while_a_thread_writes_can_write() {
    let folder = tempfile::tempdir().unwrap();
    accident("fork", folder.path(), |_| {});
}

/// A library by a relative path, with another working directory before the first energy.
#[test]
fn plugins_are_found_after_the_working_directory_has_changed() {
    plugin("dirichlet");
    let folder = tempfile::tempdir().unwrap();
    let lib = folder.path().join("lib");
    std::fs::create_dir_all(lib.join("movimento/plugins")).unwrap();
    std::fs::copy(library(), lib.join("libmovimento.so.1")).unwrap();
    let offered = lib.join("movimento/plugins/libmovimento_dirichlet.so");
    std::fs::copy(plugin("dirichlet"), offered).unwrap();
    let script = "import ctypes, os, sys\n\
                  library = ctypes.CDLL('lib/libmovimento.so.1')\n\
                  library.mov_options_create.restype = ctypes.c_void_p\n\
                  library.mov_energy_create.restype = ctypes.c_void_p\n\
                  assert library.mov_options_create()\n\
                  os.chdir('/')\n\
                  sys.exit(not library.mov_energy_create(b'dirichlet'))";
    run(Command::new(python())
        .args(["-c", script])
        .current_dir(folder.path())
        .env_remove("MOVIMENTO_PLUGIN_PATH"));
}
