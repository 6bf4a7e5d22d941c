#include "train/training_log.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>

#include "base/number.h"

namespace rec {
namespace {

constexpr size_t kMostLines = 1000000;  // of what a run goes on from

// The complete lines behind `header` of a regular file; none, where another header stands there.
std::vector<std::string> lines_below(const std::string& header, const std::string& path) {
  std::vector<std::string> lines;
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return lines;
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line) || line + '\n' != header) return lines;
  while (lines.size() < kMostLines && std::getline(in, line) && !in.eof()) lines.push_back(line + '\n');
  return lines;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& path, const std::string& metric, bool resumes, Sync sync)
    : header_("epoch\tseconds\tobjective" + (metric.empty() ? "" : '\t' + metric) + '\n'),
      earlier_(resumes ? lines_below(header_, path) : std::vector<std::string>()),
      out_(path, sync, Buffering::kRows, Appearance::kGrowing) {
  if (earlier_.empty()) begin(0);
}

void TrainingLog::write(int epoch, const std::string& line) {
  begin(epoch);
  out_.write(line);
  out_.flush();
}

void TrainingLog::finish() {
  begin(std::numeric_limits<int>::max());
  out_.finish();
}

// Writes what stands before the line of `epoch`.
void TrainingLog::begin(int epoch) {
  if (begun_) return;
  begun_ = true;
  out_.write(header_);
  for (const std::string& line : earlier_) {
    const auto number = parse_integer<int>(std::string_view(line).substr(0, line.find('\t')));
    if (number && *number < epoch) out_.write(line);
  }
  earlier_.clear();
  out_.flush();
}

}  // namespace rec
