/* A host that forks: before the library is used, and in the middle, with a solver that has threads. Both
 * sides go on and find the same. */
#define _POSIX_C_SOURCE 200809L
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

/* Runs in a child, which answers by its exit status; the alarm ends one that hangs. */
static pid_t child(void (*act)(void *), void *argument) {
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    alarm(120);
    act(argument);
    _exit(0);
  }
  return pid;
}

static void ended_well(pid_t pid) {
  int status = 0;
  CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

struct shared {
  mov_solver *solver;
  double next, whole;
};

static void whole(void *argument) {
  const struct shared *shared = argument;
  CHECK(host_run(2) == shared->whole);
}

/* The solver of the parent, with threads that stayed behind; then one of the child's own. */
static void go_on(void *argument) {
  const struct shared *shared = argument;
  CHECK(host_step(shared->solver) == shared->next);
  mov_solver_free(shared->solver);
  whole(argument);
}

int main(void) {
  struct shared shared = {NULL, 0.0, 0.0};
  int answer[2];
  CHECK(pipe(answer) == 0);
  /* Before use: the child is the first to call the library. */
  const pid_t first = fork();
  if (first == 0) {
    alarm(120);
    const double u = host_run(2);
    _exit(write(answer[1], &u, sizeof u) != (ssize_t)sizeof u);
  }
  ended_well(first);
  CHECK(read(answer[0], &shared.whole, sizeof shared.whole) == (ssize_t)sizeof shared.whole);
  CHECK(host_run(2) == shared.whole);
  /* After use. */
  mov_solver *twin = host_solver(3);
  shared.solver = host_solver(3);
  host_step(twin);
  host_step(shared.solver);
  shared.next = host_step(twin);
  const pid_t second = child(go_on, &shared);
  CHECK(host_step(shared.solver) == shared.next);
  ended_well(second);
  ended_well(child(whole, &shared));
  mov_solver_free(shared.solver);
  mov_solver_free(twin);
  return 0;
}
