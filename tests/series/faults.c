/* Loaded before the C library: lets a chosen call that changes a file fail. Only calls on files of a chosen
 * folder count, so that nothing else is disturbed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[4096];
static long left = -1;
static int reason, partial, fired;

/* The k-th call from now on (from 1) fails with this errno; with half, a write stores half of its bytes first. */
void fault_arm(const char *where, long k, int error, int half) {
  strncpy(folder, where, sizeof folder - 1);
  left = k;
  reason = error;
  partial = half;
  fired = 0;
}

/* Ends it and says whether a call failed. */
int fault_disarm(void) {
  left = -1;
  return fired;
}

static int hits(const char *path) {
  if (left <= 0 || !folder[0] || !strstr(path, folder)) return 0;
  if (--left) return 0;
  fired = 1;
  return 1;
}

static int hits_fd(int fd) {
  char link[64], path[4096];
  ssize_t size;
  if (left <= 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return hits(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL return errno = reason, -1

static ssize_t (*next_write(void))(int, const void *, size_t) { return NEXT(write); }

ssize_t write(int fd, const void *bytes, size_t size) {
  if (hits_fd(fd)) {
    if (partial && size > 1) {
      /* A short write, and the next one fails. */
      left = 1;
      return next_write()(fd, bytes, size / 2);
    }
    FAIL;
  }
  return next_write()(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  if (hits_fd(fd)) FAIL;
  return NEXT(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  if (hits_fd(fd)) FAIL;
  return NEXT(pwrite64)(fd, bytes, size, at);
}

int fsync(int fd) {
  if (hits_fd(fd)) FAIL;
  return NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  if (hits_fd(fd)) FAIL;
  return NEXT(fdatasync)(fd);
}

int rename(const char *from, const char *to) {
  if (hits(to)) FAIL;
  return NEXT(rename)(from, to);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  mode_t mode;
  va_start(more, flags);
  mode = va_arg(more, mode_t);
  va_end(more);
  if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && hits(path)) FAIL;
  return NEXT(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list more;
  mode_t mode;
  va_start(more, flags);
  mode = va_arg(more, mode_t);
  va_end(more);
  if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && hits(path)) FAIL;
  return NEXT(open)(path, flags, mode);
}
