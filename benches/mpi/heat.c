/* The heat equation u_t = 0.1 Laplacian u on [0, 1]^2 on the processes of MPI, timed. What MPI takes is told
 * apart by MPI's profiling interface. Usage: heat alone|apart|shared NODES STEPS WIDTH
 *
 * Only `shared` attaches the communicator; `apart` gives each process its part of the nodes for a run of its own,
 * which shows what the processes take from each other by running at the same time. Process 0 prints one line: how,
 * processes, nodes, parameters; the most seconds of the steps, the most processor time of a process outside of MPI in
 * them, the least seconds within MPI, and megabytes that a process summed; u(0.25, 0.25), energy. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <movimento_mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double pi = 3.141592653589793;

/* Of this process, so far: seconds and processor time in MPI, bytes summed. */
static double mpi_wall, mpi_processor, mpi_bytes;

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* These stand before MPI's own. */
int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  const double wall = now(CLOCK_MONOTONIC), processor = now(CLOCK_PROCESS_CPUTIME_ID);
  const int code = PMPI_Allreduce(in, out, count, type, op, comm);
  mpi_processor += now(CLOCK_PROCESS_CPUTIME_ID) - processor;
  mpi_wall += now(CLOCK_MONOTONIC) - wall;
  mpi_bytes += 8.0 * count;
  return code;
}

int MPI_Bcast(void *values, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  const double wall = now(CLOCK_MONOTONIC), processor = now(CLOCK_PROCESS_CPUTIME_ID);
  const int code = PMPI_Bcast(values, count, type, root, comm);
  mpi_processor += now(CLOCK_PROCESS_CPUTIME_ID) - processor;
  mpi_wall += now(CLOCK_MONOTONIC) - wall;
  return code;
}

static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = cos(pi * x[i * d]) * cos(pi * x[i * d + 1]);
  return 0;
}

int main(int argc, char **argv) {
  int rank = 0, size = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (argc < 5) {
    fprintf(stderr, "usage: heat alone|apart|shared NODES STEPS WIDTH\n");
    MPI_Abort(MPI_COMM_WORLD, 2);
    return 2;
  }
  const int shared = strcmp(argv[1], "shared") == 0;
  const int nodes = strcmp(argv[1], "apart") == 0 ? atoi(argv[2]) / size : atoi(argv[2]);
  const int steps = atoi(argv[3]);
  const int64_t width = atoi(argv[4]);
  const int64_t hidden[3] = {width, width, width};

  mov_options *options = mov_options_create();
  int32_t bad = mov_options_set_real(options, "tau", 0.005) ||
                mov_options_set_integers(options, "hidden", 3, hidden) ||
                mov_options_set_integer(options, "nodes", nodes) ||
                /* The fit is not timed, and as good with fewer. */
                mov_options_set_integer(options, "fit_nodes", 2500) ||
                mov_options_set_integer(options, "threads", 1);
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  bad = bad || mov_energy_set_real(energy, "kappa", 0.1) || mov_solver_add_energy(solver, energy);
  mov_mpi *mpi = bad || !shared ? NULL : mov_mpi_attach(solver, MPI_COMM_WORLD);
  bad = bad || (shared && !mpi);

  bad = bad || mov_solver_set_initial_callback(solver, u0, NULL, NULL);
  PMPI_Barrier(MPI_COMM_WORLD);
  const double start = now(CLOCK_MONOTONIC);
  const double wall = mpi_wall, processor = mpi_processor, bytes = mpi_bytes;
  const double before = now(CLOCK_PROCESS_CPUTIME_ID);
  for (int step = 0; step < steps && !bad; step++) bad = mov_solver_step(solver) != MOV_OK;
  double most[3] = {now(CLOCK_PROCESS_CPUTIME_ID) - before - (mpi_processor - processor),
                    -(mpi_wall - wall), now(CLOCK_MONOTONIC) - start};
  PMPI_Allreduce(MPI_IN_PLACE, most, 3, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);

  const double x[2] = {0.25, 0.25};
  double u = 0.0, f = 0.0;
  uint64_t parameters = 0;
  const double megabytes = 1e-6 * (mpi_bytes - bytes);
  bad = bad || mov_solver_energy(solver, &f) || mov_solver_parameter_count(solver, &parameters) ||
        mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) {
    fprintf(stderr, "process %d: %s\n", rank, mov_last_error());
  } else if (rank == 0) {
    printf("%s %d %s %d %.4f %.4f %.4f %.2f %.15e %.15e\n", argv[1], size, argv[2], (int)parameters,
           most[2], most[0], -most[1], megabytes, u, f);
  }
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  mov_mpi_detach(mpi);
  MPI_Finalize();
  return bad != 0;
}
