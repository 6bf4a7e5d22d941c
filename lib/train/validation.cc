#include "train/validation.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/parallel_for.h"
#include "data/digest.h"
#include "data/overlap.h"
#include "metrics/compensated_sum.h"
#include "metrics/predictions.h"
#include "score/catalogue.h"
#include "score/pair_scorer.h"

namespace rec {

// Fewer held-out rows than these may well be more than those of training: a trial on a handful of rows.
constexpr size_t kManyRows = 100;

HeldOutOrder held_out_order(const UserItems& held_out, const Interactions& train) {
  HeldOutOrder order;
  if (held_out.timestamp.empty() || train.timestamp.empty()) return order;
  std::vector<Time> newest(train.users.size(), -std::numeric_limits<double>::infinity());
  for (size_t row = 0; row < train.size(); ++row)
    newest[train.user[row]] = std::max(newest[train.user[row]], train.time(row));
  for (uint32_t user = 0; user < held_out.users.size(); ++user) {
    const uint32_t known = train.users.find(held_out.users[user]);
    if (known == kNoId) continue;
    const auto [first, last] = held_out.range(user);
    for (size_t at = first; at < last; ++at) order.older += held_out.time(at) < newest[known];
    order.rows += last - first;
  }
  return order;
}

void Validation::write(double value, Artefact& artefact) const {
  artefact.meta["valid-metric"] = metric_.name;
  artefact.meta["valid-value"] = fmt::format("{}", value);
}

RankingValidation::RankingValidation(Truth truth, Metric metric, const Interactions& train, const Csr& by_user,
                                     bool histories)
    : Validation(std::move(metric)), truth_(std::move(truth)) {
  seen_.users = train.users;
  seen_.items = train.items;
  seen_.begin = by_user.begin;
  seen_.item = by_user.index;
  bool any = false;
  for (uint32_t user = 0; user < truth_.users.size(); ++user) {
    const auto seen = seen_.items_of(seen_.users.find(truth_.users[user]));
    for (uint64_t at = truth_.begin[user]; at < truth_.begin[user + 1]; ++at) {
      const uint32_t item = seen_.items.find(truth_.items[truth_.item[at]]);
      const bool there = item != kNoId && std::binary_search(seen.begin(), seen.end(), item);
      any |= item != kNoId && !there;
      pairs_of_training_ += there ? 1 : 0;
    }
  }
  if (!any)
    fail("no row of the validation file can be hit: its items are not in training, or its pairs are training rows");
  if (histories) histories_ = histories_of(train, truth_.users);
}

std::string RankingValidation::digest() const {
  Digest digest;
  digest.add(truth_.users);
  digest.add(truth_.items);
  digest.add(std::span<const uint64_t>(truth_.begin));
  digest.add(std::span<const uint32_t>(truth_.item));
  digest.add(std::span<const double>(truth_.gain));
  return digest.text();
}

double RankingValidation::evaluate(Model& model, int threads) const {
  const UserVectors vectors(model, histories_ ? &*histories_ : nullptr, Fallback::kPopular, threads);
  Exclusions exclusions;
  exclusions.add(seen_, model.items());
  CatalogueOptions options;
  options.threads = threads;
  options.predictor = model.predictor();
  options.top = std::min<size_t>(metric_.parameter, model.items().size());
  const Catalogue catalogue(model, vectors, exclusions, options);
  const std::vector<uint32_t> truth_item_of = match_ids(model.items(), truth_.items);

  std::vector<uint32_t> users;
  for (uint32_t user = 0; user < truth_.users.size(); ++user) {
    if (truth_.relevant(user) > 0) users.push_back(user);
  }
  std::vector<double> values(users.size());
  std::vector<Catalogue::Scratch> scratch(static_cast<size_t>(threads));
  constexpr size_t kBlock = Catalogue::kUsersPerBlock;
  parallel_for((users.size() + kBlock - 1) / kBlock, threads, [&](size_t task, int worker) {
    const size_t first = task * kBlock;
    const size_t count = std::min(kBlock, users.size() - first);
    std::vector<std::string_view> names;
    for (size_t at = 0; at < count; ++at) names.push_back(truth_.users[users[first + at]]);
    std::vector<Catalogue::Result> results;
    catalogue.best(names, results, scratch[static_cast<size_t>(worker)]);
    std::vector<Hit> hits;
    for (size_t at = 0; at < count; ++at) {
      const uint32_t user = users[first + at];
      const auto begin = truth_.item.begin() + static_cast<std::ptrdiff_t>(truth_.begin[user]);
      const auto end = truth_.item.begin() + static_cast<std::ptrdiff_t>(truth_.begin[user + 1]);
      hits.clear();
      for (uint32_t position = 0; position < results[at].items.size(); ++position) {
        const uint32_t item = truth_item_of[results[at].items[position].index];
        if (item == kNoId) continue;
        const auto found = std::lower_bound(begin, end, item);
        if (found != end && *found == item)
          hits.push_back({position, truth_.gain[static_cast<size_t>(found - truth_.item.begin())]});
      }
      const RankedList list{hits, static_cast<uint32_t>(results[at].items.size()), truth_.ideal_of(user)};
      values[first + at] = metric_.info->ranking(list, metric_.parameter);
    }
  });
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value() / static_cast<double>(values.size());
}

bool is_error_of_values(const Metric& metric) {
  const std::string_view name = metric.info->name;
  return name == "rmse" || name == "mse" || name == "mae";
}

std::string ValueValidation::digest() const {
  Digest digest;
  digest.add(held_out_.users);
  digest.add(held_out_.items);
  digest.add(std::span<const uint64_t>(held_out_.begin));
  digest.add(std::span<const uint32_t>(held_out_.item));
  digest.add(std::span<const float>(held_out_.value));
  return digest.text();
}

double ValueValidation::evaluate(Model& model, int threads) const {
  const UserVectors vectors(model, nullptr, Fallback::kModel, threads);
  const PairScorer scorer(model, model.predictor(), vectors);
  const Model::ValueRange range = model.value_range();
  const std::vector<uint32_t> number_of = match_ids(held_out_.items, model.items());
  Predictions rows;
  rows.label.assign(held_out_.value.begin(), held_out_.value.end());
  rows.prediction.resize(held_out_.size());
  struct Worker {
    EncodedUser user;
    std::vector<uint32_t> items;
    std::vector<float> scores;
  };
  std::vector<Worker> workers(static_cast<size_t>(threads));
  parallel_for(held_out_.users.size(), threads, [&](size_t user, int worker) {
    Worker& its = workers[static_cast<size_t>(worker)];
    const std::span<const uint32_t> items = held_out_.items_of(static_cast<uint32_t>(user));
    its.items.clear();
    for (const uint32_t item : items) its.items.push_back(number_of[item]);
    its.scores.resize(items.size());
    scorer.encode(held_out_.users[static_cast<uint32_t>(user)], its.user);
    scorer.score(its.user, its.items, its.scores.data());
    double* to = rows.prediction.data() + held_out_.begin[user];
    for (const float score : its.scores) *to++ = static_cast<double>(std::clamp(score, range.least, range.greatest));
  });
  return metric_.info->prediction(rows, metric_.parameter);
}

std::unique_ptr<Validation> read_validation(
    const ValidationOptions& options, const Interactions& train, const Csr& by_user,
    const std::function<void(uint64_t count, const std::string& file)>& bad_lines) {
  const std::string name = input_name(options.path);
  Metric metric = parse_metric(options.metric);
  UserItems held_out =
      read_user_items(options.path, options.read, {.value = true, .timestamp = options.histories}, options.threads);
  bad_lines(held_out.bad_lines, name);
  if (held_out.size() == 0) fail("{}: no interactions", name);
  std::vector<std::string> swapped;
  if (held_out.size() >= kManyRows && held_out.size() > train.size()) {
    swapped.push_back(fmt::format("{} has {} rows, more than the {} that are learnt from: are the two files swapped?",
                                  name, held_out.size(), train.size()));
  }
  if (is_error_of_values(metric)) {
    if (held_out.value.empty()) fail("{}: no value column, as --metric {} needs", name, metric.name);
    std::vector<std::string> apart =
        unmet({.name = name, .users = {&held_out.users}, .items = {&held_out.items}},
              {.name = "the training rows", .users = {&train.users}, .items = {&train.items}});
    auto validation = std::make_unique<ValueValidation>(std::move(held_out), std::move(metric));
    validation->warnings = std::move(apart);
    validation->notes = std::move(swapped);
    return validation;
  }
  const MatchedTable held_out_ids{.name = name, .users = {&held_out.users}, .items = {&held_out.items}};
  const MatchedTable train_ids{.name = "the training rows", .users = {&train.users}, .items = {&train.items}};
  const std::string no_item = unmet(IdKind::kItem, held_out_ids, train_ids);
  if (!no_item.empty()) fail("{}", no_item);
  const std::string no_user = unmet(IdKind::kUser, held_out_ids, train_ids);
  const HeldOutOrder order = held_out_order(held_out, train);
  TruthOptions truth;
  truth.repeats = Repeats::kFirst;
  auto validation = std::make_unique<RankingValidation>(make_truth(std::move(held_out), truth, name, options.threads),
                                                        std::move(metric), train, by_user, options.histories);
  validation->order = order;
  validation->notes = std::move(swapped);
  if (!no_user.empty())
    validation->warnings.push_back(no_user + ": each gets the most popular items, whatever the model learns");
  if (validation->pairs_of_training() > 0) {
    validation->warnings.push_back(
        fmt::format("{} of {} pairs of {} are training rows, too: these are never listed, and count as missed",
                    validation->pairs_of_training(), validation->pairs(), name));
  }
  return validation;
}

}  // namespace rec
