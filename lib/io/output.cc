#include "io/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <memory>
#include <utility>

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
    if (size < 0 && (errno == EINVAL || errno == ENOENT)) return path;  // no link, or nothing there
    if (size < 0) fail_errno(name);
    const std::string to(target, static_cast<size_t>(size));
    path = to.starts_with('/') ? to : folder_of(path) + "/" + to;
  }
  errno = ELOOP;
  fail_errno(name);
}

// Between the name of a file and the 16 hexadecimal digits of its temporary one; the second
// name of an old file ends in kOld.
constexpr std::string_view kTemporary = ".rec-tmp-";
constexpr std::string_view kOld = ".old";
constexpr size_t kDigits = 16;

// What the names of all temporary files beside `path` begin with: its own name, or as much
// of it (whole UTF-8 characters) as leaves room.
std::string temporary_prefix(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  constexpr size_t kMost = NAME_MAX - kTemporary.size() - kDigits - kOld.size();
  if (name.size() > kMost) {
    size_t end = kMost;
    while (end > 0 && (name[end] & 0xc0) == 0x80) --end;
    name.resize(end);
  }
  return name + std::string(kTemporary);
}

// A name beside `path` that nothing else has.
std::string temporary_beside(const std::string& path) {
  uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) fail_errno(path);
  return fmt::format("{}/{}{:016x}", folder_of(path), temporary_prefix(path), number);
}

// Removes the temporary files beside `path` that no living process holds. What cannot be looked at
// or locked (a file system without locks) stays.
void remove_stale(const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string prefix = temporary_prefix(path);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), ::closedir);
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    std::string_view rest = entry->d_name;
    if (!rest.starts_with(prefix)) continue;
    rest.remove_prefix(prefix.size());
    if (rest.ends_with(kOld)) rest.remove_suffix(kOld.size());
    if (rest.size() != kDigits || rest.find_first_not_of("0123456789abcdef") != rest.npos) continue;
    const std::string found = folder + "/" + entry->d_name;
    struct stat status {};
    if (::lstat(found.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    // For writing: NFS locks no file that is open for reading alone.
    FileDescriptor fd(::open(found.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd.is_open()) fd = FileDescriptor(::open(found.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd.is_open() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(found.c_str());
  }
}

// Some file systems sync no folders, or nothing, and say so: what they hold is as safe as it gets.
void sync_descriptor(int fd, const std::string& name) {
  while (::fsync(fd) != 0) {
    if (errno == EINTR) continue;
    if (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) return;
    fail_errno(name);
  }
}

// A failed write may show only when a descriptor of the file is closed (NFS, quotas). This closes a second
// one, so that the first goes on to hold the file's lock, or to be stdout.
void check_close(int fd, const std::string& name) {
  const int second = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (second < 0 || (::close(second) != 0 && errno != EINTR)) fail_errno(name);
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

Output::Output(const std::string& path, Sync sync, Buffering buffering, Appearance appearance)
    : path_(path), name_(path == "-" ? "stdout" : path), sync_(sync), buffering_(buffering) {
  if (path.empty()) fail("the output's file name is empty");
  buffer_.reserve(kBufferBytes);
  struct stat status {};
  if (const int open_already = descriptor_of(path); open_already >= 0) {
    if (::fcntl(open_already, F_GETFD) == -1) fail_errno(name_);
    fd_ = FileDescriptor(open_already, false);
    return;
  }
  csv_ = make_csv_writer(path);
  compressor_ = make_compressor(path);
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail_errno(name_);
  if (exists && S_ISDIR(status.st_mode)) fail("{}: is a directory, expected a file", name_);
  if (exists && !S_ISREG(status.st_mode)) {
    fd_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_.is_open()) fail_errno(name_);
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_errno(name_);
  path_ = behind_links(path, name_);
  if (appearance == Appearance::kGrowing) {
    fd_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (!fd_.is_open()) fail_errno(name_);
    grows_ = replaces_ = true;
    return;
  }
  rename_ = true;
  remove_stale(path_);
  const mode_t mode = exists ? status.st_mode & 0777 : default_mode();
  open_beside(mode);
  if (exists) give_to(status.st_uid, status.st_gid);
  ::fchmod(fd_.get(), mode);  // where it cannot be, it has no more than it was made with
}

// Opens the file that is to take the place of path_, with no wider permissions than `mode`, and locks it.
void Output::open_beside(mode_t mode) {
  // A file without a name vanishes with the process, whatever kills it.
  fd_ = FileDescriptor(::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (fd_.is_open() && ::access("/proc/self/fd", X_OK) == 0) {  // else it could never get a name
    hold();
    return;
  }
  if (!fd_.is_open() && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail_errno(name_);
  do {
    std::string candidate = temporary_beside(path_);
    temporary_name_ = TemporaryName(candidate);
    fd_ = FileDescriptor(::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd_.is_open()) fail_errno(name_);
    temporary_ = std::move(candidate);  // which takes no memory: nothing fails once the file has a name
  } while (!hold());
}

// Locks the file, so that other runs see that it is in use; false if one took it for a leftover before. Where
// there are no locks, nobody removes leftovers.
bool Output::hold() {
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) return errno != EWOULDBLOCK;
  struct stat status {};
  return temporary_.empty() || ::fstat(fd_.get(), &status) != 0 || status.st_nlink > 0;
}

// As far as it is allowed: only root may give files away, and some file systems have no owners.
void Output::give_to(uid_t owner, gid_t group) {
  struct stat status {};
  if (::fstat(fd_.get(), &status) == 0 && status.st_uid == owner && status.st_gid == group) return;
  if (::fchown(fd_.get(), owner, group) == 0) return;
  [[maybe_unused]] const int the_group_alone = ::fchown(fd_.get(), static_cast<uid_t>(-1), group);
}

Output::~Output() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  drop_old();
}

void Output::pass_on(std::string_view bytes) {
  if (!csv_) {
    write_compressed(bytes);
    return;
  }
  csv_->convert(bytes, converted_);
  write_compressed(converted_);
  converted_.clear();
}

void Output::write_compressed(std::string_view bytes) {
  if (!compressor_) {
    write_all(bytes);
    return;
  }
  compressor_->compress(bytes, compressed_);
  write_all(compressed_);
  compressed_.clear();
}

void Output::write_all(std::string_view bytes) {
  if (replaces_ && ::ftruncate(fd_.get(), 0) != 0) fail_errno(name_);
  replaces_ = false;
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd_.get(), bytes.data(), bytes.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) throw BrokenPipe();
      fail_errno(name_);
    }
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
}

void Output::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) {
    pass_on(bytes);
  } else {
    buffer_.append(bytes);
  }
}

void Output::flush() {
  pass_on(buffer_);
  buffer_.clear();
}

void Output::finish() {
  Output* const self = this;
  finish_all({&self, 1});
}

void Output::prepare() {
  flush();
  if (csv_) {
    csv_->finish(converted_);
    write_compressed(converted_);
  }
  if (compressor_) {
    compressor_->finish(compressed_);
    write_all(compressed_);
  }
  if ((rename_ || grows_) && sync_ == Sync::kYes) {
    sync_descriptor(fd_.get(), name_);
    folder_ = FileDescriptor(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // A folder that may be written and not read cannot be opened.
    if (!folder_.is_open() && errno != EACCES) fail_errno(name_);
  }
  check_close(fd_.get(), name_);
}

void Output::give_name() {
  if (!rename_) return;
  if (!temporary_.empty()) {
    second_name_ = temporary_ + std::string(kOld);
    return;
  }
  const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
  std::string candidate = temporary_beside(path_);
  temporary_name_ = TemporaryName(candidate);
  second_name_ = candidate + std::string(kOld);
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, candidate.c_str(), AT_SYMLINK_FOLLOW) != 0) fail_errno(name_);
  temporary_ = std::move(candidate);
}

// Signals are held: no TemporaryName. Takes no memory once the link is made.
void Output::keep_old() {
  if (!rename_) return;
  old_lock_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (old_lock_.is_open()) ::flock(old_lock_.get(), LOCK_SH | LOCK_NB);
  if (::link(path_.c_str(), second_name_.c_str()) == 0) {
    old_.swap(second_name_);
  } else {
    unsaved_ = errno != ENOENT;
  }
}

void Output::commit() {
  if (!rename_) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_errno(name_);
  temporary_.clear();
  temporary_name_.forget();
  committed_ = true;
}

void Output::sync_folder() const {
  if (folder_.is_open()) sync_descriptor(folder_.get(), name_);
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
  for (Output* output : outputs) output->give_name();
  // What fails behind the first rename is undone. A file alone that nobody waits for cannot fail there.
  const bool may_undo =
      outputs.size() > 1 || std::ranges::any_of(outputs, [](const Output* one) { return one->sync_ == Sync::kYes; });
  const SignalsHeld held(SignalsHeld::kAll);
  try {
    for (Output* output : outputs) {
      if (may_undo) output->keep_old();
      output->commit();
    }
    for (Output* output : outputs) output->sync_folder();
  } catch (...) {
    for (Output* output : outputs) {
      output->roll_back();
      output->drop_old();
    }
    throw;
  }
  for (Output* output : outputs) output->drop_old();
}

}  // namespace rec
