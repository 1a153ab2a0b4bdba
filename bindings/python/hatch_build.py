"""Puts the library and its plugins into the wheel, and the sources of both into the source distribution.

The library comes from the folder that the environment variable MOVIMENTO_BUILD names, else from
`cargo build --release`, which is asked to build it in the repository that this package lies in. A source distribution
has of this repository what cargo needs, in the folder `repository`.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

HERE = Path(__file__).resolve().parent
#: The folder of the repository in a source distribution.
INSIDE = "repository"
ROOT = HERE / INSIDE if (HERE / INSIDE).is_dir() else HERE.parent.parent
#: What cargo and this file need of it.
SOURCES = (
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-HDF5",
    "LICENSE-MIT",
    "README.md",
    "bindings/static",
    "build.rs",
    "examples",
    "include",
    "plugins",
    "rust-toolchain.toml",
    "src",
)
VARIABLE = "MOVIMENTO_BUILD"


class MetadataHook(MetadataHookInterface):
    """The version of the crate is that of the package."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        manifest = ROOT / "Cargo.toml"
        if not (manifest.is_file() and (ROOT / "include/movimento.h").is_file()):
            raise RuntimeError(
                f"the repository of movimento is not around {HERE}: this folder alone cannot be built; take "
                "`pip install ./bindings/python` in a clone of the repository, or the source distribution that "
                "scripts/sdist makes"
            )
        found = re.search(r'^version = "([^"]+)"', manifest.read_text(encoding="utf-8"), re.M)
        if not found:
            raise RuntimeError(f"there is no version in {ROOT / 'Cargo.toml'}")
        metadata["version"] = found[1]


class BuildHook(BuildHookInterface[Any]):
    """Adds the files and the tag of the platform."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What builds HDF5, unless there is a build."""
        needless = self.target_name == "sdist" or os.environ.get(VARIABLE)
        return [] if needless else ["cmake>=3.26", "ninja"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            files = {str(ROOT / it): f"{INSIDE}/{it}" for it in sources()}
            build_data.setdefault("force_include", {}).update(files)
        else:
            self.add_library(version, build_data)

    def add_library(self, version: str, build_data: dict[str, Any]) -> None:
        folder = built()
        abi = re.search(r"#define MOV_ABI_VERSION (\d+)", (ROOT / "include/movimento.h").read_text(encoding="utf-8"))
        if not abi:
            raise RuntimeError("there is no MOV_ABI_VERSION in include/movimento.h")
        files = {folder / "libmovimento.so": f"movimento/_lib/libmovimento.so.{abi[1]}"}
        # Where the library looks for them.
        for plugin in plugins():
            name = f"libmovimento_{plugin}.so"
            files[folder / name] = f"movimento/_lib/movimento/plugins/{name}"
        for file in files:
            if not file.is_file():
                raise RuntimeError(f"{file} is missing: cargo build --release --workspace --lib")
        key = "force_include_editable" if version == "editable" else "force_include"
        build_data.setdefault(key, {}).update({str(file): place for file, place in files.items()})
        # Ours, and that of HDF5, which is inside the library.
        licences = {str(it): f"licenses/{it.name}" for it in sorted(ROOT.glob("LICENSE-*"))}
        build_data.setdefault("extra_metadata", {}).update(licences)
        # No compiled module: any Python 3 will do.
        platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"


def sources() -> list[str]:
    """The files of SOURCES, relative to the repository: what git does not ignore, or all where this is no clone."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *SOURCES]
    if (ROOT / ".git").exists():
        with contextlib.suppress(FileNotFoundError):
            listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            # Without those that were removed.
            return sorted(it for it in listed.split("\0") if it and (ROOT / it).is_file())
    found = [ROOT / it for it in SOURCES]
    found += [file for folder in found if folder.is_dir() for file in folder.rglob("*")]
    return sorted(str(it.relative_to(ROOT)) for it in found if it.is_file() and "__pycache__" not in it.parts)


def plugins() -> list[str]:
    """The plugins of the workspace, as their files spell them."""
    folders = (ROOT / "plugins").iterdir()
    manifests = [folder / "Cargo.toml" for folder in folders if (folder / "Cargo.toml").is_file()]
    return sorted(
        manifest.parent.name.replace("-", "_")
        for manifest in manifests
        if '"cdylib"' in manifest.read_text(encoding="utf-8")
    )


def built() -> Path:
    """The folder with the library."""
    if named := os.environ.get(VARIABLE):
        return Path(named).resolve()
    environment = dict(os.environ)
    with contextlib.suppress(ImportError):
        import cmake

        environment.setdefault("CMAKE", str(Path(cmake.CMAKE_BIN_DIR, "cmake")))
        environment.setdefault("CMAKE_GENERATOR", "Ninja")
    # The examples are of no use here, but with them cargo decides on the same features of dependencies
    # as for the tests, and does not build HDF5 a second time.
    folder = Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
    # Wherever the configuration of cargo would put it.
    environment.pop("CARGO_BUILD_TARGET", None)
    command = ["cargo", "build", "--release", "--locked", "--workspace", "--lib", "--examples"]
    command += ["--target-dir", os.fspath(folder)]
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    except FileNotFoundError:
        raise RuntimeError(
            f"there is no cargo to build the library with: install Rust, or set {VARIABLE} to the folder of a build"
        ) from None
    return folder / "release"
