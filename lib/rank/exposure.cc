#include "rank/exposure.h"

#include <cmath>
#include <limits>

namespace rec {
namespace {

uint64_t fixed_point(double value) { return static_cast<uint64_t>(std::llround(value * 0x1p32)); }

}  // namespace

Exposure::Exposure(const IdTable& items, const FeatureKind& groups)
    : items_(items), groups_(groups), sums_(groups.categories.size() + 1), listed_(items.size(), 0) {}

template <class Add>
void Exposure::for_each_share(std::string_view item, Add&& add) const {
  const FeatureKind::Row row = groups_.row(items_.find(item));
  if (row.size == 0) add(sums_.size() - 1, 1.0);
  row.for_each_share(add);
}

void Exposure::add(std::span<const Candidate> candidates, std::span<const double> relevance,
                   std::span<const Candidate> list) {
  ++users_;
  const auto count_once = [this](uint64_t& users, uint64_t& counted) {
    users += counted == users_ ? 0 : 1;
    counted = users_;
  };
  for (size_t at = 0; at < candidates.size(); ++at) {
    for_each_share(candidates[at].item, [&](size_t group, double share) {
      sums_[group].relevance += fixed_point(share * relevance[at]);
      count_once(sums_[group].users_candidates, sums_[group].counted_candidates);
    });
  }
  for (size_t rank = 0; rank < list.size(); ++rank) {
    const double exposure = 1.0 / std::log2(static_cast<double>(rank + 2));
    for_each_share(list[rank].item, [&](size_t group, double share) {
      ++sums_[group].rows;
      count_once(sums_[group].users_listed, sums_[group].counted_listed);
      sums_[group].exposure += fixed_point(share * exposure);
    });
    const uint32_t item = items_.find(list[rank].item);
    if (item != kNoId) {
      listed_[item] = 1;
    } else {
      foreign_.emplace(list[rank].item);
    }
  }
}

Exposure& Exposure::operator+=(const Exposure& other) {
  for (size_t group = 0; group < sums_.size(); ++group) {
    sums_[group].rows += other.sums_[group].rows;
    sums_[group].users_listed += other.sums_[group].users_listed;
    sums_[group].users_candidates += other.sums_[group].users_candidates;
    sums_[group].exposure += other.sums_[group].exposure;
    sums_[group].relevance += other.sums_[group].relevance;
  }
  for (size_t item = 0; item < listed_.size(); ++item) listed_[item] |= other.listed_[item];
  foreign_.insert(other.foreign_.begin(), other.foreign_.end());
  return *this;
}

std::vector<Exposure::Line> Exposure::lines(uint64_t min_users, LeftOut* left) const {
  std::vector<uint64_t> items(sums_.size(), 0);
  items.back() = foreign_.size();
  for (uint32_t item = 0; item < listed_.size(); ++item) {
    if (listed_[item] != 0) for_each_share(items_[item], [&](size_t group, double) { ++items[group]; });
  }
  std::vector<size_t> groups;  // that have a line
  std::vector<uint64_t> users;
  for (size_t group = 0; group < sums_.size(); ++group) {
    const Sums& its = sums_[group];
    if (group + 1 == sums_.size() && its.rows == 0 && its.relevance == 0) continue;
    groups.push_back(group);
    users.push_back(its.users_listed > 0 ? its.users_listed : its.users_candidates);
  }
  const LeftOut out = groups_below(users, min_users);
  if (left != nullptr) *left = out;
  uint64_t exposure = 0;
  uint64_t relevance = 0;
  for (size_t at = 0; at < groups.size(); ++at) {
    if (out.out[at]) continue;
    exposure += sums_[groups[at]].exposure;
    relevance += sums_[groups[at]].relevance;
  }
  auto share = [](uint64_t part, uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  std::vector<Line> lines;
  for (size_t at = 0; at < groups.size(); ++at) {
    if (out.out[at]) continue;
    const size_t group = groups[at];
    const bool none = group + 1 == sums_.size();
    Line line{none ? std::string() : std::string(groups_.categories[static_cast<uint32_t>(group)]),
              items[group],
              sums_[group].rows,
              share(sums_[group].exposure, exposure),
              share(sums_[group].relevance, relevance),
              std::numeric_limits<double>::quiet_NaN()};
    if (line.relevance_share > 0) line.ratio = line.exposure_share / line.relevance_share;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace rec
