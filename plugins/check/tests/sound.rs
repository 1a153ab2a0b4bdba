//! Every shipped plugin and the sample in C pass every check, and so does a very old binary.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

mod common;
use common::*;
use std::process::Command;

/// The energies of each plugin.
const SHIPPED: &[(&str, &[&str])] = &[
    ("dirichlet", &["dirichlet"]),
    ("double_well", &["double-well"]),
    ("internal", &["entropy", "power", "quadratic"]),
    ("mmd", &["mmd"]),
    ("thin_film", &["thin-film", "fisher-information"]),
    (
        "phase_field",
        &[
            "cahn-hilliard",
            "cahn-hilliard-logarithmic",
            "total-variation",
            "swift-hohenberg",
            "willmore",
            "ginzburg-landau",
        ],
    ),
    (
        "potential",
        &[
            "potential-quadratic",
            "potential-double-well",
            "potential-cosine",
        ],
    ),
    (
        "interaction",
        &[
            "interaction-power",
            "interaction-gaussian",
            "interaction-morse",
            "interaction-quadratic",
            "interaction-logarithm",
        ],
    ),
];

#[test]
fn shipped_plugins_pass_every_check() {
    for (name, ids) in SHIPPED {
        let report = report(&built(&format!("libmovimento_{name}.so")), &[]);
        let (_, found) = failed(&report);
        assert_eq!(found, "", "{name}");
        let energies = report["energies"].as_array().unwrap();
        let ids_of = energies.iter().map(|energy| energy["id"].as_str().unwrap());
        let offered: Vec<_> = ids_of.collect();
        assert_eq!(offered, *ids);
        for result in results(&report) {
            // These plugins refuse whatever does not fit, with a message.
            let (check, outcome) = (&result["check"], &result["outcome"]);
            let skipped = outcome == "skipped" && check == "convexity";
            // A target has as many points as it is given.
            let any = *name == "mmd" && check == "refusals" && outcome == "noted";
            assert!(outcome == "passed" || skipped || any, "{name}: {result:#}");
        }
    }
}

/// No plugin of the workspace is left out above.
#[test]
fn every_shipped_plugin_is_checked() {
    let folders = std::fs::read_dir(root().join("plugins")).unwrap();
    let mut plugins: Vec<_> = folders
        .map(|folder| folder.unwrap().path())
        .filter(|folder| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
            manifest.is_ok_and(|text| text.contains("cdylib"))
        })
        .map(|folder| {
            folder
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .replace('-', "_")
        })
        .collect();
    plugins.sort();
    let mut checked: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
    checked.sort_unstable();
    assert_eq!(plugins, checked);
}

#[test]
fn the_installed_program_checks_the_installed_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let mut install = Command::new(root().join("scripts/install"));
    install
        .env("PREFIX", folder.path())
        .env_remove("DESTDIR")
        .env_remove("LIBDIR");
    install.env("FROM", built("libmovimento.so").parent().unwrap());
    let output = install.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let plugins = folder.path().join("lib/movimento/plugins");
    for (name, ids) in SHIPPED {
        let mut program = Command::new(folder.path().join("bin/movimento-check"));
        program.arg(plugins.join(format!("libmovimento_{name}.so")));
        let output = program.args(["--only", "descriptor"]).output().unwrap();
        let report = text(&output.stdout);
        assert!(output.status.success(), "{report}");
        assert!(
            report.contains(&format!("it offers {}", ids.join(", "))),
            "{report}"
        );
    }
}

#[test]
fn parameters_and_ranges_are_the_users() {
    let plugin = built("libmovimento_internal.so");
    let only = ["--id", "power", "--only", "derivatives", "--verbose"];
    let fixed = [
        "--parameter",
        "m=6.5",
        "--values",
        "0.5:1",
        "--dimension",
        "2",
    ];
    let output = check(&plugin, &[&only[..], &fixed].concat());
    let report = text(&output.stdout);
    assert!(output.status.success(), "{report}");
    assert!(report.contains("5 arrays in 1 cases"), "{report}");
    // Outside the domain there is nothing to check.
    let output = check(&plugin, &["--id", "power", "--values=-2:-1"]);
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains("status 1: power needs u >= 0"), "{report}");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_plugin_of_the_first_version_of_the_abi_passes() {
    let plugin = root().join("tests/plugins/abi-1.0/landau.so");
    assert_eq!(failed(&report(&plugin, &[])).1, "");
}
