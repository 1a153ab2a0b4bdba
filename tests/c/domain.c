/* Domains through the border: a disc cut out by a callback, and the nodes of the host's own mesh. */
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

enum how { WELL, NOWHERE, FAIL, LATER, SEVEN, SILENT };

struct host {
  enum how how;
  uint64_t points;
};

static int32_t disc(uint64_t n, uint64_t d, const double *x, int32_t *inside, void *user_data) {
  struct host *host = user_data;
  host->points += n;
  if (host->how == FAIL) return -4;
  if (host->how == LATER) return 2;
  for (uint64_t i = 0; i < n && host->how != SILENT; i++) {
    double square = 0.0;
    for (uint64_t k = 0; k < d; k++) square += x[i * d + k] * x[i * d + k];
    inside[i] = host->how == SEVEN ? 7 : host->how == WELL && square < 1.0;
  }
  return 0;
}

/* x, whose mean over the disc is 0. */
static int32_t tilt(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + 0.5 * x[i * d];
  return 0;
}

static mov_solver *solver_of(const char *embedding, const char *quadrature) {
  mov_options *options = mov_options_create();
  const int64_t hidden = 8;
  const double lower = -1.0, upper = 1.0;
  OK(mov_options_set_integers(options, "hidden", 1, &hidden));
  OK(mov_options_set_integer(options, "nodes", 400));
  OK(mov_options_set_integer(options, "check_nodes", 300));
  OK(mov_options_set_integer(options, "snapshot_resolution", 9));
  OK(mov_options_set_reals(options, "lower", 1, &lower));
  OK(mov_options_set_reals(options, "upper", 1, &upper));
  OK(mov_options_set_text(options, "embedding", embedding));
  OK(mov_options_set_text(options, "quadrature", quadrature));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  mov_options_free(options);
  return solver;
}

/* A step of the heat equation from u = 1 + x/2: the mass stays pi, and so it is measured. */
static double step(mov_solver *solver) {
  mov_energy *energy = mov_energy_create("dirichlet");
  OK(mov_energy_set_real(energy, "kappa", 0.1));
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  OK(mov_solver_set_initial_callback(solver, tilt, NULL, NULL));
  OK(mov_solver_step(solver));
  double mass = 0.0, flux = 0.0;
  OK(mov_solver_report(solver, "mass", &mass));
  CHECK(fabs(mass / 3.141592653589793 - 1.0) < 2e-2);
  OK(mov_solver_report(solver, "boundary_flux", &flux));
  return flux;
}

static void callbacks(const char *folder) {
  struct host host = {WELL, 0};
  mov_solver *solver = solver_of("auto", "auto");
  REFUSED(mov_solver_set_inside(NULL, disc, &host), MOV_ERROR_HANDLE, "`solver` is NULL");
  REFUSED(mov_solver_set_inside(solver, NULL, &host), MOV_ERROR_ARGUMENT, "`inside` is NULL");
  CHECK(host.points == 0);
  host.how = NOWHERE;
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_ARGUMENT, "kept no point");
  host.how = FAIL;
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_CALLBACK, "returned -4");
  host.how = LATER;
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_TRY_AGAIN, "returned 2");
  host.how = SEVEN;
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_ARGUMENT, "gave 7 at x = [");
  host.how = SILENT;
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_ARGUMENT, "unset at x = [");
  host.how = WELL;
  OK(mov_solver_set_inside(solver, disc, &host));
  const double flux = step(solver);
  CHECK(flux > 0.0 && flux < 0.05);
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_STATE, "before the initial");
  OK(mov_solver_write_snapshot(solver, folder, NULL));
  host.how = FAIL;
  REFUSED(mov_solver_write_snapshot(solver, folder, NULL), MOV_ERROR_CALLBACK, "returned -4");
  OK(mov_solver_step(solver)); /* Gauss nodes are not asked for again */
  mov_solver_free(solver);

  /* Random nodes are: a callback that fails in a step leaves the solver as it was. */
  host.how = WELL;
  solver = solver_of("none", "sobol");
  OK(mov_solver_set_inside(solver, disc, &host));
  step(solver);
  host.how = FAIL;
  REFUSED(mov_solver_step(solver), MOV_ERROR_CALLBACK, "inside function");
  host.how = WELL;
  OK(mov_solver_step(solver));
  uint64_t steps = 0;
  OK(mov_solver_get_steps(solver, &steps));
  CHECK(steps == 2);
  mov_solver_free(solver);

  solver = solver_of("neumann", "auto");
  REFUSED(mov_solver_set_inside(solver, disc, &host), MOV_ERROR_OPTION, "`embedding` is neumann");
  mov_solver_free(solver);
}

/* The midpoints of m rings of 4 m cells; the weights are the areas. */
static uint64_t rings(uint64_t m, double *x, double *w) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < m; i++) {
    for (uint64_t j = 0; j < 4 * m; j++, n++) {
      const double r = (i + 0.5) / m, angle = 6.283185307179586 * (j + 0.5) / (4 * m);
      x[2 * n] = r * cos(angle);
      x[2 * n + 1] = r * sin(angle);
      w[n] = r / m * 6.283185307179586 / (4 * m);
    }
  }
  return n;
}

static void meshes(void) {
  static double x[2 * 4 * 20 * 20], w[4 * 20 * 20], xc[2 * 4 * 25 * 25], wc[4 * 25 * 25];
  static double xb[2 * 40], wb[40];
  const uint64_t n = rings(20, x, w), nc = rings(25, xc, wc);
  for (uint64_t i = 0; i < 40; i++) {
    xb[2 * i] = cos(6.283185307179586 * i / 40);
    xb[2 * i + 1] = sin(6.283185307179586 * i / 40);
    wb[i] = 6.283185307179586 / 40;
  }
  mov_solver *solver = solver_of("auto", "auto");
  REFUSED(mov_solver_set_nodes(solver, n, NULL, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "`x` is NULL");
  REFUSED(mov_solver_set_nodes(solver, n, x, NULL, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "`w` is NULL");
  REFUSED(mov_solver_set_nodes(solver, n, x, w, nc, xc, NULL), MOV_ERROR_ARGUMENT, "`w_check` is NULL");
  REFUSED(mov_solver_set_nodes(solver, 0, NULL, NULL, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "`w` is empty");
  REFUSED(mov_solver_set_nodes(solver, UINT64_MAX, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT,
          "more than a process can hold");
  REFUSED(mov_solver_set_nodes(solver, 8, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT,
          "equations for the 33 parameters");
  REFUSED(mov_solver_set_nodes(solver, n, x, w, nc / 2, xc, wc), MOV_ERROR_ARGUMENT,
          "`w_check` sums to");
  w[5] = -1e-3;
  REFUSED(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "-0.001 at entry 5");
  w[5] = (double)NAN;
  REFUSED(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "NaN at entry 5");
  rings(20, x, w);
  x[7] = 1.5;
  REFUSED(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT,
          "1.5 on axis 1 of node 3");
  x[7] = (double)INFINITY;
  REFUSED(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL), MOV_ERROR_ARGUMENT,
          "inf on axis 1 of node 3");
  rings(20, x, w);
  xb[4] = 0.5;
  REFUSED(mov_solver_set_boundary(solver, 40, xb, xb, wb), MOV_ERROR_ARGUMENT, "at node 2");
  xb[4] = cos(6.283185307179586 * 2 / 40);
  REFUSED(mov_solver_set_boundary(solver, 0, NULL, NULL, NULL), MOV_ERROR_ARGUMENT, "`w` is empty");
  OK(mov_solver_set_nodes(solver, n, x, w, nc, xc, wc));
  OK(mov_solver_set_boundary(solver, 40, xb, xb, wb));
  const double flux = step(solver);
  CHECK(flux > 0.0 && flux < 0.05);
  REFUSED(mov_solver_set_nodes(solver, n, x, w, nc, xc, wc), MOV_ERROR_STATE, "before the initial");
  REFUSED(mov_solver_set_boundary(solver, 40, xb, xb, wb), MOV_ERROR_STATE, "before the initial");
  mov_solver_free(solver);

  solver = solver_of("none", "auto");
  OK(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL));
  CHECK(isnan(step(solver)));
  mov_solver_free(solver);

  solver = solver_of("periodic", "auto");
  REFUSED(mov_solver_set_nodes(solver, n, x, w, 0, NULL, NULL), MOV_ERROR_OPTION, "`embedding`");
  mov_solver_free(solver);
}

/* u = 1 + x + t, which solves u_t = u_xx + 1, with values at x = 0 and a flux at x = 1. */
static int32_t line(double t, uint64_t n, uint64_t d, const double *x, double *g, void *user_data) {
  CHECK(d == 1);
  for (uint64_t i = 0; i < n; i++) g[i] = *(const double *)user_data + x[i] + t;
  return 0;
}

static int32_t line_at_0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  return line(0.0, n, d, x, u, user_data);
}

static int32_t flux(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f,
                    double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p;
  const double q = *(const double *)user_data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = -q * u[i];
    if (f_u) f_u[i] = -q;
  }
  return 0;
}

/* M = 1 + x, or u where it is asked for values. */
static int32_t mobility(double t, uint64_t n, uint64_t d, const double *x, const double *u, double *m, void *data) {
  (void)t, (void)d;
  for (uint64_t i = 0; i < n; ++i) m[i] = u == NULL ? 1.0 + x[i] : u[i];
  return *(const int32_t *)data;
}

/* Above 0.9 + x / 20; no upper one. */
static int32_t ramp(uint64_t n, uint64_t d, const double *x, double *lower, double *upper, void *data) {
  (void)d, (void)data;
  for (uint64_t i = 0; i < n; ++i) lower[i] = isinf(upper[i]) && isinf(lower[i]) ? 0.9 + x[i] / 20.0 : NAN;
  return 0;
}

static int32_t unit(uint64_t n, uint64_t d, const double *x, double *u, void *data) {
  (void)d, (void)x, (void)data;
  for (uint64_t i = 0; i < n; ++i) u[i] = 1.0;
  return 0;
}

static int32_t half_square(double integral, double *phi, void *data) {
  phi[0] = 0.5 * integral * integral, phi[1] = integral, phi[2] = 1.0;
  return *(const int32_t *)data;
}

/* u' = -M u from 1: with a mobility, between bounds, and with integrals that are held. */
static void held(void) {
  int32_t fine = 0, fails = -1;
  double u = 0.0, figure = 0.0;
  const double x = 0.25;
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_real(options, "tau", 0.05));
  OK(mov_options_set_text(options, "movement", "second"));
  mov_energy *quadratic = mov_energy_create("quadratic");
  mov_energy *dirichlet = mov_energy_create("dirichlet");
  for (uint32_t flags = 0; flags <= MOV_USES_VALUE; flags += MOV_USES_VALUE) {
    mov_solver *solver = mov_solver_create(options);
    OK(mov_solver_add_energy(solver, quadratic));
    REFUSED(mov_solver_set_mobility(solver, NULL, 0, NULL), MOV_ERROR_ARGUMENT, "`mobility` is NULL");
    REFUSED(mov_solver_set_mobility(solver, mobility, 1, &fine), MOV_ERROR_ARGUMENT, "`flags` is 1");
    REFUSED(mov_solver_set_mobility(solver, mobility, 0, &fails), MOV_ERROR_CALLBACK, "returned -1");
    OK(mov_solver_set_mobility(solver, mobility, flags, &fine));
    OK(mov_solver_set_initial_callback(solver, unit, NULL, NULL));
    OK(mov_solver_step_to(solver, 0.2));
    OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
    CHECK(fabs(u - (flags == 0 ? exp(-0.25) : 1.0 / 1.2)) < 1e-3);
    mov_solver_free(solver);
  }
  mov_solver *solver = mov_solver_create(options);
  OK(mov_solver_add_energy(solver, quadratic));
  REFUSED(mov_solver_set_bounds(solver, NULL, NULL), MOV_ERROR_ARGUMENT, "`bounds` is NULL");
  REFUSED(mov_solver_set_bounds_constant(solver, 1.0, 0.0), MOV_ERROR_ARGUMENT, "the bounds are 1 and 0");
  OK(mov_solver_set_bounds_constant(solver, 0.0, INFINITY));
  OK(mov_solver_set_bounds(solver, ramp, NULL));
  OK(mov_solver_set_initial_callback(solver, unit, NULL, NULL));
  OK(mov_solver_step_to(solver, 0.2));
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  CHECK(fabs(u - 0.9125) < 1e-4);
  OK(mov_solver_report(solver, "bound_error", &figure));
  CHECK(figure < 1e-3);
  mov_solver_free(solver);

  solver = mov_solver_create(options);
  OK(mov_solver_add_energy(solver, dirichlet));
  REFUSED(mov_solver_hold_mean(solver, NAN), MOV_ERROR_ARGUMENT, "`value` is NaN");
  REFUSED(mov_solver_hold_integral(solver, dirichlet, 1.0), MOV_ERROR_PLUGIN, "p = grad u");
  OK(mov_solver_hold_mean(solver, 1.5));
  REFUSED(mov_solver_hold_mean(solver, 1.5), MOV_ERROR_ARGUMENT, "held already");
  OK(mov_solver_hold_integral(solver, quadratic, 1.25));
  OK(mov_solver_set_initial_callback(solver, line_at_0, NULL, &(double){1.0}));
  OK(mov_solver_step(solver));
  OK(mov_solver_report(solver, "mass", &figure));
  CHECK(fabs(figure - 1.5) < 1e-12);
  OK(mov_solver_report(solver, "integral_error", &figure));
  CHECK(figure < 1e-10);
  REFUSED(mov_solver_hold_mean(solver, 1.5), MOV_ERROR_STATE, "before the initial");
  mov_solver_free(solver);

  /* u' = -I u with I = int u^2 / 2: from 1 in [0, 1] it is (1 + t)^(-1/2). */
  solver = mov_solver_create(options);
  REFUSED(mov_solver_add_function_of_integral(solver, quadratic, NULL, NULL), MOV_ERROR_ARGUMENT, "`function` is NULL");
  REFUSED(mov_solver_add_function_of_integral(solver, dirichlet, half_square, &fine), MOV_ERROR_PLUGIN, "p = grad u");
  OK(mov_solver_add_function_of_integral(solver, quadratic, half_square, &fine));
  OK(mov_solver_set_initial_callback(solver, unit, NULL, NULL));
  OK(mov_solver_step_to(solver, 0.2));
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  CHECK(fabs(u - 1.0 / sqrt(1.2)) < 1e-3);
  mov_solver_free(solver);
  mov_energy_free(dirichlet);
  mov_energy_free(quadratic);
  mov_options_free(options);
}

static void sides(void) {
  double one = 1.0, not_a_number = (double)NAN, x = 0.25, u = 0.0;
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_real(options, "tau", 0.05));
  mov_solver *solver = mov_solver_create(options);
  mov_energy *dirichlet = mov_energy_create("dirichlet");
  mov_energy *source = mov_energy_create_callback("source", flux, MOV_CONVEX, &one);
  mov_energy *quadratic = mov_energy_create("quadratic");
  OK(mov_solver_add_energy(solver, dirichlet));
  OK(mov_solver_add_energy(solver, source));
  REFUSED(mov_solver_add_boundary_energy(solver, dirichlet, 1), MOV_ERROR_PLUGIN, "uses p = grad u");
  REFUSED(mov_solver_add_boundary_energy(solver, source, 2), MOV_ERROR_ARGUMENT, "`side` is 2");
  REFUSED(mov_solver_add_boundary_energy(solver, source, -2), MOV_ERROR_ARGUMENT, "0 to 1 in dimension 1");
  OK(mov_solver_add_boundary_energy(solver, source, 1));
  REFUSED(mov_solver_set_dirichlet_constant(solver, 1, 0.0), MOV_ERROR_ARGUMENT, "side 1 has an energy");
  REFUSED(mov_solver_set_dirichlet(solver, 0, NULL, NULL), MOV_ERROR_ARGUMENT, "`value` is NULL");
  REFUSED(mov_solver_set_dirichlet(solver, 0, line, &not_a_number), MOV_ERROR_NOT_FINITE, "side 0 is NaN");
  OK(mov_solver_set_dirichlet(solver, 0, line, &one));
  REFUSED(mov_solver_set_dirichlet_constant(solver, 0, 1.0), MOV_ERROR_ARGUMENT, "has a value already");
  REFUSED(mov_solver_add_boundary_energy(solver, quadratic, 0), MOV_ERROR_ARGUMENT, "side 0 has a value");
  REFUSED(mov_solver_set_nodes(solver, 1, &x, &one, 0, NULL, NULL), MOV_ERROR_STATE, "accepted is before");
  OK(mov_solver_set_initial_callback(solver, line_at_0, NULL, &one));
  REFUSED(mov_solver_set_dirichlet_constant(solver, 0, 1.0), MOV_ERROR_STATE, "before the initial");
  OK(mov_solver_step_to(solver, 0.2));
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  CHECK(fabs(u - 1.45) < 1e-5);
  x = 0.0;
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  CHECK(fabs(u - 1.2) < 1e-12);
  mov_solver_free(solver);

  /* The same end with a number of the host. */
  const double ends[2] = {0.0, 1.0}, normals[2] = {-1.0, 1.0}, weights[2] = {1.0, 1.0};
  const int32_t parts[2] = {7, 3}, wrong[2] = {-7, 3};
  solver = mov_solver_create(options);
  REFUSED(mov_solver_set_boundary_sides(solver, 2, ends, normals, weights, wrong), MOV_ERROR_ARGUMENT,
          "`side` has -7 at node 0");
  OK(mov_solver_set_boundary_sides(solver, 2, ends, normals, weights, parts));
  REFUSED(mov_solver_add_boundary_energy(solver, source, 1), MOV_ERROR_ARGUMENT, "`side` is 1");
  REFUSED(mov_solver_set_dirichlet_constant(solver, 1, 1.0), MOV_ERROR_ARGUMENT, "`side` is 1");
  OK(mov_solver_add_energy(solver, dirichlet));
  OK(mov_solver_add_boundary_energy(solver, source, 3));
  OK(mov_solver_set_initial_callback(solver, line_at_0, NULL, &one));
  OK(mov_solver_step(solver));
  double change = 0.0, before = 1.5;
  OK(mov_solver_report(solver, "mass", &change));
  CHECK(fabs(change - before - 0.05) < 1e-5); /* what flows in */
  mov_solver_free(solver);

  /* There multipliers hold u to a value. */
  solver = mov_solver_create(options);
  OK(mov_solver_set_boundary_sides(solver, 2, ends, normals, weights, parts));
  OK(mov_solver_add_energy(solver, dirichlet));
  OK(mov_solver_set_dirichlet_constant(solver, 7, 1.0));
  OK(mov_solver_set_initial_callback(solver, line_at_0, NULL, &one));
  OK(mov_solver_step(solver));
  OK(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  CHECK(fabs(u - 1.0) < 1e-4);
  OK(mov_solver_report(solver, "wall_error", &change));
  CHECK(change < 1e-4);
  mov_solver_free(solver);
  mov_energy_free(dirichlet);
  mov_energy_free(source);
  mov_energy_free(quadratic);
  mov_options_free(options);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  callbacks(argv[1]);
  meshes();
  sides();
  held();
  return 0;
}
