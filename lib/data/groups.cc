#include "data/groups.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "data/id_table.h"

namespace rec {
namespace {

constexpr size_t kWindowBytes = size_t{64} << 20;  // what kAuto looks at before it streams
constexpr size_t kBytesPerThread = size_t{2} << 20;
constexpr size_t kPiecesPerThread = 4;

std::vector<std::string_view> concatenated(const std::vector<std::vector<std::string_view>>& parts) {
  std::vector<std::string_view> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Where the first lines decide how the input is read, or all of them are needed, they are waited for.
ReadOptions with_batches_of(ReadOptions options, Grouping grouping) {
  options.as_it_comes = options.as_it_comes && grouping == Grouping::kGrouped;
  return options;
}

}  // namespace

GroupReader::GroupReader(const std::string& path, TableSpec spec, const ReadOptions& options, Grouping grouping)
    : spec_(spec),
      reader_(path, std::move(spec), with_batches_of(options, grouping),
              grouping == Grouping::kGrouped ? Input::kChunkBytes : kWindowBytes),
      grouping_(grouping) {}

std::string_view GroupReader::user_of(const char* line, const char* end) const {
  const char* stop = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line)));
  const char* field = line;
  if (reader_.skips_bad_lines() && static_cast<size_t>(std::count(line, stop, '\t')) + 1 != layout().n_fields)
    return {};
  for (int skip = layout().position[0]; skip > 0; --skip) {
    const void* tab = std::memchr(field, '\t', static_cast<size_t>(stop - field));
    if (tab == nullptr) return {};
    field = static_cast<const char*>(tab) + 1;
  }
  const void* tab = std::memchr(field, '\t', static_cast<size_t>(stop - field));
  const char* last = tab != nullptr ? static_cast<const char*>(tab) : stop;
  if (last == stop && last > field && last[-1] == '\r') --last;
  return {field, static_cast<size_t>(last - field)};
}

const char* GroupReader::start_of_last_group(std::string_view text) const {
  const char* begin = text.data();
  const char* end = begin + text.size();
  auto line_start = [begin](const char* newline) {  // of the line that this LF ends
    const void* previous = ::memrchr(begin, '\n', static_cast<size_t>(newline - begin));
    return previous == nullptr ? begin : static_cast<const char*>(previous) + 1;
  };
  std::string_view user;
  const char* start = end;
  while (start > begin) {
    const char* before = line_start(start - 1);
    if (const std::string_view its_user = user_of(before, end); !its_user.empty()) {
      if (!user.empty() && its_user != user) break;
      user = its_user;
    }
    start = before;
  }
  return start;
}

// Whether a look at the first and the last line says so: text that comes in small parts is not searched each time.
bool GroupReader::one_group_so_far(std::string_view text) const {
  const char* end = text.data() + text.size();
  const void* before = ::memrchr(text.data(), '\n', text.size() - 1);
  const std::string_view last = user_of(before == nullptr ? text.data() : static_cast<const char*>(before) + 1, end);
  return !last.empty() && last == user_of(text.data(), end);
}

// The first group start behind the line that holds `offset`, or the text's end.
const char* GroupReader::group_start_from(std::string_view text, size_t offset) const {
  const char* end = text.data() + text.size();
  if (offset >= text.size()) return end;
  const char* newline = static_cast<const char*>(std::memchr(text.data() + offset, '\n', text.size() - offset));
  const void* previous = ::memrchr(text.data(), '\n', offset);
  const char* line = previous == nullptr ? text.data() : static_cast<const char*>(previous) + 1;
  std::string_view user = user_of(line, end);
  for (line = newline + 1; line < end;
       line = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line))) + 1) {
    const std::string_view its_user = user_of(line, end);
    if (its_user.empty()) continue;
    if (!user.empty() && its_user != user) break;
    user = its_user;
  }
  return line;
}

std::vector<std::string_view> GroupReader::split_groups(std::string_view text, size_t pieces) const {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t piece = 1; piece <= pieces && begin < text.size(); ++piece) {
    const size_t aim = piece == pieces ? text.size() : std::max(begin, text.size() / pieces * piece);
    const size_t end = static_cast<size_t>(group_start_from(text, aim) - text.data());
    parts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

bool GroupReader::stands_grouped(std::string_view text, int threads) const {
  const std::vector<std::string_view> parts = split_groups(text, static_cast<size_t>(std::max(1, threads)));
  std::vector<std::vector<std::string_view>> users(parts.size());
  parallel_for(parts.size(), threads, [&](size_t part, int) {
    const char* end = parts[part].data() + parts[part].size();
    std::string_view last;
    for (const char* line = parts[part].data(); line < end;
         line = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line))) + 1) {
      const std::string_view user = user_of(line, end);
      if (user.empty() || user == last) continue;
      last = user;
      users[part].push_back(user);
    }
  });
  // A block at a time: users of rows in any order come back soon.
  constexpr size_t kBlock = size_t{1} << 14;
  IdSet seen;
  const std::vector<std::string_view> all = concatenated(users);
  for (size_t at = 0; at < all.size(); at += kBlock) {
    const auto block = std::span(all).subspan(at, std::min(kBlock, all.size() - at));
    if (seen.insert_all(block, threads) < block.size()) return false;
  }
  return true;
}

void GroupReader::regroup(std::string_view text) {
  const char* end = text.data() + text.size();
  IdTable users;
  std::vector<std::string_view> lines;
  std::vector<uint32_t> user;
  for (const char* line = text.data(); line < end;) {
    const char* next = static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line))) + 1;
    lines.emplace_back(line, static_cast<size_t>(next - line));
    user.push_back(users.intern(user_of(line, end)));
    line = next;
  }
  std::vector<uint64_t> next(users.size() + 1, 0);
  for (const uint32_t u : user) ++next[u + 1];
  for (size_t u = 1; u < next.size(); ++u) next[u] += next[u - 1];
  std::vector<uint64_t> order(lines.size());
  for (size_t row = 0; row < lines.size(); ++row) order[next[user[row]]++] = row;

  const uint64_t first_line = reader_.input().kept_line_of(text.data());
  regrouped_.resize(text.size() + kTextPadding);
  line_numbers_.resize(lines.size());
  char* to = regrouped_.data();
  for (size_t at = 0; at < order.size(); ++at) {
    const std::string_view line = lines[order[at]];
    std::memcpy(to, line.data(), line.size());
    to += line.size();
    line_numbers_[at] = first_line + order[at];
  }
  pending_ = {regrouped_.data(), text.size()};
}

// Fills pending_ with whole groups; false at the end of the input.
bool GroupReader::load(int threads) {
  if (!regrouped_.empty()) return false;
  Input& input = reader_.input();
  const auto note_last_line = [this](std::string_view whole) {
    if (whole.size() < 2) return;
    const size_t before = whole.rfind('\n', whole.size() - 2);
    last_line_ = whole.substr(before == std::string_view::npos ? 0 : before + 1);
    last_line_.pop_back();
  };
  if (!reader_.next()) return false;
  std::string_view text = reader_.text();
  note_last_line(text);
  auto read_more = [&] {
    input.keep_from(text.data());
    if (!reader_.next()) return false;
    text = reader_.text();
    note_last_line(text);
    return true;
  };
  if (!started_) {
    started_ = true;
    if (grouping_ == Grouping::kUngrouped || (grouping_ == Grouping::kAuto && !stands_grouped(text, threads))) {
      while (!input.at_end() && read_more()) {
      }
      if (!stands_grouped(text, threads)) {
        regroup(text);
        return true;
      }
    }
  }
  const size_t chunk = kBytesPerThread * static_cast<size_t>(std::max(1, threads));
  input.set_chunk_bytes(chunk);
  // The last group may go on in the next chunk. One that fills the whole text is
  // looked at again each time, so the text doubles.
  while (!input.at_end()) {
    const char* last = one_group_so_far(text) ? text.data() : start_of_last_group(text);
    if (last > text.data()) {
      input.keep_from(last);
      text = text.substr(0, static_cast<size_t>(last - text.data()));
      break;
    }
    input.set_chunk_bytes(std::max(chunk, text.size()));
    if (!read_more()) break;
  }
  input.set_chunk_bytes(chunk);
  pending_ = text;
  return true;
}

bool GroupReader::next(int threads) {
  pieces_.clear();
  if (pending_.empty() && !load(threads)) return false;
  const size_t parallel = static_cast<size_t>(std::max(1, threads));
  const size_t size = static_cast<size_t>(group_start_from(pending_, kBytesPerThread * parallel) - pending_.data());
  pieces_ = split_groups(pending_.substr(0, size), kPiecesPerThread * parallel);
  pending_.remove_prefix(size);
  return true;
}

void GroupReader::note_users(const std::vector<std::vector<std::string_view>>& users, int threads) {
  const std::vector<std::string_view> all = concatenated(users);
  const size_t again = seen_.insert_all(all, threads);
  if (again == all.size()) return;
  fail_at(all[again].data(),
          {layout().position[0] + 1,
           fmt::format("user \"{}\" comes back after other users; sort the input by user, or pass --ungrouped",
                       printable(all[again]))});
}

void GroupReader::fail_at(const char* where, const BadField& bad) const {
  if (regrouped_.empty()) reader_.fail_at(where, bad);
  const auto line = std::count(regrouped_.data(), where, '\n');
  reader_.fail_line(reader_.input().line_of_kept(line_numbers_[static_cast<size_t>(line)]), bad);
}

void GroupReader::add_row(const Line& line, Rows& rows) const {
  const size_t columns = spec_.columns.size();
  const size_t start = rows.fields.size();
  rows.fields.resize(start + columns);
  rows.numbers.resize(start + columns);
  try {
    for (size_t column = 0; column < columns; ++column) {
      const int position = layout().position[column];
      rows.fields[start + column] = {};
      rows.numbers[start + column] = 0.0;
      if (position == Layout::kAbsent) continue;
      const std::string_view field = line.fields[static_cast<size_t>(position)];
      rows.fields[start + column] = field;
      if (spec_.columns[column].kind == TableSpec::Kind::kNumber) {
        rows.numbers[start + column] = number_field(line, position);
      } else if (spec_.columns[column].kind == TableSpec::Kind::kId) {
        id_field(line, position, spec_.columns[column].name.c_str());
      }
    }
  } catch (...) {  // a bad line that is skipped leaves no half row
    rows.fields.resize(start);
    rows.numbers.resize(start);
    throw;
  }
  rows.lines.push_back(line.text);
}

}  // namespace rec
