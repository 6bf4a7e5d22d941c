#include "score/eval_events.h"

#include <algorithm>

#include "base/error.h"
#include "io/number.h"

namespace rec {
namespace {

enum Column : size_t { kUser, kItem, kImpressions, kClicks, kConversions, kClick, kConversion };

struct Form {
  bool by_row = false;  // one row an impression
  bool conversions = false;
  bool ctr = false;
  bool cr = false;
  bool cvr = false;
};

Form form_of(const Layout& layout, const std::string& name, std::span<const Metric> metrics) {
  Form form;
  for (const Metric& metric : metrics) {
    form.ctr |= metric.info->name == "ctr";
    form.cr |= metric.info->name == "cr";
    form.cvr |= metric.info->name == "cvr";
  }
  const bool counts = layout.has(kImpressions) || layout.has(kClicks) || layout.has(kConversions);
  form.by_row = layout.has(kClick) || layout.has(kConversion);
  if (form.by_row && counts) fail("{}: columns of both forms: click or conversion, and counts", name);
  form.conversions = form.by_row ? layout.has(kConversion) : layout.has(kConversions);
  const bool clicks = form.by_row ? layout.has(kClick) : layout.has(kClicks);
  const bool impressions = form.by_row || layout.has(kImpressions);
  const auto need = [&](bool there, bool needed, const char* column, const char* by) {
    if (needed && !there) fail("{}: no column {}, which {} needs", name, column, by);
  };
  need(impressions, form.ctr, "impressions", "ctr");
  need(impressions, form.cvr, "impressions", "cvr");
  need(clicks, form.ctr, form.by_row ? "click" : "clicks", "ctr");
  need(clicks, form.cr, form.by_row ? "click" : "clicks", "cr");
  need(form.conversions, form.cr, form.by_row ? "conversion" : "conversions", "cr");
  need(form.conversions, form.cvr, form.by_row ? "conversion" : "conversions", "cvr");
  return form;
}

uint64_t count_field(const Layout& layout, const Line& line, Column column, bool flag) {
  if (!layout.has(column)) return 0;
  const int position = layout.position[column];
  const std::string_view field = line.fields[static_cast<size_t>(position)];
  const auto count = parse_integer<uint32_t>(field);
  if (!count || (flag && *count > 1)) {
    bad_field(position + 1, fmt::format("expected {}, found \"{}\"", flag ? "0 or 1" : "a count", printable(field)));
  }
  return *count;
}

[[noreturn]] void bad_counts(const Layout& layout, Column column, const char* what, uint64_t more, const char* of,
                             uint64_t less) {
  bad_field(layout.position[column] + 1, fmt::format("more {} ({}) than {} ({})", what, more, of, less));
}

EventCounts parse_row(const Layout& layout, const Form& form, const Line& line) {
  EventCounts counts;
  const Column clicks = form.by_row ? kClick : kClicks;
  const Column conversions = form.by_row ? kConversion : kConversions;
  counts.impressions = form.by_row ? 1 : count_field(layout, line, kImpressions, false);
  counts.clicks = count_field(layout, line, clicks, form.by_row);
  counts.conversions = count_field(layout, line, conversions, form.by_row);
  if (form.ctr && counts.clicks > counts.impressions) {
    bad_counts(layout, clicks, "clicks", counts.clicks, "impressions", counts.impressions);
  }
  if (form.cr && counts.conversions > counts.clicks) {
    bad_counts(layout, conversions, "conversions", counts.conversions, "clicks", counts.clicks);
  }
  if (form.cvr && counts.conversions > counts.impressions) {
    bad_counts(layout, conversions, "conversions", counts.conversions, "impressions", counts.impressions);
  }
  return counts;
}

}  // namespace

TableSpec events_spec() {
  constexpr auto kNumber = TableSpec::Kind::kNumber;
  return {"events",
          {{"user"},
           {"item"},
           {"impressions", false, kNumber},
           {"clicks", false, kNumber},
           {"conversions", false, kNumber},
           {"click", false, kNumber},
           {"conversion", false, kNumber}}};
}

EventEvaluation evaluate_events(const std::string& path, const ReadOptions& read, std::span<const Metric> metrics,
                                int threads) {
  TableReader reader(path, events_spec(), read);
  const Layout& layout = reader.layout();
  bool more = reader.next();
  if (!more) fail("{}: no rows to evaluate", reader.name());
  const Form form = form_of(layout, reader.name(), metrics);
  EventEvaluation evaluation;
  evaluation.header = layout.header;
  evaluation.has_conversions = form.conversions;
  const auto parts = static_cast<size_t>(std::max(1, threads)) * 2;
  struct Piece {
    EventCounts counts;
    uint64_t rows = 0;
  };
  std::vector<Piece> pieces;
  for (; more; more = reader.next()) {
    pieces.assign(parts, Piece{});
    reader.parse(threads, parts, [&](size_t piece, const Line& line) {
      const EventCounts row = parse_row(layout, form, line);
      Piece& sum = pieces[piece];
      sum.counts.impressions += row.impressions;
      sum.counts.clicks += row.clicks;
      sum.counts.conversions += row.conversions;
      ++sum.rows;
    });
    for (const Piece& piece : pieces) {
      evaluation.counts.impressions += piece.counts.impressions;
      evaluation.counts.clicks += piece.counts.clicks;
      evaluation.counts.conversions += piece.counts.conversions;
      evaluation.rows += piece.rows;
    }
  }
  if (evaluation.rows == 0) fail("{}: no rows to evaluate", reader.name());
  evaluation.bad_lines = reader.bad_lines();
  for (const Metric& metric : metrics) evaluation.values.push_back(metric.info->event(evaluation.counts));
  return evaluation;
}

}  // namespace rec
