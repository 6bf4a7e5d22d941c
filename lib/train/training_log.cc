#include "train/training_log.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/number.h"
#include "io/byte_source.h"
#include "io/csv_writer.h"

namespace rec {
namespace {

// The complete lines behind `header` of a regular file, which may be compressed or CSV; none, where another header
// stands there.
std::vector<std::string> lines_below(const std::string& header, const std::string& path) {
  std::vector<std::string> lines;
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return lines;
  std::string text;
  try {
    ByteSource source(path);
    std::array<char, 65536> block;
    while (const size_t n = source.read(block.data(), block.size())) text.append(block.data(), n);
  } catch (const Error&) {  // a kill cuts the end of a compressed log: what came before it counts
  }
  std::string first = header;
  const std::unique_ptr<CsvWriter> csv = make_csv_writer(path);
  if (csv) {
    first.clear();
    csv->convert(header, first);
  }
  if (!text.starts_with(first)) return lines;
  size_t begin = first.size();
  if (csv) std::replace(text.begin(), text.end(), ',', '\t');  // below the header there are numbers alone
  for (size_t end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1)
    lines.push_back(text.substr(begin, end + 1 - begin));
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
