//! Programs of outside users against the shared library.

use crate::support::common::*;
use std::path::Path;
use std::process::Command;

fn heat(folder: &Path) -> std::path::PathBuf {
    plugin("dirichlet");
    program("tests/c/heat.c", folder)
}

#[test]
fn a_program_that_uses_the_whole_interface_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(heat(folder.path())).arg("3").output().unwrap();
    succeeded(&output);
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        (String::new(), String::new())
    );
}

#[test]
fn a_program_that_is_coupled_to_another_code_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let coupling = program("tests/c/coupling.c", folder.path());
    let output = Command::new(coupling)
        .arg(folder.path().join("series"))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn valgrind_finds_no_error_and_no_leak_that_grows_with_steps() {
    let folder = tempfile::tempdir().unwrap();
    let heat = heat(folder.path());
    let report = |steps: &str, threads: &str| {
        let snapshots = tempfile::tempdir().unwrap();
        let output = Command::new("valgrind")
            .args(["--error-exitcode=99", "--leak-check=full"])
            .arg("--errors-for-leak-kinds=none")
            .arg(&heat)
            .args([steps, threads])
            .arg(snapshots.path())
            .output()
            .expect("valgrind is there: apt-get install valgrind");
        succeeded(&output);
        let report = text(&output.stderr);
        assert!(report.contains("ERROR SUMMARY: 0 errors"), "{report}");
        report
    };
    // With a pool: what its threads have not yet given back when the process ends is a matter of
    // timing, so that only errors count here.
    report("2", "2");
    let lost = |steps: &str| {
        let report = report(steps, "1");
        let kinds = ["definitely lost: ", "indirectly lost: ", "possibly lost: "];
        let lost = kinds.map(|kind| -> u64 {
            // A kind is not listed when no block at all is left.
            let bytes = report
                .split(kind)
                .nth(1)
                .and_then(|rest| rest.split(' ').next());
            bytes.map_or(0, |bytes| bytes.replace(',', "").parse().unwrap())
        });
        println!("{steps} steps: {lost:?} bytes lost definitely, indirectly, possibly");
        lost
    };
    let few = lost("2");
    assert_eq!(few[0], 0, "definitely lost");
    assert_eq!(few, lost("6"));
}

#[test]
fn domains_and_nodes_of_the_host_cross_the_border_and_bad_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    plugin("dirichlet");
    let domain = program("tests/c/domain.c", folder.path());
    let snapshots = folder.path().join("snapshots");
    let output = Command::new(domain).arg(&snapshots).output().unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
    assert!(snapshots.join("snap_000000.h5").is_file());
    assert!(!snapshots.join("snap_000001.h5").exists());
}

#[test]
fn densities_cross_the_border_and_bad_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["internal", "potential"] {
        plugin(name);
    }
    let output = Command::new(program("tests/c/transport.c", folder.path()))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn time_sources_and_kernels_of_a_host_cross_the_border() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["dirichlet", "internal"] {
        plugin(name);
    }
    let output = Command::new(program("tests/c/time.c", folder.path()))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn a_field_of_several_components_crosses_the_border() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program("tests/c/system.c", folder.path()))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn an_energy_of_second_derivatives_crosses_the_border() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program("tests/c/hessian.c", folder.path()))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn a_series_of_snapshots_crosses_the_border() {
    let folder = tempfile::tempdir().unwrap();
    plugin("internal");
    let packed = folder.path().join("packed.h5");
    let output = Command::new(program("tests/c/series.c", folder.path()))
        .arg(folder.path().join("run"))
        .arg(&packed)
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stderr), "");
    let file = hdf5::File::open(&packed).unwrap();
    let read = |name: &str| file.dataset(name).unwrap().read_raw::<f64>().unwrap();
    assert_eq!(file.dataset("ln_density").unwrap().shape(), [5, 33]);
    for (rho, ln) in read("density").iter().zip(read("ln_density")) {
        assert!((rho.ln() - ln).abs() < 1e-12);
    }
    // The masses of the host, where the solver says that they are.
    let said: Vec<f64> = text(&output.stdout)
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    assert_eq!(read("points/position")[12..], said);
}

#[test]
fn options_statuses_and_values_cross_the_border() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["dirichlet", "potential"] {
        plugin(name);
    }
    let output = Command::new(program("tests/c/options.c", folder.path()))
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout) + &text(&output.stderr), "");
}

#[test]
fn plugins_are_found_in_the_folders_of_the_environment_first() {
    let folder = tempfile::tempdir().unwrap();
    let program = program("tests/c/describe.c", folder.path());
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    shared_object(
        "tests/c/formula.c",
        &plugins,
        "libmovimento_formula.so",
        &[],
    );
    std::fs::write(plugins.join("libmovimento_text.so"), "no plugin").unwrap();
    let run = |path: &str, what: &str| {
        let mut command = Command::new(&program);
        command.arg(what).env("MOVIMENTO_PLUGIN_PATH", path);
        let output = command.current_dir("/").output().unwrap();
        (output.status.success(), text(&output.stdout))
    };
    let path = format!(":/nowhere:{}", plugins.display());
    let (found, json) = run(&path, "formula");
    assert!(found, "{json}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json[0]["file"],
        plugins.join("libmovimento_formula.so").to_str().unwrap()
    );
    let (found, message) = run("", "formula");
    assert!(
        !found && message.contains("no plugin offers the energy `formula`"),
        "{message}"
    );
    // What lies beside the library is found without the variable; what was refused is said.
    assert!(run("", "dirichlet").0);
    let (found, message) = run(&path, "no-such-energy");
    assert!(!found);
    for part in [
        "libmovimento_text.so is refused",
        "formula",
        "dirichlet",
        "/nowhere",
    ] {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

#[test]
fn the_library_exports_its_interface_only() {
    let output = Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(library())
        .output()
        .unwrap();
    succeeded(&output);
    let symbols = text(&output.stdout);
    let names: Vec<_> = symbols
        .lines()
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    assert!(names.len() > 40);
    let strange: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("mov_"))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn the_library_is_named_after_the_version_of_its_interface() {
    let output = Command::new("readelf")
        .arg("-d")
        .arg(library())
        .output()
        .unwrap();
    succeeded(&output);
    let name = format!("[libmovimento.so.{}]", movimento::capi::MOV_ABI_VERSION);
    assert!(text(&output.stdout).contains(&name));
}
