# What the scripts share; sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Cargo shares the jobs of a `make -j`, but only with rules that make knows to be recursive.
unset MAKEFLAGS MFLAGS MAKELEVEL

root=$PWD
tools=$root/target/tools
built=${CARGO_TARGET_DIR:-target}/release

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
if ! [[ -t 1 ]]; then
    say() { printf '==> %s\n' "$*"; }
fi

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# HDF5 is built from source by a CMake of 3.26 or newer.
has_new_cmake() {
    local version
    has cmake && has ninja &&
        version=$(cmake --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p') &&
        [[ $(printf '3.26\n%s\n' "${version:-0}" | sort -V | head -n 1) == 3.26 ]]
}

# Sets what cargo and the tests find their tools by; after scripts/tools.
use_tools() {
    export PATH=$tools/bin:$PATH
    export MOVIMENTO_PYTHON=$tools/bin/python
    export CMAKE_GENERATOR=Ninja
    # The wheel's own program, not the Python script in front of it.
    if CMAKE=$("$tools/bin/python" -c 'import cmake; print(cmake.CMAKE_BIN_DIR)' 2>/dev/null); then
        export CMAKE=$CMAKE/cmake
    elif CMAKE=$(command -v cmake); then
        export CMAKE
    else
        # A build with the HDF5 of the machine needs none.
        unset CMAKE
    fi
}

# A library that was built, not installed, lies under its plain name; programs look for its soname.
link_soname() {
    local soname
    soname=$(readelf -d "$built/libmovimento.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
    if [[ -n $soname && $soname != libmovimento.so ]]; then
        ln -sf libmovimento.so "$built/$soname"
    fi
}

# The Fortran modules in bindings/fortran, each after those that it uses: the sources alone say which.
fortran_modules() {
    local source module
    for source in "$root"/bindings/fortran/*.f90; do
        module=$(basename "$source" .f90)
        echo "$module $module"
        sed -n 's/^ *use *\(, *non_intrinsic *::\)\? *\(movimento[a-z_]*\).*/\2/p' "$source" | sed "s/\$/ $module/"
    done | tsort
}
