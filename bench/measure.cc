// SPDX-License-Identifier: LGPL-2.1-or-later
// measure FILE COMMAND [ARG...]: runs a program once and writes what it cost as JSON into the file.
// measure --floor DEVICE...: the least a reader of labels can do, as a program to be measured itself: open, one
// O_DIRECT read of 8 KiB, close, one device after the other.
//
// A program of its own, and static, because a child's peak memory counts what its parent had when it was started.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr std::size_t kFirstBytes = 8192;

int floor_of(int count, char** devices) {
  void* buffer = std::aligned_alloc(4096, kFirstBytes);
  for (int i = 0; i < count; ++i) {
    int fd = ::open(devices[i], O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (fd < 0 || ::pread(fd, buffer, kFirstBytes, 0) != static_cast<ssize_t>(kFirstBytes)) {
      std::fprintf(stderr, "measure: %s: %s\n", devices[i], std::strerror(errno));
      return 1;
    }
    ::close(fd);
  }
  return 0;
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

double now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

/// What the child's block layer moved, asked while it is dead and not yet buried.
void read_io(pid_t pid, unsigned long long& read_bytes, unsigned long long& write_bytes) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/io", static_cast<int>(pid));
  std::FILE* io = std::fopen(path, "re");
  if (io == nullptr) return;
  char name[32];
  unsigned long long value = 0;
  while (std::fscanf(io, "%31[^:]: %llu\n", name, &value) == 2) {
    if (std::strcmp(name, "read_bytes") == 0) read_bytes = value;
    if (std::strcmp(name, "write_bytes") == 0) write_bytes = value;
  }
  std::fclose(io);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: measure FILE COMMAND [ARG...] | measure --floor DEVICE...\n");
    return 2;
  }
  if (std::strcmp(argv[1], "--floor") == 0) return floor_of(argc - 2, argv + 2);

  double began = now();
  pid_t pid = 0;
  if (int failed = ::posix_spawnp(&pid, argv[2], nullptr, nullptr, argv + 2, environ); failed != 0) {
    std::fprintf(stderr, "measure: %s: %s\n", argv[2], std::strerror(failed));
    return 127;
  }
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  double wall = now() - began;
  unsigned long long read_bytes = 0, write_bytes = 0;
  read_io(pid, read_bytes, write_bytes);
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  std::FILE* answer = std::fopen(argv[1], "we");
  if (answer == nullptr) {
    std::fprintf(stderr, "measure: %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  std::fprintf(
      answer,
      "{\"cpu\": %.6f, \"user\": %.6f, \"wall\": %.6f, \"rss\": %ld, \"read\": %llu, \"written\": %llu, \"status\": %d}\n",
      seconds(usage.ru_utime) + seconds(usage.ru_stime), seconds(usage.ru_utime), wall, usage.ru_maxrss, read_bytes,
      write_bytes, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return std::fclose(answer) == 0 ? 0 : 1;
}
