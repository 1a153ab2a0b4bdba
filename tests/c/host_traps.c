/* A host with floating-point traps on, rounding upward, and a flag raised: the library computes what it
 * computes for others, no trap fires inside it or its threads, and the host keeps its environment. */
#define _GNU_SOURCE
#include <fenv.h>
#include <xmmintrin.h>

#include "host.h"

/* Divides by zero, which would trap in the host's environment. */
static int32_t entropy(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                       double *f, double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p;
  volatile double zero = 0.0;
  *(double *)user_data = 1.0 / zero;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = u[i] * log(u[i]);
    if (f_u) f_u[i] = log(u[i]) + 1.0;
  }
  return 0;
}

static void everything(const char *folder, double *u, double *total) {
  double infinite = 0.0;
  mov_solver *solver = host_solver(3);
  mov_energy *energy = mov_energy_create_callback("entropy", entropy, 0, &infinite);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  host_step(solver);
  *u = host_step(solver);
  CHECK(isinf(infinite));
  OK(mov_solver_energy(solver, total));
  OK(mov_solver_write_snapshot(solver, folder, NULL));
  /* What fails leaves the environment, too. */
  CHECK(mov_solver_set_tau(solver, -1.0) == MOV_ERROR_OPTION);
  mov_solver_free(solver);
  CHECK(mov_energy_create("no-such-energy") == NULL);
}

/* Transport maps: logarithms of densities that vanish. */
static double transport(void) {
  const int64_t hidden[1] = {4};
  const double x[2] = {0.0, 5.0};
  double rho[2];
  mov_options *options = mov_options_create();
  OK(mov_options_set_text(options, "flow", "wasserstein"));
  OK(mov_options_set_text(options, "domain", "space"));
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_integer(options, "threads", 2));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  mov_energy *energy = mov_energy_create("power");
  OK(mov_solver_add_energy(solver, energy));
  OK(mov_solver_set_initial_barenblatt(solver, 2.0, 0.1));
  OK(mov_solver_step(solver));
  OK(mov_solver_evaluate(solver, 2, x, rho, NULL));
  CHECK(rho[1] == 0.0);
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return rho[0];
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  double plain[2], trapped[2];
  everything(argv[1], &plain[0], &plain[1]);
  const double moved = transport();
  const int traps = FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW;
  CHECK(fesetround(FE_UPWARD) == 0 && feenableexcept(traps) != -1);
  CHECK(feraiseexcept(FE_INEXACT) == 0);
  const unsigned int before = _mm_getcsr();
  everything(argv[1], &trapped[0], &trapped[1]);
  CHECK(trapped[0] == plain[0] && trapped[1] == plain[1] && transport() == moved);
  CHECK(_mm_getcsr() == before); /* rounding, traps and flags of SSE */
  CHECK(fegetexcept() == traps && fegetround() == FE_UPWARD && fetestexcept(FE_ALL_EXCEPT) == FE_INEXACT);
  return 0;
}
