#include "score/history_contributions.h"

#include <algorithm>

#include "base/error.h"
#include "linalg/inner_product.h"

namespace rec {
namespace {

struct Parts : Contributions::Scratch {
  HistoryParts history;
};

}  // namespace

HistoryContributions::HistoryContributions(Model& model, const UserItems& histories, int threads)
    : model_(model), histories_(histories), neighbours_(model.predictor() == ScoreForm::kNeighbours) {
  const bool is_sum = neighbours_ ? model.parts().neighbours_are_items : model.predictor() == ScoreForm::kDot;
  if (!is_sum || !model.encoder().has_parts())
    fail_usage(
        "--contributions: the score of this model is no sum over the items of a history; that of als, ease, svd and "
        "knn "
        "--by item is. Leave it out for the attention");
  model.encoder().prepare(threads);
  number_of_ = match_ids(histories.items, model.items());
  unknown_item_ = unknown_item_of(model.parts());
}

std::unique_ptr<Contributions::Scratch> HistoryContributions::make_scratch() const { return std::make_unique<Parts>(); }

bool HistoryContributions::read_user(std::string_view user, Scratch& scratch) const {
  const KnownHistory known = known_history(histories_, histories_.users.find(user), number_of_);
  const uint32_t number = model_.users().find(user);
  return model_.encoder().encode_parts({.item = known.item,
                                        .value = known.value,
                                        .timestamp = known.timestamp,
                                        .described = model_.knows_rows_of(number) ? kNoId : number},
                                       static_cast<Parts&>(scratch).history);
}

void HistoryContributions::explain(uint32_t item, Scratch& scratch, std::vector<Contribution>& terms) const {
  const HistoryParts& history = static_cast<Parts&>(scratch).history;
  const ConstMatrixView items = model_.item_vectors();
  const float* x = item == kNoId ? unknown_item_.data() : items.row(item);
  terms.clear();
  for (size_t j = 0; j < history.item.size(); ++j) {
    double value = inner_product(history.part.row(j), x, items.cols);
    if (neighbours_ && item != kNoId) {
      const SparseView& S = model_.neighbours();
      const auto row = S.row(history.item[j]);
      const auto found = std::lower_bound(row.begin(), row.end(), item);
      if (found != row.end() && *found == item)
        value +=
            static_cast<double>(history.weight[j]) *
            static_cast<double>(weight_at(S.row_weight(history.item[j]), static_cast<size_t>(found - row.begin())));
    }
    terms.push_back({std::string(model_.items()[history.item[j]]), value});
  }
  if (!history.rest.empty()) terms.push_back({kPriorTerm, inner_product(history.rest.data(), x, items.cols)});
}

}  // namespace rec
