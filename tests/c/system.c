/* Fields of two components, wrong calls included; prints nothing. */

#include "host.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Two fields that diffuse and draw each other. */
static int32_t coupled(double t, uint64_t n, uint64_t d, uint64_t c, const double *x, const double *u,
                       const double *p, double *f, double *f_u, double *f_p, void *user_data) {
  static const double kappa[2] = {0.1, 0.02};
  (void)x;
  (void)user_data;
  if (c != 2 || d != 1 || t != 0.0) return -1;
  for (uint64_t i = 0; i < n; ++i) {
    const double apart = 5.0 * (u[2 * i] - u[2 * i + 1]);
    if (f != NULL) {
      f[i] = 0.1 * apart * apart;
      for (uint64_t k = 0; k < 2; ++k) f[i] += 0.5 * kappa[k] * p[2 * i + k] * p[2 * i + k];
    }
    if (f_u != NULL) {
      f_u[2 * i] = apart;
      f_u[2 * i + 1] = -apart;
    }
    for (uint64_t k = 0; f_p != NULL && k < 2; ++k) f_p[2 * i + k] = kappa[k] * p[2 * i + k];
  }
  return 0;
}

static int32_t u_0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; ++i) {
    u[2 * i] = cos(pi * x[i * d]);
    u[2 * i + 1] = 0.0;
  }
  return 0;
}

int main(void) {
  mov_options *options = mov_options_create();
  CHECK(options != NULL);
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_integer(options, "components", 2));
  OK(mov_options_set_real(options, "tau", 0.02));
  OK(mov_options_set_text(options, "movement", "second"));
  const int64_t features[1] = {60};
  OK(mov_options_set_integers(options, "hidden", 1, features));
  OK(mov_options_set_text(options, "training", "outputs"));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  uint64_t components = 0;
  OK(mov_solver_get_components(solver, &components));
  CHECK(components == 2);
  CHECK(mov_energy_create_system("coupled", NULL, 2, 0, NULL) == NULL);
  CHECK(strstr(mov_last_error(), "`function` is NULL") != NULL);
  mov_energy *energy = mov_energy_create_system("coupled", coupled, 2, MOV_USES_GRADIENT, NULL);
  CHECK(energy != NULL);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  OK(mov_solver_set_initial_callback(solver, u_0, NULL, NULL));
  OK(mov_solver_step_to(solver, 0.2));
  const double x[2] = {0.0, 0.25};
  double u[4], grad[4];
  OK(mov_solver_evaluate(solver, 2, x, u, grad));
  /* Heights of the wave by the eigenvalues of [a, -5; -5, b]. */
  const double mean = 0.06 * pi * pi + 5.0, half = 0.04 * pi * pi, root = hypot(half, 5.0);
  const double decay = exp(-0.2 * mean), sinh_root = sinh(0.2 * root) / root;
  const double heights[2] = {decay * (cosh(0.2 * root) - half * sinh_root), decay * 5.0 * sinh_root};
  for (int i = 0; i < 4; ++i) {
    CHECK(fabs(u[i] - heights[i % 2] * cos(pi * x[i / 2])) < 2e-4);
    CHECK(fabs(grad[i] + pi * heights[i % 2] * sin(pi * x[i / 2])) < 2e-2);
  }
  mov_solver_free(solver);
  mov_options_free(options);
  return 0;
}
