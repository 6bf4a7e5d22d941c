#include "eval/event_log.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/number.h"
#include "data/id_table.h"

namespace rec {
namespace {

// Where the columns are, and what the metrics need of them.
struct Form {
  int user;
  int item;
  int variant;
  int impressions;
  int clicks;
  int conversions;
  int rating;
  bool by_row = false;  // one row an impression: clicks and conversions are 0 or 1
  bool ctr = false;
  bool cr = false;
  bool cvr = false;
  bool satisfaction = false;
};

int position_of(const TableSpec& spec, const Layout& layout, std::string_view column) {
  const auto found = std::find_if(spec.columns.begin(), spec.columns.end(),
                                  [column](const TableSpec::Column& other) { return other.name == column; });
  return layout.position[static_cast<size_t>(found - spec.columns.begin())];
}

Form form_of(const TableSpec& spec, const Layout& layout, const std::string& name, std::span<const Metric> metrics,
             bool experiment) {
  const auto at = [&](std::string_view column) { return position_of(spec, layout, column); };
  constexpr int kAbsent = Layout::kAbsent;
  Form form{.user = at("user"),
            .item = at("item"),
            .variant = at("variant"),
            .impressions = at("impressions"),
            .clicks = at("clicks"),
            .conversions = at("conversions"),
            .rating = at("rating")};
  for (const Metric& metric : metrics) {
    form.ctr |= metric.info->name == "ctr";
    form.cr |= metric.info->name == "cr";
    form.cvr |= metric.info->name == "cvr";
    form.satisfaction |= metric.info->name == "satisfaction";
  }
  const bool counts = form.impressions != kAbsent || form.clicks != kAbsent || form.conversions != kAbsent;
  form.by_row = at("click") != kAbsent || at("conversion") != kAbsent;
  if (form.by_row && counts && !layout.header) {
    fail("{}: more columns than {} has without a header; with a variant behind the item, say --ab", name,
         experiment ? "an experiment" : "an event log");
  }
  if (form.by_row && counts) fail("{}: columns of both forms: click or conversion, and counts", name);
  if (form.by_row) {
    form.clicks = at("click");
    form.conversions = at("conversion");
  }
  const bool raw = std::find(layout.names.begin(), layout.names.end(), "event") != layout.names.end();
  const auto need = [&](bool there, bool needed, const char* column, const char* by) {
    if (needed && !there) {
      fail("{}: no column {}, which {} needs{}", name, column, by,
           raw ? "; for a log of one row an event say --events" : "");
    }
  };
  const bool impressions = form.by_row || form.impressions != kAbsent;
  const char* const clicks = form.by_row ? "click" : "clicks";
  const char* const conversions = form.by_row ? "conversion" : "conversions";
  need(impressions, form.ctr, "impressions", "ctr");
  need(impressions, form.cvr, "impressions", "cvr");
  need(form.clicks != kAbsent, form.ctr, clicks, "ctr");
  need(form.clicks != kAbsent, form.cr, clicks, "cr");
  need(form.conversions != kAbsent, form.cr, conversions, "cr");
  need(form.conversions != kAbsent, form.cvr, conversions, "cvr");
  need(form.rating != kAbsent, form.satisfaction, "rating", "satisfaction");
  need(form.variant != kAbsent, experiment, "variant", "an experiment");
  return form;
}

uint64_t count_field(const Line& line, int position, bool flag) {
  if (position == Layout::kAbsent) return 0;
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto count = parse_integer<uint32_t>(field);
  if (!count || (flag && *count > 1)) {
    bad_field(position + 1, fmt::format("expected {}, found \"{}\"", flag ? "0 or 1" : "a count", printable(field)));
  }
  return *count;
}

[[noreturn]] void bad_counts(int position, const char* what, uint64_t more, const char* of, uint64_t less) {
  bad_field(position + 1, fmt::format("more {} ({}) than {} ({})", what, more, of, less));
}

EventCounts parse_counts(const Form& form, const Line& line) {
  EventCounts counts;
  counts.impressions = form.by_row ? 1 : count_field(line, form.impressions, false);
  counts.clicks = count_field(line, form.clicks, form.by_row);
  counts.conversions = count_field(line, form.conversions, form.by_row);
  if (form.ctr && counts.clicks > counts.impressions) {
    bad_counts(form.clicks, "clicks", counts.clicks, "impressions", counts.impressions);
  }
  if (form.cr && counts.conversions > counts.clicks) {
    bad_counts(form.conversions, "conversions", counts.conversions, "clicks", counts.clicks);
  }
  if (form.cvr && counts.conversions > counts.impressions) {
    bad_counts(form.conversions, "conversions", counts.conversions, "impressions", counts.impressions);
  }
  if (form.rating != Layout::kAbsent && !line.fields[static_cast<size_t>(form.rating)].empty()) {
    counts.rating = number_field(line, form.rating);
    counts.ratings = 1;
  }
  return counts;
}

// The rows of one piece of a batch; the views are dead with the batch.
struct EventPiece {
  EventCounts counts;
  uint64_t rows = 0;
  std::vector<std::string_view> users;
  std::vector<std::string_view> variants;
  std::vector<EventCounts> each;
};

// Sums by user and variant, in the order of the rows.
class UserSums {
 public:
  // Without users every row is one.
  void add(const EventPiece& piece) {
    ids_.resize(piece.each.size());
    if (piece.users.empty()) {
      std::iota(ids_.begin(), ids_.end(), static_cast<uint32_t>(first_.size()));
    } else {
      users_.intern_all(piece.users, ids_.data());
    }
    for (size_t row = 0; row < piece.each.size(); ++row) {
      const uint32_t variant = piece.variants.empty() ? 0 : variants_.intern(piece.variants[row]);
      sum_of(ids_[row], variant) += piece.each[row];
    }
  }

  void move_to(EventLog& log) {
    log.users = log.has_users ? users_.size() : first_.size();
    if (!log.has_variants) variants_.intern("");
    const std::vector<uint32_t> order = variants_.sorted_order();
    std::vector<size_t> place(order.size());
    for (size_t at = 0; at < order.size(); ++at) {
      place[order[at]] = at;
      log.variants.push_back({std::string(variants_[order[at]]), {}});
    }
    for (const uint32_t first : first_) log.users_in_several_variants += sums_[first].next != kNoId;
    for (const Sum& sum : sums_) log.variants[place[sum.variant]].users.push_back(sum.counts);
  }

 private:
  struct Sum {
    uint32_t variant;
    uint32_t next;  // of the same user in another variant
    EventCounts counts;
  };

  EventCounts& sum_of(uint32_t user, uint32_t variant) {
    if (user == first_.size()) {
      first_.push_back(append(variant));
      return sums_.back().counts;
    }
    for (uint32_t at = first_[user];; at = sums_[at].next) {
      if (sums_[at].variant == variant) return sums_[at].counts;
      if (sums_[at].next != kNoId) continue;
      const uint32_t added = append(variant);
      sums_[at].next = added;
      return sums_[added].counts;
    }
  }

  uint32_t append(uint32_t variant) {
    sums_.push_back({variant, kNoId, {}});
    return static_cast<uint32_t>(sums_.size() - 1);
  }

  IdTable users_;
  IdTable variants_;
  std::vector<uint32_t> first_;  // of each user, in sums_
  std::vector<Sum> sums_;
  std::vector<uint32_t> ids_;
};

// A variant in the place of a number is what people run into: say the way out.
TableReader open_log(const TableSpec& spec, const EventLogOptions& options) {
  try {
    return TableReader(options.path, spec, options.read);
  } catch (const Error& error) {
    const std::string_view text = error.what();
    if (options.experiment || text.find(":1: field 3: not a number") == std::string_view::npos) throw;
    fail("{} (a variant? then say --ab)", text);
  }
}

}  // namespace

TableSpec events_spec(bool experiment) {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  TableSpec spec{"events",
                 {{"user", true, TableSpec::Kind::kId, false},
                  {"item", true, TableSpec::Kind::kId, false},
                  {"impressions", false, kNumber},
                  {"clicks", false, kNumber},
                  {"conversions", false, kNumber},
                  {"click", false, kNumber},
                  {"conversion", false, kNumber},
                  {"rating", false}}};  // a number or nothing
  spec.columns.insert(experiment ? spec.columns.begin() + 2 : spec.columns.end(), {"variant", false});
  return spec;
}

EventLog read_event_log(const EventLogOptions& options, std::span<const Metric> metrics) {
  if (options.raw) return read_raw_event_log(options, metrics);
  const TableSpec spec = events_spec(options.experiment);
  TableReader reader = open_log(spec, options);
  EventLog log;
  log.name = reader.name();
  bool more = reader.next();
  if (!more) fail("{}: no rows to evaluate", log.name);
  const Form form = form_of(spec, reader.layout(), log.name, metrics, options.experiment);
  log.has_impressions = form.by_row || form.impressions != Layout::kAbsent;
  log.has_clicks = form.clicks != Layout::kAbsent;
  log.has_conversions = form.conversions != Layout::kAbsent;
  log.has_ratings = form.rating != Layout::kAbsent;
  log.has_users = form.user != Layout::kAbsent;
  log.has_variants = form.variant != Layout::kAbsent;
  const bool keep = log.has_variants || form.satisfaction || options.by_user;
  const auto parts = static_cast<size_t>(std::max(1, options.threads)) * 2;
  UserSums sums;
  std::vector<EventPiece> pieces;
  for (; more; more = reader.next()) {
    pieces.assign(parts, EventPiece{});
    reader.parse(options.threads, parts, [&](size_t at, const Line& line) {
      const EventCounts row = parse_counts(form, line);
      EventPiece& piece = pieces[at];
      if (keep) {
        const std::string_view user = log.has_users ? id_field(line, form.user, "user") : std::string_view();
        if (log.has_variants) piece.variants.push_back(id_field(line, form.variant, "variant"));
        if (log.has_users) piece.users.push_back(user);
        piece.each.push_back(row);
      }
      piece.counts += row;
      ++piece.rows;
    });
    for (const EventPiece& piece : pieces) {
      log.counts += piece.counts;
      log.counts.rating = log.counts.rating_exponent = 0;  // pieces depend on the threads, and so would the sum
      log.rows += piece.rows;
      if (keep) sums.add(piece);
    }
  }
  if (log.rows == 0) fail("{}: no rows to evaluate", log.name);
  log.bad_lines = reader.bad_lines();
  if (keep) sums.move_to(log);
  return log;
}

}  // namespace rec
