#include "models/inference/model.h"

#include "base/error.h"
#include "models/als/als.h"
#include "models/attention_pool/pool_encoder.h"
#include "models/common/history_encoder.h"
#include "models/common/model_meta.h"
#include "models/common/popularity.h"
#include "models/content/content.h"
#include "models/fm/fm_encoder.h"
#include "models/knn/similar_users.h"
#include "models/mf/mf.h"
#include "models/popularity/category_popularity.h"
#include "models/transformer/transformer_encoder.h"
#include "models/two_tower/table_encoder.h"

namespace rec {
namespace {

std::unique_ptr<Encoder> make_encoder(const Artefact& artefact) {
  const std::string& kind = artefact.text("encoder");
  if (kind == "als") return std::make_unique<AlsEncoder>(artefact);
  if (kind == "constant") return std::make_unique<ConstantEncoder>();
  if (kind == "content") return std::make_unique<ContentEncoder>(artefact);
  if (kind == kFmEncoder || kind == kFmFieldsEncoder) return std::make_unique<FmEncoder>(artefact);
  if (kind == "history" || kind == "linear") return std::make_unique<HistoryEncoder>(artefact, kind == "linear");
  if (kind == kSimilarUsers) return std::make_unique<SimilarUsersEncoder>(artefact);
  if (kind == "categories") return std::make_unique<CategoryEncoder>(artefact);
  if (kind == "mf") return std::make_unique<MfEncoder>(artefact);
  if (kind == "attention-pool" || kind == "pool") return std::make_unique<PoolEncoder>(artefact);
  if (kind == "table") return std::make_unique<TableEncoder>(artefact);
  if (kind == "transformer") return std::make_unique<TransformerEncoder>(artefact);
  fail(
      "model: unknown encoder \"{}\" (expected als, attention-pool, categories, constant, content, fm, fm-fields, "
      "history, linear, mf, similar-users, table or transformer)",
      printable(kind));
}

// A form by its name, or by that of version 0.1.
ScoreForm stored_form(const Artefact& artefact, const char* key) {
  const std::string name = artefact.text(key);
  return score_form_of(name == "pool" || name == "pool-exp" ? "attention-" + name : name);
}

// S, whose rows are items or users; nullptr if the model has none.
const Artefact::Sparse* neighbour_matrix(const Artefact& artefact) {
  const auto named = artefact.meta.find("neighbours");
  if (named == artefact.meta.end()) return nullptr;
  const Artefact::Sparse* matrix = artefact.find_sparse(named->second);
  if (matrix == nullptr) fail("model: no matrix \"{}\"", printable(named->second));
  return matrix;
}

}  // namespace

Model::Model(Artefact artefact, size_t lookups) : artefact_(std::move(artefact)) {
  if (artefact_.meta.contains("statistics"))
    fail("sums over users, no model; rec-embed ease, knn or svd --statistics makes one of them");
  // A vector of this many columns is made for users whom the model does not know.
  for (const Artefact::Tensor& tensor : artefact_.tensors()) {
    if (tensor.rows() == 0 && tensor.cols() > Artefact::kMaxEmptyColumns)
      fail("model: tensor \"{}\" has no rows and {} columns, expected at most {}", printable(tensor.name),
           tensor.cols(), Artefact::kMaxEmptyColumns);
  }
  RowTable vectors = ConstMatrixView{nullptr, items().size(), 0, 0};
  const Artefact::Tensor* factors = artefact_.find("items.factors");
  if (factors != nullptr) {
    vectors = RowTable(*factors);
    if (vectors.cols == 0) fail("model: tensor \"items.factors\" has no columns");
  }
  parts_ = weights_of(artefact_, vectors.cols);
  parts_.items = vectors;
  if (const Artefact::Sparse* matrix = neighbour_matrix(artefact_)) {
    parts_.neighbours = matrix->view;
    parts_.neighbours_are_items = matrix->name.starts_with("items.");
  }
  if (factors == nullptr && neighbours().rows() == 0)
    fail("model: neither a tensor \"items.factors\" nor a matrix of neighbours");
  if (const Artefact::Tensor* source = artefact_.find(kItemSource)) parts_.item_source = source->view();
  if (const Artefact::Tensor* counts = artefact_.find(kItemCounts)) item_counts_ = counts->floats();
  if (const Artefact::Tensor* counts = artefact_.find(kUserCounts)) user_counts_ = counts->floats();
  if (const Artefact::Tensor* item = artefact_.find(kUnknownItem)) {
    if (item->rows() * item->cols() != vectors.cols)
      fail("model: tensor \"{}\" has {} values, the items {}", kUnknownItem, item->rows() * item->cols(), vectors.cols);
    parts_.unknown_item = {item->floats(), vectors.cols};
  }
  if (artefact_.meta.contains(kLeastValue))
    value_range_ = {static_cast<float>(artefact_.number(kLeastValue)),
                    static_cast<float>(artefact_.number(kGreatestValue))};
  encoder_ = make_encoder(artefact_);
  if (encoder_->dim() != vectors.cols + parts_.fm.user_inputs)
    fail("model: the encoder has dimension {}, the items {}", encoder_->dim(), vectors.cols + parts_.fm.user_inputs);
  const size_t rows = encoder_->sparse_rows();
  const bool reads_history = parts_.pool_key.rows > 0;  // h's sparse part is the history, not rows of S
  if (reads_history && rows != items().size())
    fail("model: an attention pool with the candidate as its query needs an encoder that gives it the history");
  if (neighbours().rows() != rows && !(reads_history && neighbours().rows() == 0))
    fail("model: the encoder speaks of {} rows of neighbours, the matrix has {}", rows, neighbours().rows());
  attention_ = stored_form(artefact_, "attention");
  predictor_ = stored_form(artefact_, "predictor");
  expect_lookups(lookups, lookups);
}

void Model::expect_lookups(size_t users, size_t items) {
  artefact_.users.expect(users);
  artefact_.items.expect(items);
}

bool Model::compares_items() const { return artefact_.text("encoder") != "constant"; }

void Model::require_comparable_items(const std::string& name) const {
  if (compares_items()) return;
  fail_usage(
      "{}: popularity says how many take an item, not which items are alike; rec-embed als, ease and knn learn "
      "that",
      name);
}

std::unique_ptr<Model> Model::load(const std::string& path, int threads) {
  return of(read_artefact(path, threads), path);
}

std::unique_ptr<Model> Model::of(Artefact artefact, const std::string& path, size_t lookups) {
  try {
    return std::make_unique<Model>(std::move(artefact), lookups);
  } catch (const Error& error) {
    fail("{}: {}", path == "-" ? "stdin" : path, error.what());
  }
}

}  // namespace rec
