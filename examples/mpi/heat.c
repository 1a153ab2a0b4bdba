/* The heat equation u_t = 0.1 Laplacian u on [0, 1]^2 on the processes of MPI, each of which has a part of
 * the nodes. The answer is the same on any number of processes. Usage: mpirun -n 2 heat [time]
 *
 * Compile with mpicc -std=c11 heat.c -lmovimento -lm */
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
  int rank = 0, size = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const double time = argc > 1 ? atof(argv[1]) : 0.02;

  /* Every process sets up the same problem. */
  mov_options *options = mov_options_create();
  const int64_t hidden[2] = {16, 16};
  int32_t bad = mov_options_set_real(options, "tau", 0.005) ||
                mov_options_set_integers(options, "hidden", 2, hidden) ||
                mov_options_set_integer(options, "threads", 1);
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  bad = bad || mov_energy_set_real(energy, "kappa", 0.1) || mov_solver_add_energy(solver, energy);

  /* From here on they work on it together: what fails on one fails on all. */
  mov_mpi *mpi = bad ? NULL : mov_mpi_attach(solver, MPI_COMM_WORLD);
  const double x[2] = {0.25, 0.5};
  double u = 0.0, energy_now = 0.0;
  bad = bad || !mpi || mov_solver_set_initial_callback(solver, u0, NULL, NULL) ||
        mov_solver_step_to(solver, time) || mov_solver_energy(solver, &energy_now) ||
        mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) {
    fprintf(stderr, "process %d: %s\n", rank, mov_last_error());
  } else if (rank == 0) {
    printf("u(0.25, 0.5) = %.12f, energy %.12f at t = %g\n", u, energy_now, time);
    printf("%d processes; exact u = %.4f\n", size, cos(0.25 * pi) * exp(-0.1 * pi * pi * time));
  }

  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  mov_mpi_detach(mpi);
  MPI_Finalize();
  return bad != 0;
}
