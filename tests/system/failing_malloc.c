// SPDX-License-Identifier: LGPL-2.1-or-later
// To be preloaded: the request for memory with the number FAIL_MEMORY fails, or, of those for aligned memory alone, which
// transfers of disks ask for, the one with the number FAIL_ALIGNED. 0: none does. The file that COUNT_MEMORY names gets how
// many there were of both. Of the program as it is shipped: with its own unwinder linked in, which no test program has.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long asked, asked_aligned;
static long failing, failing_aligned;
static atomic_bool counting;

static int fails(int aligned) {
  if (!counting) return 0;
  const long number = atomic_fetch_add(&asked, 1) + 1;
  const long of_aligned = aligned ? atomic_fetch_add(&asked_aligned, 1) + 1 : -1;
  return number == failing || of_aligned == failing_aligned ? (errno = ENOMEM, 1) : 0;
}

// glibc's own names: what dlsym() would find takes memory itself.
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) { return fails(0) ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return fails(0) ? NULL : __libc_calloc(count, size); }
void* realloc(void* p, size_t size) { return fails(0) ? NULL : __libc_realloc(p, size); }
void* aligned_alloc(size_t alignment, size_t size) { return fails(1) ? NULL : __libc_memalign(alignment, size); }
int posix_memalign(void** p, size_t alignment, size_t size) {
  void* got = fails(1) ? NULL : __libc_memalign(alignment, size);
  if (got != NULL) *p = got;
  return got != NULL ? 0 : ENOMEM;
}

// Counted from main() on: before it, nothing has been opened that could be left half done.
static long number_in(const char* name) {
  const char* text = getenv(name);
  return text != NULL ? atol(text) : 0;
}
static int (*real_main)(int, char**, char**);
static int counted_main(int argc, char** argv, char** environment) {
  failing = number_in("FAIL_MEMORY");
  failing_aligned = number_in("FAIL_ALIGNED");
  counting = 1;
  return real_main(argc, argv, environment);
}
int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, int (*init)(int, char**, char**), void (*fini)(void),
                      void (*rtld_fini)(void), void* stack_end) {
  int (*start)(int (*)(int, char**, char**), int, char**, int (*)(int, char**, char**), void (*)(void), void (*)(void), void*);
  *(void**)&start = dlsym(RTLD_NEXT, "__libc_start_main");
  real_main = main;
  return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
__attribute__((destructor)) static void end(void) {
  const char* path = getenv("COUNT_MEMORY");
  counting = 0;
  if (path == NULL) return;
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  char text[48];
  const int length = snprintf(text, sizeof text, "%ld %ld", atomic_load(&asked), atomic_load(&asked_aligned));
  if (fd >= 0 && write(fd, text, (size_t)length) == length) close(fd);
}
