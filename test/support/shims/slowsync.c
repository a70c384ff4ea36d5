/* A slow disk: each sync of the data folder first waits as long as the control block says. */
#include "shim.h"
#include <time.h>

static void wait_for_disk(int fd) {
  struct stat is;
  int64_t us = shim_tracks(fd, &is) ? shim_control->sync_delay_us : 0;
  struct timespec rest = {us / 1000000, (us % 1000000) * 1000};
  while (us > 0 && nanosleep(&rest, &rest) != 0 && errno == EINTR) {
  }
}

int fsync(int fd) {
  wait_for_disk(fd);
  return REAL(fsync)(fd);
}

int fdatasync(int fd) {
  wait_for_disk(fd);
  return REAL(fdatasync)(fd);
}
