/* A solver within another code: fields that the host changes, states that are taken up again, clones, runs that
 * end by themselves, all of u at once; wrong calls included. Prints nothing. Argument: a folder for a series. Ends
 * with 0, or says on standard error what the first surprise was. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <movimento.h>

#define CHECK(ok) do { if (!(ok)) fail(__LINE__, #ok); } while (0)
#define OK(call) CHECK((call) == MOV_OK)

enum { N = 80 };
static const double pi = 3.141592653589793;

static void fail(int line, const char *what) {
  fprintf(stderr, "coupling.c:%d: %s: %s\n", line, what, mov_last_error());
  exit(EXIT_FAILURE);
}

/* u^2/2 and kappa p^2/2: u_t = kappa u_xx - u. */
static int32_t decay(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f,
                     double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x;
  const double kappa = *(const double *)user_data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * u[i] * u[i] + 0.5 * kappa * p[i] * p[i];
    if (f_u) f_u[i] = u[i];
    if (f_p) f_p[i] = kappa * p[i];
  }
  return 0;
}

static int32_t value(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + 0.5 * cos(pi * x[i * d]);
  return 0;
}

/* The factor times the present u. */
static int32_t times(uint64_t n, uint64_t d, const double *x, const double *u, double *values, void *user_data) {
  (void)d, (void)x;
  for (uint64_t i = 0; i < n; i++) values[i] = *(const double *)user_data * u[i];
  return 0;
}

static int32_t failing(uint64_t n, uint64_t d, const double *x, const double *u, double *values, void *user_data) {
  (void)n, (void)d, (void)x, (void)u, (void)values, (void)user_data;
  return -3;
}

/* Where the mean of u at the points is one half. */
static int32_t half(double time, double energy, uint64_t n, uint64_t d, const double *x, const double *u,
                    double *result, void *user_data) {
  CHECK(time >= 0.0 && energy > 0.0 && d == 1 && n == 2 && x[0] == 0.0 && x[1] == 1.0);
  *(int *)user_data += 1;
  *result = 0.5 * (u[0] + u[1]) - 0.5;
  return 0;
}

static double at(const mov_solver *solver, double x) {
  double u = 0.0;
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  return u;
}

static double figure(const mov_solver *solver, const char *key) {
  double value = 0.0;
  OK(mov_solver_report(solver, key, &value));
  return value;
}

int main(int argc, char **argv) {
  double kappa = 0.1, x[N], u[N], factor = 2.0, time = 0.0, got = 0.0;
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  const int64_t hidden = 12;
  OK(mov_options_set_integers(options, "hidden", 1, &hidden));
  OK(mov_options_set_text(options, "training", "outputs"));
  OK(mov_options_set_integer(options, "threads", 1));
  OK(mov_options_set_real(options, "tau", 0.05));
  OK(mov_options_set_text(options, "movement", "second"));
  OK(mov_options_set_integer(options, "snapshot_resolution", 9));
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create_callback("decay", decay, MOV_USES_GRADIENT | MOV_CONVEX, &kappa);
  OK(mov_solver_add_energy(solver, energy));
  for (int i = 0; i < N; i++) x[i] = i / (N - 1.0);
  CHECK(mov_solver_set_state_values(solver, N, x, u) == MOV_ERROR_STATE);
  CHECK(!mov_solver_save_state(solver) && mov_last_status() == MOV_ERROR_STATE);
  OK(mov_solver_set_initial_callback(solver, value, NULL, NULL));
  OK(mov_solver_set_time(solver, 2.0));
  mov_writer *writer = argc > 1 ? mov_writer_create(solver, argv[1], NULL) : NULL;
  CHECK(argc == 1 || writer);
  if (writer) OK(mov_writer_write(writer, solver, NULL));
  OK(mov_solver_step(solver));
  if (writer) OK(mov_writer_write(writer, solver, NULL));

  /* The host's fields. */
  const double before = at(solver, 0.3);
  for (int i = 0; i < N; i++) u[i] = 2.0 * at(solver, x[i]);
  OK(mov_solver_set_state_values(solver, N, x, u));
  CHECK(fabs(at(solver, 0.3) - 2.0 * before) < 1e-3 && figure(solver, "hand_over_relative_error") < 1e-3);
  for (int i = 0; i < N; i++) u[i] = -0.5 * u[i];
  OK(mov_solver_add_increment_values(solver, N, x, u));
  CHECK(fabs(at(solver, 0.3) - before) < 1e-3);
  OK(mov_solver_set_state_callback(solver, times, &factor));
  factor = -0.5;
  OK(mov_solver_add_increment_callback(solver, times, &factor));
  CHECK(fabs(at(solver, 0.3) - before) < 1e-3 && figure(solver, "hand_over_count") == 4.0);
  OK(mov_solver_get_time(solver, &time));
  CHECK(fabs(time - 2.05) < 1e-12);
  CHECK(mov_solver_set_state_callback(solver, failing, NULL) == MOV_ERROR_CALLBACK && strstr(mov_last_error(), "-3"));
  CHECK(mov_solver_add_increment_callback(solver, NULL, NULL) == MOV_ERROR_ARGUMENT);
  CHECK(mov_solver_set_state_values(solver, 5, x, u) == MOV_ERROR_ARGUMENT);
  CHECK(mov_solver_set_time(solver, NAN) == MOV_ERROR_ARGUMENT);
  OK(mov_solver_step(solver));
  if (writer) {
    OK(mov_writer_write(writer, solver, NULL));
    uint64_t count = 0;
    OK(mov_writer_count(writer, &count));
    CHECK(count == 3);
  }
  mov_writer_free(writer);

  /* A window that is taken again, a clone, and steps of other lengths. */
  mov_state *state = mov_solver_save_state(solver);
  CHECK(state);
  OK(mov_solver_step_by(solver, 0.02));
  const double then = at(solver, 0.7);
  OK(mov_solver_get_tau(solver, &got));
  CHECK(got == 0.05 && mov_solver_step_by(solver, -1.0) == MOV_ERROR_OPTION);
  OK(mov_solver_restore_state(solver, state));
  mov_solver *copy = mov_solver_clone(solver);
  CHECK(copy);
  OK(mov_solver_step_by(solver, 0.02));
  OK(mov_solver_step_by(copy, 0.02));
  CHECK(at(solver, 0.7) == then && at(copy, 0.7) == then);
  OK(mov_solver_restore_state(copy, state));
  mov_solver *other = mov_solver_create(options);
  CHECK(mov_solver_restore_state(other, state) == MOV_ERROR_ARGUMENT);
  CHECK(mov_solver_restore_state(copy, NULL) == MOV_ERROR_HANDLE);
  mov_solver_free(other);
  mov_state_free(state);
  CHECK(mov_solver_restore_state(copy, state) == MOV_ERROR_HANDLE && strstr(mov_last_error(), "freed"));
  mov_state_free(NULL);
  uint64_t count = 0;
  OK(mov_solver_parameter_count(copy, &count));
  double *parameters = malloc(count * sizeof *parameters);
  OK(mov_solver_parameters(solver, count, parameters));
  OK(mov_solver_set_parameters(copy, count, parameters));
  CHECK(at(copy, 0.4) == at(solver, 0.4));
  CHECK(mov_solver_set_parameters(copy, count - 1, parameters) == MOV_ERROR_ARGUMENT);
  free(parameters);

  /* All of u, and what it was within the step. */
  double values[2], grad[2], hessian[2], laplacian[2], rate[2], middle[2];
  const double points[2] = {0.25, 0.5};
  OK(mov_solver_evaluate_all(solver, 2, points, values, grad, hessian, laplacian, rate));
  for (int i = 0; i < 2; i++)
    CHECK(hessian[i] == laplacian[i] && fabs(rate[i] - (kappa * laplacian[i] - values[i])) < 1e-9);
  OK(mov_solver_evaluate_all(solver, 2, points, NULL, NULL, NULL, NULL, NULL));
  OK(mov_solver_get_time(solver, &time));
  OK(mov_solver_evaluate_between(solver, time - 0.01, 2, points, middle));
  CHECK(fabs(middle[0] - (values[0] - 0.01 * rate[0])) < 1e-3 && middle[0] > values[0]);
  CHECK(mov_solver_evaluate_between(solver, time + 1.0, 2, points, middle) == MOV_ERROR_ARGUMENT);
  CHECK(mov_solver_evaluate_between(copy, time, 2, points, middle) == MOV_ERROR_STATE);

  /* Runs that end by themselves. */
  int32_t ended = 0;
  int asked = 0;
  const double ends[2] = {0.0, 1.0};
  OK(mov_solver_run(solver, time + 0.08, 0.0, INFINITY, 0, NULL, NULL, NULL, &ended));
  CHECK(ended == MOV_ENDED_TIME);
  OK(mov_solver_run(solver, INFINITY, 0.0, INFINITY, 2, ends, half, &asked, &ended));
  CHECK(ended == MOV_ENDED_EVENT && asked > 3 && fabs(0.5 * (at(solver, 0.0) + at(solver, 1.0)) - 0.5) < 1e-6);
  OK(mov_solver_run(solver, 1e3, 0.0, 1e-9, 0, NULL, NULL, NULL, &ended));
  CHECK(ended == MOV_ENDED_SECONDS);
  OK(mov_solver_set_tau(solver, 1.0));
  OK(mov_solver_run(solver, 1e3, 1e-3, INFINITY, 0, NULL, NULL, NULL, &ended));
  CHECK(ended == MOV_ENDED_REST && fabs(at(solver, 0.5)) < 0.01);
  CHECK(mov_solver_run(solver, INFINITY, 0.0, INFINITY, 0, NULL, NULL, NULL, NULL) == MOV_ERROR_ARGUMENT);

  mov_energy_free(energy);
  mov_solver_free(copy);
  mov_solver_free(solver);
  mov_options_free(options);
  return 0;
}
