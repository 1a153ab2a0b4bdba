//! What the loader refuses, and what it says.

use crate::support::common::*;
use movimento::capi::*;
use movimento::energy::plugin::Plugin;
use movimento::{Energy, ErrorKind};
use std::fs;
use std::path::Path;
use std::ptr::null;

#[track_caller]
fn refuses(path: &Path, parts: &[&str]) {
    let error = Plugin::load(path).unwrap_err();
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::Plugin);
    let name = path.file_name().unwrap().to_str().unwrap();
    for part in parts.iter().chain([&name, &"is refused"]) {
        assert!(
            error.message().contains(part),
            "`{part}` is not in: {error}"
        );
    }
}

#[test]
fn files_that_are_no_plugin_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    refuses(&at("missing.so"), &["No such file"]);
    fs::write(at("text.so"), "hello, world\n").unwrap();
    refuses(
        &at("text.so"),
        &["not a shared object", "starts with \"hello, world"],
    );
    fs::write(at("empty.so"), "").unwrap();
    refuses(&at("empty.so"), &["not a shared object"]);
    fs::create_dir(at("folder.so")).unwrap();
    refuses(&at("folder.so"), &["not a file"]);
    fs::copy(std::env::current_exe().unwrap(), at("program.so")).unwrap();
    refuses(&at("program.so"), &[]);
    let sound = fs::read(broken(folder.path(), "SOUND")).unwrap();
    for keep in [1, 4, 40, 63, 64, 200, 1000, 5000, sound.len() / 2] {
        let file = at(&format!("truncated-{keep}.so"));
        fs::write(&file, &sound[..keep.min(sound.len() - 1)]).unwrap();
        refuses(&file, &[]);
    }
}

#[test]
fn plugins_that_break_the_contract_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (how, parts) in [
        ("WRONG_MAJOR", &["version 2.1 of the plugin ABI", "1.x"][..]),
        ("SMALL_ENTRY", &["entry has 8 bytes"]),
        ("SMALL_DESCRIPTOR", &["descriptor has 8 bytes"]),
        (
            "SMALL_TABLE",
            &["`broken`", "`movimento.local/1` has 8 bytes"],
        ),
        ("NO_CREATE", &["lacks the function `create`"]),
        (
            "NO_EVALUATE",
            &["`broken`", "`movimento.local/1` has no `evaluate`"],
        ),
        (
            "NOT_OFFERED",
            &["`broken`", "declares the extension `movimento.local/1`"],
        ),
        (
            "NO_EXTENSIONS",
            &["`broken`", "no table that this library knows"],
        ),
        ("NO_ENERGIES", &["offers 0 energies"]),
        ("NULL_DESCRIPTOR", &["descriptor 0 is NULL"]),
        ("BAD_ID", &["`Broken Id`", "lower case"]),
        (
            "BAD_DEFAULT",
            &["`broken`", "default", "`unused` was given 5", "0.0 to 1.0"],
        ),
        ("PAST_THE_END", &["descriptor 1 is not NULL"]),
        (
            "UNKNOWN_FLAG",
            &["`broken`", "`flags` is 1048588", "8 (convex)"],
        ),
        (
            "RESERVED",
            &["`broken`", "`reserved` of `unused` is 1; accepted is 0"],
        ),
        (
            "HIDDEN_TABLE",
            &["`broken`", "`movimento.pair/1`, which it does not declare"],
        ),
        (
            "UNKNOWN_TERM",
            &[
                "`broken`",
                "does not know the table `movimento.unheard-of/1`",
            ],
        ),
        (
            "ANY_EXTENSION",
            &["`broken`", "\"movimento.nothing/1\"; accepted is NULL"],
        ),
        (
            "NO_SYMBOL",
            &["does not export the symbol `movimento_plugin`"],
        ),
    ] {
        refuses(&broken(folder.path(), how), parts);
    }
}

#[test]
fn a_sound_plugin_is_loaded_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = broken(folder.path(), "SOUND");
    let link = folder.path().join("link.so");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let first = Plugin::load(&file).unwrap();
    assert!(std::ptr::eq(first, Plugin::load(&link).unwrap()));
    let error = Energy::from_file(&file, Some("other")).unwrap_err();
    assert!(
        error
            .message()
            .contains("no energy `other`; it offers broken"),
        "{error}"
    );
}

#[test]
fn create_may_fail_or_make_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let make = |how| Energy::from_file(&broken(folder.path(), how), None).unwrap();
    let error = make("CREATE_FAILS").instantiate(2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plugin);
    assert_eq!(
        error.message(),
        "energy `broken`: the plugin returned -7: create refuses"
    );
    assert!(
        make("NULL_INSTANCE")
            .instantiate(2)
            .unwrap()
            .local
            .is_some()
    );
}

#[test]
fn the_shipped_energies_are_found_by_id_and_described() {
    plugin("dirichlet");
    let all = describe(None).unwrap();
    let ids: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].as_str().unwrap())
        .collect();
    for id in [
        "dirichlet",
        "double-well",
        "entropy",
        "power",
        "quadratic",
        "potential-quadratic",
        "potential-double-well",
        "potential-cosine",
        "interaction-power",
        "interaction-gaussian",
        "interaction-morse",
        "interaction-quadratic",
    ] {
        assert!(ids.contains(&id), "{id} is not among {ids:?}");
        let energy = unsafe { mov_energy_create(c(id).as_ptr()) };
        mov_energy_free(made(energy));
        assert_eq!(describe(Some(id)).unwrap()[0]["id"], id);
    }
    let one = describe(Some("dirichlet")).unwrap();
    assert_eq!(one[0]["parameters"][0]["name"], "kappa");
    assert!(one[0]["parameters"][0]["maximum"].is_null());
    assert!(one[0]["references"][0].as_str().unwrap().contains("doi:"));
    let path = plugin("dirichlet");
    assert_eq!(describe(path.to_str()).unwrap(), one);
}

#[test]
fn a_missing_energy_is_explained() {
    not_created(
        unsafe { mov_energy_create(c"no-such-energy".as_ptr()) },
        &[
            "no-such-energy",
            "MOVIMENTO_PLUGIN_PATH",
            build_folder().to_str().unwrap(),
            "dirichlet",
        ],
    );
    let (status, message) = describe(Some("no-such-energy")).unwrap_err();
    assert_eq!(status, MOV_ERROR_PLUGIN, "{message}");
    not_created(
        unsafe { mov_energy_create_from_file(c"./missing.so".as_ptr(), null()) },
        &["./missing.so", "No such file"],
    );
}
