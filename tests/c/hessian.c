/* A free beam whose energy depends on second derivatives, wrong calls included; prints nothing. */

#include "host.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* |u''|^2 / 2. */
static int32_t beam(double t, uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                    const double *h, double *f, double *f_u, double *f_p, double *f_h, void *user_data) {
  (void)x;
  (void)u;
  (void)user_data;
  if (d != 1 || t != 0.0 || p != NULL || f_p != NULL) return -1;
  for (uint64_t i = 0; i < n; ++i) {
    if (f != NULL) f[i] = 0.5 * h[i] * h[i];
    if (f_u != NULL) f_u[i] = 0.0;
    if (f_h != NULL) f_h[i] = h[i];
  }
  return 0;
}

/* The first mode of a free beam on [0, 1], of height 1 at its ends, and a rigid motion. */
static const double b = 4.730040744862704;

static double mode(double x) {
  const double s = (cosh(b) - cos(b)) / (sinh(b) - sin(b));
  return 0.5 * (cosh(b * x) + cos(b * x) - s * (sinh(b * x) + sin(b * x)));
}

static int32_t u_0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; ++i) u[i] = mode(x[i * d]) + 0.3 * x[i * d];
  return 0;
}

int main(void) {
  mov_options *options = mov_options_create();
  CHECK(options != NULL);
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_real(options, "tau", 2e-4));
  OK(mov_options_set_text(options, "movement", "third"));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  CHECK(mov_energy_create_with_hessian("beam", NULL, 0, NULL) == NULL);
  CHECK(strstr(mov_last_error(), "`function` is NULL") != NULL);
  CHECK(mov_energy_create_with_hessian("beam", beam, 64, NULL) == NULL);
  CHECK(strstr(mov_last_error(), "`flags` is 64") != NULL);
  mov_energy *energy = mov_energy_create_with_hessian("beam", beam, MOV_CONVEX, NULL);
  CHECK(energy != NULL);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  OK(mov_solver_set_initial_callback(solver, u_0, NULL, NULL));
  OK(mov_solver_step_to(solver, 0.002));
  const double x[3] = {0.0, 0.4, 1.0}, height = exp(-0.002 * b * b * b * b);
  double u[3], rate[3];
  OK(mov_solver_evaluate(solver, 3, x, u, NULL));
  for (int i = 0; i < 3; ++i) CHECK(fabs(u[i] - height * mode(x[i]) - 0.3 * x[i]) < 1e-4);
  CHECK(mov_solver_evaluate_all(solver, 3, x, NULL, NULL, NULL, NULL, rate) == MOV_ERROR_STATE);
  CHECK(strstr(mov_last_error(), "fourth derivatives") != NULL);
  mov_solver_free(solver);
  mov_options_free(options);
  return 0;
}
