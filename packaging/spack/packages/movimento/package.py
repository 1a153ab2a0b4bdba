# SPDX-License-Identifier: (Apache-2.0 OR MIT)
"""Recipe of movimento for Spack; packaging/README.md says what of it was tried."""

import os

from spack.package import *
from spack_repo.builtin.build_systems.generic import Package


class Movimento(Package):
    """Gradient flows by minimizing movements over a neural network, as a library for simulation codes in C, C++
    and Fortran. Energies are plugins."""

    # The address of a release, with what `scripts/vendor` makes: Spack builds without network.
    homepage = "https://example.org/movimento"
    url = "https://example.org/movimento/movimento-1.0.0-vendored.tar.xz"

    license("MIT OR Apache-2.0", checked_by="movimento developers")

    # A release replaces the digest by that of its own file: `spack checksum movimento`.
    version("1.0.0", sha256="0000000000000000000000000000000000000000000000000000000000000000")

    variant("system_hdf5", default=False, description="Link hdf5 of Spack, in place of one inside the library")
    variant("fortran", default=True, description="Look for a Fortran compiler, for the modules")

    depends_on("c", type="build")
    depends_on("fortran", type="build", when="+fortran")
    depends_on("rust@1.95:", type="build")
    depends_on("gmake", type="build")
    depends_on("cmake@3.26:", type="build", when="~system_hdf5")
    depends_on("ninja", type="build", when="~system_hdf5")
    depends_on("python@3.10:", type="build")
    depends_on("binutils", type="build")
    depends_on("pkgconfig", type="build", when="+system_hdf5")
    depends_on("hdf5@1.10:1.14 +hl ~mpi", when="+system_hdf5")

    conflicts("platform=darwin", msg="Linux is what is tested")
    conflicts("platform=windows", msg="Linux is what is tested")

    def setup_build_environment(self, env):
        env.set("CARGO_HOME", os.path.join(self.stage.path, "cargo"))
        env.set("CARGO_NET_OFFLINE", "true")
        if self.spec.satisfies("+system_hdf5"):
            env.set("HDF5", "system")
            env.set("HDF5_DIR", self.spec["hdf5"].prefix)
        else:
            env.set("CMAKE_GENERATOR", "Ninja")

    def install(self, spec, prefix):
        make("install", f"PREFIX={prefix}", "LIBDIR=lib")

    def setup_run_environment(self, env):
        # For programs that are linked statically; the shared library finds them by itself.
        env.prepend_path("MOVIMENTO_PLUGIN_PATH", self.prefix.lib.movimento.plugins)
