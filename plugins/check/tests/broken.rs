//! Plugins that are broken in one way each: the check that is for it finds it, and no other fails.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

mod common;
#[path = "../../../tests/support/external_crates.rs"]
mod outside;
use common::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

/// How a plugin of tests/plugins/broken.c is broken, the checks that must fail and no others, and
/// what must be found.
type Case = (&'static str, &'static [&'static str], &'static str);

const BROKEN: &[Case] = &[
    (
        "WRONG_MAJOR",
        &["entry"],
        "built for version 2.1 of the plugin ABI; this library takes 1.x",
    ),
    (
        "SMALL_ENTRY",
        &["entry"],
        "its entry has 8 bytes; this library needs",
    ),
    (
        "SMALL_DESCRIPTOR",
        &["entry"],
        "the descriptor has 8 bytes; this library needs",
    ),
    (
        "NO_CREATE",
        &["entry"],
        "its entry lacks the function `create`",
    ),
    ("NO_ENERGIES", &["entry"], "it offers 0 energies"),
    ("NULL_DESCRIPTOR", &["entry"], "descriptor 0 is NULL"),
    (
        "NO_SYMBOL",
        &["entry"],
        "does not export the symbol `movimento_plugin`",
    ),
    (
        "SMALL_TABLE",
        &["descriptor"],
        "the table `movimento.local/1` has 8 bytes",
    ),
    (
        "NO_EVALUATE",
        &["descriptor"],
        "the table `movimento.local/1` has no `evaluate`",
    ),
    (
        "NOT_OFFERED",
        &["descriptor"],
        "it declares the extension `movimento.local/1` but",
    ),
    (
        "NO_EXTENSIONS",
        &["descriptor"],
        "no table that this library knows",
    ),
    (
        "BAD_ID",
        &["descriptor"],
        "the id `Broken Id` is not made of",
    ),
    (
        "BAD_DEFAULT",
        &["descriptor"],
        "its default is out of range: parameter `unused` was given 5",
    ),
    ("PAST_THE_END", &["entry"], "descriptor 1 is not NULL"),
    ("UNKNOWN_FLAG", &["descriptor"], "`flags` is 1048588"),
    ("RESERVED", &["descriptor"], "`reserved` of `unused` is 1"),
    (
        "HIDDEN_TABLE",
        &["descriptor"],
        "`movimento.pair/1`, which it does not declare",
    ),
    (
        "UNKNOWN_TERM",
        &["descriptor"],
        "does not know the table `movimento.unheard-of/1`",
    ),
    ("ANY_EXTENSION", &["descriptor"], "accepted is NULL"),
    ("CREATE_FAILS", &["create"], "status -7: create refuses"),
    ("FATAL", &["domain"], "status -3: evaluate gave up"),
    (
        "RECOVERABLE",
        &["domain"],
        "status 1: a smaller step, please",
    ),
    (
        "RECOVERABLE_ONCE",
        &["repeats"],
        "the first evaluation: status 1: a smaller step",
    ),
    ("NO_MESSAGE", &["domain"], "status -3: "),
    ("LONG_MESSAGE", &["domain"], "the message has no end"),
    ("BAD_UTF8", &["domain"], "status -3: \u{fffd}"),
    ("RETURNS_NAN", &["domain"], "NaN or infinite"),
    ("WRONG_GRADIENT", &["derivatives"], "f_u: relative error"),
    (
        "WRONG_SECOND",
        &["derivatives"],
        "f_uu: relative error 1.0e-5",
    ),
    ("UNDECLARED", &["derivatives"], "f_x[0]: relative error"),
    (
        "UNDECLARED_TIME",
        &["derivatives"],
        "the same at any t without USES_TIME",
    ),
    ("WRONG_IN_TIME", &["derivatives"], "f_u: relative error"),
    ("NAN_AT_ZERO", &["corners"], "p = 0: f_p is NaN"),
    ("NAN_AT_CORNERS", &["corners"], "x at its largest: f is NaN"),
    ("NOT_CONVEX", &["convexity"], "f is above its chord"),
    (
        "PRINTS",
        &["silence"],
        "\"evaluating 5 points\" on the standard output, during domain",
    ),
    (
        "WARNS",
        &["silence"],
        "\"creating\" on the standard error, during create",
    ),
    (
        "EXITS",
        &["domain"],
        "ended the process with exit status 0: evaluate, d = 2",
    ),
    (
        "ABORTS",
        &["refusals"],
        "died of SIGABRT, it aborted: create, d = 2, unused = NaN",
    ),
    (
        "CRASHES_ON_NAN",
        &["nan"],
        "died of SIGSEGV, a memory access: NaN in u, d = 2",
    ),
    ("LOSES_NAN", &["nan"], "NaN went in and a number came out"),
    (
        "SPREADS_NAN",
        &["nan", "infinite"],
        "NaN in u at one point changes other points",
    ),
    (
        "HANGS",
        &["infinite"],
        "hangs: no answer in 5 s, stopped: inf in u, d = 2",
    ),
    (
        "LEAKS",
        &["leaks"],
        "evaluate: 48 bytes are not freed a time",
    ),
    (
        "LEAKS_INSTANCES",
        &["leaks"],
        "create and destroy: 32 bytes are not freed a time",
    ),
    (
        "COUNTS",
        &["repeats"],
        "the same points again give other numbers",
    ),
    (
        "RACES",
        &["threads"],
        "when another call comes in between, at `u`",
    ),
    // A thread costs memory too.
    (
        "STARTS_A_THREAD",
        &["leaks", "process"],
        "create changed the number of threads",
    ),
    (
        "WRITES_PAST",
        &["bounds"],
        "wrote past the end of `f_u`, at byte 0",
    ),
    (
        "READS_PAST",
        &["bounds"],
        "read past the end of `u`, at byte 0",
    ),
    (
        "WRITES_BEFORE",
        &["bounds"],
        "wrote before the start of `f`, at byte -8",
    ),
    (
        "WRITES_INPUT",
        &["inputs"],
        "wrote to `u`, which is not to be written to",
    ),
    (
        "WRITES_UNWANTED",
        &["bounds"],
        "wrote through a NULL pointer: no output wanted",
    ),
    (
        "OVERLONG_MESSAGE",
        &["message"],
        "wrote past the end of `message`, at byte 1",
    ),
    (
        "DEPENDS_ON_WANTED",
        &["subsets"],
        "f asked for alone: relative error",
    ),
    ("REFUSES_EMPTY", &["empty"], "status -1: no points"),
    ("EXACT_SIZE", &["growth"], "status -1: which batch?"),
    (
        "CHANGES_ROUNDING",
        &["process"],
        "evaluate changed the floating-point control",
    ),
    (
        "CHANGES_LOCALE",
        &["process"],
        "create changed the locale from `C` to `C.UTF-8`",
    ),
    (
        "CHANGES_FOLDER",
        &["process"],
        "create changed the working folder",
    ),
    (
        "CHANGES_SIGNALS",
        &["process"],
        "create changed the handler of signal 8",
    ),
    (
        "LEAVES_FILES",
        &["process"],
        "create changed the open files",
    ),
];

fn broken(folder: &Path, how: &str) -> PathBuf {
    let define = match how {
        "NO_SYMBOL" => "-DNO_SYMBOL".to_owned(),
        _ => format!("-DBREAK={how}"),
    };
    let object = folder.join(format!("{how}.so"));
    shared_object(&root().join("tests/plugins/broken.c"), &object, &[&define]);
    object
}

/// What is wrong with the report on one case; several are under way at a time.
fn wrong(folder: &Path, &(how, checks, text): &Case) -> Option<String> {
    let timeout = if how == "HANGS" { "5" } else { "120" };
    let switches = ["--dimension", "2", "--timeout", timeout];
    let report = report(&broken(folder, how), &switches);
    let (names, found) = failed(&report);
    let expected: BTreeSet<_> = checks.iter().copied().collect();
    let right = names == expected && found.contains(text);
    (!right).then(|| format!("{how}: failed {names:?}, expected {expected:?}, `{text}`:\n{found}"))
}

#[test]
fn each_defect_is_found_by_its_own_check() {
    let folder = tempfile::tempdir().unwrap();
    let half = BROKEN.len() / 2;
    let all = |cases: &[Case]| -> Vec<String> {
        cases
            .iter()
            .filter_map(|case| wrong(folder.path(), case))
            .collect()
    };
    let wrong: Vec<_> = thread::scope(|scope| {
        let threads = [&BROKEN[..half], &BROKEN[half..]].map(|part| scope.spawn(move || all(part)));
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Every way to be broken that the file lists is either in the table above or no defect.
#[test]
fn no_defect_is_forgotten() {
    let source = std::fs::read_to_string(root().join("tests/plugins/broken.c")).unwrap();
    let listed = source.lines().filter_map(|line| line.strip_prefix(" *   "));
    let listed = listed.filter_map(|line| line.split_whitespace().next());
    let listed: BTreeSet<_> = listed.filter(|word| word.len() > 3).collect();
    let known: BTreeSet<_> = BROKEN.iter().map(|(how, ..)| *how).collect();
    let sound = BTreeSet::from(["SOUND", "IN_TIME", "NULL_INSTANCE", "RETURNS_INF"]);
    let missing: Vec<_> = listed.difference(&known).collect();
    assert_eq!(missing, sound.iter().collect::<Vec<_>>());
}

#[test]
fn sound_plugins_pass_every_check() {
    let folder = tempfile::tempdir().unwrap();
    for how in ["SOUND", "IN_TIME", "NULL_INSTANCE"] {
        let report = report(&broken(folder.path(), how), &[]);
        assert_eq!(failed(&report).1, "");
        let ran = results(&report);
        let ran = ran.iter().filter(|result| result["outcome"] != "skipped");
        assert_eq!(ran.count(), 21, "{report:#}");
    }
}

/// An energy that is the sum of a density and an interaction is checked in both.
#[test]
fn both_tables_of_an_energy_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let source = root().join("tests/plugins/both.c");
    let compiled = |name: &str, switches: &[&str]| {
        let object = folder.path().join(name);
        shared_object(&source, &object, switches);
        report(&object, &["--dimension", "2"])
    };
    let sound = compiled("both.so", &[]);
    assert_eq!(failed(&sound).1, "");
    let wrong = compiled("wrong.so", &["-DWRONG_KERNEL"]);
    let (names, found) = failed(&wrong);
    assert_eq!(names, BTreeSet::from(["derivatives"]), "{found}");
    assert!(found.contains("w_x[0]: relative error"), "{found}");
}

#[test]
fn a_plugin_that_asks_for_an_executable_stack_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let object = folder.path().join("stack.so");
    let source = root().join("tests/plugins/broken.c");
    shared_object(&source, &object, &["-Wl,-z,execstack"]);
    let report = report(&object, &["--dimension", "1"]);
    let (names, found) = failed(&report);
    assert_eq!(names, BTreeSet::from(["entry"]), "{found}");
    assert!(found.contains("executable stack"), "{found}");
}

/// The command that `--help` gives for a closer look at threads, on a plugin with a race and on one
/// without.
#[test]
fn valgrind_names_the_plugin_that_races() {
    let folder = tempfile::tempdir().unwrap();
    let races = |plugin: &Path| {
        let log = folder.path().join("threads.log");
        let under = format!("valgrind -q --tool=helgrind --log-file={}", log.display());
        let only = ["--only", "threads", "--dimension", "2", "--timeout", "600"];
        let output = check(plugin, &[&only[..], &["--under", &under]].concat());
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
        let name = plugin.file_name().unwrap().to_str().unwrap();
        let log = std::fs::read_to_string(log).unwrap();
        let mut places = log.lines().filter(|line| line.contains(" at 0x"));
        places.any(|line| line.contains(name))
    };
    assert!(races(&broken(folder.path(), "RACES")));
    assert!(!races(&root().join("tests/plugins/abi-1.0/landau.so")));
}

/// Panics and tensor errors of plugins in Rust are statuses, which are said with their reason.
#[test]
fn panics_are_named() {
    let plugin = outside::cargo_build(
        &root(),
        &root().join("tests/plugins/panicking"),
        "panicking",
    );
    for (id, check, why) in [
        (
            "panics",
            "domain",
            "status -2: the plugin panicked at src/lib.rs",
        ),
        ("panics-in-create", "create", "create panics on purpose"),
        (
            "tensor-error",
            "domain",
            "status -1: Candle: shape mismatch",
        ),
        ("wrong-shape", "domain", "the density has shape [5, 1]"),
    ] {
        let report = report(&plugin, &["--id", id, "--dimension", "2"]);
        let (names, found) = failed(&report);
        assert_eq!(names, BTreeSet::from([check]), "{id}: {found}");
        assert!(found.contains(why), "{id}: {found}");
    }
}

#[test]
fn a_failure_says_what_to_do_and_the_rest_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let output = check(&broken(folder.path(), "WRITES_PAST"), &["--dimension", "1"]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    for part in [
        "FAILED  bounds       wrote past the end of `f_u`, at byte 0: wanted",
        "-> The lengths are [n], [n][d] and [n][d][d]",
        "-       threads      not run, since `bounds` comes first",
        "FAILED: 1 of 21 checks",
    ] {
        assert!(report.contains(part), "`{part}` is not in:\n{report}");
    }
}

#[test]
fn what_cannot_be_checked_is_status_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let sound = broken(folder.path(), "SOUND");
    for (plugin, switches, why) in [
        (folder.path().join("none.so"), &[][..], "No such file"),
        (folder.path().to_owned(), &[], "is not a file"),
        (
            sound.clone(),
            &["--id", "other"],
            "no energy `other`; it offers broken",
        ),
        (
            sound.clone(),
            &["--parameter", "kappa=1"],
            "has a parameter `kappa`",
        ),
        (
            sound.clone(),
            &["--parameter", "unused"],
            "NAME=VALUE is expected",
        ),
        (sound.clone(), &["--values", "2:1"], "the lower one first"),
        (sound.clone(), &["--only", "nothing"], "possible values"),
        (
            sound,
            &["--under", "no-such-command"],
            "no-such-command cannot be started",
        ),
    ] {
        let output = check(&plugin, switches);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{out}{err}");
        assert!(
            err.contains(why) && out.is_empty(),
            "`{why}` is not in: {err}"
        );
    }
    // What is no plugin has failed the check of the entry.
    let file = folder.path().join("text.so");
    std::fs::write(&file, "hello, world\n").unwrap();
    let report = report(&file, &[]);
    assert_eq!(failed(&report).0, BTreeSet::from(["entry"]));
}
