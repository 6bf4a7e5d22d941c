#include "view/page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/number.h"
#include "data/features.h"
#include "data/titles.h"
#include "data/user_items.h"
#include "view/assets.h"
#include "view/group_shares.h"
#include "view/html.h"

namespace rec {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kUsersWithoutScript = 3;

// The items of the page, numbered as they come.
class PageItems {
 public:
  uint32_t number(std::string_view item) { return items_.intern(item); }
  uint32_t find(std::string_view item) const { return items_.find(item); }
  std::string_view id(uint32_t item) const { return items_[item]; }

  // [id, title, image] of each, without what is empty at the end.
  Json json(const std::optional<ItemTexts>& titles, const std::optional<ItemTexts>& images, ViewCounts& counts) const {
    Json all = Json::array();
    for (uint32_t item = 0; item < items_.size(); ++item) {
      Json entry = Json::array({shown_text(items_[item])});
      const auto title = titles ? titles->find(items_[item]) : std::nullopt;
      counts.without_title += titles && !title ? 1 : 0;
      counts.without_image += images && !images->find(items_[item]) ? 1 : 0;
      std::string_view image = images ? images->find(items_[item]).value_or("") : "";
      if (!image.empty() && !is_image_url(image)) {
        ++counts.refused_images;
        image = {};
      }
      if (title || !image.empty()) entry.push_back(shown_text(title.value_or("")));
      if (!image.empty()) entry.push_back(image);
      all.push_back(std::move(entry));
    }
    return all;
  }

 private:
  IdTable items_;
};

struct Row {
  uint32_t item;
  std::string score;  // as in the table
  double key;         // the smallest first
};

using List = std::vector<Row>;

struct HistoryEntry {
  uint32_t item;
  std::string value;
};

struct User {
  List ranking;
  List compare;
  std::vector<HistoryEntry> history;
  size_t older = 0;  // items of the history that are not shown
};

// Shares of the items of a history, of a candidate or of a head.
using Shares = std::vector<double>;

class Page {
 public:
  Page(const ViewOptions& options, const ReadOptions& main, const ReadOptions& side, int threads)
      : options_(options), main_(main), side_(side), threads_(threads) {}

  ViewCounts write(Output& out) {
    read_ranking(options_.ranking, main_, true);
    if (!options_.compare.empty()) read_ranking(options_.compare, side_, false);
    if (!options_.exposure.empty()) {
      groups_.emplace(read_item_features(options_.features, side_, threads_), options_.exposure);
      add_places();
    }
    if (!options_.history.empty()) read_history();
    if (!options_.attention.empty()) read_attention();
    titles_ = texts(options_.titles, read_titles);
    const auto images = texts(options_.images, read_images);
    Json data;
    data["items"] = items_.json(titles_, images, counts_);
    data["compare"] = !options_.compare.empty();
    data["history"] = !options_.history.empty();
    data["users"] = Json::array();
    for (uint32_t user = 0; user < users_.size(); ++user) data["users"].push_back(user_json(user));
    counts_.users = users_.size();
    std::string figures = options_.metrics.empty() ? std::string() : metrics_html();
    if (groups_) figures += groups_html();
    write_html(data, figures, out);
    return counts_;
  }

 private:
  template <class Read>
  std::optional<ItemTexts> texts(const std::string& path, Read read) {
    if (path.empty()) return std::nullopt;
    ItemTexts found = read(path, side_);
    counts_.bad_lines.emplace_back(found.bad_lines, found.name);
    return found;
  }

  // main: the ranking says who is on the page.
  void read_ranking(const std::string& path, const ReadOptions& read, bool main) {
    enum Column : size_t { kUser, kItem, kScore, kRank };
    TableReader reader(path, view_ranking_spec(), read);
    const Layout& layout = reader.layout();
    IdTable left_out;
    while (reader.next()) {
      reader.parse(1, 1, [&](size_t, const Line& line) {
        const std::string_view id = id_field(line, layout.position[kUser], "user");
        const std::string_view item = id_field(line, layout.position[kItem], "item");
        const bool scored = layout.has(kScore);
        const bool ranked = layout.has(kRank);
        const double score = scored ? number_field(line, layout.position[kScore]) : 0.0;
        const double rank = ranked ? number_field(line, layout.position[kRank]) : 0.0;
        uint32_t user = users_.find(id);
        if (user == kNoId) {
          if (main && users_.size() == options_.max_users) left_out.intern(id);
          if (!main || users_.size() == options_.max_users) return;
          user = users_.intern(id);
          of_.emplace_back();
        }
        Row row{items_.number(item), {}, ranked ? rank : -score};
        if (scored) row.score = line.fields[static_cast<size_t>(layout.position[kScore])];
        (main ? of_[user].ranking : of_[user].compare).push_back(std::move(row));
      });
    }
    for (User& user : of_) put_in_order(main ? user.ranking : user.compare);
    counts_.bad_lines.emplace_back(reader.bad_lines(), reader.name());
    if (main) counts_.users_left_out = left_out.size();
  }

  void put_in_order(List& list) const {
    std::stable_sort(list.begin(), list.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
    if (list.size() > options_.top) list.resize(options_.top);
  }

  void add_places() {
    const auto exposure = [](size_t place) { return 1.0 / std::log2(static_cast<double>(place + 2)); };
    for (const User& user : of_) {
      for (size_t place = 0; place < user.ranking.size(); ++place) {
        const std::string_view item = items_.id(user.ranking[place].item);
        groups_->add(GroupShares::kPlaces, item, 1.0);
        groups_->add(GroupShares::kExposure, item, exposure(place));
      }
      for (size_t place = 0; place < user.compare.size(); ++place)
        groups_->add(GroupShares::kCompared, items_.id(user.compare[place].item), exposure(place));
    }
  }

  std::string groups_html() {
    counts_.bad_lines.emplace_back(groups_->bad_lines(), groups_->name());
    counts_.places = groups_->places();
    counts_.without_group = groups_->places_without_group();
    std::array<bool, GroupShares::kColumns> with;
    with.fill(true);
    with[GroupShares::kCompared] = !options_.compare.empty();
    with[GroupShares::kHistory] = !options_.history.empty();
    return groups_->html(with, users_.size());
  }

  void read_history() {
    UserItems all = read_user_items(options_.history, side_, {.value = true, .timestamp = true}, threads_);
    counts_.bad_lines.emplace_back(all.bad_lines, input_name(options_.history));
    for (uint32_t number = 0; number < users_.size(); ++number) {
      User& user = of_[number];
      const auto [first, last] = all.range(all.users.find(users_[number]));
      std::vector<size_t> entries;
      for (size_t entry = last; entry > first; --entry) entries.push_back(entry - 1);
      if (!all.timestamp.empty()) {
        std::stable_sort(entries.begin(), entries.end(),
                         [&](size_t a, size_t b) { return all.timestamp[a] > all.timestamp[b]; });
      }
      std::set<uint32_t> seen;
      for (const size_t entry : entries) {
        if (!seen.insert(all.item[entry]).second) continue;
        if (groups_) groups_->add(GroupShares::kHistory, all.items[all.item[entry]], 1.0);
        if (user.history.size() == options_.max_history) {
          ++user.older;
          continue;
        }
        HistoryEntry shown{items_.number(all.items[all.item[entry]]), {}};
        if (!all.value.empty()) append_number(shown.value, all.value[entry]);
        user.history.push_back(std::move(shown));
      }
      counts_.without_history += user.history.empty() ? 1 : 0;
    }
  }

  void read_attention() {
    enum Column : size_t { kUser, kItem, kHistoryItem, kAttention, kBlock, kHead };
    using Kind = TableSpec::Kind;
    TableReader reader(options_.attention,
                       {"explanation",
                        {{"user"},
                         {"item"},
                         {"history_item"},
                         {"attention", true, Kind::kNumber},
                         {"block", false, Kind::kNumber},
                         {"head", false, Kind::kNumber}}},
                       side_);
    const Layout& layout = reader.layout();
    const bool by_head = layout.has(kBlock) && layout.has(kHead);
    while (reader.next()) {
      reader.parse(1, 1, [&](size_t, const Line& line) {
        const uint32_t user = users_.find(id_field(line, layout.position[kUser], "user"));
        const uint32_t item = items_.find(id_field(line, layout.position[kItem], "item"));
        const uint32_t past = items_.find(id_field(line, layout.position[kHistoryItem], "history_item"));
        const double share = number_field(line, layout.position[kAttention]);
        if (share < 0.0 || share > 1.0 + 1e-6)
          bad_field(layout.position[kAttention] + 1, "expected a share from 0 to 1");
        std::pair<double, double> head{0.0, 0.0};
        if (by_head) head = {number_field(line, layout.position[kBlock]), number_field(line, layout.position[kHead])};
        if (user == kNoId || item == kNoId || past == kNoId) return;
        const std::vector<HistoryEntry>& history = of_[user].history;
        const auto at = std::find_if(history.begin(), history.end(),
                                     [past](const HistoryEntry& entry) { return entry.item == past; });
        if (at == history.end()) return;
        Shares& shares = attention_[{user, item}][head];
        shares.resize(history.size());
        shares[static_cast<size_t>(at - history.begin())] += share;
      });
    }
    by_head_ = by_head;
    counts_.bad_lines.emplace_back(reader.bad_lines(), reader.name());
  }

  static Json list_json(const List& list) {
    Json rows = Json::array();
    for (const Row& row : list) rows.push_back(Json::array({row.item, shown_text(row.score)}));
    return rows;
  }

  // Shares in thousandths: what a person can tell apart.
  static Json thousandths(const Shares& shares) {
    Json all = Json::array();
    for (const double share : shares) all.push_back(static_cast<int>(std::lround(1000.0 * share)));
    return all;
  }

  Json user_json(uint32_t number) const {
    const User& user = of_[number];
    Json json;
    json["id"] = shown_text(users_[number]);
    json["ranking"] = list_json(user.ranking);
    if (!options_.compare.empty()) json["compare"] = list_json(user.compare);
    if (options_.history.empty()) return json;
    json["history"] = Json::array();
    for (const HistoryEntry& entry : user.history) json["history"].push_back(Json::array({entry.item, entry.value}));
    if (user.older > 0) json["older"] = user.older;
    if (!options_.attention.empty()) add_attention(number, json);
    return json;
  }

  // The mean over the heads for each recommendation and, by head, the matrices that differ.
  void add_attention(uint32_t number, Json& json) const {
    const User& user = of_[number];
    Json means = Json::array();
    Json matrices = Json::array();
    Json matrix_of = Json::array();
    for (const Row& row : user.ranking) {
      const auto found = attention_.find({number, row.item});
      if (found == attention_.end()) {
        means.push_back(nullptr);
        matrix_of.push_back(-1);
        continue;
      }
      Shares mean(user.history.size());
      Json matrix = Json::array();
      for (const auto& [head, shares] : found->second) {
        for (size_t at = 0; at < shares.size(); ++at)
          mean[at] += shares[at] / static_cast<double>(found->second.size());
        matrix.push_back(Json::array({head.first, head.second, thousandths(shares)}));
      }
      means.push_back(thousandths(mean));
      if (!by_head_) continue;
      size_t same = 0;
      while (same < matrices.size() && matrices[same] != matrix) ++same;
      if (same == matrices.size()) matrices.push_back(std::move(matrix));
      matrix_of.push_back(same);
    }
    json["attention"] = std::move(means);
    if (!by_head_) return;
    json["matrices"] = std::move(matrices);
    json["matrix"] = std::move(matrix_of);
  }

  std::string metrics_html();
  void write_html(const Json& data, const std::string& figures, Output& out) const;
  std::string without_script() const;

  const ViewOptions& options_;
  const ReadOptions& main_;
  const ReadOptions& side_;
  int threads_;
  ViewCounts counts_;
  PageItems items_;
  std::optional<ItemTexts> titles_;
  IdTable users_;
  std::vector<User> of_;  // by user
  // By user and recommendation: the shares of each block and head.
  std::map<std::pair<uint32_t, uint32_t>, std::map<std::pair<double, double>, Shares>> attention_;
  bool by_head_ = false;
  std::optional<GroupShares> groups_;
};

// A number of a metrics table, "nan" included.
double metric_number(const Line& line, int position) {
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  return field == "nan" ? std::nan("") : number_field(line, position);
}

std::string Page::metrics_html() {
  enum Column : size_t { kMetric, kValue, kLow, kHigh };
  using Kind = TableSpec::Kind;
  TableReader reader(
      options_.metrics,
      {"metrics",
       {{"metric"}, {"value", true, Kind::kText}, {"low", false, Kind::kText}, {"high", false, Kind::kText}}},
      side_);
  const Layout& layout = reader.layout();
  const bool intervals = layout.has(kLow) && layout.has(kHigh);
  std::string rows;
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view name = id_field(line, layout.position[kMetric], "metric");
      const double value = metric_number(line, layout.position[kValue]);
      rows += "<tr><th scope=\"row\">" + html_text(name) + "</th><td>" + fmt::format("{:.4g}", value) + "</td>";
      if (intervals && line.fields[static_cast<size_t>(layout.position[kLow])].empty()) {
        rows += "<td></td><td></td><td></td>";
      } else if (intervals) {
        const double low = metric_number(line, layout.position[kLow]);
        const double high = metric_number(line, layout.position[kHigh]);
        rows += fmt::format("<td>{:.4g}</td><td>{:.4g}</td><td class=\"interval\">", low, high);
        if (low >= 0.0 && high >= low && high <= 1.0) {
          rows += fmt::format("<span aria-hidden=\"true\"><i style=\"left:{:.1f}%;width:{:.1f}%\"></i></span>",
                              100.0 * low, 100.0 * (high - low));
        }
        rows += "</td>";
      }
      rows += "</tr>\n";
    });
  }
  counts_.bad_lines.emplace_back(reader.bad_lines(), reader.name());
  return "<section aria-labelledby=\"metrics-title\">\n<h2 id=\"metrics-title\">Metrics</h2>\n"
         "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"metrics-title\"><table>\n"
         "<thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Value</th>" +
         std::string(intervals
                         ? "<th scope=\"col\">Low</th><th scope=\"col\">High</th><th scope=\"col\">From 0 to 1</th>"
                         : "") +
         "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table></div>\n</section>\n";
}

std::string Page::without_script() const {
  std::string text = "<noscript>\n<p>Without JavaScript the page shows its first users.</p>\n";
  for (uint32_t user = 0; user < std::min<size_t>(users_.size(), kUsersWithoutScript); ++user) {
    text += "<section><h2>User <bdi>" + html_text(users_[user]) + "</bdi></h2>\n<ol>\n";
    for (const Row& row : of_[user].ranking) {
      const std::string_view id = items_.id(row.item);
      const std::string_view title = titles_ ? titles_->find(id).value_or("") : "";
      text += "<li class=\"row\"><bdi class=\"name\">" + html_text(title.empty() ? id : title) +
              "</bdi><span class=\"number\">" + html_text(row.score) + "</span></li>\n";
    }
    text += "</ol></section>\n";
  }
  return text + "</noscript>\n";
}

void Page::write_html(const Json& data, const std::string& figures, Output& out) const {
  const std::string heading = html_text(options_.heading);
  const std::string left = counts_.users_left_out == 0
                               ? ""
                               : fmt::format("<p class=\"soft\">{} more user{} of the ranking not on this page.</p>\n",
                                             counts_.users_left_out, counts_.users_left_out == 1 ? " is" : "s are");
  out.write(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
      "style-src 'unsafe-inline'; img-src data: http: https: file:\">\n<title>" +
      heading + "</title>\n<style>\n");
  out.write(view_style());
  out.write("</style>\n</head>\n<body>\n<header>\n<h1>" + heading + "</h1>\n" + left + "</header>\n<main>\n" +
            without_script());
  out.write(
      "<div id=\"app\" hidden>\n<nav aria-label=\"Users\">\n"
      "<label>Search users<input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>\n"
      "<label>User<select id=\"user\"></select></label>\n"
      "<button id=\"before\" type=\"button\">Previous</button><button id=\"after\" type=\"button\">Next</button>\n"
      "<span class=\"soft\" id=\"found\" role=\"status\"></span>\n</nav>\n"
      "<h2 id=\"who\" aria-live=\"polite\"></h2>\n<div class=\"lists\">\n"
      "<section aria-labelledby=\"ranking-title\">\n<h2 id=\"ranking-title\">Recommended</h2>\n" +
      std::string(options_.attention.empty() ? ""
                                             : "<p class=\"soft\">Point at one or move to it to see where the "
                                               "attention goes; click to keep it.</p>\n") +
      "<ol id=\"ranking\"></ol>\n" +
      std::string(options_.history.empty() ? "" : "<p class=\"soft said\" id=\"said\" aria-live=\"polite\"></p>\n") +
      "</section>\n");
  if (!options_.compare.empty()) {
    out.write(
        "<section aria-labelledby=\"compare-title\">\n<h2 id=\"compare-title\">Compared with</h2>\n"
        "<p class=\"soft\" id=\"both\"></p>\n<ol id=\"compare\"></ol>\n</section>\n");
  }
  if (!options_.history.empty()) {
    out.write(
        "<section aria-labelledby=\"history-title\">\n<h2 id=\"history-title\">History, latest first</h2>\n"
        "<ul id=\"history\"></ul>\n"
        "<p class=\"soft\" id=\"older\"></p>\n</section>\n");
  }
  out.write("</div>\n");
  if (!options_.history.empty()) {
    out.write(
        "<section id=\"heads\" aria-labelledby=\"heads-title\" hidden>\n<h2 id=\"heads-title\">Heads</h2>\n"
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"heads-title\">"
        "<table id=\"heat\" class=\"heat\"></table></div>\n</section>\n");
  }
  out.write("</div>\n" + figures + "</main>\n<script type=\"application/json\" id=\"data\">");
  out.write(json_in_script(data.dump(-1, ' ', true, Json::error_handler_t::replace)));
  out.write("</script>\n<script>\n");
  out.write(view_script());
  out.write("</script>\n</body>\n</html>\n");
}

}  // namespace

TableSpec view_ranking_spec() {
  using Kind = TableSpec::Kind;
  return {"ranking", {{"user"}, {"item"}, {"score", false, Kind::kNumber}, {"rank", false, Kind::kNumber}}};
}

ViewCounts write_page(const ViewOptions& options, const ReadOptions& main, const ReadOptions& side, int threads,
                      Output& out) {
  return Page(options, main, side, threads).write(out);
}

}  // namespace rec
