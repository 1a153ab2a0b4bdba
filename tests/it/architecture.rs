//! The invariants of ARCHITECTURE.md that imports and words can break.

use crate::support::common::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library from the bottom up: each imports only those before it.
const ORDER: [&str; 29] = [
    "allocator",
    "error",
    "section",
    "atomic_file",
    "words",
    "arguments",
    "movement",
    "vector_units",
    "linear_algebra",
    "differences",
    "fingerprint",
    "export",
    "communicator",
    "parallel",
    "domain",
    "quadrature",
    "initial",
    "energy",
    "field",
    "minimize",
    "objective",
    "options",
    "report",
    "progress",
    "flow",
    "solver",
    "snapshot",
    "capi",
    "lib",
];

/// Words that only the folder of flows says.
const FLOWS: [&str; 8] = [
    "\"l2\"",
    "\"wasserstein\"",
    "\"w2gn\"",
    "\"dual\"",
    "\"collocation\"",
    "w2gn::",
    "collocation::",
    "transport::",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file without comments and unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    // Documentation that a macro writes.
    lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace("](crate::", "")
}

/// The top-level module of a file, `None` of unit tests.
fn module(path: &Path) -> Option<String> {
    let inner = path.strip_prefix(root().join("src")).unwrap();
    if inner
        .components()
        .any(|part| part.as_os_str().to_string_lossy().contains("tests"))
    {
        return None;
    }
    let first = inner
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    Some(first.trim_end_matches(".rs").to_owned())
}

/// The modules that a text imports by `crate::`.
fn imports(code: &str) -> BTreeSet<&str> {
    let after = code.split("crate::").skip(1);
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    after.filter_map(|rest| rest.split(word).next()).collect()
}

#[test]
fn dependencies_run_one_way() {
    let level = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let Some(own) = module(&path).filter(|own| own != "lib") else {
            continue;
        };
        let here = level(&own).unwrap_or_else(|| panic!("ARCHITECTURE.md and ORDER lack `{own}`"));
        for import in imports(&code(&path)) {
            // Types at the root stand for the facade, which only the border uses.
            let is_type = import.starts_with(char::is_uppercase);
            if own != import
                && (is_type && own != "capi" || level(import).is_some_and(|l| l >= here))
            {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_flow_is_named_outside_of_its_folder() {
    let src = root().join("src");
    let free = [src.join("flow"), src.join("options/table.rs")];
    let mut wrong = Vec::new();
    for path in sources(&src) {
        if module(&path).is_none() || free.iter().any(|free| path.starts_with(free)) {
            continue;
        }
        let code = code(&path);
        let named = FLOWS.iter().filter(|name| code.contains(**name));
        wrong.extend(named.map(|name| format!("{} says {name}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn folders_keep_to_their_business() {
    for (folder, words) in [
        (
            "minimize",
            &[
                "network",
                "field",
                "energy",
                "quadrature",
                "flow",
                "objective",
            ][..],
        ),
        (
            "snapshot",
            &["field", "network", "minimize", "objective", "quadrature"],
        ),
        (
            "capi",
            &[
                "field",
                "network",
                "minimize",
                "objective",
                "quadrature",
                "flow",
            ],
        ),
    ] {
        for path in sources(&root().join("src").join(folder)) {
            if module(&path).is_none() {
                continue;
            }
            let code = code(&path);
            let found: Vec<_> = imports(&code)
                .into_iter()
                .filter(|import| words.contains(import))
                .collect();
            assert!(found.is_empty(), "{} imports {found:?}", path.display());
        }
    }
    for path in sources(&root().join("src")) {
        let is_free = path.starts_with(root().join("src/flow/w2gn"));
        assert!(
            is_free || !code(&path).contains("candle"),
            "{}",
            path.display()
        );
    }
}
