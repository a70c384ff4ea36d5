/*
 * Counts the syncs and writes of the data folder and fails those that the control block names. A failed call does
 * nothing at all.
 */
#include "shim.h"
#include <sys/uio.h>

/* Counts the call; true when it is to fail, with errno set. */
static int fails(int fd, int64_t kind) {
  struct stat is;
  if (!shim_tracks(fd, &is)) return 0;
  struct control *control = shim_control;
  int64_t *calls = kind == KIND_SYNC ? &control->syncs : &control->writes;
  int64_t call = __atomic_add_fetch(calls, 1, __ATOMIC_SEQ_CST);
  if (control->fail_kind != kind) return 0;
  if (call < control->fail_at || call >= control->fail_at + control->fail_calls) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
  errno = (int)control->fail_errno;
  return 1;
}

#define FAILING(result, name, kind, parameters, arguments) \
  result name parameters { return fails(fd, kind) ? -1 : REAL(name) arguments; }

FAILING(int, fsync, KIND_SYNC, (int fd), (fd))
FAILING(int, fdatasync, KIND_SYNC, (int fd), (fd))
FAILING(ssize_t, write, KIND_WRITE, (int fd, const void *data, size_t size), (fd, data, size))
FAILING(ssize_t, pwrite, KIND_WRITE, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
FAILING(ssize_t, pwrite64, KIND_WRITE, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
FAILING(ssize_t, writev, KIND_WRITE, (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAILING(ssize_t, pwritev, KIND_WRITE, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
FAILING(ssize_t, pwritev64, KIND_WRITE, (int fd, const struct iovec *parts, int count, off64_t at),
        (fd, parts, count, at))
FAILING(int, ftruncate, KIND_WRITE, (int fd, off_t size), (fd, size))
FAILING(int, ftruncate64, KIND_WRITE, (int fd, off64_t size), (fd, size))
