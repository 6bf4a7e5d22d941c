#include "score/feature_contributions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "linalg/inner_product.h"
#include "models/common/feature_rows.h"
#include "models/fm/fm_encoder.h"

namespace rec {
namespace {

bool is_fm_fields(const Model& model) { return model.artefact().text("encoder") == kFmFieldsEncoder; }
bool is_fm(const Model& model) { return model.artefact().text("encoder") == kFmEncoder || is_fm_fields(model); }

std::string weights_name(IdKind of) { return feature_table_name(of) + ".factors"; }

// The features of one side as the model has them: f of each of its ids, W, the names.
struct Side {
  FeatureMap map;
  Csr rows;           // ids × C
  ConstMatrixView W;  // C × F

  // Calls use(number of the feature, f) for those of `id`; none for kNoId.
  template <class Use>
  void for_each(uint32_t id, Use&& use) const {
    if (id == kNoId || rows.begin.empty()) return;
    for (auto at = static_cast<size_t>(rows.begin[id]); at < rows.begin[id + size_t{1}]; ++at)
      use(rows.index[at], static_cast<double>(rows.weight[at]));
  }
};

Side side_of(const Model& model, IdKind of, const std::vector<FeatureTable>& tables, size_t factors) {
  Side side;
  if (tables.empty()) return side;
  const Artefact& artefact = model.artefact();
  const Artefact::Tensor* W = artefact.find(weights_name(of));
  side.map = feature_map_of(artefact, of);
  if (W == nullptr || W->rows() != side.map.size() || W->cols() != factors)
    fail("model: tensor \"{}\" is missing or not of {} x {} values", weights_name(of), side.map.size(), factors);
  side.W = W->view();
  side.rows = feature_rows(side.map, tables, of == IdKind::kItem ? model.items() : model.users()).rows;
  return side;
}

struct UserScratch : Contributions::Scratch {
  uint32_t number = kNoId;
  Behaviour h;
};

class InnerProductContributions : public Contributions {
 public:
  InnerProductContributions(const Model& model, const UserVectors& users, IdKind of, Side side)
      : model_(model), users_(users), of_(of), side_(std::move(side)), unknown_item_(unknown_item_of(model.parts())) {}

  const char* column() const override { return "feature"; }
  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<UserScratch>(); }

  bool read_user(std::string_view user, Scratch& scratch) const override {
    auto& own = static_cast<UserScratch&>(scratch);
    const UserKind kind = users_.find(user, own.h);
    own.number = model_.users().find(user);
    return kind != UserKind::kPopular && kind != UserKind::kSkipped;
  }

  void explain(uint32_t item, Scratch& scratch, std::vector<Contribution>& terms) const override {
    const auto& own = static_cast<const UserScratch&>(scratch);
    const ConstMatrixView items = model_.item_vectors();
    const float* x = item == kNoId ? unknown_item_.data() : items.row(item);
    const float* h = own.h.dense.data();
    const bool of_items = of_ == IdKind::kItem;
    double rest = inner_product(h, x, items.cols);
    terms.clear();
    side_.for_each(of_items ? item : own.number, [&](uint32_t feature, double f) {
      const double value = f * inner_product(side_.W.row(feature), of_items ? h : x, items.cols);
      terms.push_back({std::string(side_.map.names[feature]), value});
      rest -= value;
    });
    terms.push_back({kIdTerm, rest});
  }

 private:
  const Model& model_;
  const UserVectors& users_;
  const IdKind of_;
  const Side side_;
  const std::vector<float> unknown_item_;
};

class FmContributions : public Contributions {
 public:
  FmContributions(const Model& model, Side items, Side users)
      : model_(model),
        items_(std::move(items)),
        users_(std::move(users)),
        pairs_(model.parts().items.cols - 2),
        apart_(is_fm_fields(model) ? fm_pairs_of(model.artefact()) : FmPairs()) {}

  const char* column() const override { return "feature"; }
  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<FmScratch>(); }

  bool read_user(std::string_view user, Scratch& scratch) const override {
    auto& own = static_cast<FmScratch&>(scratch);
    const Artefact& artefact = model_.artefact();
    const uint32_t number = model_.users().find(user);
    own.fields.clear();
    own.next_field = 0;
    const float* row =
        number == kNoId ? artefact.find(kFmUnknownUser)->floats() : artefact.find("users.factors")->view().row(number);
    add_side(users_, IdKind::kUser, number, row, own);
    const std::span<const uint32_t> context = model_.encoder().context();
    for (size_t column = 0; column < context.size(); ++column) add_context(column, context[column], own);
    own.of_user = own.fields.size();
    own.item_field = own.next_field;
    return true;
  }

  void explain(uint32_t item, Scratch& scratch, std::vector<Contribution>& terms) const override {
    auto& own = static_cast<FmScratch&>(scratch);
    own.fields.resize(own.of_user);
    own.next_field = own.item_field;
    const float* row = item == kNoId ? model_.parts().unknown_item.data() : model_.item_vectors().row(item);
    add_side(items_, IdKind::kItem, item, row, own);
    terms.clear();
    for (const Term& term : own.fields) terms.push_back({term.name, term.weight});
    for (size_t a = 0; pairs_ > 0 && a < own.fields.size(); ++a) {
      for (size_t b = a + 1; b < own.fields.size(); ++b) {
        if (own.fields[a].field == own.fields[b].field) continue;
        terms.push_back({own.fields[a].name + kPairOf + own.fields[b].name, product(own.fields[a], own.fields[b])});
      }
    }
  }

 private:
  // A category of a row, its vector and weight by what it counts.
  struct Term {
    std::string name;
    size_t field;
    double weight;
    std::vector<double> vector;  // P or, where fields have pairs of their own, W
  };
  struct FmScratch : Scratch {
    std::vector<Term> fields;  // of the user, of the context, of the item
    size_t next_field = 0;
    size_t of_user = 0;     // terms before those of the item
    size_t item_field = 0;  // fields before those of the item
  };

  const Artefact::Tensor& tensor(const std::string& name, size_t rows, size_t cols) const {
    const Artefact::Tensor* found = model_.artefact().find(name);
    if (found == nullptr || found->rows() != rows || found->cols() != cols)
      fail("model: tensor \"{}\" is missing or not of {} x {} values", name, rows, cols);
    return *found;
  }

  double product(const Term& a, const Term& b) const {
    const size_t d = apart_.kind == Pairwise::kNone ? pairs_ : apart_.dim;
    const bool own = apart_.kind == Pairwise::kFfm;  // a vector for each other field
    const double* of_a = a.vector.data() + (own ? b.field * d : 0);
    const double* of_b = b.vector.data() + (own ? a.field * d : 0);
    double sum = 0.0;
    for (size_t c = 0; c < d; ++c) sum += of_a[c] * of_b[c];
    const bool weighted = apart_.kind == Pairwise::kFwfm;
    return weighted ? sum * static_cast<double>(apart_.weight[a.field * apart_.fields + b.field]) : sum;
  }

  // The same as add_side(), from the values of the side's fields.
  void add_fields(const Side& side, IdKind of, uint32_t number, const float* row, FmScratch& own) const {
    const bool of_items = of == IdKind::kItem;
    const Artefact& artefact = model_.artefact();
    const size_t W = apart_.width();
    const size_t bias = pairs_ + (of_items ? 0 : 1);
    const size_t fields =
        of_items ? apart_.fields - apart_.of_item : apart_.of_item - model_.encoder().context_columns().size();
    const float* values = number == kNoId
                              ? tensor(of_items ? kFmUnknownItemFields : kFmUnknownUserFields, fields * W, 1).floats()
                              : artefact.find(of_items ? kFmItemFields : kFmUserFields)->view().row(number);
    Term id{of_items ? kItemTerm : kUserTerm, own.next_field, static_cast<double>(row[bias]),
            std::vector<double>(values, values + W)};
    std::vector<Term> features;
    Term unknown = id;  // one without features
    // What the field of the features has beside those that are named: all, where no file names them.
    Term rest{feature_table_name(of), own.next_field + 1, 0.0, {}};
    if (fields > 1) rest.vector.assign(values + W, values + 2 * W);
    double size = 0.0;
    for (const double value : rest.vector) size = std::max(size, std::abs(value));
    ConstMatrixView of_features;  // W values for the field of the id, then W for that of features
    if (side.map.size() > 0) {
      const float* start = tensor(of_items ? "new.items.fields" : "new.users.fields", 2 * W, 1).floats();
      unknown.vector.assign(start, start + W);
      of_features = tensor(feature_table_name(of) + ".fields", side.map.size(), 2 * W).view();
    }
    side.for_each(number, [&](uint32_t feature, double f) {
      const float* its = of_features.row(feature) + W;
      Term term{(of_items ? "" : kOfUser) + std::string(side.map.names[feature]), own.next_field + 1, 0.0,
                std::vector<double>(its, its + W)};
      // The factors have beside the weight the pair with an unknown id.
      term.weight = f * (static_cast<double>(side.W.row(feature)[bias]) - product(unknown, term));
      for (size_t c = 0; c < W; ++c) {
        term.vector[c] *= f;
        rest.vector[c] -= term.vector[c];
      }
      id.weight -= term.weight + product(id, term);
      features.push_back(std::move(term));
    });
    constexpr double kRounding = 1e-5;
    if (std::any_of(rest.vector.begin(), rest.vector.end(),
                    [&](double value) { return std::abs(value) > kRounding * size; })) {
      id.weight -= product(id, rest);
      features.push_back(std::move(rest));
    }
    own.next_field += fields;
    own.fields.push_back(std::move(id));
    own.fields.insert(own.fields.end(), std::make_move_iterator(features.begin()),
                      std::make_move_iterator(features.end()));
  }

  // The id and its features, from the side's row [s; b; 1] or [s; 1; b] (models/fm/fm_trainer.cc).
  void add_side(const Side& side, IdKind of, uint32_t number, const float* row, FmScratch& own) const {
    if (apart_.kind != Pairwise::kNone) return add_fields(side, of, number, row, own);
    const bool of_items = of == IdKind::kItem;
    const size_t bias = pairs_ + (of_items ? 0 : 1);
    const Artefact::Tensor* start = model_.artefact().find(of_items ? "new.items.factors" : "new.users.factors");
    Term id{of_items ? kItemTerm : kUserTerm, own.next_field++, static_cast<double>(row[bias]),
            std::vector<double>(row, row + pairs_)};
    std::vector<double> sum(pairs_, 0.0);  // of the features' vectors
    std::vector<Term> features;
    side.for_each(number, [&](uint32_t feature, double f) {
      const float* W = side.W.row(feature);
      Term term{(of_items ? "" : kOfUser) + std::string(side.map.names[feature]), own.next_field, 0.0,
                std::vector<double>(pairs_)};
      // W has beside the weight the product with the vector of an unknown id.
      term.weight = f * (static_cast<double>(W[bias]) - inner_product(start->floats(), W, pairs_));
      for (size_t c = 0; c < pairs_; ++c) {
        term.vector[c] = f * static_cast<double>(W[c]);
        sum[c] += term.vector[c];
      }
      id.weight -= term.weight;
      features.push_back(std::move(term));
    });
    if (!features.empty()) ++own.next_field;
    for (size_t c = 0; c < pairs_; ++c) {
      id.vector[c] -= sum[c];
      id.weight -= id.vector[c] * sum[c];
    }
    own.fields.push_back(std::move(id));
    own.fields.insert(own.fields.end(), std::make_move_iterator(features.begin()),
                      std::make_move_iterator(features.end()));
  }

  void add_context(size_t column, uint32_t category, FmScratch& own) const {
    const Artefact& artefact = model_.artefact();
    std::string name = model_.encoder().context_columns()[column] + "=";
    const float* row = artefact.find(kFmUnknownContext)->view().row(column);
    if (category != kNoId) {
      row = artefact.find(context_factors(column))->view().row(category);
      name += artefact.tables.at(context_key(column))[category];
    }
    const size_t d = artefact.find(kFmUnknownContext)->cols() - 1;
    own.fields.push_back({std::move(name), own.next_field++, static_cast<double>(row[d]),
                          std::vector<double>(row, row + (apart_.kind == Pairwise::kNone ? pairs_ : d))});
  }

  const Model& model_;
  const Side items_;
  const Side users_;
  const size_t pairs_;   // P
  const FmPairs apart_;  // kind kNone: one vector for all fields
};

}  // namespace

std::unique_ptr<Contributions> feature_contributions(const Model& model, const UserVectors& users,
                                                     std::optional<IdKind> of, const KnownFeatures& features) {
  const size_t factors = model.parts().items.cols;
  if (is_fm(model)) {
    if (model.attention() == ScoreForm::kFm)
      fail_usage("--over features: the layers of this model are no sum over fields, as fm without --layers is");
    if (of) fail_usage("--features-of: fm takes both sides apart at once; leave it out");
    return std::make_unique<FmContributions>(model, side_of(model, IdKind::kItem, features.items, factors),
                                             side_of(model, IdKind::kUser, features.users, factors));
  }
  const bool only_users = features.items.empty() &&
                          (!features.users.empty() || model.artefact().find(weights_name(IdKind::kItem)) == nullptr);
  const bool knows_users = model.artefact().find(weights_name(IdKind::kUser)) != nullptr;
  const IdKind side = of.value_or(only_users && knows_users ? IdKind::kUser : IdKind::kItem);
  const char* const name = side == IdKind::kItem ? "item" : "user";
  const ScoreForm form = model.predictor();
  const bool is_product = form == ScoreForm::kDot || form == ScoreForm::kLogistic || form == ScoreForm::kExp;
  if (!is_product || model.artefact().find(weights_name(side)) == nullptr)
    fail_usage(
        "--over features: the score of this model is no sum over features of {0}s, as that of als with "
        "--{0}-features and of fm without --layers is",
        name);
  const std::vector<FeatureTable>& tables = side == IdKind::kItem ? features.items : features.users;
  if (tables.empty()) fail_usage("--over features needs --{0}-features FILE: what is known of the {0}s", name);
  return std::make_unique<InnerProductContributions>(model, users, side, side_of(model, side, tables, factors));
}

const char* sum_of_contributions(const Model& model) {
  switch (model.predictor()) {
    case ScoreForm::kLogistic:
      return "the log-odds of the score";
    case ScoreForm::kCalibrated:
      return "the logit of the score, before its calibration";
    case ScoreForm::kExp:
      return "the logarithm of the score";
    default:
      return "";
  }
}

}  // namespace rec
