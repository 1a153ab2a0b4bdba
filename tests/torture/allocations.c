/* Lets the n-th allocation of a run fail, for one n after another, each in a process of its own.
 * Usage: allocations FIRST LAST STEP FOLDER REPORT
 *
 * The run makes options, an energy of the host, a solver, u_0, a step, a snapshot, a series, and restores it. Where an
 * allocation fails, the call is to say MOV_ERROR_MEMORY (or to do without), and the same call once more to do its work.
 * HDF5 loses parts of its property lists where one of its own allocations fails: calls that use it count by themselves. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <movimento.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The C library's own, in front of which those of this program stand for all. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static __thread long left = -1;
static __thread int fired;
/* Whether a call that uses HDF5 is under way, and whether the allocation was one of its. */
static volatile int is_file, of_file;

static int fails(void) {
  if (left <= 0 || --left > 0) return 0;
  fired = 1;
  of_file = is_file;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
int posix_memalign(void **place, size_t alignment, size_t size) {
  if (fails()) return ENOMEM;
  *place = __libc_memalign(alignment, size);
  return *place ? 0 : ENOMEM;
}

static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *data) {
  (void)data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1.0 + 0.5 * cos(3.141592653589793 * x[i * d]);
  return 0;
}

static int32_t square(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f, double *f_u,
                      double *f_p, void *data) {
  (void)d, (void)x, (void)p, (void)f_p, (void)data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * u[i] * u[i];
    if (f_u) f_u[i] = u[i];
  }
  return 0;
}

/* How the run ends: all well, the failure told as MOV_ERROR_MEMORY, told as another status, a second try that fails. */
enum { WELL = 0, TOLD = 10, OTHER = 11, BROKEN = 12, ENDED = 13, FILES = 14 };
static int told = WELL;

static void dying(int number) {
  (void)number;
  _exit(of_file ? FILES : ENDED);
}

/* A call, and once more if it failed because of the allocation. */
#define TRY(status) \
  do { \
    int32_t now = (status); \
    if (now != MOV_OK) { \
      if (!fired || told != WELL) _exit(of_file ? FILES : BROKEN); \
      told = now == MOV_ERROR_MEMORY ? TOLD : OTHER; \
      now = (status); \
      if (now != MOV_OK) _exit(of_file ? FILES : BROKEN); \
    } \
  } while (0)

/* The same of a call that uses HDF5. */
#define TRY_FILE(status) \
  do { \
    is_file = 1; \
    TRY(status); \
    is_file = 0; \
  } while (0)

#define MAKE(handle, make) TRY(((handle) = (make)) ? MOV_OK : mov_last_status())

static void run(const char *folder) {
  mov_options *options;
  mov_energy *energy;
  mov_solver *solver;
  mov_writer *writer;
  const int64_t hidden = 4;
  double u = 0.0, before = 0.0;
  const double x = 0.3;
  MAKE(options, mov_options_create());
  static const char *const names[] = {"dimension", "nodes", "check_nodes", "threads", "snapshot_resolution"};
  static const int64_t values[] = {1, 60, 20, 1, 5};
  for (int i = 0; i < 5; i++) TRY(mov_options_set_integer(options, names[i], values[i]));
  TRY(mov_options_set_integers(options, "hidden", 1, &hidden));
  TRY(mov_options_set_real(options, "fit_accept", 1.0));
  MAKE(energy, mov_energy_create_callback("mine", square, 0, NULL));
  MAKE(solver, mov_solver_create(options));
  TRY(mov_solver_add_energy(solver, energy));
  TRY(mov_solver_set_initial_callback(solver, u0, NULL, NULL));
  TRY(mov_solver_step(solver));
  TRY(mov_solver_evaluate(solver, 1, &x, &before, NULL));
  TRY_FILE(mov_solver_write_snapshot(solver, folder, NULL));
  is_file = 1;
  MAKE(writer, mov_writer_create(solver, folder, NULL));
  is_file = 0;
  TRY(mov_solver_step(solver));
  TRY_FILE(mov_writer_write(writer, solver, NULL));
  TRY_FILE(mov_writer_close(writer));
  TRY_FILE(mov_solver_restore(solver, folder, NULL));
  TRY(mov_solver_evaluate(solver, 1, &x, &u, NULL));
  if (!isfinite(u) || fabs(u) > 2.0) _exit(of_file ? FILES : BROKEN);
  is_file = 1;
  mov_writer_free(writer);
  is_file = 0;
  mov_solver_free(solver);
  mov_energy_free(energy);
  mov_options_free(options);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  const long first = atol(argv[1]), last = atol(argv[2]), step = atol(argv[3]);
  long counts[6] = {0}, printed = 0;
  for (long n = first; n < last; n += step) {
    char folder[4096], said[4200];
    snprintf(folder, sizeof folder, "%s/%ld", argv[4], n);
    snprintf(said, sizeof said, "%s.txt", folder);
    const pid_t child = fork();
    if (child == 0) {
      /* What it prints, to be counted. */
      const int file = open(said, O_CREAT | O_WRONLY | O_TRUNC, 0644);
      dup2(file, 1);
      dup2(file, 2);
      signal(SIGABRT, dying);
      signal(SIGSEGV, dying);
      left = n;
      run(folder);
      left = -1;
      /* Beyond the last allocation of a run nothing fails. */
      _exit(fired ? told : 20);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 20) break;
    static const int codes[6] = {WELL, TOLD, OTHER, BROKEN, ENDED, FILES};
    int how = 4;
    for (int k = 0; WIFEXITED(status) && k < 6; k++) {
      if (WEXITSTATUS(status) == codes[k]) how = k;
    }
    counts[how]++;
    FILE *file = fopen(said, "r");
    if (file && how != 5 && fgetc(file) != EOF) printed++;
    if (file) fclose(file);
  }
  FILE *file = fopen(argv[5], "a");
  fprintf(file, "allocations %ld well %ld memory %ld other %ld broken %ld ended %ld printed %ld files %ld\n",
          counts[0] + counts[1] + counts[2] + counts[3] + counts[4] + counts[5], counts[0], counts[1], counts[2], counts[3],
          counts[4], printed, counts[5]);
  fclose(file);
  return 0;
}
