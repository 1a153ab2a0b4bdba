/* What happens when one of several processes fails: mpi HOW. All must end, with the same status, and say
 * which process it was. Prints one line, "status S: MESSAGE", from rank 0, after it has compared. */
#include <movimento_mpi.h>
#include <string.h>

static int rank, size;
static const char *how = "";

static int is(const char *what) { return rank == 1 && strcmp(how, what) == 0; }

/* u^2 / 2, of which a table ends on rank 1. */
static int32_t square(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                      double *f, double *f_u, double *f_p, void *user_data) {
  static int calls = 0;
  (void)d, (void)x, (void)p, (void)f_p, (void)user_data;
  if (is("energy") && ++calls > 3) return -1;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * u[i] * u[i];
    if (f_u) f_u[i] = u[i];
  }
  return 0;
}

static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + x[i * d] * x[i * d];
  return is("initial") ? -1 : 0;
}

static int32_t progress(int32_t fitting, uint64_t step, double time, uint64_t iteration,
                        double objective, void *user_data) {
  (void)time, (void)iteration, (void)objective, (void)user_data;
  return is("cancel") && !fitting && step == 1;
}

static int32_t run(mov_solver *solver, mov_mpi **mpi) {
  double total = 0.0, u = 0.0;
  const double at[1] = {0.5};
  mov_energy *energy = mov_energy_create_callback("square", square, MOV_CONVEX, NULL);
  int32_t status = mov_solver_add_energy(solver, energy);
  mov_energy_free(energy);
  if (status) return status;
  *mpi = mov_mpi_attach_f(solver, MPI_Comm_c2f(MPI_COMM_WORLD));
  if (!*mpi) {
    fprintf(stderr, "rank %d: %s\n", rank, mov_mpi_error());
    return -100;
  }
  if (mov_mpi_attach(solver, MPI_COMM_WORLD) || !strstr(mov_mpi_error(), "once")) return -101;
  if ((status = mov_solver_set_progress(solver, progress, NULL))) return status;
  if ((status = mov_solver_set_initial_callback(solver, u0, NULL, NULL))) return status;
  if (is("time")) return mov_solver_step_to(solver, 0.04);
  if ((status = mov_solver_step_to(solver, is("nan") ? 0.0 / (double)(rank - 1) : 0.03))) return status;
  if ((status = is("call") ? mov_solver_step(solver) : mov_solver_energy(solver, &total))) return status;
  /* Local: one process may ask alone. */
  return rank == 0 ? mov_solver_evaluate(solver, 1, at, &u, NULL) : 0;
}

int main(int argc, char **argv) {
  char message[512] = "", theirs[512];
  int32_t status, first;
  mov_mpi *mpi = NULL;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (argc > 1) how = argv[1];
  mov_options *options = mov_options_create();
  mov_options_set_integer(options, "dimension", 1);
  mov_options_set_integer(options, "threads", is("options") ? 2 : 1);
  mov_options_set_real(options, "tau", is("options") ? 0.02 : 0.01);
  mov_options_set_integers(options, "hidden", 1, (const int64_t[]){8});
  mov_options_set_real(options, "fit_accept", 0.1);
  mov_solver *solver = mov_solver_create(options);
  status = run(solver, &mpi);
  if (status) snprintf(message, sizeof message, "%s", mov_last_error());

  /* Of the ranks' calls all must have ended alike. */
  first = status;
  memcpy(theirs, message, sizeof message);
  MPI_Bcast(&first, 1, MPI_INT32_T, 0, MPI_COMM_WORLD);
  MPI_Bcast(theirs, sizeof theirs, MPI_CHAR, 0, MPI_COMM_WORLD);
  int alike = first == status;
  if (strcmp(how, "call") != 0) alike = alike && strcmp(theirs, message) == 0;
  if (!alike) printf("rank %d has status %d: %s\n", rank, (int)status, message);
  if (rank == 0) printf("status %d: %s\n", (int)status, message);
  mov_solver_free(solver);
  mov_options_free(options);
  alike = mov_mpi_detach(mpi) == 0 && alike;
  MPI_Finalize();
  return !alike;
}
