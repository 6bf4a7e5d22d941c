#include "models/attention_pool/pool.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "linalg/small_gemm.h"

namespace rec {

void PoolShape::describe(OptionTable& table) {
  table.add("-d,--dim", dim, "N", "Factors of an item and of h").range(1, 1024);
  table.add("--units", units, "N", "Units of the hidden layer of the attention")
      .range(1, 1024)
      .none(0)
      .default_text("as --dim");
  table.add("--max-len", window, "N", "How many items of a history are read, the last ones").range(1, 4096);
  table.one_of<bool, bool>("--query", candidate, {{"none", false}, {"candidate", true}},
                           "Whether one h serves all candidates (none), or each candidate has attention weights of its "
                           "own (candidate; NAIS)");
  table.add("--smoothing", smoothing, "B", "With --query candidate: the exponent of the sum of the attention weights")
      .range(0, 1)
      .needs("--query candidate", [this] { return candidate; })
      .in_model_if([this] { return candidate; });
  table.flag("--decay", decay, "Attention weights fall with the age of an item, at a rate that is learnt");
  table
      .flag("--untied", tied, "Items of the history have vectors of their own, apart from those of the candidates",
            false)
      .not_in_model();
}

void PoolShape::resolve() {
  if (units == 0) units = dim;
}

PoolParameters::PoolParameters(const PoolShape& shape) {
  const auto F = static_cast<size_t>(shape.dim);
  const auto A = static_cast<size_t>(shape.units);
  const auto place = [&](const char* name, size_t rows, size_t cols, bool there) {
    const Parameter parameter{name, size, there ? rows : 0, cols};
    size += parameter.size();
    return parameter;
  };
  weight = place(kPoolWeight, F, A, !shape.candidate);
  bias = place(kPoolBias, 1, A, !shape.candidate);
  vector = place(kPoolVector, 1, A, !shape.candidate);
  key = place(kPoolKey, F, A, shape.candidate);
  query = place(kPoolQuery, F, A, shape.candidate);
  decay = place(kPoolDecay, 1, 1, shape.decay);
}

std::vector<Parameter> PoolParameters::all() const {
  std::vector<Parameter> list{weight, bias, vector, key, query, decay};
  std::erase_if(list, [](const Parameter& p) { return p.size() == 0; });
  return list;
}

std::vector<float> initial_parameters(const PoolShape& shape, uint64_t seed) {
  constexpr double kVectorDeviation = 0.1;
  constexpr float kFirstDecay = 0.5f;
  const PoolParameters parameters(shape);
  std::vector<float> values(parameters.size, 0.0f);
  uint64_t stream = 2;  // 0 and 1: the tables
  for (const Parameter& p : parameters.all()) {
    float* x = values.data() + p.offset;
    ++stream;
    if (p.name == kPoolDecay) *x = kFirstDecay;
    if (p.name == kPoolVector) fill_normal(x, p.size(), kVectorDeviation, seed, stream);
    if (p.name != kPoolWeight && p.name != kPoolKey && p.name != kPoolQuery) continue;
    Rng rng(seed, stream);
    const double most = std::sqrt(6.0 / static_cast<double>(p.rows + p.cols));
    for (size_t i = 0; i < p.size(); ++i) x[i] = static_cast<float>(most * (2.0 * rng.uniform() - 1.0));
  }
  return values;
}

void write_pool(const PoolShape& shape, const float* values, Artefact& artefact) {
  write_options(shape, artefact.meta);
  artefact.meta["tied"] = shape.tied ? "1" : "0";
  for (const Parameter& p : PoolParameters(shape).all()) {
    const float* from = values + p.offset;
    if (p.name == kPoolWeight || p.name == kPoolKey || p.name == kPoolQuery) {
      transpose<float>(p.rows, p.cols, {from, p.cols}, {artefact.add_empty(p.name, {p.cols, p.rows}), p.rows});
    } else {
      artefact.add(p.name, std::vector<float>(from, from + p.size()));
    }
  }
}

PoolShape read_pool_shape(const Artefact& artefact) {
  PoolShape shape;
  read_options(artefact.meta, shape);
  const std::string& tied = artefact.text("tied");
  if (tied != "0" && tied != "1") fail("model: meta \"tied\": expected 0 or 1, found \"{}\"", printable(tied));
  shape.tied = tied == "1";
  if (shape.units == 0) fail("model: meta \"units\": expected a whole number from 1 to 1024, found 0");
  return shape;
}

std::vector<float> read_pool_parameters(const PoolShape& shape, const Artefact& artefact) {
  const PoolParameters parameters(shape);
  std::vector<float> values(parameters.size);
  for (const Parameter& p : parameters.all()) {
    const Artefact::Tensor* tensor = artefact.find(p.name);
    if (tensor == nullptr) fail("model: no tensor \"{}\"", p.name);
    if (tensor->rows() != p.cols || tensor->cols() != p.rows) {
      fail("model: tensor \"{}\" is {} x {}, expected {} x {}", p.name, tensor->rows(), tensor->cols(), p.cols, p.rows);
    }
    const float* from = tensor->floats();
    for (size_t i = 0; i < p.size(); ++i) {
      if (!std::isfinite(from[i])) fail("model: tensor \"{}\" has a value that is not finite", p.name);
    }
    transpose<float>(p.cols, p.rows, {from, p.rows}, {values.data() + p.offset, p.cols});
  }
  if (shape.decay && values[parameters.decay.offset] < 0.0f) fail("model: tensor \"{}\" is below 0", kPoolDecay);
  return values;
}

}  // namespace rec
