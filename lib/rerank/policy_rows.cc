#include "rerank/policy_rows.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"

namespace rec {
namespace {

void append_field(std::string& out, double number) {
  out += '\t';
  append_number(out, number);
}

// The candidates that the log knows, by their number in its items.
std::vector<std::pair<uint32_t, size_t>> places_by_number(const PolicyLog& log,
                                                          const std::vector<Candidate>& candidates) {
  std::vector<std::pair<uint32_t, size_t>> places;
  for (size_t at = 0; at < candidates.size(); ++at) {
    const uint32_t number = log.items.find(candidates[at].item);
    if (number != kNoId) places.emplace_back(number, at);
  }
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace

std::string policy_header(const PolicyLog* log, bool predicts) {
  if (log == nullptr) return "user\titem\tscore\trank\ttarget\n";
  return std::string("user\titem\treward\tpropensity\ttarget") + (predicts ? "\tpredicted\texpected" : "") +
         (log->has_ranks ? "\trank\n" : "\n");
}

uint64_t write_policy_table(const Group& group, size_t score, const std::vector<Candidate>& candidates,
                            const PolicyTable& table, std::string& out) {
  uint64_t rows = 0;
  for (size_t rank = 0; rank < table.ranks; ++rank) {
    for (size_t at = 0; at < candidates.size(); ++at) {
      const double target = table.at(at, rank);
      if (target == 0.0) continue;
      ++rows;
      out += group.user;
      out += '\t';
      out += candidates[at].item;
      out += '\t';
      out += group.field(candidates[at].row, score);
      out += '\t';
      append_integer(out, rank + 1);
      append_field(out, target);
      out += '\n';
    }
  }
  return rows;
}

uint64_t write_policy_log(std::string_view user, const PolicyLog& log, std::span<const PolicyLog::Row> rows,
                          const std::vector<Candidate>& candidates, const PolicyTable& table,
                          const std::vector<double>& predicted, bool predicts, uint64_t& unlisted, std::string& out) {
  const auto places = places_by_number(log, candidates);
  std::vector<double> expected(predicts ? table.ranks : 0, 0.0);
  for (size_t rank = 0; rank < expected.size(); ++rank) {
    for (size_t at = 0; at < candidates.size(); ++at) expected[rank] += table.at(at, rank) * predicted[at];
    if (!std::isfinite(expected[rank]))
      fail("user \"{}\": the expected reward is beyond the range of numbers", printable(user));
  }
  for (const PolicyLog::Row& row : rows) {
    const auto found = std::lower_bound(places.begin(), places.end(), std::pair(row.item, size_t{0}));
    const bool listed = found != places.end() && found->first == row.item;
    unlisted += listed ? 0 : 1;
    const size_t rank = row.rank - 1;
    out += user;
    out += '\t';
    out += log.items[row.item];
    append_field(out, row.reward);
    append_field(out, row.propensity);
    append_field(out, listed ? table.at(found->second, rank) : 0.0);
    if (predicts) {
      append_field(out, listed ? predicted[found->second] : 0.0);
      append_field(out, rank < expected.size() ? expected[rank] : 0.0);
    }
    if (log.has_ranks) {
      out += '\t';
      append_integer(out, row.rank);
    }
    out += '\n';
  }
  return rows.size();
}

}  // namespace rec
