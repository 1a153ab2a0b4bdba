/* A tiny heat equation that goes through the whole interface, wrong calls included, and prints
 * nothing. Arguments: the number of steps, threads, and a folder for a snapshot. Ends with 0, or says on
 * standard error what the first surprise was. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <movimento.h>

#define CHECK(ok) do { if (!(ok)) fail(__LINE__, #ok); } while (0)
#define OK(call) CHECK((call) == MOV_OK)

static void fail(int line, const char *what) {
  fprintf(stderr, "heat.c:%d: %s: %s\n", line, what, mov_last_error());
  exit(EXIT_FAILURE);
}

static int32_t value(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  *(int *)user_data += 1;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + 0.5 * cos(3.141592653589793 * x[i * d]);
  return 0;
}

static int32_t gradient(uint64_t n, uint64_t d, const double *x, double *grad, void *user_data) {
  (void)user_data;
  memset(grad, 0, n * d * sizeof *grad);
  for (uint64_t i = 0; i < n; i++)
    grad[i * d] = -0.5 * 3.141592653589793 * sin(3.141592653589793 * x[i * d]);
  return 0;
}

static int32_t decay(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                     double *f, double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p;
  const double rate = *(const double *)user_data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * rate * u[i] * u[i];
    if (f_u) f_u[i] = rate * u[i];
  }
  return 0;
}

static int32_t watch(int32_t fitting, uint64_t step, double time, uint64_t iteration,
                     double objective, void *user_data) {
  (void)fitting, (void)step, (void)time, (void)iteration, (void)objective;
  *(int *)user_data += 1;
  return 0;
}

static void take(int32_t level, const char *message, void *user_data) {
  CHECK(level >= MOV_LOG_ERROR && level <= MOV_LOG_TRACE && message);
  *(int *)user_data += 1;
}

static char *described(int32_t (*describe)(char *, uint64_t, uint64_t *)) {
  uint64_t needed = 0;
  OK(describe(NULL, 0, &needed));
  char *text = malloc(needed);
  OK(describe(text, needed, NULL));
  CHECK(strlen(text) + 1 == needed && text[0] == '[');
  return text;
}

int main(int argc, char **argv) {
  const uint64_t steps = argc > 1 ? strtoull(argv[1], NULL, 10) : 2;
  const int64_t threads = argc > 2 ? atoll(argv[2]) : 2;
  static int logged; /* read by whoever logs until the process ends */
  int asked = 0, watched = 0;
  double rate = 0.1;
  CHECK(mov_abi_version() == MOV_ABI_VERSION && mov_version()[0]);
  OK(mov_set_log(MOV_LOG_DEBUG, take, &logged));
  free(described(mov_options_describe));
  free(described(mov_report_describe));
  uint64_t needed = 0;
  OK(mov_plugin_describe("dirichlet", NULL, 0, &needed));

  mov_options *options = mov_options_create();
  const double lower = 0.0, upper[2] = {1.0, 1.0};
  const int64_t hidden[1] = {8};
  OK(mov_options_set_integer(options, "dimension", 2));
  OK(mov_options_set_reals(options, "lower", 1, &lower));
  OK(mov_options_set_reals(options, "upper", 2, upper));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_integer(options, "nodes", 576));
  OK(mov_options_set_integer(options, "check_nodes", 100));
  OK(mov_options_set_integer(options, "fit_max_iterations", 30));
  OK(mov_options_set_real(options, "fit_accept", 0.2));
  OK(mov_options_set_integer(options, "threads", threads));
  OK(mov_options_set_real(options, "tau", 0.01));
  OK(mov_options_set_real(options, "tolerance", 0.01));
  OK(mov_options_set_integer(options, "snapshot_resolution", 9));
  OK(mov_options_set_text(options, "embedding", "neumann"));
  CHECK(mov_options_set_real(options, "tau", -1.0) == MOV_ERROR_OPTION);
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver);
  double got = 0.0;
  char text[64];
  OK(mov_options_get_real(options, "tau", &got));
  OK(mov_options_get_text(options, "embedding", text, sizeof text, NULL));
  CHECK(got == 0.01 && !strcmp(text, "neumann"));

  CHECK(!mov_energy_create("no-such-energy") && strstr(mov_last_error(), "no-such-energy"));
  CHECK(!mov_energy_create_from_file(argv[0], NULL));
  mov_energy *dirichlet = mov_energy_create("dirichlet");
  CHECK(dirichlet);
  OK(mov_energy_set_real(dirichlet, "kappa", 0.1));
  OK(mov_solver_add_energy(solver, dirichlet));
  mov_energy_free(dirichlet);
  mov_energy *callback = mov_energy_create_callback("decay", decay, MOV_CONVEX, &rate);
  OK(mov_solver_add_energy(solver, callback));
  mov_energy_free(callback);
  OK(mov_solver_set_progress(solver, watch, &watched));
  CHECK(mov_solver_step(solver) == MOV_ERROR_STATE);
  OK(mov_solver_set_initial_callback(solver, value, gradient, &asked));
  CHECK(asked > 0 && watched > 0 && logged > 0);

  for (uint64_t step = 0; step < steps; step++) OK(mov_solver_step(solver));
  uint64_t taken = 0, count = 0;
  double time = 0.0, total = 0.0, term[2], x[4] = {0.0, 0.5, 1.0, 0.5}, u[2], grad[4];
  OK(mov_solver_get_steps(solver, &taken));
  OK(mov_solver_get_time(solver, &time));
  CHECK(taken == steps && fabs(time - 0.01 * (double)steps) < 1e-12);
  OK(mov_solver_evaluate(solver, 2, x, u, grad));
  CHECK(u[0] > u[1] && u[1] > 0.3 && u[0] < 1.6 && fabs(grad[1]) < 0.3);
  OK(mov_solver_energy_count(solver, &count));
  CHECK(count == 2);
  OK(mov_solver_energy(solver, &total));
  for (uint64_t i = 0; i < 2; i++) OK(mov_solver_energy_term(solver, i, &term[i]));
  CHECK(fabs(total - term[0] - term[1]) < 1e-12);
  OK(mov_solver_energy_name(solver, 1, text, sizeof text, NULL));
  CHECK(!strcmp(text, "decay"));
  OK(mov_solver_report(solver, "energy_slack", &got));
  CHECK(isfinite(got));
  OK(mov_solver_parameter_count(solver, &count));
  double *parameters = malloc(count * sizeof *parameters);
  OK(mov_solver_parameters(solver, count, parameters));
  free(parameters);
  CHECK(mov_solver_evaluate(solver, UINT64_MAX, x, u, NULL) == MOV_ERROR_ARGUMENT);
  x[1] = NAN;
  CHECK(mov_solver_evaluate(solver, 2, x, u, NULL) == MOV_ERROR_ARGUMENT);
  if (argc > 3) {
    OK(mov_solver_write_snapshot(solver, argv[3], &count));
    CHECK(count == 0);
    OK(mov_solver_step(solver));
    count = 7;
    OK(mov_solver_restore(solver, argv[3], &count));
    CHECK(count == 0);
    OK(mov_solver_set_initial_snapshot(solver, argv[3], &count));
    CHECK(count == 0);
    OK(mov_solver_restore(solver, argv[3], NULL));
  }
  CHECK(mov_solver_restore(solver, "/dev/null", NULL) == MOV_ERROR_FILE);
  CHECK(mov_solver_export(solver, "/dev/null/network") == MOV_ERROR_FILE);
  CHECK(mov_solver_write_snapshot(solver, "/dev/null/folder", NULL) == MOV_ERROR_FILE);
  OK(mov_options_set_real(options, "tolerance", 0.02));
  OK(mov_solver_set_options(solver, options));
  OK(mov_options_set_integer(options, "seed", 5));
  CHECK(mov_solver_set_options(solver, options) == MOV_ERROR_OPTION && strstr(mov_last_error(), "`seed`"));
  CHECK(mov_solver_set_options(solver, NULL) == MOV_ERROR_HANDLE);
  OK(mov_solver_set_tau(solver, 0.005));
  OK(mov_solver_get_tau(solver, &got));
  OK(mov_solver_step_to(solver, time + 0.005));

  mov_solver_free(solver);
  CHECK(mov_solver_step(solver) == MOV_ERROR_HANDLE);
  mov_options_free(options);
  mov_options_free(NULL);
  OK(mov_set_log(MOV_LOG_OFF, NULL, NULL));
  return 0;
}
