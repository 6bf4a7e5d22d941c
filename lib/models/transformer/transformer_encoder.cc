#include "models/transformer/transformer_encoder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace rec {
namespace {

std::vector<float> parameters_of(const Artefact& artefact, const TransformerShape& shape) {
  const TransformerParameters parameters(shape);
  std::vector<float> values(parameters.size);
  for (const Parameter& p : parameters.all()) {
    const Artefact::Tensor* tensor = artefact.find(p.name);
    if (tensor == nullptr) fail("model: no tensor \"{}\"", p.name);
    // A single row may be written as a vector.
    const bool fits = (tensor->rows() == p.rows && tensor->cols() == p.cols) ||
                      (p.rows == 1 && tensor->rows() == p.cols && tensor->cols() == 1);
    if (!fits)
      fail("model: tensor \"{}\" is {} x {}, expected {} x {}", p.name, tensor->rows(), tensor->cols(), p.rows, p.cols);
    const float* from = tensor->floats();
    for (size_t i = 0; i < p.size(); ++i) {
      if (!std::isfinite(from[i])) fail("model: tensor \"{}\" has a value that is not finite", p.name);
    }
    std::copy_n(from, p.size(), values.data() + p.offset);
  }
  return values;
}

}  // namespace

struct TransformerEncoder::Run {
  explicit Run(const TransformerWeights<float>& weights) : net(weights) {}
  TransformerNet<float> net;
  PackedSequences packed;
  AlignedBuffer<float> x0;
  const float* h = nullptr;  // of all tokens
};

TransformerEncoder::TransformerEncoder(const Artefact& artefact)
    : values_(parameters_of(artefact, read_shape(artefact))),
      weights_(read_shape(artefact), values_.data()),
      described_(artefact, dim()) {
  const Artefact::Tensor* items = artefact.find("items.factors");
  if (items == nullptr) fail("model: no tensor \"items.factors\"");
  items_ = items->view();
  if (items_.cols != dim()) fail("model: the Transformer has dimension {}, the items {}", dim(), items_.cols);
}

TransformerEncoder::~TransformerEncoder() = default;

std::unique_ptr<TransformerEncoder::Run> TransformerEncoder::take_run() const {
  {
    const std::lock_guard lock(mutex_);
    if (!resting_.empty()) {
      std::unique_ptr<Run> run = std::move(resting_.back());
      resting_.pop_back();
      return run;
    }
  }
  return std::make_unique<Run>(weights_);
}

void TransformerEncoder::put_back(std::unique_ptr<Run> run) const {
  const std::lock_guard lock(mutex_);
  resting_.push_back(std::move(run));
}

size_t TransformerEncoder::run(const History& history, Run& run) const {
  const TransformerShape& shape = weights_.shape();
  const size_t d = dim();
  const size_t hidden = shape.causal ? 0 : 1;  // the one to predict
  const size_t most = static_cast<size_t>(shape.window) - hidden;
  const size_t read = std::min(history.item.size(), most);
  if (history.item.empty() || read + hidden == 0) return 0;
  const size_t n = read + hidden;
  run.x0.resize(n * d);
  const float scale = std::sqrt(static_cast<float>(d));
  for (size_t t = 0; t < n; ++t) {
    const float* from =
        t < read ? items_.row(history.item[history.item.size() - read + t]) : weights_.at(weights_.parameters().mask);
    for (size_t c = 0; c < d; ++c) run.x0[t * d + c] = scale * from[c];
  }
  run.packed.begin = {0, static_cast<uint32_t>(n)};
  add_positions(weights_, run.packed, run.x0.data());
  run.h = run.net.forward(run.packed, run.x0.data(), {});
  return n;
}

bool TransformerEncoder::encode_history(const History& history, Behaviour& h) const {
  std::unique_ptr<Run> its = take_run();
  const size_t n = run(history, *its);
  if (n > 0) {
    h.clear();
    h.dense.assign(its->h + (n - 1) * dim(), its->h + n * dim());
    described_.add(history.described, h.dense);
  }
  put_back(std::move(its));
  return n > 0;
}

size_t TransformerEncoder::attention_weights(const History& history, std::vector<float>& weights) const {
  std::unique_ptr<Run> its = take_run();
  const size_t n = run(history, *its);
  const size_t read = n - (n > 0 && !weights_.shape().causal ? 1 : 0);
  weights.clear();
  const Heads all = attention_heads();
  for (size_t block = 0; block < all.blocks && n > 0; ++block) {
    for (size_t head = 0; head < all.heads; ++head) {
      const auto attention = its->net.last_attention(its->packed, block, head, 0);
      weights.insert(weights.end(), attention.begin(), attention.begin() + static_cast<std::ptrdiff_t>(read));
    }
  }
  put_back(std::move(its));
  return read;
}

}  // namespace rec
