/* movimento_mpi.h - solvers whose nodes are split over the processes of an MPI communicator.
 *
 * The library links no MPI: this header, compiled into the program by its own MPI compiler, is all that
 * binds the two. C11 and C++17, MPI 2.0 and newer; compile with mpicc or mpicxx and -lmovimento. (The C++
 * bindings that Open MPI's own header may pull in warn; -DOMPI_SKIP_MPICXX leaves them out.)
 *
 *   mov_solver *solver = mov_solver_create(options);   on every process, with the same options
 *   mov_mpi *mpi = mov_mpi_attach(solver, MPI_COMM_WORLD);
 *   if (!mpi) fprintf(stderr, "%s\n", mov_mpi_error());
 *   ...                                                energies, initial condition, steps
 *   mov_solver_free(solver);
 *   mov_mpi_detach(mpi);                               before MPI_Finalize
 *
 * Which calls are collective, see mov_solver_set_communicator in movimento.h. One thread for each process
 * (option `threads` = 1) is usual where processes fill the machine; the library then wants
 * MPI_THREAD_FUNNELED at most, as MPI is called on the thread that calls the library.
 */
#ifndef MOVIMENTO_MPI_H
#define MOVIMENTO_MPI_H

#include <movimento.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a solver is attached to: a duplicate of the communicator, so that its messages do not meet those
 * of the program. */
typedef struct mov_mpi {
  MPI_Comm comm;
} mov_mpi;

/* Numbers that one call of MPI takes, whose counts are of type int. */
#define MOV_MPI_CHUNK (1 << 24)

/* Bytes of the message of an error. */
#define MOV_MPI_TEXT (MPI_MAX_ERROR_STRING + 1024)

/* The message of the last mov_mpi_attach or mov_mpi_detach that failed on this process, or "". */
#if defined(__GNUC__)
/* One for all files of the program. */
__attribute__((weak)) char mov_mpi_text_[MOV_MPI_TEXT];
#else
static char mov_mpi_text_[MOV_MPI_TEXT];
#endif
static inline char *mov_mpi_message_(void) { return mov_mpi_text_; }

/* Why the last call of this header failed: a static text, "" if none has. */
static inline const char *mov_mpi_error(void) { return mov_mpi_message_(); }

/* Notes an error of MPI. Returns 0, or -1 if there is one. */
static inline int32_t mov_mpi_check_(int code, const char *where) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (code == MPI_SUCCESS) return 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) length = 0;
  snprintf(mov_mpi_message_(), MOV_MPI_TEXT, "%s: %.*s", where, length, text);
  return -1;
}

static inline int32_t mov_mpi_reduce_(uint64_t n, double *values, MPI_Op op, const mov_mpi *mpi) {
  uint64_t done = 0;
  while (done < n) {
    int count = (int)(n - done < MOV_MPI_CHUNK ? n - done : MOV_MPI_CHUNK);
    int code = MPI_Allreduce(MPI_IN_PLACE, values + done, count, MPI_DOUBLE, op, mpi->comm);
    if (mov_mpi_check_(code, "MPI_Allreduce")) return -1;
    done += (uint64_t)count;
  }
  return 0;
}

static inline int32_t mov_mpi_sum_(uint64_t n, double *values, void *mpi) {
  return mov_mpi_reduce_(n, values, MPI_SUM, (const mov_mpi *)mpi);
}

static inline int32_t mov_mpi_max_(uint64_t n, double *values, void *mpi) {
  return mov_mpi_reduce_(n, values, MPI_MAX, (const mov_mpi *)mpi);
}

static inline int32_t mov_mpi_broadcast_(uint64_t n, double *values, void *mpi) {
  uint64_t done = 0;
  while (done < n) {
    int count = (int)(n - done < MOV_MPI_CHUNK ? n - done : MOV_MPI_CHUNK);
    int code = MPI_Bcast(values + done, count, MPI_DOUBLE, 0, ((const mov_mpi *)mpi)->comm);
    if (mov_mpi_check_(code, "MPI_Bcast")) return -1;
    done += (uint64_t)count;
  }
  return 0;
}

/* Frees what mov_mpi_attach made, after the solver and before MPI_Finalize; a collective call. NULL is
 * legal. Returns 0, or -1 with the reason in mov_mpi_error(). */
static inline int32_t mov_mpi_detach(mov_mpi *mpi) {
  int32_t status;
  if (!mpi) return 0;
  status = mov_mpi_check_(MPI_Comm_free(&mpi->comm), "MPI_Comm_free");
  free(mpi);
  return status;
}

/* Splits the nodes of a solver over the processes of a communicator: mov_solver_set_communicator with
 * functions of MPI, and so a collective call, before the initial condition. The communicator is
 * duplicated; of the duplicate errors are returned, and become MOV_ERROR_CALLBACK.
 *
 * Returns what is to be given to mov_mpi_detach, or NULL with the reason in mov_mpi_error(). */
static inline mov_mpi *mov_mpi_attach(mov_solver *solver, MPI_Comm comm) {
  int rank = 0, size = 0;
  mov_mpi *mpi = (mov_mpi *)malloc(sizeof *mpi);
  mov_mpi_message_()[0] = '\0';
  /* MPI would end the process. */
  if (comm == MPI_COMM_NULL) {
    snprintf(mov_mpi_message_(), MOV_MPI_TEXT,
             "`comm` is MPI_COMM_NULL; accepted is a communicator that this process is in");
    free(mpi);
    return NULL;
  }
  if (!mpi) {
    snprintf(mov_mpi_message_(), MOV_MPI_TEXT, "there is no memory");
    return NULL;
  }
  if (mov_mpi_check_(MPI_Comm_dup(comm, &mpi->comm), "MPI_Comm_dup")) {
    free(mpi);
    return NULL;
  }
  if (mov_mpi_check_(MPI_Comm_set_errhandler(mpi->comm, MPI_ERRORS_RETURN),
                     "MPI_Comm_set_errhandler") ||
      mov_mpi_check_(MPI_Comm_rank(mpi->comm, &rank), "MPI_Comm_rank") ||
      mov_mpi_check_(MPI_Comm_size(mpi->comm, &size), "MPI_Comm_size")) {
    MPI_Comm_free(&mpi->comm);
    free(mpi);
    return NULL;
  }
  if (mov_solver_set_communicator(solver, rank, size, mov_mpi_sum_, mov_mpi_max_,
                                  mov_mpi_broadcast_, mpi) != MOV_OK) {
    snprintf(mov_mpi_message_(), MOV_MPI_TEXT, "%s", mov_last_error());
    MPI_Comm_free(&mpi->comm);
    free(mpi);
    return NULL;
  }
  return mpi;
}

/* mov_mpi_attach for a communicator of Fortran. */
static inline mov_mpi *mov_mpi_attach_f(mov_solver *solver, MPI_Fint comm) {
  return mov_mpi_attach(solver, MPI_Comm_f2c(comm));
}

#ifdef __cplusplus
}
#endif

#endif /* MOVIMENTO_MPI_H */
