#include "train/policy_validation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/digest.h"
#include "metrics/scaling.h"
#include "score/pair_scorer.h"

namespace rec {

bool is_value_of_policy(const Metric& metric) {
  return metric.info->kind == MetricKind::kPolicy && (metric.info->name == "ips" || metric.info->name == "snips");
}

PolicyValidation::PolicyValidation(PolicyLog log, Metric metric, double temperature, const IdTable& users,
                                   const IdTable& items)
    : Validation(std::move(metric)), log_(std::move(log)), temperature_(temperature) {
  const std::vector<uint32_t> item_of = match_ids(log_.items, items);
  if (std::all_of(item_of.begin(), item_of.end(), [](uint32_t item) { return item == kNoId; }))
    fail("{}: no item of the log is one of training", log_.name);
  const std::vector<uint32_t> user_of = match_ids(log_.users, users);
  const auto unknown = std::count(user_of.begin(), user_of.end(), kNoId);
  if (unknown > 0) {
    warnings.push_back(fmt::format("{}: {} of {} users are not in training: popularity shows them items", log_.name,
                                   unknown, user_of.size()));
  }
}

std::string PolicyValidation::digest() const {
  Digest digest;
  digest.add(log_.users);
  digest.add(log_.items);
  digest.add(std::span<const uint64_t>(log_.begin));
  std::vector<uint32_t> items;
  std::vector<double> numbers;
  for (const PolicyLog::Row& row : log_.rows) {
    items.push_back(row.item);
    numbers.push_back(row.reward);
    numbers.push_back(row.propensity);
  }
  digest.add(std::span<const uint32_t>(items));
  digest.add(std::span<const double>(numbers));
  return digest.text();
}

double PolicyValidation::evaluate(Model& model, int threads) const {
  const UserVectors vectors(model, nullptr, Fallback::kPopular, threads);
  const PairScorer scorer(model, model.attention(), vectors);
  const std::vector<uint32_t> item_of = match_ids(log_.items, model.items());
  std::vector<uint32_t> all(model.items().size());
  std::iota(all.begin(), all.end(), 0u);
  struct Worker {
    EncodedUser user;
    std::vector<float> scores;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  std::vector<double> target(log_.rows.size());
  parallel_for(log_.users.size(), threads, [&](size_t user, int worker) {
    auto& [encoded, scores] = workers[static_cast<size_t>(worker)];
    scores.resize(all.size());
    scorer.encode(log_.users[static_cast<uint32_t>(user)], encoded);
    scorer.score(encoded, all, scores.data());
    if (!std::all_of(scores.begin(), scores.end(), [](float score) { return std::isfinite(score); }))
      fail("a score is not finite; a lower --learning-rate or --clip-norm may help");
    const double most = static_cast<double>(*std::max_element(scores.begin(), scores.end()));
    const auto weight = [&](uint32_t item) {
      return std::exp((static_cast<double>(scores[item]) - most) / temperature_);
    };
    double sum = 0.0;
    for (const uint32_t item : all) sum += weight(item);
    for (uint64_t row = log_.begin[user]; row < log_.begin[user + 1]; ++row) {
      const uint32_t item = item_of[log_.rows[row].item];
      target[row] = item == kNoId ? 0.0 : weight(item) / sum;
    }
  });
  ScaledSums part, whole;
  part.resize(1);
  whole.resize(1);
  for (size_t at = 0; at < target.size(); ++at) {
    const PolicyLog::Row& row = log_.rows[at];
    const PolicyTerm term = metric_.info->policy(policy_row(row.reward, row.propensity, target[at], {}, 0.0, 0.0));
    part.add(0, term.part, term.part_exponent);
    whole.add(0, term.whole, term.whole_exponent);
  }
  const double value = scaled_up(part.sums()[0] / whole.sums()[0], part.exponent() - whole.exponent());
  if (!std::isfinite(value))
    fail("{}: {} is undefined: the policy shows no item of the log with a probability above 0", log_.name,
         metric_.name);
  return value;
}

}  // namespace rec
