#include <math.h>
#include <movimento.h>
#include <stdio.h>

/* u_0 at n points in d dimensions. */
static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = cos(3.141592653589793 * x[i * d]);
  return 0;
}

int main(void) {
  const double x[2] = {0.25, 0.5};
  double u = 0.0;
  mov_options *options = mov_options_create(); /* a problem on the unit square */
  int32_t bad = mov_options_set_real(options, "tau", 0.005);
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create("dirichlet"); /* a plugin: kappa/2 int |grad u|^2 */
  bad = bad || mov_energy_set_real(energy, "kappa", 0.1) || mov_solver_add_energy(solver, energy) ||
        mov_solver_set_initial_callback(solver, u0, NULL, NULL) ||
        mov_solver_step_to(solver, 0.02) || mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) fprintf(stderr, "%s\n", mov_last_error());
  else printf("u(0.25, 0.5) = %.4f at t = 0.02\n", u); /* exactly: 0.6933 */
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return bad != 0;
}
