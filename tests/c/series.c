/* A series of snapshots through the border: of masses with a field of the host, gone on with, and packed.
 * Usage: series FOLDER PACKED */
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

/* ln rho, with a blank where there is no mass. */
static int32_t logarithm(uint64_t n, uint64_t d, const double *x, const double *u, double *values,
                         void *user_data) {
  (void)x;
  if (d != 1) return -1;
  ++*(int *)user_data;
  for (uint64_t i = 0; i < n; i++) values[i] = u[i] > 0 ? log(u[i]) : NAN;
  return 0;
}

int main(int argc, char **argv) {
  const int64_t hidden[1] = {4};
  const double mean[1] = {0.5}, covariance[1] = {0.25}, labels[3] = {0.0, 0.5, 1.0};
  double now[3];
  uint64_t number = 0, count = 0;
  int calls = 0;
  CHECK(argc == 3);
  mov_options *options = mov_options_create();
  OK(mov_options_set_text(options, "flow", "wasserstein"));
  OK(mov_options_set_text(options, "domain", "space"));
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_integer(options, "snapshot_resolution", 33));
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver != NULL);
  mov_energy *energy = mov_energy_create("entropy");
  CHECK(energy != NULL);
  OK(mov_solver_add_energy(solver, energy));
  OK(mov_solver_set_initial_gaussians(solver, 1, NULL, mean, covariance));
  for (int part = 0; part < 2; part++) {
    mov_writer *writer = mov_writer_create(solver, argv[1], options);
    CHECK(writer != NULL);
    OK(mov_writer_add_field(writer, solver, "density"));
    OK(mov_writer_add_field(writer, solver, "velocity"));
    OK(mov_writer_add_callback(writer, "ln_density", 1, logarithm, &calls));
    OK(mov_writer_describe_field(writer, "density", "density of mass", "1/m"));
    OK(mov_writer_describe_field(writer, "t", "time", "s"));
    OK(mov_writer_set_points(writer, 3, labels));
    /* The second writer begins where the first ended, and writes that state no second time. */
    for (int step = 0; step < 3; step++) {
      OK(mov_writer_write(writer, solver, &number));
      CHECK(number == (uint64_t)(2 * part + step));
      if (step < 2) OK(mov_solver_step(solver));
    }
    OK(mov_writer_count(writer, &count));
    CHECK(count == (uint64_t)(3 + 2 * part));
    OK(mov_writer_close(writer));
    mov_writer_free(writer);
  }
  CHECK(calls > 0);
  /* Fields by name, and the grid of the snapshots: about the mass, as its box was left alone. */
  uint64_t needed = 0, axes[3], points[3];
  double rho[3], density[3], velocity[3], origin[1], grid[33];
  OK(mov_solver_fields_describe(solver, NULL, 0, &needed));
  char *fields = malloc(needed);
  OK(mov_solver_fields_describe(solver, fields, needed, NULL));
  CHECK(fields[0] == '[' && strstr(fields, "\"velocity\"") && strstr(fields, "\"vector\":true"));
  free(fields);
  OK(mov_solver_evaluate(solver, 3, labels, rho, NULL));
  OK(mov_solver_evaluate_field(solver, "density", 3, labels, 3, density));
  CHECK(memcmp(rho, density, sizeof rho) == 0);
  OK(mov_solver_evaluate_field(solver, "velocity", 3, labels, 3, velocity));
  OK(mov_solver_velocity(solver, 3, labels, density));
  CHECK(memcmp(velocity, density, sizeof velocity) == 0);
  CHECK(mov_solver_evaluate_field(solver, "velocity", 3, labels, 2, velocity) == MOV_ERROR_ARGUMENT);
  CHECK(strstr(mov_last_error(), "`values` has 2 entries; accepted is 3"));
  CHECK(mov_solver_evaluate_field(solver, "pressure", 3, labels, 3, velocity) == MOV_ERROR_ARGUMENT);
  CHECK(strstr(mov_last_error(), "density, u, grad_u, velocity"));
  CHECK(mov_solver_evaluate_field(solver, "u", 3, labels, 3, (double *)labels) == MOV_ERROR_ARGUMENT);
  CHECK(strstr(mov_last_error(), "overlap"));
  OK(mov_solver_grid(solver, NULL, axes, points, origin, 0, NULL));
  CHECK(axes[0] == 0 && points[0] == 33 && points[1] == 0 && points[2] == 0);
  CHECK(mov_solver_grid(solver, NULL, axes, points, origin, 32, grid) == MOV_ERROR_ARGUMENT);
  OK(mov_solver_grid(solver, NULL, axes, points, origin, 33, grid));
  CHECK(grid[0] < -1 && grid[32] > 2 && fabs(origin[0] - grid[16]) < 1e-12);
  OK(mov_options_set_integer(options, "snapshot_resolution", 0));
  CHECK(mov_solver_grid(solver, options, axes, points, origin, 33, grid) == MOV_ERROR_OPTION);
  CHECK(strstr(mov_last_error(), "`snapshot_resolution` is 0"));
  OK(mov_pack_snapshots(argv[1], argv[2]));
  OK(mov_index_snapshots(argv[1], NULL));
  CHECK(mov_index_snapshots("/nowhere", NULL) == MOV_ERROR_FILE);
  OK(mov_index_describe(argv[1], NULL, 0, &needed));
  char *about = malloc(needed);
  OK(mov_index_describe(argv[1], about, needed, NULL));
  CHECK(strstr(about, "\"is_index\":true") && strstr(about, "\"unlisted\":[]") && strstr(about, "\"gone\":[]"));
  free(about);
  CHECK(mov_pack_snapshots("/nowhere", argv[2]) == MOV_ERROR_FILE);
  CHECK(mov_writer_create(solver, "/proc/self/run", NULL) == NULL);
  OK(mov_solver_push_forward(solver, 3, labels, now));
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  printf("%.17g %.17g %.17g\n", now[0], now[1], now[2]);
  return 0;
}
