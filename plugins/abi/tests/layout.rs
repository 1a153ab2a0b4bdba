//! The structures here against what a C compiler makes of `include/movimento_plugin.h`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs, mem};

use movimento_abi as abi;

/// For each structure its C name, its size and its fields with their offsets.
type Layout = (&'static str, usize, Vec<(&'static str, usize)>);

macro_rules! layout {
    ($rust:ty, $c:literal, $($field:ident),+) => {
        ($c, mem::size_of::<$rust>(), vec![$((stringify!($field), mem::offset_of!($rust, $field))),+])
    };
}

fn layouts() -> Vec<Layout> {
    vec![
        layout!(
            abi::Parameter,
            "movimento_parameter",
            name,
            help,
            kind,
            reserved,
            default_value,
            minimum,
            maximum
        ),
        layout!(abi::Argument, "movimento_argument", name, count, values),
        layout!(
            abi::Descriptor,
            "movimento_descriptor",
            struct_size,
            id,
            name,
            version,
            formula,
            references,
            flags,
            parameter_count,
            parameter_size,
            parameters,
            extensions
        ),
        layout!(
            abi::LocalBatch,
            "movimento_local_batch",
            struct_size,
            n,
            d,
            x,
            u,
            p,
            f,
            f_u,
            f_p,
            f_x,
            f_uu,
            f_up,
            f_pp
        ),
        layout!(
            abi::LocalTable,
            "movimento_local_table",
            struct_size,
            evaluate
        ),
        layout!(
            abi::PairBatch,
            "movimento_pair_batch",
            struct_size,
            n,
            d,
            x,
            y,
            w,
            w_x
        ),
        layout!(
            abi::PairTable,
            "movimento_pair_table",
            struct_size,
            evaluate
        ),
        layout!(
            abi::PluginEntry,
            "movimento_plugin_entry",
            abi_major,
            abi_minor,
            struct_size,
            descriptor_count,
            descriptor,
            create,
            destroy,
            get_extension
        ),
    ]
}

/// The constants of the header, by their C names.
fn constants() -> Vec<(&'static str, u32)> {
    vec![
        ("MOVIMENTO_PLUGIN_ABI_MAJOR", abi::ABI_MAJOR),
        ("MOVIMENTO_PLUGIN_ABI_MINOR", abi::ABI_MINOR),
        ("MOVIMENTO_OK", abi::OK as u32),
        ("MOVIMENTO_REAL", abi::REAL),
        ("MOVIMENTO_INTEGER", abi::INTEGER),
        ("MOVIMENTO_REAL_ARRAY", abi::REAL_ARRAY),
        ("MOVIMENTO_USES_GRADIENT", abi::USES_GRADIENT),
        ("MOVIMENTO_USES_POSITION", abi::USES_POSITION),
        ("MOVIMENTO_SECOND_DERIVATIVES", abi::SECOND_DERIVATIVES),
        ("MOVIMENTO_CONVEX", abi::CONVEX),
    ]
}

fn include() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include");
    folder.to_str().unwrap().to_owned()
}

#[test]
fn sizes_offsets_and_constants_agree() {
    let (mut program, mut expected) = (String::new(), String::new());
    program.push_str("#include <stddef.h>\n#include <stdio.h>\n#include \"movimento_plugin.h\"\nint main(void) {\n");
    let mut print = |label: &str, c: &str, rust: usize| {
        writeln!(program, "  printf(\"{label} %zu\\n\", (size_t)({c}));").unwrap();
        writeln!(expected, "{label} {rust}").unwrap();
    };
    for (name, size, fields) in layouts() {
        print(name, &format!("sizeof({name})"), size);
        for (field, offset) in fields {
            print(
                &format!("{name}.{field}"),
                &format!("offsetof({name}, {field})"),
                offset,
            );
        }
    }
    for (name, value) in constants() {
        print(name, name, value as usize);
    }
    for (name, id) in [("LOCAL_1", abi::LOCAL_1), ("PAIR_1", abi::PAIR_1)] {
        writeln!(program, "  puts(\"{name} \" MOVIMENTO_{name});").unwrap();
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

/// A field that is in the header and not in `layouts` would go unnoticed above.
#[test]
fn every_field_of_the_header_is_compared() {
    let header = fs::read_to_string(format!("{}/movimento_plugin.h", include())).unwrap();
    let structures = header.matches("typedef struct ").count();
    assert_eq!(structures, layouts().len(), "structures");
    for (name, _, fields) in layouts() {
        let body = header
            .split(&format!("typedef struct {name} {{"))
            .nth(1)
            .unwrap();
        let body = body.split(&format!("}} {name};")).next().unwrap();
        let statements = without_comments(body).matches(';').count();
        assert_eq!(statements, fields.len(), "fields of {name}");
    }
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once("*/").map_or("", |(_, rest)| rest)
    })
}
