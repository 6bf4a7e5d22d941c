#include <algorithm>
#include <cmath>
#include <optional>

#include "data/id_list.h"
#include "data/interactions_tsv.h"
#include "data/min_users.h"
#include "data/trec.h"
#include "eval/evaluation_rows.h"
#include "eval/segments.h"
#include "eval/training_rows.h"
#include "metrics/mean_bootstrap.h"

namespace rec {
namespace {

// Above this share of users, a tie across the cut may decide the result.
constexpr double kTieShare = 0.01;

Truth read_truth(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  ReadOptions read = options.side_read;
  read.format = options.truth_format;
  read.columns_option = "--truth-columns";
  if (!options.truth_columns.empty()) {
    read.columns = options.truth_columns;
    read.columns_used = nullptr;
    read.side = false;  // one table's own map: it must have all that it names
    if (read.header_rows && *read.header_rows > 0) read.header_rows = std::nullopt;
  }
  UserItems lists = read_user_items(options.truth, read, {.value = true}, options.threads);
  evaluation.truth_bad_lines = lists.bad_lines;
  const bool judged = std::any_of(metrics.begin(), metrics.end(), [](const Metric& m) { return m.info->judged; });
  const TruthOptions truth_options{.min_value = options.min_value,
                                   .binary = options.binary,
                                   .repeats = options.ranking.repeats,
                                   .judged = judged,
                                   .whole_values = options.truth_format.has_value()};
  Truth truth = make_truth(std::move(lists), truth_options, input_name(options.truth), options.threads);
  if (truth.repeats > 0) {
    evaluation.notes.push_back(fmt::format("{}: {} repeated rows ignored", input_name(options.truth), truth.repeats));
  }
  if (truth.fractions > 0) {
    evaluation.warnings.push_back(
        fmt::format("{}: {} grades are no whole numbers; they are cut to one, as by "
                    "trec_eval",
                    input_name(options.truth), truth.fractions));
  }
  return truth;
}

void note_bad_lines(const std::string& path, uint64_t count, Evaluation& evaluation) {
  if (count > 0) evaluation.notes.push_back(fmt::format("{}: {} bad lines skipped", input_name(path), count));
}

// Metrics of the items that a user has already: then lists have some on purpose.
bool asks_for_repeats(std::span<const Metric> metrics) {
  return std::any_of(metrics.begin(), metrics.end(),
                     [](const Metric& metric) { return metric.info->needs == ItemSource::kHistory; });
}

// The tables behind metrics of items, and what is made of them.
ItemTable read_item_table(const EvaluationOptions& options, std::span<const Metric> metrics, const Truth& truth,
                          const Interactions* train, Evaluation& evaluation) {
  std::optional<IdTable> items;
  std::optional<FeatureTable> features;
  if (!options.items.empty()) {
    IdList list = read_id_list(options.items, "item", options.side_read);
    note_bad_lines(options.items, list.bad_lines, evaluation);
    items = std::move(list.ids);
  }
  if (!options.features.empty()) {
    features = read_item_features(options.features, options.side_read);
    note_bad_lines(options.features, features->bad_lines, evaluation);
    if (std::string unused = features->unused_columns(false); !unused.empty())
      evaluation.notes.push_back(std::move(unused));
    for (std::string& text : unmet({.name = input_name(options.features), .users = {}, .items = {&features->ids}},
                                   truth_ids(truth, input_name(options.truth))))
      evaluation.warnings.push_back(std::move(text));
  }
  return make_item_table({.items = items ? &*items : nullptr,
                          .train = train,
                          .features = features ? &*features : nullptr,
                          .histories = asks_for_repeats(metrics)},
                         truth.users);
}

// Lists whose items their users have in training: as a rule somebody forgot --exclude.
void warn_of_training(const EvaluationOptions& options, std::span<const Metric> metrics, const std::string& path,
                      const TrainingRows& rows, Evaluation& evaluation) {
  if (rows.rows_seen() == 0 || asks_for_repeats(metrics)) return;
  const std::string text = fmt::format(
      "{}: {} of {} listed rows have an item that their user has in {}; --exclude of rec-score and rec-rank leaves "
      "these "
      "out",
      input_name(path), rows.rows_seen(), rows.rows(), input_name(options.train));
  (2 * rows.rows_seen() >= rows.rows() ? evaluation.warnings : evaluation.notes).push_back(text);
}

// A metric that looks further than every list goes: the lists were cut.
void warn_of_short_lists(const RankingEvaluation& result, std::span<const Metric> metrics, const std::string& which,
                         std::vector<std::string>& warnings) {
  uint32_t longest = 0;
  uint32_t shortest = UINT32_MAX;
  uint64_t lists = 0;
  for (const uint32_t user : result.users) {
    if (!result.lists.has_list(user)) continue;
    longest = std::max(longest, result.lists.length[user]);
    shortest = std::min(shortest, result.lists.length[user]);
    ++lists;
  }
  if (lists < 2 || longest != shortest) return;
  std::string names;
  for (const Metric& metric : metrics) {
    if (metric.cut() != kWholeList && metric.cut() > longest) names += (names.empty() ? "" : ", ") + metric.name;
  }
  if (names.empty()) return;
  warnings.push_back(fmt::format("{}all lists have {} items: {} looks no further than these; ask for longer lists (-k)",
                                 which, longest, names));
}

RankingEvaluation evaluate_one(const EvaluationOptions& options, const std::string& path, const Truth& truth,
                               std::span<const Metric> metrics, const std::optional<ItemTable>& table,
                               const TrainingPairs* train, Evaluation& evaluation) {
  RankingOptions ranking = options.ranking;
  ranking.path = path;
  ranking.truth_name = options.truth;
  ranking.read = options.read;
  ranking.threads = options.threads;
  std::optional<ItemMeasures> items;
  std::optional<TrainingRows> training;
  if (table) items.emplace(truth, *table, metrics);
  if (train != nullptr) training.emplace(*train, items ? &*items : nullptr);
  RankingEvaluation result =
      evaluate_ranking(truth, metrics, ranking, items ? &*items : nullptr, training ? &*training : nullptr);
  if (items && items->foreign() > 0) {
    evaluation.notes.push_back(
        fmt::format("{}: {} listed items are not in the catalogue", input_name(path), items->foreign()));
  }
  if (training) warn_of_training(options, metrics, path, *training, evaluation);
  std::string text =
      unmet(IdKind::kItem, ranking_ids(result.lists, input_name(path)), truth_ids(truth, input_name(options.truth)));
  if (!text.empty()) evaluation.warnings.push_back(std::move(text));
  return result;
}

// What --train says of the truth, of which it has `pairs`.
void check_train(const EvaluationOptions& options, const Truth& truth, const Interactions& train, uint64_t pairs,
                 Evaluation& evaluation) {
  const MatchedTable ids{.name = input_name(options.train), .users = {&train.users}, .items = {&train.items}};
  for (std::string& text : unmet(truth_ids(truth, input_name(options.truth)), ids))
    evaluation.warnings.push_back(std::move(text));
  if (pairs == 0) return;
  evaluation.warnings.push_back(
      fmt::format("{} of {} pairs of {} are in {}, too: a model knows these, or they are excluded and count as missed",
                  pairs, truth.item.size(), input_name(options.truth), ids.name));
}

// What people should know of a ranking. name: said before each, or empty.
void add_notes(const RankingEvaluation& result, const EvaluationOptions& options, std::span<const Metric> metrics,
               const std::string& path, Evaluation& evaluation) {
  const std::string which = options.compare.paths.empty() ? "" : input_name(path) + ": ";
  if (result.lists.header && result.lists.in_line_order) {
    evaluation.notes.push_back(input_name(path) +
                               ": no column \"score\" or \"rank\": lists are in the order of the lines");
  }
  // Few users in common are told as none is: ids of two spellings, of which some have one, or another day's file.
  const uint64_t listed = result.users.size() - result.users_missing;
  if (2 * result.users_missing > result.users.size() && result.lists.users_without_truth > listed)
    evaluation.warnings.push_back(fmt::format(
        "{}{} of {} users of {} have no list, and {} lists are of other users: do the ids have one spelling?", which,
        result.users_missing, result.users.size(), input_name(options.truth), result.lists.users_without_truth));
  if (!options.metrics.empty() && !options.truth_format)
    warn_of_short_lists(result, metrics, which, evaluation.warnings);
  for (const MatchedLists::TiesAt& ties : result.lists.ties) {
    const double share = static_cast<double>(ties.users) / static_cast<double>(result.users.size());
    if (share <= kTieShare || options.ranking.ties == Ties::kExpected) continue;
    evaluation.warnings.push_back(
        fmt::format("{}{:.1f} % of the users have equal scores at places {} and {}: the metrics at {} depend on "
                    "the tie rule",
                    which, 100.0 * share, ties.k, uint64_t{ties.k} + 1, ties.k));
  }
}

std::vector<RankingEvaluation> evaluate_others(const EvaluationOptions& options, const Truth& truth,
                                               std::span<const Metric> metrics, const std::optional<ItemTable>& table,
                                               const TrainingPairs* train, Evaluation& evaluation) {
  std::vector<RankingEvaluation> others;
  for (const std::string& path : options.compare.paths) {
    const RankingEvaluation& other =
        others.emplace_back(evaluate_one(options, path, truth, metrics, table, train, evaluation));
    add_notes(other, options, metrics, path, evaluation);
    const auto note_count = [&](uint64_t count, const char* what) {
      if (count > 0) evaluation.notes.push_back(fmt::format("{}: {} {}", input_name(path), count, what));
    };
    note_count(other.lists.bad_lines, other.lists.bad_lines == 1 ? "bad line skipped" : "bad lines skipped");
    note_count(other.users_missing, "users_missing");
    note_count(other.lists.users_without_truth, "users_without_truth");
    note_count(other.lists.duplicates, "duplicates");
  }
  return others;
}

template <typename Values>
std::vector<const EvaluatedUsers*> addresses_of(const std::vector<Values>& all) {
  std::vector<const EvaluatedUsers*> addresses;
  for (const Values& values : all) addresses.push_back(&values);
  return addresses;
}

// Adds the comparisons of a segment, or of all users (segment ""); false where the
// rankings have no user of it in common.
bool add_comparisons(const EvaluationOptions& options, std::span<const Metric> metrics, const EvaluatedUsers& baseline,
                     std::span<const EvaluatedUsers* const> others, const std::string& segment,
                     Evaluation& evaluation) {
  std::vector<Comparison> added =
      compare_rankings(metrics, baseline, others, options.compare, options.bootstrap, options.threads);
  for (Comparison& comparison : added) {
    comparison.segment = segment;
    evaluation.comparisons.push_back(std::move(comparison));
  }
  return !added.empty();
}

// A row a metric, with intervals if asked for.
std::vector<ReportRow> metric_rows(std::span<const Metric> metrics, std::span<const double> means,
                                   std::span<const double> values, size_t users, const EvaluationOptions& options) {
  std::vector<Interval> intervals;
  if (options.bootstrap.resamples > 0 && !values.empty()) {
    intervals = bootstrap_means(values, metrics.size(), options.bootstrap, options.threads);
  }
  std::vector<ReportRow> rows;
  for (size_t metric = 0; metric < metrics.size(); ++metric) {
    ReportRow& row = rows.emplace_back(ReportRow{.name = metrics[metric].name, .value = means[metric]});
    if (metrics[metric].cut() != kWholeList) {
      row.series = metrics[metric].info->name;
      row.k = metrics[metric].cut();
    }
    if (intervals.empty() || metrics[metric].info->exposure != nullptr) continue;
    row.low = aggregate(metrics[metric], intervals[metric].low, users);
    row.high = aggregate(metrics[metric], intervals[metric].high, users);
  }
  return rows;
}

// The fewest users that a metric is a mean of; metrics without any do not count.
uint64_t least_users(const EvaluatedUsers& values, size_t metrics) {
  uint64_t least = values.users.size();
  for (size_t metric = 0; metric < metrics; ++metric) {
    uint64_t with_value = 0;
    for (size_t user = 0; user < values.users.size(); ++user)
      with_value += std::isnan(values.values[user * metrics + metric]) ? 0 : 1;
    if (with_value > 0) least = std::min(least, with_value);
  }
  return least;
}

void add_segments(const EvaluationOptions& options, const Truth& truth, std::span<const Metric> metrics,
                  const RankingEvaluation& result, std::span<const RankingEvaluation> others, Evaluation& evaluation) {
  const Segments segments = read_segments(options.by, options.side_read, truth, options.ranking.all_users);
  for (const Metric& metric : metrics) {
    if (segments.of_items && (metric.info->ranking == nullptr || metric.info->judged))
      fail_usage("--by a column of items does not apply to {}", metric.name);
  }
  const auto values_of = [&](uint32_t which) {
    return segment_values(segments, which, truth, result, metrics, options.ranking);
  };
  LeftOut left;
  if (options.min_users > 0) {
    std::vector<uint64_t> users;
    for (uint32_t which = 0; which < segments.names.size(); ++which)
      users.push_back(least_users(values_of(which), metrics.size()));
    left = groups_below(users, options.min_users);
    const std::string note = left_out_note(left, "segment", options.min_users);
    if (!note.empty()) evaluation.notes.push_back(note);
  }
  for (uint32_t which = 0; which < segments.names.size(); ++which) {
    if (options.min_users > 0 && left.out[which]) continue;
    const EvaluatedUsers values = values_of(which);
    if (values.users.empty()) continue;
    SegmentRows& rows = evaluation.segments.emplace_back();
    rows.segment = segments.names[which];
    std::vector<double> means = means_of(values.values, metrics.size());
    for (size_t metric = 0; metric < metrics.size(); ++metric)
      means[metric] = aggregate(metrics[metric], means[metric], values.users.size());
    rows.rows = metric_rows(metrics, means, values.values, values.users.size(), options);
    rows.rows.push_back({.name = "users", .value = static_cast<double>(values.users.size()), .is_count = true});
    if (others.empty()) continue;
    std::vector<EvaluatedUsers> compared;
    for (const RankingEvaluation& other : others)
      compared.push_back(segment_values(segments, which, truth, other, metrics, options.ranking));
    add_comparisons(options, metrics, values, addresses_of(compared), rows.segment, evaluation);
  }
  std::erase_if(evaluation.comparisons, [&](const Comparison& row) { return row.users < options.min_users; });
  if (std::find(segments.names.begin(), segments.names.end(), kAllSegment) != segments.names.end()) {
    evaluation.warnings.push_back(
        fmt::format("--by {}: a segment is called \"{}\", as is that of all users, whose rows come first", options.by,
                    kAllSegment));
  }
  if (segments.without > 0) {
    evaluation.notes.push_back(
        fmt::format("{} {} of the truth in no segment", segments.without, segments.of_items ? "items" : "users"));
  }
  if (segments.bad_lines > 0)
    evaluation.notes.push_back(fmt::format("--by {}: {} bad lines skipped", options.by, segments.bad_lines));
}

}  // namespace

std::span<const std::string_view> ranking_counts() {
  static constexpr std::string_view kCounts[] = {"users", "users_missing", "users_without_truth",
                                                 "users_without_relevant", "duplicates"};
  return kCounts;
}

void add_ranking_rows(const EvaluationOptions& options, std::span<const Metric> metrics, Evaluation& evaluation) {
  const Truth truth = read_truth(options, metrics, evaluation);
  std::optional<LoadedInteractions> train;
  std::optional<TrainingPairs> pairs;
  if (!options.train.empty()) {
    train = read_interactions(options.train, options.side_read, {}, options.threads);
    note_bad_lines(options.train, train->bad_lines, evaluation);
    pairs.emplace(truth, train->data);
    check_train(options, truth, train->data, pairs->of_truth(), evaluation);
  }
  const TrainingPairs* train_pairs = pairs ? &*pairs : nullptr;
  std::optional<ItemTable> table;
  const auto needs_items = [](const Metric& metric) { return metric.info->needs != ItemSource::kNone; };
  if (std::any_of(metrics.begin(), metrics.end(), needs_items))
    table = read_item_table(options, metrics, truth, train ? &train->data : nullptr, evaluation);
  RankingEvaluation result = evaluate_one(options, options.path, truth, metrics, table, train_pairs, evaluation);
  evaluation.bad_lines = result.lists.bad_lines;
  add_notes(result, options, metrics, options.path, evaluation);
  evaluation.rows = metric_rows(metrics, result.means, result.values, result.users.size(), options);
  add_count(evaluation, "users", result.users.size());
  add_count(evaluation, "users_missing", result.users_missing);
  add_count(evaluation, "users_without_truth", result.lists.users_without_truth);
  add_count(evaluation, "users_without_relevant", truth.users_without_relevant);
  add_count(evaluation, "duplicates", result.lists.duplicates);
  std::vector<RankingEvaluation> others;
  if (!options.compare.paths.empty()) {
    others = evaluate_others(options, truth, metrics, table, train_pairs, evaluation);
    if (!add_comparisons(options, metrics, result, addresses_of(others), "", evaluation))
      fail("no user to compare: the rankings have none in common");
  }
  if (options.min_users > 0) require_users(options, least_users(result, metrics.size()));
  if (!options.by.empty()) add_segments(options, truth, metrics, result, others, evaluation);
  adjust_by_holm(evaluation.comparisons);
  if (options.rows_by_ranking && !others.empty()) {
    evaluation.rankings.push_back({options.path, evaluation.rows});
    for (size_t other = 0; other < others.size(); ++other) {
      evaluation.rankings.push_back(
          {options.compare.paths[other],
           metric_rows(metrics, others[other].means, others[other].values, others[other].users.size(), options)});
    }
  }
  if (options.trec_report) {
    evaluation.trec.queries = result.users.size();
    evaluation.trec.run = trec_run_tag(result.lists.last_line);
    for (const uint32_t user : result.users) {
      if (options.per_user) evaluation.trec.relevances.push_back(relevance_string(result.lists.list_of(truth, user)));
    }
  }
  if (!options.per_user) return;
  for (size_t at = 0; at < result.values.size(); ++at) {
    if (metrics[at % metrics.size()].info->aggregate == Aggregate::kGeometric)
      result.values[at] = std::exp(result.values[at]);
  }
  for (const Metric& metric : metrics) evaluation.per_user.metrics.push_back(metric.name);
  for (const uint32_t user : result.users) evaluation.per_user.users.emplace_back(truth.users[user]);
  evaluation.per_user.values = std::move(result.values);
}

}  // namespace rec
