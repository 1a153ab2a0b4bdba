/* The porous medium equation rho_t = (rho^2)_xx with the energy int rho^2 as a function of this program.
 *
 * From an installed movimento:
 *
 *     cc porous_medium.c $(pkg-config --cflags --libs movimento) -o porous_medium
 *
 * The same program is porous_medium.cpp, porous_medium.f90 and porous_medium.py beside it; all four
 * print the same. The exact solution is Barenblatt's, rho(x, t) = t^(-1/3) (c - x^2 / (12 t^(2/3)))
 * where that is positive, c = (3/64)^(1/3), of the age of 0.1 at the start: here 0.590511. */
#include <movimento.h>
#include <stdio.h>

/* f = rho^2 and f_u = df/drho at n points; each output is NULL when it is not wanted. */
static int32_t square(uint64_t n, uint64_t d, const double *x, const double *rho, const double *p,
                      double *f, double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p, (void)user_data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = rho[i] * rho[i];
    if (f_u) f_u[i] = 2.0 * rho[i];
  }
  return 0;
}

int main(void) {
  const int64_t hidden[1] = {8};
  const double x[1] = {0.25};
  double rho = 0.0, time = 0.0;
  mov_options *options = mov_options_create();
  int32_t bad = mov_options_set_text(options, "flow", "wasserstein") ||
                mov_options_set_text(options, "domain", "space") ||
                mov_options_set_integer(options, "dimension", 1) ||
                mov_options_set_text(options, "movement", "second") ||
                mov_options_set_integers(options, "hidden", 1, hidden) ||
                mov_options_set_real(options, "tau", 0.005);
  mov_solver *solver = bad ? NULL : mov_solver_create(options);
  mov_energy *energy = mov_energy_create_callback("porous medium", square, MOV_CONVEX, NULL);
  bad = bad || mov_solver_add_energy(solver, energy) ||
        mov_solver_set_initial_barenblatt(solver, 2.0, 0.1) || mov_solver_step_to(solver, 0.1) ||
        mov_solver_get_time(solver, &time) || mov_solver_evaluate(solver, 1, x, &rho, NULL);
  if (bad) fprintf(stderr, "%s\n", mov_last_error());
  else printf("rho(0.25) = %.5f at t = %g\n", rho, time);
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return bad != 0;
}
