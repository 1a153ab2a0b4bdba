/* Flows in Wasserstein space through the border: every kind of initial density, and what can be asked. */
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
/* A refusal with this status, whose message holds this text. */
#define REFUSED(call, status, text) \
  CHECK((call) == (status) && strstr(mov_last_error(), (text)) != NULL)

static mov_solver *solver_of(const char *domain, int64_t dimension, const char *energy) {
  const int64_t hidden[1] = {4};
  mov_options *options = mov_options_create();
  OK(mov_options_set_text(options, "flow", "wasserstein"));
  OK(mov_options_set_text(options, "domain", domain));
  OK(mov_options_set_integer(options, "dimension", dimension));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_real(options, "tau", 0.01));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  mov_options_free(options);
  mov_energy *term = mov_energy_create(energy);
  CHECK(term != NULL);
  OK(mov_solver_add_energy(solver, term));
  mov_energy_free(term);
  return solver;
}

/* Diffusion of a Gaussian: the covariance grows by 2 t I, and the velocity is S^-1 (y - m). */
static void gaussian(void) {
  const double mean[2] = {0.5, -0.5}, covariance[4] = {1.0, 0.25, 0.25, 0.5};
  mov_solver *solver = solver_of("space", 2, "entropy");
  double found[2], spread[4], value = 0.0;
  REFUSED(mov_solver_moments(solver, found, spread), MOV_ERROR_STATE, "no initial condition");
  REFUSED(mov_solver_set_initial_gaussians(solver, 0, NULL, mean, covariance),
          MOV_ERROR_ARGUMENT, "`k` is 0");
  REFUSED(mov_solver_set_initial_gaussians(solver, 1, NULL, mean, NULL), MOV_ERROR_ARGUMENT,
          "`covariance` is NULL");
  const double flat[4] = {1.0, 1.0, 1.0, 1.0};
  REFUSED(mov_solver_set_initial_gaussians(solver, 1, NULL, mean, flat), MOV_ERROR_ARGUMENT,
          "positive definite");
  OK(mov_solver_set_initial_gaussians(solver, 1, NULL, mean, covariance));
  OK(mov_solver_step(solver));
  OK(mov_solver_moments(solver, found, spread));
  OK(mov_solver_moments(solver, found, NULL));
  CHECK(fabs(found[0] - 0.5) < 1e-6 && fabs(found[1] + 0.5) < 1e-6);
  CHECK(fabs(spread[0] - 1.02) < 1e-3 && fabs(spread[3] - 0.52) < 1e-3);
  CHECK(fabs(spread[1] - 0.25) < 1e-3 && fabs(spread[1] - spread[2]) < 1e-12);
  const double determinant = spread[0] * spread[3] - spread[1] * spread[2];
  const double y[2] = {1.0, 0.0}, shift[2] = {0.5, 0.5};
  double velocity[2];
  OK(mov_solver_velocity(solver, 1, y, velocity));
  CHECK(fabs(velocity[0] - (spread[3] * shift[0] - spread[1] * shift[1]) / determinant) < 1e-2);
  CHECK(fabs(velocity[1] - (spread[0] * shift[1] - spread[1] * shift[0]) / determinant) < 1e-2);
  OK(mov_solver_entropy(solver, &value));
  CHECK(fabs(value + 1.0 + log(6.283185307179586 * sqrt(determinant))) < 1e-3);
  REFUSED(mov_solver_entropy(solver, NULL), MOV_ERROR_ARGUMENT, "`entropy` is NULL");
  const double probability[3] = {0.25, 0.5, 0.75}, wrong[1] = {1.5};
  double quantile[3];
  OK(mov_solver_quantiles(solver, 1, 3, probability, quantile));
  CHECK(fabs(quantile[1] + 0.5) < 5e-3);
  CHECK(fabs(quantile[2] + 0.5 - 0.6744897501960817 * sqrt(spread[3])) < 5e-3);
  REFUSED(mov_solver_quantiles(solver, 2, 3, probability, quantile), MOV_ERROR_ARGUMENT,
          "`axis` is 2");
  REFUSED(mov_solver_quantiles(solver, 0, 1, wrong, quantile), MOV_ERROR_ARGUMENT, "holds 1.5");
  double moved[2];
  OK(mov_solver_push_forward(solver, 1, mean, moved));
  CHECK(fabs(moved[0] - 0.5) < 1e-5 && fabs(moved[1] + 0.5) < 1e-5);
  REFUSED(mov_solver_push_forward(solver, 1, moved, moved), MOV_ERROR_ARGUMENT, "overlap");
  double grad[2];
  OK(mov_solver_evaluate(solver, 1, y, &value, grad));
  CHECK(value > 0.0 && fabs(grad[0] / value + velocity[0]) < 1e-6);
  /* Two of them, in equal shares. */
  const double means[4] = {-1.0, 0.0, 1.0, 0.0}, both[8] = {1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0};
  const double share[2] = {0.25, 0.75};
  OK(mov_solver_set_initial_gaussians(solver, 2, NULL, means, both));
  OK(mov_solver_moments(solver, found, NULL));
  CHECK(fabs(found[0]) < 1e-12);
  OK(mov_solver_set_initial_gaussians(solver, 2, share, means, both));
  OK(mov_solver_moments(solver, found, NULL));
  CHECK(fabs(found[0] - 0.5) < 1e-12);
  mov_solver_free(solver);
}

struct host {
  double mass;
  int32_t status;
};

static int32_t density(uint64_t n, uint64_t d, const double *x, double *rho, void *user_data) {
  const struct host *host = user_data;
  for (uint64_t i = 0; i < n; i++) rho[i] = host->mass * (0.5 + x[i * d]);
  return host->status;
}

static void function(void) {
  mov_solver *solver = solver_of("box", 1, "entropy");
  struct host host = {2.0, 0};
  REFUSED(mov_solver_set_initial_density(solver, NULL, &host), MOV_ERROR_ARGUMENT,
          "`density` is NULL");
  REFUSED(mov_solver_set_initial_density(solver, density, &host), MOV_ERROR_ARGUMENT, "mass 2");
  host.mass = -1.0;
  REFUSED(mov_solver_set_initial_density(solver, density, &host), MOV_ERROR_ARGUMENT,
          "not negative");
  host.mass = 1.0;
  host.status = -3;
  REFUSED(mov_solver_set_initial_density(solver, density, &host), MOV_ERROR_CALLBACK,
          "initial density");
  host.status = 0;
  OK(mov_solver_set_initial_density(solver, density, &host));
  const double x[2] = {0.0, 1.0};
  double y[2], rho[2];
  OK(mov_solver_step(solver));
  OK(mov_solver_push_forward(solver, 2, x, y));
  CHECK(y[0] == 0.0 && fabs(y[1] - 1.0) < 1e-15);
  OK(mov_solver_evaluate(solver, 2, x, rho, NULL));
  CHECK(rho[0] > 0.5 && rho[0] < 0.7 && rho[1] > 1.3 && rho[1] < 1.5);
  REFUSED(mov_solver_set_initial_named(solver, "sine"), MOV_ERROR_STATE, "density of mass 1");
  mov_solver_free(solver);
}

static void source_and_particles(void) {
  mov_solver *solver = solver_of("space", 1, "power");
  REFUSED(mov_solver_set_initial_barenblatt(solver, 1.0, 0.1), MOV_ERROR_ARGUMENT, "`m` is 1");
  REFUSED(mov_solver_set_initial_barenblatt(solver, 2.0, 0.0), MOV_ERROR_ARGUMENT, "`t` is 0");
  OK(mov_solver_set_initial_barenblatt(solver, 2.0, 0.1));
  OK(mov_solver_step(solver));
  double mass = 0.0, least = 0.0;
  OK(mov_solver_report(solver, "mass", &mass));
  OK(mov_solver_report(solver, "least_jacobian", &least));
  CHECK(fabs(mass - 1.0) < 1e-12 && least > 1.0);
  /* An even density on [-1, 1], whose score is 0. */
  double x[100], rho[100], score[100] = {0.0};
  for (int i = 0; i < 100; i++) {
    x[i] = (i + 0.5) / 50.0 - 1.0;
    rho[i] = 0.5;
  }
  OK(mov_solver_set_initial_particles(solver, 100, x, NULL, rho, score));
  OK(mov_solver_set_initial_particles(solver, 100, x, NULL, rho, NULL));
  OK(mov_solver_step(solver));
  double y[1] = {0.0};
  OK(mov_solver_push_forward(solver, 1, x + 90, y));
  CHECK(y[0] > x[90]);
  REFUSED(mov_solver_evaluate(solver, 1, y, rho, NULL), MOV_ERROR_STATE, "particles only");
  rho[7] = -1.0;
  REFUSED(mov_solver_set_initial_particles(solver, 100, x, NULL, rho, NULL), MOV_ERROR_ARGUMENT,
          "`rho` holds -1 at index 7");
  rho[7] = 0.5;
  REFUSED(mov_solver_set_initial_particles(solver, 3, x, NULL, rho, NULL), MOV_ERROR_ARGUMENT,
          "3 labels give");
  mov_solver_free(solver);
}

int main(void) {
  gaussian();
  function();
  source_and_particles();
  return 0;
}
