#include "view/group_shares.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "view/html.h"

namespace rec {
namespace {

constexpr size_t kMostGroups = 30;

std::string percent(double share) { return fmt::format("{:.1f} %", 100.0 * share); }

}  // namespace

GroupShares::GroupShares(FeatureTable features, const std::string& kind)
    : features_(std::move(features)), kind_(features_.kind(kind)), sums_(kind_.categories.size() + 1) {
  for (uint32_t item = 0; item < features_.ids.size(); ++item) add(kCatalogue, features_.ids[item], 1.0);
}

void GroupShares::add(Column column, std::string_view item, double weight) {
  const FeatureKind::Row row = kind_.row(features_.ids.find(item));
  row.for_each_share([&](uint32_t group, double share) { sums_[group][column] += share * weight; });
  if (row.size == 0) sums_.back()[column] += weight;
  if (column != kPlaces) return;
  ++places_;
  without_group_ += row.size == 0 ? 1 : 0;
}

std::vector<GroupShares::Row> GroupShares::rows() const {
  std::vector<uint32_t> order(kind_.categories.size());
  for (uint32_t group = 0; group < order.size(); ++group) order[group] = group;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return sums_[a][kExposure] > sums_[b][kExposure]; });
  const size_t shown = order.size() <= kMostGroups + 1 ? order.size() : kMostGroups;
  std::vector<Row> rows;
  for (const uint32_t group : order) {
    if (rows.size() < shown) {
      rows.push_back({"<bdi>" + html_text(kind_.categories[group]) + "</bdi>", sums_[group]});
      continue;
    }
    if (rows.size() == shown) rows.push_back({fmt::format("{} more groups", order.size() - shown), Sums{}, true});
    for (size_t column = 0; column < kColumns; ++column) rows.back().sums[column] += sums_[group][column];
  }
  if (std::any_of(sums_.back().begin(), sums_.back().end(), [](double sum) { return sum > 0.0; }))
    rows.push_back({"Without a group", sums_.back()});
  return rows;
}

std::string GroupShares::html(const std::array<bool, kColumns>& with, size_t users) const {
  constexpr std::array<std::string_view, kColumns> kHeads{"Places", "Exposure", "Compared", "History", "Catalogue"};
  std::vector<Row> rows = this->rows();
  Sums totals{};
  for (const Row& row : rows) {
    for (size_t column = 0; column < kColumns; ++column) totals[column] += row.sums[column];
  }
  for (Row& row : rows) {
    for (size_t column = 0; column < kColumns; ++column) row.sums[column] /= std::max(totals[column], 1e-300);
  }
  const Column beside = with[kHistory] ? kHistory : kCatalogue;
  double most = 0.0;
  for (const Row& row : rows) {
    if (!row.is_rest) most = std::max({most, row.sums[kExposure], row.sums[beside]});
  }
  std::string text = fmt::format(
      "<section aria-labelledby=\"groups-title\">\n<h2 id=\"groups-title\">Exposure by <bdi>{}</bdi></h2>\n"
      "<p class=\"soft\">The {} place{} in the lists of the {} user{} on this page, by group. Exposure counts a place "
      "by "
      "1 / log2(rank + 1).{} The bar is the exposure, the line across it the {}.</p>\n"
      "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"groups-title\"><table>\n"
      "<thead><tr><th scope=\"col\">Group</th><th scope=\"col\">From 0 to {}</th>",
      html_text(kind_.name), places_, places_ == 1 ? "" : "s", users, users == 1 ? "" : "s",
      with[kCompared] ? " Compared is the exposure in the second ranking." : "",
      with[kHistory] ? "share in the history" : "share of the catalogue", percent(most));
  for (size_t column = 0; column < kColumns; ++column) {
    if (with[column]) text += fmt::format("<th scope=\"col\">{}</th>", kHeads[column]);
  }
  text += "</tr></thead>\n<tbody>\n";
  const auto part = [most](double share) { return most > 0.0 ? 100.0 * share / most : 0.0; };
  for (const Row& row : rows) {
    text += "<tr><th scope=\"row\">" + row.name + "</th><td class=\"interval\">";
    if (!row.is_rest) {
      text += fmt::format(
          "<span aria-hidden=\"true\"><i style=\"left:0;width:{:.1f}%\"></i><i class=\"beside\" style=\"left:{:.1f}%\">"
          "</i></span>",
          part(row.sums[kExposure]), part(row.sums[beside]));
    }
    text += "</td>";
    for (size_t column = 0; column < kColumns; ++column) {
      if (with[column]) text += "<td>" + (totals[column] > 0.0 ? percent(row.sums[column]) : "") + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n</section>\n";
}

}  // namespace rec
