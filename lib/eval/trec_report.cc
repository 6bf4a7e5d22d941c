#include "eval/trec_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace rec {
namespace {

void append_value(std::string& text, const Metric& metric, std::string_view query, double value) {
  const bool whole = metric.info->aggregate == Aggregate::kSum;
  text += whole ? fmt::format("{:<22}\t{}\t{:.0f}\n", metric.name, query, value)
                : fmt::format("{:<22}\t{}\t{:6.4f}\n", metric.name, query, value);
}

}  // namespace

std::string relevance_string(const RankedList& list) {
  constexpr uint32_t kPlaces = 10;
  std::string text(std::min(list.length, kPlaces), '-');
  for (const Hit& hit : list.hits) {
    if (hit.position >= text.size()) break;
    text[hit.position] = hit.gain > 9.0 ? '>' : static_cast<char>('0' + static_cast<int>(hit.gain));
  }
  for (const Miss& miss : list.misses) {
    if (miss.position < text.size()) text[miss.position] = miss.judged ? '0' : '.';
  }
  return text;
}

void write_trec_report(Output& out, std::span<const Metric> metrics, std::span<const double> means,
                       const TrecReport& report, std::span<const std::string> users, std::span<const double> values) {
  out.no_table();
  std::string text;
  // trec_eval prints the string of relevances behind P; a set without "recall" has none.
  const auto behind = std::find_if(metrics.begin(), metrics.end(),
                                   [](const Metric& metric) { return metric.name.starts_with("recall_"); });
  for (size_t user = 0; user < users.size(); ++user) {
    for (size_t metric = 0; metric < metrics.size(); ++metric) {
      if (metrics.begin() + static_cast<ptrdiff_t>(metric) == behind)
        text += fmt::format("{:<22}\t{}\t'{}'\n", "relstring", users[user], report.relevances[user]);
      if (metrics[metric].info->aggregate == Aggregate::kGeometric) continue;
      append_value(text, metrics[metric], users[user], values[user * metrics.size() + metric]);
    }
  }
  text += fmt::format("{:<22}\tall\t{}\n{:<22}\tall\t{}\n", "runid", report.run, "num_q", report.queries);
  for (size_t metric = 0; metric < metrics.size(); ++metric) append_value(text, metrics[metric], "all", means[metric]);
  out.write(text);
}

}  // namespace rec
