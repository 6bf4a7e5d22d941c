#include "io/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>

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

// A link may name the place: the file behind it is what is replaced or made.
std::string behind_links(std::string path, const std::string& name) {
  for (int links = 0; links < 40; ++links) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size < 0) return path;
    const std::string to(target, static_cast<size_t>(size));
    path = to.starts_with('/') ? to : folder_of(path) + "/" + to;
  }
  errno = ELOOP;
  fail_errno(name);
}

// Between the name of a file and the 16 hexadecimal digits of its temporary one.
constexpr std::string_view kTemporary = ".rec-tmp-";
constexpr time_t kStaleSeconds = 60;

// A name beside `path` that nothing else has.
std::string temporary_beside(const std::string& path) {
  uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) fail_errno(path);
  return fmt::format("{}{}{:016x}", path, kTemporary, number);
}

// Removes what killed runs left beside `path`: temporary files that are older than a
// minute and that no living process holds (each holds a lock on its own).
void remove_stale(const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string prefix = path.substr(path.rfind('/') + 1) + std::string(kTemporary);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), ::closedir);
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    std::string_view rest = entry->d_name;
    if (!rest.starts_with(prefix)) continue;
    rest.remove_prefix(prefix.size());
    const bool old = rest.ends_with(".old");
    if (old) rest.remove_suffix(4);
    if (rest.size() != 16 || rest.find_first_not_of("0123456789abcdef") != rest.npos) continue;
    const std::string found = folder + "/" + entry->d_name;
    struct stat status {};
    if (::lstat(found.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    // A second name has the time of its file: when it was linked, ctime says.
    if (::time(nullptr) - (old ? status.st_ctime : status.st_mtime) < kStaleSeconds) continue;
    const FileDescriptor fd(::open(found.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd.is_open() && (old || ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)) ::unlink(found.c_str());
  }
}

// File systems that cannot do it say so; what they hold is as safe as it gets.
void sync_descriptor(int fd, const std::string& name) {
  while (::fsync(fd) != 0) {
    if (errno == EINTR) continue;
    if (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) return;
    fail_errno(name);
  }
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

Output::Output(const std::string& path, Sync sync) : path_(path), name_(path == "-" ? "stdout" : path), sync_(sync) {
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
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_errno(name_);
  path_ = behind_links(path, name_);
  rename_ = true;
  remove_stale(path_);
  const mode_t mode = exists ? status.st_mode & 0777 : default_mode();
  const auto dress = [&] {
    if (exists && (status.st_uid != ::geteuid() || status.st_gid != ::getegid()) &&
        ::fchown(fd_.get(), status.st_uid, status.st_gid) != 0) {
      // only root may give files away: the new file is the writer's own
    }
    ::fchmod(fd_.get(), mode);
    ::flock(fd_.get(), LOCK_EX | LOCK_NB);  // held to the end: see remove_stale()
  };
  // A file without a name vanishes with the process, whatever kills it.
  fd_ = FileDescriptor(::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (fd_.is_open() && ::access("/proc/self/fd", X_OK) == 0) {  // else it could never get a name
    dress();
    return;
  }
  if (!fd_.is_open() && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail_errno(name_);
  const std::string candidate = temporary_beside(path_);
  temporary_name_ = TemporaryName(candidate);
  fd_ = FileDescriptor(::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd_.is_open()) fail_errno(name_);
  temporary_ = candidate;
  dress();
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
  sync_folder();
}

void Output::prepare() {
  flush();
  if (!rename_) {
    fd_.close(name_);
    return;
  }
  if (sync_ == Sync::kYes) sync_descriptor(fd_.get(), name_);
  if (!temporary_.empty()) return;
  const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
  const std::string candidate = temporary_beside(path_);
  temporary_name_ = TemporaryName(candidate);
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, candidate.c_str(), AT_SYMLINK_FOLLOW) != 0) fail_errno(name_);
  temporary_ = candidate;
}

void Output::commit(bool keep_old) {
  if (!rename_) return;
  if (keep_old) {
    const std::string old = temporary_ + ".old";
    old_name_ = TemporaryName(old);
    if (::link(path_.c_str(), old.c_str()) == 0) {
      old_ = old;
    } else {
      unsaved_ = errno != ENOENT;
    }
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_errno(name_);
  temporary_.clear();
  temporary_name_.forget();
  committed_ = true;
  fd_.close(name_);
}

void Output::sync_folder() const {
  if (!rename_ || sync_ == Sync::kNo) return;
  const FileDescriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) {
    sync_descriptor(folder.get(), name_);
  } else if (errno != EACCES) {  // a folder that may be written and not read cannot be opened
    fail_errno(name_);
  }
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
  old_name_.forget();
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
    for (Output* output : outputs) output->sync_folder();
  } catch (...) {
    for (Output* output : outputs) output->roll_back();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  for (Output* output : outputs) output->drop_old();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace rec
