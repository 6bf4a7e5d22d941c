#include "io/file_identity.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/error.h"

namespace rec {

std::string file_identity(const std::string& path, bool writing) {
  if (path.empty()) return "";
  struct stat status {};
  const int failed =
      path == "-" ? ::fstat(writing ? STDOUT_FILENO : STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
  if (failed == 0) return S_ISREG(status.st_mode) ? fmt::format("{}:{}", status.st_dev, status.st_ino) : "";
  // What cannot be found or entered is told when it is opened; a device that fails is told now.
  if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP && errno != ENAMETOOLONG &&
      errno != EBADF)
    fail_errno(path);
  if (path == "-" || !writing) return "";
  std::error_code error;
  const std::filesystem::path place = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? "" : place.string();
}

bool is_open_already(const std::string& path) {
  return path == "-" || path.starts_with("/dev/std") || path.starts_with("/dev/fd/") ||
         path.starts_with("/proc/self/fd/");
}

}  // namespace rec
