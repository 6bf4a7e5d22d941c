#include "models/transformer/transformer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace rec {
namespace {

constexpr std::pair<const char*, Positions> kPositions[] = {{"none", Positions::kNone},
                                                            {"learned", Positions::kLearned},
                                                            {"rope", Positions::kRope},
                                                            {"relative", Positions::kRelative}};
constexpr std::pair<const char*, Activation> kActivations[] = {
    {"relu", Activation::kRelu}, {"gelu", Activation::kGelu}, {"swiglu", Activation::kSwiglu}};

template <class E, size_t N>
const char* name_in(const std::pair<const char*, E> (&names)[N], E value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  return "";
}

template <class E, size_t N>
E value_in(const std::pair<const char*, E> (&names)[N], const std::string& wanted, const char* what) {
  for (const auto& [name, value] : names) {
    if (wanted == name) return value;
  }
  fail("model: unknown {} \"{}\"", what, printable(wanted));
}

}  // namespace

const char* name_of(Positions positions) { return name_in(kPositions, positions); }
const char* name_of(Activation activation) { return name_in(kActivations, activation); }
Positions positions_of(const std::string& name) { return value_in(kPositions, name, "positions"); }
Activation activation_of(const std::string& name) { return value_in(kActivations, name, "activation"); }

void TransformerShape::check() const {
  check_range("--dim", dim, 1, 1024);
  check_range("--heads", heads, 1, 64);
  if (dim % heads != 0) fail_usage("--heads: expected a divisor of --dim {}, found {}", dim, heads);
  check_range("--blocks", blocks, 1, 32);
  check_range("--hidden", hidden, 1, 8192);
  check_range("--max-len", window, 1, 4096);
  check_range("--filter", filter, 0, window);
  if (positions == Positions::kRope && head_dim() % 2 != 0)
    fail_usage("--positions rope needs an even number of factors a head, found {}", head_dim());
}

TransformerParameters::TransformerParameters(const TransformerShape& shape) {
  const auto d = static_cast<size_t>(shape.dim);
  const auto f = static_cast<size_t>(shape.hidden);
  const auto W = static_cast<size_t>(shape.window);
  const auto place = [&](const std::string& name, size_t rows, size_t cols, bool there = true) {
    const Parameter parameter{name, size, there ? rows : 0, cols};
    size += parameter.size();
    return parameter;
  };
  positions = place("positions", W, d, shape.positions == Positions::kLearned);
  input_gain = place("input.gain", 1, d, shape.input_norm);
  input_bias = place("input.bias", 1, d, shape.input_norm);
  for (int number = 1; number <= shape.blocks; ++number) {
    const std::string own = "block." + std::to_string(number) + ".";
    BlockParameters p;
    p.norm1_gain = place(own + "norm1.gain", 1, d);
    p.norm1_bias = place(own + "norm1.bias", 1, d);
    p.qkv = place(own + "qkv", d, 3 * d);
    p.qkv_bias = place(own + "qkv.bias", 1, 3 * d);
    p.relative = place(own + "relative", static_cast<size_t>(shape.heads), shape.distances(),
                       shape.positions == Positions::kRelative);
    p.filter = place(own + "filter", shape.taps(), d);
    p.out = place(own + "out", d, d);
    p.out_bias = place(own + "out.bias", 1, d);
    p.gate1 = place(own + "gate1", d, d, shape.gated);
    p.gate1_bias = place(own + "gate1.bias", 1, d, shape.gated);
    p.norm2_gain = place(own + "norm2.gain", 1, d);
    p.norm2_bias = place(own + "norm2.bias", 1, d);
    const size_t wide = shape.activation == Activation::kSwiglu ? 2 * f : f;
    p.in = place(own + "in", d, wide);
    p.in_bias = place(own + "in.bias", 1, wide);
    p.down = place(own + "down", f, d);
    p.down_bias = place(own + "down.bias", 1, d);
    p.gate2 = place(own + "gate2", d, d, shape.gated);
    p.gate2_bias = place(own + "gate2.bias", 1, d, shape.gated);
    block.push_back(p);
  }
  final_gain = place("final.gain", 1, d);
  final_bias = place("final.bias", 1, d);
  mask = place("mask", 1, d, !shape.causal);
}

std::vector<Parameter> TransformerParameters::all() const {
  std::vector<Parameter> list{positions, input_gain, input_bias};
  for (const BlockParameters& p : block) {
    list.insert(list.end(), {p.norm1_gain, p.norm1_bias, p.qkv, p.qkv_bias, p.relative, p.filter, p.out, p.out_bias,
                             p.gate1, p.gate1_bias, p.norm2_gain, p.norm2_bias, p.in, p.in_bias, p.down, p.down_bias,
                             p.gate2, p.gate2_bias});
  }
  list.insert(list.end(), {final_gain, final_bias, mask});
  std::erase_if(list, [](const Parameter& p) { return p.size() == 0; });
  return list;
}

std::vector<float> initial_parameters(const TransformerShape& shape, uint64_t seed) {
  constexpr double kDeviation = 0.02;
  const TransformerParameters parameters(shape);
  std::vector<float> values(parameters.size, 0.0f);
  uint64_t stream = 1;
  for (const Parameter& p : parameters.all()) {
    float* x = values.data() + p.offset;
    ++stream;
    if (p.name.ends_with(".gain") || p.name.ends_with("gate1.bias") || p.name.ends_with("gate2.bias")) {
      std::fill_n(x, p.size(), 1.0f);
    } else if (p.name == "positions" || p.name == "mask") {
      fill_normal(x, p.size(), kDeviation, seed, stream);
    } else if (p.name.ends_with(".filter")) {
      std::fill_n(x, p.size(), 1.0f / static_cast<float>(p.rows));
    } else if (p.rows > 1 && !p.name.ends_with(".relative")) {
      Rng rng(seed, stream);
      const double most = std::sqrt(6.0 / static_cast<double>(p.rows + p.cols));
      for (size_t i = 0; i < p.size(); ++i) x[i] = static_cast<float>(most * (2.0 * rng.uniform() - 1.0));
    }
  }
  return values;
}

void write_shape(const TransformerShape& shape, Artefact& artefact) {
  artefact.meta["dim"] = std::to_string(shape.dim);
  artefact.meta["heads"] = std::to_string(shape.heads);
  artefact.meta["blocks"] = std::to_string(shape.blocks);
  artefact.meta["hidden"] = std::to_string(shape.hidden);
  artefact.meta["max-len"] = std::to_string(shape.window);
  artefact.meta["causal"] = shape.causal ? "1" : "0";
  artefact.meta["gated"] = shape.gated ? "1" : "0";
  artefact.meta["positions"] = name_of(shape.positions);
  artefact.meta["activation"] = name_of(shape.activation);
  if (shape.input_norm) artefact.meta["input-norm"] = "1";
  if (shape.filter > 0) artefact.meta["filter"] = std::to_string(shape.filter);
}

TransformerShape read_shape(const Artefact& artefact) {
  const auto whole = [&](const char* key, int least, int greatest) {
    const double value = artefact.number(key);
    if (!(value >= least && value <= greatest) || value != std::floor(value))
      fail("model: meta \"{}\": expected a whole number from {} to {}", key, least, greatest);
    return static_cast<int>(value);
  };
  TransformerShape shape;
  shape.dim = whole("dim", 1, 1024);
  shape.heads = whole("heads", 1, 64);
  shape.blocks = whole("blocks", 1, 32);
  shape.hidden = whole("hidden", 1, 8192);
  shape.window = whole("max-len", 1, 4096);
  shape.causal = whole("causal", 0, 1) == 1;
  shape.gated = whole("gated", 0, 1) == 1;
  shape.positions = positions_of(artefact.text("positions"));
  shape.activation = activation_of(artefact.text("activation"));
  if (artefact.meta.contains("input-norm")) shape.input_norm = whole("input-norm", 0, 1) == 1;
  if (artefact.meta.contains("filter")) shape.filter = whole("filter", 1, shape.window);
  if (shape.dim % shape.heads != 0)
    fail("model: meta \"heads\" {} is no divisor of \"dim\" {}", shape.heads, shape.dim);
  if (shape.positions == Positions::kRope && shape.head_dim() % 2 != 0)
    fail("model: meta \"positions\" rope: an odd number of factors a head, {}", shape.head_dim());
  return shape;
}

}  // namespace rec
