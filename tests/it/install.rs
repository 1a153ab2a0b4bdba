//! What `make install` makes serves outsiders, from a prefix that was moved afterwards: by a plain
//! compiler line, by pkg-config and by `find_package`, each in three lines of build code at most.

use crate::support::common::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What the example prints in every language.
const PRINTED: &str = "rho(0.25) = 0.59051 at t = 0.1\n";

/// A language: its folder in tests/install, its example, and the compiler's part of a plain line.
struct Language {
    name: &'static str,
    example: &'static str,
    compiler: &'static str,
}

const LANGUAGES: &[Language] = &[
    Language {
        name: "c",
        example: "porous_medium.c",
        compiler: "cc porous_medium.c -I$PREFIX/include",
    },
    Language {
        name: "cxx",
        example: "porous_medium.cpp",
        compiler: "c++ -std=c++17 porous_medium.cpp -I$PREFIX/include",
    },
    Language {
        name: "fortran",
        example: "porous_medium.f90",
        compiler: "gfortran $PREFIX/share/movimento/fortran/movimento.f90 porous_medium.f90",
    },
];

fn script(name: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(root().join("scripts").join(name));
    let folder = library().parent().unwrap().to_owned();
    command.env("FROM", folder).env_remove("DESTDIR");
    succeeded(&command.envs(variables.iter().copied()).output().unwrap());
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Every file and link below a folder, relative to it.
fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                left.push(entry.path());
            } else {
                all.push(path(entry.path().strip_prefix(folder).unwrap()).to_owned());
            }
        }
    }
    all.sort();
    all
}

/// The prefix that all tests look at: installed under one name, and then moved to another.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, prefix) = PREFIX.get_or_init(|| {
        for name in [
            "dirichlet",
            "double_well",
            "interaction",
            "internal",
            "mmd",
            "phase_field",
            "potential",
            "thin_film",
        ] {
            plugin(name);
        }
        let folder = tempfile::tempdir().unwrap();
        let (first, moved) = (folder.path().join("first"), folder.path().join("moved"));
        script("install", &[("PREFIX", path(&first))]);
        fs::rename(first, &moved).unwrap();
        (folder, moved)
    });
    prefix
}

/// A folder of an outsider with the example in it.
fn outside(language: &Language) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples").join(language.example);
    fs::copy(example, folder.path().join(language.example)).unwrap();
    folder
}

fn shell(folder: &Path, lines: &str) {
    let mut command = Command::new("sh");
    command.args(["-ec", lines]).current_dir(folder);
    command.env("PREFIX", prefix());
    command.env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig"));
    command.env_remove("MOVIMENTO_PLUGIN_PATH");
    println!("{lines}");
    succeeded(&command.output().unwrap());
}

#[track_caller]
fn prints_the_number(program: &Path) {
    // Cargo sets it, and an earlier build can lie there under the soname.
    let output = Command::new(program)
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout), PRINTED);
}

#[test]
fn a_plain_compiler_line_is_enough() {
    for language in LANGUAGES {
        let folder = outside(language);
        let compiler = language.compiler;
        shell(
            folder.path(),
            &format!(
                "{compiler} -L$PREFIX/lib -Wl,-rpath,$PREFIX/lib -lmovimento -o porous_medium"
            ),
        );
        prints_the_number(&folder.path().join("porous_medium"));
    }
}

#[test]
fn the_line_that_heads_each_example_compiles_it() {
    for language in LANGUAGES {
        let folder = outside(language);
        let source = fs::read_to_string(folder.path().join(language.example)).unwrap();
        let line = source
            .lines()
            .find(|line| line.contains("pkg-config"))
            .unwrap();
        shell(
            folder.path(),
            line.trim_start_matches(['/', '*', '!', '#', ' ']),
        );
        prints_the_number(&folder.path().join("porous_medium"));
    }
}

#[test]
fn cmake_finds_the_package() {
    for language in LANGUAGES {
        let folder = outside(language);
        let lists = root()
            .join("tests/install")
            .join(language.name)
            .join("CMakeLists.txt");
        fs::copy(lists, folder.path().join("CMakeLists.txt")).unwrap();
        let cmake = std::env::var("CMAKE").unwrap_or_else(|_| "cmake".to_owned());
        shell(
            folder.path(),
            &format!("{cmake} -S . -B build -DCMAKE_PREFIX_PATH=$PREFIX && {cmake} --build build"),
        );
        prints_the_number(&folder.path().join("build/porous_medium"));
    }
}

#[test]
fn cmake_refuses_what_is_not_there_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let cmake = std::env::var("CMAKE").unwrap_or_else(|_| "cmake".to_owned());
    for (find, reason) in [
        ("9.0", concat!("version: ", env!("CARGO_PKG_VERSION"))),
        (
            "1.0 COMPONENTS Cobol",
            "component Cobol: there are C, CXX and Fortran",
        ),
        ("1.0 COMPONENTS Fortran", "component Fortran:"),
    ] {
        let lists = format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(consumer LANGUAGES C)\nfind_package(movimento {find} REQUIRED)\n"
        );
        fs::write(folder.path().join("CMakeLists.txt"), lists).unwrap();
        let output = Command::new(&cmake)
            .args(["-S", ".", "-B", "build"])
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = text(&output.stderr)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(!output.status.success() && said.contains(reason), "{said}");
    }
}

/// A Fortran library that others find by its own package, and a second folder that asks for the package again.
#[test]
fn cmake_exports_what_is_linked_to_it() {
    let folder = outside(&LANGUAGES[2]);
    let at = folder.path();
    let write = |name: &str, text: &str| fs::write(at.join(name), text).unwrap();
    for sub in ["library", "beside", "user"] {
        fs::create_dir(at.join(sub)).unwrap();
    }
    write(
        "library/mine.f90",
        "module mine\n use movimento\ncontains\n subroutine say(version)\n  character(:), allocatable, intent(out) :: version\n  \
         version = movimento_version()\n end subroutine\nend module\n",
    );
    write(
        "library/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.16)\nproject(mine LANGUAGES Fortran)\n\
         find_package(movimento 1.0 REQUIRED COMPONENTS Fortran)\nadd_library(mine STATIC mine.f90)\n\
         target_link_libraries(mine PUBLIC movimento::fortran)\n\
         set_target_properties(mine PROPERTIES Fortran_MODULE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/mods)\n\
         target_include_directories(mine PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/mods> $<INSTALL_INTERFACE:mods>)\n\
         install(TARGETS mine EXPORT mine DESTINATION lib)\ninstall(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/mods DESTINATION .)\n\
         install(EXPORT mine FILE mineTargets.cmake DESTINATION lib/cmake/mine)\n\
         file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/mineConfig.cmake \
         \"include(CMakeFindDependencyMacro)\\nfind_dependency(movimento COMPONENTS Fortran)\\n\
         include(\\${CMAKE_CURRENT_LIST_DIR}/mineTargets.cmake)\\n\")\n\
         install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mineConfig.cmake DESTINATION lib/cmake/mine)\n\
         add_subdirectory(../beside beside)\n",
    );
    write(
        "beside/CMakeLists.txt",
        "find_package(movimento 1.0 REQUIRED COMPONENTS Fortran)\nadd_executable(porous_medium ../porous_medium.f90)\n\
         target_link_libraries(porous_medium movimento::fortran)\n",
    );
    write(
        "user/main.f90",
        "program main\n use mine\n character(:), allocatable :: version\n call say(version)\n print '(a)', version\nend program\n",
    );
    write(
        "user/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.16)\nproject(user LANGUAGES Fortran)\nfind_package(mine REQUIRED)\n\
         add_executable(main main.f90)\ntarget_link_libraries(main mine)\n",
    );
    let cmake = std::env::var("CMAKE").unwrap_or_else(|_| "cmake".to_owned());
    shell(
        at,
        &format!(
            "{cmake} -S library -B build -DCMAKE_PREFIX_PATH=$PREFIX -DCMAKE_INSTALL_PREFIX=$PWD/mine
             {cmake} --build build && {cmake} --install build
             {cmake} -S user -B other -DCMAKE_PREFIX_PATH=\"$PREFIX;$PWD/mine\" && {cmake} --build other"
        ),
    );
    prints_the_number(&at.join("build/beside/porous_medium"));
    let output = Command::new(at.join("other/main"))
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    succeeded(&output);
    assert_eq!(text(&output.stdout).trim(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn programs_find_the_library_without_the_folder_of_pkg_config() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("prefix");
    script("install", &[("PREFIX", path(&mine))]);
    let example = root().join("tests/c/describe.c");
    fs::copy(example, folder.path().join("describe.c")).unwrap();
    let lines = format!(
        "export PKG_CONFIG_PATH={0}/lib/pkgconfig
         cc describe.c $(pkg-config --cflags --libs movimento) -o describe
         rm -r {0}/lib/pkgconfig",
        mine.display()
    );
    shell(folder.path(), &lines);
    let output = Command::new(folder.path().join("describe"))
        .arg("dirichlet")
        .env_remove("MOVIMENTO_PLUGIN_PATH")
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    succeeded(&output);
}

#[test]
fn plugins_of_the_prefix_are_found_without_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        root().join("tests/c/describe.c"),
        folder.path().join("describe.c"),
    )
    .unwrap();
    shell(
        folder.path(),
        "cc describe.c $(pkg-config --cflags --libs movimento) -o describe",
    );
    let mut command = Command::new(folder.path().join("describe"));
    let output = command
        .arg("dirichlet")
        .env_remove("MOVIMENTO_PLUGIN_PATH")
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    succeeded(&output);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let file = prefix()
        .canonicalize()
        .unwrap()
        .join("lib/movimento/plugins/libmovimento_dirichlet.so");
    assert_eq!(json[0]["file"], path(&file));
}

#[test]
fn the_library_has_its_links_and_nothing_names_the_former_prefix() {
    for (link, target) in [
        ("libmovimento.so", "libmovimento.so.1"),
        ("libmovimento.so.1", "libmovimento.so.1.0.0"),
    ] {
        let link = prefix().join("lib").join(link);
        assert_eq!(fs::read_link(link).unwrap(), Path::new(target));
    }
    for file in files(prefix()) {
        let mut holds = fs::read(prefix().join(&file)).unwrap();
        if file.ends_with("movimento.pc") {
            // The second place where programs look, after the one that is relative to this file.
            let all = String::from_utf8(holds).unwrap();
            let first = path(&prefix().with_file_name("first")).to_owned();
            let rpaths = format!("-Wl,-rpath,${{libdir}} -Wl,-rpath,{first}/lib ");
            assert!(all.contains(&rpaths), "{all}");
            holds = all.replace(&rpaths, "").into_bytes();
        }
        let former = prefix().with_file_name("first");
        let former = path(&former).as_bytes();
        assert!(
            !holds.windows(former.len()).any(|part| part == former),
            "{file}"
        );
    }
}

#[test]
fn uninstall_leaves_what_belongs_to_others() {
    let stage = tempfile::tempdir().unwrap();
    let variables = [
        ("DESTDIR", path(stage.path())),
        ("PREFIX", "/opt/movimento"),
        ("LIBDIR", "lib/x86_64-linux-gnu"),
    ];
    script("install", &variables);
    let to = stage.path().join("opt/movimento");
    let installed = files(&to);
    for file in [
        "include/movimento.h",
        "include/movimento_plugin.h",
        "include/movimento.hpp",
        "lib/x86_64-linux-gnu/libmovimento.so.1.0.0",
        "share/doc/movimento/LICENSE-APACHE",
        "share/doc/movimento/LICENSE-HDF5",
        "share/doc/movimento/LICENSE-MIT",
        "lib/x86_64-linux-gnu/movimento/plugins/libmovimento_internal.so",
    ] {
        assert!(installed.iter().any(|it| it == file), "{file}");
    }
    let config =
        fs::read_to_string(to.join("lib/x86_64-linux-gnu/pkgconfig/movimento.pc")).unwrap();
    assert!(
        config.contains("prefix=${pcfiledir}/../../..\n"),
        "{config}"
    );
    // Once more: the same files, and none twice.
    fs::write(to.join("include/other.h"), "").unwrap();
    script("install", &variables);
    assert_eq!(files(&to).len(), installed.len() + 1);
    script("uninstall", &variables);
    assert_eq!(files(stage.path()), ["opt/movimento/include/other.h"]);
    assert!(!to.join("lib").exists() && !to.join("share").exists());
}
