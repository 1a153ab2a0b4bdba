/* What the programs host_*.c share: a short run of the library, and its answer. */
#ifndef HOST_H
#define HOST_H

#include <math.h>
#include <movimento.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, mov_last_error()); \
      exit(1);                                                                       \
    }                                                                                \
  } while (0)
#define OK(call) CHECK((call) == MOV_OK)

static inline int32_t host_u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + 0.5 * cos(3.141592653589793 * x[i * d]);
  return 0;
}

/* A solver of the heat equation in the unit square, at its initial condition. */
static inline mov_solver *host_solver(int64_t threads) {
  const int64_t hidden[1] = {8};
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 2));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_integer(options, "nodes", 576));
  OK(mov_options_set_integer(options, "check_nodes", 100));
  OK(mov_options_set_integer(options, "threads", threads));
  OK(mov_options_set_integer(options, "snapshot_resolution", 9));
  OK(mov_options_set_real(options, "tau", 0.01));
  OK(mov_options_set_real(options, "fit_accept", 0.2));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  mov_options_free(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  CHECK(energy != NULL);
  OK(mov_energy_set_real(energy, "kappa", 0.1));
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  OK(mov_solver_set_initial_callback(solver, host_u0, NULL, NULL));
  return solver;
}

/* u at a point after a step. */
static inline double host_step(mov_solver *solver) {
  const double x[2] = {0.25, 0.5};
  double u = 0.0;
  OK(mov_solver_step(solver));
  OK(mov_solver_evaluate(solver, 1, x, &u, NULL));
  return u;
}

/* Two steps by a solver of its own. */
static inline double host_run(int64_t threads) {
  mov_solver *solver = host_solver(threads);
  host_step(solver);
  const double u = host_step(solver);
  mov_solver_free(solver);
  return u;
}

#endif
