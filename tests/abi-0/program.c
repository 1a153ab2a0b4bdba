/* A program of an old user: it writes a snapshot, or goes on from one, with an energy of an old
 * plugin and one of its own, and prints u at some points before and after two steps.
 *
 *   program PLUGIN FOLDER            begins, takes two steps and writes a snapshot into FOLDER
 *   program PLUGIN SNAPSHOT restart  goes on from SNAPSHOT
 *
 * Where a call fails it ends with its status and the message. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "movimento.h"

#define POINTS 5

static void check(int32_t status) {
  if (status != MOV_OK) {
    fprintf(stderr, "%s\n", mov_last_error());
    exit(-status);
  }
}

static void made(const void *handle) {
  if (!handle) check(MOV_ERROR_ARGUMENT);
}

static int32_t start(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 0.2 + 0.5 * cos(3.141592653589793 * x[i * d]);
  return 0;
}

/* rate u^2/2 */
static int32_t decay(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                     double *f, double *f_u, double *f_p, void *user_data) {
  const double rate = *(const double *)user_data;
  (void)d, (void)x, (void)p, (void)f_p;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * rate * u[i] * u[i];
    if (f_u) f_u[i] = rate * u[i];
  }
  return 0;
}

static void print(mov_solver *solver) {
  double x[POINTS], u[POINTS], time;
  uint64_t steps;
  for (int i = 0; i < POINTS; i++) x[i] = 0.25 * i;
  check(mov_solver_evaluate(solver, POINTS, x, u, NULL));
  check(mov_solver_get_time(solver, &time));
  check(mov_solver_get_steps(solver, &steps));
  printf("%llu %.17g", (unsigned long long)steps, time);
  for (int i = 0; i < POINTS; i++) printf(" %.17g", u[i]);
  printf("\n");
}

int main(int argc, char **argv) {
  static double rate = 0.3;
  const int64_t hidden = 6;
  if (argc < 3) return 100;
  mov_options *options = mov_options_create();
  made(options);
  check(mov_options_set_integer(options, "dimension", 1));
  check(mov_options_set_integers(options, "hidden", 1, &hidden));
  check(mov_options_set_integer(options, "nodes", 60));
  check(mov_options_set_integer(options, "check_nodes", 40));
  check(mov_options_set_integer(options, "threads", 1));
  check(mov_options_set_integer(options, "snapshot_resolution", 5));
  check(mov_options_set_real(options, "fit_tolerance", 1e-6));
  check(mov_options_set_real(options, "tau", 0.02));
  check(mov_options_set_text(options, "embedding", "neumann"));
  mov_solver *solver = mov_solver_create(options);
  made(solver);
  mov_options_free(options);

  mov_energy *landau = mov_energy_create_from_file(argv[1], "landau");
  made(landau);
  check(mov_energy_set_real(landau, "kappa", 0.1));
  check(mov_energy_set_real(landau, "g", 0.05));
  check(mov_solver_add_energy(solver, landau));
  mov_energy_free(landau);
  mov_energy *own = mov_energy_create_callback("decay", decay, MOV_CONVEX, &rate);
  made(own);
  check(mov_solver_add_energy(solver, own));
  mov_energy_free(own);

  if (argc > 3) {
    check(mov_solver_restore(solver, argv[2], NULL));
  } else {
    uint64_t number;
    check(mov_solver_set_initial_callback(solver, start, NULL, NULL));
    for (int step = 0; step < 2; step++) check(mov_solver_step(solver));
    check(mov_solver_write_snapshot(solver, argv[2], &number));
  }
  print(solver);
  for (int step = 0; step < 2; step++) check(mov_solver_step(solver));
  print(solver);
  mov_solver_free(solver);
  return 0;
}
