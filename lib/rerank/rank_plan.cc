#include "rerank/rank_plan.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/number.h"
#include "data/excluded_rows.h"
#include "data/id_list.h"
#include "rank/calibration.h"
#include "rank/dpp.h"
#include "rank/mmr.h"
#include "rank/plackett_luce.h"

namespace rec {
namespace {

using Method = RankRequest::Method;

TableSpec numbers_spec(const char* name, const std::vector<std::string>& columns) {
  TableSpec spec{name, {{"item"}}};
  for (const std::string& column : columns) spec.columns.push_back({column, true, TableSpec::Kind::kNumber});
  return spec;
}

}  // namespace

RankPlan::RankPlan(RankRequest request, const ReadOptions& side, int threads) : request_(std::move(request)) {
  auto lists = [&](const std::string& path) {
    UserItems items = read_user_items(path, side, {}, threads);
    bad_lines_.push_back({items.bad_lines, input_name(path)});
    return items;
  };
  ExcludedRows excluded = read_excluded_rows(request_.exclude, request_.exclude_for, side, threads);
  notes_ = std::move(excluded.notes);
  warning_ = std::move(excluded.warning);
  for (size_t at = 0; at < excluded.lists.size(); ++at) {
    bad_lines_.push_back({excluded.lists[at].bad_lines, input_name(request_.exclude[at])});
    filter_.exclude(std::move(excluded.lists[at]));
  }
  const auto items = [&](const std::string& path) -> const IdTable& {
    IdList list = read_id_list(path, "item", side);
    bad_lines_.push_back({list.bad_lines, list.name});
    return item_lists_.emplace_back(std::move(list.ids));
  };
  for (const std::string& path : request_.allow) filter_.allow(items(path));
  for (const std::string& path : request_.block) filter_.block(items(path));
  if (has_popularity()) {
    popularity_ = popularity_factors(lists(request_.popularity), request_.gamma, input_name(request_.popularity));
    without_users_ = popularity_factor_without_users(request_.gamma);
  }
  if (!request_.boost.empty()) {
    boosts_ = read_item_numbers(request_.boost, numbers_spec("boosts", {"boost"}), side);
    bad_lines_.push_back({boosts_.bad_lines, boosts_.name});
  }
  if (!request_.counts.empty()) {
    counts_ =
        checked_counts(read_item_numbers(request_.counts, numbers_spec("counts", {"impressions", "clicks"}), side));
    bad_lines_.push_back({counts_.bad_lines, counts_.name});
  }
  if (!request_.pin.empty()) read_pins(request_.pin, side);
  if (!request_.history.empty()) history_ = lists(request_.history);
  if (!request_.features.empty()) {
    features_ = read_item_features(request_.features, side);
    bad_lines_.push_back({features_.bad_lines, features_.name});
  }
  if (!request_.titles.empty()) {
    titles_ = read_titles(request_.titles, side);
    bad_lines_.push_back({titles_.bad_lines, titles_.name});
  }
  if (!request_.log.empty()) {
    log_ = read_policy_log(request_.log, side, request_.rank.k);
    bad_lines_.push_back({log_.bad_lines, log_.name});
  }
  if (!request_.model.empty()) model_ = Model::load(request_.model, threads);

  for (const auto& [kind, limit] : request_.caps) rules_.caps.push_back({&features_.ids, &features_.kind(kind), limit});
  for (const auto& [wanted, threshold] : request_.dedup) rules_.duplicates.push_back({&similarity(wanted), threshold});
  if (request_.method == Method::kMmr || request_.method == Method::kDpp) {
    of_method_ = &similarity(request_.similarity.value_or(SimilarityRequest{}));
  }
  for (const std::string& kind : {request_.calibrate, request_.exposure}) {
    if (!kind.empty()) features_.kind(kind);  // throws if it is not there
  }
  list_side_tables();
  builds_ = !rules_.empty() || !pins_.empty() || request_.method != Method::kOrder;
}

void RankPlan::list_side_tables() {
  const auto add = [this](const std::string& path, const IdTable* users, const IdTable* items, bool may_miss = false) {
    if (!path.empty()) side_tables_.push_back({{input_name(path), {users}, {items}}, may_miss});
  };
  for (size_t at = 0; at < request_.exclude.size(); ++at)
    add(request_.exclude[at], &filter_.excluded()[at].users, &filter_.excluded()[at].items);
  for (size_t at = 0; at < request_.allow.size(); ++at) add(request_.allow[at], nullptr, &item_lists_[at]);
  for (size_t at = 0; at < request_.block.size(); ++at)
    add(request_.block[at], nullptr, &item_lists_[request_.allow.size() + at], true);
  add(request_.popularity, nullptr, &popularity_.items);
  add(request_.boost, nullptr, &boosts_.items, true);
  add(request_.counts, nullptr, &counts_.items);
  add(request_.history, &history_.users, nullptr);  // candidates need not be items that were seen
  add(request_.features, nullptr, &features_.ids);
  if (model_ != nullptr) add(request_.model, nullptr, &model_->items());
  add(request_.titles, nullptr, &titles_.items);
  add(request_.log, &log_.users, &log_.items);
}

void RankPlan::read_pins(const std::string& path, const ReadOptions& side) {
  enum Column : size_t { kItem, kRank, kUser };
  TableReader reader(path, {"pins", {{"item"}, {"rank", true, TableSpec::Kind::kNumber}, {"user", false}}}, side);
  const Layout& layout = reader.layout();
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      const std::string_view item = id_field(line, layout.position[kItem], "item");
      const uint32_t rank = rank_field(line, layout.position[kRank]);
      // Empty is everyone: a table may hold pins of both sorts.
      const std::string_view user =
          layout.has(kUser) ? line.fields[static_cast<size_t>(layout.position[kUser])] : std::string_view{};
      if (!pins_.add(user, item, rank))
        bad_field(layout.position[kItem] + 1, "item \"" + printable(item) + "\" is pinned twice");
    });
  }
  bad_lines_.push_back({reader.bad_lines(), reader.name()});
}

const ItemSimilarity& RankPlan::similarity(const SimilarityRequest& wanted) {
  for (const MadeSimilarity& made : similarities_) {
    if (made.request == wanted) return *made.similarity;
  }
  std::unique_ptr<ItemSimilarity> made;
  if (wanted.form == SimilarityRequest::Form::kVectors) {
    if (model_->parts().items.cols == 0)
      fail("{}: the model has no item vectors, as the cosine needs", input_name(request_.model));
    model_->require_comparable_items(input_name(request_.model));
    made = std::make_unique<VectorCosine>(model_->items(), model_->item_vectors());
  } else {
    const auto form = wanted.form == SimilarityRequest::Form::kJaccard ? FeatureSimilarity::Form::kJaccard
                                                                       : FeatureSimilarity::Form::kCosine;
    made = std::make_unique<FeatureSimilarity>(features_.ids, features_.kind(wanted.kind), form);
  }
  similarities_.push_back({wanted, std::move(made)});
  return *similarities_.back().similarity;
}

std::unique_ptr<ListBuilder> RankPlan::list_builder() const {
  std::unique_ptr<Selector> selector;
  if (request_.method == Method::kMmr) selector = make_mmr(*of_method_, request_.lambda);
  if (request_.method == Method::kDpp) selector = make_dpp(*of_method_, request_.theta);
  if (request_.method == Method::kCalibration) {
    selector = make_calibration(features_.ids, features_.kind(request_.calibrate), history_, request_.lambda);
  }
  return std::make_unique<ListBuilder>(rules_, pins_, std::move(selector), request_.pool);
}

void RankPlan::count_unknown(std::span<const Candidate> candidates, RankCounts& counts) const {
  auto count = [&](const IdTable& items, uint64_t& unknown) {
    for (const Candidate& candidate : candidates) unknown += items.find(candidate.item) == kNoId ? 1 : 0;
  };
  if (!request_.features.empty()) count(features_.ids, counts.without_features);
  if (model_ != nullptr) count(model_->items(), counts.without_vector);
  if (!request_.counts.empty()) count(counts_.items, counts.without_counts);
  if (has_popularity()) count(popularity_.items, counts.without_users);
}

Exposure RankPlan::exposure() const { return {features_.ids, features_.kind(request_.exposure)}; }

void RankPlan::keep_pool(std::vector<Candidate>& candidates) const {
  const size_t most = std::max(request_.rank.k, request_.pool);
  if (candidates.size() > most) candidates.resize(most);
}

Rng RankPlan::random_of(std::string_view user) const {
  return Rng(request_.seed, XXH3_64bits(user.data(), user.size()));
}

void RankPlan::explore(std::string_view user, std::vector<Candidate>& candidates,
                       std::vector<double>& propensity) const {
  keep_pool(candidates);
  const size_t k = request_.rank.k;
  Rng random = random_of(user);
  switch (request_.exploration) {
    case RankRequest::Exploration::kNone:
      break;
    case RankRequest::Exploration::kEpsilonGreedy:
      return explore_epsilon_greedy(candidates, k, request_.epsilon, random, propensity);
    case RankRequest::Exploration::kSoftmax:
      return explore_softmax(candidates, k, request_.temperature, request_.epsilon, random, propensity);
    case RankRequest::Exploration::kThompson:
      return explore_thompson(candidates, k, counts_, request_.draws, random, propensity);
  }
}

void RankPlan::tabulate(std::string_view user, size_t ranks, std::vector<Candidate>& candidates,
                        PolicyTable& table) const {
  keep_pool(candidates);
  table.ranks = std::min(ranks, candidates.size());
  std::vector<double> log_weights;
  Rng random = random_of(user);
  switch (request_.exploration) {
    case RankRequest::Exploration::kNone:
      break;
    case RankRequest::Exploration::kEpsilonGreedy:
      return epsilon_greedy_probabilities(candidates.size(), ranks, request_.epsilon, table.probability);
    case RankRequest::Exploration::kSoftmax:
      softmax_log_weights(candidates, request_.temperature, request_.epsilon, log_weights);
      return plackett_luce(log_weights, ranks, table.probability);
    case RankRequest::Exploration::kThompson:
      return thompson_probabilities(candidates, ranks, counts_, request_.draws, random, table.probability);
  }
}

}  // namespace rec
