#include "io/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace rec {

FileDescriptor::~FileDescriptor() {
  if (owned_ && fd_ >= 0) ::close(fd_);
}

void FileDescriptor::close(const std::string& name) {
  const int fd = std::exchange(fd_, -1);
  if (owned_ && fd >= 0 && ::close(fd) != 0) fail_errno(name);
}

FileDescriptor open_input(const std::string& path) {
  FileDescriptor fd =
      path == "-" ? FileDescriptor(STDIN_FILENO, false) : FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) fail_errno(input_name(path));
  if (S_ISDIR(status.st_mode)) fail("{}: is a directory, expected a file", input_name(path));
  return fd;
}

std::string input_name(const std::string& path) { return path == "-" ? "stdin" : path; }

std::string input_names(const std::vector<std::string>& paths) {
  std::string names;
  for (const std::string& path : paths) names += (names.empty() ? "" : ", ") + input_name(path);
  return names;
}

}  // namespace rec
