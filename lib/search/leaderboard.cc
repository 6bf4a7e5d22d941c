#include "search/leaderboard.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "io/byte_source.h"

namespace rec {
namespace {

struct LeaderboardColumn {
  enum : size_t { kRank, kTrial, kModel, kOptions, kEpoch, kMetric, kSeconds, kMemory, kSearch };
};

std::string_view text_of(const Line& line, const Layout& layout, size_t column) {
  return line.fields[static_cast<size_t>(layout.position[column])];
}

double number_of(const Line& line, const Layout& layout, size_t column) {
  return number_field(line, layout.position[column]);
}

uint64_t whole_of(const Line& line, const Layout& layout, size_t column) {
  const std::string_view text = text_of(line, layout, column);
  const auto number = parse_integer<uint32_t>(text);
  if (!number) bad_field(layout.position[column] + 1, fmt::format("not a whole number: \"{}\"", printable(text)));
  return *number;
}

TableSpec leaderboard_spec(const std::string& metric) {
  using Kind = TableSpec::Kind;
  return {"leaderboard",
          {{"rank", true, Kind::kText},
           {"trial", true, Kind::kText},
           {"model"},
           {"options", true, Kind::kText},
           {"epoch", true, Kind::kText},
           {metric, true, Kind::kText},
           {"seconds", true, Kind::kNumber},
           {"memory", true, Kind::kNumber},
           {"search"}}};
}

std::string header(const std::string& metric) {
  std::string line;
  for (const TableSpec::Column& column : leaderboard_spec(metric).columns)
    line += (line.empty() ? "" : "\t") + column.name;
  return line;
}

}  // namespace

bool Leaderboard::before(const LeaderboardRow& a, const LeaderboardRow& b) const {
  if (a.metric.has_value() != b.metric.has_value()) return a.metric.has_value();
  if (a.metric && *a.metric != *b.metric) return is_better(*a.metric, *b.metric);
  return a.trial < b.trial;
}

void Leaderboard::check_header(const std::string& path) const {
  ByteSource source(path);
  constexpr size_t kMost = 4096;
  std::string line(kMost, '\0');
  size_t size = 0;
  while (const size_t got = size < kMost ? source.read(line.data() + size, kMost - size) : 0) size += got;
  line.resize(size);
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  if (line == header(metric_)) return;
  const std::string around = header("\n");
  const size_t place = around.find('\n');
  const std::string before = around.substr(0, place), behind = around.substr(place + 1);
  if (line.size() <= before.size() + behind.size() || !line.starts_with(before) || !line.ends_with(behind))
    fail("{}: no leaderboard of rec-tune: name another --leaderboard", path);
  fail("{}: of a search by {}, here {}: name another --leaderboard, or remove it to begin anew", path,
       printable(line.substr(place, line.size() - before.size() - behind.size())), metric_);
}

void Leaderboard::read(const std::string& path) {
  check_header(path);
  ReadOptions options;
  options.csv.all = false;
  TableReader reader(path, leaderboard_spec(metric_), options);
  const Layout& layout = reader.layout();
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string search(text_of(line, layout, LeaderboardColumn::kSearch));
      if (search != identity_.text()) {
        const auto is = [&](size_t first, const std::string& part) {
          return search.compare(first, part.size(), part) == 0;
        };
        const size_t second = identity_.data.size() + 1;
        const char* what = search.size() != identity_.text().size() || !is(0, identity_.data) ? "of other interactions"
                           : !is(second, identity_.valid)                                     ? "of other held-out rows"
                                                          : "of a search with other spaces, seed, or other options";
        fail("{}: {}: name another --leaderboard, or remove it to begin anew", path, what);
      }
      LeaderboardRow row;
      row.trial = whole_of(line, layout, LeaderboardColumn::kTrial);
      row.model = text_of(line, layout, LeaderboardColumn::kModel);
      row.options = text_of(line, layout, LeaderboardColumn::kOptions);
      if (!text_of(line, layout, LeaderboardColumn::kEpoch).empty())
        row.epoch = static_cast<int>(whole_of(line, layout, LeaderboardColumn::kEpoch));
      if (!text_of(line, layout, LeaderboardColumn::kMetric).empty())
        row.metric = number_of(line, layout, LeaderboardColumn::kMetric);
      row.seconds = number_of(line, layout, LeaderboardColumn::kSeconds);
      row.memory = number_of(line, layout, LeaderboardColumn::kMemory);
      if (find(row.model, row.options) != nullptr)
        bad_field(layout.position[LeaderboardColumn::kOptions] + 1,
                  fmt::format("a run that is there twice: \"{}\"", printable(row.options)));
      rows_.push_back(std::move(row));
    });
  }
  std::sort(rows_.begin(), rows_.end(),
            [](const LeaderboardRow& a, const LeaderboardRow& b) { return a.trial < b.trial; });
}

void Leaderboard::write(const std::string& path, Sync sync) const {
  std::vector<const LeaderboardRow*> order;
  for (const LeaderboardRow& row : rows_) order.push_back(&row);
  std::sort(order.begin(), order.end(),
            [&](const LeaderboardRow* a, const LeaderboardRow* b) { return before(*a, *b); });
  std::string text = header(metric_) + "\n";
  for (size_t place = 0; place < order.size(); ++place) {
    const LeaderboardRow& row = *order[place];
    text += row.metric ? std::to_string(place + 1) : "";
    text += fmt::format("\t{}\t{}\t{}\t{}\t", row.trial, row.model, row.options,
                        row.epoch > 0 ? std::to_string(row.epoch) : "");
    if (row.metric) append_number(text, *row.metric);
    text += fmt::format("\t{:.3f}\t{:.3f}\t{}\n", row.seconds, row.memory, identity_.text());
  }
  Output out(path, sync);
  out.write(text);
  out.finish();
}

const LeaderboardRow* Leaderboard::find(const std::string& model, const std::string& options) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const LeaderboardRow& row) {
    return row.model == model && row.options == options;
  });
  return found == rows_.end() ? nullptr : &*found;
}

const LeaderboardRow* Leaderboard::best() const {
  const auto found = std::min_element(rows_.begin(), rows_.end(),
                                      [&](const LeaderboardRow& a, const LeaderboardRow& b) { return before(a, b); });
  return found == rows_.end() || !found->metric ? nullptr : &*found;
}

}  // namespace rec
