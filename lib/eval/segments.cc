#include "eval/segments.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "data/overlap.h"
#include "io/table.h"

namespace rec {
namespace {

// One line's id and field; dead with the batch.
struct Membership {
  uint32_t id;
  uint32_t segment;
  auto operator<=>(const Membership&) const = default;
};

void add_field(uint32_t id, std::string_view field, IdTable& names, std::vector<Membership>& members) {
  while (!field.empty()) {
    const size_t bar = std::min(field.find('|'), field.size());
    if (bar > 0) members.push_back({id, names.intern(field.substr(0, bar))});
    field.remove_prefix(std::min(field.size(), bar + 1));
  }
}

EvaluatedUsers of_users(const Segments& segments, uint32_t which, const RankingEvaluation& evaluation, size_t metrics) {
  EvaluatedUsers result;
  for (size_t at = 0; at < evaluation.users.size(); ++at) {
    if (!segments.belongs(evaluation.users[at], which)) continue;
    const auto row = evaluation.values.begin() + static_cast<ptrdiff_t>(at * metrics);
    result.values.insert(result.values.end(), row, row + static_cast<ptrdiff_t>(metrics));
    result.users.push_back(evaluation.users[at]);
  }
  return result;
}

}  // namespace

bool Segments::belongs(uint32_t id, uint32_t which) const {
  return std::binary_search(segment.begin() + static_cast<ptrdiff_t>(begin[id]),
                            segment.begin() + static_cast<ptrdiff_t>(begin[id + size_t{1}]), which);
}

namespace {

// "user" or "item" for a first column of that name, also by --columns; "" for another.
std::string table_of_ids(const std::string& name, const ReadOptions& options) {
  if (name == "user" || name == "item") return name;
  for (const ColumnMap::Entry& entry :
       ColumnMap::parse(options.columns, {"segments", {{"user"}, {"item"}}}, options.columns_option, true).entries) {
    if (entry.field != name) continue;
    if (options.columns_used) options.columns_used->entries.push_back(entry);
    return entry.column;
  }
  return "";
}

}  // namespace

Segments read_segments(const std::string& what, const ReadOptions& options, const Truth& truth, bool all_users) {
  const size_t colon = what.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == what.size())
    fail_usage("--by \"{}\": expected FILE:COLUMN", printable(what));
  const std::string path = what.substr(0, colon);
  const std::string column = what.substr(colon + 1);
  TableReader reader(path, {"segments", {{column, true, TableSpec::Kind::kText}}}, options);
  const Layout& layout = reader.layout();
  if (!layout.header) fail("{}: no column \"{}\" in a header line", reader.name(), printable(column));
  const std::string ids_of = table_of_ids(layout.names[0], options);
  if (ids_of.empty()) {
    fail("{}:1: field 1: expected a column user or item, found \"{}\"", reader.name(), printable(layout.names[0]));
  }
  if (layout.position[0] == 0) fail_usage("--by \"{}\": the first column names the users or items", printable(what));
  Segments segments;
  segments.of_items = ids_of == "item";
  const IdTable& ids = segments.of_items ? truth.items : truth.users;
  IdTable names;
  std::vector<Membership> members;
  StreamIds found;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view name = id_field(line, 0, ids_of.c_str());
      const uint32_t id = ids.find(name);
      found.add(name, id != kNoId);
      if (id != kNoId) add_field(id, line.fields[static_cast<size_t>(layout.position[0])], names, members);
    });
  }
  segments.bad_lines = reader.bad_lines();
  const IdKind kind = segments.of_items ? IdKind::kItem : IdKind::kUser;
  const std::string text =
      unmet(kind,
            segments.of_items ? MatchedTable{.name = reader.name(), .users = {}, .items = found.column()}
                              : MatchedTable{.name = reader.name(), .users = found.column(), .items = {}},
            {.name = "the truth", .users = {&truth.users}, .items = {&truth.items}});
  if (!text.empty()) fail("{}", text);
  if (names.size() == 0) fail("{}: column \"{}\" says nothing of the truth", reader.name(), printable(column));

  const std::vector<uint32_t> order = names.sorted_order();
  std::vector<uint32_t> number(order.size());
  for (uint32_t at = 0; at < order.size(); ++at) {
    number[order[at]] = at;
    segments.names.emplace_back(names[order[at]]);
  }
  for (Membership& member : members) member.segment = number[member.segment];
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  segments.begin.assign(ids.size() + 1, 0);
  for (const Membership& member : members) {
    ++segments.begin[member.id + size_t{1}];
    segments.segment.push_back(member.segment);
  }
  std::partial_sum(segments.begin.begin(), segments.begin.end(), segments.begin.begin());
  for (uint32_t id = 0; id < ids.size(); ++id) {
    const bool counts = segments.of_items || all_users || truth.relevant(id) > 0;
    segments.without += counts && segments.begin[id] == segments.begin[id + size_t{1}] ? 1 : 0;
  }
  return segments;
}

EvaluatedUsers segment_values(const Segments& segments, uint32_t which, const Truth& truth,
                              const RankingEvaluation& evaluation, std::span<const Metric> metrics,
                              const RankingOptions& options) {
  if (!segments.of_items) return of_users(segments, which, evaluation, metrics.size());
  EvaluatedUsers result;
  std::vector<char> inside(truth.items.size());
  for (uint32_t item = 0; item < inside.size(); ++item) inside[item] = segments.belongs(item, which) ? 1 : 0;
  std::vector<double> ideal;
  std::vector<Hit> hits;
  for (const uint32_t user : evaluation.users) {
    ideal.clear();
    hits.clear();
    for (uint64_t entry = truth.begin[user]; entry < truth.begin[user + size_t{1}]; ++entry) {
      if (inside[truth.item[entry]] != 0) ideal.push_back(truth.gain[entry]);
    }
    if (ideal.empty()) {
      if (!options.all_users) continue;
      result.values.insert(result.values.end(), metrics.size(), 0.0);
      result.users.push_back(user);
      continue;
    }
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
    const RankedList whole = evaluation.lists.list_of(truth, user);
    for (const Hit& hit : whole.hits) {
      if (inside[truth.item[truth.begin[user] + hit.entry]] != 0) hits.push_back(hit);
    }
    for (const Metric& metric : metrics) {
      RankedList list{hits, whole.length, ideal};
      list.top_gain = whole.top_gain;
      result.values.push_back(ranking_function(*metric.info, options.ties)(list, metric.parameter));
    }
    result.users.push_back(user);
  }
  return result;
}

}  // namespace rec
