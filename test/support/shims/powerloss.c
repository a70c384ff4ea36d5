/*
 * A disk that loses power: keeps beside the data folder a shadow that holds only what was synced. After a kill the test
 * puts the shadow in the folder's place, and what was written and not synced is gone.
 *
 * FAULT_SHADOW names the shadow. In it, inodes/N is the durable content of the file with inode N, and entries/
 * the durable names, hard links to inodes/. The test fills it with what is there at the start. Rules:
 *  - bytes and size of a file become durable at its fsync or fdatasync, all that was written before it;
 *  - a sync that fails makes nothing durable, and the pages count as clean: a later sync that succeeds does not bring
 *    them back. Every other descriptor that was open on the file then is told so by its next sync, once, as Linux has
 *    it;
 *  - names (creation, rename, removal) become durable when the folder is synced; the name that a file bears also when
 *    the file itself is, as on ext4, in place of an older file that bore it.
 * Only files directly in the folder are kept. Memory maps are not seen: SQLite uses one for its index of the log only,
 * which it rebuilds.
 */
#include "shim.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

enum { PAGE = 4096, MAX_INODES = 1024 };

struct inode {
  ino_t ino; /* 0: unused */
  int shadow;
  unsigned char *dirty; /* a byte a page */
  size_t pages;
  uint64_t failure; /* number of its last failed sync; 0: none */
};

static struct inode inodes[MAX_INODES];
/* Held from the write to the note of it, and over the whole of a sync: a sync takes all that was written before it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void shadow_path(char *path, const char *kind, const char *name) {
  const char *shadow = getenv("FAULT_SHADOW");
  if (!shadow || snprintf(path, PATH_MAX, "%s/%s/%s", shadow, kind, name) >= PATH_MAX) abort();
}

static void real_path(char *path, const char *name) {
  if (snprintf(path, PATH_MAX, "%s/%s", shim_folder, name) >= PATH_MAX) abort();
}

static void inode_path(char *path, ino_t ino) {
  char name[32];
  snprintf(name, sizeof name, "%llu", (unsigned long long)ino);
  shadow_path(path, "inodes", name);
}

static struct inode *inode_of(ino_t ino) {
  struct inode *free_slot = NULL;
  for (int i = 0; i < MAX_INODES; i++) {
    if (inodes[i].ino == ino) return &inodes[i];
    if (inodes[i].ino == 0 && !free_slot) free_slot = &inodes[i];
  }
  if (!free_slot) abort();
  char path[PATH_MAX];
  inode_path(path, ino);
  free_slot->shadow = REAL(open)(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (free_slot->shadow < 0) abort();
  free_slot->ino = ino;
  return free_slot;
}

/* The last name of a file went: its inode number may come again for another file. */
static void forget(ino_t ino) {
  char path[PATH_MAX];
  inode_path(path, ino);
  REAL(unlink)(path);
  for (int i = 0; i < MAX_INODES; i++) {
    if (inodes[i].ino != ino) continue;
    REAL(close)(inodes[i].shadow);
    free(inodes[i].dirty);
    memset(&inodes[i], 0, sizeof inodes[i]);
  }
}

static void soil(struct inode *node, off64_t from, off64_t to) {
  size_t first = (size_t)(from / PAGE);
  size_t end = (size_t)((to + PAGE - 1) / PAGE);
  if (end > node->pages) {
    size_t pages = end < 64 ? 64 : end * 2;
    node->dirty = realloc(node->dirty, pages);
    if (!node->dirty) abort();
    memset(node->dirty + node->pages, 0, pages - node->pages);
    node->pages = pages;
  }
  if (end > first) memset(node->dirty + first, 1, end - first);
}

/* Reads through another descriptor only where this one cannot: closing one drops the process's locks on the file. */
static ssize_t read_page(int fd, char *page, off64_t at) {
  ssize_t length = pread64(fd, page, PAGE, at);
  if (length >= 0 || errno != EBADF) return length;
  char path[PATH_MAX];
  if (shim_path_of(fd, path, sizeof path) != 0) return -1;
  int reader = REAL(open)(path, O_RDONLY | O_CLOEXEC);
  if (reader < 0) return -1;
  length = pread64(reader, page, PAGE, at);
  REAL(close)(reader);
  return length;
}

static void keep_content(int fd, struct inode *node, off64_t size) {
  char page[PAGE];
  unsigned char *at = node->dirty;
  unsigned char *end = node->dirty + node->pages;
  while (at && (at = memchr(at, 1, (size_t)(end - at)))) {
    off64_t offset = (off64_t)(at - node->dirty) * PAGE;
    ssize_t length = offset < size ? read_page(fd, page, offset) : 0;
    if (length < 0 || (length > 0 && REAL(pwrite64)(node->shadow, page, (size_t)length, offset) != length)) abort();
    at++;
  }
  if (REAL(ftruncate64)(node->shadow, size) != 0) abort();
}

/* Makes the name durable for the inode, in one step. */
static void keep_name(const char *name, ino_t ino) {
  char target[PATH_MAX], entry[PATH_MAX], fresh[PATH_MAX];
  inode_of(ino);
  inode_path(target, ino);
  shadow_path(entry, "entries", name);
  shadow_path(fresh, "inodes", "fresh");
  struct stat had, is;
  if (stat(entry, &had) == 0 && stat(target, &is) == 0 && had.st_ino == is.st_ino) return;
  REAL(unlink)(fresh);
  if (link(target, fresh) != 0 || REAL(rename)(fresh, entry) != 0) abort();
}

static void keep_name_of(int fd, ino_t ino) {
  char path[PATH_MAX];
  if (shim_path_of(fd, path, sizeof path) != 0) return;
  const char *name = strrchr(path, '/') + 1;
  if ((size_t)(name - path) == shim_folder_length + 1 && access(path, F_OK) == 0) keep_name(name, ino);
}

static void drop_removed_names(void) {
  char path[PATH_MAX], real[PATH_MAX];
  shadow_path(path, "entries", ".");
  DIR *kept = opendir(path);
  if (!kept) abort();
  for (struct dirent *entry; (entry = readdir(kept));) {
    if (entry->d_name[0] == '.' && (entry->d_name[1] == '\0' || entry->d_name[1] == '.')) continue;
    real_path(real, entry->d_name);
    if (access(real, F_OK) == 0) continue;
    shadow_path(path, "entries", entry->d_name);
    REAL(unlink)(path);
  }
  closedir(kept);
}

static void keep_names(void) {
  char path[PATH_MAX];
  struct stat is;
  DIR *folder = opendir(shim_folder);
  if (!folder) abort();
  for (struct dirent *entry; (entry = readdir(folder));) {
    real_path(path, entry->d_name);
    if (stat(path, &is) == 0 && S_ISREG(is.st_mode)) keep_name(entry->d_name, is.st_ino);
  }
  closedir(folder);
  drop_removed_names();
}

/* Syncs one file; false when this descriptor is to be told that an earlier sync through another one failed. */
static int settle(int fd, const struct stat *is, int synced) {
  if (S_ISDIR(is->st_mode)) {
    if (synced) keep_names();
    return 1;
  }
  struct inode *node = inode_of(is->st_ino);
  struct stat now;
  if (synced && fstat(fd, &now) == 0) {
    keep_content(fd, node, now.st_size);
    keep_name_of(fd, is->st_ino);
  }
  if (node->dirty) memset(node->dirty, 0, node->pages);
  if (!synced) node->failure = ++shim_failures;
  int untold = node->failure > shim_marks[fd].failures;
  shim_marks[fd].failures = shim_failures;
  return !untold;
}

#define SYNC(name)                                      \
  int name(int fd) {                                    \
    struct stat is;                                     \
    if (!shim_tracks(fd, &is)) return REAL(name)(fd);   \
    pthread_mutex_lock(&lock);                          \
    int result = REAL(name)(fd);                        \
    int error = errno;                                  \
    if (!settle(fd, &is, result == 0)) {                \
      result = -1;                                      \
      error = EIO;                                      \
    }                                                   \
    pthread_mutex_unlock(&lock);                        \
    errno = error;                                      \
    return result;                                      \
  }

/* `touched` notes what the call wrote, from `result`, the file before it (`is`) and the node. */
#define NOTED(type, name, parameters, arguments, touched)            \
  type name parameters {                                             \
    struct stat is;                                                  \
    if (!shim_tracks(fd, &is)) return REAL(name) arguments;          \
    pthread_mutex_lock(&lock);                                       \
    type result = REAL(name) arguments;                              \
    int error = errno;                                               \
    struct inode *node = inode_of(is.st_ino);                        \
    touched;                                                         \
    pthread_mutex_unlock(&lock);                                     \
    errno = error;                                                   \
    return result;                                                   \
  }

static void soil_written(int fd, struct inode *node, ssize_t written) {
  off64_t end = lseek64(fd, 0, SEEK_CUR);
  if (written > 0) soil(node, end - written, end);
}

static void soil_all(int fd, struct inode *node) {
  struct stat is;
  if (fstat(fd, &is) == 0) soil(node, 0, is.st_size);
}

SYNC(fsync)
SYNC(fdatasync)
NOTED(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), soil_written(fd, node, result))
NOTED(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count),
      soil_written(fd, node, result))
NOTED(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
      if (result > 0) soil(node, at, at + result))
NOTED(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
      if (result > 0) soil(node, at, at + result))
NOTED(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at),
      if (result > 0) soil(node, at, at + result))
NOTED(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at),
      if (result > 0) soil(node, at, at + result))
NOTED(int, ftruncate, (int fd, off_t size), (fd, size), if (result == 0 && size < is.st_size) soil(node, size, is.st_size))
NOTED(int, ftruncate64, (int fd, off64_t size), (fd, size),
      if (result == 0 && size < is.st_size) soil(node, size, is.st_size))
NOTED(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), soil_all(fd, node))
NOTED(int, posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size), soil_all(fd, node))
NOTED(ssize_t, sendfile, (int fd, int from, off_t *at, size_t size), (fd, from, at, size), soil_all(fd, node))
NOTED(ssize_t, sendfile64, (int fd, int from, off64_t *at, size_t size), (fd, from, at, size), soil_all(fd, node))
NOTED(ssize_t, copy_file_range,
      (int from, off64_t *from_at, int fd, off64_t *at, size_t size, unsigned int flags),
      (from, from_at, fd, at, size, flags), soil_all(fd, node))

/* The file that the name stands for, when it is its last name in the folder. */
static ino_t last_name(const char *path) {
  char real[PATH_MAX];
  struct stat is;
  if (!realpath(path, real)) return 0;
  if (!shim_holds(real) || stat(real, &is) != 0 || !S_ISREG(is.st_mode)) return 0;
  return is.st_nlink == 1 ? is.st_ino : 0;
}

#define REMOVING(name, parameters, arguments, path)     \
  int name parameters {                                 \
    pthread_mutex_lock(&lock);                          \
    ino_t ino = last_name(path);                        \
    int result = REAL(name) arguments;                  \
    int error = errno;                                  \
    if (result == 0 && ino) forget(ino);                \
    pthread_mutex_unlock(&lock);                        \
    errno = error;                                      \
    return result;                                      \
  }

REMOVING(unlink, (const char *path), (path), path)
REMOVING(rename, (const char *from, const char *to), (from, to), to)
