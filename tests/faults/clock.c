// A library for LD_PRELOAD: the wall clock is ahead of the machine's by so many seconds (it may be negative) as the file
// FAULTS_CLOCK says at this moment. Clocks that count from a start are left alone, as a real jump leaves them.
//
// faketime(1) does the same, but hangs in a program whose allocator asks for the time, as jemalloc does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char* file_name;

__attribute__((constructor)) static void begin(void) { file_name = getenv("FAULTS_CLOCK"); }

static long offset(void) {
  if (file_name == NULL) return 0;
  char text[32];
  const int file = (int)syscall(SYS_openat, AT_FDCWD, file_name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const long size = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (size <= 0) return 0;
  text[size] = '\0';
  return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  if (syscall(SYS_clock_gettime, clock, now) != 0) return -1;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += offset();
  return 0;
}

int gettimeofday(struct timeval* now, void* zone) {
  (void)zone;
  struct timespec real;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
  now->tv_sec = real.tv_sec + offset();
  now->tv_usec = real.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* into) {
  struct timespec real;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
  const time_t now = real.tv_sec + offset();
  if (into != NULL) *into = now;
  return now;
}
