// The porous medium equation rho_t = (rho^2)_xx with the energy int rho^2 as a function of this program.
//
// From an installed movimento:
//
//     c++ -std=c++17 porous_medium.cpp $(pkg-config --cflags --libs movimento) -o porous_medium
//
// The same program is porous_medium.c, porous_medium.f90 and porous_medium.py beside it; all four print
// the same. The exact solution is Barenblatt's, rho(x, t) = t^(-1/3) (c - x^2 / (12 t^(2/3))) where that
// is positive, c = (3/64)^(1/3), of the age of 0.1 at the start: here 0.590511.
#include <cstdio>
#include <exception>
#include <movimento.hpp>

int main() try {
  movimento::options options;
  options.set("flow", "wasserstein").set("domain", "space").set("dimension", 1);
  options.set("movement", "second").set("hidden", {8}).set("tau", 0.005);
  movimento::solver solver(options);
  // f = rho^2 and f_u = df/drho.
  solver.add(movimento::energy(
      "porous medium", [](double rho) { return rho * rho; }, [](double rho) { return 2.0 * rho; },
      MOV_CONVEX));
  solver.set_initial_barenblatt(2.0, 0.1);
  solver.step_to(0.1);
  std::printf("rho(0.25) = %.5f at t = %g\n", solver.value_at({0.25}), solver.time());
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
