/*
 * What the fault shims share: which descriptors are files of the data folder, the functions behind the hooks, and the
 * control block that a test steers a running process by. Each shim is a library of its own; several are chained by
 * naming them in LD_PRELOAD, the outermost first.
 *
 * Environment: FAULT_FOLDER, the real path of the data folder; files of its subfolders count as well.
 * FAULT_CONTROL, a file of 64 bytes, see `struct control`; without it nothing fails and nothing is slow.
 */
#ifndef FAULT_H
#define FAULT_H

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The function of that name behind this shim: the next shim's, or the C library's. */
#define REAL(name)                                                        \
  ({                                                                      \
    static __typeof__(&name) behind;                                      \
    if (!behind) behind = (__typeof__(&name))dlsym(RTLD_NEXT, #name);     \
    behind;                                                               \
  })

enum { KIND_SYNC = 1, KIND_WRITE = 2 };

/* Shared with the test by a mapped file; eight signed 64-bit numbers in machine order. */
struct control {
  int64_t fail_kind;  /* the kind of call that fails; 0: none */
  int64_t fail_at;    /* the first call of the kind that fails, counted from 1 */
  int64_t fail_calls; /* how many calls in a row fail */
  int64_t fail_errno;
  int64_t syncs; /* calls seen so far */
  int64_t writes;
  int64_t failed;
  int64_t sync_delay_us;
};

static struct control shim_unsteered;
static struct control *shim_control = &shim_unsteered;
static char shim_folder[PATH_MAX];
static size_t shim_folder_length;

static void shim_start(void) {
  const char *folder = getenv("FAULT_FOLDER");
  const char *steering = getenv("FAULT_CONTROL");
  if (folder && strlen(folder) < sizeof shim_folder) {
    strcpy(shim_folder, folder);
    shim_folder_length = strlen(folder);
  }
  if (!steering) return;
  int fd = REAL(open)(steering, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  void *block = mmap(NULL, sizeof *shim_control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (block == MAP_FAILED) abort();
  shim_control = block;
  REAL(close)(fd);
}

static void shim_ready(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, shim_start);
}

/* True for the folder itself and for what lies in it. */
static int shim_holds(const char *path) {
  shim_ready();
  if (shim_folder_length == 0 || strncmp(path, shim_folder, shim_folder_length) != 0) return 0;
  return path[shim_folder_length] == '\0' || path[shim_folder_length] == '/';
}

static int shim_path_of(int fd, char *path, size_t size) {
  char link[64] = "/proc/self/fd/";
  char digits[16];
  size_t n = 0;
  for (int rest = fd; n == 0 || rest > 0; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  for (size_t i = 0; i < n; i++) link[14 + i] = digits[n - 1 - i];
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return -1;
  path[length] = '\0';
  return 0;
}

/*
 * Descriptors opened in the folder. A mark may outlive its descriptor, as not every close passes here, and is then
 * recognised by the inode.
 */
enum { SHIM_MAX_FDS = 65536 };
static struct {
  dev_t dev;
  ino_t ino;
  uint64_t failures; /* failed syncs that were told, or were over when it was opened */
} shim_marks[SHIM_MAX_FDS];

/* Failed syncs so far, of any file; only the shim that models them counts. */
static uint64_t shim_failures;

static int shim_opened(int fd) {
  char path[PATH_MAX];
  struct stat is;
  if (fd < 0 || fd >= SHIM_MAX_FDS) return fd;
  int before = errno;
  int ours = shim_path_of(fd, path, sizeof path) == 0 && shim_holds(path) && fstat(fd, &is) == 0;
  shim_marks[fd].ino = ours ? is.st_ino : 0;
  shim_marks[fd].dev = ours ? is.st_dev : 0;
  shim_marks[fd].failures = shim_failures;
  errno = before;
  return fd;
}

/* True when the descriptor is a file that has a name in the folder, or the folder; then `is` tells about it. */
static int shim_tracks(int fd, struct stat *is) {
  if (fd < 0 || fd >= SHIM_MAX_FDS || shim_marks[fd].ino == 0) return 0;
  int before = errno;
  int ours = fstat(fd, is) == 0 && is->st_nlink > 0 && is->st_ino == shim_marks[fd].ino && is->st_dev == shim_marks[fd].dev;
  errno = before;
  return ours;
}

#define SHIM_OPEN_MODE(flags)                                  \
  mode_t mode = 0;                                             \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {                     \
    va_list rest;                                              \
    va_start(rest, flags);                                     \
    mode = va_arg(rest, mode_t);                               \
    va_end(rest);                                              \
  }
#define SHIM_OPEN(name)                                        \
  int name(const char *path, int flags, ...) {                 \
    SHIM_OPEN_MODE(flags)                                      \
    return shim_opened(REAL(name)(path, flags, mode));         \
  }
#define SHIM_OPENAT(name)                                      \
  int name(int folder, const char *path, int flags, ...) {     \
    SHIM_OPEN_MODE(flags)                                      \
    return shim_opened(REAL(name)(folder, path, flags, mode)); \
  }

SHIM_OPEN(open)
SHIM_OPEN(open64)
SHIM_OPENAT(openat)
SHIM_OPENAT(openat64)

#endif
