/* An advection code that splits operators with movimento: it moves u along a ring by interpolation on its own
 * grid, and the reaction and diffusion u_t = kappa u_xx - r (u^3 - u) are steps of the library. Advection commutes
 * with them, so that after one turn u is what it is without. Prints u at a point and how far the two are apart.
 *
 * cc splitting.c $(pkg-config --cflags --libs movimento) -lm */
#include <math.h>
#include <movimento.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 400, STEPS = 20 };
static const double tau = 0.005, kappa = 0.02, rate = 8.0;

/* kappa/2 p^2 + r/4 (u^2 - 1)^2 */
static int32_t allen_cahn(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f,
                          double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)user_data;
  for (uint64_t i = 0; i < n; i++) {
    const double w = u[i] * u[i] - 1.0;
    if (f) f[i] = 0.5 * kappa * p[i] * p[i] + 0.25 * rate * w * w;
    if (f_u) f_u[i] = rate * w * u[i];
    if (f_p) f_p[i] = kappa * p[i];
  }
  return 0;
}

/* u moved by `shift` along the ring, by cubic interpolation. */
static void advect(double *u, double shift) {
  static double old[N];
  for (int i = 0; i < N; i++) old[i] = u[i];
  for (int i = 0; i < N; i++) {
    const double from = i - shift * N, t = from - floor(from);
    const int k = (int)floor(from) + N;
    const double a = old[(k - 1) % N], b = old[k % N], c = old[(k + 1) % N], d = old[(k + 2) % N];
    u[i] = -t * (t - 1) * (t - 2) / 6 * a + (t + 1) * (t - 1) * (t - 2) / 2 * b -
           (t + 1) * t * (t - 2) / 2 * c + (t + 1) * t * (t - 1) / 6 * d;
  }
}

static void ok(int32_t status) {
  if (status == MOV_OK) return;
  fprintf(stderr, "%s\n", mov_last_error());
  exit(1);
}

int main(void) {
  static double x[N], u[N], alone[N];
  mov_options *options = mov_options_create();
  ok(mov_options_set_integer(options, "dimension", 1));
  ok(mov_options_set_text(options, "embedding", "periodic"));
  ok(mov_options_set_text(options, "movement", "second"));
  ok(mov_options_set_real(options, "tau", tau));
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create_callback("Allen-Cahn", allen_cahn, MOV_USES_GRADIENT, NULL);
  ok(mov_solver_add_energy(solver, energy));
  for (int i = 0; i < N; i++) {
    x[i] = (i + 0.5) / N;
    u[i] = 0.3 * sin(6.283185307179586 * x[i]) + 0.5 * cos(12.566370614359172 * x[i]);
  }
  ok(mov_solver_set_initial_values(solver, N, x, u, NULL));
  mov_solver *unmoved = mov_solver_clone(solver);
  if (!unmoved) ok(mov_last_status());
  for (int step = 0; step < STEPS; step++) {
    ok(mov_solver_evaluate(solver, N, x, u, NULL));
    advect(u, 1.0 / STEPS);
    ok(mov_solver_set_state_values(solver, N, x, u));
    ok(mov_solver_step(solver));
    ok(mov_solver_step(unmoved));
  }
  double time = 0.0, apart = 0.0;
  ok(mov_solver_get_time(solver, &time));
  ok(mov_solver_evaluate(solver, N, x, u, NULL));
  ok(mov_solver_evaluate(unmoved, N, x, alone, NULL));
  for (int i = 0; i < N; i++) apart = fmax(apart, fabs(u[i] - alone[i]));
  printf("u = %.3f at t = %.2f, %.1e from that without advection\n", u[N / 8], time, apart);
  mov_energy_free(energy);
  mov_solver_free(unmoved);
  mov_solver_free(solver);
  mov_options_free(options);
  return 0;
}
