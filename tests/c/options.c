/* Options of every type in and out, parameters that are arrays, values at points, and the status of what
 * could not be made. */
#include <math.h>
#include <string.h>

#include "host.h"

static void options(void) {
  const int64_t hidden[2] = {4, 5};
  const double lower[2] = {-1.0, -2.0};
  int64_t integers[2] = {0}, integer = 0;
  double reals[2] = {0};
  uint64_t count = 0;
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 2));
  OK(mov_options_set_integers(options, "hidden", 2, hidden));
  OK(mov_options_set_reals(options, "lower", 2, lower));
  OK(mov_options_get_integer(options, "dimension", &integer));
  CHECK(integer == 2);
  OK(mov_options_get_integers(options, "hidden", 0, NULL, &count));
  CHECK(count == 2);
  OK(mov_options_get_integers(options, "hidden", 2, integers, &count));
  CHECK(!memcmp(integers, hidden, sizeof hidden));
  CHECK(mov_options_get_reals(options, "lower", 1, reals, &count) == MOV_ERROR_ARGUMENT);
  OK(mov_options_get_reals(options, "lower", 2, reals, &count));
  CHECK(!memcmp(reals, lower, sizeof lower));
  CHECK(mov_options_get_reals(options, "hidden", 2, reals, &count) == MOV_ERROR_OPTION);
  CHECK(mov_last_status() == MOV_ERROR_OPTION && strstr(mov_last_error(), "hidden"));
  mov_options_free(options);
}

static void statuses(void) {
  CHECK(mov_last_status() == MOV_OK && !strcmp(mov_last_error(), ""));
  CHECK(!mov_energy_create("no-such-energy") && mov_last_status() == MOV_ERROR_PLUGIN);
  CHECK(!mov_energy_create(NULL) && mov_last_status() == MOV_ERROR_ARGUMENT);
  CHECK(!mov_solver_create(NULL) && mov_last_status() == MOV_ERROR_HANDLE);
  mov_options *options = mov_options_create();
  CHECK(options && mov_last_status() == MOV_ERROR_HANDLE);
  mov_options_free(options);
  mov_options_free(options);
  CHECK(mov_last_status() == MOV_ERROR_HANDLE);
}

/* A potential with a centre in two dimensions, from values at points. */
static void values(void) {
  enum { SIDE = 12 };
  double x[2 * SIDE * SIDE], u[SIDE * SIDE], grad[2 * SIDE * SIDE];
  for (int i = 0; i < SIDE * SIDE; i++) {
    x[2 * i] = (i % SIDE + 0.5) / SIDE;
    x[2 * i + 1] = (i / SIDE + 0.5) / SIDE;
    u[i] = 1.0 + 0.5 * cos(3.141592653589793 * x[2 * i]);
    grad[2 * i] = -0.5 * 3.141592653589793 * sin(3.141592653589793 * x[2 * i]);
    grad[2 * i + 1] = 0.0;
  }
  mov_solver *solver = host_solver(1);
  const double centre[2] = {0.5, 0.5};
  mov_energy *energy = mov_energy_create("potential-quadratic");
  CHECK(energy != NULL);
  OK(mov_energy_set_reals(energy, "center", 2, centre));
  CHECK(mov_energy_set_reals(energy, "center", 0, centre) != MOV_OK);
  OK(mov_solver_add_energy(solver, energy));
  mov_energy_free(energy);
  OK(mov_solver_set_initial_values(solver, SIDE * SIDE, x, u, NULL));
  OK(mov_solver_set_initial_values(solver, SIDE * SIDE, x, u, grad));
  double found = 0.0;
  OK(mov_solver_evaluate(solver, 1, centre, &found, NULL));
  CHECK(fabs(found - 1.0) < 0.02);
  host_step(solver);
  mov_solver_free(solver);
}

int main(void) {
  statuses();
  options();
  values();
  return 0;
}
