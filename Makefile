# make demo    a C program solves the heat equation with an energy loaded as a plugin; a picture
# make test    every check and test
# make bench   the network kernels against JAX, Candle and the machine
# make tools   what these need and this machine lacks: Python wheels into target/tools, apt packages
# make header  include/movimento.h anew from the sources, and the Fortran interfaces from it
# make fortran the Fortran modules, into target/fortran
# make clean   everything that was built, tools included
#
# The work is in scripts/, each of which can be run by itself.

.PHONY: demo test bench tools header fortran clean

demo:
	@scripts/demo

test:
	@scripts/test

bench:
	@scripts/bench

tools:
	@scripts/tools test

header:
	@scripts/header

fortran:
	@scripts/fortran

clean:
	cargo clean
	rm -rf demo-output
