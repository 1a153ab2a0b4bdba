//! The Python package, built as a wheel and used from elsewhere.

use crate::support::common::{self, *};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The Python of `make tools`, which has what the package is built, tested and checked with.
pub fn tools() -> PathBuf {
    let python = std::env::var_os("MOVIMENTO_PYTHON")
        .map_or_else(|| root().join("target/tools/bin/python"), PathBuf::from);
    assert!(
        python.is_file(),
        "there is no {}: run `make tools`",
        python.display()
    );
    python
}

fn package() -> PathBuf {
    root().join("bindings/python")
}

/// A command of an outsider: in another folder, and with nothing of ours in its environment.
pub fn outside(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    for name in ["PATH", "HOME"] {
        command.env(name, std::env::var_os(name).unwrap_or_default());
    }
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    succeeded(&output);
    output
}

/// Adds what the package needs to an environment: the folder of another one that has it.
fn lend_packages(to: &Path) {
    let folder = |python: &Path| -> PathBuf {
        let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let output = run(Command::new(python).args(["-c", ask]));
        PathBuf::from(text(&output.stdout).trim())
    };
    let theirs = folder(&tools()).into_os_string().into_string().unwrap();
    fs::write(folder(to).join("tools.pth"), theirs + "\n").unwrap();
}

/// A folder in this one with the library and the plugins under the names of a build.
fn build(folder: &Path) -> PathBuf {
    let build = folder.join("build");
    fs::create_dir(&build).unwrap();
    let mut files = vec![library()];
    let plugins = fs::read_dir(root().join("plugins")).unwrap();
    for plugin in plugins.map(|entry| entry.unwrap()) {
        let manifest = fs::read_to_string(plugin.path().join("Cargo.toml")).unwrap();
        if manifest.contains("\"cdylib\"") {
            let name = plugin.file_name().into_string().unwrap();
            files.push(common::plugin(&name.replace('-', "_")));
        }
    }
    for file in files {
        std::os::unix::fs::symlink(&file, build.join(file.file_name().unwrap())).unwrap();
    }
    build
}

/// The Python of an environment of its own, in which `pip install ./bindings/python` was done.
pub fn installed() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let _ = fs::remove_dir_all(&environment);
        run(Command::new(tools()).args(["-m", "venv"]).arg(&environment));
        let python = environment.join("bin/python");
        lend_packages(&python);
        let folder = tempfile::tempdir().unwrap();
        let build = build(folder.path());
        run(outside(&python, &build)
            .env("MOVIMENTO_BUILD", &build)
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(["--no-index", "--no-build-isolation"])
            .arg(package()));
        python
    })
}

#[test]
fn the_raw_layer_is_what_the_header_says() {
    run(Command::new(tools())
        .arg(package().join("generate.py"))
        .arg("--check"));
}

#[test]
fn an_outsider_can_use_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls.txt");
    let mut option = OsString::from("--record-calls=");
    option.push(&calls);
    let output = run(outside(installed(), folder.path())
        .args(["-m", "pytest", "-p", "no:cacheprovider", "-q"])
        .arg(option)
        .arg(package().join("tests")));
    println!("{}", text(&output.stdout));
    let called = fs::read_to_string(calls).unwrap();
    let called: Vec<_> = called.lines().collect();
    let header = fs::read_to_string(root().join("include/movimento.h")).unwrap();
    let code = header.split("#define MOVIMENTO_H").nth(1).unwrap();
    // Functions begin a line with their type; callbacks are types, and comments are indented.
    let declared: Vec<_> = code
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter(|line| !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .collect();
    assert!(declared.len() > 50, "{declared:?}");
    let never: Vec<_> = declared
        .iter()
        .filter(|name| !called.contains(name))
        .collect();
    assert!(
        never.is_empty(),
        "no test in Python calls {never:?}, of {} functions",
        declared.len()
    );
}

#[test]
fn a_copy_without_the_repository_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("python");
    run(Command::new("cp").arg("-r").args([&package(), &copy]));
    let output = outside(&tools(), folder.path())
        .args(["-m", "pip", "wheel", "--disable-pip-version-check"])
        .args(["--no-index", "--no-build-isolation", "--no-deps"])
        .arg(&copy)
        .output()
        .unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("the repository of movimento is not around"),
        "{said}"
    );
}

/// The source distribution has all that cargo asks for, and a wheel made of it all that one of the repository has.
#[test]
fn a_source_distribution_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    run(Command::new(tools())
        .current_dir(package())
        .args(["-m", "hatchling", "build", "-t", "sdist", "-d"])
        .arg(&made));
    let name = format!("movimento-{}", env!("CARGO_PKG_VERSION"));
    let archive = made.join(format!("{name}.tar.gz"));
    run(Command::new("tar")
        .arg("-xf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path()));
    let repository = folder.path().join(&name).join("repository");
    // Every target that is built is there: cargo names what is missing before it compiles anything.
    let output = Command::new(env!("CARGO"))
        .current_dir(&repository)
        .args(["metadata", "--locked", "--format-version", "1", "--no-deps"])
        .output()
        .unwrap();
    succeeded(&output);
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let targets = packages
        .iter()
        .flat_map(|it| it["targets"].as_array().unwrap());
    let mut count = 0;
    for target in targets {
        let kind = target["kind"][0].as_str().unwrap();
        if !["test", "bench"].contains(&kind) {
            let source = target["src_path"].as_str().unwrap();
            assert!(Path::new(source).is_file(), "{source}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
    // Each file of the sources is in it, and as it is here.
    for part in ["src", "plugins", "include", "examples/reproduce"] {
        run(Command::new("diff")
            .args(["-r", "--exclude=target", "--exclude=__pycache__"])
            .arg(root().join(part))
            .arg(repository.join(part)));
    }
}

/// Sources are edited in the repository, and the library is where it would be installed.
#[test]
fn an_editable_installation_works() {
    let folder = tempfile::tempdir().unwrap();
    let environment = folder.path().join("environment");
    run(Command::new(tools()).args(["-m", "venv"]).arg(&environment));
    let python = environment.join("bin/python");
    lend_packages(&python);
    run(outside(&python, folder.path())
        .env("MOVIMENTO_BUILD", build(folder.path()))
        .args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--no-index", "--no-build-isolation", "--no-deps", "-e"])
        .arg(package()));
    let program = "import movimento; print(movimento.__file__)";
    let output = run(outside(&python, folder.path()).args(["-c", program]));
    let expected = package().join("movimento/__init__.py");
    assert_eq!(text(&output.stdout).trim(), expected.to_str().unwrap());
    let output = run(outside(&python, folder.path()).args(["-m", "movimento"]));
    let said = text(&output.stdout);
    let begins = format!("movimento {}, ", env!("CARGO_PKG_VERSION"));
    assert!(
        said.starts_with(&begins) && said.ends_with("All tests passed.\n"),
        "{said}"
    );
}

#[test]
fn examples_print_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/porous_medium.py");
    let output = run(outside(installed(), folder.path()).arg(example));
    let c = run(&mut Command::new(program(
        "examples/porous_medium.c",
        folder.path(),
    )));
    assert_eq!(text(&output.stdout), text(&c.stdout));
    assert_eq!(text(&output.stdout), "rho(0.25) = 0.59051 at t = 0.1\n");
    assert_eq!(text(&output.stderr), "");
    for (readme, says) in [
        // As in C: 0.69329, and the Euler scheme's error of 2e-5.
        ("README.md", "u(0.25, 0.5) = 0.6933 at t = 0.02\n"),
        (
            "bindings/python/README.md",
            "rho(0.25) = 0.591 at t = 0.1\n",
        ),
    ] {
        let readme = fs::read_to_string(root().join(readme)).unwrap();
        let code = readme.split("```python\n").nth(1).unwrap();
        let code = code.split("```").next().unwrap();
        let output = run(outside(installed(), folder.path()).args(["-c", code]));
        assert_eq!(text(&output.stdout), says, "{code}");
    }
}

/// Its values are those of the closed form that the example compares with, to the error of its time steps.
#[test]
fn a_wall_with_two_conditions_follows_its_closed_form() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(outside(installed(), folder.path()).arg(root().join("examples/wall.py")));
    let printed = text(&output.stdout);
    let worst = printed.lines().last().unwrap();
    let worst = worst.strip_prefix("largest error ").unwrap();
    let worst: f64 = worst.strip_suffix(" degrees").unwrap().parse().unwrap();
    assert!(worst < 3e-3, "{printed}");
    assert_eq!(printed.lines().count(), 9);
}

#[test]
fn docstrings_say_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(outside(installed(), folder.path())
        .args(["-m", "pytest", "-p", "no:cacheprovider", "-q"])
        .args(["--doctest-modules", "--pyargs", "movimento"]));
    let output = text(&output.stdout);
    assert!(output.contains(" passed"), "{output}");
}

#[test]
fn processes_of_mpi4py_find_what_one_finds() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(outside(Path::new("timeout"), folder.path())
        .args(["--kill-after=5", "150", "mpirun"])
        .args(["--allow-run-as-root", "--oversubscribe", "-n", "2"])
        // Containers forbid the ways of copying between processes that it would try.
        .env("OMPI_MCA_btl_vader_single_copy_mechanism", "none")
        .env("OMPI_MCA_mpi_yield_when_idle", "1")
        .arg(installed())
        .arg(package().join("tests/ranks_mpi.py")));
    let said = text(&output.stdout);
    assert!(
        said.contains("rank 0: ") && said.contains("rank 1: "),
        "{said}"
    );
}

#[test]
fn types_and_style_are_clean() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        &["ruff", "check", "--no-cache"][..],
        &["ruff", "format", "--check", "--no-cache"],
        &["mypy", "--cache-dir"],
    ] {
        let mut python = Command::new(tools());
        python.current_dir(package()).arg("-m").args(command);
        if command[0] == "mypy" {
            python.arg(folder.path());
        }
        run(&mut python);
    }
}
