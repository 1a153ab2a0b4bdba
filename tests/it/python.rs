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

/// The Python of an environment of its own, in which `pip install ./bindings/python` was done.
pub fn installed() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let _ = fs::remove_dir_all(&environment);
        run(Command::new(tools()).args(["-m", "venv"]).arg(&environment));
        let python = environment.join("bin/python");
        // What the package needs is there already: the folder of another environment is added.
        let folder = |python: &Path| -> PathBuf {
            let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
            let output = run(Command::new(python).args(["-c", ask]));
            PathBuf::from(text(&output.stdout).trim())
        };
        let theirs = folder(&tools()).into_os_string().into_string().unwrap();
        fs::write(folder(&python).join("tools.pth"), theirs + "\n").unwrap();
        let build = tempfile::tempdir().unwrap();
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
            let link = build.path().join(file.file_name().unwrap());
            std::os::unix::fs::symlink(file, link).unwrap();
        }
        run(outside(&python, build.path())
            .env("MOVIMENTO_BUILD", build.path())
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
