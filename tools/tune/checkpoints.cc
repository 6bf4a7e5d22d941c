#include "tune/checkpoints.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "base/error.h"

namespace rec {
namespace {

namespace fs = std::filesystem;

// A checkpoint takes several times the memory of its model, and a search has hundreds of points.
constexpr size_t kKept = 8;
constexpr const char* kEnding = ".safetensors";

std::string random_name() {
  std::random_device random;
  return fmt::format("rec-tune.{:08x}{:08x}.", random(), random());
}

}  // namespace

Checkpoints::Checkpoints(const std::string& leaderboard, bool lower_is_better)
    : scratch_(leaderboard.empty()), lower_is_better_(lower_is_better), leaderboard_(leaderboard) {
  if (scratch_) {
    prefix_ = (fs::temp_directory_path() / random_name()).string();
    return;
  }
  const std::string folder = leaderboard + ".checkpoints";
  prefix_ = folder + "/";
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) fail("{}: {}", folder, error.message());
  folder_ = FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_.is_open()) fail_errno(folder);
  if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0)
    fail("{}: another rec-tune has this leaderboard; wait for its end, or name another --leaderboard", leaderboard);
  remove_without_leaderboard();
}

Checkpoints::~Checkpoints() {
  if (scratch_) {
    remove_all();
  } else if (folder_.is_open()) {
    remove_without_leaderboard();  // runs beside one that failed as the first had begun
    ::rmdir(prefix_.c_str());      // where it is empty: nothing was searched
  }
}

void Checkpoints::remove_without_leaderboard() noexcept {
  if (::access(leaderboard_.c_str(), F_OK) == 0) return;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(prefix_, ignored)) {
    if (entry.path().extension() == kEnding) fs::remove(entry.path(), ignored);
  }
}

std::string Checkpoints::file(const std::string& name) {
  if (name.empty()) return "";
  const std::string file = prefix_ + name + kEnding;
  if (scratch_ && !temporary_.contains(file)) temporary_.emplace(file, TemporaryName(file));
  return file;
}

void Checkpoints::keep(size_t space, const std::string& file, double metric) {
  auto& kept = kept_[space];
  std::erase_if(kept, [&](const auto& its) { return its.second == file; });
  kept.emplace_back(metric, file);
  if (kept.size() <= kKept) return;
  const auto worst = std::min_element(kept.begin(), kept.end(), [&](const auto& a, const auto& b) {
    return lower_is_better_ ? a.first > b.first : a.first < b.first;
  });
  drop(space, std::string(worst->second));
}

void Checkpoints::drop(size_t space, const std::string& file) {
  std::erase_if(kept_[space], [&](const auto& its) { return its.second == file; });
  ::unlink(file.c_str());  // a run beside may write it again: a temporary file keeps its name
}

void Checkpoints::remove_all() noexcept {
  std::error_code ignored;
  if (!scratch_) {
    fs::remove_all(prefix_, ignored);
    return;
  }
  for (const auto& [file, name] : temporary_) fs::remove(file, ignored);
  temporary_.clear();
}

}  // namespace rec
