/* A host with OpenMP threads of its own: a solver in each, and one whose callbacks open parallel regions. */
#include <omp.h>

#include "host.h"

static int32_t parallel(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                        double *f, double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p, (void)user_data;
#pragma omp parallel for
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * u[i] * u[i];
    if (f_u) f_u[i] = u[i];
  }
  return 0;
}

int main(void) {
  enum { THREADS = 4 };
  const double alone = host_run(1);
  double found[THREADS];
  omp_set_num_threads(THREADS);
  int team = 0;
#pragma omp parallel
  {
    found[omp_get_thread_num()] = host_run(2);
#pragma omp single
    team = omp_get_num_threads();
  }
  CHECK(team == THREADS);
  for (int i = 0; i < THREADS; i++) CHECK(found[i] == alone);
  double total[2];
  for (int round = 0; round < 2; round++) {
    omp_set_num_threads(round == 0 ? 1 : THREADS);
    mov_solver *solver = host_solver(2);
    mov_energy *energy = mov_energy_create_callback("parallel", parallel, MOV_CONVEX, NULL);
    OK(mov_solver_add_energy(solver, energy));
    mov_energy_free(energy);
    total[round] = host_step(solver);
    mov_solver_free(solver);
  }
  CHECK(total[0] == total[1] && omp_get_max_threads() == THREADS);
  return 0;
}
