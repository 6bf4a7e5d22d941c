// What must hold between the options of rankings.
#include <algorithm>

#include "base/error.h"
#include "data/trec.h"
#include "eval/options.h"
#include "metrics/trec_measures.h"

namespace rec {
namespace {

// What metrics need is there, and what is there is needed.
void check_sources(const OptionTable& table, const EvaluationOptions& evaluation, std::span<const Metric> metrics) {
  const auto need = [&metrics](ItemSource source) {
    const auto found = std::find_if(metrics.begin(), metrics.end(),
                                    [source](const Metric& metric) { return metric.info->needs == source; });
    return found == metrics.end() ? nullptr : &*found;
  };
  const Metric* catalogue = need(ItemSource::kCatalogue);
  const Metric* train = need(ItemSource::kTrain);
  if (train == nullptr) train = need(ItemSource::kHistory);
  const Metric* features = need(ItemSource::kFeatures);
  if (train != nullptr && evaluation.train.empty()) fail_usage("{} needs --train FILE", train->name);
  if (features != nullptr && evaluation.features.empty()) fail_usage("{} needs --features FILE", features->name);
  if (catalogue != nullptr && evaluation.items.empty() && evaluation.train.empty())
    fail_usage("{} needs --items FILE or --train FILE", catalogue->name);
  const auto refuse = [&table](const char* name, bool needed) {
    if (!needed && table.given(name)) fail_usage("{} does not apply to these metrics", name);
  };
  refuse("--items", catalogue != nullptr);
  refuse("--features", features != nullptr);
}

// --by, --compare and --per-user go user by user; the last excludes the others.
void check_metrics(const EvaluationOptions& evaluation, std::span<const Metric> metrics) {
  std::vector<const char*> by_user;
  if (!evaluation.by.empty()) by_user.push_back("--by");
  if (!evaluation.compare.paths.empty()) by_user.push_back("--compare");
  if (evaluation.per_user) by_user.push_back("--per-user");
  if (by_user.size() > 1 && evaluation.per_user) fail_usage("--per-user does not apply to {}", by_user[0]);
  for (const Metric& metric : metrics) {
    if (!evaluation.compare.paths.empty() && metric.info->aggregate != Aggregate::kMean)
      fail_usage("--compare does not apply to {}, which is no mean over users", metric.name);
    if (!by_user.empty() && metric.info->exposure != nullptr)
      fail_usage("{} does not apply to {}, which has no value of a user", by_user[0], metric.name);
    if (evaluation.ranking.ties == Ties::kExpected && metric.info->expected == nullptr)
      fail_usage("--ties expected does not apply to {}", metric.name);
  }
}

void check_stdin(const EvaluationOptions& evaluation) {
  std::vector<std::string> paths = evaluation.compare.paths;
  for (const std::string* path :
       {&evaluation.path, &evaluation.truth, &evaluation.items, &evaluation.train, &evaluation.features}) {
    paths.push_back(*path);
  }
  if (std::count(paths.begin(), paths.end(), "-") > 1) fail_usage("only one of the files can be stdin");
}

}  // namespace

void check_ranking_options(const OptionTable& table, EvalOptions& options) {
  EvaluationOptions& evaluation = options.evaluation;
  evaluation.ranking.grouping = options.grouped     ? Grouping::kGrouped
                                : options.ungrouped ? Grouping::kUngrouped
                                                    : Grouping::kAuto;
  if (evaluation.truth.empty())
    fail_usage("a ranking needs --truth FILE (-m auc reads predictions, -m ctr an event log)");
  if (evaluation.truth == "-" && evaluation.path == "-") fail_usage("the truth and the ranking cannot both be stdin");
  check_stdin(evaluation);
  if (options.trec) {
    for (const char* name : {"--columns", "--truth-columns", "--csv", "--delimiter", "--header-rows"}) {
      if (table.given(name)) fail_usage("{} does not apply to --format trec", name);
    }
    if (!table.given("--ties")) evaluation.ranking.ties = Ties::kTrec;
    if (!table.given("--without-relevant")) evaluation.ranking.all_users = true;
    options.input_format = trec_run_format();
    evaluation.truth_format = trec_qrels_format();
  }
  const std::vector<Metric> metrics = metrics_of(evaluation);
  check_sources(table, evaluation, metrics);
  check_metrics(evaluation, metrics);
  const bool compare = !evaluation.compare.paths.empty();
  check_comparison(table, evaluation);
  const bool intervals = evaluation.bootstrap.resamples > 0;
  evaluation.trec_report = options.trec && evaluation.metrics.size() == 1 && is_trec_set(evaluation.metrics[0]) &&
                           !options.json && !compare && !intervals && evaluation.by.empty();
  check_interval_options(table, intervals || compare);
  if (intervals && evaluation.per_user && !options.json) fail_usage("--bootstrap with --per-user needs --json");
}

}  // namespace rec
