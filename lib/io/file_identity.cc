#include "io/file_identity.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/number.h"

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

int open_descriptor(const std::string& path, bool writing) {
  if (path == "-") return writing ? STDOUT_FILENO : STDIN_FILENO;
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (path.starts_with(folder)) return parse_integer<int>(std::string_view(path).substr(folder.size())).value_or(-1);
  }
  return -1;
}

}  // namespace rec
