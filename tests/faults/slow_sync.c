// A library for LD_PRELOAD: while the file FAULTS_WHEN exists, a sync of a write-ahead log (*.log) below FAULTS_DIRECTORY takes
// FAULTS_SYNC_MS longer, as on a disk that has too much to do.
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_slow(int file) {
  const char* const directory = getenv("FAULTS_DIRECTORY");
  const char* const when = getenv("FAULTS_WHEN");
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (directory == NULL || when == NULL || size < 4 || access(when, F_OK) != 0) return 0;
  path[size] = '\0';
  return strncmp(path, directory, strlen(directory)) == 0 && strcmp(path + size - 4, ".log") == 0;
}

static void wait_if_slow(int file) {
  const char* const text = getenv("FAULTS_SYNC_MS");
  if (text != NULL && is_slow(file)) usleep((useconds_t)atol(text) * 1000);
}

int fdatasync(int file) {
  wait_if_slow(file);
  return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file) {
  wait_if_slow(file);
  return (int)syscall(SYS_fsync, file);
}
