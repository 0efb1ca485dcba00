// SPDX-License-Identifier: LGPL-2.1-or-later
// To be preloaded: each transfer of a file that could be longer moves one sector, or half where it is no more than that: what
// the kernel may do at any time, and does when a signal comes. At the end the number of them is written to the file that
// COUNT_SHORT names.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kSector = 512 };
static atomic_long cut;

/// A direct transfer is of whole sectors.
static size_t part_of(int fd, size_t length) {
  const int flags = fcntl(fd, F_GETFL);
  const int direct = flags != -1 && (flags & O_DIRECT) != 0;
  if (length < 2 || (direct && length <= kSector)) return length;
  atomic_fetch_add(&cut, 1);
  return length > kSector ? kSector : length / 2;
}
static void* next(const char* name) { return dlsym(RTLD_NEXT, name); }

ssize_t read(int fd, void* to, size_t length) {
  static ssize_t (*real)(int, void*, size_t);
  if (real == NULL) *(void**)&real = next("read");
  return real(fd, to, part_of(fd, length));
}
ssize_t write(int fd, const void* from, size_t length) {
  static ssize_t (*real)(int, const void*, size_t);
  if (real == NULL) *(void**)&real = next("write");
  return real(fd, from, part_of(fd, length));
}
ssize_t pread(int fd, void* to, size_t length, off_t at) {
  static ssize_t (*real)(int, void*, size_t, off_t);
  if (real == NULL) *(void**)&real = next("pread");
  return real(fd, to, part_of(fd, length), at);
}
ssize_t pwrite(int fd, const void* from, size_t length, off_t at) {
  static ssize_t (*real)(int, const void*, size_t, off_t);
  if (real == NULL) *(void**)&real = next("pwrite");
  return real(fd, from, part_of(fd, length), at);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  for (int i = 0; i < count; ++i) {
    if (parts[i].iov_len != 0) return write(fd, parts[i].iov_base, parts[i].iov_len);
  }
  return 0;
}

__attribute__((destructor)) static void end(void) {
  const char* path = getenv("COUNT_SHORT");
  FILE* file = path != NULL ? fopen(path, "w") : NULL;
  if (file == NULL) return;
  fprintf(file, "%ld\n", (long)cut);
  fclose(file);
}
