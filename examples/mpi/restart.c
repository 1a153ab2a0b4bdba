/* A run of MPI that may be killed at any time and goes on where its folder ends, on the same number of processes or
 * on another: 1, 2, 4 and 8 go on from each other to the same bits.
 * Usage: mpirun -n 4 restart FOLDER [TIME]
 *
 * Compile with mpicc -std=c11 restart.c -lmovimento -lm */
#include <math.h>
#include <movimento_mpi.h>
#include <stdio.h>
#include <stdlib.h>

static const double pi = 3.141592653589793;

/* u_0 at n points in d dimensions: those of this process. */
static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = cos(pi * x[i * d]);
  return 0;
}

int main(int argc, char **argv) {
  int rank = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const char *folder = argc > 1 ? argv[1] : "run";
  const double end = argc > 2 ? atof(argv[2]) : 0.1;

  mov_options *options = mov_options_create();
  const int64_t hidden[2] = {16, 16};
  int32_t bad = mov_options_set_real(options, "tau", 0.005) ||
                mov_options_set_integers(options, "hidden", 2, hidden) ||
                mov_options_set_integer(options, "threads", 1) ||
                mov_options_set_integer(options, "snapshot_resolution", 21) ||
                mov_options_set_text(options, "snapshot_existing", "continue");
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  bad = bad || mov_energy_set_real(energy, "kappa", 0.1) || mov_solver_add_energy(solver, energy);
  mov_mpi *mpi = bad ? NULL : mov_mpi_attach(solver, MPI_COMM_WORLD);
  bad = bad || !mpi;

  /* Process 0 reads the last whole snapshot for all; there is none in the beginning. */
  uint64_t number = 0;
  if (!bad) {
    const int32_t status = mov_solver_restore(solver, folder, &number);
    if (status == MOV_TRY_AGAIN) {
      bad = mov_solver_set_initial_callback(solver, u0, NULL, NULL);
    } else if (status == MOV_OK) {
      if (rank == 0) printf("restored %d\n", (int)number);
    } else {
      bad = 1;
    }
  }

  /* All make these calls; process 0 has the folder. */
  mov_writer *writer = bad ? NULL : mov_writer_create(solver, folder, NULL);
  bad = bad || !writer || mov_writer_write(writer, solver, &number);
  double time = 0.0;
  while (!bad && !(bad = mov_solver_get_time(solver, &time)) && time < end - 1e-9) {
    bad = mov_solver_step(solver) || mov_writer_write(writer, solver, &number);
    if (!bad && rank == 0) {
      printf("written %d\n", (int)number);
      fflush(stdout);
    }
  }
  bad = bad || mov_writer_close(writer);
  const double x[2] = {0.25, 0.5};
  double u = 0.0;
  bad = bad || mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) {
    fprintf(stderr, "process %d: %s\n", rank, mov_last_error());
  } else if (rank == 0) {
    printf("u(0.25, 0.5) = %.17g at t = %g\n", u, time);
  }

  mov_writer_free(writer);
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  mov_mpi_detach(mpi);
  MPI_Finalize();
  return bad != 0;
}
