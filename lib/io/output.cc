#include "io/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/error.h"
#include "base/number.h"

namespace rec {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The mode that open(2) would have given a new file here.
mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

// A link may name the place: the file behind it is what is replaced.
std::string behind_links(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string result = resolved;
  ::free(resolved);
  return result;
}

// The descriptor that a path like /dev/stdout or /dev/fd/3 stands for, or -1: what
// is open there is written to, not replaced.
int descriptor_of(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const auto number = parse_integer<int>(std::string_view(path).substr(prefix.size()));
    if (number && *number >= 0) return *number;
  }
  return -1;
}

}  // namespace

Output::Output(const std::string& path) : path_(path), name_(path == "-" ? "stdout" : path) {
  if (path.empty()) fail("the output's file name is empty");
  buffer_.reserve(kBufferBytes);
  struct stat status {};
  if (const int open_already = descriptor_of(path); open_already >= 0) {
    if (::fcntl(open_already, F_GETFD) == -1) fail_errno(name_);
    fd_ = FileDescriptor(open_already, false);
    return;
  }
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail("{}: is a directory, expected a file", name_);
  if (exists && !S_ISREG(status.st_mode)) {
    fd_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_.is_open()) fail_errno(name_);
    return;
  }
  if (exists) {
    if (::access(path.c_str(), W_OK) != 0) fail_errno(name_);
    path_ = behind_links(path);
  }
  rename_ = true;
  const mode_t mode = exists ? status.st_mode & 07777 : default_mode();
  // A file without a name vanishes with the process, whatever kills it.
  fd_ = FileDescriptor(::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (fd_.is_open() && ::access("/proc/self/fd", X_OK) == 0) {  // else it could never get a name
    ::fchmod(fd_.get(), mode);
    return;
  }
  if (!fd_.is_open() && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail_errno(name_);
  std::string pattern = path_ + ".XXXXXX";
  fd_ = FileDescriptor(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!fd_.is_open()) fail_errno(name_);
  temporary_ = pattern;
  ::fchmod(fd_.get(), mode);
}

Output::~Output() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  drop_old();
}

void Output::write_all(const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t wrote = ::write(fd_.get(), bytes, size);
    if (wrote < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) throw BrokenPipe();
      fail_errno(name_);
    }
    bytes += wrote;
    size -= static_cast<size_t>(wrote);
  }
}

void Output::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) {
    write_all(bytes.data(), bytes.size());
  } else {
    buffer_.append(bytes);
  }
}

void Output::flush() {
  write_all(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void Output::finish() {
  prepare();
  commit(false);
}

void Output::prepare() {
  flush();
  if (rename_ && temporary_.empty()) {
    // A name that is free: the process id and a counter make a clash a leftover.
    const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
    for (int attempt = 0; temporary_.empty(); ++attempt) {
      const std::string candidate = fmt::format("{}.{}.{}", path_, ::getpid(), attempt);
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, candidate.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        temporary_ = candidate;
      } else if (errno != EEXIST || attempt == 100) {
        fail_errno(name_);
      }
    }
  }
  fd_.close(name_);
}

void Output::commit(bool keep_old) {
  if (!rename_) return;
  const std::string old = temporary_ + ".old";
  if (keep_old) {
    if (::link(path_.c_str(), old.c_str()) == 0) {
      old_ = old;
    } else {
      unsaved_ = errno != ENOENT;
    }
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_errno(name_);
  temporary_.clear();
  committed_ = true;
}

void Output::roll_back() noexcept {
  if (!committed_ || unsaved_) return;
  if (old_.empty()) {
    ::unlink(path_.c_str());  // nothing stood there
  } else if (::rename(old_.c_str(), path_.c_str()) == 0) {
    old_.clear();
  }
}

void Output::drop_old() noexcept {
  if (!old_.empty()) ::unlink(old_.c_str());
  old_.clear();
}

void finish_all(std::span<Output* const> outputs) {
  for (Output* output : outputs) output->prepare();
  sigset_t interrupts;
  sigset_t before;
  sigemptyset(&interrupts);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&interrupts, signal);
  ::pthread_sigmask(SIG_BLOCK, &interrupts, &before);
  try {
    for (Output* output : outputs) output->commit(true);
  } catch (...) {
    for (Output* output : outputs) output->roll_back();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  for (Output* output : outputs) output->drop_old();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace rec
