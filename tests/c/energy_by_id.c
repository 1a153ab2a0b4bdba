/* The flow of an energy of a plugin that is found by its id, such as that of a template.
 *
 *   MOVIMENTO_PLUGIN_PATH=<folder> energy_by_id sine-gordon
 *
 * u = 1 to begin with. For kappa/2 |grad u|^2 + 1 - cos u it stays constant in space and obeys
 * du/dt = -sin u, so that tan(u / 2) = tan(1 / 2) exp(-t). Prints u, and what it should be.
 */
#include <math.h>
#include <stdio.h>

#include <movimento.h>

static int32_t one(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)d, (void)x, (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0;
  return 0;
}

int main(int argc, char **argv) {
  const double t = 0.04, x[1] = {0.3};
  const int64_t width = 8;
  double u = 0.0;
  mov_options *options = mov_options_create();
  int32_t bad = mov_options_set_integer(options, "dimension", 1) ||
                mov_options_set_integers(options, "hidden", 1, &width) ||
                mov_options_set_text(options, "movement", "second") ||
                mov_options_set_real(options, "tau", 0.02);
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create(argc > 1 ? argv[1] : "");
  bad = bad || !solver || !energy || mov_energy_set_real(energy, "kappa", 0.5) ||
        mov_solver_add_energy(solver, energy) ||
        mov_solver_set_initial_callback(solver, one, NULL, NULL) ||
        mov_solver_step_to(solver, t) || mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) fprintf(stderr, "%s\n", mov_last_error());
  else printf("%.6f %.6f\n", u, 2.0 * atan(tan(0.5) * exp(-t)));
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return bad;
}
