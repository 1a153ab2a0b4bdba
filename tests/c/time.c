/* Energies and sources of a host that depend on time, and an interaction of its own, against closed forms. */
#include <math.h>
#include <movimento.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, mov_last_error());  \
      exit(1);                                                                       \
    }                                                                                \
  } while (0)
#define OK(call) CHECK((call) == MOV_OK)
#define REFUSED(call, status, text) \
  CHECK((call) == (status) && strstr(mov_last_error(), (text)) != NULL)

static const double pi = 3.141592653589793;

/* (1 + t) u^2/2, and what makes u = cos t + t cos(pi x)/2 of it with kappa = 0.1. */
static int32_t decay(double t, uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                     double *f, double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p;
  *(int *)user_data += 1;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * (1.0 + t) * u[i] * u[i];
    if (f_u) f_u[i] = (1.0 + t) * u[i];
  }
  return 0;
}

static double exact(double t, double x) { return cos(t) + 0.5 * t * cos(pi * x); }

static int32_t source(double t, uint64_t n, uint64_t d, const double *x, double *s, void *user_data) {
  const double kappa = *(const double *)user_data;
  if (d != 1) return -3;
  for (uint64_t i = 0; i < n; i++) {
    const double wave = cos(pi * x[i]);
    s[i] = -sin(t) + 0.5 * wave + kappa * pi * pi * 0.5 * t * wave + (1.0 + t) * exact(t, x[i]);
  }
  return 0;
}

static int32_t start(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = exact(0.0, x[i * d]);
  return 0;
}

static int32_t gives_up(double t, uint64_t n, uint64_t d, const double *x, double *s, void *user_data) {
  (void)t, (void)n, (void)d, (void)x, (void)s, (void)user_data;
  return -3;
}

static void cooling(void) {
  double kappa = 0.1, u[2];
  const double x[2] = {0.15, 0.8};
  int asked = 0;
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_text(options, "movement", "second"));
  OK(mov_options_set_real(options, "tau", 0.05));
  mov_solver *solver = mov_solver_create(options);
  mov_solver *other = mov_solver_create(options);
  mov_options_free(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  OK(mov_energy_set_real(energy, "kappa", kappa));
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  CHECK(mov_energy_create_callback_in_time("decay", NULL, 0, NULL) == NULL);
  CHECK(strstr(mov_last_error(), "`function` is NULL"));
  CHECK(mov_energy_create_callback_in_time("decay", decay, MOV_USES_TIME, &asked) == NULL);
  CHECK(strstr(mov_last_error(), "`flags` is 16"));
  energy = mov_energy_create_callback_in_time("decay", decay, MOV_CONVEX, &asked);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  REFUSED(mov_solver_add_source(solver, NULL, NULL), MOV_ERROR_ARGUMENT, "`function` is NULL");
  OK(mov_solver_add_source(solver, source, &kappa));
  OK(mov_solver_set_initial_callback(solver, start, NULL, NULL));
  OK(mov_solver_step_to(solver, 0.2));
  OK(mov_solver_evaluate(solver, 2, x, u, NULL));
  for (int i = 0; i < 2; i++) CHECK(fabs(u[i] - exact(0.2, x[i])) < 5e-4);
  char name[16];
  double work = 0.0;
  OK(mov_solver_energy_name(solver, 2, name, sizeof name, NULL));
  CHECK(!strcmp(name, "source") && asked > 0);
  OK(mov_solver_report(solver, "work", &work));
  CHECK(work != 0.0);
  REFUSED(mov_solver_add_source(solver, source, &kappa), MOV_ERROR_STATE, "before the first step");
  mov_solver_free(solver);
  REFUSED(mov_solver_add_source(solver, source, &kappa), MOV_ERROR_HANDLE, "solver");
  OK(mov_solver_add_source(other, gives_up, NULL));
  OK(mov_solver_set_initial_callback(other, start, NULL, NULL));
  REFUSED(mov_solver_step(other), MOV_ERROR_CALLBACK, "-3");
  mov_solver_free(other);
}

/* W = (x - y)^2 / (4 (1 + t)): with diffusion the variance is 1 + t. */
static int32_t springs(double t, uint64_t n, uint64_t d, const double *x, const double *y, double *w,
                       double *w_x, void *user_data) {
  const int *kind = user_data;
  if (d != 1) return -3;
  for (uint64_t i = 0; i < n; i++) {
    const double k = 0.5 / (1.0 + t), way = x[i] - y[i];
    if (w) w[i] = 0.5 * k * way * way;
    if (w_x) w_x[i] = *kind == 1 && way == 0.0 ? NAN : k * way;
  }
  return 0;
}

static mov_solver *cloud(int *kind) {
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_text(options, "flow", "wasserstein"));
  OK(mov_options_set_text(options, "domain", "space"));
  OK(mov_options_set_text(options, "transport", "map"));
  OK(mov_options_set_text(options, "movement", "second"));
  OK(mov_options_set_real(options, "tau", 0.05));
  mov_solver *solver = mov_solver_create(options);
  mov_options_free(options);
  mov_energy *energy = mov_energy_create("entropy");
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  CHECK(mov_energy_create_pair_callback("springs", springs, MOV_CONVEX, kind) == NULL);
  CHECK(strstr(mov_last_error(), "`flags` is 8; accepted is 0 or MOV_USES_TIME"));
  CHECK(mov_energy_create_pair_callback("springs", NULL, 0, kind) == NULL);
  energy = mov_energy_create_pair_callback("springs", springs, MOV_USES_TIME, kind);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  REFUSED(mov_solver_add_source(solver, source, NULL), MOV_ERROR_PLUGIN, "a source adds mass");
  const double mean = 0.0, variance = 1.0;
  OK(mov_solver_set_initial_gaussians(solver, 1, NULL, &mean, &variance));
  return solver;
}

static void interaction(void) {
  double mean = 1.0, variance = 0.0;
  int kind = 0, broken = 1;
  mov_solver *solver = cloud(&kind);
  OK(mov_solver_step_to(solver, 0.2));
  OK(mov_solver_moments(solver, &mean, &variance));
  CHECK(fabs(mean) < 1e-6 && fabs(variance - 1.2) < 5e-4);
  mov_solver_free(solver);
  solver = cloud(&broken);
  REFUSED(mov_solver_step(solver), MOV_ERROR_NOT_FINITE, "w_x is NaN at pair 0");
  mov_solver_free(solver);
}

int main(void) {
  cooling();
  interaction();
  return 0;
}
