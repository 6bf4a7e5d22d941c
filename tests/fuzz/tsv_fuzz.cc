// Fuzzes the TSV side of io and data from memory: the line cursor against a naive
// splitter, numbers against strtod, then the readers of whole tables. The input's
// first byte picks the options, the rest is the table.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/number.h"
#include "data/groups.h"
#include "data/interactions_tsv.h"
#include "io/table.h"

namespace rec {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check_cursor(const std::string& table, size_t width) {
  std::string padded = table;
  padded.resize(table.size() + kTextPadding);
  LineCursor cursor({padded.data(), table.size()}, width);
  Line line;
  size_t at = 0;
  while (cursor.next(line)) {
    const size_t end = table.find('\n', at);
    require(end != std::string::npos, "the cursor stops with the text");
    std::string_view text = std::string_view(table).substr(at, end - at);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    require(line.text == text, "a line's text");
    size_t fields = 0;
    for (size_t from = 0;; ++fields) {
      const size_t tab = text.find('\t', from);
      const std::string_view field = text.substr(from, tab == std::string_view::npos ? tab : tab - from);
      if (fields < width) require(line.fields[fields] == field, "a field");
      if (tab == std::string_view::npos) break;
      from = tab + 1;
    }
    require(line.n_fields == fields + 1, "the number of fields");
    at = end + 1;
  }
  require(at == table.size(), "every line is seen");
}

void check_number(const std::string& text) {
  const auto number = parse_number<double>(text);
  if (!number) return;
  require(*number == std::strtod(text.c_str(), nullptr), "strtod agrees");
  std::string written;
  append_number(written, *number);
  require(parse_number<double>(written) == *number, "what is written reads back");
  if (const auto small = parse_number<float>(text)) {
    written.clear();
    append_number(written, *small);
    require(parse_number<float>(written) == *small, "what is written reads back, as float");
  }
}

// All that a reader gives, or its error, as text.
template <class Read>
std::string outcome(Read&& read) {
  try {
    return read();
  } catch (const Error& error) {
    return std::string("error ") + error.what();
  }
}

std::string groups(const std::string& path, const ReadOptions& options, Grouping grouping, int threads) {
  TableSpec spec{"scores", {{"user"}, {"item"}, {"score", true, TableSpec::Kind::kNumber}}};
  GroupReader reader(path, spec, options, grouping);
  std::string all;
  while (reader.next(threads)) {
    std::vector<std::string> parts(reader.pieces());
    reader.for_each_group(threads, [&](size_t piece, const Group& group) {
      std::string& part = parts[piece];
      part += fmt::format("[{}:{}]", group.user, group.rows);
      for (size_t row = 0; row < group.rows; ++row)
        part += fmt::format("{} {};", group.field(row, 1), group.number(row, 2));
    });
    for (const std::string& part : parts) all += part;
  }
  return all + fmt::format("bad {}", reader.bad_lines());
}

std::string interactions(const std::string& path, const ReadOptions& options, int threads) {
  const LoadedInteractions loaded = read_interactions(path, options, {.value = true, .timestamp = true}, threads);
  const Interactions& data = loaded.data;
  require(data.users.is_sorted() && data.items.is_sorted(), "ids are numbered in byte order");
  std::string all;
  for (size_t row = 0; row < data.size(); ++row) {
    all += fmt::format("{} {}", data.users[data.user[row]], data.items[data.item[row]]);
    if (!data.value.empty()) all += fmt::format(" {}", data.value[row]);
    if (!data.timestamp.empty()) all += fmt::format(" {}", data.timestamp[row]);
    all += '\n';
  }
  return all + fmt::format("bad {}", loaded.bad_lines);
}

}  // namespace
}  // namespace rec

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rec;
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  const std::string table(reinterpret_cast<const char*>(data + 1), size - 1);
  check_number(table.substr(0, table.find_first_of("\t\n")));
  std::string whole = table;
  if (!whole.empty() && whole.back() != '\n') whole += '\n';
  check_cursor(whole, choice % 5);

  ReadOptions options;
  options.bad_lines = choice & 1 ? BadLines::kSkip : BadLines::kFail;
  if (choice & 2) options.columns = "user=2,item=1";
  const int fd = ::memfd_create("table", 0);
  require(fd >= 0 && ::write(fd, table.data(), table.size()) == static_cast<ssize_t>(table.size()), "memfd");
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  const std::string one = outcome([&] { return interactions(path, options, 1); });
  require(one == outcome([&] { return interactions(path, options, 2); }), "interactions do not depend on the threads");
  if (choice & 2) options.columns = "user=2,item=1,score=3";
  const Grouping grouping = choice & 4 ? Grouping::kGrouped : choice & 8 ? Grouping::kUngrouped : Grouping::kAuto;
  const std::string alone = outcome([&] { return groups(path, options, grouping, 1); });
  require(alone == outcome([&] { return groups(path, options, grouping, 3); }), "groups do not depend on the threads");
  ::close(fd);
  return 0;
}
