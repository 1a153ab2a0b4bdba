/* What happens to the processes that hosts are. Usage: host_accidents WHAT FOLDER */
#define _GNU_SOURCE
#include "host.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int32_t half_square(uint64_t n, uint64_t d, const double *x, const double *u, const double *p, double *f,
                           double *f_u, double *f_p, void *user_data) {
  (void)d, (void)x, (void)p, (void)f_p, (void)user_data;
  for (uint64_t i = 0; i < n; i++) {
    if (f) f[i] = 0.5 * u[i] * u[i];
    if (f_u) f_u[i] = u[i];
  }
  return 0;
}

static int32_t slope(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = 1 + x[i * d];
  return 0;
}

static mov_solver *start(int64_t threads) {
  const int64_t hidden[1] = {8};
  mov_options *options = mov_options_create();
  OK(mov_options_set_integer(options, "dimension", 1));
  OK(mov_options_set_integer(options, "nodes", 40));
  OK(mov_options_set_integer(options, "check_nodes", 40));
  OK(mov_options_set_integer(options, "threads", threads));
  OK(mov_options_set_integer(options, "snapshot_resolution", 9));
  OK(mov_options_set_real(options, "snapshot_index_seconds", 1e6));
  OK(mov_options_set_integers(options, "hidden", 1, hidden));
  OK(mov_options_set_integer(options, "tau", 1)); /* whole numbers are real ones, too */
  OK(mov_options_set_real(options, "tau", 1e-3));
  OK(mov_options_set_integer(options, "upper", 2));
  OK(mov_options_set_real(options, "upper", 1.0));
  CHECK(mov_options_set_real(options, "nodes", 40.0) == MOV_ERROR_OPTION);
  mov_solver *solver = mov_solver_create(options);
  CHECK(solver);
  mov_energy *energy = mov_energy_create_callback("mine", half_square, MOV_CONVEX, NULL);
  OK(mov_solver_add_energy(solver, energy));
  OK(mov_solver_set_initial_callback(solver, slope, NULL, NULL));
  mov_energy_free(energy);
  mov_options_free(options);
  return solver;
}

static mov_writer *writer_into(const char *folder, const char *name, mov_solver *solver) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  mov_writer *writer = mov_writer_create(solver, path, NULL);
  CHECK(writer);
  return writer;
}

static void write_some(mov_writer *writer, mov_solver *solver, int count) {
  for (int i = 0; i < count; i++) {
    OK(mov_solver_step(solver));
    OK(mov_writer_write(writer, solver, NULL));
  }
}

static const char *folder;

static void *write_for_ever(void *unused) {
  (void)unused;
  mov_solver *solver = start(1);
  mov_writer *writer = writer_into(folder, "thread", solver);
  for (;; pthread_testcancel()) write_some(writer, solver, 1);
  return NULL;
}

static void *wait_for_it(void *signals) {
  int number = 0;
  CHECK(sigwait(signals, &number) == 0 && number == SIGUSR1);
  return signals;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  const char *what = argv[1];
  folder = argv[2];
  if (!strcmp(what, "exit") || !strcmp(what, "main")) {
    mov_solver *solver = start(1);
    write_some(writer_into(folder, "run", solver), solver, 4);
    if (what[0] == 'e') exit(0);
    return 0;
  }
  if (!strcmp(what, "modules")) {
    char *before = getenv("HDF5_VOL_CONNECTOR"), *driver = getenv("HDF5_DRIVER");
    CHECK(before && driver);
    mov_solver *solver = start(1);
    write_some(writer_into(folder, "run", solver), solver, 2);
    CHECK(getenv("HDF5_VOL_CONNECTOR") == before && getenv("HDF5_DRIVER") == driver);
    return 0;
  }
  if (!strcmp(what, "cancel")) {
    for (int round = 0; round < 20; round++) {
      pthread_t thread;
      void *left = NULL;
      CHECK(pthread_create(&thread, NULL, write_for_ever, NULL) == 0);
      usleep(5000 + 777 * (useconds_t)round);
      CHECK(pthread_cancel(thread) == 0 && pthread_join(thread, &left) == 0 && left == PTHREAD_CANCELED);
      char command[4200]; /* the writer of the thread is open for good */
      snprintf(command, sizeof command, "rm -rf '%s/thread'", folder);
      CHECK(system(command) == 0);
    }
    return 0;
  }
  if (!strcmp(what, "signal")) {
    mov_solver *solver = start(3);
    sigset_t signals;
    pthread_t thread;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, wait_for_it, &signals) == 0);
    OK(mov_solver_step(solver));
    usleep(10000);
    CHECK(kill(getpid(), SIGUSR1) == 0 && pthread_join(thread, NULL) == 0);
    /* The mask of this thread is its own. */
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &signals) == 0 && !sigismember(&signals, SIGTERM));
    mov_solver_free(solver);
    return 0;
  }
  if (!strcmp(what, "fork")) {
    pthread_t thread;
    mov_solver *solver = start(1);
    CHECK(pthread_create(&thread, NULL, write_for_ever, NULL) == 0);
    usleep(20000);
    for (int child = 0; child < 150; child++) {
      const pid_t pid = fork();
      if (pid == 0) {
        char name[32];
        alarm(20); /* one that hangs is ended */
        snprintf(name, sizeof name, "child%d", child);
        write_some(writer_into(folder, name, solver), solver, 1);
        _exit(0);
      }
      int status = 0;
      CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    }
    _exit(0);
  }
  CHECK(!"what was asked for");
  return 1;
}
