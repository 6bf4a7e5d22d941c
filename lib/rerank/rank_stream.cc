#include "rerank/rank_stream.h"

#include <cmath>

#include "base/number.h"
#include "io/other_columns.h"
#include "rank/relevance.h"

namespace rec {
namespace {

struct RankColumn {
  enum : size_t { kUser, kItem, kScore, kFirstWeighted };
};

// What one thread needs, and what it has made of its part of a batch.
struct Worker {
  std::string text;
  RankCounts counts;
  Meeting meeting;
  std::unique_ptr<ListBuilder> builder;
  std::optional<Exposure> exposure;
  std::vector<Candidate> candidates;
  std::vector<Candidate> all;  // before the cut, for exposure
  std::vector<double> relevance;
  std::vector<double> propensity;
  PolicyTable policy;
  std::vector<double> predicted;
};

class Stream {
 public:
  Stream(const RankPlan& plan, const RankStreamOptions& options, const OtherColumns& others)
      : plan_(plan), options_(options), others_(others) {
    size_t next = RankColumn::kFirstWeighted;
    for (const auto& [column, weight] : plan.request().weights)
      weights_.push_back({column == "score" ? size_t{RankColumn::kScore} : next++, weight});
    if (weights_.empty()) weights_.push_back({RankColumn::kScore, 1.0});
    const TableSpec spec = scores_spec(plan.request().weights, plan.request().predicted);
    for (size_t column = 0; column < spec.columns.size(); ++column) {
      if (spec.columns[column].name == plan.request().predicted) predicted_ = column;
    }
  }

  void rank_group(const Group& group, Worker& worker) const {
    worker.meeting.look(plan_.side_tables(), group);
    collect(group, worker);
    const RankOptions& rank = plan_.request().rank;
    std::vector<Candidate>& candidates = worker.candidates;
    RankCounts& counts = worker.counts;
    counts.rows_in += group.rows;
    counts.filtered += group.rows - candidates.size();
    keep_best(candidates, plan_.needs_all() ? candidates.size() : rank.k, counts.duplicates);
    plan_.count_unknown(candidates, counts);
    if (plan_.reports()) {
      worker.all = candidates;
      scale_relevance(worker.all, worker.relevance);
    }
    if (plan_.tabulates()) return tabulate(group, worker);
    if (plan_.explores()) {
      plan_.explore(group.user, candidates, worker.propensity);
    } else if (plan_.builds()) {
      worker.builder->build(group.user, candidates, rank.k, counts);
    } else if (candidates.size() > rank.k) {
      candidates.resize(rank.k);
    }
    if (plan_.reports()) worker.exposure->add(worker.all, worker.relevance, candidates);
    counts.rows_out += candidates.size();
    ++counts.users;
    counts.short_lists += candidates.size() < rank.k ? 1 : 0;
    write(group, worker);
  }

 private:
  struct Weight {
    size_t column;
    double weight;
  };

  // The group's candidates that pass the filter, with their keys.
  void collect(const Group& group, Worker& worker) const {
    std::vector<Candidate>& candidates = worker.candidates;
    candidates.clear();
    const double min_score = plan_.request().rank.min_score;
    auto add_rows = [&](auto&& admits) {
      for (uint32_t row = 0; row < group.rows; ++row) {
        const double score = group.number(row, RankColumn::kScore);
        const std::string_view item = group.field(row, RankColumn::kItem);
        if (score >= min_score && admits(item)) candidates.push_back({score, item, row});
      }
    };
    if (plan_.filter().empty()) {
      add_rows([](std::string_view) { return true; });
    } else {
      const CandidateFilter::User user(plan_.filter(), group.user);
      add_rows([&user](std::string_view item) { return user.admits(item); });
    }
    if (!plan_.has_keys()) return;
    for (Candidate& candidate : candidates) candidate.score = key(group, candidate.row);
  }

  double key(const Group& group, uint32_t row) const {
    double sum = 0.0;
    for (const Weight& weight : weights_) sum += weight.weight * group.number(row, weight.column);
    if (plan_.has_popularity()) sum = popular_key(group, row, sum);
    sum += plan_.boost(group.field(row, RankColumn::kItem));
    if (!std::isfinite(sum)) {
      fail("user \"{}\", item \"{}\": the {} is beyond the range of numbers", printable(group.user),
           printable(group.field(row, RankColumn::kItem)), plan_.has_popularity() ? "key" : "weighted sum");
    }
    return sum;
  }

  double popular_key(const Group& group, uint32_t row, double score) const {
    const std::string_view item = group.field(row, RankColumn::kItem);
    const PopularityScores scores = plan_.request().popularity_scores;
    if (scores == PopularityScores::kPlain && score < 0.0) {
      fail(
          "user \"{}\", item \"{}\": expected a score of at least 0, found {}: popularity would lower it; leave out "
          "--popularity-scores plain",
          printable(group.user), printable(item), score);
    }
    return popularity_key(score, plan_.popularity(item), scores);
  }

  // The probabilities of the policy, or the user's rows of the log with them.
  void tabulate(const Group& group, Worker& worker) const {
    RankCounts& counts = worker.counts;
    ++counts.users;
    const PolicyLog* log = plan_.log();
    if (log == nullptr) {
      plan_.tabulate(group.user, plan_.request().rank.k, worker.candidates, worker.policy);
      counts.rows_out += write_policy_table(group, RankColumn::kScore, worker.candidates, worker.policy, worker.text);
      return;
    }
    const uint32_t user = log->users.find(group.user);
    if (user == kNoId) return;
    ++counts.users_logged;
    const auto rows = log->rows_of(user);
    uint32_t ranks = 1;
    for (const PolicyLog::Row& row : rows) ranks = std::max(ranks, row.rank);
    plan_.tabulate(group.user, ranks, worker.candidates, worker.policy);
    worker.predicted.clear();
    if (predicted_ > 0) {
      for (const Candidate& candidate : worker.candidates)
        worker.predicted.push_back(group.number(candidate.row, predicted_));
    }
    counts.rows_out += write_policy_log(group.user, *log, rows, worker.candidates, worker.policy, worker.predicted,
                                        predicted_ > 0, counts.unlisted, worker.text);
  }

  void write(const Group& group, Worker& worker) const {
    RankingRows rows(options_.format, group.user, worker.text);
    for (size_t at = 0; at < worker.candidates.size(); ++at) {
      const Candidate& candidate = worker.candidates[at];
      rows.begin_row(candidate.item, group.field(candidate.row, RankColumn::kScore),
                     group.number(candidate.row, RankColumn::kScore));
      if (options_.format.kind == RankingFormat::Kind::kTsv) {
        if (plan_.explores()) {
          if (!std::isfinite(worker.propensity[at])) {
            fail("user \"{}\", item \"{}\": the propensity is not finite", printable(group.user),
                 printable(candidate.item));
          }
          worker.text += '\t';
          append_number(worker.text, worker.propensity[at]);
        }
        if (others_.any()) others_.append(group.lines[candidate.row], worker.text);
        if (plan_.titles()) append_title(*plan_.titles(), candidate.item, worker.text, worker.counts.without_title);
      }
      rows.end_row();
    }
  }

  const RankPlan& plan_;
  const RankStreamOptions& options_;
  const OtherColumns& others_;
  std::vector<Weight> weights_;
  size_t predicted_ = 0;  // its column; 0: none
};

// The input's columns user, item and score count as written; those that only weigh
// are carried along like any other.
Layout layout_of_own_columns(Layout layout) {
  layout.position.resize(RankColumn::kFirstWeighted);
  return layout;
}

}  // namespace

RankStreamResult rank_stream(GroupReader& scores, const RankPlan& plan, const RankStreamOptions& options, Output& out) {
  std::vector<std::string_view> own{"rank"};
  if (plan.explores()) own.push_back("propensity");
  if (plan.titles()) own.push_back("title");
  const OtherColumns others(layout_of_own_columns(scores.layout()), options.keep, own);
  if (options.header && plan.tabulates()) {
    out.write(policy_header(plan.log(), !plan.request().predicted.empty()));
    out.flush();
  } else if (options.header) {
    out.write(std::string("user\titem\tscore\trank") + (plan.explores() ? "\tpropensity" : "") + others.header() +
              (plan.titles() ? "\ttitle\n" : "\n"));
    out.flush();  // a reader that has gone is noticed before the work starts
  }
  const Stream stream(plan, options, others);
  RankStreamResult result;
  if (plan.reports()) result.exposure.emplace(plan.exposure());
  std::vector<Worker> workers;
  while (scores.next(options.threads)) {
    while (workers.size() < scores.pieces()) {
      workers.emplace_back();
      if (plan.builds()) workers.back().builder = plan.list_builder();
      if (plan.reports()) workers.back().exposure.emplace(plan.exposure());
    }
    scores.for_each_group(options.threads,
                          [&](size_t piece, const Group& group) { stream.rank_group(group, workers[piece]); });
    for (Worker& worker : workers) {
      out.write(worker.text);
      result.counts += worker.counts;
      result.meeting.add(worker.meeting);
      worker.text.clear();
      worker.counts = {};
    }
    out.end_rows();
  }
  for (const Worker& worker : workers) {
    if (worker.exposure) *result.exposure += *worker.exposure;
  }
  return result;
}

LeftOut write_exposure(const Exposure& exposure, Output& out, uint64_t min_users) {
  LeftOut left;
  std::string text = "group\titems\trows\texposure\trelevance\tratio\n";
  for (const Exposure::Line& line : exposure.lines(min_users, &left)) {
    text += line.group.empty() ? "-" : line.group;
    for (const uint64_t count : {line.items, line.rows}) {
      text += '\t';
      append_integer(text, count);
    }
    for (const double number : {line.exposure_share, line.relevance_share, line.ratio}) {
      text += '\t';
      if (std::isnan(number)) {
        text += '-';
      } else {
        append_number(text, number);
      }
    }
    text += '\n';
  }
  out.write(text);
  return left;
}

}  // namespace rec
