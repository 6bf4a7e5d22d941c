#include "embed/feature_tables.h"

#include <algorithm>

#include "base/error.h"
#include "data/vectors.h"

namespace rec {
namespace {

bool has_kind(const std::vector<FeatureTable>& tables, const std::string& name) {
  return std::any_of(tables.begin(), tables.end(), [&](const FeatureTable& table) {
    return std::any_of(table.kinds.begin(), table.kinds.end(),
                       [&](const FeatureKind& kind) { return kind.name == name; });
  });
}

// Those given.
std::string flags_of(const FeatureOptions& options, IdKind of) {
  const std::string side = of == IdKind::kItem ? "--item" : "--user";
  std::string flags = options.files(of).empty() ? "" : side + "-features";
  if (!options.vectors(of).empty()) flags += (flags.empty() ? "" : " or ") + side + "-vectors";
  return flags;
}

// Why no row of the features has an entry.
std::string why_empty(const FeatureMap& map, const std::vector<FeatureTable>& tables, const FeatureOptions& options) {
  const auto none = [&](auto&& counts) { return std::none_of(map.columns.begin(), map.columns.end(), counts); };
  if (map.size() == 0) return "no feature in any row";
  if (none([](const FeatureColumn& column) { return column.kind_scale > 0.0f; }))
    return "--kind-weight gives every kind the weight 0";
  const bool has_values = std::any_of(tables.begin(), tables.end(), [](const FeatureTable& table) {
    return std::any_of(table.kinds.begin(), table.kinds.end(),
                       [](const FeatureKind& kind) { return kind.rows.entries() > 0; });
  });
  if (!has_values) return "all numbers are 0, or alike";
  return options.scaling == FeatureScaling::kTfidf ? "every feature is one that all have, which counts 0 by "
                                                     "--feature-scaling tfidf; say --feature-scaling none"
                                                   : "no feature counts";
}

}  // namespace

std::vector<FeatureTable> read_feature_tables(const FeatureOptions& options, IdKind of, const ReadOptions& read,
                                              int threads, Interactions& data, const FitEvents& events) {
  const std::vector<FeatureTable> tables =
      read_feature_files(options.files(of), options.vectors(of), of, read, threads);
  for (const FeatureTable& table : tables) {
    events.bad_lines(table.bad_lines, table.name);
    const std::string unused = table.unused_columns(true);
    if (!unused.empty()) events.note(unused);
  }
  if (tables.empty()) return tables;
  const bool items = of == IdKind::kItem;
  const MatchedTable log{.name = "the log", .users = {&data.users}, .items = {&data.items}};
  for (const FeatureTable& table : tables) {
    MatchedTable own{.name = table.name, .users = {}, .items = {}};
    (items ? own.items : own.users).ids = &table.ids;
    const std::string text = unmet(of, own, log);
    if (!text.empty()) events.warning(text);
  }
  const size_t in_log = (items ? data.items : data.users).size();
  const size_t added = add_ids(data, of, tables);
  events.note(fmt::format("{} {} of the log, and {} that only {} knows", in_log, items ? "items" : "users", added,
                          flags_of(options, of)));
  return tables;
}

SideFeatures fit_side(const FeatureOptions& options, IdKind of, const std::vector<FeatureTable>& tables,
                      const Interactions& data, const FitEvents& events, const std::vector<FeatureTable>& others) {
  const bool items = of == IdKind::kItem;
  const IdTable& ids = items ? data.items : data.users;
  FittedFeatures fitted = fit_features(tables, ids, options);
  for (const std::string& kind : fitted.unknown_weight) {
    if (!has_kind(others, kind)) fail_usage("--kind-weight: no features of kind \"{}\"", printable(kind));
  }
  if (fitted.rows.rows.entries() == 0) fail("{}: {}", flags_of(options, of), why_empty(fitted.map, tables, options));
  events.note(fmt::format("{} features of {}; {} of {} have none", fitted.map.size(), items ? "items" : "users",
                          fitted.rows.without, ids.size()));
  return {of, std::move(fitted.map), std::move(fitted.rows.rows)};
}

std::vector<SideFeatures> read_side_features(const FeatureOptions& options, const ReadOptions& read, int threads,
                                             Interactions& data, const FitEvents& events) {
  const auto items = read_feature_tables(options, IdKind::kItem, read, threads, data, events);
  const auto users = read_feature_tables(options, IdKind::kUser, read, threads, data, events);
  std::vector<SideFeatures> sides;
  const auto add = [&](IdKind of, const std::vector<FeatureTable>& own, const std::vector<FeatureTable>& others) {
    if (own.empty()) return;
    sides.push_back(fit_side(options, of, own, data, events, others));
  };
  add(IdKind::kItem, items, users);
  add(IdKind::kUser, users, items);
  return sides;
}

}  // namespace rec
