//! The structures here against what a C compiler makes of `include/movimento_plugin.h`.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says so where it fails"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use movimento_abi as abi;

fn include() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include");
    folder.to_str().unwrap().to_owned()
}

#[test]
fn sizes_offsets_and_constants_agree() {
    let (mut program, mut expected) = (String::new(), String::new());
    for file in ["<stddef.h>", "<stdio.h>", "\"movimento_plugin.h\""] {
        writeln!(program, "#include {file}").unwrap();
    }
    program.push_str("int main(void) {\n");
    let mut print = |label: &str, c: &str, rust: usize| {
        writeln!(program, "  printf(\"{label} %zu\\n\", (size_t)({c}));").unwrap();
        writeln!(expected, "{label} {rust}").unwrap();
    };
    for layout in abi::LAYOUTS {
        let name = layout.c_name;
        print(name, &format!("sizeof({name})"), layout.size);
        for (field, offset) in layout.fields {
            print(
                &format!("{name}.{field}"),
                &format!("offsetof({name}, {field})"),
                *offset,
            );
        }
    }
    for (name, value) in abi::CONSTANTS {
        print(name, name, *value as usize);
    }
    for (name, id) in abi::IDS {
        writeln!(program, "  puts(\"{name} \" {name});").unwrap();
        writeln!(expected, "{name} {}", id.to_str().unwrap()).unwrap();
    }
    program.push_str("  return 0;\n}\n");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&source, program).unwrap();
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut compile = Command::new(compiler);
    compile.args([
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        "-I",
        &include(),
        "-o",
    ]);
    assert!(
        compile
            .arg(&binary)
            .arg(&source)
            .status()
            .unwrap()
            .success(),
        "cc failed"
    );
    let output = Command::new(&binary).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

/// A field or an id that is in the header and not in the crate would go unnoticed above.
#[test]
fn everything_in_the_header_is_compared() {
    let header = fs::read_to_string(format!("{}/movimento_plugin.h", include())).unwrap();
    let structures = header.matches("typedef struct ").count();
    assert_eq!(structures, abi::LAYOUTS.len(), "structures");
    for layout in abi::LAYOUTS {
        let name = layout.c_name;
        let body = header
            .split(&format!("typedef struct {name} {{"))
            .nth(1)
            .unwrap();
        let body = body.split(&format!("}} {name};")).next().unwrap();
        let statements = without_comments(body).matches(';').count();
        assert_eq!(statements, layout.fields.len(), "fields of {name}");
    }
    let defined = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define MOVIMENTO_"));
    let (ids, constants): (Vec<_>, Vec<_>) = defined
        .filter_map(|rest| rest.split_once(' '))
        .filter(|(name, _)| *name != "EXPORT")
        .partition(|(_, value)| value.starts_with('"'));
    assert_eq!(ids.len(), abi::IDS.len(), "{ids:?}");
    assert_eq!(constants.len(), abi::CONSTANTS.len(), "{constants:?}");
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once("*/").map_or("", |(_, rest)| rest)
    })
}
