// A library for LD_PRELOAD: the nth call of one kind on a path below one directory fails.
//
// FAULTS_DIRECTORY  paths below it count, as an absolute path without links
// FAULTS_KIND       write, sync, read, rename, open or allocate
// FAULTS_NTH        which of them fails, from 1 on
// FAULTS_WHEN       counting begins when this file exists; without it, at once
// FAULTS_STICKY     1: every later one fails too
// FAULTS_ERROR      EIO (the default) or ENOSPC
// FAULTS_LOG        a line is appended for the first failure: kind, number, path
//
// Calls inside the C library (those of fopen, fread and fwrite) do not pass here but for fopen and fread themselves.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char* directory;
static const char* kind;
static const char* log_path;
static const char* when;
static long nth;
static int sticky;
static int error = EIO;
static atomic_long calls;
static atomic_int counting;

__attribute__((constructor)) static void begin(void) {
  directory = getenv("FAULTS_DIRECTORY");
  kind = getenv("FAULTS_KIND");
  log_path = getenv("FAULTS_LOG");
  when = getenv("FAULTS_WHEN");
  const char* number = getenv("FAULTS_NTH");
  const char* forever = getenv("FAULTS_STICKY");
  const char* name = getenv("FAULTS_ERROR");
  nth = number != NULL ? atol(number) : 0;
  sticky = forever != NULL && strcmp(forever, "1") == 0;
  if (name != NULL && strcmp(name, "ENOSPC") == 0) error = ENOSPC;
}

static void note(long number, const char* path) {
  if (log_path == NULL) return;
  char line[PATH_MAX + 64];
  const int size = snprintf(line, sizeof line, "%s %ld %s\n", kind, number, path);
  const long file = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  syscall(SYS_write, (int)file, line, (size_t)size);
  syscall(SYS_close, (int)file);
}

// Whether this call is to fail.
static int fails(const char* which, const char* path) {
  if (nth <= 0 || directory == NULL || kind == NULL || path == NULL || strcmp(which, kind) != 0) return 0;
  const size_t size = strlen(directory);
  if (strncmp(path, directory, size) != 0 || path[size] != '/') return 0;
  if (!counting && when != NULL && syscall(SYS_faccessat, AT_FDCWD, when, F_OK) != 0) return 0;
  counting = 1;
  const long number = atomic_fetch_add(&calls, 1) + 1;
  if (number != nth && !(sticky && number > nth)) return 0;
  if (number == nth) note(number, path);
  errno = error;
  return 1;
}

static int fails_at(const char* which, int file) {
  if (nth <= 0 || kind == NULL || strcmp(which, kind) != 0) return 0;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  return fails(which, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FORWARD(result, failed, name, which, file, parameters, arguments) \
  result name parameters {                                               \
    static __typeof__(&name) next;                                       \
    if (next == NULL) next = NEXT(name);                                 \
    return fails_at(which, file) ? (failed) : next arguments;            \
  }

FORWARD(ssize_t, -1, write, "write", file, (int file, const void* data, size_t size), (file, data, size))
FORWARD(ssize_t, -1, pwrite, "write", file, (int file, const void* data, size_t size, off_t at), (file, data, size, at))
FORWARD(ssize_t, -1, pwrite64, "write", file, (int file, const void* data, size_t size, off64_t at), (file, data, size, at))
FORWARD(ssize_t, -1, writev, "write", file, (int file, const struct iovec* parts, int count), (file, parts, count))
FORWARD(int, -1, ftruncate, "write", file, (int file, off_t size), (file, size))
FORWARD(int, -1, fsync, "sync", file, (int file), (file))
FORWARD(int, -1, fdatasync, "sync", file, (int file), (file))
// With no flags it does nothing, and so cannot fail for the device's sake.
FORWARD(int, -1, sync_file_range, how != 0 ? "sync" : "", file, (int file, off64_t at, off64_t size, unsigned how),
        (file, at, size, how))
FORWARD(ssize_t, -1, read, "read", file, (int file, void* data, size_t size), (file, data, size))
FORWARD(ssize_t, -1, pread, "read", file, (int file, void* data, size_t size, off_t at), (file, data, size, at))
FORWARD(ssize_t, -1, pread64, "read", file, (int file, void* data, size_t size, off64_t at), (file, data, size, at))
FORWARD(int, -1, fallocate, "allocate", file, (int file, int mode, off_t at, off_t size), (file, mode, at, size))

#undef fread_unlocked
size_t fread_unlocked(void* data, size_t size, size_t count, FILE* stream) {
  static __typeof__(&fread_unlocked) next;
  if (next == NULL) next = NEXT(fread_unlocked);
  if (!fails_at("read", fileno_unlocked(stream))) return next(data, size, count, stream);
  stream->_flags |= 0x20;  // _IO_ERR_SEEN: what ferror() asks
  return 0;
}

int rename(const char* from, const char* to) {
  static __typeof__(&rename) next;
  if (next == NULL) next = NEXT(rename);
  return fails("rename", to) ? -1 : next(from, to);
}

#define OPEN(name)                                                             \
  int name(const char* path, int flags, ...) {                                 \
    static __typeof__(&name) next;                                             \
    if (next == NULL) next = NEXT(name);                                       \
    va_list more;                                                              \
    va_start(more, flags);                                                     \
    const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                              \
    return fails("open", path) ? -1 : next(path, flags, mode);                 \
  }
OPEN(open)
OPEN(open64)

int openat(int folder, const char* path, int flags, ...) {
  static __typeof__(&openat) next;
  if (next == NULL) next = NEXT(openat);
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return fails("open", path) ? -1 : next(folder, path, flags, mode);
}

#define FOPEN(name)                                            \
  FILE* name(const char* path, const char* mode) {             \
    static __typeof__(&name) next;                             \
    if (next == NULL) next = NEXT(name);                       \
    return fails("open", path) ? NULL : next(path, mode);      \
  }
FOPEN(fopen)
FOPEN(fopen64)
