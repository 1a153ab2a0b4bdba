/* The heat equation of section 4.1.1 of the paper: u_t = kappa Laplacian u on [-pi/4, pi/4]^2 is
 * the L2 gradient flow of the Dirichlet energy kappa/2 int |grad u|^2, here a plugin that is
 * loaded at run time.
 *
 *     cc -std=c11 heat.c -lmovimento -lm -o heat && ./heat FOLDER
 *
 * writes snapshots into FOLDER and compares with the exact solution. */

#define _POSIX_C_SOURCE 200809L /* isatty */
#include <math.h>
#include <movimento.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DIM = 2, STEPS = 40, EVERY = 2, POINTS = 20000 };
static const double PI = 3.14159265358979323846, KAPPA = 0.1, TAU = 0.005;

#define CHECK(ok)                                        \
  do {                                                   \
    if (!(ok)) {                                         \
      fprintf(stderr, "\nheat: %s\n", mov_last_error()); \
      exit(EXIT_FAILURE);                                \
    }                                                    \
  } while (0)

/* Each mode a cos(p x) cos(q y) decays by itself. */
static const struct { double a, p, q; } MODES[] = {
    {4.0, 0, 0}, {-0.5, 4, 0}, {0.6, 0, 4}, {1.0, 8, 4}, {1.0, 8, 8}};
enum { N_MODES = sizeof MODES / sizeof MODES[0] };

static double exact(double t, const double *x) {
  double u = 0;
  for (int m = 0; m < N_MODES; m++) {
    const double p = MODES[m].p, q = MODES[m].q;
    u += MODES[m].a * cos(p * x[0]) * cos(q * x[1]) * exp(-KAPPA * (p * p + q * q) * t);
  }
  return u;
}

/* The initial condition, and its gradient, which makes the fit cheaper. */
static int32_t initial(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = exact(0, x + i * d);
  return 0;
}

static int32_t initial_gradient(uint64_t n, uint64_t d, const double *x, double *grad,
                                void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++, x += d, grad += d) {
    grad[0] = grad[1] = 0;
    for (int m = 0; m < N_MODES; m++) {
      const double a = MODES[m].a, p = MODES[m].p, q = MODES[m].q;
      grad[0] -= a * p * sin(p * x[0]) * cos(q * x[1]);
      grad[1] -= a * q * cos(p * x[0]) * sin(q * x[1]);
    }
  }
  return 0;
}

/* A bar on the terminal, told of progress by the library; another answer than 0 would cancel. */
static int32_t show(int32_t fitting, uint64_t step, double time, uint64_t iteration,
                    double objective, void *user_data) {
  (void)user_data;
  if (!isatty(STDERR_FILENO)) return 0;
  if (fitting) {
    fprintf(stderr, "\r\033[Kfitting u_0: iteration %d, error %.1e", (int)iteration, objective);
  } else {
    static const char full[] = "########################################";
    const int done = (int)(step * (sizeof full - 1) / STEPS);
    fprintf(stderr, "\r\033[K[%-40.*s] t = %.3f, iteration %d", done, full, time, (int)iteration);
  }
  return 0;
}

static double report(const mov_solver *solver, const char *figure) {
  double value;
  CHECK(mov_solver_report(solver, figure, &value) == MOV_OK);
  return value;
}

/* Relative L2 error on points that the solver has not seen. */
static double relative_error(const mov_solver *solver, double t) {
  static double x[POINTS * DIM], u[POINTS];
  double error = 0, norm = 0;
  srand(4);
  for (int i = 0; i < POINTS * DIM; i++) x[i] = PI / 2 * (rand() / (double)RAND_MAX - 0.5);
  CHECK(mov_solver_evaluate(solver, POINTS, x, u, NULL) == MOV_OK);
  for (int i = 0; i < POINTS; i++) {
    const double v = exact(t, x + DIM * i);
    error += (u[i] - v) * (u[i] - v);
    norm += v * v;
  }
  return sqrt(error / norm);
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "demo-output";
  const double lower = -PI / 4, upper = PI / 4;

  /* The problem. Options that are not set have defaults; mov_options_describe lists them. */
  mov_options *options = mov_options_create();
  CHECK(options);
  CHECK(mov_options_set_integer(options, "dimension", DIM) == MOV_OK);
  CHECK(mov_options_set_reals(options, "lower", 1, &lower) == MOV_OK);
  CHECK(mov_options_set_reals(options, "upper", 1, &upper) == MOV_OK);
  CHECK(mov_options_set_real(options, "tau", TAU) == MOV_OK);
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver);

  /* The energy, a plugin. It is copied into the solver. */
  mov_energy *energy = mov_energy_create("dirichlet");
  CHECK(energy);
  CHECK(mov_energy_set_real(energy, "kappa", KAPPA) == MOV_OK);
  CHECK(mov_solver_add_energy(solver, energy) == MOV_OK);

  CHECK(mov_solver_set_progress(solver, show, NULL) == MOV_OK);
  CHECK(mov_solver_set_initial_callback(solver, initial, initial_gradient, NULL) == MOV_OK);
  CHECK(mov_solver_write_snapshot(solver, folder, NULL) == MOV_OK);

  double seconds = 0;
  int monotone = 1;
  for (int step = 1; step <= STEPS; step++) {
    CHECK(mov_solver_step(solver) == MOV_OK);
    seconds += report(solver, "seconds");
    monotone &= report(solver, "energy") <= report(solver, "energy_before");
    if (step % EVERY == 0) CHECK(mov_solver_write_snapshot(solver, folder, NULL) == MOV_OK);
  }
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);

  const double t = report(solver, "time");
  printf("initial fit: relative error %.1e in %.2f s\n", report(solver, "fit_relative_error"),
         report(solver, "fit_seconds"));
  printf("%d steps to t = %g, energy %s\n", STEPS, t,
         monotone ? "decreasing in each" : "INCREASING in some");
  printf("relative L2 error %.3e (paper: 3.15e-03), %.3f s a step\n", relative_error(solver, t),
         seconds / STEPS);

  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return monotone ? EXIT_SUCCESS : EXIT_FAILURE;
}
