#include "models/model.h"

#include "base/error.h"
#include "models/als.h"
#include "models/popularity.h"

namespace rec {
namespace {

std::unique_ptr<Encoder> make_encoder(const Artefact& artefact) {
  const std::string& kind = artefact.text("encoder");
  if (kind == "als") return std::make_unique<AlsEncoder>(artefact);
  if (kind == "constant") return std::make_unique<ConstantEncoder>();
  fail("model: unknown encoder \"{}\" (expected als or constant)", printable(kind));
}

}  // namespace

Model::Model(Artefact artefact) : artefact_(std::move(artefact)) {
  const Artefact::Tensor* vectors = artefact_.find("items.factors");
  if (vectors == nullptr) fail("model: no tensor \"items.factors\"");
  item_vectors_ = vectors->view();
  if (item_vectors_.cols == 0) fail("model: tensor \"items.factors\" has no columns");
  if (const Artefact::Tensor* counts = artefact_.find(kItemCounts)) item_counts_ = counts->data;
  encoder_ = make_encoder(artefact_);
  if (encoder_->dim() != item_vectors_.cols) fail("model: the encoder has dimension {}, the items {}", encoder_->dim(), item_vectors_.cols);
  attention_ = pair_form_of(artefact_.text("attention"));
  predictor_ = pair_form_of(artefact_.text("predictor"));
  artefact_.users.index();
  artefact_.items.index();
}

std::unique_ptr<Model> Model::load(const std::string& path, int threads) {
  Artefact artefact = read_artefact(path, threads);
  try {
    return std::make_unique<Model>(std::move(artefact));
  } catch (const Error& error) {
    fail("{}: {}", path == "-" ? "stdin" : path, error.what());
  }
}

}  // namespace rec
