#include <cmath>
#include <cstdio>
#include <movimento.hpp>

int main() {
  movimento::options options;  // a problem on the unit square
  movimento::solver solver(options.set("tau", 0.005));
  solver.add(movimento::energy("dirichlet").set("kappa", 0.1));
  solver.set_initial([](movimento::view<const double> x) { return std::cos(3.141592653589793 * x[0]); });
  solver.step_to(0.02);
  std::printf("u(0.25, 0.5) = %.4f at t = %g\n", solver.value_at({0.25, 0.5}), solver.time());
}
