// Stands between a tool and the system (LD_PRELOAD): makes one call fail, shortens reads and
// writes, sends a signal at a call, and logs the calls. For any thread; the count is by process.
// It is told by the environment what to do, and takes itself out of it, so that programs
// started by the tool are left alone:
//   REC_FAULT=FUNCTION:N:WHAT   the Nth call of FUNCTION (from 1) does WHAT:
//                   error=E     fails with errno E, and does nothing (close still closes)
//                   ignored     does nothing and reports success: a tool that ignored an error
//                   before=S, after=S   does its work, with signal S before or after it
//   REC_FAULT_SHORT=K           reads and writes are of at most K bytes
//   REC_FAULT_NO_TMPFILE=1      O_TMPFILE is not supported, as on NFS
//   REC_FAULT_LOG=FILE          one line a call, as tests/faults/tool_run.h describes
// What is written to stderr or read from /proc is neither counted nor logged. fsync is noted and not done.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum class What { kNothing, kError, kIgnored, kBefore, kAfter };

struct Plan {
  char function[32] = {};
  int nth = 0;
  What what = What::kNothing;
  int number = 0;  // errno or signal
  size_t most = 0;
  bool no_tmpfile = false;
  int log = -1;
};

Plan g_plan;
std::atomic<int> g_calls = 0;

void read_plan() {
  if (const char* text = std::getenv("REC_FAULT")) {
    char what[16] = {};
    std::sscanf(text, "%31[^:]:%d:%15[^=]=%d", g_plan.function, &g_plan.nth, what, &g_plan.number);
    g_plan.what = std::strcmp(what, "error") == 0     ? What::kError
                  : std::strcmp(what, "ignored") == 0 ? What::kIgnored
                  : std::strcmp(what, "before") == 0  ? What::kBefore
                                                      : What::kAfter;
  }
  if (const char* text = std::getenv("REC_FAULT_SHORT")) g_plan.most = std::strtoul(text, nullptr, 10);
  g_plan.no_tmpfile = std::getenv("REC_FAULT_NO_TMPFILE") != nullptr;
  if (const char* path = std::getenv("REC_FAULT_LOG")) {
    const long fd = ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    g_plan.log = static_cast<int>(::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 500));  // out of the tool's way
    ::syscall(SYS_close, fd);
  }
  ::unsetenv("LD_PRELOAD");
  ::alarm(30);  // a tool that hangs ends by this signal
}

[[gnu::constructor]] void begin() { read_plan(); }

template <class Function>
Function* real(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void note(const char* function, unsigned long inode, long long size, const char* from, const char* to) {
  if (g_plan.log < 0) return;
  const int before = errno;
  char line[9000];
  const int length = std::snprintf(line, sizeof line, "%s\t%lu\t%lld\t%s\t%s\n", function, inode, size, from, to);
  ::syscall(SYS_write, g_plan.log, line, static_cast<size_t>(length));
  errno = before;
}

unsigned long inode_of(int fd) {
  struct stat status {};
  const int before = errno;
  const bool there = ::syscall(SYS_fstat, fd, &status) == 0;
  errno = before;
  return there ? status.st_ino : 0;
}

// As the files in /proc say that they are: they advise, and a tool does without them.
bool is_empty(int fd) {
  struct stat status {};
  const int before = errno;
  const bool there = ::syscall(SYS_fstat, fd, &status) == 0;
  errno = before;
  return there && S_ISREG(status.st_mode) && status.st_size == 0;
}

unsigned long inode_at(const char* path) {
  struct stat status {};
  const int before = errno;
  const bool there = ::syscall(SYS_lstat, path, &status) == 0;
  errno = before;
  return there ? status.st_ino : 0;
}

// A call of `function` that would do `work`: does it or what is planned. `success` is what it
// returns for success; the failure is -1 unless told. `done`(result) logs it.
template <class Result, class Work, class Done>
Result call(const char* function, Result failure, Result success, const Work& work, const Done& done) {
  note("try", 0, 0, function, "");
  const bool planned =
      g_plan.nth > 0 && std::strcmp(function, g_plan.function) == 0 && g_calls.fetch_add(1) + 1 == g_plan.nth;
  const What what = planned ? g_plan.what : What::kNothing;
  if (what == What::kError) {
    errno = g_plan.number;
    return failure;
  }
  if (what == What::kIgnored) return success;
  if (what == What::kBefore) ::kill(::getpid(), g_plan.number);
  const Result result = work();
  if (result != failure) done(result);
  if (what == What::kAfter) {
    const int before = errno;
    ::kill(::getpid(), g_plan.number);
    errno = before;
  }
  return result;
}

size_t shortened(size_t size) { return g_plan.most > 0 && size > g_plan.most ? g_plan.most : size; }

}  // namespace

extern "C" {

ssize_t read(int fd, void* buffer, size_t size) {
  static const auto next = real(&::read, "read");
  if (is_empty(fd)) return next(fd, buffer, size);
  return call<ssize_t>(
      "read", -1, 0, [&] { return next(fd, buffer, shortened(size)); },
      [&](ssize_t got) { note("read", inode_of(fd), got, "", ""); });
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  static const auto next = real(&::pread, "pread");
  return call<ssize_t>(
      "pread", -1, 0, [&] { return next(fd, buffer, shortened(size), offset); },
      [&](ssize_t got) { note("pread", inode_of(fd), got, "", ""); });
}

ssize_t write(int fd, const void* buffer, size_t size) {
  static const auto next = real(&::write, "write");
  if (fd == STDERR_FILENO) return next(fd, buffer, size);
  return call<ssize_t>(
      "write", -1, static_cast<ssize_t>(size), [&] { return next(fd, buffer, shortened(size)); },
      [&](ssize_t wrote) { note("write", inode_of(fd), wrote, "", ""); });
}

int close(int fd) {
  static const auto next = real(&::close, "close");
  const unsigned long inode = inode_of(fd);
  const int result = call<int>(
      "close", -1, 0, [&] { return next(fd); }, [&](int) { note("close", inode, 0, "", ""); });
  if (result != 0) {
    const int before = errno;
    ::syscall(SYS_close, fd);
    errno = before;
  }
  return result;
}

int fsync(int fd) {
  // Noted, not done: no power is cut here, and disks are slow.
  return call<int>(
      "fsync", -1, 0, [] { return 0; }, [&](int) { note("fsync", inode_of(fd), 0, "", ""); });
}

int rename(const char* from, const char* to) {
  static const auto next = real(&::rename, "rename");
  const unsigned long inode = inode_at(from);
  return call<int>(
      "rename", -1, 0, [&] { return next(from, to); }, [&](int) { note("rename", inode, 0, from, to); });
}

int link(const char* from, const char* to) {
  static const auto next = real(&::link, "link");
  return call<int>(
      "link", -1, 0, [&] { return next(from, to); }, [&](int) { note("link", inode_at(to), 0, from, to); });
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static const auto next = real(&::linkat, "linkat");
  return call<int>(
      "linkat", -1, 0, [&] { return next(from_folder, from, to_folder, to, flags); },
      [&](int) { note("link", inode_at(to), 0, from, to); });
}

int unlink(const char* path) {
  static const auto next = real(&::unlink, "unlink");
  const unsigned long inode = inode_at(path);
  return call<int>(
      "unlink", -1, 0, [&] { return next(path); }, [&](int) { note("unlink", inode, 0, path, ""); });
}

int ftruncate(int fd, off_t size) {
  static const auto next = real(&::ftruncate, "ftruncate");
  return call<int>(
      "ftruncate", -1, 0, [&] { return next(fd, size); }, [&](int) { note("ftruncate", inode_of(fd), size, "", ""); });
}

int fchmod(int fd, mode_t mode) {
  static const auto next = real(&::fchmod, "fchmod");
  return call<int>(
      "fchmod", -1, 0, [&] { return next(fd, mode); }, [](int) {});
}

int fchown(int fd, uid_t owner, gid_t group) {
  static const auto next = real(&::fchown, "fchown");
  return call<int>(
      "fchown", -1, 0, [&] { return next(fd, owner, group); }, [](int) {});
}

int fstat(int fd, struct stat* status) noexcept {
  static const auto next = real(&::fstat, "fstat");
  return call<int>(
      "fstat", -1, 0, [&] { return next(fd, status); }, [](int) {});
}

int stat(const char* path, struct stat* status) noexcept {
  static const auto next = real(static_cast<int (*)(const char*, struct stat*)>(&::stat), "stat");
  return call<int>(
      "stat", -1, 0, [&] { return next(path, status); }, [](int) {});
}

int flock(int fd, int operation) {
  static const auto next = real(&::flock, "flock");
  return call<int>(
      "flock", -1, 0, [&] { return next(fd, operation); }, [](int) {});
}

int access(const char* path, int mode) {
  static const auto next = real(&::access, "access");
  return call<int>(
      "access", -1, 0, [&] { return next(path, mode); }, [](int) {});
}

ssize_t readlink(const char* path, char* buffer, size_t size) {
  static const auto next = real(&::readlink, "readlink");
  return call<ssize_t>(
      "readlink", -1, 0, [&] { return next(path, buffer, size); }, [](ssize_t) {});
}

int getentropy(void* buffer, size_t size) {
  static const auto next = real(&::getentropy, "getentropy");
  return call<int>(
      "getentropy", -1, 0, [&] { return next(buffer, size); }, [](int) {});
}

DIR* opendir(const char* path) {
  static const auto next = real(&::opendir, "opendir");
  return call<DIR*>(
      "opendir", nullptr, nullptr, [&] { return next(path); }, [](DIR*) {});
}

void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  const auto next = [&] {
    return reinterpret_cast<void*>(::syscall(SYS_mmap, at, size, protection, flags, fd, offset));
  };
  if (fd < 0) return next();  // memory, perhaps before this library is ready
  return call<void*>("mmap", MAP_FAILED, MAP_FAILED, next, [](void*) {});
}

int memfd_create(const char* name, unsigned flags) noexcept {
  static const auto next = real(&::memfd_create, "memfd_create");
  return call<int>(
      "memfd_create", -1, 0, [&] { return next(name, flags); }, [](int) {});
}

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  const bool nameless = (flags & O_TMPFILE) == O_TMPFILE;
  if (nameless || (flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  if (g_plan.no_tmpfile && nameless) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return call<int>(
      "open", -1, -1, [&] { return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode)); },
      [&](int fd) {
        note(nameless ? "nameless" : (flags & O_CREAT) != 0 ? "create" : "open", inode_of(fd), 0, path, "");
      });
}

}  // extern "C"

// Memory: the tools are C++, and take theirs here.
void* operator new(size_t size) {
  const auto failed = [] { return static_cast<void*>(nullptr); };
  void* memory = call<void*>(
      "new", nullptr, failed(), [&] { return std::malloc(size > 0 ? size : 1); }, [](void*) {});
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
