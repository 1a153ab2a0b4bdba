# make demo    a C program solves the heat equation with an energy loaded as a plugin; a picture
# make test    every check and test
# make torture calls at random, damaged files, kills, failing allocations and system calls; MODE=long for all of it
# make docs    the documentation site, into target/docs/site
# make bench   the network kernels against JAX, Candle and the machine
# make compare seconds to equal error of DeepXDE and py-pde
# make bench-mpi   one process of MPI against two, on the same nodes
# make install PREFIX=/usr/local    library, plugins, headers, bindings; DESTDIR and LIBDIR as usual; HDF5=system
# make uninstall PREFIX=/usr/local  removes them
# make tools   what these need and this machine lacks: Python wheels into target/tools, apt packages
# make header  include/movimento.h anew from the sources, and the Fortran interfaces from it
# make fortran the Fortran modules, into target/fortran
# make clean   everything that was built, tools included
#
# The work is in scripts/, each of which can be run by itself.

.PHONY: demo test torture docs bench compare bench-mpi install uninstall tools header fortran clean

# As seen from here; an empty one is none.
MODE = short
export PREFIX DESTDIR LIBDIR FROM HDF5

demo:
	@scripts/demo

test:
	@scripts/test

torture:
	@scripts/torture $(MODE)

docs:
	@scripts/docs

bench:
	@scripts/bench

compare:
	@scripts/compare

bench-mpi:
	@scripts/bench-mpi

install:
	@scripts/install

uninstall:
	@scripts/uninstall

tools:
	@scripts/tools test

header:
	@scripts/header

fortran:
	@scripts/fortran

clean:
	cargo clean
	rm -rf demo-output
